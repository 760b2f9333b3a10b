"""What a service is made of, and the processes it runs as.

Every service's ``main.py`` has ``service(settings, transport) -> Service`` and ends in ``run(name, service)``. A
process is one of ``api`` (gunicorn), ``worker`` (relay, feeds, sweeps), ``migrate``, a name among ``loops`` (dispatch:
``dispatcher``), or ``live``: an ``api`` with a thread for each open stream; it tells of its health on
``DELIVERY_HEALTH_BIND``. Embedded mode hosts all of them, of all services, in one process.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import structlog
from flask import Flask
from prometheus_client import Gauge

from delivery_shared import telemetry
from delivery_shared.audit import AuditChain
from delivery_shared.commands import forget_old
from delivery_shared.environment import databases, with_secrets
from delivery_shared.eventstore import EventStore
from delivery_shared.figures import Figures
from delivery_shared.health import Health, Only, serve_health
from delivery_shared.http.positions import places
from delivery_shared.liveness import StopSignal
from delivery_shared.logs import configure_logging, library_logging
from delivery_shared.messaging.consumer import Consumer
from delivery_shared.messaging.feed import Feed
from delivery_shared.messaging.rabbit import RabbitTransport
from delivery_shared.messaging.relay import Relay
from delivery_shared.messaging.topology import Broker
from delivery_shared.messaging.transport import Transport
from delivery_shared.metrics import forget_process
from delivery_shared.status import ServiceStatus
from delivery_shared.waiting import once_reachable, wait_for_schema

log = structlog.get_logger()

THREADS = 8
"""Requests an ``api`` process answers at a time, unless its service says otherwise."""

STREAMS = "200"
"""How many streams a process ``live`` holds open, unless ``DELIVERY_STREAMS`` says otherwise."""

LONGEST_LINE = 8190
"""Characters of a request's first line: the most gunicorn allows, and what the gateway lets through."""

Loop = Callable[[threading.Event], None]
"""A background task: runs until the event is set, finishing what it has in hand."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The environment, read once. ``environment`` keeps all of it for what a single service needs."""

    database_url: str
    """Where all services are that have no database of their own."""
    databases: Mapping[str, str] = field(default_factory=dict)
    """The addresses of those that have, by service."""
    broker: Broker | None
    schema: str | None = None
    public_keys: str = ""
    data_dir: Path = Path("data")
    streams: int = 0
    """How many streams of server-sent events this process may hold open; each takes a thread."""
    environment: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def read(environment: Mapping[str, str]) -> Settings:
        """Settings of a separate process. :raises SystemExit: naming what is missing.

        ``DATABASE_URL``, or ``DELIVERY_<SERVICE>_DATABASE_URL`` for one service; ``AMQP_URL``;
        ``DELIVERY_NAMESPACE`` – put before every stream and queue name;
        ``DELIVERY_BROKER_NODES`` – on how many nodes those lie, 1; ``DELIVERY_PUBLIC_KEYS`` – the JWK set that verifies
        tokens, or the path of a file holding it; ``DELIVERY_DATA_DIR`` – uploaded files; ``DELIVERY_SCHEMA`` – default:
        the service's name. What stands in :data:`SECRETS` may come as a file.
        """
        environment = with_secrets(environment)
        missing = [n for n in ("DATABASE_URL", "AMQP_URL", "DELIVERY_PUBLIC_KEYS") if not environment.get(n)]
        if missing:
            raise SystemExit(f"missing in the environment: {', '.join(missing)}")
        keys = environment["DELIVERY_PUBLIC_KEYS"]
        return Settings(
            database_url=environment["DATABASE_URL"],
            databases=databases(environment),
            broker=Broker.read(environment),
            schema=environment.get("DELIVERY_SCHEMA"),
            public_keys=keys if keys.lstrip().startswith("{") else Path(keys).read_text(),
            data_dir=Path(environment.get("DELIVERY_DATA_DIR", "data")),
            environment=environment,
        )

    def of(self, service: str) -> Settings:
        """The settings of one service, ``database_url`` being that of its own."""
        return replace(self, database_url=self.databases.get(service, self.database_url), databases={})


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
    status: Callable[[], ServiceStatus] | None = None
    """How the service is doing: for its status route and its metrics."""
    gauges: Mapping[str, Gauge] = field(default_factory=dict)
    """The gauge of each figure only this service has."""
    end_streams: Callable[[], None] | None = None
    """Ends the open streams of server-sent events; a service that has them has the process ``live``."""
    close: Callable[[], None] = lambda: None


class Worker:
    """The threads of a worker process: relay, audit chain, one feed per source, retries of parked messages, own
    loops."""

    def __init__(self, service: Service, transport: Transport, broker: Broker | None) -> None:
        self.stopping = StopSignal()
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
            jobs[f"audit-{service.name}"] = self._loop(AuditChain(store).run)
        if service.status is not None:
            jobs[f"figures-{service.name}"] = self._loop(
                Figures(service.status, own=service.gauges, feeds=self.feeds).run
            )
        for name, loop in service.background.items():
            jobs[f"{service.name}-{name}"] = self._loop(loop)
        self.threads = [threading.Thread(target=job, name=name, daemon=True) for name, job in jobs.items()]

    def _loop(self, loop: Loop) -> Callable[[], None]:
        return lambda: loop(self.stopping)

    def _retry_parked(self, consumers: Sequence[Consumer]) -> None:
        while not self.stopping.wait(1.0):
            try:
                due = Consumer.due(consumers)
            except Exception as error:
                log.warning("parked messages not looked for", error=repr(error))
                continue
            for consumer in due:
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

    def faults(self) -> list[str]:
        """Threads that should run and do not, in words; empty = all is well."""
        if self.stopping.given():
            return []
        signals = [self.stopping, *(feed.stopping for feed in self.feeds)]
        if self.relay:
            signals.append(self.relay.stopping)
        dead = [f"{thread.name} has died" for thread in self.threads if not thread.is_alive()]
        return sorted({*dead, *(fault for told in signals for fault in told.faults())})

    def stop(self, timeout: float = 20) -> None:
        """Finish what is in hand and end all threads."""
        self.stopping.set()
        for feed in self.feeds:
            feed.stop()
        if self.relay:
            self.relay.stop()
        for thread in self.threads:
            thread.join(timeout)


def run(
    name: str,
    compose: Callable[[Settings, Transport], Service],
    arguments: Sequence[str] | None = None,
    *,
    threads: int = THREADS,
) -> None:
    """The command line of the service ``name``, whose package is ``<name>_svc``: ``python -m <name>_svc.main
    api|worker|migrate|<loop>``. All but ``migrate`` wait for their schema. Processes without HTTP touch
    ``DELIVERY_READY_FILE``, if set, once they run. SIGTERM ends a process once it has finished what it has in hand,
    with exit status 0; a loop that ends by itself, with 1."""
    configure_logging()
    collect_less_often()
    role = (list(arguments) if arguments is not None else sys.argv[1:] or ["api"])[0]
    settings = Settings.read(os.environ).of(name)
    broker = settings.broker
    assert broker is not None
    stopping = StopSignal()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    if role != "migrate" and not _is_prepared(name, settings, stopping):
        return

    def composed(transport: Transport) -> Service:
        return once_reachable(lambda: compose(settings, transport), service=name, stopping=stopping)

    if role in ("api", "live"):
        if role == "live":
            settings = replace(settings, streams=int(settings.environment.get("DELIVERY_STREAMS", STREAMS)))
        serve(lambda: _api(composed(RabbitTransport(broker)), role), settings, threads=threads)
        return
    transport = RabbitTransport(broker)
    service = composed(transport)
    if role == "migrate":
        service.migrate()
        broker.declare()
        return
    telemetry.configure(f"{service.name}-svc")
    if role != "worker" and role not in service.loops:
        raise SystemExit(f"unknown process {role!r}: api, worker, migrate, {', '.join(service.loops)}")
    log.info("started", service=service.name, role=role)
    bind, ready_file = (settings.environment.get(f"DELIVERY_{name}") for name in ("HEALTH_BIND", "READY_FILE"))
    worker = Worker(service, transport, broker) if role == "worker" else None
    if worker:
        worker.start()
    close_health = serve_health(bind, Health(worker.faults if worker else stopping.faults)) if bind else None
    if ready_file:
        Path(ready_file).touch()
    if worker:
        stopping.wait()
        worker.stop()
    else:
        service.loops[role](stopping)
    if close_health:
        close_health()
    transport.close()
    service.close()
    telemetry.close()
    log.info("stopped", service=service.name, role=role)
    if not stopping.is_set():
        raise SystemExit(f"{role} ended by itself")


def _is_prepared(name: str, settings: Settings, stopping: threading.Event) -> bool:
    """Wait for the schema of a service; False if told to stop before it is there."""
    return wait_for_schema(
        settings.database_url,
        schema=settings.schema or name,
        package=f"{name}_svc",
        stopping=stopping,
        bind=settings.environment.get("DELIVERY_HEALTH_BIND"),
    )


def _api(service: Service, role: str) -> Flask:
    telemetry.configure(f"{service.name}-svc")
    if service.end_streams is not None:
        before_stopping(service.end_streams)
    elif role == "live":
        raise SystemExit(f"{service.name} has no process 'live'")
    return service.create_api()


def before_stopping(call: Callable[[], None]) -> None:
    """Call ``call`` when a signal tells this process to stop, before the server waits for the answers under way.

    To be called where gunicorn loads an application: its worker has set its handlers by then.
    """

    def chained(former: Any) -> Callable[[int, Any], None]:
        def handle(number: int, frame: Any) -> None:
            call()
            if callable(former):
                former(number, frame)

        return handle

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, chained(signal.getsignal(number)))


def collect_less_often() -> None:
    """Everything imported lives as long as the process, and what a command makes dies with it by reference counting:
    the collector's default of looking every 700 objects costs a tenth of the time and finds nothing."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def serve(create: Callable[[], Any], settings: Settings, *, threads: int = THREADS) -> None:
    """Serve HTTP with gunicorn: threads – so many, unless ``DELIVERY_THREADS`` says otherwise –, and nothing is made
    before the fork (connections would be shared).

    One worker process unless ``DELIVERY_WORKERS`` says otherwise: containers are what is scaled. With several,
    ``/metrics`` would tell of whichever answers, so they need ``PROMETHEUS_MULTIPROC_DIR``, an empty folder, and serve
    no ``DELIVERY_HEALTH_BIND``.

    :raises SystemExit: several worker processes without that folder.
    """
    from gunicorn.app.base import BaseApplication

    environment = settings.environment
    workers = int(environment.get("DELIVERY_WORKERS", "1"))
    threads = int(environment.get("DELIVERY_THREADS", threads))
    shared_metrics = "PROMETHEUS_MULTIPROC_DIR" in environment
    if workers > 1 and not shared_metrics:
        raise SystemExit("DELIVERY_WORKERS above 1 needs PROMETHEUS_MULTIPROC_DIR, an empty folder")
    bind = environment.get("DELIVERY_HEALTH_BIND") if workers == 1 else None

    class Server(BaseApplication):
        def load_config(self) -> None:
            values = {
                "bind": environment.get("DELIVERY_BIND", "127.0.0.1:8000"),
                "workers": workers,
                "threads": threads + settings.streams,
                "worker_class": "delivery_shared.draining.DrainingWorker",
                "preload_app": False,
                "limit_request_line": LONGEST_LINE,
                "graceful_timeout": 20,
                "timeout": 60,
                "accesslog": None,
                "logconfig_dict": library_logging(),
                "control_socket_disable": True,
                "worker_exit": lambda _arbiter, _worker: telemetry.close(),
                "child_exit": lambda _arbiter, worker: forget_process(worker.pid) if shared_metrics else None,
            }
            for key, value in values.items():
                if key in self.cfg.settings:
                    self.cfg.set(key, value)

        def load(self) -> Any:
            places.share(threads)
            application = create()
            if bind:
                serve_health(bind, Only(application))
            return application

    Server().run()
