"""The one way to consume another service's events: in order, in batches, each exactly once in its effect.

A :class:`Feed` attaches to a source and hands batches to a :class:`Consumer`, which applies them and moves its
position in one transaction. Duplicates are skipped by position, losses are noticed by the ``prev`` chain, and a
second consumer of the same feed is harmless. Two kinds of consumer exist: :class:`ProcessManager` (events in,
commands out, in an event-sourced service) and ``Projection`` (``delivery_shared.projection``).
"""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from eventsourcing.persistence import InterfaceError, OperationalError
from prometheus_client import Counter, Gauge
from psycopg import OperationalError as PsycopgOperationalError
from sqlalchemy.exc import OperationalError as AlchemyOperationalError

from delivery_shared import telemetry
from delivery_shared.contracts import Contract
from delivery_shared.eventstore import (
    FEED,
    Conflict,
    EventStore,
    PositionMoved,
    RowChange,
    UnitOfWork,
    WorkChanged,
)
from delivery_shared.failpoints import failpoint
from delivery_shared.liveness import StopSignal
from delivery_shared.messaging.envelope import Envelope, Message, Undecodable, open_envelope, open_message, split
from delivery_shared.messaging.transport import Attachment, Delivery, Transport, TransportLost
from delivery_shared.tracing import traced

log = structlog.get_logger()

BATCH = 300
"""Messages a consumer applies in one transaction, about."""
DELIVERIES = 20
"""Deliveries – batches of messages – taken at a time at most."""
ATTEMPTS = 5
"""How often a message that fails alone is tried before it is parked (or stops a projection)."""

DATABASE_DOWN = (OperationalError, InterfaceError, PsycopgOperationalError, AlchemyOperationalError)
"""Failures that pass by themselves: never the message's fault."""

applied = Counter("delivery_feed_messages_total", "Messages applied or parked", ["feed", "source", "outcome"])
position_gauge = Gauge("delivery_feed_position", "Id of the last message applied", ["feed", "source"])
gaps = Counter("delivery_feed_gaps_total", "Times a feed found messages missing", ["feed", "source"])


class NotYet(Exception):
    """What the message refers to is not known here yet (another source lags): transient, tried again."""


class Stopped(Exception):
    """A projection met a message it cannot apply; it stands until an operator skips the message."""


class Gap(Exception):
    """Messages before this one are missing."""


@dataclass(frozen=True)
class Position:
    """``id`` of the last message applied, and where in the stream it stood (None = unknown)."""

    id: int
    offset: int | None


class Consumer(ABC):
    """A named position in a source, and what is done with its messages."""

    linger: float = 0.0
    """Seconds to let more messages come before a batch is applied: for consumers nobody waits for, whose
    transactions would else be as many as the commands of a busy system."""
    parks: bool
    """Whether a poisoned message is put aside (with later ones of its subject) or stops the feed."""

    def __init__(self, *, name: str, source: str, contracts: Iterable[type[Contract]]) -> None:
        self.name = name
        self.source = source
        self.types = frozenset(contract.TYPE for contract in contracts)

    @abstractmethod
    def rows(self, sql: str, params: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Run a statement on the service's database; returns its rows (empty for none)."""

    @abstractmethod
    def commit(self, messages: Sequence[Message], receipts: Sequence[RowChange]) -> None:
        """Apply ``messages`` and run ``receipts`` in one transaction. :raises Conflict: nothing was stored."""

    def position(self) -> Position:
        """Where this feed stands; its row is made on first use."""
        key = {"feed": self.name, "source": self.source}
        select = "SELECT position, stream_offset FROM feed_position WHERE feed = %(feed)s AND source = %(source)s"
        found = self.rows(select, key)
        if not found:  # the insert would wait for a batch under way, so it is tried only where it is needed
            self.rows(
                "INSERT INTO feed_position (feed, source) VALUES (%(feed)s, %(source)s)"
                " ON CONFLICT DO NOTHING RETURNING 1",
                key,
            )
            found = self.rows(select, key)
        (row,) = found
        return Position(row["position"], row["stream_offset"])

    def advance(self, old: Position, new: Position) -> RowChange:
        """The receipt of a batch: compare-and-set of the position."""
        return RowChange(
            rank=FEED,
            key=f"{self.name}/{self.source}",
            or_else=PositionMoved,
            sql="UPDATE feed_position SET position = %(new)s, stream_offset = %(offset)s"
            " WHERE feed = %(feed)s AND source = %(source)s AND position = %(old)s RETURNING 1",
            params={
                "feed": self.name,
                "source": self.source,
                "old": old.id,
                "new": new.id,
                "offset": new.offset,
            },
        )

    def parked_subjects(self) -> set[str]:
        """Subjects with a parked message: later ones must wait behind it."""
        found = self.rows(
            "SELECT DISTINCT subject FROM parked WHERE feed = %(feed)s AND source = %(source)s"
            " AND message_id IS NOT NULL",
            {"feed": self.name, "source": self.source},
        )
        return {row["subject"] for row in found}

    def parking(
        self, *, message_id: int | None, subject: str, type: str, body: bytes, error: str, retry: bool = False
    ) -> RowChange:
        """The row that keeps a message aside. ``retry``: tried again by itself, else only by an operator."""
        return RowChange(
            key=f"parked {message_id or 0:020d}",
            sql="INSERT INTO parked (feed, source, message_id, subject, type, body, error, next_try)"
            " VALUES (%(feed)s, %(source)s, %(message_id)s, %(subject)s, %(type)s, %(body)s, %(error)s,"
            " CASE WHEN %(retry)s THEN now() + interval '1 second' END)"
            " ON CONFLICT (feed, source, message_id) DO NOTHING",
            params={
                "feed": self.name,
                "source": self.source,
                "message_id": message_id,
                "subject": subject,
                "type": type,
                "body": body,
                "error": error[:2000],
                "retry": retry,
            },
        )

    def apply(self, messages: Sequence[Message], old: Position, new: Position) -> None:
        """Apply a batch and move from ``old`` to ``new``; fall back to one by one when it fails."""
        parked = self.parked_subjects() if self.parks else set()
        free = [message for message in messages if message.subject not in parked]
        behind = [self._behind(message) for message in messages if message.subject in parked]
        try:
            with telemetry.applying(free, feed=self.name) as followed:
                self.commit(followed, [*behind, self.advance(old, new)])
        except PositionMoved:
            raise
        except DATABASE_DOWN:
            raise
        except Exception as error:
            if len(messages) == 1:
                self._single(messages[0], old, new, error)
                return
            log.info("batch failed, applying one by one", feed=self.name, source=self.source, error=repr(error))
            at = old
            for message in messages:
                then = Position(message.id, old.offset)
                self.apply([message], at, then)
                at = then
            if at.id != new.id or at.offset != new.offset:
                self.commit([], [self.advance(at, new)])
        else:
            applied.labels(self.name, self.source, "applied").inc(len(free))
            if behind:
                applied.labels(self.name, self.source, "parked").inc(len(behind))

    def _single(self, message: Message, old: Position, new: Position, error: Exception) -> None:
        for attempt in range(1, ATTEMPTS):
            time.sleep(0.02 * 2**attempt)
            try:
                self.commit([message], [self.advance(old, new)])
            except (PositionMoved, *DATABASE_DOWN):
                raise
            except Exception as again:
                error = again
            else:
                applied.labels(self.name, self.source, "applied").inc()
                return
        with traced(message.trace):
            if not self.parks:
                log.error("projection stopped", feed=self.name, message=f"{message.source}:{message.id}",
                          type=message.type, error=repr(error))  # fmt: skip
                raise Stopped(f"{message.type} {message.source}:{message.id}: {error!r}") from error
            row = self.parking(
                message_id=message.id,
                subject=message.subject,
                type=message.type,
                body=message.body,
                error=repr(error),
                retry=isinstance(error, NotYet | Conflict),
            )
            self.commit([], [row, self.advance(old, new)])
            applied.labels(self.name, self.source, "parked").inc()
            log.error("message parked", feed=self.name, message=f"{message.source}:{message.id}",
                      type=message.type, subject=message.subject, error=repr(error))  # fmt: skip

    def _behind(self, message: Message) -> RowChange:
        return self.parking(
            message_id=message.id,
            subject=message.subject,
            type=message.type,
            body=message.body,
            error="waits behind an earlier parked message of its subject",
        )

    def set_aside(self, body: bytes, error: Exception) -> None:
        """Keep bytes that are no message; the ``prev`` chain tells whether a message was lost with them."""
        self.commit([], [self.parking(message_id=None, subject="", type="", body=body, error=repr(error))])
        applied.labels(self.name, self.source, "malformed").inc()
        log.error("malformed message parked", feed=self.name, source=self.source, error=repr(error))

    def skip(self, message_id: int) -> None:
        """An operator's way past a message that stops a projection: move from just before it to just behind it.

        :raises PositionMoved: the feed does not stand before ``message_id`` (any more).
        """
        old = self.position()
        if message_id <= old.id:
            raise PositionMoved(f"{self.name} is already at {old.id}")
        self.commit([], [self.advance(old, Position(message_id, old.offset))])
        log.warning("message skipped by an operator", feed=self.name, message=f"{self.source}:{message_id}")

    def retry_parked(self) -> int:
        """Apply parked messages whose next try is due, and those waiting behind them, in order; returns how many
        were applied."""
        due = self.rows(
            "SELECT DISTINCT subject FROM parked WHERE feed = %(feed)s AND source = %(source)s AND next_try <= now()",
            {"feed": self.name, "source": self.source},
        )
        return sum(self._retry_subject(row["subject"]) for row in due)

    def _retry_subject(self, subject: str) -> int:
        done = 0
        for row in self.rows(
            "SELECT id, body FROM parked WHERE feed = %(feed)s AND source = %(source)s AND subject = %(subject)s"
            " AND message_id IS NOT NULL ORDER BY message_id",
            {"feed": self.name, "source": self.source, "subject": subject},
        ):
            receipt = RowChange(
                key=f"parked {row['id']:020d}",
                or_else=WorkChanged,
                sql="DELETE FROM parked WHERE id = %(id)s RETURNING 1",
                params={"id": row["id"]},
            )
            try:
                self.commit([open_message(bytes(row["body"]))], [receipt])
            except Exception as error:
                self.rows(
                    "UPDATE parked SET attempts = attempts + 1, error = %(error)s, next_try = CASE WHEN"
                    " attempts < 8 THEN now() + interval '1 second' * 2 ^ attempts END"
                    " WHERE id = %(id)s RETURNING 1",
                    {"id": row["id"], "error": repr(error)[:2000]},
                )
                break
            done += 1
        return done


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What a service does when it hears of an event: ``then(unit, contract, message)``. ``streams`` names the
    aggregates it will touch, so that a batch loads them at once."""

    contract: type[Contract]
    then: Callable[[UnitOfWork, Any, Message], None]
    streams: Callable[[Any], Iterable[UUID]] = lambda _: ()


class ProcessManager(Consumer):
    """Events in, decisions of this service's aggregates (or rows of its copies) out."""

    parks = True

    def __init__(self, *, name: str, source: str, store: EventStore, policies: Iterable[Policy]) -> None:
        self.store = store
        self.policies = {policy.contract.TYPE: policy for policy in policies}
        super().__init__(name=name, source=source, contracts=[policy.contract for policy in self.policies.values()])

    def rows(self, sql: str, params: Mapping[str, Any]) -> list[dict[str, Any]]:
        with self.store.connection() as connection:
            cursor = connection.execute(sql, params)
            return list(cursor.fetchall()) if cursor.description else []

    def commit(self, messages: Sequence[Message], receipts: Sequence[RowChange]) -> None:
        unit = UnitOfWork(self.store)
        unit.preload(s for m in messages for s in self.policies[m.type].streams(m.contract))
        for message in messages:
            with traced(message.trace):
                self.policies[message.type].then(unit, message.contract, message)
            unit.stamp(message.trace)
        unit.commit(receipts)


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
                    from_start = self._consume(attachment, position, found=offset is None)
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
                level = log.warning if isinstance(error, (TransportLost, *DATABASE_DOWN)) else log.exception
                level(
                    "feed interrupted",
                    feed=self.consumer.name,
                    source=self.consumer.source,
                    error=repr(error),
                )
                self.stopping.wait(delay)
                delay = min(delay * 2, 5.0)

    def stop(self) -> None:
        """Finish the batch in hand, then leave :meth:`run`."""
        self.stopping.set()

    def _consume(self, attachment: Attachment, position: Position, *, found: bool) -> bool:
        """Returns True when the stored offset turned out to hold nothing: attach at the start instead."""
        waited = 0.0
        while not self.stopping.is_set():
            deliveries = attachment.receive(limit=DELIVERIES, timeout=0.5)
            if not deliveries:
                self.idle.set()
                waited += 0.5
                if not found and waited >= 2.0:
                    log.warning("nothing at the stored offset", feed=self.consumer.name, offset=position.offset)
                    return True
                continue
            found = True
            if self.consumer.linger and not self.stopping.wait(self.consumer.linger):
                deliveries += attachment.receive(limit=DELIVERIES, timeout=0)
            position = self._apply(deliveries, position)
            failpoint("feed.after_commit")
            attachment.acknowledge(deliveries)
            self.error, self.stopped = None, False
        return False

    def _apply(self, deliveries: Sequence[Delivery], position: Position) -> Position:
        """Apply everything in ``deliveries`` that is new; returns the position reached."""
        messages: list[Message] = []
        at = position.id
        for delivery in deliveries:
            try:
                envelopes = [(body, open_envelope(body)) for body in split(delivery.body)]
            except Undecodable as error:
                self.consumer.set_aside(delivery.body, error)
                continue
            for body, envelope in envelopes:
                message_id = int(envelope.id)
                if message_id <= at:
                    continue
                self.pending_since = self.pending_since or envelope.time
                if envelope.prev > at:
                    raise Gap(f"{self.consumer.source}:{message_id} follows {envelope.prev}, position is {at}")
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
        position = self._flush(messages, position, Position(at, deliveries[-1].offset))
        self.pending_since = None
        return position

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
