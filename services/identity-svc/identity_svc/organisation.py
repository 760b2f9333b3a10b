"""Parties and their departments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from eventsourcing.domain import Aggregate, event
from identity_svc.domain import PartyKind


class NumberTaken(Exception):
    """A party with this account or customer number exists."""

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.number = number


class DepartmentNotEmpty(Exception):
    """Users or departments belong to the department (U-22)."""


class DepartmentLoop(Exception):
    """The department would stand below itself."""


class Party(Aggregate):
    """An organisation or customer. An ISV is vendor and provider at once (G-08); ``account`` ends the login names
    of its users (U-04)."""

    @event("Registered")
    def __init__(
        self,
        *,
        id: UUID,
        kind: PartyKind,
        name: str,
        account: str,
        customer_number: str | None,
        timestamp: datetime,
    ) -> None:
        self._id = id
        self.kind: PartyKind = kind
        self.name = name
        self.account = account
        self.customer_number = customer_number

    def login_name(self, local: str) -> str:
        """The full login name ``<local>@<account>.onaliyun.com`` (U-04)."""
        return f"{local.lower()}@{self.account.lower()}.onaliyun.com"


class Department(Aggregate):
    """部门 of a provider; departments nest (A-46)."""

    @event("Created")
    def __init__(self, *, id: UUID, party_id: UUID, name: str, parent_id: UUID | None, timestamp: datetime) -> None:
        self._id = id
        self.party_id = party_id
        self.name = name
        self.parent_id = parent_id
        self.deleted = False

    def change(self, *, name: str, parent_id: UUID | None, ancestors: Sequence[UUID], timestamp: datetime) -> None:
        """Rename or move. ``ancestors``: ``parent_id`` and everything above it.

        :raises DepartmentLoop: the new parent stands below this department.
        """
        if self.id in ancestors:
            raise DepartmentLoop
        if (name, parent_id) != (self.name, self.parent_id):
            self._changed(party_id=self.party_id, name=name, parent_id=parent_id, timestamp=timestamp)

    def delete(self, *, occupied: bool, timestamp: datetime) -> None:
        """:raises DepartmentNotEmpty: users or departments belong to it (U-22)."""
        if occupied:
            raise DepartmentNotEmpty
        self._deleted(party_id=self.party_id, timestamp=timestamp)

    @event("Changed")
    def _changed(self, *, party_id: UUID, name: str, parent_id: UUID | None, timestamp: datetime) -> None:
        self.name = name
        self.parent_id = parent_id

    @event("Deleted")
    def _deleted(self, *, party_id: UUID, timestamp: datetime) -> None:
        self.deleted = True
