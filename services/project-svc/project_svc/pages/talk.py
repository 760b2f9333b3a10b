"""项目留言 and 项目备注, as they were written."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from project_svc.domain.errors import ProjectUnknown
from project_svc.domain.facts import CommentAdded, FileAttached, NoteAdded
from project_svc.pages.files import files
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


def thread(reading: Reading, *, by: UUID, seen_at: datetime | None) -> list[dict[str, Any]]:
    """Everything said and shown in the project that the caller may read, oldest first: comments, notes, files. What
    others have said since ``seen_at`` is new to ``by``."""
    shown = {one["file_id"]: one for one in files(reading)}
    found: list[dict[str, Any]] = []
    for fact in reading.history:
        match fact:
            case CommentAdded() | NoteAdded():
                if isinstance(fact, NoteAdded) and not (reading.view.notes and reading.view.internal(fact.run)):
                    continue
                own = fact.by["user_id"] == by
                found.append(
                    {
                        "id": str(fact.comment_id if isinstance(fact, CommentAdded) else fact.note_id),
                        "kind": "comment" if isinstance(fact, CommentAdded) else "note",
                        **_said(fact, reading),
                        "at": fact.timestamp,
                        "own": own,
                        "new": not own and (seen_at is None or fact.timestamp > seen_at),
                        "mentions": [reading.names.person(one, fact.timestamp) for one in fact.mentions or ()],
                        "file": None,
                    }
                )
            case FileAttached() if str(fact.file_id) in shown:
                file = shown[str(fact.file_id)]
                found.append(
                    {
                        "id": file["file_id"],
                        "kind": "file",
                        "author": file["operator"],
                        "role": "",
                        "time": file["uploaded_at"],
                        "text": "",
                        "at": fact.timestamp,
                        "own": fact.by["user_id"] == by,
                        "new": False,
                        "mentions": [],
                        "file": {key: file[key] for key in ("name", "size_text", "href")},
                    }
                )
    return found


def _said(fact: CommentAdded | NoteAdded, reading: Reading) -> dict[str, str]:
    by, at, names = fact.by, fact.timestamp, reading.names
    customer = by["kind"] == "customer"
    return {
        "author": names.customer(reading.project.customer_id, at) if customer else names.person(by["user_id"], at),
        "role": CUSTOMER_ROLE if customer else names.role(by.get("role"), at),
        "time": time_text(fact.timestamp),
        "text": fact.text,
    }
