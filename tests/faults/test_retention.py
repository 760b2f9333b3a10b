"""Streams are cut; events are not. What a feed lacks it gets from the store, in order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from itertools import cycle
from uuid import uuid4

import pytest
from delivery_center.dc.main import run
from delivery_center.load.prepared_system import PreparedSystem
from delivery_center.running.processes import System
from delivery_center.supplying import supply
from delivery_center.verifying.under_way import position_of
from delivery_shared.messaging.consumer import Consumer
from delivery_shared.messaging.retention import POLICY, begins_after
from delivery_shared.messaging.topology import Broker
from delivery_shared.messaging.transport import TransportLost
from delivery_shared.testing.fixtures import eventually, scratch_database
from prometheus_client.parser import text_string_to_metric_families

from tests.dc.calling import Said, through
from tools.private_rabbit import PrivateRabbit
from tools.private_servers import running

pytestmark = pytest.mark.faults

SEGMENT = 40_000
"""Bytes of a segment, so that a few projects fill several."""

PROJECTS = 12


@pytest.fixture(scope="module")
def rabbit() -> Iterator[tuple[PrivateRabbit, str]]:
    """A broker of this module's own, and its management API."""
    server = PrivateRabbit()
    api = server.tell()
    for _ in running(server):
        yield server, api


@pytest.fixture(scope="module")
def installation(
    rabbit: tuple[PrivateRabbit, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PreparedSystem]:
    server, api = rabbit
    keep(server, "1h")
    broker = Broker(url=server.url, namespace=f"{uuid4().hex[:6]}.", api=api)
    folder = tmp_path_factory.mktemp("retention")
    environment = {"DELIVERY_BROKER_API": api}
    with (
        scratch_database() as url,
        System(database_url=url, broker=broker, folder=folder, environment=environment) as system,
    ):
        system.migrate()
        system.start()
        with PreparedSystem(system) as installation:
            yield installation


def keep(server: PrivateRabbit, age: str) -> None:
    """Have streams keep what is younger than ``age``, as an operator would."""
    definition = {**POLICY["definition"], "max-age": age, "stream-max-segment-size-bytes": SEGMENT}
    server.control("set_policy", "events", r"events\.", json.dumps(definition), "--apply-to", "queues")


def dc(installation: PreparedSystem, capsys: pytest.CaptureFixture[str], *arguments: object) -> Said:
    capsys.readouterr()
    status = run([str(argument) for argument in arguments], installation.system.environment)
    return Said(status, *capsys.readouterr())


def retention(installation: PreparedSystem, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """What `dc doctor` says of it."""
    said = dc(installation, capsys, "doctor", "--json")
    (found,) = (row for row in json.loads(said.out) if row["check"] == "retention of streams")
    return dict(found)


def figure(installation: PreparedSystem, process: str, name: str, source: str) -> float:
    (found,) = (
        sample.value
        for family in text_string_to_metric_families(installation.system.metrics(process))
        for sample in family.samples
        if sample.name == name and sample.labels.get("source") == source
    )
    return float(found)


def feed(installation: PreparedSystem, service: str) -> Consumer:
    """The feed of a service for the events of project-svc."""
    (found,) = (one for one in installation.center.services[service].consumers if one.source == "project")
    return found


def one_more(installation: PreparedSystem, projects: int = 1) -> None:
    """An order that runs through: a stream that was cut may hold nothing until something happens."""
    robots = installation.robots()
    through(robots, robots.order(installation.orders(projects)), timeout=120)


def cut(installation: PreparedSystem, server: PrivateRabbit, *, behind: int) -> None:
    """Cut the stream of project-svc behind that id. The broker looks how old segments are when a policy changes, and
    when one is full: what is not old enough at one change is at one of the next."""
    ages = cycle(("1s", "2s"))

    def gone() -> bool:
        keep(server, next(ages))
        return is_cut(installation, behind=behind)

    eventually(gone, every=0.5)
    keep(server, "1h")


def is_cut(installation: PreparedSystem, *, behind: int) -> bool:
    """Whether the stream of project-svc has lost what follows that id, or everything. Whoever reads a segment while it
    is deleted loses the connection."""
    with suppress(TransportLost):
        begins = begins_after(installation.center.transport, "project")
        return begins is None or begins > behind
    return False


def test_a_feed_that_was_away_too_long_stops_and_gets_everything_from_the_store(
    installation: PreparedSystem, rabbit: tuple[PrivateRabbit, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Given a worker that was away until its stream was cut, when it comes back, then it applies nothing, tells so
    everywhere, and one command mends it: what it lacks comes again, in order, each once. A read model built anew
    needs no stream at all."""
    system = installation.system
    installation.settle()
    assert retention(installation, capsys)["state"] == "ok"
    assert retention(installation, capsys)["detail"].count("events.project 1h") == 1
    system.stop(["notify-worker"])
    notify = feed(installation, "notify")
    stands = notify.position()
    one_more(installation, PROJECTS)
    reporting = feed(installation, "reporting")
    eventually(lambda: position_of(reporting) == position_of(feed(installation, "dispatch")))
    cut(installation, rabbit[0], behind=stands.id)

    told = retention(installation, capsys)
    assert told["state"] == "wrong"
    stream = broker_of(installation).stream_name("project")
    expected = f"notify need what {stream} does not hold any more: dc outbox rewind project --behind"
    assert told["detail"] == expected
    system.start(["notify-worker"])
    one_more(installation)
    eventually(lambda: figure(installation, "notify-worker", "delivery_feed_missing", "project") == 1)
    assert notify.position().id == stands.id
    log = (system.folder / "notify-worker.log").read_text()
    assert '"mend": "dc outbox rewind project --behind"' in log or "mend='dc outbox rewind project --behind'" in log

    assert dc(installation, capsys, "projection", "rebuild", "--json").status == 0
    assert dc(installation, capsys, "projection", "switch", "--yes", "--json").status == 0
    planned = dc(installation, capsys, "outbox", "rewind", "project", "--behind", "--dry-run", "--json").json
    assert planned["to"] == stands.id
    assert dc(installation, capsys, "outbox", "rewind", "project", "--behind", "--yes").status == 0
    eventually(lambda: figure(installation, "notify-worker", "delivery_feed_missing", "project") == 0)
    installation.settle()
    assert dc(installation, capsys, "verify").status == 0
    assert retention(installation, capsys)["state"] == "ok"
    again = dc(installation, capsys, "outbox", "rewind", "project", "--behind", "--yes")
    assert again.err.startswith("dc: every feed of project stands at")


def test_a_feed_that_is_new_gets_everything_from_the_store(
    installation: PreparedSystem, rabbit: tuple[PrivateRabbit, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """As of a later version, whose `prepare` sees to it: here the whole read model is taken away."""
    system = installation.system
    one_more(installation, PROJECTS)
    installation.settle()
    cut(installation, rabbit[0], behind=0)
    system.stop(["reporting-worker"])
    emptied(feed(installation, "reporting"))
    system.start(["reporting-worker"])
    one_more(installation)
    eventually(lambda: figure(installation, "reporting-worker", "delivery_feed_missing", "project") == 1)
    assert (position_of(feed(installation, "reporting")) or 0) == 0
    (lack,) = (one for one in supply(installation.center) if one.source == "project")
    assert dict(lack.feeds) == {"reporting": 0}
    eventually(lambda: figure(installation, "reporting-worker", "delivery_feed_missing", "project") == 0)
    installation.settle()
    assert dc(installation, capsys, "verify").status == 0


def emptied(consumer: Consumer) -> None:
    """Take away all a read model has written, with its positions."""
    found = consumer.rows(
        "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'reporting' AND tablename <> 'alembic_version'", {}
    )
    names = ", ".join(f'"{row["name"]}"' for row in found)
    consumer.rows(f"TRUNCATE {names}", {})


def broker_of(installation: PreparedSystem) -> Broker:
    broker = installation.center.settings.broker
    assert broker is not None
    return broker
