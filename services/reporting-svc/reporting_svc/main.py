"""Composition root and processes: ``python -m reporting_svc.main api|worker|migrate``."""

from __future__ import annotations

import json

from delivery_shared.http import TokenVerifier, create_api
from delivery_shared.http.revocation import revocations
from delivery_shared.messaging.transport import Transport
from delivery_shared.migrate import migrate
from delivery_shared.projection import connect
from delivery_shared.service import Service, Settings, run
from delivery_shared.status import ServiceStatus, status_of

from reporting_svc.api import BLUEPRINTS, ERRORS
from reporting_svc.application import ReportingApplication
from reporting_svc.feed import read_models

NAME = "reporting"


def service(settings: Settings, transport: Transport) -> Service:
    """reporting-svc: reads the events of all others, publishes nothing."""
    schema = settings.schema or NAME
    engine = connect(settings.database_url, schema)
    application = ReportingApplication(engine)
    consumers = read_models(engine)

    def status() -> ServiceStatus:
        return status_of(
            service=NAME,
            store=None,
            consumers=consumers,
            relayed=settings.broker is not None,
        )

    return Service(
        name=NAME,
        store=None,
        consumers=consumers,
        create_api=lambda: create_api(
            name=NAME,
            title="交付中心 reporting-svc",
            application=application,
            blueprints=BLUEPRINTS,
            errors=ERRORS,
            verifier=TokenVerifier(json.loads(settings.public_keys)),
            revoked=revocations(engine),
            consumers=consumers,
            ready=application.ready,
            status=status,
        ),
        migrate=lambda: migrate(
            database_url=settings.database_url, schema=schema, package="reporting_svc", driver="psycopg2"
        ),
        status=status,
        close=engine.dispose,
    )


if __name__ == "__main__":
    run(service)
