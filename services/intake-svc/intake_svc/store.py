"""What intake-svc stores: connections, orders, mirrors, and the keys that seal what is secret or personal in them."""

from __future__ import annotations

from delivery_shared.eventstore import EventStore

from intake_svc.domain.connection import Connection
from intake_svc.domain.mirror import Mirror
from intake_svc.domain.order import Order
from intake_svc.publishing import publishing
from intake_svc.vault import Vault


class IntakeStore(EventStore):
    """Loads and saves the aggregates of the service."""

    name = "intake"
    aggregates = (Connection, Order, Mirror)

    def __init__(self, *, database_url: str, schema: str | None = None) -> None:
        self.vault = Vault(self.connection)
        self.publishing = publishing(self.vault)
        super().__init__(database_url=database_url, schema=schema)
