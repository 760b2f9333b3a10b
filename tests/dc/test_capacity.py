"""`dc capacity` on a running installation."""

from __future__ import annotations

import json
from uuid import UUID

import psycopg
import pytest
from delivery_center.growth import rate_of
from delivery_center.load.prepared_system import PreparedSystem

from tests.dc.calling import Dc

pytestmark = pytest.mark.stories


def test_it_tells_what_is_held_and_for_how_long_it_fits(
    dc: Dc, installation: PreparedSystem, projects: list[UUID]
) -> None:
    installation.settle()
    told = dc("capacity", "--disk", "100Gi", "--json").json
    url = installation.center.settings.database_url
    with psycopg.connect(url) as connection:
        (count,) = connection.execute("SELECT count(*) FROM reporting.project").fetchone() or (0,)
        (size,) = connection.execute("SELECT pg_total_relation_size('project.project_events')").fetchone() or (0,)
    assert told["projects"]["projects"] == count >= len(projects)
    assert round(told["projects"]["a_day"] * told["projects"]["days_looked_at"]) == count  # younger than four weeks
    (database,) = told["databases"]
    assert database["free_bytes"] == 100 * 2**30 - database["bytes"]
    assert database["days_left"] == pytest.approx(database["free_bytes"] / database["a_day_bytes"])
    assert 0 < database["connections"] <= database["of"]
    (events,) = (row for row in told["tables"] if (row["service"], row["tables"]) == ("project", "events"))
    assert events["bytes"] == size
    assert events["per_project_bytes"] == pytest.approx(size / count)
    assert {row["service"] for row in told["tables"]} == set(installation.center.services)
    streams = {row["stream"].partition("events.")[2]: row for row in told["streams"]}
    assert set(streams) == {name for name, service in installation.center.services.items() if service.store}
    assert streams["project"]["messages"] > 0
    assert 300 < streams["project"]["bytes"] / streams["project"]["messages"] < 3000
    assert streams["project"]["kept"] == "not told"  # the broker of the tests has no management API
    rate = rate_of(installation.application.store, days=28)
    assert rate.events == installation.application.store.recorder.max_notification_id()
    assert round(rate.a_day * rate.days) == rate.events


def test_people_get_tables_and_a_disk_nobody_named_is_not_computed(dc: Dc, projects: list[UUID]) -> None:
    said = dc("capacity")
    assert said.status == 0, said.err
    assert [line for line in said.out.splitlines() if line in ("databases", "tables", "streams")] == [
        "databases",
        "tables",
        "streams",
    ]
    told = json.loads(dc("capacity", "--json").out)
    assert (told["databases"][0]["free_bytes"], told["databases"][0]["days_left"]) == (None, None)


@pytest.mark.parametrize(
    ("disk", "why"),
    [("much", "give a size as 100Gi"), ("report=1Gi", "no service is called report"), ("dispatch=", "give a size")],
)
def test_a_disk_that_is_none_is_refused(dc: Dc, disk: str, why: str) -> None:
    said = dc("capacity", "--disk", disk)
    assert said.status == 2
    assert why in said.err
