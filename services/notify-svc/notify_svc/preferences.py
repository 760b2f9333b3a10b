"""How people want to be told: which events on which channels, and when not. The box gets everything (N-04)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Uuid, any_, cast, select
from sqlalchemy.dialects.postgresql import ARRAY, insert

from notify_svc.tables import preference

EVENTS: Final = (
    "entered",
    "due_soon",
    "overdue",
    "rejected",
    "passed_on",
    "reassigned",
    "reminded",
    "mentioned",
)
"""What people are told of: the triggers of messages."""

CHANNELS: Final = ("sms", "email", "browser")
"""Where one can choose to be told; the last by one's own browser, which asks for it."""

MINUTES: Final = 24 * 60

MUTED: Final = "switched_off"
"""Why a delivery is skipped of which its receiver wants to hear nothing."""

NOW: Final = "(extract(hour FROM local.at)::int * 60 + extract(minute FROM local.at)::int)"
QUIET: Final = f"""
    CASE WHEN p.quiet_from <= p.quiet_to THEN {NOW} >= p.quiet_from AND {NOW} < p.quiet_to
        ELSE {NOW} >= p.quiet_from OR {NOW} < p.quiet_to END
"""
"""Whether it is quiet now for the preference ``p``, where ``local.at`` is the time in Shanghai."""


def muted_of(connection: Connection, people: Iterable[UUID]) -> Mapping[UUID, frozenset[str]]:
    """What each of ``people`` has switched off, of those who have."""
    wanted = sorted(set(people))
    if not wanted:
        return {}
    c = preference.c
    rows = connection.execute(select(c.person_id, c.muted).where(c.person_id == any_(cast(wanted, ARRAY(Uuid)))))
    return {row.person_id: frozenset(row.muted) for row in rows}


def of_person(connection: Connection, person_id: UUID) -> dict[str, Any]:
    """As the person said, or as everybody begins: everything, at any time."""
    found = connection.execute(select(preference).where(preference.c.person_id == person_id)).mappings().first()
    return dict(found) if found else {"person_id": person_id, "muted": [], "quiet_from": None, "quiet_to": None}


def keep(
    connection: Connection, person_id: UUID, *, muted: Iterable[str], quiet_from: int | None, quiet_to: int | None
) -> None:
    """What the person says now."""
    values = {"muted": sorted(set(muted)), "quiet_from": quiet_from, "quiet_to": quiet_to}
    said = insert(preference).values(person_id=person_id, **values)
    connection.execute(said.on_conflict_do_update(index_elements=["person_id"], set_=values))
