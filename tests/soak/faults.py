"""Faults drawn at random: processes die, stall, and die at the worst moment, database and broker are killed, restarted
and away. The servers are the runs' own, which may be killed."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from delivery_center.load.prepared_system import PreparedSystem
from delivery_center.running.processes import ROLES, System
from delivery_shared.messaging.topology import Broker

from tools.private_rabbit import PrivateRabbit, private_rabbitmq
from tools.private_servers import PrivatePostgres, private_postgres

STALL = 8.0
"""Seconds a process stands still at most."""
AWAY = 10.0
"""Seconds a server or process is away at most."""
PAUSE = 4.0
"""Seconds between two faults at most."""
DIES = 15.0
"""Seconds in which a process reaches its failpoint, under this load, or does not for want of work."""

WORST_MOMENTS = [
    ("project-worker", "relay.after_publish"),
    ("dispatch-worker", "relay.after_publish"),
    ("identity-worker", "relay.after_publish"),
    ("intake-worker", "relay.after_publish"),
    ("intake-worker", "feed.after_commit"),
    ("dispatch-worker", "feed.after_commit"),
    ("project-worker", "feed.after_commit"),
    ("reporting-worker", "feed.after_commit"),
    ("notify-worker", "feed.after_commit"),
    ("dispatch-dispatcher", "dispatcher.before_commit"),
    ("dispatch-dispatcher", "dispatcher.after_commit"),
]

Servers = tuple[PrivatePostgres, PrivateRabbit]


class Faults:
    """Draws faults and brings them about, each over before the next begins."""

    def __init__(self, system: System, servers: Servers, draw: random.Random) -> None:
        self._system = system
        self._servers = servers
        self._draw = draw
        self._kinds: list[Callable[[], str]] = [
            self._kill, self._kill, self._stall, self._stall, self._worst_moment, self._worst_moment, self._server,
        ]  # fmt: skip

    def next(self) -> str:
        """One fault, from beginning to end; what it was."""
        return self._draw.choice(self._kinds)()

    def _process(self) -> str:
        return self._draw.choice(sorted(ROLES))

    def _for(self, most: float) -> float:
        seconds = self._draw.uniform(0, most)
        threading.Event().wait(seconds)  # how long it lasts is what was drawn
        return seconds

    def _kill(self) -> str:
        name = self._process()
        self._system.kill(name)
        seconds = self._for(AWAY)
        self._system.start([name])
        return f"{name} killed, back after {seconds:.1f} s"

    def _stall(self) -> str:
        name = self._process()
        pid = self._system.running[name].pid
        os.killpg(pid, signal.SIGSTOP)
        try:
            seconds = self._for(STALL)
        finally:
            os.killpg(pid, signal.SIGCONT)
        return f"{name} stood still for {seconds:.1f} s"

    def _worst_moment(self) -> str:
        name, failpoint = self._draw.choice(WORST_MOMENTS)
        self._system.stop([name])
        self._system.start([name], failpoint=failpoint)
        deadline = time.monotonic() + DIES
        process = self._system.running[name]
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        died = process.poll() is not None
        if died:
            self._system.wait_for_death(name)
        else:
            self._system.stop([name])
        self._system.start([name])
        return f"{name} {'died' if died else 'had nothing to do'} at {failpoint}"

    def _server(self) -> str:
        server = self._draw.choice(self._servers)
        how, end = self._draw.choice([("killed", server.kill9), ("stopped", server.stop)])
        end()
        seconds = self._for(AWAY)
        server.start()
        return f"{server.kind} {how}, back after {seconds:.1f} s"


@contextmanager
def on_own_servers(folder: Path) -> Iterator[tuple[PreparedSystem, Servers]]:
    """An installation on servers of its own."""
    with private_postgres() as postgres, private_rabbitmq() as rabbit:
        broker = Broker(url=rabbit.url, namespace=f"{uuid4().hex[:6]}.")
        with System(database_url=postgres.url, broker=broker, folder=folder) as system:
            system.migrate()
            rabbit.restart()  # what was declared just now survives a kill only once it is on disk
            system.start()
            with PreparedSystem(system) as installation:
                yield installation, (postgres, rabbit)
