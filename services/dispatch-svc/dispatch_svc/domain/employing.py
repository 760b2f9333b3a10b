"""持单量设置 and 接单状态: who works for a provider, and how much each takes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from dispatch_svc.domain import facts
from dispatch_svc.domain.keys import PoolKey
from dispatch_svc.domain.limits import DEFAULT_PERSON_MAXIMUM, PERSON_MAXIMA, in_range
from dispatch_svc.domain.pool import ProviderPool


def begin(*, provider_id: UUID, at: datetime) -> ProviderPool:
    """The pool of a provider nobody works for yet."""
    opened = facts.PoolOpened(provider_id=provider_id)
    return ProviderPool.begun(opened, id=PoolKey.of_provider(provider_id).stream, at=at)


def place_department(pool: ProviderPool, *, department_id: UUID, parent_id: UUID | None, at: datetime) -> bool:
    """A department exists below ``parent_id`` (A-46); returns whether the tree changed."""
    parent = str(parent_id) if parent_id else None
    if str(department_id) in pool.departments and pool.departments[str(department_id)] == parent:
        return False
    pool.tell(facts.DepartmentPlaced(department_id=department_id, parent_id=parent_id), at=at)
    return True


def remove_department(pool: ProviderPool, *, department_id: UUID, at: datetime) -> bool:
    """A department was deleted; returns whether it was known."""
    if str(department_id) not in pool.departments:
        return False
    pool.tell(facts.DepartmentRemoved(department_id=department_id), at=at)
    return True


def enlist(
    pool: ProviderPool,
    *,
    person_id: UUID,
    roles: list[str],
    department_id: UUID | None,
    maximum: int | None = None,
    receiving: bool | None = None,
    at: datetime,
) -> bool:
    """A person works for the provider, with these roles and this department; a new one receives orders at
    once, maximum 10, unless created otherwise (D-65). Returns whether anything changed; a closed member stays
    closed."""
    if str(person_id) in pool.closed:
        return False
    member = pool.members.get(str(person_id))
    if member is None:
        joined = facts.MemberJoined(
            provider_id=pool.provider_id,
            person_id=person_id,
            roles=roles,
            department_id=department_id,
            maximum=DEFAULT_PERSON_MAXIMUM if maximum is None else maximum,
            receiving=receiving is not False,
        )
        pool.tell(joined, at=at)
        return True
    if (member["roles"], member["department"]) == (roles, str(department_id) if department_id else None):
        return False
    pool.tell(facts.MemberMoved(person_id=person_id, roles=roles, department_id=department_id), at=at)
    return True


def set_load(
    pool: ProviderPool, *, person_id: UUID, maximum: int | None = None, receiving: bool | None = None, at: datetime
) -> bool:
    """Set maximum and receive status, None = as it is (D-55, D-61); projects held stay (D-64, D-67). Returns
    whether the person may now get orders it could not get before.

    :raises UnknownMember: nobody of that id.
    :raises OutOfRange: a maximum outside 0–50 (D-56).
    """
    member = pool.member(person_id)
    maximum = member["maximum"] if maximum is None else maximum
    receiving = member["receiving"] if receiving is None else receiving
    in_range("maximum", maximum, PERSON_MAXIMA)
    if (member["maximum"], member["receiving"]) == (maximum, receiving):
        return False
    freed = receiving and (maximum > member["maximum"] or not member["receiving"])
    changed = facts.MemberSet(provider_id=pool.provider_id, person_id=person_id, maximum=maximum, receiving=receiving)
    pool.tell(changed, at=at)
    return freed


def held_by(pool: ProviderPool, person_id: UUID) -> int:
    """How many projects the person holds."""
    member = pool.members.get(str(person_id))
    return member["load"] if member else 0


def close(
    pool: ProviderPool, *, person_id: UUID, asks: int, orders: Sequence[facts.HeldOrder], at: datetime
) -> bool | None:
    """End the membership of a person to be deleted, refused while the person holds projects (U-21) or ``asks`` under
    way name him; ``orders`` are the first of those. Returns whether it closed; None if it had closed before."""
    if str(person_id) in pool.closed:
        return None
    held = held_by(pool, person_id)
    if asks or held:
        refused = facts.MemberCloseRefused(
            provider_id=pool.provider_id, person_id=person_id, held=held, asks=asks, orders=list(orders)
        )
        pool.tell(refused, at=at)
        return False
    pool.tell(facts.MemberClosed(provider_id=pool.provider_id, person_id=person_id), at=at)
    return True
