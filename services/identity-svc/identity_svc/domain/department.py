"""The aggregate of one department."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never
from uuid import UUID

from delivery_shared.facts import Aggregate, stored_as

from identity_svc.domain import facts


@stored_as("identity", facts.DepartmentFact)
class Department(Aggregate[facts.DepartmentFact]):
    """部门 of a provider; departments nest (A-46)."""

    party_id: UUID
    name: str
    parent_id: UUID | None
    deleted: bool

    def change(self, fact: facts.DepartmentFact, at: datetime) -> None:
        match fact:
            case facts.DepartmentCreated():
                self.party_id = fact.party_id
                self.name = fact.name
                self.parent_id = fact.parent_id
                self.deleted = False
            case facts.DepartmentChanged():
                self.name = fact.name
                self.parent_id = fact.parent_id
            case facts.DepartmentDeleted():
                self.deleted = True
            case _:
                assert_never(fact)
