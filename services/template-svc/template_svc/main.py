"""The composition of template-svc and its processes: ``python -m template_svc.main api|worker|migrate``."""

from __future__ import annotations

import json

from delivery_shared.http import TokenVerifier, create_api
from delivery_shared.messaging.transport import Transport
from delivery_shared.migrate import migrate
from delivery_shared.service import Service, Settings, run
from flask import Flask

from template_svc.api import BLUEPRINTS, ERRORS
from template_svc.application import TemplateApplication
from template_svc.seeding import seed_presets


def service(settings: Settings, transport: Transport) -> Service:
    """template-svc. It consumes nothing, so it needs the transport only for what every service does with it."""
    application = TemplateApplication(database_url=settings.database_url, schema=settings.schema)

    def ready() -> None:
        with application.connection() as connection:
            connection.execute("SELECT 1 FROM template LIMIT 1")

    def api() -> Flask:
        return create_api(
            name="template",
            title="交付中心 template-svc",
            application=application,
            blueprints=BLUEPRINTS,
            errors=ERRORS,
            verifier=TokenVerifier(json.loads(settings.public_keys)),
            ready=ready,
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

    return Service(
        name="template",
        store=application,
        consumers=[],
        create_api=api,
        migrate=migrate_and_seed,
        close=application.close,
    )


if __name__ == "__main__":
    run(service)
