"""RabbitMQ: streams and quorum queues, read with kombu.

kombu's defaults lose messages (found by experiment), hence: explicit prefetch per consumer, heartbeats, confirms
with a deadline where it publishes, and no exception leaves a callback.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import structlog
from kombu import Connection, Consumer, Producer
from kombu.exceptions import OperationalError

from delivery_shared.messaging.topology import Broker
from delivery_shared.messaging.transport import Delivery, TransportLost
from delivery_shared.metrics import broker_connections

log = structlog.get_logger()

PREFETCH = 100
QUIET = 0.003
"""Seconds without a further message after which a batch is complete."""


class StreamAttachment:
    """An open consumer of a stream."""

    def __init__(self, broker: Broker, connection: Connection, source: str, offset: int | None) -> None:
        self.connection = connection
        self._received: list[Any] = []
        self._beat = time.monotonic()
        channel = connection.channel()
        channel.basic_qos(0, PREFETCH, False)
        consumer = Consumer(
            channel,
            queues=[broker.stream(source, **{"x-stream-offset": "first" if offset is None else offset})],
            on_message=self._received.append,
            accept=None,
            auto_declare=False,
        )
        consumer.consume()

    def receive(self, *, limit: int, timeout: float) -> list[Delivery]:
        wait = max(timeout, QUIET)
        try:
            while len(self._received) < limit:
                if time.monotonic() - self._beat > 2:
                    self.connection.heartbeat_check()
                    self._beat = time.monotonic()
                try:
                    self.connection.drain_events(timeout=wait)
                except TimeoutError:
                    break
                wait = QUIET
        except self.connection.recoverable_connection_errors as error:
            raise TransportLost(str(error)) from error
        taken, self._received[:] = self._received[:limit], self._received[limit:]
        return [
            Delivery(
                body=message.body.encode() if isinstance(message.body, str) else bytes(message.body),
                offset=(message.headers or {}).get("x-stream-offset"),
                token=message,
            )
            for message in taken
        ]

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        if deliveries:
            try:
                deliveries[-1].token.ack(multiple=True)
            except self.connection.recoverable_connection_errors as error:
                raise TransportLost(str(error)) from error


class RabbitWork:
    """A competing consumer of a quorum queue."""

    def __init__(self, broker: Broker, queue: str) -> None:
        self.broker = broker
        self.queue = queue

    def run(self, handle: Callable[[str], None], stopping: Callable[[], bool]) -> None:
        while not stopping():
            try:
                self._consume(handle, stopping)
            except (OSError, OperationalError, *Connection().recoverable_connection_errors) as error:
                log.warning("work queue lost, connecting again", queue=self.queue, error=str(error))
                time.sleep(0.5)

    def _consume(self, handle: Callable[[str], None], stopping: Callable[[], bool]) -> None:
        received: list[Any] = []
        connected = broker_connections.labels("work", self.queue)
        with self.broker.connected() as connection, connected.track_inprogress():
            channel = connection.channel()
            channel.basic_qos(0, 1, False)
            Consumer(
                channel,
                queues=[self.broker.work_queue(self.queue)],
                on_message=received.append,
                accept=None,
                auto_declare=False,
            ).consume()
            while not stopping():
                connection.heartbeat_check()
                try:
                    connection.drain_events(timeout=0.5)
                except TimeoutError:
                    continue
                for message in received:
                    self._handle(handle, message)
                received.clear()

    def _handle(self, handle: Callable[[str], None], message: Any) -> None:
        body = message.body
        try:
            handle(body.decode() if isinstance(body, bytes) else str(body))
        except Exception:
            log.exception("handling a key failed; its row stays", queue=self.queue)
        message.ack()


class RabbitTransport:
    """The transport of every installation with a real broker."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self._lock = threading.Lock()
        self._sender: Connection | None = None
        self._producer: Producer | None = None

    @contextmanager
    def attach(self, *, source: str, position: int, offset: int | None) -> Iterator[StreamAttachment]:
        connected = broker_connections.labels("feed", source)
        with self.broker.connected() as connection:
            try:
                attachment = StreamAttachment(self.broker, connection, source, offset)
            except (
                OSError,
                OperationalError,
                *connection.recoverable_connection_errors,
                *connection.channel_errors,  # no such stream: it is being emptied
            ) as error:
                raise TransportLost(f"{self.broker.stream_name(source)}: {error}") from error
            with connected.track_inprogress():
                yield attachment

    def send_key(self, queue: str, key: str) -> None:
        with self._lock:
            for attempt in (1, 2):
                try:
                    if self._producer is None:
                        self._sender = self.broker.connect(heartbeat=0)
                        self._producer = Producer(self._sender.channel())
                    self._producer.publish(
                        key.encode(),
                        routing_key=self.broker.namespace + queue,
                        content_type="text/plain",
                        content_encoding="binary",
                        delivery_mode=2,
                    )
                except Exception as error:
                    if attempt == 2:
                        log.warning("key not sent; the sweep will", queue=queue, error=str(error))
                    if self._sender is not None:
                        self._sender.collect()
                    self._sender = self._producer = None
                else:
                    return

    def _disconnect(self) -> None:
        if self._sender is not None:
            self._sender.release()
        self._sender = self._producer = None

    def work(self, queue: str) -> RabbitWork:
        return RabbitWork(self.broker, queue)

    def close(self) -> None:
        with self._lock:
            self._disconnect()
