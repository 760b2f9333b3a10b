"""The one way to consume another service's events: in order, in batches, each exactly once in its effect.

A :class:`Feed` attaches to a source and hands batches to a :class:`~delivery_shared.messaging.consumer.Consumer`,
which applies them and moves its position in one transaction. Duplicates are skipped by position, losses are noticed by
the ``prev`` chain, and a second consumer of the same feed is harmless.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime

import structlog
from prometheus_client import Counter, Gauge

from delivery_shared.eventstore import TRY_AGAIN, PositionMoved
from delivery_shared.failpoints import failpoint
from delivery_shared.liveness import StopSignal
from delivery_shared.messaging.consumer import DATABASE_DOWN, Consumer, Position, Stopped, applied
from delivery_shared.messaging.envelope import Envelope, Message, Undecodable, open_envelope, open_message, split
from delivery_shared.messaging.pace import Pace
from delivery_shared.messaging.transport import Attachment, Delivery, Transport, TransportLost

log = structlog.get_logger()

BATCH = 300
"""Messages a consumer applies in one transaction, about."""
DELIVERIES = 20
"""Deliveries – batches of messages – taken at a time at most."""
PASSED = 0.1
"""Seconds between two stored positions while nothing of what comes is for the consumer: a source tells everybody what
one of them needs, and a transaction of each of the others would say only that it has been read. The first after a pause
is stored at once, since a caller may be waiting for it (``Delivery-Min-Position``)."""

position_gauge = Gauge("delivery_feed_position", "Id of the last message applied", ["feed", "source"])
gaps = Counter("delivery_feed_gaps_total", "Times a feed found messages missing", ["feed", "source"])


class Gap(Exception):
    """Messages before this one are missing."""


class Feed:
    """Keeps a consumer fed until told to stop; survives every loss of broker and database."""

    def __init__(self, consumer: Consumer, transport: Transport) -> None:
        self.consumer = consumer
        self.transport = transport
        self.stopping = StopSignal()
        self.idle = threading.Event()
        self.error: str | None = None
        self.stopped = False
        """Whether a projection stands before a message it cannot apply."""
        self.pending_since: datetime | None = None
        """Time of the oldest message received and not applied yet."""
        self.missing = False
        """Whether messages are missing that even the beginning of the stream does not hold: the broker has lost them,
        or cut them off while this feed was away. It stands until the relay sends them again."""
        self._pace = Pace(consumer.linger)
        self._labels = (consumer.name, consumer.source)

    def run(self) -> None:
        """Consume until :meth:`stop`. Blocking; one thread per feed."""
        from_start = False
        delay = 0.05
        while not self.stopping.is_set():
            try:
                position = self.consumer.position()
                position_gauge.labels(*self._labels).set(position.id)
                offset = None if from_start else position.offset
                with self.transport.attach(
                    source=self.consumer.source, position=position.id, offset=offset
                ) as attachment:
                    self.pending_since = None
                    from_start = self._consume(attachment, position, whole=offset is None)
                delay = 0.05
            except PositionMoved:
                continue
            except Gap as gap:
                gaps.labels(*self._labels).inc()
                log.error("messages missing, attaching again from the start", feed=self.consumer.name, gap=str(gap))
                from_start = True
                self.stopping.wait(delay)
                delay = min(delay * 2, 5.0)
            except Exception as error:
                self.error = repr(error)
                self.stopped = isinstance(error, Stopped)
                away = isinstance(error, (TransportLost, *DATABASE_DOWN))
                level = log.warning if away else log.exception
                level(
                    "feed interrupted",
                    feed=self.consumer.name,
                    source=self.consumer.source,
                    error=repr(error),
                )
                self.stopping.wait(delay)
                delay = min(delay * 2, TRY_AGAIN if away else 5.0)

    def stop(self) -> None:
        """Finish the batch in hand, then leave :meth:`run`."""
        self.stopping.set()

    def _consume(self, attachment: Attachment, position: Position, *, whole: bool) -> bool:
        """Returns True when the stored offset turned out to hold nothing: attach at the start instead.

        :param whole: reading from the start. What is missing then is not in the stream yet, so messages that follow
            it are passed over: the relay, which skips nothing, sends both again.
        """
        waited, found = 0.0, whole
        self.missing = False
        reached, storing = position, Pace(PASSED)
        while not self.stopping.is_set():
            left = 0.5
            if reached.id != position.id and (left := storing.early()) <= 0:
                position = reached = self._flush([], position, reached)
                storing.begin()
                continue
            deliveries = attachment.receive(limit=DELIVERIES, timeout=left)
            if not deliveries:
                if reached.id != position.id:
                    continue
                self.idle.set()
                waited += 0.5
                if not found and waited >= 2.0:
                    log.warning("nothing at the stored offset", feed=self.consumer.name, offset=position.offset)
                    return True
                continue
            found = True
            if (early := self._pace.early()) > 0 and not self.stopping.wait(early):
                deliveries += attachment.receive(limit=DELIVERIES, timeout=0)
            self._pace.begin()
            before, (position, reached) = position, self._apply(deliveries, position, reached, whole=whole)
            if position.id != before.id:
                failpoint("feed.after_commit")
                storing.begin()
            attachment.acknowledge(deliveries)
            if not self.missing:
                self.error, self.stopped = None, False
        self._flush([], position, reached)
        return False

    def _apply(
        self, deliveries: Sequence[Delivery], position: Position, reached: Position, *, whole: bool
    ) -> tuple[Position, Position]:
        """Apply everything in ``deliveries`` that is new.

        :param position: what is stored; :param reached: what has been read: further, if nothing between was to be done.
        :returns: both, as they are then.
        """
        messages: list[Message] = []
        at = reached.id
        for delivery in deliveries:
            try:
                envelopes = [(body, open_envelope(body)) for body in split(delivery.body)]
            except Undecodable as error:
                if whole or not _stands_behind(position, delivery):
                    position = self._flush(messages, position, Position(at, position.offset))
                    messages = []
                    position = self.consumer.set_aside(delivery.body, error, position, delivery.offset)
                continue
            for body, envelope in envelopes:
                message_id = int(envelope.id)
                if message_id <= at:
                    continue
                self.pending_since = self.pending_since or envelope.time
                if envelope.prev > at:
                    gap = f"{self.consumer.source}:{message_id} follows {envelope.prev}, position is {at}"
                    if not whole:
                        raise Gap(gap)
                    self._passed_over(gap)
                    continue
                self.missing = False
                if envelope.type in self.consumer.types:
                    try:
                        messages.append(open_message(body, envelope))
                    except Undecodable as error:
                        position = self._flush(messages, position, Position(at, position.offset))
                        messages = []
                        then = Position(message_id, delivery.offset)
                        self._undecodable(body, envelope, error, position, then)
                        position = then
                at = message_id
            if len(messages) >= BATCH:
                position = self._flush(messages, position, Position(at, delivery.offset))
                messages = []
        reached = Position(at, deliveries[-1].offset)
        if messages:
            position = self._flush(messages, position, reached)
        self.pending_since = None
        return position, reached

    def _passed_over(self, gap: str) -> None:
        if not self.missing:
            self.missing, self.error = True, f"messages missing: {gap}"
            gaps.labels(*self._labels).inc()
            mend = f"dc outbox rewind {self.consumer.source} --behind"
            log.error("messages missing in the stream", feed=self.consumer.name, gap=gap, mend=mend)

    def _flush(self, messages: list[Message], old: Position, new: Position) -> Position:
        if old.id != new.id:
            self.idle.clear()
            self.consumer.apply(messages, old, new)
            position_gauge.labels(*self._labels).set(new.id)
        return new

    def _undecodable(self, body: bytes, envelope: Envelope, error: Exception, old: Position, new: Position) -> None:
        if not self.consumer.parks:
            raise Stopped(f"{self.consumer.source}:{new.id}: {error}") from error
        row = self.consumer.parking(
            message_id=new.id, subject=envelope.subject, type=envelope.type, body=body, error=repr(error)
        )
        self.consumer.commit([], [row, self.consumer.advance(old, new)])
        applied.labels(*self._labels, "parked").inc()
        log.error("undecodable message parked", feed=self.consumer.name, message=f"{self.consumer.source}:{new.id}")


def _stands_behind(position: Position, delivery: Delivery) -> bool:
    """Whether a delivery was read before: attaching at the stored offset brings that one again."""
    return position.offset is not None and delivery.offset is not None and delivery.offset <= position.offset
