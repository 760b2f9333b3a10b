"""The audit hash chain: every stored event of a service, published or not, sealed in the order of ids.

Event tables refuse UPDATE and DELETE, but their owner can switch that off. What the owner cannot do unnoticed is to
change, remove or insert an event once it is in the chain: each link's hash covers the hash before it. Whoever rewrites
events and chain alike is found out by a head exported earlier and kept elsewhere (:class:`Head`).

Links are written a second or so behind, outside of every command, by one worker of the service. Stored events hold
personal data sealed, so erasing a person changes no hash.
"""

from __future__ import annotations

import hashlib
import struct
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from prometheus_client import Gauge

from delivery_shared.eventstore import EventStore

log = structlog.get_logger()

LINK = 500
"""Events of one link at most."""
EVERY = 1.0
"""Seconds between two looks for new events."""
REST = 0.02
"""Seconds between two links while there is more: commands go first."""
SIZE = hashlib.sha256().digest_size
NOTHING = bytes(SIZE)
"""The hash before the first event."""

position_gauge = Gauge("delivery_audit_position", "Id of the last event in the audit chain", ["service"])


@dataclass(frozen=True, kw_only=True)
class Head:
    """How far a chain reaches, and the hash that stands for every event up to there. Kept outside of the database it
    proves that nothing before it was changed since."""

    id: int
    hash: bytes


def sealed(previous: bytes, row: Mapping[str, Any]) -> bytes:
    """The hash of a stored event (a row of the event table) behind ``previous``."""
    topic = row["topic"].encode()
    stream: UUID = row["originator_id"]
    place = struct.pack(">q16sqI", row["notification_id"], stream.bytes, row["originator_version"], len(topic))
    return hashlib.sha256(b"".join((previous, place, topic, bytes(row["state"])))).digest()


class AuditChain:
    """The chain of one event-sourced service."""

    def __init__(self, store: EventStore) -> None:
        self.store = store
        self.events = store.events_recorder.events_table_name

    def run(self, stopping: threading.Event) -> None:
        """Keep the chain up to date until told to stop. Blocking; one thread."""
        while not stopping.is_set():
            full = False
            try:
                full = self._behind() and self.extend() == LINK
            except Exception as error:
                log.warning("audit chain not extended", service=self.store.name, error=repr(error))
            stopping.wait(REST if full else EVERY)

    def _behind(self) -> bool:
        """Whether there is an event behind the chain: asked all the time, so in one statement and without a lock."""
        with self.store.connection() as connection:
            row = connection.execute(
                f"SELECT coalesce((SELECT max(notification_id) FROM {self.events}), 0)"  # noqa: S608
                " > coalesce((SELECT max(last_id) FROM audit_chain), 0) AS behind",
                prepare=True,
            ).fetchone()
        return row is not None and bool(row["behind"])

    def extend(self) -> int:
        """Add one link of the events behind the chain; returns how many it holds: 0 if there are none, or another
        process is at it. Commits come in the order of ids, so that no event can appear before the end of the chain."""
        with self.store.connection() as connection, connection.transaction():
            key = f"audit {self.store.schema} {self.events}"
            lock = connection.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0)) AS got", (key,))
            if not (got := lock.fetchone()) or not got["got"]:
                return 0
            head = self._head(connection)
            rows = connection.execute(
                "SELECT notification_id, originator_id, originator_version, topic, state"  # noqa: S608
                f" FROM {self.events} WHERE notification_id > %s ORDER BY notification_id LIMIT %s",
                (head.id, LINK),
            ).fetchall()
            if not rows:
                return 0
            hashes, last = [], head.hash
            for row in rows:
                last = sealed(last, row)
                hashes.append(last)
            connection.execute(
                "INSERT INTO audit_chain (last_id, previous_id, ids, hashes) VALUES (%s, %s, %s, %s)",
                (rows[-1]["notification_id"], head.id, [row["notification_id"] for row in rows], b"".join(hashes)),
            )
        position_gauge.labels(self.store.name).set(rows[-1]["notification_id"])
        return len(rows)

    def head(self) -> Head:
        """The end of the chain, to be exported."""
        with self.store.connection() as connection:
            return self._head(connection)

    def waiting(self) -> int:
        """Events that are not in the chain yet."""
        with self.store.connection() as connection:
            row = connection.execute(
                f"SELECT count(*) AS n FROM {self.events}"  # noqa: S608
                " WHERE notification_id > coalesce((SELECT max(last_id) FROM audit_chain), 0)"
            ).fetchone()
        assert row is not None
        return int(row["n"])

    @staticmethod
    def _head(connection: Any) -> Head:
        row = connection.execute(
            f"SELECT last_id, substring(hashes FROM length(hashes) - {SIZE - 1}) AS hash"  # noqa: S608
            " FROM audit_chain ORDER BY last_id DESC LIMIT 1"
        ).fetchone()
        return Head(id=row["last_id"], hash=bytes(row["hash"])) if row else Head(id=0, hash=NOTHING)

    def broken(self, exported: Sequence[Head] = ()) -> Iterator[str]:
        """What was changed since it was sealed, by reading only: the first event that is not the one the chain knows,
        a chain that does not hold together, and heads ``exported`` earlier that it does not contain."""
        wanted = {head.id: head.hash for head in exported if head.id}
        last, at = NOTHING, 0
        while True:
            with self.store.connection() as connection:
                link = connection.execute(
                    "SELECT * FROM audit_chain WHERE last_id > %s ORDER BY last_id LIMIT 1", (at,)
                ).fetchone()
                if link is None:
                    break
                if link["previous_id"] != at:
                    yield f"{self.store.name}: the audit chain lacks its links from event {at} to {link['previous_id']}"
                    return
                ids, hashes = link["ids"], bytes(link["hashes"])
                if not ids or ids[-1] != link["last_id"] or len(hashes) != SIZE * len(ids):
                    yield f"{self.store.name}: the link of the audit chain after event {at} does not hold together"
                    return
                rows = connection.execute(
                    "SELECT notification_id, originator_id, originator_version, topic, state"  # noqa: S608
                    f" FROM {self.events} WHERE notification_id > %s AND notification_id <= %s"
                    " ORDER BY notification_id",
                    (at, link["last_id"]),
                ).fetchall()
            stored = {row["notification_id"]: row for row in rows}
            if len(stored) < len(rows):
                yield f"{self.store.name}: events up to {link['last_id']} have numbers that others have"
                return
            known = dict(zip(ids, _split(hashes), strict=True))
            for id in sorted(stored.keys() | known.keys()):
                if id not in stored or id not in known:
                    how = "removed" if id not in stored else "inserted"
                    yield f"{self.store.name}: event {id} was {how} after it was sealed in the audit chain"
                    return
                last = sealed(last, stored[id])
                if last != known[id]:
                    yield f"{self.store.name}: event {id} was changed after it was sealed in the audit chain"
                    return
                if wanted.pop(id, last) != last:
                    yield f"{self.store.name}: the audit chain was rewritten at or before event {id}, an exported head"
                    return
            at = link["last_id"]
        for id in sorted(wanted):
            yield f"{self.store.name}: the audit chain lacks event {id}, an exported head"


def _split(hashes: bytes) -> list[bytes]:
    return [hashes[start : start + SIZE] for start in range(0, len(hashes), SIZE)]
