"""The composition of intake-svc and its processes: ``python -m intake_svc.main api|worker|migrate``."""

from __future__ import annotations

from delivery_shared.composing import event_sourced
from delivery_shared.messaging.transport import Transport
from delivery_shared.platform_clock import platform_clock
from delivery_shared.service import Service, Settings, run

from intake_svc.api import BLUEPRINTS, ERRORS
from intake_svc.application import IntakeApplication
from intake_svc.carrying_out import Means
from intake_svc.endpoints import endpoints_of
from intake_svc.policies import consumers
from intake_svc.status import GAUGES, intake_status
from intake_svc.store import IntakeStore
from intake_svc.telling import Teller


def service(settings: Settings, transport: Transport | None = None) -> Service:
    """intake-svc, composed."""
    store = IntakeStore(database_url=settings.database_url, schema=settings.schema)
    means = Means(
        store=store, clock=platform_clock(store, settings.environment), endpoints=endpoints_of(settings.environment)
    )
    return event_sourced(
        settings=settings,
        store=store,
        application=IntakeApplication(means),
        consumers=consumers(store),
        blueprints=BLUEPRINTS,
        errors=ERRORS,
        table="connection",
        figures=lambda: intake_status(store, now=means.now()),
        gauges=GAUGES,
        background={"mirror": Teller(means).run} if means.endpoints else {},
    )


if __name__ == "__main__":
    run("intake", service)
