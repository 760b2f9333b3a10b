"""What a project costs: bytes in PostgreSQL and in the streams, and seconds of CPU in every process, PostgreSQL and
RabbitMQ among them. The servers are of the benchmark's own, so that all they hold and do is of these projects.

Every order and every operation is an HTTP request of its own. Seconds of CPU, unlike projects a second, hardly depend
on what else the machine does. Linux only: it reads ``/proc``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from delivery_center.growth import size_text, tables_of
from delivery_center.load.prepared_system import PreparedSystem
from delivery_shared.messaging.topology import Broker

from bench import lifecycles
from bench.pages import family
from tools.private_rabbit import PrivateRabbit, private_rabbitmq
from tools.private_servers import PrivatePostgres, PrivateServer, private_postgres

WARM = 20
"""Projects before the first look: what is made once – connections, pages of tables, caches – is no project's."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """All so far: bytes by (service, group of tables), bytes by stream, seconds of CPU by process."""

    tables: dict[tuple[str, str], int]
    streams: dict[str, int]
    cpu: dict[str, float]


@contextmanager
def servers() -> Iterator[tuple[PrivatePostgres, PrivateRabbit]]:
    with private_postgres() as postgres, private_rabbitmq() as rabbit:
        yield postgres, rabbit


def run(folder: Path, *, projects: int) -> list[str]:
    """Lines of what one of ``projects`` projects costs."""
    with servers() as (postgres, rabbit):
        broker = Broker(url=rabbit.url, namespace="capacity.")
        with lifecycles.installation(postgres.url, broker, folder) as installation:
            lifecycles.over_http(installation, WARM)
            before = _read(installation, postgres, rabbit)
            lifecycles.over_http(installation, projects)
            after = _read(installation, postgres, rabbit)
            installation.assert_well()
    return list(_told(before, after, projects))


def _read(installation: PreparedSystem, postgres: PrivatePostgres, rabbit: PrivateRabbit) -> Reading:
    tables = {}
    for name, service in installation.center.services.items():
        for group in tables_of(name, service.consumers[0].rows):
            tables[name, group.group] = group.bytes
    cpu = {name: _cpu(process.pid) for name, process in installation.system.running.items()}
    cpu |= {"postgres": _server(postgres), "rabbitmq": _server(rabbit)}
    return Reading(tables=tables, streams=_streams(rabbit), cpu=cpu)


def _streams(rabbit: PrivateRabbit) -> dict[str, int]:
    """The bytes of each stream's segments, by its source."""
    found: dict[str, int] = {}
    for segment in rabbit.home.rglob("*.segment"):
        source = segment.parent.name.partition("events.")[2].partition("_")[0]
        found[source] = found.get(source, 0) + segment.stat().st_size
    return found


def _server(server: PrivateServer) -> float:
    assert server.process is not None
    return _cpu(server.process.pid)


def _cpu(pid: int) -> float:
    """Seconds of a process, all below it and all that have ended there."""
    spent = 0.0
    for process in family(pid):
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:15]
        spent += sum(map(int, fields)) / os.sysconf("SC_CLK_TCK")
    return spent


def _told(before: Reading, after: Reading, projects: int) -> Iterator[str]:
    yield f"one of {projects} projects:"
    whole = 0.0
    for key in sorted(after.tables):
        each = (after.tables[key] - before.tables.get(key, 0)) / projects
        whole += each
        yield f"  {key[0]:<10} {key[1]:<12} {size_text(each):>10}"
    yield f"  {'PostgreSQL in all':<23} {size_text(whole):>10}"
    whole = 0.0
    for source in sorted(after.streams):
        each = (after.streams[source] - before.streams.get(source, 0)) / projects
        whole += each
        yield f"  stream of {source:<13} {size_text(each):>10}"
    yield f"  {'streams in all':<23} {size_text(whole):>10}"
    whole = 0.0
    for name in after.cpu:
        each = (after.cpu[name] - before.cpu.get(name, 0.0)) / projects * 1000
        whole += each
        yield f"  {name:<23} {each:>7.1f} ms CPU"
    yield f"  {'CPU in all':<23} {whole:>7.1f} ms CPU"
