"""What analysts ask for beyond the lists: visits that were left, pauses, what was to be told to whom, how asks were
answered, and the messages themselves.

Rows are written when something is over, from what the fold holds in memory anyway: one insert statement per table and
batch; read for them is only what may be told twice, in one statement too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Literal
from uuid import UUID

import msgspec
from delivery_shared.contracts import Contract
from delivery_shared.contracts import dispatch as d
from delivery_shared.contracts import project as p
from delivery_shared.contracts import template as t
from delivery_shared.contracts.firing import TRIGGERS, firing
from delivery_shared.copying import fields_of
from delivery_shared.messaging.envelope import Message
from delivery_shared.rows import Key, Row, Rows
from sqlalchemy import Connection, Table, TextClause, text

from reporting_svc.tables import (
    assignment,
    decision,
    dispatch_event,
    node_visit,
    occurrence,
    pause,
    project_event,
    template,
)

Outcome = Literal["completed", "rejected", "restarted", "cancelled"]

OWN = ("name", "left_at", "outcome", "by_kind", "by_id", "by_party_id", "by_role", "reason")
RECKONED = ("worked_seconds", "overdue_seconds")

TAKEN = tuple(c.name for c in node_visit.columns if c.name not in (*OWN, *RECKONED))
"""What a visit takes over from the project's row."""


def left(rows: Rows, row: Row, *, at: datetime, outcome: Outcome, by: p.Actor | None, reason: str | None = None) -> Row:
    """Keep the open visit of a project's row, if there is one, as left; returns the row without it. How long it took
    is reckoned before it is stored (:mod:`reporting_svc.worked`)."""
    if row["node"] is None or row["visit"] <= row["left_visit"]:
        return row
    visit = {name: row[name] for name in TAKEN}
    visit["clock_from"] = visit["clock_from"] or visit["entered_at"]  # it stood while the project was held
    who = (by.kind, by.user_id, by.party_id, by.role) if by else (None,) * 4
    own = dict(zip(OWN, (row["stage"], at, outcome, *who, reason), strict=True))
    rows.put(node_visit, {**visit, **own, **dict.fromkeys(RECKONED)})
    return {**row, "left_visit": row["visit"]}


TOLD_AGAIN = (p.NodeOverdue, p.NodeDueSoon)
"""What is told twice when a new calendar moves the due time."""

PAUSED = ("project_id", "run", "vendor_id", "product_id", "provider_id")
"""What a pause takes over from the project's row."""


def paused(rows: Rows, row: Row, c: p.ProjectPaused) -> None:
    """Keep that a project stands still from now on."""
    about = {name: row[name] for name in PAUSED}
    who = {"by_kind": c.by.kind, "by_id": c.by.user_id}
    rows.put(pause, {**about, **who, "paused_at": c.paused_at, "ended_at": None, "outcome": None})


def pause_ended(rows: Rows, row: Row, *, at: datetime, outcome: Literal["resumed"] | Outcome) -> Row:
    """Keep that a project's pause has ended, if there is one; returns the row without it."""
    known = rows.get(pause, row["project_id"], row["paused_at"]) if row["paused_at"] else None
    if known is not None:
        rows.put(pause, {**known, "ended_at": at, "outcome": outcome})
    return {**row, "paused_at": None}


def told_again(messages: Iterable[Message]) -> set[Key]:
    """The occurrences that :func:`fired` asks for: of what may be told twice."""
    asked: set[Key] = set()
    for message in messages:
        c: Any = message.contract
        if type(c) in TOLD_AGAIN:
            trigger, _ = TRIGGERS[type(c)]
            asked.update((c.project_id, c.run, c.visit, trigger, number) for number, _ in firing(c))
    return asked


def fired(rows: Rows, row: Row, c: Contract) -> None:
    """Keep the reminder rules that ``c``, about the open project of ``row``, fires. What fired before stays."""
    for number, rule in firing(c):
        trigger, time = TRIGGERS[type(c)]
        about: Any = c
        key = (row["project_id"], row["run"], about.visit, trigger, number)
        if type(c) in TOLD_AGAIN and rows.get(occurrence, *key) is not None:
            continue  # a new calendar moved the due time: told again, not fired again
        fire = {"receiver": rule.receiver, "message_template": rule.message_template, "at": getattr(c, time)}
        for_whom = {name: row[name] for name in ("vendor_id", "product_id", "provider_id")}
        named = dict(zip((column.name for column in occurrence.primary_key), key, strict=True))
        rows.put(occurrence, {**named, **for_whom, **fire})


def assigned(
    rows: Rows,
    c: d.ProviderAssigned | d.StaffAssigned,
    *,
    role: str,
    person_id: UUID | None,
    department_id: UUID | None,
    candidates_of: UUID | None,
) -> None:
    """Keep an answer, and how it was decided. ``candidates_of``: whose people were the candidates."""
    about: Row = {"request_id": c.request_id, "role": role, "project_id": c.project_id, "run": c.run}
    given = {"provider_id": c.provider_id, "person_id": person_id, "department_id": department_id}
    rows.put(assignment, {**about, **given, "assigned_at": c.assigned_at})
    if c.decision is not None:
        rows.put(decision, {**about, "provider_id": candidates_of, **msgspec.structs.asdict(c.decision)})


def when_template_published(rows: Rows, c: t.TemplatePublished) -> None:
    nodes = [
        _node(node, step, parent)
        for step, top in enumerate(c.nodes, start=1)
        for node, parent in ((top, None), *((child, top.id) for child in top.children))
    ]
    rows.copy(template, c, nodes=nodes)


def _node(node: t.Node, step: int, parent: str | None) -> Row:
    return {**fields_of(node, ("id", "type", "name", "side", "role", "timeout")), "step": step, "parent": parent}


COLUMNS = frozenset({"project_id", "run"})
"""Fields that stand in columns of their own."""

UNTOLD = frozenset({"decision", "remark", "reminders", "text"})
"""Fields the log leaves out: free text, in which people may be named and which no erasure would find again; who else
was a candidate (``decision`` has rows of its own); the template's reminders."""

FORGOTTEN = text(
    "UPDATE node_visit AS v SET reason = '' FROM buyer b WHERE b.project_id = v.project_id AND b.name = ''"
    " AND v.reason <> '' AND v.project_id = ANY(CAST(:ids AS uuid[]))"
)


def forget_reasons(connection: Connection, messages: Sequence[Message]) -> None:
    """Why something was rejected may name the buyer: where he is forgotten, it is not kept, whichever came first."""
    about = (p.NodeRejected, p.BuyerErased)
    ids = {str(message.contract.project_id) for message in messages if isinstance(message.contract, about)}
    if ids:
        connection.execute(FORGOTTEN, {"ids": sorted(ids)})


UNTOLD_OF: Mapping[type[Contract], frozenset[str]] = {
    p.NodeRejected: frozenset({"reason"}),
    p.Talked: frozenset({"mentions"}),
    p.ProjectStarted: frozenset(
        {"contact", "customer_marketplace", "customer_name", "customer_number", "declared", "parameters"}
    ),
    p.ContactChanged: frozenset({"contact"}),
}
"""The same, of one contract: elsewhere a reason is a code; a buyer's name can be erased; who is told of a note is the
business of those who may read it; what the buyer chose is his own text."""

TOLD: dict[type[Contract], tuple[str, ...]] = {}


def told(contract: type[Contract]) -> tuple[str, ...]:
    """The fields of a contract that stand in ``data``."""
    if contract not in TOLD:
        without = COLUMNS | UNTOLD | UNTOLD_OF.get(contract, frozenset())
        TOLD[contract] = tuple(name for name in contract.__struct_fields__ if name not in without)
    return TOLD[contract]


LOGS: Mapping[str, Table] = {"project": project_event, "dispatch": dispatch_event}


LOGGED: Mapping[str, str] = {
    "position": "bigint", "at": "timestamptz", "type": "text", "project_id": "uuid", "run": "int", "data": "json"
}  # fmt: skip


def log(connection: Connection, source: str, messages: Sequence[Message]) -> None:
    """Keep the messages about projects themselves. They are by far the most rows, so they go in as they are, a column
    at a time; COPY, which is faster still, is refused where row-level security binds the owner."""
    lines = [_line(message) for message in messages if hasattr(message.contract, "project_id")]
    if lines:
        columns = (f"{{{','.join(values)}}}" for values in zip(*lines, strict=True))
        connection.execute(_insertion(LOGS[source].name), dict(zip(LOGGED, columns, strict=True)))


@cache
def _insertion(table: str) -> TextClause:
    arrays = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in LOGGED.items())
    return text(
        f"INSERT INTO {table} ({', '.join(LOGGED)}) SELECT * FROM unnest({arrays})"  # noqa: S608 - our own names
        " ON CONFLICT DO NOTHING"
    )


def _line(message: Message) -> tuple[str, ...]:
    """The elements of the array literals: a list of parameters would be parsed one by one."""
    contract: Any = message.contract
    shown = {name: value for name in told(type(contract)) if (value := getattr(contract, name)) is not None}
    data = msgspec.json.encode(shown).decode().replace("\\", "\\\\").replace('"', '\\"')
    about = (str(message.id), message.time.isoformat(), message.type, str(contract.project_id), str(contract.run))
    return (*about, f'"{data}"')
