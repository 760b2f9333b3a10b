"""项目留言 and 项目备注, as they were written."""

from __future__ import annotations

from collections.abc import Iterable

from project_svc.access import View
from project_svc.domain.facts import CommentAdded, NoteAdded, ProjectFact
from project_svc.domain.project import Project
from project_svc.pages.flow_log import CUSTOMER_ROLE, time_text
from project_svc.read_model import Names


def comment_rows(history: Iterable[ProjectFact], project: Project, names: Names) -> list[dict[str, str]]:
    """The comments, oldest first (R-87, R-88)."""
    written = [fact for fact in history if isinstance(fact, CommentAdded)]
    return [{"comment_id": str(fact.comment_id), **_said(fact, project, names)} for fact in written]


def note_rows(history: Iterable[ProjectFact], project: Project, names: Names, view: View) -> list[dict[str, str]]:
    """The notes that the caller may read, oldest first (R-93, A-68)."""
    written = [fact for fact in history if isinstance(fact, NoteAdded) and view.internal(fact.run)]
    return [{"note_id": str(fact.note_id), **_said(fact, project, names)} for fact in written]


def _said(fact: CommentAdded | NoteAdded, project: Project, names: Names) -> dict[str, str]:
    by, at = fact.by, fact.timestamp
    customer = by["kind"] == "customer"
    return {
        "author": names.customer(project.customer_id, at) if customer else names.person(by["user_id"], at),
        "role": CUSTOMER_ROLE if customer else names.role(by.get("role")),
        "time": time_text(fact.timestamp),
        "text": fact.text,
    }
