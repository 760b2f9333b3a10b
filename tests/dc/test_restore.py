"""Backup and restore: the event stores from one file, the read model rebuilt, the streams published anew. With a role
for each service: tests/deploy/test_processes.py; as the document says it: `make test-containers`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from delivery_center.composition import Center
from delivery_center.load.prepared_system import PreparedSystem
from delivery_center.load.simulated_people import ApplicationHands, Robots
from delivery_center.running.server import read_settings
from delivery_center.stories.story import REQUIREMENT
from delivery_center.verify import quiet, verify
from delivery_shared.messaging import relay
from delivery_shared.messaging.topology import Broker
from delivery_shared.testing.fixtures import eventually, scratch_database
from project_svc.main import application_of
from project_svc.store import ProjectStore

from tests.dc.calling import Dc, through

pytestmark = pytest.mark.stories


@pytest.fixture
def elsewhere(installation: PreparedSystem) -> Iterator[dict[str, str]]:
    """An empty database, and names of its own on the broker."""
    namespace = f"test-{uuid4().hex[:12]}."
    with scratch_database() as url:
        yield {"DATABASE_URL": url, "DELIVERY_NAMESPACE": namespace}
    assert installation.center.settings.broker is not None
    Broker(url=installation.center.settings.broker.url, namespace=namespace).delete()


def test_an_installation_comes_back_from_its_event_stores(
    dc: Dc,
    installation: PreparedSystem,
    elsewhere: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Dumped while notify-svc lags behind, and with a relay that does not step back by itself: the restored feeds need
    what was published long ago, and get it from the renewed streams."""
    system = installation.system
    robots = installation.robots()
    through(robots, first := robots.order(installation.orders(3)))
    installation.settle()
    system.stop(["notify-worker"])
    through(robots, robots.order(installation.orders(3)))
    archive = tmp_path / "center.dump"
    assert dc("backup", archive, "--json").json == {"file": str(archive), "bytes": archive.stat().st_size}
    noted = dc("audit", "list", "--limit", "1", "--json").json
    assert [(one["action"], one["arguments"], one["outcome"]) for one in noted] == [
        ("backup", {"file": "center.dump"}, "done")
    ]
    assert 0 <= dc("status", "--json").json["work"]["identity.backup_age_seconds"] < 60
    system.start(["notify-worker"])

    assert dc("restore", archive, "--yes").err.startswith("dc: stop the services first; connected: delivery-")
    planned = dc("restore", archive, "--dry-run", "--json", environment=elsewhere).json
    assert planned["schemas"] == ["bi", "dispatch", "identity", "intake", "notify", "project", "template"]
    assert planned["replaces"] == []  # an empty database: nothing to ask about
    assert dc("status", environment=elsewhere).err.startswith("dc: the database is not prepared for this version")
    restored = dc("restore", archive, "--json", environment=elsewhere).json
    assert restored["streams_to_renew"] == ["template", "identity", "intake", "project", "dispatch"]
    assert dc("doctor", environment=elsewhere).err == "dc: wrong: relays\n"
    assert dc("verify", environment=elsewhere).status == 1  # with all that is still to be published and applied
    assert dc("verify", "--restored", environment=elsewhere).status == 0
    assert dc("restore", archive, environment=elsewhere).err == (
        "dc: everything in bi, bi_v1, dispatch, identity, intake, notify, project, reporting, template is replaced by"
        " what center.dump holds; say --yes if that is wanted\n"
    )
    assert dc("restore", archive, "--yes", environment=elsewhere).status == 0
    monkeypatch.setattr(relay, "OVERLAP", 0)
    with monkeypatch.context() as patch:
        for name, value in {**system.environment, **elsewhere}.items():
            patch.setenv(name, value)
        center = Center(read_settings(dict(os.environ)))
    try:
        center.start()
        eventually(lambda: quiet(center) == [], every=0.2)
        assert verify(center) == []
        assert {str(project) for project in first} <= {
            row["subject"] for row in dc("events", "tail", "-n", 10_000, "--json", environment=elsewhere).lines
        }
        store = center.services["project"].store
        assert isinstance(store, ProjectStore)
        application = application_of(store, center.settings)
        again = Robots(application, ApplicationHands(application, REQUIREMENT))
        through(again, again.order(installation.orders(3)))
        eventually(lambda: quiet(center) == [], every=0.2)
        assert verify(center) == []
    finally:
        center.stop()
    installation.assert_well()


def test_what_is_no_backup_is_refused(dc: Dc, elsewhere: dict[str, str], tmp_path: Path) -> None:
    assert dc("restore", tmp_path / "none", environment=elsewhere).err == f"dc: {tmp_path}/none: no such file\n"
    (tmp_path / "other").write_text("something")
    said = dc("restore", tmp_path / "other", environment=elsewhere)
    assert (said.status, said.err.count("\n")) == (1, 1)
    assert said.err.startswith("dc: pg_restore: ")
