"""Composition root and processes: ``python -m notify_svc.main api|worker|migrate``."""

from __future__ import annotations

import json

from delivery_shared.clock import Clock
from delivery_shared.http import TokenVerifier, create_api
from delivery_shared.messaging.transport import Transport
from delivery_shared.migrate import migrate
from delivery_shared.projection import connect
from delivery_shared.service import Service, Settings, run

from notify_svc.api import BLUEPRINTS, ERRORS
from notify_svc.application import NotifyApplication
from notify_svc.feed import feeds

NAME = "notify"


def service(settings: Settings, transport: Transport) -> Service:
    """notify-svc: reads the events of template, identity and project, publishes nothing."""
    schema = settings.schema or NAME
    engine = connect(settings.database_url, schema)
    application = NotifyApplication(engine, Clock())
    consumers = feeds(engine)
    return Service(
        name=NAME,
        store=None,
        consumers=consumers,
        create_api=lambda: create_api(
            name=NAME,
            title="交付中心 notify-svc",
            application=application,
            blueprints=BLUEPRINTS,
            errors=ERRORS,
            verifier=TokenVerifier(json.loads(settings.public_keys)),
            consumers=consumers,
            ready=application.ready,
        ),
        migrate=lambda: migrate(
            database_url=settings.database_url, schema=schema, package="notify_svc", driver="psycopg2"
        ),
        close=engine.dispose,
    )


if __name__ == "__main__":
    run(service)
