"""The open streams of a process, and what each of them has still to be told.

A stream never holds more than a set of project ids: what its client has not taken yet is merged, and above
:data:`PENDING` ids replaced by a reset – fetch again what is shown. So a client may be as slow as it likes: it holds up
nobody and costs no memory. Safe for threads.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from delivery_shared.http import Claims
from prometheus_client import Counter, Gauge

from reporting_svc.audience import Key

PER_USER = 5
"""Streams a user may have open in one process: tabs and devices."""

PENDING = 500
"""Ids a stream keeps for a client that does not take them."""

REPEATABLE = 1000
"""Changes a process remembers for clients that come back."""

open_streams = Gauge("delivery_live_streams", "Streams of server-sent events open in this process")
resets = Counter("delivery_live_resets_total", "Times a client was told to fetch everything again")

Positions = Mapping[str, int]
"""Source → id of the last message of it that changed a project."""


class StreamsFull(Exception):
    """This process holds as many streams as it has threads for."""


class TooManyStreams(Exception):
    """The user has as many streams open as one may have."""


class Event(NamedTuple):
    """What a stream says next: ``ready``, ``projects`` or ``reset``."""

    name: str
    projects: list[UUID]
    positions: Positions


@dataclass(frozen=True)
class Change:
    """Projects that changed, each with the keys of those who may know."""

    source: str
    position: int
    projects: Mapping[UUID, frozenset[Key]]


class Stream:
    """One client's stream. ``socket`` is its connection where the server tells it, to notice that it is gone."""

    def __init__(self, *, claims: Claims, keys: frozenset[Key], socket: Any) -> None:
        self.claims = claims
        self.keys = keys
        self.socket = socket
        self._changed = threading.Condition()
        self._projects: dict[UUID, None] = {}
        self._positions: Positions = {}
        self._next: str | None = None
        self._ended = False

    def tell(self, name: str, projects: Iterable[UUID], positions: Positions) -> None:
        """Add to what the client will be told. ``ready`` and ``reset`` outweigh ``projects``."""
        with self._changed:
            self._projects.update(dict.fromkeys(projects))
            if len(self._projects) > PENDING:
                name = "reset"
            if name == "reset" or self._next == "reset":
                self._projects.clear()
                name = "reset"
            if name == "reset" and self._next != "reset":
                resets.inc()
            self._next, self._positions = name, positions
            self._changed.notify()

    def end(self) -> None:
        """End the stream once the client has been told what it has not been told yet."""
        with self._changed:
            self._ended = True
            self._changed.notify()

    @property
    def ended(self) -> bool:
        return self._ended

    def next(self, timeout: float) -> Event | None:
        """What comes next; None when nothing came for ``timeout`` seconds, or the stream has ended."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while self._next is None and not self._ended:
                if not self._changed.wait(deadline - time.monotonic()):
                    return None
            if self._next is None:
                return None
            event = Event(self._next, list(self._projects), self._positions)
            self._projects, self._next = {}, None
            return event


class Streams:
    """All streams of a process.

    :param limit: streams open at once; each takes a thread of the server.
    """

    def __init__(self, *, limit: int) -> None:
        self.limit = limit
        self._lock = threading.Lock()
        self._open: set[Stream] = set()
        self._by_key: dict[Key, set[Stream]] = {}
        self._known: dict[str, int] = {}
        self._since: dict[str, int] = {}
        self._kept: deque[Change] = deque()

    def open(self, *, claims: Claims, keys: frozenset[Key], last: Positions | None, socket: Any = None) -> Stream:
        """A new stream. It begins with ``ready``, or for a client that has been told everything up to ``last`` with
        what it missed: ``projects`` if that is known, else ``reset``.

        :raises StreamsFull, TooManyStreams: not now.
        """
        stream = Stream(claims=claims, keys=keys, socket=socket)
        with self._lock:
            if len(self._open) >= self.limit:
                raise StreamsFull
            if sum(other.claims.user_id == claims.user_id for other in self._open) >= PER_USER:
                raise TooManyStreams
            self._open.add(stream)
            for key in keys:
                self._by_key.setdefault(key, set()).add(stream)
            open_streams.set(len(self._open))
            positions = dict(self._known)
            if last is None:
                stream.tell("ready", (), positions)
            elif all(self._since[source] <= last.get(source, -1) <= self._known[source] for source in self._known):
                missed = self._missed(keys, last)
                stream.tell("projects" if missed else "ready", missed, positions)
            else:
                stream.tell("reset", (), positions)
        return stream

    def _missed(self, keys: frozenset[Key], last: Positions) -> dict[UUID, None]:
        return {
            project_id: None
            for change in self._kept
            if change.position > last[change.source]
            for project_id, told in change.projects.items()
            if not told.isdisjoint(keys)
        }

    def leave(self, stream: Stream) -> None:
        """The stream's client is gone, or has been told that it ended."""
        stream.end()
        with self._lock:
            self._open.discard(stream)
            for key in stream.keys:
                streams = self._by_key.get(key, set())
                streams.discard(stream)
                if not streams:
                    self._by_key.pop(key, None)
            open_streams.set(len(self._open))

    def changed(self, changes: Iterable[Change]) -> None:
        """Tell those who may know."""
        with self._lock:
            told: dict[Stream, dict[UUID, None]] = {}
            for change in changes:
                self._known[change.source] = max(change.position, self._known.get(change.source, 0))
                self._kept.append(change)
                for project_id, keys in change.projects.items():
                    for stream in set().union(*(self._by_key.get(key, ()) for key in keys)):
                        told.setdefault(stream, {})[project_id] = None
            while len(self._kept) > REPEATABLE:
                gone = self._kept.popleft()
                self._since[gone.source] = max(gone.position, self._since[gone.source])
            positions = dict(self._known)
            for stream, projects in told.items():
                stream.tell("projects", projects, positions)

    def begin(self, positions: Positions) -> None:
        """From now on every change is heard of; ``positions`` are those of the read model just now. Where they are not
        those known, something may have been missed, and everybody is told to fetch again."""
        with self._lock:
            missed = bool(self._known) and dict(positions) != self._known
            if missed or not self._known:
                self._known, self._since = dict(positions), dict(positions)
                self._kept.clear()
            if missed:
                for stream in self._open:
                    stream.tell("reset", (), dict(positions))

    def each(self) -> list[Stream]:
        """The open streams."""
        with self._lock:
            return list(self._open)

    def expired(self, now: datetime) -> list[Stream]:
        """Those whose token is no longer valid."""
        return [stream for stream in self.each() if stream.claims.expires_at <= now]
