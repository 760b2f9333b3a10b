"""dispatch-svc as one object: its event store, what can be set, and what waits. Settings save the pool's aggregate
directly and wake the pool; the decisions themselves are the dispatchers'."""

from __future__ import annotations

from delivery_shared.clock import Clock
from delivery_shared.eventstore import stored_as

from dispatch_svc.assignment import Assignment
from dispatch_svc.configuration import ProviderConfiguration
from dispatch_svc.inbox import Hint
from dispatch_svc.pool import ProviderPool
from dispatch_svc.provider_settings import ProviderSettings
from dispatch_svc.publishing import PUBLISHING
from dispatch_svc.staff_settings import StaffSettings
from dispatch_svc.waiting import WaitingAsks

for aggregate in (ProviderConfiguration, ProviderPool, Assignment):
    stored_as("dispatch")(aggregate)


class DispatchApplication(ProviderSettings, StaffSettings, WaitingAsks):
    """The event store of dispatch and what can be asked of it."""

    name = "dispatch"
    publishing = PUBLISHING
    snapshotting_intervals = {ProviderConfiguration: 500, ProviderPool: 500}

    def __init__(
        self,
        *,
        database_url: str,
        schema: str | None = None,
        clock: Clock | None = None,
        hint: Hint = lambda pool: None,
    ) -> None:
        self.clock = clock or Clock()
        self.hint = hint
        super().__init__(database_url=database_url, schema=schema)
