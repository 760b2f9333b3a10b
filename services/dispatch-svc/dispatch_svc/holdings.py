"""What keeps a person from being deleted, by order number, for whoever has to hand it to others (U-21)."""

from __future__ import annotations

from typing import Final, NamedTuple
from uuid import UUID

from delivery_shared.eventstore import EventStore, UnitOfWork

from dispatch_svc.domain.asks import Holder
from dispatch_svc.domain.assignment import Assignment
from dispatch_svc.domain.facts import HeldOrder
from dispatch_svc.domain.keys import PoolKey

LISTED: Final = 20
"""How many are told; who holds more learns of the others when these are gone."""

LOOKED_AT: Final = 1000
"""How many of the projects somebody was ever given are looked through, the latest first: most of those are over."""

AT_ONCE: Final = 50

GIVEN: Final = """
SELECT project_id FROM decision WHERE person_id = %s AND provider_id = %s AND outcome = 'assigned'
GROUP BY project_id ORDER BY max(decided_at) DESC, project_id LIMIT %s
"""

ASKED: Final = """
SELECT project_id, order_number, count(*) OVER () AS n FROM pool_inbox
WHERE pool = %s AND person_id = %s AND kind IN ('claim', 'wanted') ORDER BY arrival LIMIT %s
"""


class Asked(NamedTuple):
    """Asks under way that name somebody: how many, and the projects of the first."""

    number: int
    first: list[HeldOrder]


def asked_for(store: EventStore, *, provider_id: UUID, person_id: UUID) -> Asked:
    """The claims and changes under way that name the person."""
    with store.connection() as connection:
        rows = connection.execute(ASKED, (PoolKey.of_provider(provider_id), person_id, LISTED)).fetchall()
    first = [HeldOrder(project_id=row["project_id"], order_number=row["order_number"]) for row in rows]
    return Asked(rows[0]["n"] if rows else 0, first)


def held_by(unit: UnitOfWork, *, provider_id: UUID, person_id: UUID, count: int) -> list[HeldOrder]:
    """The projects the person holds for the provider, those given last first.

    :param count: how many there are; nothing is looked for beyond.
    """
    if not count:
        return []
    with unit.store.connection() as connection:
        given = [row["project_id"] for row in connection.execute(GIVEN, (person_id, provider_id, LOOKED_AT)).fetchall()]
    found: list[HeldOrder] = []
    holder = Holder(str(person_id), str(provider_id))
    for begin in range(0, len(given), AT_ONCE):
        some = given[begin : begin + AT_ONCE]
        unit.preload(some)
        for project_id in some:
            assignment = unit.get(Assignment, project_id)
            if assignment is None or assignment.order is None or holder not in assignment.roles.values():
                continue
            found.append(HeldOrder(project_id=project_id, order_number=assignment.order.order_number))
            if len(found) == min(count, LISTED):
                return found
    return found
