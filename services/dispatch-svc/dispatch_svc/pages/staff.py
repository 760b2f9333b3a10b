"""持单量设置 and 接单状态, read: how much each of a provider's people takes, and who could take over a role."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from delivery_shared.http import Caller
from delivery_shared.pinyin import sort_key

from dispatch_svc.domain.assignment import Assignment
from dispatch_svc.domain.errors import NotVisible, UnknownMember
from dispatch_svc.domain.keys import PoolKey, StaffClass
from dispatch_svc.domain.pool import ProviderPool
from dispatch_svc.pages import read_model
from dispatch_svc.pages.paging import PageOf, Place, page_of
from dispatch_svc.store import DispatchStore


class StaffPages:
    """The people of providers."""

    def __init__(self, store: DispatchStore) -> None:
        self.store = store

    def receiving(self, *, by: Caller) -> dict[str, Any]:
        """One's own receive status, load and maximum. :raises UnknownMember: not of a provider's staff."""
        pool = self._pool(by)
        if pool is None:
            raise UnknownMember(by.user_id)
        return setting(pool, by.user_id)

    def loads(
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
        pool = self._pool(by)
        members = pool.members if pool else {}
        with self.store.connection() as connection:
            people = read_model.people(connection, members)
        listed = [
            {"person_id": person, **people.get(person, {"name": None, "login_name": None}), **member}
            for person, member in members.items()
            if (role is None or role in member["roles"]) and (receiving is None or receiving == member["receiving"])
        ]
        if name:
            listed = [row for row in listed if name.lower() in (row["name"] or "").lower()]
        page = page_of(listed, by_name, cursor, limit)
        with self.store.connection() as connection:
            read_model.add_role_and_department_names(connection, page.items)
        return page

    def assignee_candidates(
        self, *, by: Caller, project_id: UUID, role: str, cursor: Place | None = None, limit: int
    ) -> PageOf:
        """Who could take over ``role`` of a project of the caller's provider: holding the role, receiving, with
        free load (R-48, R-49, R-53) or with the project already (D-28); the present one's department first.
        :raises NotVisible: not its project."""
        assignment = self.store.find(Assignment, project_id).get(project_id)
        pool = self._pool(by)
        if assignment is None or pool is None or assignment.provider_id != str(by.party_id):
            raise NotVisible
        present = assignment.holder(role)
        own = pool.members[present]["department"] if present in pool.members else None
        able = [row for row in pool.listing(StaffClass.of(role), assignment.holders) if row["excluded"] is None]
        with self.store.connection() as connection:
            people = read_model.people(connection, [row["person_id"] for row in able])
            rows: list[dict[str, Any]] = [
                {**row, **people.get(row["person_id"], {"name": None, "login_name": None})}
                for row in able
                if row["person_id"] != present
            ]
            read_model.add_role_and_department_names(connection, rows)

        def place(row: dict[str, Any]) -> Place:
            return "1" if row["department"] != own else "0", sort_key(row["department_name"] or ""), *by_name(row)

        return page_of(rows, place, cursor, limit)

    def _pool(self, by: Caller) -> ProviderPool | None:
        return self.store.pool(ProviderPool, PoolKey.of_provider(by.party_id))


def by_name(row: dict[str, Any]) -> Place:
    """By name, as :mod:`delivery_shared.pinyin` sorts it; those who have none yet, first."""
    return sort_key(row["name"] or ""), row["person_id"]


def setting(pool: ProviderPool, person_id: UUID) -> dict[str, Any]:
    """What 持单量设置 shows of a person. :raises UnknownMember: nobody of that id."""
    member = pool.member(person_id)
    return {
        "person_id": str(person_id),
        "maximum": member["maximum"],
        "receiving": member["receiving"],
        "load": member["load"],
    }
