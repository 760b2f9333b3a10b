"""How long the links of a vendor's customers live."""

from __future__ import annotations

from delivery_shared.eventstore import UnitOfWork
from delivery_shared.http import Caller

from identity_svc import read_model
from identity_svc.carrying_out import Answer, Means, Operation
from identity_svc.domain import organising
from identity_svc.domain.errors import NotFound
from identity_svc.domain.party import Party


def set_link_life(*, by: Caller, hours: int) -> Operation:
    """From now on links of the caller's customers open their projects for ``hours`` after they were made – also those
    there are. :raises NotFound: the party is gone."""

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        party = unit.get(Party, by.party_id)
        if party is None:
            raise NotFound
        organising.set_link_life(party, hours=hours, at=means.now())
        unit.rows.append(read_model.link_life_set(party))
        return 200, {"hours": party.link_hours}

    return Operation(decide=decide)
