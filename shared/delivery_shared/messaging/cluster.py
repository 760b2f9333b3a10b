"""The nodes of the broker, as RabbitMQ's management API tells them: how many run, and on how many each of our streams
and queues lies.

Members are chosen when a stream or queue is declared, among the nodes that run then. One declared on the first node of
a cluster stays on that node, and what it had confirmed is lost with it; so whoever knows how many nodes there will be
(``DELIVERY_BROKER_NODES``) declares nothing before they run.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import httpx
import structlog

log = structlog.get_logger()

PORT = 15672
PAUSE = 2.0
"""Seconds between looks."""


def addresses(url: str) -> list[str]:
    """The addresses in ``url``, divided by ``;`` as kombu has it: those of the nodes of one broker."""
    return [address.strip() for address in url.split(";") if address.strip()]


class TooFewNodes(Exception):
    """Fewer nodes run than streams and queues are to lie on, or nobody tells how many do."""


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """What the management API says of the server at ``url``; it is asked at ``api``, else on the usual port there. Of
    several addresses (:func:`addresses`) the first that answers tells."""

    url: str
    api: str | None = None

    def nodes(self) -> int:
        """How many run. :raises httpx.HTTPError: it cannot be asked, or its user may not look."""
        with self._client() as client:
            return _running(client)

    def members(self, names: Sequence[str]) -> tuple[int, dict[str, int]]:
        """How many nodes run, and on how many each of the streams and queues lies.

        :raises httpx.HTTPError: it cannot be asked, or its user may not look.
        """
        with self._client() as client:
            return _running(client), {name: len(self._queue(client, name)["members"]) for name in names}

    def kept(self, names: Sequence[str]) -> dict[str, str]:
        """For how long each of the streams keeps what was published, as its policy says: ``14D``; empty: for ever.

        :raises httpx.HTTPError: it cannot be asked, or its user may not look.
        """
        with self._client() as client:
            policies = {name: self._queue(client, name).get("effective_policy_definition") for name in names}
        return {name: str((policy or {}).get("max-age", "")) for name, policy in policies.items()}

    def disks(self) -> dict[str, tuple[int, int]]:
        """By node: bytes free on its disk, and how many must be for it to take messages.

        :raises httpx.HTTPError: it cannot be asked, or its user may not look.
        """
        with self._client() as client:
            nodes = client.get("/api/nodes").raise_for_status().json()
        return {node["name"]: (node["disk_free"], node["disk_free_limit"]) for node in nodes if node["running"]}

    def _queue(self, client: httpx.Client, name: str) -> Any:
        host = quote(unquote(urlsplit(addresses(self.url)[0]).path.removeprefix("/")) or "/", safe="")
        return client.get(f"/api/queues/{host}/{quote(name, safe='')}").raise_for_status().json()

    def require(self, wanted: int) -> None:
        """:raises TooFewNodes: fewer than ``wanted`` run, or it cannot be told."""
        try:
            running = self.nodes()
        except (httpx.HTTPError, KeyError, ValueError) as error:
            raise TooFewNodes(
                f"streams and queues are declared on {wanted} nodes of RabbitMQ, and {', '.join(self._bases)} does not"
                f" tell how many run: {type(error).__name__}: {error}"
            ) from error
        if running < wanted:
            raise TooFewNodes(
                f"streams and queues are declared once {wanted} nodes of RabbitMQ run (DELIVERY_BROKER_NODES);"
                f" {running} do"
            )

    def wait(self, wanted: int, *, patience: float, stopping: threading.Event | None = None) -> None:
        """Return once ``wanted`` nodes run; the log says what is waited for, once for each reason.

        :raises TooFewNodes: after ``patience`` seconds, or when told to stop.
        """
        stopping = stopping or threading.Event()
        deadline, told = time.monotonic() + patience, ""
        while True:
            try:
                return self.require(wanted)
            except TooFewNodes as reason:
                if str(reason) != told:
                    log.warning("waits for its broker", reason=(told := str(reason)))
                if time.monotonic() >= deadline or stopping.wait(min(PAUSE, max(0.0, deadline - time.monotonic()))):
                    raise

    @property
    def _bases(self) -> list[str]:
        if self.api:
            return addresses(self.api)
        return [f"http://{urlsplit(address).hostname}:{PORT}" for address in addresses(self.url)]

    @contextmanager
    def _client(self) -> Iterator[httpx.Client]:
        parts = urlsplit(addresses(self.url)[0])
        account = (unquote(parts.username or "guest"), unquote(parts.password or "guest"))
        *others, last = self._bases
        for base in [*others, last]:
            with httpx.Client(base_url=base, auth=account, timeout=5) as client:
                if base is last or _answers(client):
                    yield client
                    return


def _answers(client: httpx.Client) -> bool:
    try:
        client.head("/api/nodes")
    except httpx.TransportError:
        return False
    return True


def _running(client: httpx.Client) -> int:
    return sum(node["running"] for node in client.get("/api/nodes").raise_for_status().json())
