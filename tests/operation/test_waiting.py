"""Processes wait for their schema, and an older version works on a newer one."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import psycopg
import pytest
from delivery_center.composition import COMPOSE
from delivery_center.installing.prepare import declare, prepare
from delivery_center.running.ports import free_port
from delivery_shared import eventstore
from delivery_shared.eventstore import EventStore
from delivery_shared.messaging.topology import Broker
from delivery_shared.migrate import fits, migrate
from delivery_shared.testing.fixtures import broker_url, eventually, scratch_database, server_url
from delivery_shared.waiting import once_reachable, wait_for_schema
from eventsourcing.persistence import OperationalError
from psycopg.conninfo import conninfo_to_dict

from tests.operation.test_upgraded_names import connected, upgraded_to

pytestmark = pytest.mark.integration

PACKAGE = "notify_svc"
"""A package with more than one migration, none of which needs an event store."""


@pytest.fixture
def url() -> Iterator[str]:
    with scratch_database() as url:
        yield url


def to_head(url: str) -> bool:
    return migrate(database_url=url, schema="notify", package=PACKAGE, driver="psycopg2")


def set_revision(url: str, revision: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE notify.alembic_version SET version_num = %s", (revision,))


@contextmanager
def waiting(url: str, bind: str | None = None) -> Iterator[tuple[threading.Event, list[bool]]]:
    """Somebody who waits; the event that stops it, and what came of it."""
    stopping, came = threading.Event(), list[bool]()

    def wait() -> None:
        came.append(wait_for_schema(url, schema="notify", package=PACKAGE, stopping=stopping, bind=bind, pause=0.1))

    thread = threading.Thread(target=wait)
    thread.start()
    try:
        yield stopping, came
    finally:
        stopping.set()
        thread.join(20)
        assert not thread.is_alive()


def asked(address: str) -> tuple[int, dict[str, object]]:
    """Status and answer; 0 where nobody listens."""
    try:
        with urlopen(address, timeout=5) as answer:
            return answer.status, json.load(answer)
    except HTTPError as refused:
        return refused.code, json.load(refused)
    except URLError:
        return 0, {}


def test_it_is_alive_and_not_ready_until_the_schema_is_there(url: str) -> None:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    with waiting(url, f"127.0.0.1:{port}") as (_, came):
        eventually(lambda: asked(f"{base}/livez")[0] == 200)
        status, told = asked(f"{base}/readyz")
        assert (status, told["status"]) == (503, "waiting")
        assert str(told["faults"]).startswith("['the schema is at nothing, not at ")
        to_head(url)
        eventually(lambda: came == [True])
    assert asked(f"{base}/livez")[0] == 0  # the port is the process's own again


def test_a_schema_older_than_the_code_is_waited_for(url: str) -> None:
    """… as a restored one, or one whose `prepare` has not run yet."""
    to_head(url)
    head = fits(url, schema="notify", package=PACKAGE).expected
    set_revision(url, "notify_0001")
    with waiting(url) as (_, came):
        assert came == []
        assert fits(url, schema="notify", package=PACKAGE).state == "older"
        set_revision(url, head[0])
        eventually(lambda: came == [True])


def test_who_waits_can_be_stopped(url: str) -> None:
    with waiting("postgresql://nobody@127.0.0.1:1/none") as (stopping, came):
        assert came == []
        stopping.set()
        eventually(lambda: came == [False])


class Toy(EventStore):
    """Asks the database for its types when it is made, as every store does."""

    name = "toy"


def test_a_database_that_does_not_answer_when_a_service_is_made_is_waited_for(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """… as one that is too busy, just after the schema was seen to be there."""
    settings = eventstore.postgres_environment
    monkeypatch.setattr(
        eventstore, "postgres_environment", lambda *given: {**settings(*given), "POSTGRES_CONNECT_TIMEOUT": "1"}
    )
    failed, came, stopping = threading.Event(), list[Toy](), threading.Event()

    def make() -> Toy:
        try:
            return Toy(database_url=url)
        except OperationalError:
            failed.set()
            raise

    def wait() -> None:
        came.append(once_reachable(make, service="toy", stopping=stopping, pause=0.1))

    name = str(conninfo_to_dict(url)["dbname"])
    thread = threading.Thread(target=wait)
    with psycopg.connect(server_url(), autocommit=True) as server:
        server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        thread.start()
        try:
            assert failed.wait(30)
            assert came == []
        finally:
            server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    thread.join(30)
    (toy,) = came
    toy.close()


def test_who_waits_for_a_database_is_told_to_stop_and_ends_well() -> None:
    stopping = threading.Event()
    stopping.set()
    with pytest.raises(SystemExit) as ended:
        once_reachable(
            lambda: Toy(database_url="postgresql://nobody@127.0.0.1:1/none"), service="toy", stopping=stopping
        )
    assert ended.value.code == 0


def test_a_newer_schema_is_left_as_it_is(url: str) -> None:
    """`prepare` of the version before, after going back: it neither fails nor undoes."""
    assert to_head(url) is True
    set_revision(url, "notify_9999")
    assert to_head(url) is False
    found = fits(url, schema="notify", package=PACKAGE)
    assert (found.state, found.applied) == ("newer", ["notify_9999"])
    with waiting(url) as (_, came):
        eventually(lambda: came == [True])


def test_prepare_says_in_a_line_who_does_not_answer(tmp_path: Path) -> None:
    """… whatever runs it starts it again; no password is told."""
    for name in COMPOSE:
        (tmp_path / name).write_text(f"postgresql://delivery_{name}:secret@127.0.0.1:1/center")
    environment = {
        "DATABASE_URL_FILES": f"{tmp_path}/{{service}}",
        "DATABASE_ADMIN_URL": "postgresql://delivery:secret@127.0.0.1:1/center",
        "AMQP_URL": "amqp://delivery:secret@127.0.0.1:1/",
    }
    with pytest.raises(SystemExit) as ended:
        prepare(environment)
    assert str(ended.value.code).startswith("the database cannot be used: ")
    assert '"127.0.0.1", port 1 failed: Connection refused' in str(ended.value.code)
    with pytest.raises(SystemExit) as ended:
        declare(Broker.read(environment))
    assert ended.value.code == "the broker cannot be used: 127.0.0.1:1: [Errno 111] Connection refused"
    with pytest.raises(SystemExit, match=r"^the broker cannot be used: [^@]*ACCESS_REFUSED"):
        declare(Broker.read({"AMQP_URL": re.sub("//[^@]*@", "//nobody:secret@", broker_url())}))


def since(url: str) -> datetime | None:
    """When the upgrade of the schema began that is not finished."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT since FROM notify.unfinished_upgrade").fetchone()
    return row[0] if row else None


def test_an_upgrade_is_unfinished_until_somebody_finishes_it(url: str) -> None:
    """Processes of the version before go on writing. A new installation has none."""
    with scratch_database() as new:
        to_head(new)
        to_head(new)
        assert since(new) is None
    with connected(url, "notify") as connection:
        upgraded_to("notify_0003", PACKAGE, connection, "notify")
    assert to_head(url) is True
    began = since(url)
    assert began is not None
    to_head(url)
    assert since(url) == began, "`prepare` once more, of the same version"
    set_revision(url, "notify_9999")
    assert to_head(url) is False
    back = since(url)
    assert back is not None
    assert back > began, "the version before is back and writes what the newer one has to make whole"
    (head,) = fits(url, schema="notify", package=PACKAGE).expected
    set_revision(url, head)
    to_head(url)
    forward = since(url)
    assert forward is not None
    assert forward > back, "whoever has connected since then is of the version that was back, and goes"
    to_head(url)
    assert since(url) == forward


def test_released_migrations_are_never_edited() -> None:
    """Their checksums; a new one comes after them. An installation that has run one must not differ from a new one."""
    root = Path(__file__).parents[2]
    kept = json.loads((Path(__file__).parent / "released_migrations.json").read_text())
    found = {
        str(path.relative_to(root)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.glob("services/*/*_svc/migrations/0*.py"))
    }
    assert {name: found.get(name) for name in kept} == kept
    for name in found.keys() - kept.keys():
        folder = name.rpartition("/")[0]
        assert name > max((other for other in kept if other.startswith(folder)), default="")
