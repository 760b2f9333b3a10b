"""What identity-svc stores: its aggregates, and the keys that seal what is personal in them."""

from __future__ import annotations

from typing import Final

from delivery_shared.eventstore import EventStore

from identity_svc.domain.access_key import AccessKey
from identity_svc.domain.contact import Contact
from identity_svc.domain.department import Department
from identity_svc.domain.operator_action import OperatorAction
from identity_svc.domain.party import Party
from identity_svc.domain.user import User
from identity_svc.publishing import publishing
from identity_svc.vault import Vault

AGGREGATES: Final = (Party, Department, User, Contact, AccessKey, OperatorAction)
"""All that is stored: whoever opens the store can read each of its facts."""


class IdentityStore(EventStore):
    """Loads and saves parties, departments, users, contacts, access keys and the actions of operators."""

    name = "identity"
    aggregates = AGGREGATES

    def __init__(self, *, database_url: str, schema: str | None = None) -> None:
        self.vault = Vault(self.connection)
        self.publishing = publishing(self.vault)
        super().__init__(database_url=database_url, schema=schema)
