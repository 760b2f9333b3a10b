"""Messages keep nothing of a customer who is to be forgotten (U-21): what they called him is taken out of those that
are in the box, and so out of what is still to be sent of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from delivery_shared.contracts import Contract
from delivery_shared.contracts.identity import PartyErased, PartyRegistered
from delivery_shared.contracts.project import BuyerErased, ProjectStarted
from sqlalchemy import Connection, text

from notify_svc.wording import MISSING

BLANK: Final = """
UPDATE message SET title = replace(title, :name, :missing), body = replace(body, :name, :missing)
FROM project WHERE project.project_id = message.project_id
"""

OF_ORDER: Final = f"{BLANK} AND project.project_id = :id"

OF_PARTY: Final = f"{BLANK} AND project.customer_id = :id AND project.customer_name IS NULL"
"""Only orders that brought no name call their customer as the party is called."""


class Forgetting:
    """What a batch of messages wants forgotten. Made before the batch is written, since the copies know the names then;
    done after it, since messages of the batch may carry one, too."""

    def __init__(self, connection: Connection, batch: Iterable[Contract]) -> None:
        contracts = list(batch)
        orders = [c.project_id for c in contracts if isinstance(c, BuyerErased)]
        parties = [c.party_id for c in contracts if isinstance(c, PartyErased)]
        self._connection = connection
        self._names: list[tuple[str, UUID, str]] = []
        if orders:
            known = "SELECT project_id, customer_name FROM project WHERE project_id = ANY (CAST(:ids AS uuid[]))"
            begun = [(c.project_id, c.customer_name) for c in contracts if isinstance(c, ProjectStarted)]
            self._add(OF_ORDER, orders, [*self._found(known, orders), *begun])
        if parties:
            known = "SELECT party_id, name FROM party WHERE party_id = ANY (CAST(:ids AS uuid[]))"
            registered = [(c.party_id, c.name) for c in contracts if isinstance(c, PartyRegistered)]
            self._add(OF_PARTY, parties, [*self._found(known, parties), *registered])

    def done(self) -> None:
        """Take the names out of the messages there are now."""
        for statement, id, name in self._names:
            self._connection.execute(text(statement), {"id": id, "name": name, "missing": MISSING})

    def _found(self, statement: str, ids: Sequence[UUID]) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self._connection.execute(text(statement), {"ids": list(ids)})]

    def _add(self, statement: str, ids: Sequence[UUID], names: Iterable[tuple[Any, ...]]) -> None:
        self._names += dict.fromkeys((statement, id, name) for id, name in names if name and id in ids)
