"""The composition of template-svc and its processes: ``python -m template_svc.main api|worker|migrate``."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime

from delivery_shared.http import TokenVerifier, create_api
from delivery_shared.http.revocation import revocations
from delivery_shared.messaging.transport import Transport
from delivery_shared.migrate import migrate
from delivery_shared.service import Service, Settings, run
from delivery_shared.status import ServiceStatus, status_of
from flask import Flask

from template_svc.api import BLUEPRINTS, ERRORS
from template_svc.application import TemplateApplication
from template_svc.policies import consumers
from template_svc.seeding import seed_presets
from template_svc.status import GAUGES, calendar_status


def service(settings: Settings, transport: Transport) -> Service:
    """template-svc. Own settings: ``DELIVERY_MOVABLE_CLOCK=1`` lets the operator move the platform's clock (demo and
    tests); ``DELIVERY_TEMPLATE_REVISIONS=1`` offers editing of published templates, with review (A-20)."""
    application = TemplateApplication(database_url=settings.database_url, schema=settings.schema)
    application.revisions_offered = settings.environment.get("DELIVERY_TEMPLATE_REVISIONS") == "1"
    feeds = consumers(application)
    application.movable_clock = settings.environment.get("DELIVERY_MOVABLE_CLOCK") == "1"

    def ready() -> None:
        with application.connection() as connection:
            connection.execute("SELECT 1 FROM template LIMIT 1")

    def status() -> ServiceStatus:
        return status_of(
            service="template",
            store=application,
            consumers=feeds,
            relayed=settings.broker is not None,
            own=lambda: asdict(calendar_status(application, now=datetime.now(UTC) + application.clock_offset())),
        )

    def api() -> Flask:
        return create_api(
            name="template",
            title="交付中心 template-svc",
            application=application,
            blueprints=BLUEPRINTS,
            errors=ERRORS,
            verifier=TokenVerifier(json.loads(settings.public_keys)),
            revoked=revocations(application),
            consumers=feeds,
            ready=ready,
            status=status,
        )

    def migrate_and_seed() -> None:
        migrate(
            database_url=settings.database_url,
            schema=application.schema,
            package="template_svc",
            driver="psycopg",
            store=application,
        )
        seed_presets(application)
        application.seed_calendar()

    return Service(
        name="template",
        store=application,
        consumers=feeds,
        create_api=api,
        migrate=migrate_and_seed,
        status=status,
        gauges=GAUGES,
        close=application.close,
    )


if __name__ == "__main__":
    run(service)
