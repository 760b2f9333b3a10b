"""The system as separate processes on this machine, as containers would run it: for stories, faults and benchmarks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

import httpx
from delivery_shared.messaging.topology import Broker
from delivery_shared.service import Settings

from delivery_center.composition import COMPOSE, Center
from delivery_center.gateway.routing import PREFIX, SEGMENTS
from delivery_center.installing.keys import environment_of
from delivery_center.running.ports import free_port

ROLES = {
    **{f"{name}-{role}": (name, role) for name in COMPOSE for role in ("api", "worker")},
    "dispatch-dispatcher": ("dispatch", "dispatcher"),
    "notify-sender": ("notify", "sender"),
    "reporting-live": ("reporting", "live"),
}
"""Process name → service and role."""

SERVERS = {f"{name}-api": name for name in COMPOSE} | {
    target: target for target in SEGMENTS.values() if target not in COMPOSE
}
"""Process that serves HTTP → its name in :data:`SEGMENTS`."""


class System:
    """Starts, kills and restarts the processes of one installation.

    :param folder: keys, files and one log per process.
    """

    def __init__(
        self, *, database_url: str, broker: Broker, folder: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self.folder = folder
        self.environment = {
            **os.environ,
            **environment_of(folder),
            "DATABASE_URL": database_url,
            "AMQP_URL": broker.url,
            "DELIVERY_NAMESPACE": broker.namespace,
            "DELIVERY_DATA_DIR": str(folder / "files"),
            **(environment or {}),
        }
        self.ports = {target: free_port() for target in SERVERS.values()}
        self.health: dict[str, int] = {}
        """Process name → port of its health and metrics."""
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def migrate(self) -> None:
        """Create all schemas, streams and queues."""
        center = Center(Settings.read(self.environment))
        try:
            center.migrate()
        finally:
            center.stop()

    def start(self, names: Iterable[str] = tuple(ROLES), *, failpoint: str | None = None) -> None:
        """Start processes by name and wait until all of them are ready."""
        names = list(names)
        for name in names:
            service, role = ROLES[name.partition("#")[0]]
            environment = dict(self.environment)
            if (target := self._target(name)) is not None:
                environment["DELIVERY_BIND"] = f"127.0.0.1:{self.ports.setdefault(target, free_port())}"
            ready = self.folder / f"{name}.ready"
            ready.unlink(missing_ok=True)
            environment["DELIVERY_READY_FILE"] = str(ready)
            self.health[name] = self.health.get(name) or free_port()
            environment["DELIVERY_HEALTH_BIND"] = f"127.0.0.1:{self.health[name]}"
            if failpoint:
                environment["DELIVERY_FAILPOINT"] = failpoint
            with (self.folder / f"{name}.log").open("ab") as log:
                self.running[name] = subprocess.Popen(  # noqa: S603 - our own module
                    [sys.executable, "-m", f"{service}_svc.main", role],
                    env=environment,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
        for name in names:
            self._wait_ready(name, self._target(name), may_die=failpoint is not None)

    def _wait_ready(self, name: str, target: str | None, *, may_die: bool) -> None:
        """``may_die``: the process kills itself at its failpoint, perhaps before it is ready."""
        deadline = time.monotonic() + 60
        while not (self._answers(target) if target else (self.folder / f"{name}.ready").exists()):
            died = self.running[name].poll() is not None
            if died and may_die:
                return
            if died or time.monotonic() > deadline:
                log = (self.folder / f"{name}.log").read_text()[-2000:]
                raise TimeoutError(f"{name} does not become ready:\n{log}")
            time.sleep(0.05)

    def _answers(self, target: str) -> bool:
        try:
            return httpx.get(f"{self.base_url(target)}/readyz", timeout=2).is_success
        except httpx.HTTPError:
            return False

    def _target(self, name: str) -> str | None:
        """Where a process that serves HTTP stands in :attr:`ports`: a further one (``project-api#2``) by its name."""
        target = SERVERS.get(name.partition("#")[0])
        return name if target is not None and "#" in name else target

    def base_url(self, target: str) -> str:
        """Address of a service's API process, or of another one that :data:`SEGMENTS` names; of a further one
        (``project-api#2``) by its name."""
        return f"http://127.0.0.1:{self.ports[target]}"

    def metrics(self, name: str) -> str:
        """What a process tells Prometheus."""
        return httpx.get(f"http://127.0.0.1:{self.health[name]}/metrics", timeout=5).raise_for_status().text

    def address(self, path: str) -> str:
        """The full address of a path of the public address space, routed as the gateway does."""
        return self.base_url(SEGMENTS[path.removeprefix(PREFIX).partition("/")[0].partition("?")[0]]) + path

    def kill(self, name: str) -> None:
        """kill -9 the process (and its children), as a crash would."""
        process = self.running.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def wait_for_death(self, name: str, timeout: float = 30) -> int:
        """Wait until a process started with a failpoint has killed itself; returns its exit status."""
        return self.running.pop(name).wait(timeout)

    def stop(self, names: Iterable[str] | None = None) -> dict[str, int]:
        """SIGTERM processes and wait; returns their exit statuses."""
        chosen = list(self.running) if names is None else list(names)
        for name in chosen:
            self.running[name].terminate()
        statuses = {}
        for name in chosen:
            process = self.running.pop(name)
            try:
                statuses[name] = process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                statuses[name] = process.wait()
        return statuses

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
