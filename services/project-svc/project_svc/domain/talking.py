"""What the people of a project say: 项目留言, 项目备注, 评价."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from project_svc.domain import facts
from project_svc.domain.errors import AlreadyEvaluated, NotCompleted, NotCustomer, NotParticipant, StarsRefused
from project_svc.domain.people import Person, acting
from project_svc.domain.project import COMPLETED, Project
from project_svc.domain.texts import optional_text, required_text

STARS: Final = range(1, 6)
"""Stars of an evaluation (R-137)."""


def comment(project: Project, *, comment_id: UUID, person: Person, text: str, at: datetime) -> None:
    """项目留言, while the project is not finished (R-90)."""
    project.check_live()
    by = project.participant(person)
    project.tell(facts.CommentAdded(run=project.run, comment_id=comment_id, text=required_text(text), by=by), at=at)


def note(project: Project, *, note_id: UUID, person: Person, text: str, at: datetime) -> None:
    """项目备注 of the provider's side (R-95); never shown to the customer."""
    project.check_live()
    by = project.participant(person)
    if by["kind"] != "staff":
        raise NotParticipant
    project.tell(facts.NoteAdded(run=project.run, note_id=note_id, text=required_text(text), by=by), at=at)


def evaluate(project: Project, *, person: Person, stars: int, text: str | None, at: datetime) -> None:
    """评价, once, by the buyer after the whole flow has ended (R-135, R-137).

    :raises NotCustomer, NotCompleted, AlreadyEvaluated, StarsRefused, TextTooLong: nothing is kept.
    """
    if not project.is_customer(person):
        raise NotCustomer
    if project.state != COMPLETED:
        raise NotCompleted
    if project.evaluation is not None:
        raise AlreadyEvaluated
    if stars not in STARS:
        raise StarsRefused
    by = acting(person, "customer")
    project.tell(facts.Evaluated(run=project.run, stars=stars, text=optional_text(text), by=by), at=at)
