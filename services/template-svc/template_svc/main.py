"""The composition of template-svc and its processes: ``python -m template_svc.main api|worker|migrate``."""

from __future__ import annotations

from datetime import UTC, datetime

from delivery_shared.composing import event_sourced
from delivery_shared.messaging.transport import Transport
from delivery_shared.service import Service, Settings, run

from template_svc.api import BLUEPRINTS, ERRORS
from template_svc.application import TemplateApplication
from template_svc.policies import consumers
from template_svc.seeding import seed_calendar, seed_presets
from template_svc.status import GAUGES, calendar_status
from template_svc.store import TemplateStore


def service(settings: Settings, transport: Transport) -> Service:
    """template-svc. Own settings: ``DELIVERY_MOVABLE_CLOCK=1`` lets the operator move the platform's clock (demo and
    tests); ``DELIVERY_TEMPLATE_REVISIONS=1`` offers editing of published templates, with review (A-20)."""
    store = TemplateStore(database_url=settings.database_url, schema=settings.schema)
    application = TemplateApplication(
        store,
        revisions_offered=settings.environment.get("DELIVERY_TEMPLATE_REVISIONS") == "1",
        movable_clock=settings.environment.get("DELIVERY_MOVABLE_CLOCK") == "1",
    )

    def seed() -> None:
        seed_presets(application)
        seed_calendar(application)

    return event_sourced(
        settings=settings,
        store=store,
        application=application,
        consumers=consumers(store),
        blueprints=BLUEPRINTS,
        errors=ERRORS,
        table="template",
        figures=lambda: calendar_status(store, now=datetime.now(UTC) + application.clock_offset),
        gauges=GAUGES,
        migrated=seed,
    )


if __name__ == "__main__":
    run("template", service)
