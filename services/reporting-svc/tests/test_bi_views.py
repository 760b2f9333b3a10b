"""The views as documented: everything has a comment, a key and its freshness; durations and outcomes are right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from delivery_shared.contracts import dispatch, project, template
from reporting_svc.bi import reference
from reporting_svc.bi.installing import views
from sqlalchemy import Engine

from .analysts import companies, rows
from .conftest import NOON, Feeds, World, id_of

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
MODELS = ROOT / "deploy" / "bi" / "dbt" / "models"
SOURCES = yaml.safe_load((MODELS / "sources.yml").read_text())
UNGRAINED = ("freshness", "tenant")
"""Views about the schema itself."""


def columns(engine: Engine) -> dict[str, dict[str, str]]:
    """View → column → comment."""
    found: dict[str, dict[str, str]] = {}
    for row in rows(
        engine,
        "SELECT c.relname, a.attname, col_description(c.oid, a.attnum) AS comment FROM pg_class c JOIN pg_attribute a"
        " ON a.attrelid = c.oid WHERE c.relnamespace = 'bi_v1'::regnamespace AND a.attnum > 0 ORDER BY 1, a.attnum",
    ):
        found.setdefault(row["relname"], {})[row["attname"]] = row["comment"]
    return found


def test_everything_has_a_comment_and_every_view_its_grain_and_freshness(engine: Engine) -> None:
    described = columns(engine)
    assert sorted(described) == sorted(views())
    missing = [f"{view}.{column}" for view, named in described.items() for column, text in named.items() if not text]
    assert missing == []
    objects = rows(
        engine,
        "SELECT n.nspname AS name, obj_description(n.oid, 'pg_namespace') AS comment FROM pg_namespace n"
        " WHERE n.nspname IN ('bi', 'bi_v1')"
        " UNION ALL SELECT p.proname, obj_description(p.oid, 'pg_proc') FROM pg_proc p"
        " WHERE p.pronamespace = 'bi_v1'::regnamespace"
        " UNION ALL SELECT c.relname, obj_description(c.oid, 'pg_class') FROM pg_class c"
        " WHERE c.relnamespace IN ('bi'::regnamespace, 'bi_v1'::regnamespace) AND c.relkind IN ('r', 'v')",
    )
    assert [row["name"] for row in objects if not row["comment"]] == []
    assert {row["comment"][:6] for row in objects if row["name"] in described} == {"Grain:"}
    for view, named in described.items():
        if view not in UNGRAINED:
            assert {"as_of_position", "fresh_at"} <= set(named), view


def test_the_reference_in_the_documents_is_the_generated_one() -> None:
    assert (ROOT / "docs" / "bi.md").read_text().endswith(reference.markdown())


def test_freshness_tells_how_far_each_source_is_known(engine: Engine, feeds: Feeds, world: World) -> None:
    feeds(*world.parties(), *world.products(), world.started("1"))
    known = {row["source"]: row for row in rows(engine, "SELECT * FROM bi_v1.freshness")}
    assert {source: row["as_of_position"] for source, row in known.items()} == {
        "template": 4, "identity": 8, "dispatch": 0, "project": 1,
    }  # fmt: skip
    assert {source: row["fresh_at"] for source, row in known.items()} == {
        "template": NOON, "identity": NOON, "dispatch": None, "project": NOON,
    }  # fmt: skip
    (fact,) = rows(engine, "SELECT as_of_position, fresh_at FROM bi_v1.fact_project")
    assert fact == {"as_of_position": 1, "fresh_at": NOON}


@pytest.mark.requirement("B-06", "H-05")
def test_a_visit_has_working_time_limit_and_overdue(engine: Engine, feeds: Feeds, world: World) -> None:
    """Entered on Friday at noon with a limit of half a day: due on Saturday's 0:00; left on Monday at noon."""
    friday = NOON + timedelta(days=2)
    staff = {"side": "provider", "role": "designer", "assignee_id": world.lisi, "timeout": 5}
    ids: dict[str, Any] = {"project_id": id_of("1"), "run": 1}
    rejected = project.NodeRejected(
        **ids, visit=2, node="n2", name="", by=world.staff(world.wangwu), reason="张三不满意",
        rejected_at=friday + timedelta(days=4),
    )  # fmt: skip
    feeds(
        *world.products(),
        world.started("1"),
        world.entered("1", 1, "general", "设计", entered_at=friday, **staff),
        project.NodeCompleted(
            **ids, visit=1, node="n1", name="", by=world.staff(world.lisi), completed_at=friday + timedelta(days=3)
        ),
        world.entered("1", 2, "confirm", "确认", entered_at=friday + timedelta(days=3), side="customer", timeout=20),
        rejected,
        times=2,
    )
    shown = "visit, outcome, operator, left_by_id, working_seconds, limit_seconds, is_overdue, overdue_seconds"
    query = f"SELECT {shown} FROM bi_v1.fact_node_visit ORDER BY visit"
    first, second = rows(engine, query)
    assert first == {
        "visit": 1, "outcome": "completed", "operator": "staff", "left_by_id": world.lisi,
        "working_seconds": Decimal(86400), "limit_seconds": 43200, "is_overdue": True,
        "overdue_seconds": Decimal(43200),
    }  # fmt: skip
    assert second == {
        "visit": 2, "outcome": "rejected", "operator": "customer", "left_by_id": world.wangwu,
        "working_seconds": Decimal(86400), "limit_seconds": 172800, "is_overdue": False, "overdue_seconds": Decimal(0),
    }  # fmt: skip
    # a new calendar: that Monday was off, so both took half a day; the first was due at Saturday's 0:00 all the same
    monday = (friday + timedelta(days=3)).date()
    feeds(
        template.CalendarChanged(
            year=2019, revision=1, provisional=False, changed_at=NOON,
            holidays=[template.Holiday(name="x", first=monday, last=monday)],
        )
    )  # fmt: skip
    first, second = rows(engine, query)
    assert (first["working_seconds"], first["is_overdue"]) == (Decimal(43200), True)
    assert (second["working_seconds"], second["is_overdue"]) == (Decimal(43200), False)
    # free text never reaches the log
    assert "张三" not in str(rows(engine, "SELECT * FROM bi_v1.event_log"))


def test_a_pause_begins_the_limit_anew_and_an_open_visit_counts_until_now(
    engine: Engine, feeds: Feeds, world: World
) -> None:
    query = "SELECT visit, outcome, clock_from, is_overdue FROM bi_v1.fact_node_visit ORDER BY visit"
    feeds(
        *world.products(),
        world.started("1"),
        world.entered("1", 1, "general", "设计", side="provider", role="designer", timeout=5),
    )
    assert rows(engine, query) == [
        {"visit": 1, "outcome": "open", "clock_from": NOON + timedelta(minutes=1), "is_overdue": True}
    ]
    feeds(world.ended("1", "paused"))
    assert [row["is_overdue"] for row in rows(engine, query)] == [False]
    feeds(world.ended("1", "resumed"), world.ended("1", "cancelled"))
    (row,) = rows(engine, query)
    assert row == {"visit": 1, "outcome": "cancelled", "clock_from": NOON, "is_overdue": False}


def test_waits_end_with_their_assignment_or_their_run(engine: Engine, feeds: Feeds, world: World) -> None:
    """Without a project's later fate a wait lasts; assigned, restarted and ended ones have ended."""
    feeds(*companies(world))
    feeds(
        world.queued("own", "staff_full", role="engineer", provider_id=world.vendor),
        world.queued("back", "no_staff", run=1, role="engineer", provider_id=world.rival),
        world.queued("secret too", "staff_full", role="engineer", provider_id=world.rival),
    )
    query = (
        "SELECT p.order_number, w.role, w.outcome, w.wait_seconds FROM bi_v1.fact_queue_wait w"
        " JOIN bi_v1.fact_project p USING (project_id) WHERE w.outcome <> 'waiting' ORDER BY 1, 2"
    )
    assert [tuple(row.values()) for row in rows(engine, query)] == [
        ("back", "", "assigned", 7200), ("back", "engineer", "withdrawn", 0),
        ("outsourced", "", "assigned", 7200), ("own", "", "assigned", 7200), ("secret", "", "assigned", 7200),
        ("secret too", "", "assigned", 7200), ("secret too", "engineer", "withdrawn", 2 * 86400),
    ]  # fmt: skip
    waiting = "SELECT role, reason FROM bi_v1.fact_queue_wait WHERE outcome = 'waiting'"
    assert rows(engine, waiting) == [{"role": "engineer", "reason": "staff_full"}]
    (stars,) = rows(engine, "SELECT stars, state FROM bi_v1.fact_project WHERE order_number = 'secret too'")
    assert stars == {"stars": 4, "state": "completed"}


def test_template_nodes_stand_in_order_with_their_container(engine: Engine, feeds: Feeds, world: World) -> None:
    feeds(*companies(world))
    query = (
        "SELECT number, node, type, step, parent, limit_seconds FROM bi_v1.dim_template_node"
        " WHERE template_id = :id ORDER BY number"
    )
    assert [tuple(row.values()) for row in rows(engine, query, id=id_of("t"))] == [
        (1, "n1", "assign_provider", 1, None, None),
        (2, "n2", "container", 2, None, 43200),
        (3, "n3", "general", 2, "n2", 86400),
    ]
    assert rows(engine, "SELECT DISTINCT nodes, limit_seconds FROM bi_v1.dim_template") == [
        {"nodes": 3, "limit_seconds": 129600}
    ]


# dbt: the tests its sources declare, run as SQL


def checks() -> list[tuple[str, str]]:
    """(what, query of rows that break it) of every test in ``sources.yml``."""
    (source,) = SOURCES["sources"]
    return list(checks_of({f"{source['schema']}.{table['name']}": table for table in source["tables"]}))


def checks_of(tables: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """… of tables and models, by what stands for them behind ``FROM``."""
    for relation, table in tables.items():
        for test in table.get("data_tests", []):
            ((name, arguments),) = test.items()
            assert name == "unique_combination", name
            key = ", ".join(arguments["arguments"]["columns"])
            yield f"{relation} {key}", f"SELECT {key} FROM {relation} GROUP BY {key} HAVING count(*) > 1"
        for column in table["columns"]:
            for test in column.get("data_tests", []):
                yield f"{relation}.{column['name']} {test}", _check(relation, column["name"], test)


def _check(relation: str, column: str, test: Any) -> str:
    ((name, more),) = test.items() if isinstance(test, dict) else ((test, {}),)
    values = more.get("arguments", {})
    if name == "not_null":
        return f"SELECT 1 FROM {relation} WHERE {column} IS NULL"
    if name == "unique":
        return f"SELECT {column} FROM {relation} GROUP BY {column} HAVING count(*) > 1"
    if name == "accepted_values":
        allowed = ", ".join(str(value) if values.get("quote") is False else f"'{value}'" for value in values["values"])
        return f"SELECT {column} FROM {relation} WHERE {column} IS NOT NULL AND {column} NOT IN ({allowed})"
    assert name == "relationships", name
    other = values["to"].removeprefix("source('bi', '").removesuffix("')")
    return (
        f"SELECT {column} FROM {relation} WHERE {column} IS NOT NULL"
        f" AND {column} NOT IN (SELECT {values['field']} FROM bi_v1.{other})"
    )


def test_the_dbt_sources_describe_every_view_and_their_tests_hold(engine: Engine, feeds: Feeds, world: World) -> None:
    feeds(*companies(world))
    (source,) = SOURCES["sources"]
    described = columns(engine)
    shown = {
        table["name"]: {column["name"]: column["description"] for column in table["columns"]}
        for table in source["tables"]
    }
    assert shown == described
    made = checks()
    assert len(made) > 40
    bounded = {check: query.replace("bi_v1.fact_daily_snapshot", SNAPSHOT, 1) for check, query in made}
    broken = {check for check, query in bounded.items() if rows(engine, query)}
    assert broken == set()


SNAPSHOT = "(SELECT * FROM bi_v1.fact_daily_snapshot WHERE day BETWEEN '2019-10-16' AND '2019-10-20') AS s"


def test_the_dbt_tests_can_fail(engine: Engine, feeds: Feeds, world: World) -> None:
    """A project of a product nobody announced: a relationship is broken, and found."""
    feeds(*world.parties(), world.started("1", product_id=id_of("unknown")))
    failing = [check for check, query in checks() if "snapshot" not in check and rows(engine, query)]
    assert [check for check in failing if check.startswith("bi_v1.fact_project.product_id")] != []


def test_the_staging_models_are_what_they_say(engine: Engine, feeds: Feeds, world: World) -> None:
    """Each is there with its description, asks what there is, has the columns it names, and passes its tests."""
    member = dispatch.MemberSet(provider_id=world.vendor, person_id=world.lisi, maximum=5, receiving=True)
    feeds(*companies(world), member)
    told = {model["name"]: model for model in yaml.safe_load((MODELS / "staging/staging.yml").read_text())["models"]}
    source = re.compile(r"{{ source\('bi', '(\w+)'\) }}")
    files = {path.stem: source.sub(r"bi_v1.\1", path.read_text()) for path in (MODELS / "staging").glob("*.sql")}
    assert told.keys() == files.keys()
    asked = {f"({files[name]}) AS {name}": model for name, model in told.items()}
    for relation, model in asked.items():
        found = rows(engine, f"SELECT * FROM {relation}")
        assert found, model["name"]
        assert {column["name"] for column in model["columns"]} <= found[0].keys()
    assert {check for check, query in checks_of(asked) if rows(engine, query)} == set()


def test_the_log_keeps_texts_as_they_are(engine: Engine, feeds: Feeds, world: World) -> None:
    """Quotes, braces and backslashes are part of a name, not of how it is stored."""
    name = 'a "b" \\ {c, d}\n\t\'e\' \\" 设计'
    feeds(world.started("1"), world.entered("1", 1, "general", name, side="provider", role="designer"))
    query = "SELECT data ->> 'name' AS name FROM bi_v1.event_log WHERE type = 'project.node_entered'"
    assert rows(engine, query) == [{"name": name}]
