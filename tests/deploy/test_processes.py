"""Every process started exactly as its container starts it – command, environment, secrets as files, a user without
rights, code it cannot change – behind a real nginx, plays the stories of the manual."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import delivery_center
import delivery_shared
import psycopg
import pytest
from delivery_center.client import Client
from delivery_center.composition import COMPOSE, Center
from delivery_center.demo import Accounts
from delivery_center.installing.prepare import prepare
from delivery_center.installing.secret_files import Secrets
from delivery_center.running.ports import free_port
from delivery_center.running.processes import ROLES, SERVERS
from delivery_center.stories import STORIES, play
from delivery_center.verify import verify
from delivery_shared.messaging.topology import Broker
from delivery_shared.service import Settings
from delivery_shared.testing.fixtures import broker_url, eventually, server_url
from identity_svc.bootstrap import MARKETPLACE, OPERATOR
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from reporting_svc.bi import roles

from tests.deploy.gateway import running_gateway
from tools.compose_file import Container, containers, image_environment
from tools.owned_database import owned_database
from tools.private_servers import may_use

pytestmark = pytest.mark.stories

UID = 10001
START_SECONDS = 150.0


def as_container_user() -> list[str]:
    """The command prefix that gives up root as the containers do. Where the code lies in a folder closed to others,
    one capability is kept: to read what the user could not. None is kept that lets it write."""
    if os.geteuid() != 0:
        return []
    kept = "" if may_use(Path(sys.executable).resolve(), "-x") else ",+dac_read_search"
    change = ["setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups", "--no-new-privs"]
    return [*change, f"--inh-caps=-all{kept}", f"--ambient-caps=-all{kept}", f"--bounding-set=-all{kept}"]


def own(folder: Path) -> Path:
    """A new folder of the container user's."""
    folder.mkdir()
    if os.geteuid() == 0:
        os.chown(folder, UID, UID)
    return folder


class Installation:
    """The processes of docker-compose.yml on this machine, and where their containers' paths and ports went."""

    def __init__(self, folder: Path, secrets: Path, namespace: str) -> None:
        self.folder, self.secrets, self.namespace = folder, secrets, namespace
        self.data, self.demo = own(folder / "data"), own(folder / "demo")
        self.prefix = as_container_user()
        self.ports = {target: free_port() for target in SERVERS.values()}
        self.health: dict[str, int] = defaultdict(free_port)
        """Process name → port of its health."""
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.containers = containers({})

    def environment(self, one: Container) -> dict[str, str]:
        """The image's and the file's, nothing else, with paths and ports of this machine."""
        there = {
            "/run/secrets": str(self.secrets),
            "/var/lib/delivery": str(self.data),
            "/var/lib/demo": str(self.demo),
        }
        found = image_environment() | one.environment
        for inside, outside in there.items():
            found = {name: value.replace(inside, outside) for name, value in found.items()}
        target = SERVERS.get(one.name, "identity")
        return found | {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "DELIVERY_BIND": f"127.0.0.1:{self.ports[target]}",
            "DELIVERY_HEALTH_BIND": f"127.0.0.1:{self.health[one.name]}",
            "DELIVERY_NAMESPACE": self.namespace,
            "DELIVERY_READY_FILE": str(self.data / f"{one.name}.ready"),
        }

    def start(self, name: str) -> subprocess.Popen[bytes]:
        one = self.containers[name]
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [*self.prefix, *one.command], env=self.environment(one), cwd=self.data, stdout=log, stderr=log
            )
        self.running[name] = process
        return process

    def healthy(self, name: str) -> bool:
        """What the container's own health check says; processes without HTTP say it with their file as well."""
        if self.running[name].poll() is not None:
            assert self.containers[name].raw["restart"] == "unless-stopped"
            self.start(name)  # what compose does, too: a database that keeps it waiting at the start ends a process
            raise AssertionError(self.log(name))
        target = SERVERS.get(name)
        if target is None:
            return (self.data / f"{name}.ready").exists()
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", self.ports[target])) != 0:
                return False
        command = self.containers[name].raw["healthcheck"]["test"][1:]
        command = [word.replace(":9000/", f":{self.health[name]}/") for word in command]
        environment = self.environment(self.containers[name])
        return subprocess.run([*self.prefix, *command], env=environment, capture_output=True).returncode == 0

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()[-3000:]

    def stop(self) -> dict[str, int]:
        """SIGTERM to all; their exit statuses within the grace the containers have."""
        for process in self.running.values():
            process.terminate()
        try:
            return {name: process.wait(40) for name, process in self.running.items()}
        finally:
            for process in self.running.values():
                process.kill()


@pytest.fixture(scope="module")
def installation() -> Iterator[tuple[Installation, str]]:
    """Prepared, started in the order of the file, stopped at the end: every process ends well."""
    name, namespace = f"delivery_{uuid4().hex[:12]}", f"test-{uuid4().hex[:12]}."
    server = conninfo_to_dict(server_url())
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="processes-"))
        stack.callback(shutil.rmtree, folder)
        folder.chmod(0o755)
        secrets = folder / "secrets"
        secrets.mkdir()
        (secrets / "amqp-url").write_text(broker_url() + "\n")
        Secrets(secrets, database=f"{server['host']}:{server['port']}", broker="", name=name).make()
        secrets.chmod(0o755)  # containers get each of their secrets mounted; here they share the folder
        stack.enter_context(owned_database(server_url(), secrets=secrets, name=name))
        stack.callback(Broker(url=broker_url(), namespace=namespace).delete)
        system = Installation(folder, secrets, namespace)
        for step in ("prepare", "past", "past"):  # and once more, as every start of a demo does
            assert system.start(step).wait(START_SECONDS) == 0, system.log(step)
            del system.running[step]
        try:
            for process in ROLES:
                system.start(process)
            for process in ROLES:
                eventually(partial(system.healthy, process), timeout=START_SECONDS, every=0.5)
            upstreams = {name: f"127.0.0.1:{port}" for name, port in system.ports.items()}
            with running_gateway(own(folder / "gateway"), upstreams, prefix=system.prefix) as base:
                yield system, base
        finally:
            statuses = system.stop()
    assert set(statuses.values()) == {0}, statuses


def test_the_past_is_there_and_stays(installation: tuple[Installation, str]) -> None:
    """… with its files, which project-svc's processes serve, and the passwords that the demo data are loaded with."""
    system, _ = installation
    log = system.log("past")
    assert log.count("writing six months of projects") == 1
    assert log.count("it keeps the past it has") == 1
    assert (system.demo / "demo-passwords.json").exists()
    with psycopg.connect((system.secrets / "database-admin-url").read_text()) as connection:
        (projects,) = connection.execute("SELECT count(*) FROM reporting.project").fetchone() or (0,)
        stored = connection.execute("SELECT storage FROM project.file").fetchall()
    assert projects >= 600
    there = {path.name for path in (system.data / "project-files").iterdir()}
    assert len(stored) > 500
    assert {storage for (storage,) in stored} <= there


def accounts(system: Installation) -> Accounts:
    passwords: Mapping[str, str] = json.loads((system.secrets / "first-passwords").read_text())
    return {"云市场小二": (OPERATOR, passwords[OPERATOR]), "云市场订单": (MARKETPLACE, passwords[MARKETPLACE])}


@pytest.mark.parametrize("story", sorted(STORIES))
def test_a_story_behind_the_gateway(installation: tuple[Installation, str], story: str) -> None:
    system, base = installation
    said: list[str] = []
    with Client(lambda path: base + path) as client:
        assert play.main(client, accounts(system), said.append, story) == 0, "\n".join(said)
    assert any("\t" in line for line in said)


def test_every_invariant_holds_afterwards(installation: tuple[Installation, str]) -> None:
    """… seen with the owner's role, which may read every schema."""
    system, _ = installation
    environment = system.environment(system.containers["prepare"])
    environment["DATABASE_URL_FILE"] = environment.pop("DATABASE_ADMIN_URL_FILE")
    center = Center(Settings.read(environment))
    try:
        eventually(lambda: verify(center) == [], every=1)
    finally:
        center.stop()


def test_preparing_again_changes_nothing_for_who_runs(installation: tuple[Installation, str]) -> None:
    """… as every new version does before its processes start."""
    system, base = installation
    passwords = accounts(system)
    prepare(system.environment(system.containers["prepare"]))
    with Client(lambda path: base + path) as client:
        operator = client.signed_in(*passwords["云市场小二"])
        assert operator.get("/api/v1/me")["login_name"] == OPERATOR


def test_a_service_sees_no_schema_but_its_own(installation: tuple[Installation, str]) -> None:
    system, _ = installation
    for service in COMPOSE:
        url = (system.secrets / f"database-url-{service}").read_text()
        with psycopg.connect(url, autocommit=True) as connection:
            seen = connection.execute(
                "SELECT nspname FROM pg_namespace WHERE nspname = ANY(%s) AND has_schema_privilege(oid, 'USAGE')",
                (list(COMPOSE),),
            ).fetchall()
            assert seen == [(service,)]
            other = next(name for name in COMPOSE if name != service)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(sql.SQL("SELECT 1 FROM {}.parked").format(sql.Identifier(other)))
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("CREATE SCHEMA another")
            role = connection.execute(
                "SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
            assert role == (False, False, False)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give rights up; who starts tests owns the code")
def test_the_processes_cannot_change_their_code(installation: tuple[Installation, str]) -> None:
    system, _ = installation
    for package in (delivery_shared, delivery_center, psycopg):
        path = Path(str(package.__file__))
        for target in (path, path.parent):
            asked = subprocess.run([*system.prefix, "test", "-w", str(target)], cwd="/")
            assert asked.returncode == 1, target
    for process in system.running.values():
        status = Path(f"/proc/{process.pid}/status").read_text()
        assert f"Uid:\t{UID}\t{UID}\t{UID}\t{UID}" in status
        assert "NoNewPrivs:\t1" in status


def test_a_backup_is_restored_with_the_roles_of_another_installation(
    installation: tuple[Installation, str], tmp_path: Path
) -> None:
    """… taken while everything runs. There, each schema belongs to the role of its service, the analysts' roles are
    back, and what was under way is no fault of the copy."""
    system, _ = installation

    def dc(secrets: Path, *arguments: str) -> Any:
        environment = system.environment(system.containers["dc"]) | {"DELIVERY_NAMESPACE": namespace}
        there = {name: value.replace(str(system.secrets), str(secrets)) for name, value in environment.items()}
        script = Path(sys.executable).with_name("dc")
        done = subprocess.run([script, *arguments, "--json"], env=there, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr + done.stdout
        return json.loads(done.stdout)

    namespace = f"test-{uuid4().hex[:12]}."
    owner = (system.secrets / "database-admin-url").read_text()
    analyst = roles.grant(owner, party_id=None, role=f"bi_{uuid4().hex[:8]}")
    archive = tmp_path / "center.dump"
    dc(system.secrets, "backup", str(archive))
    assert roles.revoke(owner, analyst.role)  # the other server does not know it
    name, server = f"delivery_{uuid4().hex[:12]}", conninfo_to_dict(server_url())
    other = tmp_path / "secrets"
    other.mkdir()
    (other / "amqp-url").write_text(broker_url())
    Secrets(other, database=f"{server['host']}:{server['port']}", broker="", name=name).make()
    with ExitStack() as stack:
        stack.enter_context(owned_database(server_url(), secrets=other, name=name))
        stack.callback(Broker(url=broker_url(), namespace=namespace).delete)
        for again in ([], ["--yes"]):
            told = dc(other, "restore", str(archive), *again)
            assert [one["role"] for one in told["bi_roles"]] == [analyst.role]
            assert (told["bi_roles"][0]["password"] == "unchanged") is bool(again)
        there = (other / "database-admin-url").read_text()
        stack.callback(roles.revoke, there, analyst.role)
        assert dc(other, "verify", "--restored")["violations"] == 0
        with psycopg.connect(there) as connection:
            for forgotten in ("UPDATE project.purchase SET order_key = NULL", "DELETE FROM notify.party",
                              "UPDATE reporting.project SET sku = 'other'"):  # fmt: skip
                connection.execute(forgotten)
        finished = {row["service"]: row["changed"] for row in dc(other, "upgrade", "finish", "--all")}
        assert set(finished["project"]) == {"purchase.order_key"}
        assert set(finished["notify"]) == {"party"}
        assert set(finished["reporting"]) == {"project"}
        assert dc(other, "verify", "--restored")["violations"] == 0
        with psycopg.connect(there) as connection:
            owners = connection.execute(
                "SELECT nspname, array_agg(DISTINCT relowner::regrole::text) FROM pg_class c"
                " JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = ANY(%s) GROUP BY 1",
                (list(COMPOSE),),
            ).fetchall()
            assert dict(owners) == {service: [f"{name}_{service}"] for service in COMPOSE}
            projects = "SELECT count(*) FROM reporting.project"
            with psycopg.connect(owner) as origin:
                assert connection.execute(projects).fetchone() == origin.execute(projects).fetchone()
        assert roles.granted(there) == [(analyst.role, None)]
