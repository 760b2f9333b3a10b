"""What the people of a project say: 项目留言, 项目备注, 评价."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final, TypedDict
from uuid import UUID

from project_svc.domain import facts
from project_svc.domain.errors import AlreadyEvaluated, NotCompleted, NotCustomer, NotParticipant, StarsRefused
from project_svc.domain.flow import Flow
from project_svc.domain.people import Person, acting
from project_svc.domain.project import COMPLETED, Project
from project_svc.domain.texts import optional_text, required_text

STARS: Final = range(1, 6)
"""Stars of an evaluation (R-137)."""


MENTIONS: Final = 20
"""People one comment or note mentions at most."""


class Place(TypedDict):
    """Where in the project's life something is said."""

    visit: int
    name: str
    number: int


def comment(
    project: Project,
    flow: Flow,
    *,
    comment_id: UUID,
    person: Person,
    text: str,
    mentions: Iterable[UUID] = (),
    at: datetime,
) -> None:
    """项目留言, while the project is not finished (R-90). ``mentions``: people who may read it."""
    project.check_live()
    by = project.participant(person)
    said = facts.CommentAdded(
        run=project.run,
        comment_id=comment_id,
        text=required_text(text),
        by=by,
        mentions=_others(mentions, person),
        **_place(project, flow),
    )
    project.tell(said, at=at)


def note(
    project: Project,
    flow: Flow,
    *,
    note_id: UUID,
    person: Person,
    text: str,
    mentions: Iterable[UUID] = (),
    at: datetime,
) -> None:
    """项目备注 of the provider's side (R-95); never shown to the customer."""
    project.check_live()
    by = project.participant(person)
    if by["kind"] != "staff":
        raise NotParticipant
    said = facts.NoteAdded(
        run=project.run,
        note_id=note_id,
        text=required_text(text),
        by=by,
        mentions=_others(mentions, person),
        **_place(project, flow),
    )
    project.tell(said, at=at)


def _others(mentions: Iterable[UUID], person: Person) -> list[UUID]:
    """Each once, and not who says it himself."""
    return [one for one in dict.fromkeys(mentions) if one != person.user_id]


def _place(project: Project, flow: Flow) -> Place:
    return {"visit": project.visit, "name": flow.node(project.node).name, "number": project.said + 1}


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
