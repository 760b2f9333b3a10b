"""An installation of the last release, with data and under load, is upgraded as docs/operations.md says: `prepare` of
this version while the old processes work, then these one after the other, then `dc upgrade finish`.

The last release is the last tag; before there is one, the last revision whose migrations are the released ones. It is
upgraded once more from before the last migration came: what runs the main line. ``SOAK_FROM`` names one revision
instead.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from delivery_center.accounts import Notebook
from delivery_center.composition import COMPOSE
from delivery_center.dc.main import run
from delivery_center.load.prepared_system import PreparedSystem
from delivery_center.load.simulated_people import HttpHands, Robots
from delivery_center.running.processes import ROLES, System
from delivery_center.stories.story import REQUIREMENT
from delivery_shared.messaging.topology import Broker
from delivery_shared.migrate import fits
from delivery_shared.testing.fixtures import broker_url, scratch_database
from identity_svc.bootstrap import MARKETPLACE, OPERATOR

from .conftest import SECONDS, Report

pytestmark = [pytest.mark.soak, pytest.mark.timeout(SECONDS * 20 + 900)]

ROOT = Path(__file__).parents[2]
MIGRATIONS = ":(glob)services/*/*_svc/migrations/0*.py"
AWAY = 60.0
"""Seconds a client goes on asking while a process is replaced; there is only one of each here."""


def git(*arguments: str) -> bytes:
    return subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, check=True).stdout


def added() -> Iterator[tuple[str, list[str]]]:
    """The commits of the main line that brought migrations, the oldest first, and which."""
    asked = ("log", "--reverse", "--first-parent", "-m", "--diff-filter=A", "--name-only", "--format=%x00%H")
    for commit in git(*asked, "--", MIGRATIONS).decode().split("\0")[1:]:
        revision, *files = commit.split()
        yield revision, files


def last_release() -> str:
    """Its revision."""
    tags = git("tag", "--list", "v*", "--sort=-version:refname", "--merged", "HEAD").decode().split()
    if tags:
        return tags[0]
    released = set(json.loads((ROOT / "tests/operation/released_migrations.json").read_text()))
    brought = list(added())
    complete = max(n for n, (_, files) in enumerate(brought) if released & set(files))
    return f"{brought[complete + 1][0]}^"


def before_the_last_migration() -> str:
    return [f"{revision}^" for revision, _ in added()][-1]


def revisions() -> list[str]:
    """Those to come from."""
    if named := os.environ.get("SOAK_FROM"):
        return [named]
    return list(dict.fromkeys([last_release(), before_the_last_migration()]))


def changed_since(revision: str) -> list[str]:
    """Migrations that are not what they were then: an installation of that revision cannot be upgraded."""
    return git("diff", "--diff-filter=a", "--name-only", revision, "HEAD", "--", MIGRATIONS).decode().split()


@dataclass(frozen=True)
class Former:
    """``path``: where Python finds the code of that revision, before ours; what both are built on is ours."""

    revision: str
    path: str
    services: list[str]


@pytest.fixture(params=revisions())
def former(request: pytest.FixtureRequest, tmp_path: Path) -> Former:
    """That revision's code, unpacked."""
    revision, folder = str(request.param), tmp_path / "former"
    assert changed_since(revision) == [], f"changed since {revision}, which cannot be upgraded any more"
    with tarfile.open(fileobj=io.BytesIO(git("archive", revision, "shared", "services", "center"))) as archive:
        archive.extractall(folder, filter="data")
    projects = [found.parent for found in sorted(folder.rglob("pyproject.toml"))]
    for project in projects:
        for package in (*project.glob("*_svc"), *project.glob("delivery_*")):
            (package / "__init__.py").touch()  # without one, ours would be found first
    services = [name for name in COMPOSE if folder / "services" / f"{name}-svc" in projects]
    return Former(revision, os.pathsep.join(str(project) for project in projects), services)


class PatientHands(HttpHands):
    """Asks again, as a client may under its idempotency key, where a process was replaced meanwhile."""

    def send(self, method: str, path: str, body: Any, token: str, headers: dict[str, str] | None = None) -> Any:
        sent = {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid4().hex, **(headers or {})}
        deadline = time.monotonic() + AWAY
        while True:
            try:
                answer = self.http.request(method, self.system.address(path), json=body, headers=sent)
            except httpx.TransportError:
                if time.monotonic() > deadline:
                    raise
            else:
                if answer.status_code < 500 or time.monotonic() > deadline:
                    assert answer.is_success, f"{method} {path} → {answer.status_code} {answer.text}"
                    return answer.json()
            time.sleep(0.1)


class Load:
    """Orders come, and people do their part, until it is left."""

    def __init__(self, installation: PreparedSystem, hands: HttpHands) -> None:
        self.installation = installation
        self.robots: Robots = installation.robots(hands)
        self.ordered: set[UUID] = set()

    def run(self, stopping: threading.Event) -> None:
        while not stopping.wait(0.2):
            self.ordered |= set(self.robots.order(self.installation.orders(2)))
            self.robots.work()

    def more(self, many: int) -> None:
        """Wait until as many more projects are completed."""
        wanted, deadline = len(self.robots.completed) + many, time.monotonic() + SECONDS + 120
        while len(self.robots.completed) < wanted:
            assert time.monotonic() < deadline, f"{len(self.robots.completed)} of {wanted} completed"
            time.sleep(0.1)


@contextmanager
def under(load: Load) -> Iterator[Callable[[], None]]:
    """The load at work; what is yielded tells if it has failed."""
    stopping = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        work = pool.submit(load.run, stopping)

        def look() -> None:
            if work.done():
                work.result()

        try:
            yield look
        finally:
            stopping.set()
        work.result()


def dc(system: System, *arguments: str) -> int:
    """A command of ours."""
    return run(list(arguments), system.environment)


def test_the_last_release_is_upgraded_under_load(
    former: Former, tmp_path: Path, report: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing that was ordered before, while, or after is lost; every invariant of this version holds."""
    broker = Broker(url=broker_url(), namespace=f"soak-{uuid4().hex[:12]}.")
    folder = tmp_path / "system"
    passwords = {name: f"Soak-{uuid4().hex}" for name in (OPERATOR, MARKETPLACE)}
    folder.mkdir()
    (folder / "first-passwords").write_text(json.dumps(passwords), encoding="utf-8")
    with (
        scratch_database() as database_url,
        System(database_url=database_url, broker=broker, folder=folder) as system,
    ):
        old = {"PYTHONPATH": former.path, "DELIVERY_FIRST_PASSWORDS": str(folder / "first-passwords")}
        system.environment |= old
        for name in former.services:
            command = [sys.executable, "-m", f"{name}_svc.main", "migrate"]
            done = subprocess.run(command, env=system.environment, capture_output=True, text=True, timeout=120)
            assert done.returncode == 0, f"{name}: {done.stderr[-2000:]}"
        book = Notebook(folder / "demo-passwords.json")
        for name, password in passwords.items():
            book.remember(name, password)
        before = {name: fits(database_url, schema=name, package=f"{name}_svc") for name in former.services}
        report(f"from {former.revision[:12]}: " + ", ".join(f"{n} {found.state}" for n, found in before.items()))
        assert "older" in {found.state for found in before.values()} or "SOAK_FROM" in os.environ
        system.start([process for process, (service, _) in ROLES.items() if service in former.services])
        try:
            with PreparedSystem(system) as installation:
                hands = PatientHands(system, REQUIREMENT, threads=4)
                load = Load(installation, hands)
                with under(load) as look:
                    load.more(5)
                    began = time.monotonic()
                    for name in old:
                        del system.environment[name]
                    system.migrate()
                    report(f"prepared within {time.monotonic() - began:.0f} s")
                    installation.connect_anew()
                    look()
                    load.more(5)  # the old processes go on
                    if before["project"].state == "older":  # the version before gave its connections names
                        assert dc(system, "upgrade", "finish") == 1, "the old processes are still there"
                    for process in ROLES:
                        if process in system.running:  # else a service that is new
                            assert system.stop([process]) == {process: 0}
                        system.start([process])
                        look()
                    report(f"replaced within {time.monotonic() - began:.0f} s")
                    load.more(5)
                    began = time.monotonic()
                    assert dc(system, "upgrade", "finish") == 0
                    report(f"finished within {time.monotonic() - began:.0f} s: {capsys.readouterr().out}")
                    load.more(5)
                load.robots.run(lambda: load.robots.completed.keys() >= load.ordered, timeout=SECONDS + 180)
                report(f"{len(load.ordered)} orders, all completed")
                hands.close()
                installation.assert_well()
        finally:
            broker.delete()
