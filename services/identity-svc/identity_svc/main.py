"""Composition of identity-svc and its processes: api, worker, migrate."""

from __future__ import annotations

import json
import sys

from delivery_shared.composing import event_sourced
from delivery_shared.http.tokens import TokenIssuer, TokenVerifier
from delivery_shared.links import LinkKeys
from delivery_shared.messaging.transport import Transport
from delivery_shared.service import Service, Settings, run
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from identity_svc.api import BLUEPRINTS
from identity_svc.api.access_keys import for_the_gateway
from identity_svc.api.errors import ERRORS
from identity_svc.application import IdentityApplication
from identity_svc.bootstrap import bootstrap
from identity_svc.carrying_out import Means
from identity_svc.config import Config, first_passwords, private_key
from identity_svc.policies import process_managers
from identity_svc.status import GAUGES, BackupWatch
from identity_svc.store import IdentityStore
from identity_svc.sweeping import granting, sweeping


def service(settings: Settings, transport: Transport | None = None) -> Service:
    """identity-svc, composed. :raises SystemExit: the environment lacks or spoils something."""
    config = Config.read(settings.environment)
    issuer = TokenIssuer(private_key(settings.environment))
    store = IdentityStore(database_url=settings.database_url, schema=settings.schema)
    means = Means(store=store, config=config)
    application = IdentityApplication(means, issuer=issuer, link_keys=LinkKeys.read(settings.environment))

    def first_accounts() -> None:
        """The first accounts if asked for; passwords made up for them are printed this once."""
        passwords = first_passwords(settings.environment)
        if passwords is not None:
            for login_name, password in bootstrap(means, passwords).items():
                if login_name not in passwords:
                    sys.stdout.write(f"{login_name} {password}\n")

    def behind_proxies(app: Flask) -> Flask:
        if config.proxies:
            app.wsgi_app = ProxyFix(app.wsgi_app, x_for=config.proxies, x_proto=1)  # type: ignore[method-assign]
        return for_the_gateway(app)

    return event_sourced(
        settings=settings,
        store=store,
        application=application,
        consumers=process_managers(store),
        blueprints=BLUEPRINTS,
        errors=ERRORS,
        table="party",
        verifier=TokenVerifier(json.loads(settings.public_keys) if settings.public_keys else issuer.public_jwks),
        revoked=application.revoked,
        figures=BackupWatch(store).status,
        gauges=GAUGES,
        background={"sweep": sweeping(application), "links": granting(application)},
        migrated=first_accounts,
        dressed=behind_proxies,
    )


if __name__ == "__main__":
    run("identity", service)
