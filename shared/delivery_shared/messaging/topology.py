"""All streams and queues of the system, declared from here only: by ``migrate`` and by every relay."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from amqp.exceptions import ChannelError
from kombu import Connection, Queue
from kombu.exceptions import OperationalError

from delivery_shared.failpoints import failpoint
from delivery_shared.messaging.cluster import Cluster, addresses

STREAMS = ("template", "identity", "intake", "project", "dispatch")
"""Services that publish; each has the stream ``events.<service>``."""

WORK_QUEUES = ("dispatch.work", "notify.work")
"""Quorum queues of keys for competing consumers."""

HEARTBEAT = 10
ANSWER = 10
"""Seconds the broker may take to answer; kombu waits for ever, also for the answer to its farewell."""


@dataclass(frozen=True, kw_only=True)
class Broker:
    """A RabbitMQ server and the names used on it. ``namespace`` is put before every name, so that several
    installations (or test runs) can share a virtual host.

    A cluster behind no common name has the addresses of its nodes in ``url``, divided by ``;``: each connection goes to
    any of them, and to another one where that does not answer.

    With ``amqps://`` its certificate must be for the host of the URL, and of an authority this machine trusts; one of
    the house comes with ``SSL_CERT_FILE``, as OpenSSL has it.
    """

    url: str
    namespace: str = ""
    nodes: int = 1
    """On so many nodes streams and queues are to lie; nothing is declared before that many run."""
    api: str | None = None
    """Where the management API is, if not on its usual port of the server; may be several addresses as well."""

    @staticmethod
    def read(environment: Mapping[str, str]) -> Broker:
        """The server that ``AMQP_URL`` names. :raises SystemExit: one of several addresses is none, or the number of
        its nodes."""
        named = addresses(environment["AMQP_URL"])
        if not named or (len(named) > 1 and not all(map(_is_broker, named))):
            raise SystemExit("AMQP_URL: several addresses are amqp://… or amqps://… each, divided by ;")
        wanted = environment.get("DELIVERY_BROKER_NODES") or "1"
        if not wanted.isdecimal() or int(wanted) < 1:
            raise SystemExit(f"DELIVERY_BROKER_NODES is no number of nodes: {wanted}")
        return Broker(
            url=environment["AMQP_URL"],
            namespace=environment.get("DELIVERY_NAMESPACE", ""),
            nodes=int(wanted),
            api=environment.get("DELIVERY_BROKER_API"),
        )

    @property
    def cluster(self) -> Cluster:
        """Its nodes."""
        return Cluster(url=self.url, api=self.api)

    def stream_name(self, source: str) -> str:
        """The stream of a publishing service."""
        return f"{self.namespace}events.{source}"

    def stream(self, source: str, **arguments: Any) -> Queue:
        """Ordered, kept as long as the broker's policy says (:mod:`delivery_shared.messaging.retention`), read by
        offset. The default exchange routes to it by name,
        so that no binding can be missing. ``arguments`` are the consumer's."""
        return Queue(
            self.stream_name(source),
            durable=True,
            queue_arguments={"x-queue-type": "stream"},
            consumer_arguments=arguments,
        )

    def work_queue(self, name: str) -> Queue:
        """Replicated; a key that keeps coming back is dropped after 20 deliveries, since its row is swept anyway."""
        return Queue(
            self.namespace + name,
            durable=True,
            queue_arguments={"x-queue-type": "quorum", "x-delivery-limit": 20},
        )

    @property
    def addresses(self) -> list[str]:
        """Of its nodes, or of the one there is; in another order each time, so that not all go to the same node."""
        named = addresses(self.url)
        return random.sample(named, len(named))

    def connect(self, *, heartbeat: int = HEARTBEAT) -> Connection:
        """A kombu connection with heartbeats, and confirms with a deadline for whoever publishes on it. ``heartbeat``:
        0 for a connection nobody serves between two messages; that it is lost shows at the next."""
        *others, last = self.addresses
        for address in others:
            connection = self._connection(address, heartbeat)
            try:
                return connection.ensure_connection(max_retries=0)
            except (OSError, OperationalError):
                connection.collect()
        return self._connection(last, heartbeat)

    def _connection(self, address: str, heartbeat: int) -> Connection:
        """Made when it is first used."""
        return Connection(
            address,
            heartbeat=heartbeat,
            connect_timeout=5,
            # With ``ssl=True``, the transport's own default, a certificate for any host will do.
            ssl={"server_hostname": urlsplit(address).hostname} if _is_encrypted(address) else False,
            transport_options={
                "confirm_publish": True,
                "confirm_timeout": 5,
                "read_timeout": ANSWER,
                "write_timeout": ANSWER,
            },
        )

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        """A connection for as long as all goes well. One that is lost is dropped without a farewell, since over a
        half-open one nobody answers."""
        connection = self.connect()
        try:
            yield connection
        except BaseException:
            connection.collect()
            raise
        else:
            connection.release()

    def declare(self) -> None:
        """Declare everything; doing it again changes nothing.

        :raises TooFewNodes: something is missing, and fewer nodes run than it is to lie on.
        """
        if self.nodes > 1:
            if not self.missing():
                return
            self.cluster.require(self.nodes)
        with self.connect() as connection, connection.channel() as channel:
            for queue in self._queues():
                queue(channel).declare()

    def empty(self, source: str) -> None:
        """Delete the stream of a source with all it holds and declare it anew; whoever reads it is told and attaches
        again. :raises TooFewNodes: fewer nodes run than it is to lie on; nothing is deleted then."""
        if self.nodes > 1:
            self.cluster.require(self.nodes)
        with self.connect() as connection, connection.channel() as channel:
            self.stream(source)(channel).delete()
            failpoint("relay.stream_deleted")
            self.stream(source)(channel).declare()

    def delete(self) -> None:
        """Delete everything of this namespace: for tests and the removal of an installation."""
        with self.connect() as connection, connection.channel() as channel:
            for queue in self._queues():
                queue(channel).delete()

    def missing(self) -> list[str]:
        """The streams and queues that are not declared."""
        found = []
        with self.connect() as connection:
            for queue in self._queues():
                try:
                    with connection.channel() as channel:  # the refusal closes it
                        queue(channel).queue_declare(passive=True)
                except ChannelError:
                    found.append(queue.name)
        return found

    @property
    def address(self) -> str:
        """Where the server is, without who signs in; all of its addresses, if it has several."""
        return ", ".join(map(_place, addresses(self.url)))

    @property
    def names(self) -> list[str]:
        """The streams and queues."""
        return [queue.name for queue in self._queues()]

    def _queues(self) -> list[Queue]:
        return [*map(self.stream, STREAMS), *map(self.work_queue, WORK_QUEUES)]


def _is_encrypted(address: str) -> bool:
    return urlsplit(address).scheme == "amqps"


def _is_broker(address: str) -> bool:
    return urlsplit(address).scheme in ("amqp", "amqps")


def _place(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.hostname}:{parts.port or (5671 if _is_encrypted(address) else 5672)}"
