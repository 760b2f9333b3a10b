"""What a story leaves for analysts, from the services' own events: visits, decisions and the log."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from delivery_center.client import Client
from delivery_center.demo import Accounts
from delivery_center.running.processes import System
from delivery_center.stories.scenario2 import Scenario2
from delivery_shared.testing.fixtures import eventually
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

pytestmark = pytest.mark.stories

SQL = Path(__file__).parents[2] / "deploy" / "bi" / "sql"


def rows(connection: Connection, query: str, **values: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(text(query), values).mappings()]


def _set(found: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
    return {tuple(row.values()) for row in found}


def test_a_story_as_analysts_see_it(separate: tuple[Client, Accounts], system: System) -> None:
    client, accounts = separate
    story = Scenario2(
        client, operator=accounts["云市场小二"], marketplace=accounts["云市场订单"], say=lambda line: None
    )
    story.play()
    url = make_url(system.environment["DATABASE_URL"]).set(drivername="postgresql+psycopg2")
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("SET jit = off"))
        finished = "SELECT * FROM bi_v1.fact_project WHERE state = 'completed' ORDER BY created_at DESC LIMIT 1"
        project = eventually(lambda: rows(connection, finished))[0]
        of_it = {"id": project["project_id"]}
        assert (
            rows(connection, "SELECT 1 FROM bi_v1.fact_node_visit WHERE outcome = 'open' AND project_id = :id", **of_it)
            == []
        )

        entered = (
            "SELECT count(*) AS n FROM bi_v1.event_log WHERE project_id = :id AND type = 'project.node_entered'"
            " AND data ->> 'type' <> 'container'"
        )
        visits = rows(connection, "SELECT * FROM bi_v1.fact_node_visit WHERE project_id = :id ORDER BY visit", **of_it)
        assert len(visits) == rows(connection, entered, **of_it)[0]["n"] > 5
        assert {visit["outcome"] for visit in visits} <= {"completed", "rejected"}
        assert visits[-1]["type"] == "complete_project"
        for visit, following in pairwise(visits):
            assert visit["entered_at"] <= visit["left_at"] <= following["entered_at"]

        decisions = rows(connection, "SELECT * FROM bi_v1.fact_assignment WHERE project_id = :id", **of_it)
        drawn = [decision for decision in decisions if decision["level"] == "provider"]
        assert [decision["how"] for decision in drawn] == ["draw"]
        for decision in decisions:
            assert decision["how"] is not None
            chosen = decision["person_id"] or decision["provider_id"]
            if decision["how"] in ("draw", "assign"):
                assert str(chosen) in decision["candidates"]
        template = "SELECT nodes FROM bi_v1.dim_template WHERE template_id = :template AND template_version = :version"
        (known,) = rows(connection, template, template=project["template_id"], version=project["template_version"])
        assert known["nodes"] >= len({visit["node"] for visit in visits})

        # who was to be told of what: as notify-svc counts it, by the same keys
        key = "project_id, run, visit, trigger, rule"
        told = rows(
            connection, f"SELECT {key}, message_template FROM bi_v1.fact_message WHERE project_id = :id", **of_it
        )
        assert len(told) > 1

        def sent() -> bool:
            query = f"SELECT {key}, message_template FROM notify.occurrence WHERE project_id = :id"
            return _set(rows(connection, query, **of_it)) == _set(told)

        eventually(sent)

        # what people hold and may hold, as if it were tomorrow's 0:00: as dispatch-svc answers
        today = rows(connection, "SELECT day FROM bi_v1.dim_date WHERE is_today")[0]["day"]
        loads = story.admin.get("/api/v1/staff-loads", params={"limit": 200})["items"]
        at_midnight = "bi_v1.fact_daily_snapshot s\n    WHERE s.day = CAST(:day AS date) AND s.is_held"
        now = "bi_v1.fact_project s WHERE s.provider_id IS NOT NULL AND s.state IN ('running', 'paused')"
        question = (SQL / "staff_utilisation.sql").read_text()
        assert question.count(at_midnight) == 1

        def same() -> bool:
            found = rows(connection, question.replace(at_midnight, now), day=today + timedelta(days=1))
            shown = {str(row["person_id"]): (row["load"], row["maximum"], row["receiving"]) for row in found}
            ours = {row["person_id"]: (row["load"], row["maximum"], row["receiving"]) for row in loads}
            return {id: shown.get(id) for id in ours} == ours

        assert sum(row["load"] for row in loads) > 0
        eventually(same)

        # as of tomorrow's 0:00 the project is delivered and its cycle counts
        asked = {"party_id": UUID(str(project["vendor_id"])), "entrance": "vendor", "day": today + timedelta(days=1)}
        (cycle,) = rows(connection, (SQL / "average_cycle.sql").read_text(), **asked)
        assert cycle["finished"] >= 1
    engine.dispose()
