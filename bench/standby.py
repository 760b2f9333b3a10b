"""Commands a second of one service whose commits wait for a standby some milliseconds away, as production's do.

A process with 32 clients on a store of its own; each command begins a stream. The standby follows through a proxy that
holds back what it answers: the round trip is longer by that much. ``one by one`` is the same without saving together.
A client alone: what a command costs that meets no other, on the way for many and on its own.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import psycopg
from delivery_center.running.ports import free_port
from delivery_shared.commands import Command, execute
from delivery_shared.eventstore import EventStore, UnitOfWork
from delivery_shared.facts import Aggregate, Fact, stored_as
from delivery_shared.migrate import EVENT_SOURCED
from delivery_shared.together import MOST, Together

from tools.private_servers import PrivatePostgres, as_user, private_postgres

CLIENTS = 32
SECONDS = 5.0
ALONE = 2_000
"""Commands of the client that is alone, on either way by turns."""


class Begun(Fact):
    """All that happens here."""


@stored_as("bench", Begun)
class Stream(Aggregate[Begun]):
    """One fact."""

    def change(self, fact: Begun, at: datetime) -> None:
        pass


class BenchStore(EventStore):
    """Nothing of it is published."""

    name = "bench"
    aggregates = (Stream,)


def begin(unit: UnitOfWork) -> tuple[int, dict[str, Any]]:
    unit.add(Stream.begun(Begun(), id=uuid4(), at=datetime.now(UTC)))
    return 201, {}


def run(delay: float | None) -> tuple[float, float]:
    """Commands a second, saved together and one by one; ``delay``: seconds the standby's answers take longer, None: no
    standby."""
    with _primary() as (primary, store):
        if delay is None:
            return _commands(store, MOST), _commands(store, 1)
        with _standby(primary, delay):
            return _commands(store, MOST), _commands(store, 1)


def alone() -> tuple[float, float]:
    """Median milliseconds of a command that meets no other: where others could come, and by itself."""
    with _primary() as (_, store):
        together = Together(store)
        ways: tuple[Callable[[], object], ...] = (
            lambda: together.execute(Command(), begin),
            lambda: execute(store, Command(), begin),
        )
        took: tuple[list[float], list[float]] = ([], [])
        for _ in range(ALONE):
            for way, times in zip(ways, took, strict=True):
                start = time.perf_counter()
                way()
                times.append((time.perf_counter() - start) * 1000)
    return statistics.median(took[0]), statistics.median(took[1])


@contextmanager
def _primary() -> Iterator[tuple[PrivatePostgres, BenchStore]]:
    with private_postgres() as primary:
        with psycopg.connect(primary.url, autocommit=True) as connection:
            connection.execute("CREATE SCHEMA bench")
            connection.execute("SET search_path = bench")
            connection.execute(EVENT_SOURCED)
        with BenchStore(database_url=primary.url) as store:
            store.create_tables()
            yield primary, store


def _commands(store: EventStore, most: int) -> float:
    together = Together(store, most=most)
    together.execute(Command(), begin)
    began = time.monotonic()

    def client(_: int) -> int:
        done = 0
        while time.monotonic() - began < SECONDS:
            together.execute(Command(), begin)
            done += 1
        return done

    with ThreadPoolExecutor(CLIENTS) as pool:
        done = sum(pool.map(client, range(CLIENTS)))
    return done / (time.monotonic() - began)


@contextmanager
def _standby(primary: PrivatePostgres, delay: float) -> Iterator[None]:
    """A standby that every commit waits for."""
    standby, port = PrivatePostgres(), free_port()
    command = [sys.executable, "-m", "bench.standby", str(port), str(primary.port), str(delay)]
    proxy = subprocess.Popen(command)
    try:
        copy = [str(standby.programs / "pg_basebackup"), "-d", primary.url, "-D", str(standby.data), "-R", "-c", "fast"]
        if as_user(copy, env=standby.environment(), cwd=standby.home).wait():
            raise RuntimeError("no copy of the primary for a standby")
        with (standby.data / "postgresql.auto.conf").open("a", encoding="utf-8") as config:
            config.write(
                f"primary_conninfo = 'host=127.0.0.1 port={port} user=postgres application_name=standby'\n"
                "synchronous_standby_names = ''\n"
            )
        standby.start()
        with psycopg.connect(primary.url, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET synchronous_standby_names = 'standby'")
            connection.execute("SELECT pg_reload_conf()")
            deadline = time.monotonic() + 60
            following = "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'"
            while connection.execute(following).fetchone() is None:
                if time.monotonic() > deadline:
                    raise TimeoutError("the standby does not follow")
                time.sleep(0.1)
        yield
        with psycopg.connect(primary.url, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM RESET synchronous_standby_names")
            connection.execute("SELECT pg_reload_conf()")
    finally:
        standby.remove()
        proxy.terminate()
        proxy.wait()


async def _hold_back(port: int, target: int, delay: float) -> None:
    """Forward connections; what comes from whoever connects is passed on ``delay`` seconds later, in order."""
    loop = asyncio.get_running_loop()

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, later: float) -> None:
        while data := await reader.read(65536):
            if later:
                loop.call_later(later, writer.write, data)
            else:
                writer.write(data)
        loop.call_later(later, writer.close)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", target)
        await asyncio.gather(pump(reader, back, delay), pump(there, writer, 0.0), return_exceptions=True)

    async with await asyncio.start_server(connected, "127.0.0.1", port) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_hold_back(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
