"""Processes that carry projects out by an engine that is a library, each its share."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from multiprocessing.connection import Connection

from bench.peers import Incomplete

READY_SECONDS = 120.0
STOP_SECONDS = 30.0

Work = Callable[[int], None]
"""Carries so many projects out. :raises Incomplete: not all came to their end."""
Engine = Callable[[str], AbstractContextManager[Work]]
"""The library with a database; a function of a module, since the processes are started anew (spawn)."""


class Crew:
    """Started by :func:`crew`."""

    def __init__(self, processes: Sequence[multiprocessing.process.BaseProcess], pipes: Sequence[Connection]) -> None:
        self.roots: Mapping[str, Sequence[int]] = {"engine": [process.pid for process in processes if process.pid]}
        self._pipes = pipes

    def run(self, projects: int) -> float:
        """Projects a second of all together, from the first begun to the last stored."""
        many = len(self._pipes)
        began = time.monotonic()
        for index, pipe in enumerate(self._pipes):
            pipe.send(projects // many + (index < projects % many))
        for told in [pipe.recv() for pipe in self._pipes]:
            if told is not None:
                raise Incomplete(told)
        return projects / (time.monotonic() - began)


@contextmanager
def crew(engine: Engine, database_url: str, *, processes: int) -> Iterator[Crew]:
    """So many processes, each with the library started.

    :raises Incomplete: one did not get ready.
    """
    context = multiprocessing.get_context("spawn")
    ours, started = [], []
    try:
        for _ in range(processes):
            mine, its = context.Pipe()
            process = context.Process(target=_work, args=(engine, database_url, its), daemon=True)
            process.start()
            its.close()
            ours.append(mine)
            started.append(process)
        for pipe in ours:
            if not pipe.poll(READY_SECONDS):
                raise Incomplete("a process did not get ready")
            try:
                pipe.recv()
            except EOFError as error:
                raise Incomplete("a process ended before it was ready") from error
        yield Crew(started, ours)
    finally:
        for pipe in ours:
            pipe.close()
        for process in started:
            process.join(STOP_SECONDS)
            if process.is_alive():
                process.kill()
                process.join()


def _work(engine: Engine, database_url: str, orders: Connection) -> None:
    """Until the other end is closed."""
    with engine(database_url) as work:
        orders.send(None)
        while True:
            try:
                projects = orders.recv()
            except (EOFError, ConnectionResetError):
                return
            try:
                work(projects)
            except Exception as error:  # what went wrong is told where it is waited for
                orders.send(repr(error))
            else:
                orders.send(None)
