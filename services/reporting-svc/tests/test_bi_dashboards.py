"""The ready-made SQL gives every figure of every dashboard as the API does, for a role that reads its own rows only."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from reporting_svc.bi.roles import grant, revoke
from reporting_svc.history import day_of
from sqlalchemy import Connection, text

from .analysts import as_role
from .conftest import As, Feeds, Session, SetClock, World
from .test_dashboards import CYCLE, NEW, SATURATION, STATES, at, histories

pytestmark = pytest.mark.integration

SQL = Path(__file__).parents[3] / "deploy" / "bi" / "sql"


@pytest.fixture
def readers(feeds: Feeds, world: World, database_url: str) -> Iterator[dict[UUID | None, Connection]]:
    """Connections of both companies and of the platform operator."""
    feeds(*world.parties())
    end = uuid4().hex[:8]
    parties = {"ours": world.vendor, "rival": world.rival, "operator": None}
    with ExitStack() as stack:
        connections = {}
        for name, party in parties.items():
            made = grant(database_url, party_id=party, role=f"bi_{name}_{end}")
            stack.callback(revoke, database_url, made.role)
            connections[party] = stack.enter_context(as_role(database_url, made.role, made.password))
        yield connections


class Asked:
    """Figures by SQL in the form of the API's."""

    def __init__(self, connection: Connection, party_id: UUID, entrance: str, when: datetime) -> None:
        self.connection = connection
        self.values = {"party_id": party_id, "entrance": entrance, "day": day_of(when)}

    def rows(self, name: str, **more: Any) -> list[dict[str, Any]]:
        query = text((SQL / f"{name}.sql").read_text())
        found = self.connection.execute(query, {**self.values, **more}).mappings()
        return [
            {key: str(v) if type(v).__name__ in ("UUID", "Decimal") else v for key, v in row.items()} for row in found
        ]


def fields(rows: Any, *names: str) -> list[dict[str, Any]]:
    """The items of an answer, with the fields the SQL has as well."""
    return [{name: row[name] for name in names} for row in rows]


def assert_same(session: Session, asked: Asked, entrance: str) -> int:
    """Compare all figures of an entrance; returns how many projects were counted somewhere."""
    (cycle,) = asked.rows("average_cycle")
    api = session.get(CYCLE, entrance=entrance).json
    assert cycle == {"days": api["days"], "finished": api["finished"]}
    for unit in ("day", "month"):
        api_points = session.get(NEW, entrance=entrance, unit=unit).json["points"]
        assert asked.rows(f"new_projects_by_{unit}") == fields(api_points, "label", "number")
    counted = 0
    for window in (30, 60):
        body = session.get(STATES, entrance=entrance, window=str(window)).json
        rows = asked.rows("project_states", window=window)
        assert rows == fields(body["states"], "state", "text", "number")
        assert sum(row["number"] for row in rows) == body["total"]
        counted += body["total"]
    if entrance == "vendor":
        shown = ("product_id", "product_code", "product_name", "provider_id", "provider_name", "load", "maximum",
                 "percent", "colour")  # fmt: skip
        rows = asked.rows("saturation")
        assert rows == fields(session.get(SATURATION).json["items"], *shown)
        counted += sum(row["load"] for row in rows)
    return counted


@pytest.mark.requirement(
    "B-03", "B-05", "B-06", "B-07", "B-08", "B-09", "B-10", "B-11", "B-12", "B-13", "B-14", "B-15", "B-16", "B-17",
    "B-18", "B-19", "B-20", "B-21",
)  # fmt: skip
@pytest.mark.parametrize("seed", [1, 2])
def test_the_sql_gives_every_figure_of_the_api(
    feeds: Feeds, world: World, sign_in: As, clock: SetClock, readers: dict[UUID | None, Connection], seed: int
) -> None:
    by_source = histories(world, random.Random(seed))
    for contracts in by_source.values():
        feeds(*contracts)
    counted = 0
    for day in ("08-20 09:00", "10-02 00:00", "10-14 12:00", "10-20 23:59:59"):
        clock.time = at(day)
        for party in (world.vendor, world.rival):
            session = sign_in(party, "isv", main=True)
            for entrance in ("vendor", "provider"):
                counted += assert_same(session, Asked(readers[party], party, entrance, clock.time), entrance)
    assert counted > 200
    # the platform operator's role gives the same, of whichever party
    session = sign_in(world.vendor, "isv", main=True)
    assert assert_same(session, Asked(readers[None], world.vendor, "vendor", clock.time), "vendor") > 0


def test_a_stranger_gets_empty_figures(
    feeds: Feeds, world: World, clock: SetClock, readers: dict[UUID | None, Connection]
) -> None:
    """Asking for another party's figures is no way around."""
    for contracts in histories(world, random.Random(1)).values():
        feeds(*contracts)
    asked = Asked(readers[world.rival], world.vendor, "vendor", at("10-14 12:00"))
    own = Asked(readers[world.vendor], world.vendor, "vendor", at("10-14 12:00"))
    assert own.rows("saturation") != []
    assert asked.rows("saturation") == []
    held = sum(row["number"] for row in asked.rows("project_states", window=60))
    assert 0 < held < sum(row["number"] for row in own.rows("project_states", window=60))  # those the rival served
