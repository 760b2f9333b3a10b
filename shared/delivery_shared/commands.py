"""Carrying out a command exactly once: retry on conflict, the same answer for the same idempotency key.

Every command leaves a row with its id, status and body in the transaction of its events. So whoever loses a race
– with another command, or with its own repetition after a connection broke at commit – first looks whether the
command is already stored (architecture 2).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from eventsourcing.domain import Aggregate
from psycopg.types.json import Jsonb

from delivery_shared.eventstore import COMMAND, CommandDone, Conflict, EventStore, RowChange, UnitOfWork
from delivery_shared.failpoints import failpoint

ATTEMPTS = 20
"""How often a command is decided again on fresh state before it gives up with :class:`Busy`."""

COMMANDS_STAY = timedelta(days=7)
"""How long a command is remembered (architecture 6)."""


class KeyReused(Exception):
    """The idempotency key was used before with another body."""


class Busy(Exception):
    """Too many others change the same thing; nothing was stored, try again later."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """Identity of one command. ``id`` is derived from caller, route and idempotency key where a key was given
    (``keyed``), else random; ``fingerprint`` is a hash of the body."""

    id: UUID = field(default_factory=uuid4)
    caller: str = ""
    route: str = ""
    fingerprint: str = ""
    keyed: bool = False


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a command answered. ``position`` is ``<service>:<id>`` of its last published event, if any;
    ``replayed`` says that the command had been carried out before."""

    status: int
    body: dict[str, Any]
    position: str | None = None
    replayed: bool = False


Decide = Callable[[UnitOfWork], tuple[int, dict[str, Any]]]
"""Decides on a unit of work and returns HTTP status and JSON body. May be called several times; may raise the
errors of the domain, which leave nothing behind."""


def execute(store: EventStore, command: Command, decide: Decide, *, tried: bool = False) -> Outcome:
    """Carry out ``decide`` once for ``command``.

    :param tried: it may have been stored already, though nobody was told.
    :raises KeyReused: same key, other body.
    :raises Busy: conflict after conflict.
    """
    look = command.keyed or tried
    for attempt in range(ATTEMPTS):
        if look and (known := outcome_of(store, command)) is not None:
            return known
        unit = UnitOfWork(store)
        status, body = decide(unit)
        failpoint("command.before_commit")
        try:
            saved = unit.commit([remembered([Receipt.of(command, status, body, unit.pending())])])
            failpoint("command.after_commit")
        except CommandDone:
            look = True
        except Conflict:
            look = True
            time.sleep(random.uniform(0, 0.01) * (attempt + 1))  # noqa: S311 - spreads out the losers
        else:
            return outcome(store, status, body, saved.position)
    raise Busy(command.route)


def outcome(store: EventStore, status: int, body: dict[str, Any], position: int | None) -> Outcome:
    """What is answered to a command that was carried out; ``position`` of its last published event."""
    return Outcome(status=status, body=body, position=None if position is None else f"{store.name}:{position}")


def outcome_of(store: EventStore, command: Command) -> Outcome | None:
    """The stored outcome of ``command``, None if it was never carried out (or is forgotten)."""
    with store.connection() as connection:
        row = connection.execute(
            "SELECT fingerprint, status, body, stream, version FROM command WHERE id = %s", (command.id,), prepare=True
        ).fetchone()
        if row is None:
            return None
        if command.keyed and row["fingerprint"] != command.fingerprint:
            raise KeyReused(command.route)
        position = None
        if row["stream"] is not None:
            found = connection.execute(
                f"SELECT max(notification_id) AS id FROM {store.events_recorder.events_table_name}"  # noqa: S608
                " WHERE topic = ANY(%s) AND notification_id <= (SELECT notification_id"
                f" FROM {store.events_recorder.events_table_name}"
                " WHERE originator_id = %s AND originator_version = %s)",
                (store.publishable_topics, row["stream"], row["version"]),
            ).fetchone()
            if found and found["id"] is not None:
                position = f"{store.name}:{found['id']}"
    return Outcome(status=row["status"], body=row["body"], position=position, replayed=True)


def forget_old(store: EventStore) -> int:
    """Delete commands older than :data:`COMMANDS_STAY`; returns how many."""
    with store.connection() as connection:
        return connection.execute("DELETE FROM command WHERE at < now() - %s", (COMMANDS_STAY,)).rowcount


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What is remembered of a command: its answer, and the last fact it told."""

    command: Command
    status: int
    body: dict[str, Any]
    stream: UUID | None
    version: int | None

    @staticmethod
    def of(command: Command, status: int, body: dict[str, Any], changed: Sequence[Aggregate]) -> Receipt:
        """Of a command that has ``changed`` these aggregates."""
        last = [aggregate.pending_events[-1] for aggregate in changed][-1:]
        return Receipt(
            command=command,
            status=status,
            body=body,
            stream=last[0].originator_id if last else None,
            version=last[0].originator_version if last else None,
        )


def remembered(receipts: Sequence[Receipt]) -> RowChange:
    """The rows of commands that are saved together, in one statement."""
    commands = [receipt.command for receipt in receipts]
    return RowChange(
        rank=COMMAND,
        key=str(min(command.id for command in commands)),
        or_else=CommandDone,
        unless="command_pkey",
        sql="INSERT INTO command (id, caller, route, fingerprint, status, body, stream, version)"
        " SELECT * FROM unnest(%(ids)s::uuid[], %(callers)s::text[], %(routes)s::text[], %(fingerprints)s::text[],"
        " %(statuses)s::int[], %(bodies)s::jsonb[], %(streams)s::uuid[], %(versions)s::bigint[])",
        params={
            "ids": [command.id for command in commands],
            "callers": [command.caller for command in commands],
            "routes": [command.route for command in commands],
            "fingerprints": [command.fingerprint for command in commands],
            "statuses": [receipt.status for receipt in receipts],
            "bodies": [Jsonb(receipt.body) for receipt in receipts],
            "streams": [receipt.stream for receipt in receipts],
            "versions": [receipt.version for receipt in receipts],
        },
    )
