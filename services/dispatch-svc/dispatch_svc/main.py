"""Composition of dispatch-svc and its processes: api, worker, dispatcher, migrate."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict

from delivery_shared.http import TokenVerifier, create_api
from delivery_shared.http.revocation import revocations
from delivery_shared.messaging.hints import Hints
from delivery_shared.messaging.transport import Transport
from delivery_shared.migrate import migrate
from delivery_shared.service import Service, Settings, run
from delivery_shared.status import ServiceStatus, status_of
from flask import Flask

from dispatch_svc.api import BLUEPRINTS
from dispatch_svc.api.errors import ERRORS
from dispatch_svc.application import DispatchApplication
from dispatch_svc.dispatcher import Dispatcher, run_dispatchers
from dispatch_svc.policies import consumers
from dispatch_svc.status import GAUGES, queue_status
from dispatch_svc.sweep import sweep

QUEUE = "dispatch.work"

THREADS = 2
"""Dispatchers of one process unless ``DELIVERY_DISPATCHERS`` says otherwise; what is scaled is processes."""


def service(settings: Settings, transport: Transport) -> Service:
    """dispatch-svc, composed."""
    hints = Hints(transport, QUEUE)
    application = DispatchApplication(database_url=settings.database_url, schema=settings.schema, hint=hints)
    feeds = consumers(application)

    def ready() -> None:
        with application.connection() as connection:
            connection.execute("SELECT 1 FROM wake LIMIT 1")

    def status() -> ServiceStatus:
        return status_of(
            service="dispatch",
            store=application,
            consumers=feeds,
            relayed=settings.broker is not None,
            own=lambda: asdict(queue_status(application)),
        )

    def api() -> Flask:
        return create_api(
            name="dispatch",
            title="dispatch-svc",
            application=application,
            blueprints=BLUEPRINTS,
            errors=ERRORS,
            verifier=TokenVerifier(json.loads(settings.public_keys)),
            revoked=revocations(application),
            consumers=feeds,
            ready=ready,
            status=status,
        )

    def dispatchers(stopping: threading.Event) -> None:
        def make() -> Dispatcher:
            return Dispatcher(
                application,
                database_url=settings.database_url,
                clock=application.clock,
                stopping=stopping.is_set,
            )

        def consume(dispatcher: Dispatcher) -> None:
            transport.work(QUEUE).run(dispatcher.handle, stopping.is_set)

        run_dispatchers(make, consume, int(settings.environment.get("DELIVERY_DISPATCHERS", THREADS)))

    def close() -> None:
        hints.close()
        application.close()

    return Service(
        name="dispatch",
        store=application,
        consumers=feeds,
        create_api=api,
        migrate=lambda: migrate(
            database_url=settings.database_url,
            schema=application.schema,
            package="dispatch_svc",
            driver="psycopg",
            store=application,
        ),
        background={"sweep": lambda stopping: sweep(application, stopping)},
        loops={"dispatcher": dispatchers},
        status=status,
        gauges=GAUGES,
        close=close,
    )


if __name__ == "__main__":
    run(service)
