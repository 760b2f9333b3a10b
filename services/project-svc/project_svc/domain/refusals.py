"""What the marketplace wanted of an order and did not get. Apart from the project, of which there may be none."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid5

from delivery_shared.facts import Aggregate, stored_as

from project_svc.domain.facts import OrderRefused


@stored_as("project", OrderRefused)
class Refusals(Aggregate[OrderRefused]):
    """All refusals of one order."""

    told: set[tuple[str, str]]

    @staticmethod
    def create_id(project_id: UUID) -> UUID:
        """Where the refusals of an order stand."""
        return uuid5(project_id, "refusals")

    def change(self, fact: OrderRefused, at: datetime) -> None:
        if fact.originator_version == 1:
            self.told = set()
        self.told.add((fact.asked, fact.notice))

    def order_refused(self, asked: str) -> bool:
        """Whether a message of this type was refused."""
        return any(kind == asked for kind, _ in self.told)


def refused(
    refusals: Refusals | None, *, project_id: UUID, asked: str, notice: str, reason: str, at: datetime
) -> Refusals:
    """Tell that a message was refused, once for each ``notice``."""
    fact = OrderRefused(project_id=project_id, asked=asked, notice=notice, reason=reason)
    if refusals is None:
        return Refusals.begun(fact, id=Refusals.create_id(project_id), at=at)
    if (asked, notice) not in refusals.told:
        refusals.tell(fact, at=at)
    return refusals
