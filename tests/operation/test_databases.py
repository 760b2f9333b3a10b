"""Services with databases of their own: dispatch-svc in another one of the server, reporting-svc on another server."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from delivery_center import demo, moment
from delivery_center.accounts import settle
from delivery_center.client import Client
from delivery_center.composition import COMPOSE, Center
from delivery_center.dc.main import run
from delivery_center.load.prepared_system import PreparedSystem
from delivery_center.moment import moment_of
from delivery_center.running.processes import System
from delivery_center.stories import play
from delivery_center.verify import Verifying
from delivery_shared.messaging.topology import STREAMS, Broker
from delivery_shared.service import Settings
from delivery_shared.testing.fixtures import broker_url, eventually, scratch_database
from delivery_shared.verifying.moment import Moment
from identity_svc.bootstrap import MARKETPLACE, OPERATOR

from tests.dc.calling import Said, through
from tools.private_servers import private_postgres

pytestmark = [pytest.mark.stories, pytest.mark.timeout(600)]

SCHEMAS = """
SELECT nspname FROM pg_namespace WHERE nspname = 'bi' OR nspname = ANY(%s) ORDER BY 1
"""


@dataclass
class Databases:
    """Where the three are."""

    all: str
    dispatch: str
    reporting: str

    @property
    def environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.all,
            "DELIVERY_DISPATCH_DATABASE_URL": self.dispatch,
            "DELIVERY_REPORTING_DATABASE_URL": self.reporting,
        }


@pytest.fixture(scope="module")
def databases() -> Iterator[Databases]:
    with scratch_database() as most, scratch_database() as dispatch, private_postgres() as other:
        yield Databases(most, dispatch, other.url)


@pytest.fixture(scope="module")
def apart(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """All processes; each is told of all databases, as `dc` is."""
    broker = Broker(url=broker_url(), namespace=f"test-{uuid4().hex[:12]}.")
    folder = tmp_path_factory.mktemp("apart")
    with System(database_url=databases.all, broker=broker, folder=folder, environment=databases.environment) as system:
        system.migrate()
        system.start()
        yield system
        assert set(system.stop().values()) == {0}
    broker.delete()


def dc(system: System, capsys: pytest.CaptureFixture[str], *arguments: object, **environment: str) -> Said:
    capsys.readouterr()
    status = run([str(argument) for argument in arguments], {**system.environment, **environment})
    return Said(status, *capsys.readouterr())


def schemas(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute(SCHEMAS, (list(COMPOSE),))]


def test_scenario_2_is_played_and_every_invariant_holds(
    apart: System, databases: Databases, capsys: pytest.CaptureFixture[str]
) -> None:
    with Client(apart.address) as client:
        book = demo.notebook(databases.all, apart.folder)
        settle(client, book, OPERATOR)
        accounts = {
            "云市场小二": (OPERATOR, book.passwords[OPERATOR]),
            "云市场订单": (MARKETPLACE, book.passwords[MARKETPLACE]),
        }
        said: list[str] = []
        assert play.main(client, accounts, said.append) == 0, "\n".join(said)
    others = [name for name in COMPOSE if name not in ("dispatch", "reporting")]
    assert schemas(databases.all) == sorted(others)
    assert schemas(databases.dispatch) == ["dispatch"]
    assert schemas(databases.reporting) == ["bi", "reporting"]

    def well() -> bool:
        told = dc(apart, capsys, "verify")
        assert told.status == 0, told.out + told.err
        return True

    eventually(well, timeout=30)
    findings = {row["check"]: row for row in dc(apart, capsys, "doctor", "--json").json}
    assert {f"database of {', '.join(others)}", "database of dispatch", "database of reporting"} <= set(findings)
    assert findings["relays"]["state"] == "ok"
    assert [row["relay"] for row in dc(apart, capsys, "outbox", "status", "--json").json] == [True] * len(STREAMS)
    assert dc(apart, capsys, "projection", "rebuild", "--json").status == 0
    assert dc(apart, capsys, "projection", "switch", "--yes", "--json").status == 0
    assert dc(apart, capsys, "projection", "verify", "--json").json["equal"]


def test_it_is_backed_up_at_work_and_restored_into_one_and_into_several(
    apart: System, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The backup shows one moment: `verify --restored` would tell a feed that has read what its source has not."""
    archive = tmp_path / "center.dump"
    with PreparedSystem(apart) as installation:
        robots = installation.robots()
        projects = robots.order(installation.orders(6))
        robots.run(lambda: len(robots.completed) > 0, timeout=60)
        assert dc(apart, capsys, "backup", archive, "--json").json["bytes"] == archive.stat().st_size
        assert dc(apart, capsys, "verify").status == 0  # while they go on
        through(robots, projects)
        installation.assert_well()
    with scratch_database() as one, scratch_database() as most, scratch_database() as identity:
        for environment in (
            {"DATABASE_URL": one, "DELIVERY_DISPATCH_DATABASE_URL": "", "DELIVERY_REPORTING_DATABASE_URL": ""},
            {"DATABASE_URL": most, "DELIVERY_DISPATCH_DATABASE_URL": "", "DELIVERY_REPORTING_DATABASE_URL": identity}
            | {"DELIVERY_IDENTITY_DATABASE_URL": identity},
        ):
            environment["DELIVERY_NAMESPACE"] = f"test-{uuid4().hex[:12]}."
            told = dc(apart, capsys, "restore", archive, "--json", **environment)
            assert told.json["schemas"] == sorted({*COMPOSE, "bi"} - {"reporting"})
            assert told.json["replaces"] == []
            Broker(url=broker_url(), namespace=environment["DELIVERY_NAMESPACE"]).delete()
            checked = dc(apart, capsys, "verify", "--restored", **environment)
            assert checked.status == 0, checked.out
        assert schemas(identity) == ["bi", "identity", "reporting"]
        assert schemas(most) == sorted({*COMPOSE} - {"identity", "reporting"})


def test_snapshots_that_do_not_fit_together_are_taken_again(
    databases: Databases, apart: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the two first ones an order arrives and is heard of: one database knows what the other does not."""
    with PreparedSystem(apart) as installation:
        center, taken = installation.center, 0

        def torn(urls: dict[str, str]) -> Moment:
            nonlocal taken
            taken += 1
            if taken > 1:
                return Moment(urls)
            early = Moment({name: url for name, url in urls.items() if url == databases.all})
            robots = installation.robots()
            through(robots, robots.order(installation.orders(1)))
            installation.settle()
            late = Moment({name: url for name, url in urls.items() if url != databases.all})
            early._urls = urls
            early.snapshots |= late.snapshots
            early._open += late._open
            return early

        with torn(center.databases) as wrong:
            beyond = set(moment._beyond(center, wrong))
        assert {"dispatch of project", "reporting of project"} <= beyond
        taken = 0
        monkeypatch.setattr(moment, "Moment", torn)
        with moment_of(center) as right:
            assert (taken, list(moment._beyond(center, right))) == (2, [])


def test_a_database_that_was_restored_alone_is_told(
    databases: Databases, apart: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its feeds have read what their source does not have: no other snapshot mends that, and `verify` says it."""
    settings = Settings.read(apart.environment)
    with scratch_database() as empty:
        center = Center(replace(settings, database_url=empty))
        try:
            for name in set(COMPOSE) - {"dispatch", "reporting"}:
                center.services[name].migrate()
            with moment_of(center, patience=0.2) as found:
                assert "dispatch of project" in set(moment._beyond(center, found))
            with Verifying(center, restored=True) as verifying:
                monkeypatch.setattr(moment, "PATIENCE", 0.2)
                lines = verifying.run().found["outboxes and feeds"]
            assert any("feed dispatch of project is at" in line and "beyond the source's" in line for line in lines)
        finally:
            center.stop()


def test_a_service_nobody_knows_has_no_database(tmp_path: Path) -> None:
    environment = {"DATABASE_URL": "postgresql://h/d", "DELIVERY_REPORT_DATABASE_URL_FILE": str(tmp_path / "url")}
    (tmp_path / "url").write_text("postgresql://h/other\n")
    with pytest.raises(SystemExit, match="no service is called report: DELIVERY_<SERVICE>_DATABASE_URL"):
        Center(Settings.read({**environment, "AMQP_URL": "amqp://h", "DELIVERY_PUBLIC_KEYS": "{}"}))


def test_analysts_are_let_in_where_the_read_model_is(apart: System, databases: Databases) -> None:
    role = f"bi_{uuid4().hex[:8]}"

    def bi(*arguments: str) -> str:
        command = [sys.executable, "-m", "reporting_svc.bi", *arguments]
        environment = {**os.environ, **databases.environment}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    password: Any = bi("grant", "--operator", "--role", role)
    try:
        assert role in password
        assert role in bi("roles")
        with psycopg.connect(databases.reporting) as connection:
            assert connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone() == (1,)
        with psycopg.connect(databases.all) as connection:
            assert connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone() is None
    finally:
        bi("revoke", role, "--yes")


def test_all_in_one_process(databases: Databases, tmp_path: Path) -> None:
    """`make run` goes by the same settings."""
    with scratch_database() as most, scratch_database() as project:
        module = "delivery_center.running.embedded"
        command = [sys.executable, "-m", module, "--play", "--port", "0", "--folder", str(tmp_path)]
        environment = {**os.environ, "DATABASE_URL": most, "DELIVERY_PROJECT_DATABASE_URL": project}
        environment.pop("AMQP_URL", None)
        played = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=200)
        assert played.returncode == 0, played.stdout + played.stderr + (tmp_path / "server.log").read_text()
        assert schemas(project) == ["project"]
