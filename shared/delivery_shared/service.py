"""What a service is made of, and the processes it runs as.

Every service's ``main.py`` has ``service(settings, transport) -> Service`` and ends in ``run(service)``. A process
is one of ``api`` (gunicorn), ``worker`` (relay, feeds, sweeps), ``migrate``, or a name among ``loops`` (dispatch:
``dispatcher``). Embedded mode hosts all of them, of all services, in one process.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog
from flask import Flask

from delivery_shared.commands import forget_old
from delivery_shared.eventstore import EventStore
from delivery_shared.logs import configure_logging
from delivery_shared.messaging.feed import Consumer, Feed
from delivery_shared.messaging.rabbit import RabbitTransport
from delivery_shared.messaging.relay import Relay
from delivery_shared.messaging.topology import Broker
from delivery_shared.messaging.transport import Transport

log = structlog.get_logger()

SECRETS = (
    "DATABASE_URL",
    "DATABASE_ADMIN_URL",
    "AMQP_URL",
    "DELIVERY_SMTP_URL",
    "DELIVERY_SMTP_PASSWORD",
    "DELIVERY_SMS_URL",
    "DELIVERY_SMS_TOKEN",
)
"""Variables that hold secrets: each may come as ``<name>_FILE`` instead, the path of a file with the value."""

Loop = Callable[[threading.Event], None]
"""A background task: runs until the event is set, finishing what it has in hand."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The environment, read once. ``environment`` keeps all of it for what a single service needs."""

    database_url: str
    broker: Broker | None
    schema: str | None = None
    public_keys: str = ""
    data_dir: Path = Path("data")
    environment: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def read(environment: Mapping[str, str]) -> Settings:
        """Settings of a separate process. :raises SystemExit: naming what is missing.

        ``DATABASE_URL``; ``AMQP_URL``; ``DELIVERY_NAMESPACE`` – put before every stream and queue name;
        ``DELIVERY_PUBLIC_KEYS`` – the JWK set that verifies tokens, or the path
        of a file holding it; ``DELIVERY_DATA_DIR`` – uploaded files; ``DELIVERY_SCHEMA`` – default: the
        service's name. What stands in :data:`SECRETS` may come as a file.
        """
        environment = with_secrets(environment)
        missing = [n for n in ("DATABASE_URL", "AMQP_URL", "DELIVERY_PUBLIC_KEYS") if not environment.get(n)]
        if missing:
            raise SystemExit(f"missing in the environment: {', '.join(missing)}")
        keys = environment["DELIVERY_PUBLIC_KEYS"]
        return Settings(
            database_url=environment["DATABASE_URL"],
            broker=Broker(url=environment["AMQP_URL"], namespace=environment.get("DELIVERY_NAMESPACE", "")),
            schema=environment.get("DELIVERY_SCHEMA"),
            public_keys=keys if keys.lstrip().startswith("{") else Path(keys).read_text(),
            data_dir=Path(environment.get("DELIVERY_DATA_DIR", "data")),
            environment=environment,
        )


def with_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """``environment`` with the secrets that were given as files. A final line break is no part of a secret.

    :raises SystemExit: naming the variable – both forms are given, or the file cannot be read or is empty.
    """
    found = dict(environment)
    for name in SECRETS:
        path = found.pop(f"{name}_FILE", "")
        if not path:
            continue
        if found.get(name):
            raise SystemExit(f"{name} and {name}_FILE are both given")
        try:
            found[name] = Path(path).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, ValueError) as error:
            raise SystemExit(f"{name}_FILE is unusable: {type(error).__name__}") from None
        if not found[name]:
            raise SystemExit(f"{name}_FILE is empty")
    return found


@dataclass(frozen=True, kw_only=True)
class Service:
    """A composed service. ``store`` is None where nothing is published (notify, reporting)."""

    name: str
    store: EventStore | None
    consumers: Sequence[Consumer]
    create_api: Callable[[], Flask]
    migrate: Callable[[], None]
    background: Mapping[str, Loop] = field(default_factory=dict)
    """Loops of the worker process."""
    loops: Mapping[str, Loop] = field(default_factory=dict)
    """Processes of their own, by name: the parts that are scaled."""
    close: Callable[[], None] = lambda: None


class Worker:
    """The threads of a worker process: relay, one feed per source, retries of parked messages, own loops."""

    def __init__(self, service: Service, transport: Transport, broker: Broker | None) -> None:
        self.stopping = threading.Event()
        self.feeds = [Feed(consumer, transport) for consumer in service.consumers]
        jobs: dict[str, Callable[[], None]] = {
            f"feed-{feed.consumer.name}-{feed.consumer.source}": feed.run for feed in self.feeds
        }
        self.relay = Relay(service.store, broker) if service.store and broker else None
        if self.relay:
            jobs[f"relay-{service.name}"] = self.relay.run
        if service.consumers:
            jobs[f"parked-{service.name}"] = lambda: self._retry_parked(service.consumers)
        if service.store:
            store = service.store
            jobs[f"commands-{service.name}"] = lambda: self._forget(store)
        for name, loop in service.background.items():
            jobs[f"{service.name}-{name}"] = self._loop(loop)
        self.threads = [threading.Thread(target=job, name=name, daemon=True) for name, job in jobs.items()]

    def _loop(self, loop: Loop) -> Callable[[], None]:
        return lambda: loop(self.stopping)

    def _retry_parked(self, consumers: Sequence[Consumer]) -> None:
        while not self.stopping.wait(1.0):
            for consumer in consumers:
                try:
                    consumer.retry_parked()
                except Exception as error:
                    log.warning("parked messages not retried", feed=consumer.name, error=repr(error))

    def _forget(self, store: EventStore) -> None:
        while not self.stopping.wait(3600):
            try:
                forget_old(store)
            except Exception as error:
                log.warning("old commands not deleted", service=store.name, error=repr(error))

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def stop(self, timeout: float = 20) -> None:
        """Finish what is in hand and end all threads."""
        self.stopping.set()
        for feed in self.feeds:
            feed.stop()
        if self.relay:
            self.relay.stop()
        for thread in self.threads:
            thread.join(timeout)


def run(compose: Callable[[Settings, Transport], Service], arguments: Sequence[str] | None = None) -> None:
    """The command line of a service: ``python -m <x>_svc.main api|worker|migrate|<loop>``. Processes without HTTP
    touch ``DELIVERY_READY_FILE``, if set, once they run."""
    configure_logging()
    collect_less_often()
    role = (list(arguments) if arguments is not None else sys.argv[1:] or ["api"])[0]
    settings = Settings.read(os.environ)
    broker = settings.broker
    assert broker is not None
    if role == "api":
        serve(lambda: compose(settings, RabbitTransport(broker)).create_api(), settings)
        return
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    transport = RabbitTransport(broker)
    service = compose(settings, transport)
    if role == "migrate":
        service.migrate()
        broker.declare()
        return
    if role != "worker" and role not in service.loops:
        raise SystemExit(f"unknown process {role!r}: api, worker, migrate, {', '.join(service.loops)}")
    log.info("started", service=service.name, role=role)
    if ready_file := settings.environment.get("DELIVERY_READY_FILE"):
        Path(ready_file).touch()
    if role == "worker":
        worker = Worker(service, transport, broker)
        worker.start()
        stopping.wait()
        worker.stop()
    else:
        service.loops[role](stopping)
    transport.close()
    service.close()
    log.info("stopped", service=service.name, role=role)


def collect_less_often() -> None:
    """Everything imported lives as long as the process, and what a command makes dies with it by reference counting:
    the collector's default of looking every 700 objects costs a tenth of the time and finds nothing."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def serve(create: Callable[[], Any], settings: Settings) -> None:
    """Serve HTTP with gunicorn: threads, nothing made before the fork (connections would be shared)."""
    from gunicorn.app.base import BaseApplication

    environment = settings.environment

    class Server(BaseApplication):
        def load_config(self) -> None:
            values = {
                "bind": environment.get("DELIVERY_BIND", "127.0.0.1:8000"),
                "workers": int(environment.get("DELIVERY_WORKERS", "1")),
                "threads": int(environment.get("DELIVERY_THREADS", "8")),
                "worker_class": "gthread",
                "preload_app": False,
                "graceful_timeout": 20,
                "timeout": 60,
                "accesslog": None,
                "control_socket_disable": True,
            }
            for key, value in values.items():
                if key in self.cfg.settings:
                    self.cfg.set(key, value)

        def load(self) -> Any:
            return create()

    Server().run()
