"""持单量设置: the staff of one provider, with roles, department, maximum, receive status and the count held."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from dispatch_svc.choice import TIED_KEPT, least_loaded, pick, staff_reason
from dispatch_svc.domain import (
    DEFAULT_PERSON_MAXIMUM,
    PERSON_MAXIMA,
    NotHeld,
    UnknownMember,
    class_parts,
    in_range,
    pool_stream,
    provider_pool,
)


@dataclass(frozen=True)
class Able:
    """The members who could serve a class but for their load. ``members`` are the pool's own entries, so their
    loads are the present ones; it holds as long as only loads change."""

    members: list[tuple[str, dict[str, Any]]]
    excluded: dict[str, int]
    """How many are left out for another reason, by reason."""


class ProviderPool(Aggregate):
    """Pool ``provider:<id>``. ``members`` are people by id: ``roles``, ``department`` (None = none), ``maximum``
    (0–50), ``receiving`` (接单状态) and ``load`` – the projects a person holds a role of (D-66)."""

    @staticmethod
    def create_id(provider_id: UUID) -> UUID:
        return pool_stream(provider_pool(provider_id))

    @event("Opened")
    def __init__(self, *, provider_id: UUID, timestamp: datetime) -> None:
        self.provider_id = provider_id
        self.departments: dict[str, str | None] = {}
        self.members: dict[str, dict[str, Any]] = {}
        self.closed: list[str] = []

    # Settings

    def place_department(self, *, department_id: UUID, parent_id: UUID | None, at: datetime) -> bool:
        """A department exists below ``parent_id`` (A-46); returns whether the tree changed."""
        known = str(department_id) in self.departments
        if known and self.departments[str(department_id)] == (str(parent_id) if parent_id else None):
            return False
        self._department_placed(department_id=department_id, parent_id=parent_id, timestamp=at)
        return True

    def remove_department(self, *, department_id: UUID, at: datetime) -> bool:
        """A department was deleted; returns whether it was known."""
        if str(department_id) not in self.departments:
            return False
        self._department_removed(department_id=department_id, timestamp=at)
        return True

    def enlist(self, *, person_id: UUID, roles: list[str], department_id: UUID | None, at: datetime) -> bool:
        """A person works for the provider, with these roles and this department; a new one receives orders at
        once, maximum 10 (D-65). Returns whether anything changed; a closed member stays closed."""
        department = str(department_id) if department_id else None
        if str(person_id) in self.closed:
            return False
        member = self.members.get(str(person_id))
        if member is None:
            self._joined(
                provider_id=self.provider_id,
                person_id=person_id,
                roles=roles,
                department_id=department_id,
                maximum=DEFAULT_PERSON_MAXIMUM,
                receiving=True,
                timestamp=at,
            )
            return True
        if (member["roles"], member["department"]) == (roles, department):
            return False
        self._moved(person_id=person_id, roles=roles, department_id=department_id, timestamp=at)
        return True

    def set_load(
        self, *, person_id: UUID, maximum: int | None = None, receiving: bool | None = None, at: datetime
    ) -> bool:
        """Set maximum and receive status, None = as it is (D-55, D-61); projects held stay (D-64, D-67). Returns
        whether the person may now get orders it could not get before.

        :raises UnknownMember: nobody of that id.
        :raises OutOfRange: a maximum outside 0–50 (D-56).
        """
        member = self.member(person_id)
        maximum = member["maximum"] if maximum is None else maximum
        receiving = member["receiving"] if receiving is None else receiving
        in_range("maximum", maximum, PERSON_MAXIMA)
        if (member["maximum"], member["receiving"]) == (maximum, receiving):
            return False
        freed = receiving and (maximum > member["maximum"] or not member["receiving"])
        self._set(
            provider_id=self.provider_id,
            person_id=person_id,
            maximum=maximum,
            receiving=receiving,
            timestamp=at,
        )
        return bool(freed)

    def close(self, *, person_id: UUID, busy: bool, at: datetime) -> bool | None:
        """End the membership of a person to be deleted, refused while the person holds projects (U-21) or
        (``busy``) has asks under way. Returns whether it closed; None if it had closed before."""
        if str(person_id) in self.closed:
            return None
        member = self.members.get(str(person_id))
        if busy or (member and member["load"]):
            self._close_refused(provider_id=self.provider_id, person_id=person_id, timestamp=at)
            return False
        self._closed(provider_id=self.provider_id, person_id=person_id, timestamp=at)
        return True

    def member(self, person_id: UUID) -> dict[str, Any]:
        """The person's entry. :raises UnknownMember: nobody of that id."""
        try:
            return self.members[str(person_id)]
        except KeyError:
            raise UnknownMember(person_id) from None

    # Decisions

    def able(self, cls: str) -> Able:
        """Who could serve class ``cls`` – a role, or a role within a department and those below (D-19, D-20, D-25,
        D-26) – if load were no matter."""
        members: list[tuple[str, dict[str, Any]]] = []
        excluded: dict[str, int] = {}
        role, department = class_parts(cls)
        within = self._below(department) if department else None
        for person, member in self.members.items():
            reason = _exclusion(member, role, within)
            if reason is None:
                members.append((person, member))
            else:
                excluded[reason] = excluded.get(reason, 0) + 1
        return Able(members, excluded)

    def blocked(self, able: Able) -> str | None:
        """The queue reason if nobody of ``able`` can be chosen now, else None."""
        free = any(m["load"] < m["maximum"] for _, m in able.members)
        return staff_reason(receiving=len(able.members), free=free)

    def room(self, able: Able) -> int:
        """How many more projects ``able`` can take before all are full."""
        return sum(max(0, m["maximum"] - m["load"]) for _, m in able.members)

    def listing(self, cls: str) -> list[dict[str, Any]]:
        """Every member with load and maximum, and why they do not take part in class ``cls`` (``excluded``)."""
        role, department = class_parts(cls)
        within = self._below(department) if department else None
        return [
            {
                "person_id": person,
                **member,
                "excluded": _exclusion(member, role, within)
                or ("full" if member["load"] >= member["maximum"] else None),
            }
            for person, member in self.members.items()
        ]

    def choose(
        self,
        able: Able,
        *,
        holders: Collection[str],
        request_id: UUID,
        project_id: UUID,
        run: int,
        cls: str,
        arrival: int,
        attempts: int,
        seed: int,
        at: datetime,
    ) -> UUID:
        """Choose the person with the smallest load/maximum, ties at random (D-21, D-22, D-24).

        :param holders: who already holds the project; choosing one of them raises no load (D-28).
        :raises ValueError: nobody can take it (see :meth:`blocked`).
        """
        free = [(p, m["load"], m["maximum"]) for p, m in able.members if m["load"] < m["maximum"]]
        tied = sorted(least_loaded(free))
        person = pick(tied, seed)
        full = len(able.members) - len(free)
        self._chosen(
            request_id=request_id,
            project_id=project_id,
            run=run,
            cls=cls,
            arrival=arrival,
            attempts=attempts,
            how="assign",
            person_id=UUID(person),
            counted=person not in holders,
            seed=seed,
            tied=tied[:TIED_KEPT],
            excluded={**able.excluded, "full": full} if full else able.excluded,
            timestamp=at,
        )
        return UUID(person)

    def take(
        self,
        *,
        how: str,
        wanted: UUID,
        role: str,
        holders: Collection[str],
        present: str | None,
        request_id: UUID,
        project_id: UUID,
        run: int,
        arrival: int,
        attempts: int,
        at: datetime,
    ) -> str | None:
        """Give a role of a project to the person that is wanted; returns why not, or None when it is done.

        ``how``: ``claim`` – load and receive status do not hinder (D-52) –, or ``replace`` – both do, as does
        another role (R-48, R-49, R-53). ``present``: who has the role now.
        """
        person = str(wanted)
        member = self.members.get(person)
        if member is None:
            return "person_unknown"
        if role not in member["roles"]:
            return "person_lacks_role"
        if how == "replace":
            if person == present:
                return "same_person"
            if not member["receiving"]:
                return "person_paused"
            if member["load"] >= member["maximum"]:
                return "person_full"
        self._chosen(
            request_id=request_id,
            project_id=project_id,
            run=run,
            cls=role,
            arrival=arrival,
            attempts=attempts,
            how=how,
            person_id=wanted,
            counted=person not in holders,
            seed=None,
            tied=[],
            excluded={},
            timestamp=at,
        )
        return None

    def release(self, *, person_id: UUID, project_id: UUID, at: datetime) -> None:
        """The person holds no role of the project any more. :raises NotHeld: nothing is held."""
        member = self.members.get(str(person_id))
        if member is None or member["load"] < 1:
            raise NotHeld(f"person {person_id} holds nothing of provider {self.provider_id}")
        self._released(person_id=person_id, project_id=project_id, timestamp=at)

    def _below(self, department: str) -> set[str]:
        """``department`` and all below it."""
        found = {department}
        while more := {d for d, parent in self.departments.items() if parent in found and d not in found}:
            found |= more
        return found

    # Events

    @event("DepartmentPlaced")
    def _department_placed(self, *, department_id: UUID, parent_id: UUID | None, timestamp: datetime) -> None:
        self.departments[str(department_id)] = str(parent_id) if parent_id else None

    @event("DepartmentRemoved")
    def _department_removed(self, *, department_id: UUID, timestamp: datetime) -> None:
        del self.departments[str(department_id)]

    @event("MemberJoined")
    def _joined(
        self,
        *,
        provider_id: UUID,
        person_id: UUID,
        roles: list[str],
        department_id: UUID | None,
        maximum: int,
        receiving: bool,
        timestamp: datetime,
    ) -> None:
        self.members[str(person_id)] = {
            "roles": roles,
            "department": str(department_id) if department_id else None,
            "maximum": maximum,
            "receiving": receiving,
            "load": 0,
        }

    @event("MemberMoved")
    def _moved(self, *, person_id: UUID, roles: list[str], department_id: UUID | None, timestamp: datetime) -> None:
        self.members[str(person_id)] |= {
            "roles": roles,
            "department": str(department_id) if department_id else None,
        }

    @event("MemberSet")
    def _set(self, *, provider_id: UUID, person_id: UUID, maximum: int, receiving: bool, timestamp: datetime) -> None:
        self.members[str(person_id)] |= {"maximum": maximum, "receiving": receiving}

    @event("MemberClosed")
    def _closed(self, *, provider_id: UUID, person_id: UUID, timestamp: datetime) -> None:
        self.members.pop(str(person_id), None)
        self.closed.append(str(person_id))

    @event("MemberCloseRefused")
    def _close_refused(self, *, provider_id: UUID, person_id: UUID, timestamp: datetime) -> None:
        pass

    @event("PersonChosen")
    def _chosen(
        self,
        *,
        request_id: UUID,
        project_id: UUID,
        run: int,
        cls: str,
        arrival: int,
        attempts: int,
        how: str,
        person_id: UUID,
        counted: bool,
        seed: int | None,
        tied: list[str],
        excluded: dict[str, int],
        timestamp: datetime,
    ) -> None:
        if counted:
            self.members[str(person_id)]["load"] += 1

    @event("PersonReleased")
    def _released(self, *, person_id: UUID, project_id: UUID, timestamp: datetime) -> None:
        self.members[str(person_id)]["load"] -= 1


def _exclusion(member: dict[str, Any], role: str, within: set[str] | None) -> str | None:
    """Why a member cannot serve a class whatever the load."""
    if role not in member["roles"]:
        return "lacks_role"
    if within is not None and member["department"] not in within:
        return "other_department"
    return None if member["receiving"] else "paused"
