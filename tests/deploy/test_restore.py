"""Restoring with one database role for each service, as `prepare` makes them, without a process running; with all of
them running: test_processes.py."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from delivery_center.composition import COMPOSE
from delivery_center.installing.prepare import prepare
from delivery_center.installing.secret_files import Secrets
from delivery_shared.messaging.topology import Broker
from delivery_shared.testing.fixtures import broker_url, server_url
from psycopg.conninfo import conninfo_to_dict
from reporting_svc.bi import roles

from tools.owned_database import owned_database

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]


@contextmanager
def installation(folder: Path) -> Iterator[dict[str, str]]:
    """An empty database with its owner, and the environment of whoever operates it."""
    name, server = f"delivery_{uuid4().hex[:12]}", conninfo_to_dict(server_url())
    namespace = f"test-{uuid4().hex[:12]}."
    folder.mkdir()
    (folder / "amqp-url").write_text(broker_url())
    Secrets(folder, database=f"{server['host']}:{server['port']}", broker="", name=name).make()
    with owned_database(server_url(), secrets=folder, name=name):
        yield {
            "DATABASE_URL_FILE": str(folder / "database-admin-url"),
            "DATABASE_URL_FILES": str(folder / "database-url-{service}"),
            "AMQP_URL_FILE": str(folder / "amqp-url"),
            "DELIVERY_PUBLIC_KEYS": str(folder / "public-keys"),
            "DELIVERY_PRIVATE_KEY": str(folder / "signing-key"),
            "DELIVERY_FIRST_PASSWORDS": str(folder / "first-passwords"),
            "DELIVERY_NAMESPACE": namespace,
        }
    Broker(url=broker_url(), namespace=namespace).delete()


def dc(environment: dict[str, str], *arguments: str) -> Any:
    """What a command answers, as operators give it."""
    script = Path(sys.executable).with_name("dc")
    done = subprocess.run([script, *arguments, "--json"], env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr + done.stdout
    return json.loads(done.stdout)


def owners(url: str) -> dict[str, list[str]]:
    """Service → who owns what is in its schema."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT nspname, array_agg(DISTINCT relowner::regrole::text) FROM pg_class c"
            " JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = ANY(%s) GROUP BY 1",
            (list(COMPOSE),),
        ).fetchall()
    return dict(rows)


def test_everything_belongs_to_whom_it_belonged(tmp_path: Path) -> None:
    """On another server, under other names, and again over what is there then."""
    with installation(tmp_path / "here") as here, installation(tmp_path / "there") as there:
        prepare({**here, "DATABASE_ADMIN_URL_FILE": here["DATABASE_URL_FILE"]} | {"DATABASE_URL_FILE": ""})
        owner = Path(here["DATABASE_URL_FILE"]).read_text()
        analyst = roles.grant(owner, party_id=None, role=f"bi_{uuid4().hex[:8]}").role
        archive = tmp_path / "center.dump"
        dc(here, "backup", str(archive))
        assert roles.revoke(owner, analyst)  # the other server does not know it
        other = Path(there["DATABASE_URL_FILE"]).read_text()
        name = conninfo_to_dict(other)["user"]
        try:
            for again in ([], ["--yes"]):
                told = dc(there, "restore", str(archive), *again)
                assert [one["role"] for one in told["bi_roles"]] == [analyst]
                assert (told["bi_roles"][0]["password"] == "unchanged") is bool(again)
                assert owners(other) == {service: [f"{name}_{service}"] for service in COMPOSE}
                assert dc(there, "verify", "--restored")["violations"] == 0
            assert roles.granted(other) == [(analyst, None)]
            prepare({**there, "DATABASE_ADMIN_URL_FILE": there["DATABASE_URL_FILE"]} | {"DATABASE_URL_FILE": ""})
        finally:
            roles.revoke(other, analyst)


def test_services_get_databases_of_their_own(tmp_path: Path) -> None:
    """From one database into three, each with an owner and roles of its own, and prepared there again."""
    with (
        installation(tmp_path / "here") as here,
        installation(tmp_path / "most") as most,
        installation(tmp_path / "dispatch") as dispatch,
        installation(tmp_path / "reporting") as reporting,
    ):
        prepare({**here, "DATABASE_ADMIN_URL_FILE": here["DATABASE_URL_FILE"]} | {"DATABASE_URL_FILE": ""})
        archive = tmp_path / "center.dump"
        dc(here, "backup", str(archive))
        apart = {"dispatch": dispatch, "reporting": reporting}
        there = {
            **most,
            **{f"DELIVERY_{name.upper()}_DATABASE_URL_FILE": one["DATABASE_URL_FILE"] for name, one in apart.items()},
        }
        admin = {name.replace("DATABASE_URL", "DATABASE_ADMIN_URL"): path for name, path in there.items()}
        admin |= {"DATABASE_ADMIN_URL_FILES": "", "DATABASE_URL_FILES": most["DATABASE_URL_FILES"]}
        with pytest.raises(SystemExit, match=r"dispatch has its database at .*/delivery_.*, but is prepared at"):
            prepare(admin)
        for name in apart:
            address = tmp_path / "most" / f"database-url-{name}"
            address.unlink()
            address.write_text((tmp_path / name / f"database-url-{name}").read_text())
        dc(there, "restore", str(archive), "--yes")
        assert dc(there, "verify", "--restored")["violations"] == 0
        every = [owners(Path(one["DATABASE_URL_FILE"]).read_text()) for one in (most, dispatch, reporting)]
        assert [sorted(found) for found in every] == [
            ["identity", "notify", "project", "template"],
            ["dispatch"],
            ["reporting"],
        ]
        prepare(admin)
        again = tmp_path / "again.dump"
        dc(there, "backup", str(again))
        dc(here, "restore", str(again), "--yes")
        assert dc(here, "verify", "--restored")["violations"] == 0
