"""持单量设置 and 接单状态: how much each of a provider's people takes, and who could take over a role."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from delivery_shared.commands import Command, Outcome, execute
from delivery_shared.eventstore import UnitOfWork
from delivery_shared.http import Caller

from dispatch_svc import read_model
from dispatch_svc.assignment import Assignment
from dispatch_svc.domain import NotVisible, UnknownMember, pool_stream, provider_pool
from dispatch_svc.inbox import Inbox, PoolStore
from dispatch_svc.pages import PageOf, Place, page_of
from dispatch_svc.pool import ProviderPool


class StaffSettings(PoolStore):
    """Saves what a provider's people take, and wakes its pool."""

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
        pool = self.pool(ProviderPool, provider_pool(by.party_id))
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
        pool = self.pool(ProviderPool, provider_pool(by.party_id))
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
        page = page_of(listed, by_name, cursor, limit)
        with self.connection() as connection:
            read_model.add_role_and_department_names(connection, page.items)
        return page

    def assignee_candidates(
        self, *, by: Caller, project_id: UUID, role: str, cursor: Place | None = None, limit: int
    ) -> PageOf:
        """Who could take over ``role`` of a project of the caller's provider: holding the role, receiving, with
        free load (R-48, R-49, R-53); the present one's department first. :raises NotVisible: not its project."""
        assignment = self.find(Assignment, project_id).get(project_id)
        pool = self.pool(ProviderPool, provider_pool(by.party_id))
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
            return "1" if row["department"] != own else "0", row["department_name"] or "", *by_name(row)

        return page_of(rows, place, cursor, limit)


def by_name(row: dict[str, Any]) -> Place:
    """By name; those who have none yet, first."""
    return row["name"] or "", row["person_id"]


def setting(pool: ProviderPool, person_id: UUID) -> dict[str, Any]:
    """What 持单量设置 shows of a person. :raises UnknownMember: nobody of that id."""
    member = pool.member(person_id)
    return {
        "person_id": str(person_id),
        "maximum": member["maximum"],
        "receiving": member["receiving"],
        "load": member["load"],
    }
