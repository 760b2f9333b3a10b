"""The commands and reads of dispatch-svc. Settings save the pool's aggregate directly and wake the pool; the
decisions themselves are the dispatchers'."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from delivery_shared.clock import Clock
from delivery_shared.commands import Command, Outcome, execute
from delivery_shared.eventstore import UnitOfWork, stored_as
from delivery_shared.http import Caller

from dispatch_svc import read_model
from dispatch_svc.assignment import Assignment
from dispatch_svc.configuration import ProviderConfiguration
from dispatch_svc.domain import UnknownMember, pool_stream, product_pool, provider_pool
from dispatch_svc.inbox import RAISE_WAKE, Hint, Inbox, PoolStore
from dispatch_svc.pool import ProviderPool
from dispatch_svc.publishing import PUBLISHING

for aggregate in (ProviderConfiguration, ProviderPool, Assignment):
    stored_as("dispatch")(aggregate)

ATTEMPT_WAIT = 2.0
"""Seconds 分单 waits for the attempt it asked for (architecture 4)."""
ATTEMPT_LOOK = 0.02


class NotVisible(Exception):
    """There is none, or the caller may not know that there is."""


class NotAProvider(Exception):
    """Only a marketplace ISV can be related to a product (P-16)."""


class AskPaused(Exception):
    """The project is paused, so its ask rests (D-38)."""


class Provider(NamedTuple):
    """A row of 配置服务商."""

    provider_id: UUID
    weight: int
    maximum: int


class PageOf(NamedTuple):
    """A page of a list; ``total`` counts all of it, ``last`` is the place of the last row if more follow."""

    items: list[dict[str, Any]]
    total: int
    last: Any


Place = tuple[str, ...]
"""Where a person stands in a list: what it is sorted by, the id last."""


def _place(row: dict[str, Any]) -> Place:
    return row["name"] or "", row["person_id"]


def _page(
    listed: list[dict[str, Any]], place: Callable[[dict[str, Any]], Place], cursor: Place | None, limit: int
) -> PageOf:
    """The rows behind ``cursor`` in the order of ``place``."""
    rest = sorted((row for row in listed if cursor is None or place(row) > cursor), key=place)
    items = rest[:limit]
    return PageOf(items=items, total=len(listed), last=place(items[-1]) if len(rest) > limit else None)


class DispatchApplication(PoolStore):
    """The event store of dispatch and what can be asked of it."""

    name = "dispatch"
    publishing = PUBLISHING
    snapshotting_intervals = {ProviderConfiguration: 500, ProviderPool: 500}

    def __init__(
        self,
        *,
        database_url: str,
        schema: str | None = None,
        clock: Clock | None = None,
        hint: Hint = lambda pool: None,
    ) -> None:
        self.clock = clock or Clock()
        self.hint = hint
        super().__init__(database_url=database_url, schema=schema)

    # 配置服务商

    def configure_providers(
        self, *, command: Command, by: Caller, product_id: UUID, providers: Sequence[Provider]
    ) -> Outcome:
        """Save the whole configuration of a product of the caller's party (P-18…P-28).

        :raises NotVisible: not a product of the caller.
        :raises OutOfRange, NotRelated, ConfiguredTwice: see :meth:`ProviderConfiguration.configure`.
        """
        product = self._product(product_id, by)

        def decide(unit: UnitOfWork) -> tuple[int, dict[str, Any]]:
            configuration = self._configuration(unit, product_id, product["vendor_id"])
            if configuration.configure(providers=providers, at=self.clock.now()):
                Inbox.of(unit).wake(product_pool(product_id))
            return 200, {
                "product_id": str(product_id),
                "providers": [
                    {"provider_id": str(p.provider_id), "weight": p.weight, "maximum": p.maximum} for p in providers
                ],
            }

        return execute(self, command, decide)

    def set_relation(self, *, command: Command, product_id: UUID, provider_id: UUID, related: bool) -> Outcome:
        """Let a provider serve a product, or no longer (P-15). :raises NotVisible: no such product or relation.
        :raises NotAProvider: no marketplace ISV."""
        with self.connection() as connection:
            product = read_model.product(connection, product_id)
            party = read_model.party(connection, provider_id)
        if product is None:
            raise NotVisible
        if related and (party is None or party["kind"] != "isv"):
            raise NotAProvider

        def decide(unit: UnitOfWork) -> tuple[int, dict[str, Any]]:
            configuration = self._configuration(unit, product_id, product["vendor_id"])
            if configuration.relate(provider_id=provider_id, related=related, at=self.clock.now()):
                Inbox.of(unit).wake(product_pool(product_id))
            if not related:
                return 204, {}
            return 200, {"product_id": str(product_id), "provider_id": str(provider_id)}

        return execute(self, command, decide)

    def configuration(self, *, by: Caller, product_id: UUID) -> dict[str, Any]:
        """The configured providers with weight, maximum and load. :raises NotVisible: not the caller's product."""
        self._product(product_id, by)
        return {"product_id": product_id, "providers": self._named(self._listing(product_id))}

    def provider_candidates(self, *, by: Caller, product_id: UUID) -> list[dict[str, Any]]:
        """Who may be configured: the vendor itself and the related providers, each as configured now, or with the
        defaults (P-17, P-20, P-24). :raises NotVisible: not the caller's product."""
        product = self._product(product_id, by)
        found = self._find(ProviderConfiguration, product_pool(product_id))
        ids = found.candidates() if found else [str(product["vendor_id"])]
        configured = {row["provider_id"]: row for row in found.listing()} if found else {}
        return self._named([read_model.candidate(provider, configured.get(provider), found) for provider in ids])

    def related(self, *, product_id: UUID, provider_id: UUID) -> bool:
        """Whether the operator keeps this relation."""
        found = self._find(ProviderConfiguration, product_pool(product_id))
        return bool(found and str(provider_id) in found.relations)

    def _product(self, product_id: UUID, by: Caller) -> dict[str, Any]:
        with self.connection() as connection:
            product = read_model.product(connection, product_id)
        if product is None or not (by.is_a("platform_operator") or product["vendor_id"] == by.party_id):
            raise NotVisible
        return product

    def _configuration(self, unit: UnitOfWork, product_id: UUID, vendor_id: UUID) -> ProviderConfiguration:
        found = unit.get(ProviderConfiguration, pool_stream(product_pool(product_id)))
        if found is None:
            found = ProviderConfiguration(product_id=product_id, vendor_id=vendor_id, timestamp=self.clock.now())
            unit.add(found)
        return found

    def _listing(self, product_id: UUID) -> list[dict[str, Any]]:
        found = self._find(ProviderConfiguration, product_pool(product_id))
        return found.listing() if found else []

    def _named(self, listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
        with self.connection() as connection:
            names = read_model.names(connection, "party", [row["provider_id"] for row in listed])
        return [{**row, "name": names.get(row["provider_id"])} for row in listed]

    # 持单量设置

    def set_members(
        self,
        *,
        command: Command,
        by: Caller,
        person_ids: Sequence[UUID],
        maximum: int | None = None,
        receiving: bool | None = None,
    ) -> Outcome:
        """Set maximum and receive status of people of the caller's provider, all or none (D-55, D-60).

        :raises UnknownMember: somebody does not work there. :raises OutOfRange: maximum outside 0–50.
        """
        pool = provider_pool(by.party_id)

        def decide(unit: UnitOfWork) -> tuple[int, dict[str, Any]]:
            members = unit.get(ProviderPool, pool_stream(pool))
            if members is None:
                raise UnknownMember(person_ids[0])
            now = self.clock.now()
            freed = [
                members.set_load(person_id=person, maximum=maximum, receiving=receiving, at=now)
                for person in person_ids
            ]
            if any(freed):
                Inbox.of(unit).wake(pool)
            return 200, {"items": [setting(members, person) for person in person_ids]}

        return execute(self, command, decide)

    def set_receiving(self, *, command: Command, by: Caller, receiving: bool) -> Outcome:
        """Open or close receiving for oneself (D-61, D-62). :raises UnknownMember: not of a provider's staff."""
        outcome = self.set_members(command=command, by=by, person_ids=[by.user_id], receiving=receiving)
        return Outcome(
            status=outcome.status,
            body=outcome.body["items"][0],
            position=outcome.position,
            replayed=outcome.replayed,
        )

    def receiving(self, *, by: Caller) -> dict[str, Any]:
        """One's own receive status, load and maximum. :raises UnknownMember: not of a provider's staff."""
        pool = self._find(ProviderPool, provider_pool(by.party_id))
        if pool is None:
            raise UnknownMember(by.user_id)
        return setting(pool, by.user_id)

    def staff_loads(
        self,
        *,
        by: Caller,
        name: str | None = None,
        role: str | None = None,
        receiving: bool | None = None,
        cursor: Place | None = None,
        limit: int,
    ) -> PageOf:
        """The people of the caller's provider with roles, receive status, load and maximum (D-57), by name."""
        pool = self._find(ProviderPool, provider_pool(by.party_id))
        members = pool.members if pool else {}
        with self.connection() as connection:
            people = read_model.people(connection, members)
        listed = [
            {"person_id": person, **people.get(person, {"name": None, "login_name": None}), **member}
            for person, member in members.items()
            if (role is None or role in member["roles"]) and (receiving is None or receiving == member["receiving"])
        ]
        if name:
            listed = [row for row in listed if name.lower() in (row["name"] or "").lower()]
        page = _page(listed, _place, cursor, limit)
        with self.connection() as connection:
            read_model.add_role_and_department_names(connection, page.items)
        return page

    def assignee_candidates(
        self, *, by: Caller, project_id: UUID, role: str, cursor: Place | None = None, limit: int
    ) -> PageOf:
        """Who could take over ``role`` of a project of the caller's provider: holding the role, receiving, with
        free load (R-48, R-49, R-53); the present one's department first. :raises NotVisible: not its project."""
        assignment = self.find(Assignment, project_id).get(project_id)
        pool = self._find(ProviderPool, provider_pool(by.party_id))
        if assignment is None or pool is None or assignment.provider_id != str(by.party_id):
            raise NotVisible
        present, _ = assignment.roles.get(role, (None, None))
        own = pool.members[present]["department"] if present in pool.members else None
        with self.connection() as connection:
            listed = [row for row in pool.listing(role) if row["excluded"] is None and row["person_id"] != present]
            people = read_model.people(connection, [row["person_id"] for row in listed])
            rows = [{**row, **people.get(row["person_id"], {"name": None, "login_name": None})} for row in listed]
            read_model.add_role_and_department_names(connection, rows)

        def place(row: dict[str, Any]) -> Place:
            return "1" if row["department"] != own else "0", row["department_name"] or "", *_place(row)

        return _page(rows, place, cursor, limit)

    # 排队情况

    def queue(
        self,
        *,
        by: Caller,
        entrance: str,
        order_number: str | None = None,
        provider_name: str | None = None,
        cursor: int | None = None,
        limit: int,
    ) -> PageOf:
        """What waits: for the vendor its projects at either level (D-13, D-15), for the provider what waits for
        its staff (D-40, D-41); in the order of arrival."""
        with self.connection() as connection:
            rows, total = read_model.queue(
                connection,
                vendor_id=by.party_id if entrance == "vendor" else None,
                provider_id=by.party_id if entrance == "provider" else None,
                order_number=order_number,
                provider_name=provider_name,
                cursor=cursor,
                limit=limit + 1,
            )
        page = rows[:limit]
        return PageOf(items=page, total=total, last=page[-1]["arrival"] if len(rows) > limit else None)

    def dispatch_now(self, *, by: Caller, request_id: UUID, wait: float = ATTEMPT_WAIT) -> dict[str, Any]:
        """分单 (D-10, D-33): have the pool tried at once – also an ask put aside after failures – and answer the
        assignment, or the reason of this very attempt (D-36); ``status`` is ``assigned``, ``waiting`` or, when no
        dispatcher came by in time, ``pending``.

        :raises NotVisible: no such ask of the caller's. :raises AskPaused: its project is paused.
        """
        with self.connection() as connection:
            ask = read_model.waiting_ask(connection, request_id)
            if ask is None or not visible(ask, by):
                return self._served(request_id, by)
            if ask["suspended"]:
                raise AskPaused
            seq = self._retry(ask)
        self.hint(ask["pool"])
        deadline = time.monotonic() + wait
        while True:
            with self.connection() as connection:
                present = read_model.waiting_ask(connection, request_id)
            if present is None or present["ask"] != ask["ask"]:
                return self._served(request_id, by)
            if (present["seq"] or 0) >= seq:
                return {"status": "waiting", **read_model.why(present)}
            if time.monotonic() > deadline:
                return {"status": "pending", **read_model.why(present)}
            time.sleep(ATTEMPT_LOOK)

    def _retry(self, ask: dict[str, Any]) -> int:
        with self.connection() as connection, connection.transaction():
            row = connection.execute(RAISE_WAKE, {"pool": ask["pool"]}).fetchone()
            connection.execute(
                "UPDATE pool_inbox SET next_try = NULL, parked_at = NULL WHERE arrival = %s AND next_try IS NOT NULL",
                (ask["arrival"],),
            )
        assert row is not None
        return int(row["seq"])

    def _served(self, request_id: UUID, by: Caller) -> dict[str, Any]:
        with self.connection() as connection:
            decisions = [d for d in read_model.decisions(connection, request_id) if visible(d, by)]
        served = [d for d in decisions if d["outcome"] == "assigned"]
        if not served:
            raise NotVisible
        last = served[-1]
        return {
            "status": "assigned",
            "request_id": request_id,
            "project_id": last["project_id"],
            "provider_id": last["provider_id"],
            "role": last["role"],
            "person_id": last["person_id"],
        }

    # Explaining decisions

    def explain(self, *, by: Caller, request_id: UUID) -> list[dict[str, Any]]:
        """How the asks of a request were decided: the event, and all candidates as they stood before it, got by
        replaying the pool. The vendor sees providers of its products, the provider admin its own staff, the
        operator all. :raises NotVisible: nothing decided that the caller may see."""
        with self.connection() as connection:
            decisions = [d for d in read_model.decisions(connection, request_id) if explainable(d, by)]
        if not decisions:
            raise NotVisible
        explained = [self._explained(decision) for decision in decisions]
        with self.connection() as connection:
            read_model.name_candidates(connection, explained)
        return explained

    def _explained(self, decision: dict[str, Any]) -> dict[str, Any]:
        assigned = decision["outcome"] == "assigned"
        event: Any = None
        if assigned:
            (event,) = self.events.get(decision["stream"], gt=decision["version"] - 1, lte=decision["version"])
        before = decision["version"] - 1 if assigned else decision["version"]
        pool: Any = self.repository.get(decision["stream"], version=before)
        candidates = pool.listing() if decision["level"] == "provider" else pool.listing(decision["class"])
        return {
            **decision,
            "how": event.how if event else None,
            "seed": str(event.seed) if event and event.seed is not None else None,
            "tied": event.tied if event else [],
            "excluded": event.excluded if event else {},
            "arrival": event.arrival if event else None,
            "candidates": [{**c, "id": c.get("provider_id") or c.get("person_id")} for c in candidates],
        }

    def _find(self, cls: type[Any], pool: str) -> Any:
        return self.find(cls, pool_stream(pool)).get(pool_stream(pool))


def setting(pool: ProviderPool, person_id: UUID) -> dict[str, Any]:
    """What 持单量设置 shows of a person. :raises UnknownMember: nobody of that id."""
    member = pool.member(person_id)
    return {
        "person_id": str(person_id),
        "maximum": member["maximum"],
        "receiving": member["receiving"],
        "load": member["load"],
    }


def visible(ask: dict[str, Any], by: Caller) -> bool:
    """Whether an ask belongs to the caller's queue page: the vendor's, or – staff level – the provider's."""
    return (by.is_a("vendor_admin", "vendor_project_manager") and ask["vendor_id"] == by.party_id) or (
        by.is_a("provider_admin") and ask["role"] is not None and ask["provider_id"] == by.party_id
    )


def explainable(decision: dict[str, Any], by: Caller) -> bool:
    """Whether the caller may see who else was a candidate."""
    if by.is_a("platform_operator"):
        return True
    if decision["level"] == "provider":
        return by.is_a("vendor_admin") and decision["vendor_id"] == by.party_id
    return by.is_a("provider_admin") and decision["provider_id"] == by.party_id
