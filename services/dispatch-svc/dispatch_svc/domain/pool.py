"""持单量设置: the staff of one provider, with roles, department, maximum, receive status and the count held."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict, assert_never
from uuid import UUID

from delivery_shared.facts import Aggregate, stored_as

from dispatch_svc.domain import facts
from dispatch_svc.domain.choice import staff_reason
from dispatch_svc.domain.errors import UnknownMember
from dispatch_svc.domain.facts import ProviderPoolFact
from dispatch_svc.domain.keys import StaffClass


class Member(TypedDict):
    """A person of the provider: ``department`` (None = none), ``maximum`` (0–50), ``receiving`` (接单状态) and
    ``load`` – the projects the person holds a role of (D-66). A dict, as snapshots have it."""

    roles: list[str]
    department: str | None
    maximum: int
    receiving: bool
    load: int


class ListedMember(Member):
    """A person as a candidate; ``excluded`` says why he does not take part."""

    person_id: str
    excluded: str | None


@dataclass(frozen=True)
class Able:
    """The members who could serve a class but for their load. ``members`` are the pool's own entries, so their
    loads are the present ones; it holds as long as only loads change."""

    members: dict[str, Member]
    excluded: dict[str, int]
    """How many are left out for another reason, by reason."""

    def taking(self, holders: Collection[str] = ()) -> list[tuple[str, Member]]:
        """Who can take a project held by ``holders``: those with free load, and the holders themselves, whose load
        would not change (D-28)."""
        return [(p, m) for p, m in self.members.items() if m["load"] < m["maximum"] or p in holders]

    def blocked(self) -> str | None:
        """The queue reason if nobody has free load, else None."""
        free = any(m["load"] < m["maximum"] for m in self.members.values())
        return staff_reason(receiving=len(self.members), free=free)

    @property
    def room(self) -> int:
        """How many more projects they can take before all are full."""
        return sum(max(0, m["maximum"] - m["load"]) for m in self.members.values())


@stored_as("dispatch", ProviderPoolFact)
class ProviderPool(Aggregate[ProviderPoolFact]):
    """Pool ``provider:<id>``. ``members`` are people by id, ``departments`` the parent of each, ``gone`` where those
    that were deleted had stood."""

    provider_id: UUID
    departments: dict[str, str | None]
    members: dict[str, Member]
    closed: list[str]
    gone: dict[str, str | None] | None = None
    """Snapshots taken before it was kept have none: of what was deleted by then the whole provider is meant."""

    def member(self, person_id: UUID) -> Member:
        """The person's entry. :raises UnknownMember: nobody of that id."""
        try:
            return self.members[str(person_id)]
        except KeyError:
            raise UnknownMember(person_id) from None

    def able(self, cls: StaffClass) -> Able:
        """Who could serve class ``cls`` (D-19, D-20, D-25, D-26) if load were no matter."""
        members: dict[str, Member] = {}
        excluded: dict[str, int] = {}
        role, within = cls.role, self._within(cls)
        for person, member in self.members.items():
            reason = _exclusion(member, role, within)
            if reason is None:
                members[person] = member
            else:
                excluded[reason] = excluded.get(reason, 0) + 1
        return Able(members, excluded)

    def listing(self, cls: StaffClass, holders: Collection[str] = ()) -> list[ListedMember]:
        """Every member with load and maximum, and why they do not take part in class ``cls`` for a project held by
        ``holders``."""
        role, within = cls.role, self._within(cls)
        return [
            {
                "person_id": person,
                **member,
                "excluded": _exclusion(member, role, within)
                or ("full" if member["load"] >= member["maximum"] and person not in holders else None),
            }
            for person, member in self.members.items()
        ]

    def full_roles(self) -> list[str]:
        """The roles its people have of which nobody can take a project just now: none receives and has free load."""
        free = {r for m in self.members.values() if m["receiving"] and m["load"] < m["maximum"] for r in m["roles"]}
        return sorted({role for member in self.members.values() for role in member["roles"]} - free)

    def _within(self, cls: StaffClass) -> set[str] | None:
        """The department of the class and all below it; None if it has none. For one that was deleted stands the
        department it stood in, and above all of them the provider, as for a claimer without department (D-54): nobody
        else would ever be able to take what waits for it, and what comes to wait later."""
        department = cls.department
        while department is not None and department not in self.departments:
            department = (self.gone or {}).get(department)
        if department is None:
            return None
        found = {department}
        while more := {d for d, parent in self.departments.items() if parent in found and d not in found}:
            found |= more
        return found

    def change(self, fact: ProviderPoolFact, at: datetime) -> None:
        match fact:
            case facts.PoolOpened():
                self.provider_id = fact.provider_id
                self.departments = {}
                self.gone = {}
                self.members = {}
                self.closed = []
            case facts.DepartmentPlaced():
                self.departments[str(fact.department_id)] = str(fact.parent_id) if fact.parent_id else None
            case facts.DepartmentRemoved():
                parent = self.departments.pop(str(fact.department_id))
                self.gone = {**(self.gone or {}), str(fact.department_id): parent}
            case facts.MemberJoined():
                self.members[str(fact.person_id)] = {
                    "roles": fact.roles,
                    "department": str(fact.department_id) if fact.department_id else None,
                    "maximum": fact.maximum,
                    "receiving": fact.receiving,
                    "load": 0,
                }
            case facts.MemberMoved():
                member = self.members[str(fact.person_id)]
                member["roles"] = fact.roles
                member["department"] = str(fact.department_id) if fact.department_id else None
            case facts.MemberSet():
                member = self.members[str(fact.person_id)]
                member["maximum"] = fact.maximum
                member["receiving"] = fact.receiving
            case facts.MemberClosed():
                self.members.pop(str(fact.person_id), None)
                self.closed.append(str(fact.person_id))
            case facts.MemberCloseRefused():
                pass
            case facts.PersonChosen():
                if fact.counted:
                    self.members[str(fact.person_id)]["load"] += 1
            case facts.PersonReleased():
                self.members[str(fact.person_id)]["load"] -= 1
            case _:
                assert_never(fact)


def _exclusion(member: Member, role: str, within: set[str] | None) -> str | None:
    """Why a member cannot serve a class whatever the load."""
    if role not in member["roles"]:
        return "lacks_role"
    if within is not None and member["department"] not in within:
        return "other_department"
    return None if member["receiving"] else "paused"
