"""What identity-svc stores: its aggregates, and the keys that seal what is personal in them."""

from __future__ import annotations

from delivery_shared.eventstore import EventStore

from identity_svc.publishing import publishing
from identity_svc.vault import Vault


class IdentityStore(EventStore):
    """Loads and saves parties, departments, users and the actions of operators."""

    name = "identity"

    def __init__(self, *, database_url: str, schema: str | None = None) -> None:
        self.vault = Vault(self.connection)
        self.publishing = publishing(self.vault)
        super().__init__(database_url=database_url, schema=schema)
