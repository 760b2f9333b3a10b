"""Composition root and processes: ``python -m reporting_svc.main api|live|worker|migrate``."""

from __future__ import annotations

import json

from delivery_shared.http import TokenVerifier, create_api
from delivery_shared.http.revocation import revocations
from delivery_shared.messaging.transport import Transport
from delivery_shared.migrate import migrate
from delivery_shared.projection import connect
from delivery_shared.service import Service, Settings, run
from delivery_shared.status import ServiceStatus, status_of
from flask import Flask

from reporting_svc.api import BLUEPRINTS, ERRORS
from reporting_svc.application import ReportingApplication
from reporting_svc.bi.installing import install
from reporting_svc.feed import read_models
from reporting_svc.listening import Live

NAME = "reporting"


def service(settings: Settings, transport: Transport) -> Service:
    """reporting-svc: reads the events of all others, publishes nothing."""
    schema = settings.schema or NAME
    engine = connect(settings.database_url, schema)
    application = ReportingApplication(engine)
    consumers = read_models(engine)
    revoked = revocations(engine)
    live = Live(engine, limit=settings.streams, revoked=revoked)

    def status() -> ServiceStatus:
        return status_of(
            service=NAME,
            store=None,
            consumers=consumers,
            relayed=settings.broker is not None,
        )

    def api() -> Flask:
        app = create_api(
            name=NAME,
            title="交付中心 reporting-svc",
            application=application,
            blueprints=BLUEPRINTS,
            errors=ERRORS,
            verifier=TokenVerifier(json.loads(settings.public_keys)),
            revoked=revoked,
            consumers=consumers,
            ready=application.ready,
            status=status,
        )
        app.extensions["live"] = live
        return app

    def close() -> None:
        live.stop()
        engine.dispose()

    return Service(
        name=NAME,
        store=None,
        consumers=consumers,
        create_api=api,
        migrate=lambda: migrate_with_views(settings.database_url, schema),
        status=status,
        end_streams=live.stop,
        close=close,
    )


def migrate_with_views(database_url: str, schema: str) -> None:
    """Tables, and over them the views for analysts: those of the live schema only, not of one built beside it. Views
    that a later version has put there stay: this one does not know their columns."""
    if migrate(database_url=database_url, schema=schema, package="reporting_svc", driver="psycopg2"):
        install(database_url, schema)


if __name__ == "__main__":
    run(NAME, service)
