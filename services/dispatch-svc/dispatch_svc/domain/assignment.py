"""Who holds a project: one stream per project, with its provider, people and open asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never
from uuid import UUID

from delivery_shared.facts import Aggregate, stored_as

from dispatch_svc.domain import asks, facts
from dispatch_svc.domain.asks import Ask, Holder, OrderShown
from dispatch_svc.domain.errors import NotAsked
from dispatch_svc.domain.facts import AssignmentFact


@dataclass(frozen=True)
class Reserved:
    """更换服务商: the provider of the next run, counted already, and what follows when that begins."""

    request_id: UUID
    provider_id: str
    implicit_roles: Sequence[str]


@stored_as("dispatch", AssignmentFact)
class Assignment(Aggregate[AssignmentFact]):
    """The stream is the project's own id. ``roles`` tells who has a role; ``reserved`` is the provider of the next
    run until the project restarts (architecture 4); ``open`` are the asks without an answer, by key. ``run`` is the
    last one restarted: everything of an earlier run, and everything after the end, is ignored."""

    run: int
    order: OrderShown | None
    provider_id: str | None
    reserved: Reserved | None
    claim_department: str | None
    roles: dict[str, Holder]
    open: dict[str, Ask]
    seen: list[str]
    suspended: bool
    """People have paused the project."""
    held: bool
    """The marketplace holds it."""
    ended: bool
    unpaid: bool
    """Whether the order is a trial or test order (S-07)."""

    @property
    def rests(self) -> bool:
        """Whether its asks are not served meanwhile."""
        return self.suspended or self.held

    @property
    def holders(self) -> set[str]:
        """The people who hold a role of the project."""
        return {holder.person_id for holder in self.roles.values()}

    def holder(self, role: str | None) -> str | None:
        """Who has the role now."""
        found = self.roles.get(role or "")
        return found.person_id if found else None

    def open_ask(self, key: str) -> Ask:
        """The open ask. :raises NotAsked: it is not open."""
        try:
            return self.open[key]
        except KeyError:
            raise NotAsked(f"{key} of project {self.id}") from None

    def change(self, fact: AssignmentFact, at: datetime) -> None:
        match fact:
            case facts.AssignmentOpened():
                self._begin(fact.run)
            case facts.ProviderAsked():
                self._ask(
                    asks.for_provider(
                        request_id=fact.request_id,
                        run=fact.run,
                        product_id=fact.product_id,
                        implicit_roles=fact.implicit_roles,
                        wanted=fact.wanted,
                    ),
                    fact,
                )
            case facts.StaffAsked():
                self._ask(
                    asks.for_person(
                        request_id=fact.request_id,
                        run=fact.run,
                        kind=fact.kind,
                        provider_id=fact.provider_id,
                        role=fact.role,
                        wanted=fact.wanted,
                    ),
                    fact,
                )
            case facts.Queued():
                self.open[fact.ask] = replace(self.open[fact.ask], reason=fact.reason)
            case facts.ProviderAssigned():
                del self.open[fact.ask]
                self.provider_id = str(fact.provider_id)
                self._follow(fact.request_id, fact.run, fact.provider_id, fact.implicit_roles)
            case facts.ProviderReserved():
                del self.open[fact.ask]
                self.reserved = Reserved(fact.request_id, str(fact.provider_id), fact.implicit_roles)
            case facts.StaffAssigned():
                del self.open[fact.ask]
                self.roles[fact.role] = Holder(str(fact.person_id), str(fact.provider_id))
                if fact.claimed:
                    self.claim_department = str(fact.department_id) if fact.department_id else None
            case facts.Refused():
                del self.open[fact.ask]
            case facts.Restarted():
                self._restart(fact)
            case facts.Suspended(hold=True):
                self.held = True
            case facts.Suspended():
                self.suspended = True
            case facts.Resumed(hold=True):
                self.held = False
            case facts.Resumed():
                self.suspended = False
            case facts.Ended():
                self.ended = True
                self.open = {}
                self.roles = {}
                self.provider_id = None
                self.reserved = None
            case _:
                assert_never(fact)

    def _begin(self, run: int) -> None:
        self.run = run
        self.order = None
        self.unpaid = False
        self.provider_id = None
        self.reserved = None
        self.claim_department = None
        self.roles = {}
        self.open = {}
        self.seen = []
        self.suspended = False
        self.held = False
        self.ended = False

    def _ask(self, ask: Ask, fact: facts.ProviderAsked | facts.StaffAsked) -> None:
        self.seen.append(str(fact.request_id))
        self.order = OrderShown(
            vendor_id=fact.vendor_id,
            customer_id=fact.customer_id,
            product_id=fact.product_id,
            order_number=fact.order_number,
        )
        self.unpaid = asks.is_unpaid(fact.order_number, fact.unpaid)
        self.open[ask.key] = ask

    def _follow(self, request_id: UUID, run: int, provider_id: UUID, roles: Sequence[str]) -> None:
        for ask in asks.implied(request_id=request_id, run=run, provider_id=provider_id, roles=roles):
            self.open[ask.key] = ask

    def _restart(self, fact: facts.Restarted) -> None:
        self.run = fact.run
        self.suspended = False
        for key in fact.withdrawn:
            del self.open[key]
        self.roles = {}
        self.claim_department = None
        self.provider_id = str(fact.provider_id) if fact.provider_id else None
        reserved, self.reserved = self.reserved, None
        if fact.provider_id and reserved:
            self._follow(reserved.request_id, fact.run, fact.provider_id, reserved.implicit_roles)
