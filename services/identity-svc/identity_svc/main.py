"""Composition of identity-svc and its processes: api, worker, migrate."""

from __future__ import annotations

import json
import sys
import threading

import structlog
from delivery_shared.http import create_api
from delivery_shared.http.tokens import TokenIssuer, TokenVerifier
from delivery_shared.messaging.transport import Transport
from delivery_shared.migrate import migrate
from delivery_shared.service import Service, Settings, run
from delivery_shared.status import ServiceStatus, status_of
from flask import Flask
from identity_svc.api import BLUEPRINTS
from identity_svc.api.errors import ERRORS
from identity_svc.application import IdentityApplication
from identity_svc.bootstrap import bootstrap
from identity_svc.config import Config, first_passwords, private_key
from identity_svc.policies import process_managers
from werkzeug.middleware.proxy_fix import ProxyFix

log = structlog.get_logger()

SWEEP = 600.0
"""Seconds between two clearings of sessions that are over."""


def service(settings: Settings, transport: Transport | None = None) -> Service:
    """identity-svc, composed. :raises SystemExit: the environment lacks or spoils something."""
    config = Config.read(settings.environment)
    issuer = TokenIssuer(private_key(settings.environment))
    verifier = TokenVerifier(json.loads(settings.public_keys) if settings.public_keys else issuer.public_jwks)
    application = IdentityApplication(
        database_url=settings.database_url, schema=settings.schema, issuer=issuer, config=config
    )
    consumers = process_managers(application)

    def ready() -> None:
        with application.connection() as connection:
            connection.execute("SELECT 1 FROM party LIMIT 1")

    def status() -> ServiceStatus:
        return status_of(
            service="identity",
            store=application,
            consumers=consumers,
            relayed=settings.broker is not None,
        )

    def api() -> Flask:
        app = create_api(
            name="identity",
            title="identity-svc",
            application=application,
            blueprints=BLUEPRINTS,
            errors=ERRORS,
            verifier=verifier,
            consumers=consumers,
            ready=ready,
            revoked=application.sessions.revoked,
            status=status,
        )
        if config.proxies:
            app.wsgi_app = ProxyFix(app.wsgi_app, x_for=config.proxies, x_proto=config.proxies)  # type: ignore[method-assign]
        return app

    def sweep(stopping: threading.Event) -> None:
        while not stopping.wait(SWEEP):
            try:
                application.sessions.forget_old()
            except Exception as error:
                log.warning("old sessions not deleted", error=repr(error))

    def migrate_schema() -> None:
        """Schema, then the first accounts if asked for; passwords made up for them are printed this once."""
        migrate(
            database_url=settings.database_url,
            schema=application.schema,
            package="identity_svc",
            driver="psycopg",
            store=application,
        )
        passwords = first_passwords(settings.environment)
        if passwords is not None:
            for login_name, password in bootstrap(application, passwords).items():
                if login_name not in passwords:
                    sys.stdout.write(f"{login_name} {password}\n")

    return Service(
        name="identity",
        store=application,
        consumers=consumers,
        create_api=api,
        migrate=migrate_schema,
        background={"sweep": sweep},
        status=status,
        close=application.close,
    )


if __name__ == "__main__":
    run(service)
