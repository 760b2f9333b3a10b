"""Composition of dispatch-svc and its processes: api, worker, dispatcher, migrate."""

from __future__ import annotations

import threading

from delivery_shared.composing import event_sourced
from delivery_shared.messaging.hints import Hints
from delivery_shared.messaging.transport import Transport
from delivery_shared.platform_clock import platform_clock
from delivery_shared.service import Service, Settings, run

from dispatch_svc.api import BLUEPRINTS
from dispatch_svc.api.errors import ERRORS
from dispatch_svc.application import DispatchApplication
from dispatch_svc.dispatcher import Dispatcher, run_dispatchers
from dispatch_svc.policies import consumers
from dispatch_svc.status import GAUGES, queue_status
from dispatch_svc.store import DispatchStore
from dispatch_svc.sweep import sweep

QUEUE = "dispatch.work"

THREADS = 2
"""Dispatchers of one process unless ``DELIVERY_DISPATCHERS`` says otherwise; what is scaled is processes."""


def service(settings: Settings, transport: Transport) -> Service:
    """dispatch-svc, composed."""
    hints = Hints(transport, QUEUE)
    store = DispatchStore(database_url=settings.database_url, schema=settings.schema, hint=hints)
    store.clock = platform_clock(store, settings.environment)

    def dispatchers(stopping: threading.Event) -> None:
        def make() -> Dispatcher:
            return Dispatcher(store, database_url=settings.database_url, clock=store.clock, stopping=stopping.is_set)

        def consume(dispatcher: Dispatcher) -> None:
            transport.work(QUEUE).run(dispatcher.handle, stopping.is_set)

        run_dispatchers(make, consume, int(settings.environment.get("DELIVERY_DISPATCHERS", THREADS)))

    return event_sourced(
        settings=settings,
        store=store,
        application=DispatchApplication(store),
        consumers=consumers(store),
        blueprints=BLUEPRINTS,
        errors=ERRORS,
        table="wake",
        figures=lambda: queue_status(store),
        gauges=GAUGES,
        background={"sweep": lambda stopping: sweep(store, stopping)},
        loops={"dispatcher": dispatchers},
        close=hints.close,
    )


if __name__ == "__main__":
    run("dispatch", service)
