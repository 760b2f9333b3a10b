"""Which facts leave the service, as which contracts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date
from functools import partial
from typing import Any, Literal, cast
from uuid import UUID

import msgspec
from delivery_shared.contracts import Contract
from delivery_shared.contracts import project as contracts
from delivery_shared.contracts.intake import Contact
from delivery_shared.contracts.template import OrderParameter, Reminder
from delivery_shared.order_parameters import chosen
from delivery_shared.publishing import carries, published

from project_svc.buyers import Buyers
from project_svc.domain import facts
from project_svc.domain.order import is_test


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
    | facts.FileAttached
    | facts.FileWithdrawn
    | facts.Evaluated
    | facts.ContactChanged,
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


def valid_until(fact: facts.Started | facts.TermExtended) -> date | None:
    """The end of the purchased service."""
    return date.fromisoformat(fact.valid_until) if fact.valid_until else None


def parameters(fact: facts.Started) -> dict[str, str]:
    """What the buyer chose besides."""
    return dict(fact.parameters or {})


def declared(fact: facts.Started) -> list[OrderParameter]:
    """What the product declared of them when the order came."""
    return msgspec.convert(fact.declared or [], list[OrderParameter])


def unpaid(fact: facts.ProviderRequested | facts.StaffRequested) -> bool | msgspec.UnsetType:
    """Unset where the fact does not know it yet."""
    return msgspec.UNSET if fact.unpaid is None else fact.unpaid


def test(fact: facts.Started) -> bool:
    """Whether it is a test order."""
    return is_test(order_number=fact.order_number, customer_number=fact.customer_number, told=fact.test)


alike = published(
    facts.ProjectFact,
    contracts,
    prefix="Project",
    id="project_id",
    by=by,
    declared=declared,
    number=number,
    parameters=parameters,
    reminders=reminders,
    test=test,
    unpaid=unpaid,
    valid_until=valid_until,
)


def started(fact: facts.Started, buyers: Buyers) -> contracts.ProjectStarted:
    """The buyer's name and contact are opened here, on their way out; of an erased one a blank goes, no contact, and
    no parameter that was written freely, also when it is published anew."""
    sealed = cast(contracts.ProjectStarted, alike[facts.Started](fact))
    name, said = buyers.name_in(fact), sealed.parameters
    if said and buyers.erased(fact):
        said = chosen(fact.declared or [], said)
    return msgspec.structs.replace(sealed, customer_name=name, contact=contact(fact, buyers), parameters=said)


def contact_changed(fact: facts.ContactChanged, buyers: Buyers) -> contracts.ContactChanged:
    """The contact is opened here; of an erased buyer none goes."""
    sealed = cast(contracts.ContactChanged, alike[facts.ContactChanged](fact))
    return msgspec.structs.replace(sealed, contact=contact(fact, buyers))


def contact(fact: facts.Started | facts.ContactChanged, buyers: Buyers) -> Contact | None:
    """Whom it named, in the contract's words."""
    named = buyers.contact_in(fact)
    return None if named is None else Contact(**asdict(named))


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


talked = carries(
    contracts.Talked,
    id="project_id",
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
    **alike,
    facts.Started: started,
    facts.ContactChanged: contact_changed,
    facts.OrderRefused: carries(contracts.OrderRefused, time="refused_at"),
    facts.CommentAdded: talked,
    facts.NoteAdded: talked,
}
"""Any fact not in here is private."""


def publishing(buyers: Buyers) -> Mapping[type, Callable[[Any], Contract]]:
    """:data:`PUBLISHING` with ``buyers`` at hand for the messages that carry a name."""
    return {
        **PUBLISHING,
        facts.Started: partial(started, buyers=buyers),
        facts.ContactChanged: partial(contact_changed, buyers=buyers),
    }
