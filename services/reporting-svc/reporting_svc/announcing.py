"""Telling the processes that hold streams which projects a batch changed: PostgreSQL's NOTIFY, in its transaction.

So nothing is announced that was not stored, and nothing stored goes unannounced while somebody listens. What is
announced names ids only; who may know of them is looked up by whoever listens (:mod:`reporting_svc.listening`).

PostgreSQL lets every role of a database notify and listen on a channel whose name it knows, analysts among them. So the
name is drawn by chance and stands in a table that the service alone reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

import msgspec
from delivery_shared.rows import Row
from sqlalchemy import Connection, text

from reporting_svc.audience import STOOD

SOURCES = ("project", "dispatch")
"""The sources whose messages change what stands in a project list."""

PAYLOAD = 7900
"""Bytes of a notification; PostgreSQL takes less than 8000."""

CHANNEL = text("SELECT name FROM channel")

_NOTIFY = text("SELECT pg_notify(channel.name, line) FROM channel, unnest(CAST(:lines AS text[])) AS line")


class Former(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """A project that changed, and at its provider for whom it stood before if that is another now."""

    project_id: UUID
    provider_id: UUID | None = None
    role: str | None = None
    assignee_id: UUID | None = None


class Announcement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Part of what a batch changed. ``position``: of its last message. ``rebuilt``: everything did, by a rebuild."""

    source: str = ""
    position: int = 0
    projects: list[Former] = msgspec.field(default_factory=list)
    rebuilt: bool = False


def announce(
    connection: Connection,
    *,
    source: str,
    position: int,
    before: Mapping[UUID, Row | None],
    after: Mapping[UUID, Row | None],
) -> None:
    """Announce the projects of ``before`` with one statement, however many they are."""
    changed = [_former(id, row, after.get(id)) for id, row in before.items()]
    _notify(connection, _lines(source, position, changed))


def announce_rebuild(connection: Connection) -> None:
    """Announce that the read model begins again."""
    _notify(connection, [msgspec.json.encode(Announcement(rebuilt=True)).decode()])


def _notify(connection: Connection, lines: Iterable[str]) -> None:
    connection.execute(_NOTIFY, {"lines": list(lines)})


def _former(project_id: UUID, before: Row | None, after: Row | None) -> Former:
    stood = _stood(before)
    return Former(project_id) if before is None or stood == _stood(after) else Former(project_id, *stood)


def _stood(row: Row | None) -> tuple[Any, ...]:
    return tuple(row[name] for name in STOOD) if row is not None else ()


def _lines(source: str, position: int, changed: Iterable[Former]) -> Iterator[str]:
    """The announcements of a batch, each as long as a notification may be."""
    room = PAYLOAD - len(msgspec.json.encode(Announcement(source=source, position=position))) - len(',"projects":[]')
    part: list[Former] = []
    used = 0
    for former in changed:
        size = len(msgspec.json.encode(former)) + 1
        if part and used + size > room:
            yield _line(source, position, part)
            part, used = [], 0
        part.append(former)
        used += size
    if part:
        yield _line(source, position, part)


def _line(source: str, position: int, part: list[Former]) -> str:
    return msgspec.json.encode(Announcement(source=source, position=position, projects=part)).decode()
