"""Values of the aggregate ``Project``: states, people, asks, files, and the rule for texts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from project_svc.errors import TextMissing, TextTooLong

RUNNING: Final = "running"
PAUSED: Final = "paused"
COMPLETED: Final = "completed"
CANCELLED: Final = "cancelled"

TEXT_LIMIT: Final = 500
"""Characters of a reason, remark, comment, note or evaluation (A-23, R-89, R-94, R-137)."""

STARS: Final = range(1, 6)
"""Stars of an evaluation (R-137)."""

QUOTA: Final = 1024 * 1024 * 1024
"""Bytes all files of a project take together unless set otherwise."""

REMINDED_FOR: Final = timedelta(hours=1)
"""How long one 催办 of a visit lasts before the next may follow."""

By = dict[str, Any]
"""Who did it, as stored: ``kind`` and as far as they apply ``user_id``, ``party_id``, ``role``."""

SYSTEM: Final[By] = {"kind": "system"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who wants something: an account and the party it belongs to, from the token."""

    user_id: UUID
    party_id: UUID


@dataclass(slots=True, kw_only=True)
class Ask:
    """A question to dispatch without an answer yet. ``kind``: ``provider`` and ``assign`` come from automatic nodes;
    ``claim``, ``replace`` (更换操作人) and ``change`` (更换服务商) from people."""

    kind: str
    role: str | None = None
    by: By | None = None
    remark: str | None = None


@dataclass(slots=True, kw_only=True)
class File:
    """What the project knows of a file: the run and node it was added at, and whether the customer may see it
    (R-124)."""

    run: int
    node: str
    by_customer: bool
    released: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminded:
    """催办: which visit's operator was reminded last, for the how manieth time, and when."""

    visit: int
    number: int
    at: datetime


def required_text(text: str) -> str:
    """``text`` without surrounding space. :raises TextMissing, TextTooLong: empty, or above 500 characters."""
    text = text.strip()
    if not text:
        raise TextMissing
    return short_text(text)


def short_text(text: str) -> str:
    """:raises TextTooLong: above 500 characters."""
    if len(text) > TEXT_LIMIT:
        raise TextTooLong(TEXT_LIMIT)
    return text


def as_staff(person: Person, role: str | None) -> By:
    """The person as actor of the provider's side, in ``role``."""
    return {"kind": "staff", "user_id": person.user_id, "party_id": person.party_id, "role": role}


def as_customer(person: Person) -> By:
    """The person as actor of the customer's side."""
    return {"kind": "customer", "user_id": person.user_id, "party_id": person.party_id}
