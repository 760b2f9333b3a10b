"""Which person gets a role of a project: the one with the smallest load/maximum (D-21), or the one wanted."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from dispatch_svc.domain import facts
from dispatch_svc.domain.asks import Asked
from dispatch_svc.domain.choice import TIED_KEPT, least_loaded, pick
from dispatch_svc.domain.errors import NotHeld
from dispatch_svc.domain.keys import StaffClass
from dispatch_svc.domain.pool import Able, ProviderPool


def choose(
    pool: ProviderPool,
    able: Able,
    asked: Asked,
    *,
    cls: StaffClass,
    holders: Collection[str],
    seed: int,
    at: datetime,
) -> facts.PersonChosen:
    """Choose the person with the smallest load/maximum, ties at random (D-21, D-22, D-24).

    :param holders: who already holds the project; they can be chosen whatever their load, which does not rise (D-28).
    :raises ValueError: nobody can take it (see :meth:`Able.blocked`).
    """
    chosen = least(able, asked, cls=cls, holders=holders, seed=seed)
    pool.tell(chosen, at=at)
    return chosen


def least(able: Able, asked: Asked, *, cls: StaffClass, holders: Collection[str], seed: int) -> facts.PersonChosen:
    """What :func:`choose` tells; always the same for the same people, ask and seed."""
    taking = able.taking(holders)
    tied = sorted(least_loaded((person, m["load"], m["maximum"]) for person, m in taking))
    person = pick(tied, seed)
    full = len(able.members) - len(taking)
    return facts.PersonChosen(
        request_id=asked.request_id,
        project_id=asked.project_id,
        run=asked.run,
        cls=cls,
        arrival=asked.arrival,
        attempts=asked.attempts,
        how="assign",
        person_id=UUID(person),
        counted=person not in holders,
        seed=seed,
        tied=tied[:TIED_KEPT],
        excluded={**able.excluded, "full": full} if full else able.excluded,
    )


def take(
    pool: ProviderPool,
    asked: Asked,
    *,
    how: str,
    wanted: UUID,
    role: str,
    holders: Collection[str],
    present: str | None,
    at: datetime,
) -> facts.PersonChosen | str:
    """Give a role of a project to the person that is wanted, or return why not.

    ``how``: ``claim`` – load and receive status do not hinder (D-52) –, or ``replace`` – both do, as does
    another role (R-48, R-49, R-53), but the load only where it would rise (D-28). ``present``: who has the role now.
    """
    chosen = taken(pool, asked, how=how, wanted=wanted, role=role, holders=holders, present=present)
    if not isinstance(chosen, str):
        pool.tell(chosen, at=at)
    return chosen


def taken(
    pool: ProviderPool,
    asked: Asked,
    *,
    how: str,
    wanted: UUID,
    role: str,
    holders: Collection[str],
    present: str | None,
) -> facts.PersonChosen | str:
    """What :func:`take` tells, or why not."""
    person = str(wanted)
    member = pool.members.get(person)
    if member is None:
        return "person_unknown"
    if role not in member["roles"]:
        return "person_lacks_role"
    if how == "replace":
        if person == present:
            return "same_person"
        if not member["receiving"]:
            return "person_paused"
        if member["load"] >= member["maximum"] and person not in holders:
            return "person_full"
    return facts.PersonChosen(
        request_id=asked.request_id,
        project_id=asked.project_id,
        run=asked.run,
        cls=role,
        arrival=asked.arrival,
        attempts=asked.attempts,
        how=how,
        person_id=wanted,
        counted=person not in holders,
        seed=None,
        tied=[],
        excluded={},
    )


def release(pool: ProviderPool, *, person_id: UUID, project_id: UUID, at: datetime) -> None:
    """The person holds no role of the project any more. :raises NotHeld: nothing is held."""
    member = pool.members.get(str(person_id))
    if member is None or member["load"] < 1:
        raise NotHeld(f"person {person_id} holds nothing of provider {pool.provider_id}")
    pool.tell(facts.PersonReleased(person_id=person_id, project_id=project_id), at=at)
