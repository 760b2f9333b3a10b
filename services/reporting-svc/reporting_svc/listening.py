"""Hearing of changes, and looking after the streams: two threads of a process that holds streams.

Both are started with the first stream. The listener goes on through every loss of the database: it comes back, compares
the positions and lets everybody fetch again if something was missed.
"""

from __future__ import annotations

import select
import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import structlog
from delivery_shared.http import Caller, Claims
from delivery_shared.http.tokens import real_now
from sqlalchemy import Connection, Engine, text

from reporting_svc.announcing import CHANNEL, SOURCES, Announcement
from reporting_svc.audience import Key, keys_of_caller, keys_of_project, keys_of_provider
from reporting_svc.feed import FEED_NAME
from reporting_svc.streams import Change, Positions, Stream, Streams

log = structlog.get_logger()

EVERY = 1.0
"""Seconds between looks at tokens and connections of the streams, and at whether to stop."""

FIRST = 5.0
"""Seconds a first stream waits for the listener."""

POSITIONS = text("SELECT source, position FROM feed_position WHERE feed = :feed AND source = ANY(:sources)")

ROWS = text(
    "SELECT p.project_id, p.vendor_id, p.customer_id, p.provider_id, p.role, p.assignee_id,"
    " (SELECT array_agg(ARRAY[person.party_id, h.person_id]) FROM handled h JOIN person ON person.user_id = h.person_id"
    " WHERE h.project_id = p.project_id) AS handled"
    " FROM project p WHERE p.project_id = ANY(CAST(:ids AS uuid[]))"
)


class NotListening(Exception):
    """The database cannot be reached: nothing is known of changes."""


class Live:
    """The streams of a process and what keeps them going.

    :param revoked: whether a token was revoked since; see ``create_api``.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        limit: int,
        revoked: Callable[[Claims], bool],
        now: Callable[[], datetime] = real_now,
    ) -> None:
        self.engine = engine
        self.streams = Streams(limit=limit)
        self._revoked = revoked
        self._now = now
        self._lock = threading.Lock()
        self._listening = threading.Event()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def open(self, *, claims: Claims, by: Caller, last: Positions | None, socket: Any = None) -> Stream:
        """A new stream for the caller; to be given back to :meth:`leave`.

        :raises StreamsFull, TooManyStreams, NotListening: not now.
        """
        if self.streams.limit:
            self._start()
            if not self._listening.wait(FIRST):
                raise NotListening
        stream = self.streams.open(claims=claims, keys=keys_of_caller(by), last=last, socket=socket)
        if self._stopping.is_set():
            stream.end()
        return stream

    def leave(self, stream: Stream) -> None:
        self.streams.leave(stream)

    def stop(self) -> None:
        """End all streams, at once."""
        self._stopping.set()
        for stream in self.streams.each():
            stream.end()

    def _start(self) -> None:
        with self._lock:
            if self._threads or self._stopping.is_set():
                return
            jobs = {"live-listener": self._listen, "live-watch": self._watch}
            self._threads = [threading.Thread(target=job, name=name, daemon=True) for name, job in jobs.items()]
            for thread in self._threads:
                thread.start()

    def _listen(self) -> None:
        delay = 0.1
        while not self._stopping.is_set():
            try:
                with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    connection.detach()
                    self._hear(connection)
                delay = 0.1
            except Exception as error:
                log.warning("not listening to changes", error=repr(error))
                self._stopping.wait(delay)
                delay = min(delay * 2, 2.0)
            finally:
                self._listening.clear()

    def _hear(self, connection: Connection) -> None:
        channel = connection.execute(CHANNEL).scalar_one()
        connection.execute(text(f'LISTEN "{channel}"'))
        self.streams.begin(_positions(connection))
        self._listening.set()
        wire: Any = connection.connection.dbapi_connection
        while not self._stopping.is_set():
            if not wire.notifies and not select.select([wire], [], [], EVERY)[0]:
                continue
            wire.poll()
            heard = [announced for notice in wire.notifies if (announced := _announced(notice.payload))]
            wire.notifies.clear()
            if any(announcement.rebuilt for announcement in heard):
                self.streams.begin(_positions(connection))
            elif heard:
                self.streams.changed(_changes(connection, heard))

    def _watch(self) -> None:
        """End what must end: streams whose token has expired or was revoked, and those whose client is gone."""
        while not self._stopping.wait(EVERY):
            for stream in self.streams.expired(self._now()):
                stream.end()
            streams = self.streams.each()
            for stream in _gone(streams):
                stream.end()
            try:
                for stream in streams:
                    if self._revoked(stream.claims):
                        stream.end()
            except Exception as error:
                log.warning("revocations not read", error=repr(error))


def _announced(payload: str) -> Announcement | None:
    """What a notification says; one that says nothing spoils none of the others."""
    try:
        announced = msgspec.json.decode(payload, type=Announcement)
    except msgspec.DecodeError as error:
        log.warning("a notification that is no announcement", error=repr(error))
        return None
    if announced.source in SOURCES or announced.rebuilt:
        return announced
    log.warning("an announcement of no source", source=announced.source)
    return None


def _positions(connection: Connection) -> dict[str, int]:
    found = connection.execute(POSITIONS, {"feed": FEED_NAME, "sources": list(SOURCES)})
    return dict.fromkeys(SOURCES, 0) | {source: position for source, position in found}  # noqa: C416


def _changes(connection: Connection, heard: Iterable[Announcement]) -> list[Change]:
    """What was announced with the keys of those who may know, in one statement however many projects there are."""
    heard = list(heard)
    ids = {former.project_id for announcement in heard for former in announcement.projects}
    found = connection.execute(ROWS, {"ids": [str(id) for id in ids]}).mappings()
    rows = {row["project_id"]: row for row in found}
    changes = []
    for announcement in heard:
        projects: dict[UUID, frozenset[Key]] = {}
        for former in announcement.projects:
            row = rows.get(former.project_id)
            if row is not None:
                keys = {*keys_of_project(row), *keys_of_provider(*_parts(former))}
                providers = {row["provider_id"], former.provider_id}
                handled = {("person", party, person) for party, person in row["handled"] or () if party in providers}
                projects[former.project_id] = frozenset(keys | handled)
        changes.append(Change(announcement.source, announcement.position, projects))
    return changes


def _parts(former: Any) -> tuple[UUID | None, str | None, UUID | None]:
    return former.provider_id, former.role, former.assignee_id


def _gone(streams: Iterable[Stream]) -> list[Stream]:
    """The streams whose client has closed the connection."""
    by_number = {stream.socket.fileno(): stream for stream in streams if stream.socket is not None}
    poll = select.poll()
    for number in by_number:
        if number >= 0:
            poll.register(number, select.POLLRDHUP)
    return [by_number[number] for number, _ in poll.poll(0)]
