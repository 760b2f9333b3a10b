"""All services together: composed over one transport, migrated, started and stopped as one."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace

import dispatch_svc.main
import identity_svc.main
import intake_svc.main
import notify_svc.main
import project_svc.main
import reporting_svc.main
import template_svc.main
from delivery_shared.messaging.memory import MemoryTransport
from delivery_shared.messaging.outbox import Outbox
from delivery_shared.messaging.rabbit import RabbitTransport
from delivery_shared.messaging.transport import Transport
from delivery_shared.service import Service, Settings, Worker

COMPOSE = {
    "template": template_svc.main.service,
    "identity": identity_svc.main.service,
    "intake": intake_svc.main.service,
    "project": project_svc.main.service,
    "dispatch": dispatch_svc.main.service,
    "notify": notify_svc.main.service,
    "reporting": reporting_svc.main.service,
}
"""Every service, in the order in which they are migrated."""


def known(databases: Mapping[str, str]) -> None:
    """:raises SystemExit: a database of its own is named for what is no service."""
    if others := sorted(set(databases) - set(COMPOSE)):
        raise SystemExit(f"no service is called {', '.join(others)}: DELIVERY_<SERVICE>_DATABASE_URL")


class Center:
    """The seven services in one process, each with its own schema of one database, or a database of its own.

    :param settings: ``broker`` None means: no messages leave this process.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        known(settings.databases)
        self.transport: Transport = RabbitTransport(settings.broker) if settings.broker else MemoryTransport()
        self.services: Mapping[str, Service] = {
            name: compose(replace(settings.of(name), schema=None), self.transport) for name, compose in COMPOSE.items()
        }
        if isinstance(self.transport, MemoryTransport):
            for service in self.services.values():
                if service.store is not None:
                    self.transport.register(Outbox(service.store))
        self.stopping = threading.Event()
        self.workers: list[Worker] = []
        self.loops: list[threading.Thread] = []

    @property
    def databases(self) -> dict[str, str]:
        """Where each service's schema is: the address of its database."""
        return {name: self.settings.of(name).database_url for name in self.services}

    def migrate(self) -> None:
        """Create or upgrade every schema, and the broker's streams and queues."""
        for service in self.services.values():
            service.migrate()
        if self.settings.broker:
            self.settings.broker.declare()

    def start(self) -> None:
        """Start every worker and every scaled loop once."""
        for service in self.services.values():
            worker = Worker(service, self.transport, self.settings.broker)
            worker.start()
            self.workers.append(worker)
            for name, loop in service.loops.items():
                thread = threading.Thread(
                    target=loop, args=(self.stopping,), name=f"{service.name}-{name}", daemon=True
                )
                thread.start()
                self.loops.append(thread)

    def stop(self) -> None:
        """Finish what is in hand and close everything."""
        self.stopping.set()
        for worker in self.workers:
            worker.stop()
        for thread in self.loops:
            thread.join(20)
        self.transport.close()
        for service in self.services.values():
            service.close()
