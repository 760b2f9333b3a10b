"""Who holds a project: one stream per project, with its provider, people and open asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from dispatch_svc.domain import NotAsked, product_pool, provider_pool


@dataclass(frozen=True, kw_only=True)
class Order:
    """What the queue pages tell about an ask; goes with every ask of a project."""

    vendor_id: UUID
    customer_id: UUID
    product_id: UUID
    order_number: str


@dataclass(frozen=True, kw_only=True)
class Freed:
    """Counts that are to fall: ``(product, provider)`` and ``(provider, person)`` pairs."""

    providers: Sequence[tuple[UUID, UUID]] = ()
    persons: Sequence[tuple[UUID, UUID]] = ()


@dataclass(frozen=True, kw_only=True)
class StaffAsk:
    """An ask for a person that follows from a provider's assignment (implicit role, D-44)."""

    ask: str
    request_id: UUID
    run: int
    provider_id: UUID
    role: str


def ask_key(request_id: UUID | str, role: str | None = None) -> str:
    """Names an ask: the request, and for an implicit role of a provider's request also that role."""
    return f"{request_id}/{role}" if role else str(request_id)


class Assignment(Aggregate):
    """The stream is the project's own id. ``roles`` maps a role to ``[person, provider]``; ``reserved`` is the
    provider of the next run, counted already, until the project restarts (architecture 4). ``run`` is the last
    one restarted: everything of an earlier run, and everything after the end, is ignored."""

    @staticmethod
    def create_id(project_id: UUID) -> UUID:
        return project_id

    @event("Opened")
    def __init__(self, *, project_id: UUID, run: int, timestamp: datetime) -> None:
        self.run = run
        self.order: dict[str, Any] = {}
        self.provider_id: str | None = None
        self.reserved: dict[str, Any] | None = None
        self.claim_department: str | None = None
        self.roles: dict[str, list[str]] = {}
        self.open: dict[str, dict[str, Any]] = {}
        self.seen: list[str] = []
        self.suspended = False
        self.ended = False

    def holders(self) -> set[str]:
        """The people who hold a role of the project."""
        return {person for person, _ in self.roles.values()}

    # Asks

    def ask_provider(
        self,
        *,
        request_id: UUID,
        run: int,
        order: Order,
        implicit_roles: list[str],
        wanted: UUID | None,
        at: datetime,
    ) -> bool:
        """A provider is asked for; False if the ask is a repetition, of an older run or after the end."""
        if not self._accepts(request_id, run):
            return False
        self._provider_asked(
            request_id=request_id,
            run=run,
            **vars(order),
            implicit_roles=implicit_roles,
            wanted=wanted,
            timestamp=at,
        )
        return True

    def ask_staff(
        self,
        *,
        request_id: UUID,
        run: int,
        order: Order,
        kind: str,
        provider_id: UUID,
        role: str,
        department_id: UUID | None,
        wanted: UUID | None,
        at: datetime,
    ) -> bool:
        """A person of ``provider_id`` is asked for; False as for :meth:`ask_provider`."""
        if not self._accepts(request_id, run):
            return False
        self._staff_asked(
            request_id=request_id,
            run=run,
            **vars(order),
            kind=kind,
            provider_id=provider_id,
            role=role,
            department_id=department_id,
            wanted=wanted,
            timestamp=at,
        )
        return True

    def _accepts(self, request_id: UUID, run: int) -> bool:
        return not self.ended and run >= self.run and str(request_id) not in self.seen

    # Answers

    def queue(self, *, ask: str, reason: str, queued_at: datetime, at: datetime) -> bool:
        """The ask waits for ``reason``; returns whether that is new. :raises NotAsked: it is not open."""
        entry = self._entry(ask)
        if entry["reason"] == reason:
            return False
        self._queued(
            ask=ask,
            project_id=self.id,
            run=entry["run"],
            request_id=UUID(entry["request_id"]),
            provider_id=UUID(entry["provider_id"]) if entry["provider_id"] else None,
            role=entry["role"],
            reason=reason,
            queued_at=queued_at,
            timestamp=at,
        )
        return True

    def assign_provider(
        self, *, ask: str, provider_id: UUID, at: datetime, decision: dict[str, Any] | None = None
    ) -> tuple[list[StaffAsk], Freed]:
        """The ask got its provider. Returns the asks for implicit roles that follow at once, and what is freed: the
        provider held so far. A wanted provider is only reserved: its run, and so its implicit asks, begin with
        :meth:`restart`. :raises NotAsked: the ask is not open."""
        entry = self._entry(ask)
        values = {
            "ask": ask,
            "project_id": self.id,
            "run": entry["run"],
            "request_id": UUID(entry["request_id"]),
            "provider_id": provider_id,
            "implicit_roles": entry["implicit_roles"],
            "decision": decision,
            "timestamp": at,
        }
        if entry["wanted"]:
            freed = self._freed([self.reserved["provider_id"]] if self.reserved else [])
            self._provider_reserved(**values)
            return [], freed
        freed = self._freed([self.provider_id] if self.provider_id else [])
        self._provider_assigned(**values)
        return self._implicit(entry["request_id"], entry["run"], str(provider_id), entry["implicit_roles"]), freed

    def assign_person(
        self,
        *,
        ask: str,
        person_id: UUID,
        department_id: UUID | None,
        at: datetime,
        decision: dict[str, Any] | None = None,
    ) -> UUID | None:
        """The ask got its person, who takes the place of whoever had the role. Returns whose load falls: the former
        one, holding no other role (D-28, R-54). ``department_id`` is the claimer's (A-46).
        :raises NotAsked: the ask is not open."""
        entry = self._entry(ask)
        role = entry["role"]
        former, _ = self.roles.get(role, (None, None))
        self._staff_assigned(
            ask=ask,
            project_id=self.id,
            run=entry["run"],
            request_id=UUID(entry["request_id"]),
            provider_id=UUID(entry["provider_id"]),
            role=role,
            person_id=person_id,
            department_id=department_id,
            former_id=UUID(former) if former else None,
            claimed=entry["kind"] == "claim",
            decision=decision,
            timestamp=at,
        )
        return UUID(former) if former and former not in self.holders() else None

    def refuse(self, *, ask: str, reason: str, at: datetime) -> None:
        """The wanted candidate cannot be had. :raises NotAsked: the ask is not open."""
        entry = self._entry(ask)
        self._refused(
            ask=ask,
            project_id=self.id,
            run=entry["run"],
            request_id=UUID(entry["request_id"]),
            reason=reason,
            timestamp=at,
        )

    def _entry(self, ask: str) -> dict[str, Any]:
        try:
            return self.open[ask]
        except KeyError:
            raise NotAsked(f"{ask} of project {self.id}") from None

    # The project's life

    def restart(self, *, run: int, provider_id: UUID, at: datetime) -> tuple[list[StaffAsk], Freed] | None:
        """Run ``run`` began (R-34): asks of earlier runs end, what they hold is freed (R-41), the reserved provider
        is the provider, and it runs unsuspended (R-44). None if that is no news."""
        if self.ended or run <= self.run:
            return None
        reserved = self.reserved
        kept = reserved is not None and reserved["provider_id"] == str(provider_id)
        providers = [self.provider_id, None if kept or not reserved else reserved["provider_id"]]
        freed = self._freed([p for p in providers if p], everybody=True)
        self._restarted(
            run=run,
            provider_id=provider_id if kept else None,
            withdrawn=[ask for ask, entry in self.open.items() if entry["run"] < run],
            timestamp=at,
        )
        if not reserved or not kept:
            return [], freed
        return self._implicit(reserved["request_id"], run, str(provider_id), reserved["implicit_roles"]), freed

    def suspend(self, *, run: int, at: datetime) -> bool:
        """The project was paused: its asks rest (D-38). False if that is no news."""
        if self.ended or run < self.run or self.suspended:
            return False
        self._suspended(timestamp=at)
        return True

    def resume(self, *, run: int, at: datetime) -> bool:
        """The project goes on. False if that is no news."""
        if self.ended or run < self.run or not self.suspended:
            return False
        self._resumed(timestamp=at)
        return True

    def end(self, *, how: str, at: datetime) -> Freed | None:
        """Completed or cancelled: final, everything is freed (R-134, R-139). None if it had ended before."""
        if self.ended:
            return None
        reserved = [self.reserved["provider_id"]] if self.reserved else []
        freed = self._freed([*([self.provider_id] if self.provider_id else []), *reserved], everybody=True)
        self._ended(how=how, withdrawn=list(self.open), timestamp=at)
        return freed

    def _freed(self, providers: Sequence[str], *, everybody: bool = False) -> Freed:
        product = self.order.get("product_id")
        held = {(provider, person) for person, provider in self.roles.values()} if everybody else set()
        return Freed(
            providers=[(UUID(product), UUID(provider)) for provider in providers] if product else [],
            persons=[(UUID(provider), UUID(person)) for provider, person in sorted(held)],
        )

    def _implicit(self, request_id: str, run: int, provider_id: str, roles: Sequence[str]) -> list[StaffAsk]:
        return [
            StaffAsk(
                ask=ask_key(request_id, role),
                request_id=UUID(request_id),
                run=run,
                provider_id=UUID(provider_id),
                role=role,
            )
            for role in roles
        ]

    def _open_implicit(self, request_id: str, run: int, provider_id: str, roles: Sequence[str]) -> None:
        for follow in self._implicit(request_id, run, provider_id, roles):
            self.open[follow.ask] = _staff_entry(request_id, run, "assign", provider_id, follow.role)

    # Events

    @event("ProviderAsked")
    def _provider_asked(
        self,
        *,
        request_id: UUID,
        run: int,
        vendor_id: UUID,
        customer_id: UUID,
        product_id: UUID,
        order_number: str,
        implicit_roles: list[str],
        wanted: UUID | None,
        timestamp: datetime,
    ) -> None:
        self._remember(request_id, vendor_id, customer_id, product_id, order_number)
        self.open[str(request_id)] = {
            "request_id": str(request_id),
            "run": run,
            "pool": product_pool(product_id),
            "kind": "wanted" if wanted else "assign",
            "provider_id": None,
            "role": None,
            "wanted": str(wanted) if wanted else None,
            "implicit_roles": implicit_roles,
            "reason": "",
        }

    @event("StaffAsked")
    def _staff_asked(
        self,
        *,
        request_id: UUID,
        run: int,
        vendor_id: UUID,
        customer_id: UUID,
        product_id: UUID,
        order_number: str,
        kind: str,
        provider_id: UUID,
        role: str,
        department_id: UUID | None,
        wanted: UUID | None,
        timestamp: datetime,
    ) -> None:
        self._remember(request_id, vendor_id, customer_id, product_id, order_number)
        self.open[str(request_id)] = _staff_entry(str(request_id), run, kind, str(provider_id), role)

    def _remember(
        self, request_id: UUID, vendor_id: UUID, customer_id: UUID, product_id: UUID, order_number: str
    ) -> None:
        self.seen.append(str(request_id))
        self.order = {
            "vendor_id": str(vendor_id),
            "customer_id": str(customer_id),
            "product_id": str(product_id),
            "order_number": order_number,
        }

    @event("Queued")
    def _queued(
        self,
        *,
        ask: str,
        project_id: UUID,
        run: int,
        request_id: UUID,
        provider_id: UUID | None,
        role: str | None,
        reason: str,
        queued_at: datetime,
        timestamp: datetime,
    ) -> None:
        self.open[ask]["reason"] = reason

    @event("ProviderAssigned")
    def _provider_assigned(
        self,
        *,
        ask: str,
        project_id: UUID,
        run: int,
        request_id: UUID,
        provider_id: UUID,
        implicit_roles: list[str],
        timestamp: datetime,
        decision: dict[str, Any] | None = None,
    ) -> None:
        del self.open[ask]
        self.provider_id = str(provider_id)
        self._open_implicit(str(request_id), run, str(provider_id), implicit_roles)

    @event("ProviderReserved")
    def _provider_reserved(
        self,
        *,
        ask: str,
        project_id: UUID,
        run: int,
        request_id: UUID,
        provider_id: UUID,
        implicit_roles: list[str],
        timestamp: datetime,
        decision: dict[str, Any] | None = None,
    ) -> None:
        del self.open[ask]
        self.reserved = {
            "request_id": str(request_id),
            "provider_id": str(provider_id),
            "implicit_roles": implicit_roles,
        }

    @event("StaffAssigned")
    def _staff_assigned(
        self,
        *,
        ask: str,
        project_id: UUID,
        run: int,
        request_id: UUID,
        provider_id: UUID,
        role: str,
        person_id: UUID,
        department_id: UUID | None,
        former_id: UUID | None,
        claimed: bool,
        timestamp: datetime,
        decision: dict[str, Any] | None = None,
    ) -> None:
        del self.open[ask]
        self.roles[role] = [str(person_id), str(provider_id)]
        if claimed:
            self.claim_department = str(department_id) if department_id else None

    @event("Refused")
    def _refused(
        self, *, ask: str, project_id: UUID, run: int, request_id: UUID, reason: str, timestamp: datetime
    ) -> None:
        del self.open[ask]

    @event("Restarted")
    def _restarted(self, *, run: int, provider_id: UUID | None, withdrawn: list[str], timestamp: datetime) -> None:
        self.run = run
        self.suspended = False
        for ask in withdrawn:
            del self.open[ask]
        self.roles = {}
        self.claim_department = None
        self.provider_id = str(provider_id) if provider_id else None
        reserved, self.reserved = self.reserved, None
        if provider_id and reserved:
            self._open_implicit(reserved["request_id"], run, str(provider_id), reserved["implicit_roles"])

    @event("Suspended")
    def _suspended(self, *, timestamp: datetime) -> None:
        self.suspended = True

    @event("Resumed")
    def _resumed(self, *, timestamp: datetime) -> None:
        self.suspended = False

    @event("Ended")
    def _ended(self, *, how: str, withdrawn: list[str], timestamp: datetime) -> None:
        self.ended = True
        self.open = {}
        self.roles = {}
        self.provider_id = None
        self.reserved = None


def _staff_entry(request_id: str, run: int, kind: str, provider_id: str, role: str) -> dict[str, Any]:
    return {
        "request_id": request_id,
        "run": run,
        "pool": provider_pool(provider_id),
        "kind": kind,
        "provider_id": provider_id,
        "role": role,
        "wanted": None,
        "implicit_roles": [],
        "reason": "",
    }
