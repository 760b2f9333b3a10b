"""Whose names the pages of a project print."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import assert_never
from uuid import UUID

from delivery_shared.order_parameters import chosen

from project_svc.domain import facts
from project_svc.domain.people import Actor
from project_svc.domain.project import Project
from project_svc.read_model import Names


def parameters(project: Project, names: Names) -> Mapping[str, str]:
    """订单参数, without what an erased buyer wrote freely."""
    return chosen(project.declared, project.parameters) if names.erased else project.parameters


def people_and_parties(history: Iterable[facts.ProjectFact]) -> tuple[set[UUID], set[UUID]]:
    """The ids whose names the pages of a project print."""
    people: set[UUID | None] = set()
    parties: set[UUID | None] = set()

    def actor(by: Actor) -> None:
        people.add(by.get("user_id"))
        parties.add(by.get("party_id"))

    for fact in history:
        match fact:
            case facts.Started():
                people.add(fact.customer_id)
                parties.update((fact.customer_id, fact.vendor_id))
            case facts.ProviderSet():
                parties.add(fact.provider_id)
            case facts.Restarted():
                actor(fact.by)
                parties.update((fact.former_provider_id, fact.provider_id))
            case facts.RoleFilled() | facts.OrderClaimed():
                people.add(fact.person_id)
            case facts.AssigneeChanged() | facts.AssigneeChosen():
                actor(fact.by)
                people.add(fact.person_id)
            case facts.NodeEntered() | facts.NodeOverdue():
                people.add(fact.assignee_id)
            case facts.CommentAdded() | facts.NoteAdded():
                actor(fact.by)
                people.update(fact.mentions or ())
            case (
                facts.NodeCompleted()
                | facts.NodeRejected()
                | facts.Paused()
                | facts.Resumed()
                | facts.Cancelled()
                | facts.ContactChanged()
                | facts.Aside()
            ):
                actor(fact.by)
            case (
                facts.ProviderRequested()
                | facts.StaffRequested()
                | facts.RequestRefused()
                | facts.NodeDueSoon()
                | facts.OverdueWithdrawn()
                | facts.TermExtended()
                | facts.EditionChanged()
                | facts.HoldSet()
                | facts.HoldLifted()
                | facts.OrderEnded()
                | facts.Completed()
                | facts.BuyerErased()
            ):
                pass  # printed when dispatch has agreed, or not at all
            case _:
                assert_never(fact)
    return {i for i in people if i is not None}, {i for i in parties if i is not None}
