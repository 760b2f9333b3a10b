"""持单量设置 and 接单状态, read: how much each of a provider's people takes, and who could take over a role."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from delivery_shared.http import Caller
from delivery_shared.http.paging import Page
from delivery_shared.pinyin import sort_key

from dispatch_svc.domain.assignment import Assignment
from dispatch_svc.domain.errors import NotVisible, UnknownMember
from dispatch_svc.domain.keys import PoolKey, StaffClass
from dispatch_svc.domain.pool import ProviderPool
from dispatch_svc.pages import read_model
from dispatch_svc.store import DispatchStore

BY_NAME: Final = (str, str)
"""By what the people of a provider are sorted: name, id."""

BY_DEPARTMENT: Final = (str, str, *BY_NAME)
"""And those who could take over: whether of the present one's department, its name, name, id."""


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
        cursor: tuple[str, ...] | None = None,
        limit: int,
    ) -> Page:
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
        page = _sorted(listed, by_name, cursor, limit)
        with self.store.connection() as connection:
            return page.showing(read_model.role_and_department_names(connection, page.items))

    def assignee_candidates(
        self, *, by: Caller, project_id: UUID, role: str, cursor: tuple[str, ...] | None = None, limit: int
    ) -> Page:
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
            named = read_model.role_and_department_names(connection, able)
        rows: list[dict[str, Any]] = [
            named({**row, **people.get(row["person_id"], {"name": None, "login_name": None})})
            for row in able
            if row["person_id"] != present
        ]

        def place(row: dict[str, Any]) -> tuple[str, ...]:
            return "1" if row["department"] != own else "0", sort_key(row["department_name"] or ""), *by_name(row)

        return _sorted(rows, place, cursor, limit)

    def _pool(self, by: Caller) -> ProviderPool | None:
        return self.store.pool(ProviderPool, PoolKey.of_provider(by.party_id))


def _sorted(
    listed: list[dict[str, Any]],
    place: Callable[[dict[str, Any]], tuple[str, ...]],
    cursor: tuple[str, ...] | None,
    limit: int,
) -> Page:
    """The page behind ``cursor`` of a list that is sorted here: the members of a pool are at most some thousands."""
    rest = sorted((row for row in listed if cursor is None or place(row) > cursor), key=place)
    return Page.cut(rest, total=len(listed), limit=limit, place=place)


def by_name(row: dict[str, Any]) -> tuple[str, ...]:
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
