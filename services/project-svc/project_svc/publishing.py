"""Which facts leave the service, as which contracts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Any, Literal
from uuid import UUID

import msgspec
from delivery_shared.contracts import Contract
from delivery_shared.contracts import project as contracts
from delivery_shared.contracts.template import Reminder
from delivery_shared.publishing import carries

from project_svc.buyers import Buyers
from project_svc.domain import facts


def by(
    fact: facts.AssigneeChanged
    | facts.AssigneeReminded
    | facts.NodeCompleted
    | facts.NodeRejected
    | facts.Restarted
    | facts.Paused
    | facts.Resumed
    | facts.Cancelled
    | facts.CommentAdded
    | facts.NoteAdded
    | facts.Evaluated,
) -> contracts.Actor:
    """Who did it, as contracts name it."""
    return contracts.Actor(**fact.by)


def reminders(
    fact: facts.NodeEntered
    | facts.NodeCompleted
    | facts.NodeRejected
    | facts.NodeDueSoon
    | facts.NodeOverdue
    | facts.AssigneeChanged,
) -> list[Reminder]:
    """The reminder rules a fact carries."""
    return [Reminder(**rule) for rule in fact.reminders or ()]


def number(fact: facts.AssigneeChanged) -> int:
    """Which change of the project it is; 0 where that was not counted yet."""
    return fact.number or 0


def valid_until(fact: facts.Started) -> date | None:
    """The end of the purchased service."""
    return date.fromisoformat(fact.valid_until) if fact.valid_until else None


of_project = partial(carries, id="project_id")

_started = of_project(contracts.ProjectStarted, time="started_at", valid_until=valid_until)


def started(fact: facts.Started, buyers: Buyers) -> contracts.ProjectStarted:
    """The buyer's name is opened here, on its way out; of an erased one a blank goes, also when it is published
    anew."""
    sealed: contracts.ProjectStarted = _started(fact)
    return msgspec.structs.replace(sealed, customer_name=buyers.name_in(fact))


Said = facts.CommentAdded | facts.NoteAdded


def kind(fact: Said) -> Literal["comment", "note"]:
    return "comment" if isinstance(fact, facts.CommentAdded) else "note"


def mentions(fact: Said) -> list[UUID]:
    """Who is told; facts stored earlier mention nobody."""
    return fact.mentions or []


def text_for_them(fact: Said) -> str:
    """What was said goes along for those who are told of it only."""
    return fact.text if fact.mentions else ""


def visit_then(fact: Said) -> int:
    return fact.visit or 0


def node_then(fact: Said) -> str:
    return fact.name or ""


def number_said(fact: Said) -> int:
    return fact.number or 0


talked = of_project(
    contracts.Talked,
    time="talked_at",
    visit=visit_then,
    name=node_then,
    kind=kind,
    number=number_said,
    text=text_for_them,
    mentions=mentions,
    by=by,
)

PUBLISHING: Mapping[type, Callable[..., Contract]] = {
    facts.Started: started,
    facts.BuyerErased: of_project(contracts.BuyerErased, time="erased_at"),
    facts.ProviderRequested: of_project(contracts.ProviderRequested, time="requested_at"),
    facts.StaffRequested: of_project(contracts.StaffRequested, time="requested_at"),
    facts.ProviderSet: of_project(contracts.ProviderSet, time="set_at"),
    facts.RoleFilled: of_project(contracts.RoleFilled, time="filled_at"),
    facts.AssigneeChanged: of_project(
        contracts.AssigneeChanged, time="changed_at", by=by, number=number, reminders=reminders
    ),
    facts.AssigneeReminded: of_project(contracts.AssigneeReminded, time="reminded_at", by=by),
    facts.NodeEntered: of_project(contracts.NodeEntered, time="entered_at", reminders=reminders),
    facts.NodeCompleted: of_project(contracts.NodeCompleted, time="completed_at", by=by, reminders=reminders),
    facts.NodeRejected: of_project(contracts.NodeRejected, time="rejected_at", by=by, reminders=reminders),
    facts.NodeDueSoon: of_project(contracts.NodeDueSoon, time="told_at", reminders=reminders),
    facts.NodeOverdue: of_project(contracts.NodeOverdue, time="overdue_at", reminders=reminders),
    facts.OverdueWithdrawn: of_project(contracts.OverdueWithdrawn, time="withdrawn_at"),
    facts.Restarted: of_project(contracts.ProjectRestarted, time="restarted_at", by=by),
    facts.Paused: of_project(contracts.ProjectPaused, time="paused_at", by=by),
    facts.Resumed: of_project(contracts.ProjectResumed, time="resumed_at", by=by),
    facts.Cancelled: of_project(contracts.ProjectCancelled, time="cancelled_at", by=by),
    facts.Completed: of_project(contracts.ProjectCompleted, time="completed_at"),
    facts.CommentAdded: talked,
    facts.NoteAdded: talked,
    facts.Evaluated: of_project(contracts.ProjectEvaluated, time="evaluated_at", by=by),
}
"""Any fact not in here is private."""


def publishing(buyers: Buyers) -> Mapping[type, Callable[[Any], Contract]]:
    """:data:`PUBLISHING` with ``buyers`` at hand for the message that carries a name."""
    return {
        fact: partial(to_contract, buyers=buyers) if to_contract is started else to_contract
        for fact, to_contract in PUBLISHING.items()
    }
