"""Composition root and processes: ``python -m notify_svc.main api|worker|sender|migrate``."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict

from delivery_shared.clock import Clock
from delivery_shared.http import TokenVerifier, create_api
from delivery_shared.http.revocation import revocations
from delivery_shared.messaging.hints import Hints
from delivery_shared.messaging.transport import Transport
from delivery_shared.migrate import migrate
from delivery_shared.projection import connect
from delivery_shared.service import Service, Settings, run
from delivery_shared.status import ServiceStatus, status_of

from notify_svc.api import BLUEPRINTS, ERRORS
from notify_svc.application import NotifyApplication
from notify_svc.config import channels_of, letters_of, senders_of
from notify_svc.feed import feeds
from notify_svc.sender import QUEUE, Sender, run_senders
from notify_svc.status import GAUGES, delivery_status
from notify_svc.sweep import sweep

NAME = "notify"


def service(settings: Settings, transport: Transport) -> Service:
    """notify-svc: reads the events of template, identity and project, publishes nothing."""
    schema = settings.schema or NAME
    engine = connect(settings.database_url, schema)
    application = NotifyApplication(engine, Clock())
    channels = channels_of(settings.environment)
    configured = frozenset(channels)
    letters = letters_of(settings.environment)
    threads = senders_of(settings.environment)
    hints = Hints(transport, QUEUE)
    consumers = feeds(engine, configured=configured, hint=hints)

    def senders(stopping: threading.Event) -> None:
        if not channels:
            stopping.wait()
            return
        sender = Sender(engine, channels, letters=letters)
        run_senders(lambda: transport.work(QUEUE).run(sender.handle, stopping.is_set), threads)

    def close() -> None:
        hints.close()
        engine.dispose()

    def status() -> ServiceStatus:
        return status_of(
            service=NAME,
            store=None,
            consumers=consumers,
            relayed=settings.broker is not None,
            own=lambda: asdict(delivery_status(engine)),
        )

    def migrate_schema() -> None:
        migrate(database_url=settings.database_url, schema=schema, package="notify_svc", driver="psycopg2")

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
            revoked=revocations(engine),
            ready=application.ready,
            status=status,
        ),
        migrate=migrate_schema,
        background={"sweep": lambda stopping: sweep(engine, configured, hints, stopping)},
        loops={"sender": senders},
        status=status,
        gauges=GAUGES,
        close=close,
    )


if __name__ == "__main__":
    run(NAME, service)
