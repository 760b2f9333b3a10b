"""项目留言 and 项目备注, as they were written."""

from __future__ import annotations

from typing import Any

from project_svc.domain.errors import ProjectUnknown
from project_svc.domain.facts import CommentAdded, NoteAdded
from project_svc.pages.flow_log import CUSTOMER_ROLE, time_text
from project_svc.pages.paging import Reading


def comments(reading: Reading) -> list[dict[str, Any]]:
    """项目留言 (R-87, R-88)."""
    written = [fact for fact in reading.history if isinstance(fact, CommentAdded)]
    return [{"comment_id": str(fact.comment_id), **_said(fact, reading)} for fact in written]


def notes(reading: Reading) -> list[dict[str, Any]]:
    """项目备注 that the caller may read (A-68). :raises ProjectUnknown: the customer is told that there is nothing of
    this kind (R-93)."""
    if not reading.view.notes:
        raise ProjectUnknown
    written = [fact for fact in reading.history if isinstance(fact, NoteAdded) and reading.view.internal(fact.run)]
    return [{"note_id": str(fact.note_id), **_said(fact, reading)} for fact in written]


def _said(fact: CommentAdded | NoteAdded, reading: Reading) -> dict[str, str]:
    by, at, names = fact.by, fact.timestamp, reading.names
    customer = by["kind"] == "customer"
    return {
        "author": names.customer(reading.project.customer_id, at) if customer else names.person(by["user_id"], at),
        "role": CUSTOMER_ROLE if customer else names.role(by.get("role"), at),
        "time": time_text(fact.timestamp),
        "text": fact.text,
    }
