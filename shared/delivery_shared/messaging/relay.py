"""The relay: publishes a service's stored events to its stream, in order, at least once, never skipping.

One relay per service is active, guarded by an advisory lock. It publishes with pipelined confirms (pika): up to
:data:`WINDOW` batches are under way. Whatever goes wrong – nack, return, timeout, lost connection – it connects
again, steps back by :data:`OVERLAP` events and publishes from there: streams do not fsync, so a confirmed message
can still be lost by the broker, and consumers skip what they have.

A save may ask for the stream to be published anew (:func:`~delivery_shared.messaging.outbox.renewal_asked`): the relay
lets the confirms under way come in, empties the stream, sets its position to 0 and publishes every event again as it
reads now. A crash before the position is set repeats all of it, one after that only publishes on.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import kombu
import pika
import pika.spec
import psycopg
import structlog
from pika.adapters.select_connection import SelectConnection
from prometheus_client import Counter, Gauge
from psycopg.sql import SQL, Identifier

from delivery_shared import telemetry
from delivery_shared.eventstore import TRY_AGAIN, EventStore
from delivery_shared.failpoints import failpoint
from delivery_shared.liveness import StopSignal
from delivery_shared.messaging.envelope import join
from delivery_shared.messaging.outbox import BATCH_LIMIT, RENEWAL, Outbox, Outgoing
from delivery_shared.messaging.pace import Pace
from delivery_shared.messaging.topology import HEARTBEAT, Broker
from delivery_shared.metrics import broker_connections

log = structlog.get_logger()
logging.getLogger("pika").setLevel(logging.CRITICAL)  # it reports each failure many times over; the relay does once

WINDOW = 50
"""Batches under way – published, not yet confirmed – at most."""
OVERLAP = 1000
GATHER = 0.01
"""Seconds from one reading of the event table to the next at least, as long as there is something to publish."""
GUARD_TIMEOUT = 30
"""Seconds without a word from the active relay after which the database gives its lock to another; it asks every half
second."""
CONFIRM_TIMEOUT = 10.0
STORE_EVERY = 1.0
"""Seconds between stored positions; what a crash repeats because of it, consumers skip."""

LOOK = SQL(
    "SELECT (SELECT position FROM outbox_position WHERE relay = %(relay)s),"
    " EXISTS (SELECT FROM outbox_renewal WHERE relay = %(relay)s AND asked > done),"
    " (SELECT max(notification_id) FROM {events})"
)
"""The stored position, whether the stream is to be published anew, and the last event: in one statement, since an idle
system does little else."""

published = Counter("delivery_relay_published_total", "Messages sent to the broker", ["service"])
confirmed_id = Gauge("delivery_outbox_position", "Id of the last event confirmed by the broker", ["source"])


class RelayLost(Exception):
    """Publishing cannot go on over this connection: connect again and step back."""


class Relay:
    """Publishes the outbox of ``store`` until stopped."""

    def __init__(self, store: EventStore, broker: Broker) -> None:
        self.store = store
        self.outbox = Outbox(store)
        self.broker = broker
        self.stopping = StopSignal()
        self.active = threading.Event()
        self.connections = broker_connections.labels("relay", store.name)
        self._addresses = itertools.cycle(broker.addresses)

    def address(self) -> str:
        """Of a node of the broker: another one each time, if it has several."""
        return next(self._addresses)

    def run(self) -> None:
        """Blocking; one thread. Waits while another process holds the lock."""
        delay = 0.1
        while not self.stopping.is_set():
            try:
                with self._lock() as guard:
                    self.active.set()
                    delay = 0.1
                    Publishing(self, guard).run()
            except Standby:
                self.stopping.wait(1.0)
            except Exception as error:
                log.warning("relay interrupted", service=self.store.name, error=repr(error))
                self.stopping.wait(delay)
                delay = min(delay * 2, TRY_AGAIN)
            finally:
                self.active.clear()

    def stop(self) -> None:
        """Publish nothing new; wait for the confirms under way."""
        self.stopping.set()

    def _lock(self) -> psycopg.Connection[Any]:
        """A connection of its own that holds the relay's lock and listens for saves."""
        connection = psycopg.connect(
            **self._connection_arguments(),
            autocommit=True,
            options=f'-c search_path="{self.store.schema}" -c idle_session_timeout={GUARD_TIMEOUT}s',
        )
        key = f"relay {self.store.schema} {self.store.events_recorder.events_table_name}"
        row = connection.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", (key,)).fetchone()
        if not row or not row[0]:
            connection.close()
            raise Standby
        connection.execute(f'LISTEN "{self.store.events_recorder.channel_name}"')
        return connection

    def _connection_arguments(self) -> dict[str, Any]:
        arguments = dict(self.store.events_recorder.datastore.pool.kwargs or {})  # type: ignore[arg-type]
        for own in ("row_factory", "options"):
            arguments.pop(own, None)
        arguments["application_name"] = f"delivery-{self.store.name}-relay"
        arguments["connect_timeout"] = 5
        return arguments

    def position(self) -> int:
        """The last stored position, 0 at first."""
        with self.store.connection() as connection:
            row = connection.execute(
                "SELECT position FROM outbox_position WHERE relay = %s", (self.store.name,)
            ).fetchone()
        return int(row["position"]) if row else 0

    def store_position(self, known: int, position: int) -> None:
        """Remember that everything up to ``position`` is confirmed. :raises Rewound: the stored one is not ``known``
        any more."""
        with self.store.connection() as connection:
            stored = connection.execute(
                "INSERT INTO outbox_position (relay, position) VALUES (%s, %s)"
                " ON CONFLICT (relay) DO UPDATE SET position = excluded.position, at = now()"
                " WHERE outbox_position.position = %s RETURNING 1",
                (self.store.name, position, known),
            ).fetchone()
        if stored is None:
            raise Rewound(f"the stored position is not {known}")

    def renew(self) -> None:
        """Empty the stream and go back to the first event, if a save has asked for that since it was done last."""
        with self.store.connection() as connection:
            row = connection.execute(RENEWAL, (self.store.name,)).fetchone()
        if row is None:
            return
        log.warning("stream emptied, publishing anew", service=self.store.name)
        self.broker.empty(self.store.name)
        with self.store.connection() as connection, connection.transaction():
            connection.execute("UPDATE outbox_position SET position = 0 WHERE relay = %s", (self.store.name,))
            connection.execute("UPDATE outbox_renewal SET done = %s WHERE relay = %s", (row["asked"], self.store.name))
        failpoint("relay.renewed")


class Rewound(RelayLost):
    """An operator has set the stored position back: publish from there."""


class Standby(Exception):
    """Another process relays this service."""


class Publishing:
    """One connection's worth of publishing. Everything happens on the connection's own loop."""

    def __init__(self, relay: Relay, guard: psycopg.Connection[Any]) -> None:
        self.relay = relay
        self.guard = guard
        relay.broker.declare()
        relay.renew()
        self.renewing = False
        """Whether the stream is to be published anew: nothing more is sent over this connection."""
        self.stream_name = relay.broker.stream_name(relay.store.name)
        self.known = relay.position()
        """The stored position, as this relay last read or wrote it."""
        start = max(0, self.known - OVERLAP)
        self.sent = start
        self.prev: int | None = None
        """Id of the last message at or before ``sent``, once known."""
        self.looking = LOOK.format(events=Identifier(relay.store.events_recorder.events_table_name))
        self.last: int | None = None
        """Id of the last event there was at the last look at the table."""
        self.pace = Pace(GATHER)
        self.called = False
        """Whether :meth:`_pump` is to be called soon."""
        self.behind = False
        """Whether the last read was a full batch, so that more waits without a further notice."""
        self.confirmed = start
        self.stored_at = time.monotonic()
        self.under_way: deque[tuple[int, int, float]] = deque()
        """Delivery tag, id of the first message and time of each batch not yet confirmed, oldest first."""
        self.tag = 0
        self.spans: dict[int, Any] = {}
        """By delivery tag, of batches whose messages are traced."""
        self.failure: BaseException | None = None
        self.channel: Any = None
        address = relay.address()
        parameters = pika.URLParameters(address)
        parameters.virtual_host = kombu.Connection(address).virtual_host or "/"
        parameters.heartbeat = HEARTBEAT
        parameters.blocked_connection_timeout = CONFIRM_TIMEOUT
        parameters.socket_timeout = 5
        self.connection = SelectConnection(
            parameters,
            on_open_callback=lambda connection: connection.channel(on_open_callback=self._opened),
            on_open_error_callback=lambda _, error: self._fail(RelayLost(repr(error))),
            on_close_callback=lambda _, error: self._fail(RelayLost(repr(error))),
        )

    def run(self) -> None:
        try:
            self.connection.ioloop.start()
        finally:
            if self.channel is not None:
                self.relay.connections.dec()
            self._end_spans(self.tag, multiple=True)
            self._disconnect()
            self.guard.close()
            if self.confirmed > self.known and not isinstance(self.failure, Rewound):
                with suppress(Rewound):
                    self.relay.store_position(self.known, self.confirmed)
        if self.failure is not None:
            raise self.failure

    def _disconnect(self) -> None:
        loop = self.connection.ioloop
        if self.connection.is_open:
            loop.remove_handler(self.guard.fileno())
            self.connection.close()
            loop.call_later(2, loop.stop)
            loop.start()
        loop.close()

    def _fail(self, failure: BaseException) -> None:
        if self.failure is None and not self.relay.stopping.is_set():
            self.failure = failure
        self.connection.ioloop.stop()

    def _opened(self, channel: Any) -> None:
        self.channel = channel
        self.relay.connections.inc()
        channel.confirm_delivery(self._confirm)
        channel.add_on_return_callback(lambda *_: self._fail(RelayLost("message returned: no stream")))
        channel.add_on_close_callback(self._channel_closed)
        loop = self.connection.ioloop
        loop.add_handler(self.guard.fileno(), self._notified, loop.READ)
        self._tick()

    def _channel_closed(self, _: Any, error: BaseException) -> None:
        if not self.connection.is_closing:
            self._fail(RelayLost(repr(error)))

    def _notified(self, *_: Any) -> None:
        try:
            for _notice in self.guard.notifies(timeout=0):
                pass
        except psycopg.Error as error:
            self._fail(error)
            return
        self._soon()

    def _soon(self) -> None:
        """Publish what was saved: at once, or with what comes right behind it (:class:`Pace`)."""
        if self.called:
            return
        if (early := self.pace.early()) > 0:
            self.called = True
            self.connection.ioloop.call_later(early, self._called)
        else:
            self._pump()

    def _called(self) -> None:
        self.called = False
        self._pump()

    def _tick(self) -> None:
        """Every half second: deadlines, the stored position, and a look at the table in case a notice was lost."""
        try:
            if self.under_way and time.monotonic() - self.under_way[0][2] > CONFIRM_TIMEOUT:
                raise RelayLost("no confirm in time")
            self._store()
            if not self.relay.stopping.is_set():
                self._look()
            if self._ending and not self.under_way:
                self.connection.ioloop.stop()
                return
        except Exception as error:
            self._fail(error)
            return
        self.connection.ioloop.call_later(0.05 if self._ending else 0.5, self._tick)

    @property
    def _ending(self) -> bool:
        return self.renewing or self.relay.stopping.is_set()

    def _look(self) -> None:
        """What was asked for, and what no notice told of. :raises Rewound: an operator has set the position back."""
        row = self.guard.execute(self.looking, {"relay": self.relay.store.name}).fetchone()
        assert row is not None
        position, self.renewing, last = row
        if self._ending:
            return
        if position is not None and position != self.known:
            raise Rewound(f"the stored position is {position}, not {self.known}")
        if last != self.last:
            self.last = last
            self._pump()

    def _store(self) -> None:
        if self.confirmed > self.known and time.monotonic() - self.stored_at >= STORE_EVERY:
            self.relay.store_position(self.known, self.confirmed)
            self.known, self.stored_at = self.confirmed, time.monotonic()
            confirmed_id.labels(self.relay.store.name).set(self.confirmed)

    def _pump(self) -> None:
        self.pace.begin()
        try:
            while len(self.under_way) < WINDOW and not self._ending and not self.failure:
                batch = self.relay.outbox.read(after=self.sent, limit=BATCH_LIMIT, prev=self.prev)
                self.behind = len(batch) == BATCH_LIMIT
                if batch:
                    self._publish(batch)
                if not self.behind:
                    return
        except Exception as error:
            self._fail(error)

    def _publish(self, batch: Sequence[Outgoing]) -> None:
        last = batch[-1].id
        self.channel.basic_publish(
            "",
            self.stream_name,
            join([outgoing.body for outgoing in batch]),
            pika.BasicProperties(
                content_type="application/cloudevents-batch+json",
                delivery_mode=2,
                message_id=f"{self.relay.store.name}:{last}",
            ),
            mandatory=True,
        )
        self.tag += 1
        self.sent = self.prev = last
        self.under_way.append((self.tag, batch[0].id, time.monotonic()))
        if telemetry.on():
            links = [outgoing.traceparent for outgoing in batch]
            about = {**telemetry.messaging("send", self.stream_name), "messaging.batch.message_count": len(batch)}
            if opened := telemetry.started(f"publish {self.stream_name}", kind="PRODUCER", links=links, **about):
                self.spans[self.tag] = opened
        published.labels(self.relay.store.name).inc(len(batch))

    def _confirm(self, frame: Any) -> None:
        if not isinstance(frame.method, pika.spec.Basic.Ack):
            self._fail(RelayLost("broker refused a message"))
            return
        failpoint("relay.after_publish")
        tag, multiple = frame.method.delivery_tag, frame.method.multiple
        if self.under_way and not multiple and self.under_way[0][0] != tag:
            # Confirms may come out of order: mark it by taking it out; the position moves with the oldest only.
            self.under_way = deque(entry for entry in self.under_way if entry[0] != tag)
        else:
            while self.under_way and self.under_way[0][0] <= tag:
                self.under_way.popleft()
        self._end_spans(tag, multiple=multiple)
        self.confirmed = self.under_way[0][1] - 1 if self.under_way else self.sent
        if self.behind and len(self.under_way) <= WINDOW // 2:
            self._pump()

    def _end_spans(self, tag: int, *, multiple: bool) -> None:
        for known in [known for known in self.spans if known == tag or (multiple and known < tag)]:
            self.spans.pop(known).end()
