"""What a project takes for ever: bytes in PostgreSQL and in the streams – and, beside them, its CPU (``costs``). The
servers are of the benchmark's own, so that all they hold is of these projects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from delivery_center.growth import size_text, tables_of
from delivery_center.load.prepared_system import PreparedSystem

from bench.costs import Servers
from tools.private_rabbit import private_rabbitmq
from tools.private_servers import private_postgres

THREADS = 8


@dataclass(frozen=True, kw_only=True)
class Held:
    """Bytes by (service, group of tables), and by stream."""

    tables: Mapping[tuple[str, str], int]
    streams: Mapping[str, int]


def run(*, projects: int) -> Iterator[str]:
    """Lines of what one of ``projects`` projects takes, each order and operation of which is an HTTP request."""
    with private_postgres() as postgres, private_rabbitmq() as rabbit:
        assert postgres.process is not None
        assert rabbit.process is not None
        roots = {"PostgreSQL": postgres.process.pid, "RabbitMQ": rabbit.process.pid}
        own = Servers(database_url=postgres.url, amqp_url=rabbit.url, roots=roots)
        with own.ours() as ours:
            before = _held(ours.installation, rabbit.home)
            costs = ours.over_http(projects, threads=THREADS)
            after = _held(ours.installation, rabbit.home)
            ours.installation.assert_well()
    yield f"one of {projects} projects: {costs}"
    yield from _each("PostgreSQL", before.tables, after.tables, projects)
    yield from _each("streams", before.streams, after.streams, projects)


def _held(installation: PreparedSystem, broker: Path) -> Held:
    tables = {
        (name, group.group): group.bytes
        for name, service in installation.center.services.items()
        for group in tables_of(name, service.consumers[0].rows)
    }
    streams: dict[str, int] = {}
    for segment in broker.rglob("*.segment"):
        source = segment.parent.name.partition("_events_")[2].partition("_")[0]
        streams[source] = streams.get(source, 0) + segment.stat().st_size
    return Held(tables=tables, streams=streams)


def _each(what: str, before: Mapping[Any, int], after: Mapping[Any, int], projects: int) -> Iterator[str]:
    each = {key: (size - before.get(key, 0)) / projects for key, size in after.items()}
    yield f"{what}: {size_text(sum(each.values()))} a project"
    for key, size in sorted(each.items(), key=lambda one: -one[1]):
        name = " ".join(key) if isinstance(key, tuple) else str(key)
        yield f"  {name:<24} {size_text(size):>10}"
