"""The transport inside one process (embedded mode): nothing is stored between services, ``attach`` replays the
source's outbox from the consumer's position. Work queues are kombu's in-memory ones."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from kombu import Connection

from delivery_shared.messaging.envelope import join
from delivery_shared.messaging.outbox import BATCH_LIMIT, Outbox
from delivery_shared.messaging.transport import Delivery


class OutboxAttachment:
    """Reads the outbox of a source after a position, waiting for a hint that something was saved."""

    def __init__(self, outbox: Outbox, position: int) -> None:
        self.outbox = outbox
        self.position = position
        self._saved = threading.Event()
        outbox.store.on_saved.append(self._saved.set)

    def receive(self, *, limit: int, timeout: float) -> list[Delivery]:
        self._saved.clear()
        outgoing = self.outbox.read(after=self.position, limit=BATCH_LIMIT)
        if not outgoing and self._saved.wait(timeout):
            outgoing = self.outbox.read(after=self.position, limit=BATCH_LIMIT)
        if not outgoing:
            return []
        self.position = outgoing[-1].id
        return [Delivery(body=join([message.body for message in outgoing]), offset=None)]

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Nothing to do: the position is the consumer's own."""

    def detach(self) -> None:
        self.outbox.store.on_saved.remove(self._saved.set)


class MemoryWork:
    """A competing consumer of an in-memory queue."""

    def __init__(self, connection: Connection, queue: str) -> None:
        self.connection = connection
        self.queue = queue

    def run(self, handle: Callable[[str], None], stopping: Callable[[], bool]) -> None:
        queue = self.connection.SimpleQueue(self.queue, no_ack=True, serializer="json")
        while not stopping():
            try:
                message = queue.get(timeout=0.2)
            except queue.Empty:
                continue
            handle(message.payload)


class MemoryTransport:
    """All services of one process; each registers its outbox before anyone attaches."""

    def __init__(self) -> None:
        self.outboxes: dict[str, Outbox] = {}
        self._lock = threading.Lock()
        self._sender = self._connect()

    @staticmethod
    def _connect() -> Connection:
        return Connection("memory://", transport_options={"polling_interval": 0.01})

    def register(self, outbox: Outbox) -> None:
        self.outboxes[outbox.source] = outbox

    @contextmanager
    def attach(self, *, source: str, position: int, offset: int | None) -> Iterator[OutboxAttachment]:
        attachment = OutboxAttachment(self.outboxes[source], position)
        try:
            yield attachment
        finally:
            attachment.detach()

    def send_key(self, queue: str, key: str) -> None:
        with self._lock, self._sender.SimpleQueue(queue, serializer="json") as simple:
            simple.put(key)

    def work(self, queue: str) -> MemoryWork:
        return MemoryWork(self._connect(), queue)

    def close(self) -> None:
        self._sender.release()
