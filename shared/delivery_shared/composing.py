"""How an event-sourced service is put together from its store, its application and its feeds."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from flask import Flask

from delivery_shared.http import TokenVerifier, create_api, problems
from delivery_shared.http.revocation import revocations
from delivery_shared.migrate import migrate
from delivery_shared.service import Loop, Service, Settings
from delivery_shared.status import ServiceStatus, status_of

if TYPE_CHECKING:
    from _typeshed import DataclassInstance
    from prometheus_client import Gauge

    from delivery_shared.eventstore import EventStore
    from delivery_shared.http.tokens import Claims
    from delivery_shared.messaging.consumer import Consumer


def event_sourced(
    *,
    settings: Settings,
    store: EventStore,
    application: object,
    consumers: Sequence[Consumer],
    blueprints: Sequence[Any],
    errors: problems.ErrorTable,
    table: str,
    verifier: TokenVerifier | None = None,
    revoked: Callable[[Claims], bool] | None = None,
    figures: Callable[[], DataclassInstance] | None = None,
    gauges: Mapping[str, Gauge] | None = None,
    background: Mapping[str, Loop] | None = None,
    loops: Mapping[str, Loop] | None = None,
    migrated: Callable[[], None] = lambda: None,
    dressed: Callable[[Flask], Flask] = lambda app: app,
    close: Callable[[], None] = lambda: None,
) -> Service:
    """The service of ``store``, which names it; its package is ``<name>_svc``.

    :param application: what the views call.
    :param table: one of the service's own tables, asked whether the database can be used.
    :param verifier, revoked: of access tokens; by default by the settings' keys and the copy of identity's revocations.
    :param figures: the service's own figures, each with its gauge in ``gauges``.
    :param background, loops: see :class:`Service`.
    :param migrated: what follows the schema – first data.
    :param dressed: puts something around the HTTP application.
    :param close: what is closed before the store.
    """
    name = store.name

    def ready() -> None:
        with store.connection() as connection:
            connection.execute(f"SELECT 1 FROM {table} LIMIT 1")  # noqa: S608 - our own name

    def status() -> ServiceStatus:
        return status_of(
            service=name,
            store=store,
            consumers=consumers,
            relayed=settings.broker is not None,
            own=(lambda: asdict(figures())) if figures else dict,
        )

    def create() -> Flask:
        return dressed(
            create_api(
                name=name,
                title=f"交付中心 {name}-svc",
                application=application,
                blueprints=blueprints,
                errors=errors,
                verifier=verifier or TokenVerifier(json.loads(settings.public_keys)),
                revoked=revoked or revocations(store),
                consumers=consumers,
                ready=ready,
                status=status,
            )
        )

    def migrate_schema() -> None:
        migrate(
            database_url=settings.database_url,
            schema=store.schema,
            package=f"{name}_svc",
            driver="psycopg",
            store=store,
        )
        migrated()

    def close_all() -> None:
        close()
        store.close()

    return Service(
        name=name,
        store=store,
        consumers=consumers,
        create_api=create,
        migrate=migrate_schema,
        background=background or {},
        loops=loops or {},
        status=status,
        gauges=gauges or {},
        close=close_all,
    )
