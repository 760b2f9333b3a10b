"""What analysts ask of facts beside visits and waits: capacity in time, pauses, messages, reasons, customers – and that
what is reckoned once stays what the present calendar gives."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from delivery_shared.contracts import dispatch, identity, project, template
from delivery_shared.rows import Rows
from reporting_svc import worked
from reporting_svc.tables import node_visit
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from .analysts import companies, rows
from .conftest import NOON, Feeds, World, id_of
from .test_dashboards import histories

pytestmark = pytest.mark.integration


def test_the_capacity_of_staff_is_known_in_time(engine: Engine, feeds: Feeds, world: World) -> None:
    """Every setting with its time, also after the person has gone; what was said twice or changed nothing is one."""

    def member(maximum: int, receiving: bool) -> dispatch.MemberSet:
        return dispatch.MemberSet(
            provider_id=world.vendor, person_id=world.lisi, maximum=maximum, receiving=receiving
        )  # fmt: skip

    feeds(member(5, True), times=2)
    feeds(member(5, False), times=2, time=NOON + timedelta(hours=1))
    feeds(member(5, False), time=NOON + timedelta(hours=2))
    feeds(member(9, False), member(7, True), time=NOON + timedelta(hours=3))  # at one moment: the first never was
    query = "SELECT maximum, receiving, valid_from, valid_to FROM bi_v1.fact_staff_capacity ORDER BY valid_from"
    former = [
        (5, True, NOON, NOON + timedelta(hours=1)),
        (5, False, NOON + timedelta(hours=1), NOON + timedelta(hours=3)),
    ]
    present = (7, True, NOON + timedelta(hours=3))
    assert [tuple(row.values()) for row in rows(engine, query)] == [*former, (*present, None)]
    closed = dispatch.MemberClosed(provider_id=world.vendor, person_id=world.lisi)
    feeds(closed, times=2, time=NOON + timedelta(hours=4))
    assert [tuple(row.values()) for row in rows(engine, query)] == [*former, (*present, NOON + timedelta(hours=4))]


def test_people_have_departments_and_roles(engine: Engine, feeds: Feeds, world: World) -> None:
    design, print_shop = id_of("设计部"), id_of("印刷部")
    saved = identity.UserSaved(
        user_id=world.lisi, party_id=world.vendor, side="provider", main=False, login_name="lisi", name="李四",
        roles=["designer", "account_manager"], department_id=print_shop, saved_at=NOON,
    )  # fmt: skip
    feeds(
        *world.parties(), *world.products(),
        identity.DepartmentSaved(department_id=design, party_id=world.vendor, name="设计部"),
        identity.DepartmentSaved(department_id=print_shop, party_id=world.vendor, name="印刷部", parent_id=design),
        saved,
        times=2,
    )  # fmt: skip
    roles = "SELECT role FROM bi_v1.bridge_person_role WHERE person_id = :id ORDER BY role"
    assert [row["role"] for row in rows(engine, roles, id=world.lisi)] == ["account_manager", "designer"]
    person = "SELECT name, department_id, is_main_account, active FROM bi_v1.dim_person WHERE person_id = :id"
    (lisi,) = rows(engine, person, id=world.lisi)
    assert lisi == {"name": "李四", "department_id": print_shop, "is_main_account": False, "active": True}
    departments = "SELECT name, parent_id, active FROM bi_v1.dim_department ORDER BY parent_id NULLS FIRST"
    assert [tuple(row.values()) for row in rows(engine, departments)] == [
        ("设计部", None, True), ("印刷部", design, True)
    ]  # fmt: skip
    feeds(
        identity.UserDeleted(user_id=world.lisi, party_id=world.vendor),
        identity.DepartmentDeleted(department_id=print_shop, party_id=world.vendor),
        times=2,
    )
    assert rows(engine, roles, id=world.lisi) == []
    (lisi,) = rows(engine, person, id=world.lisi)
    assert lisi == {"name": "李四", "department_id": print_shop, "is_main_account": False, "active": False}
    assert [row["active"] for row in rows(engine, departments)] == [True, False]


def test_companies_of_one_name_are_told_apart_by_their_account(engine: Engine, feeds: Feeds, world: World) -> None:
    same = [
        identity.PartyRegistered(party_id=id_of(account), name="云梦", kind="isv", account=account)
        for account in ("1234567890123401", "1234567890123402")
    ]
    feeds(*same)
    for view in ("dim_vendor", "dim_provider"):
        found = rows(engine, f"SELECT name, account FROM bi_v1.{view} ORDER BY account")
        assert [tuple(row.values()) for row in found] == [
            ("云梦", "1234567890123401"), ("云梦", "1234567890123402")
        ]  # fmt: skip


def test_customers_stand_under_a_pseudonym(engine: Engine, feeds: Feeds, world: World) -> None:
    later = NOON + timedelta(days=1)
    feeds(
        *world.parties(), *world.products(), world.started("1"), world.started("2", started_at=later),
        world.started("3", customer_id=world.other_customer, customer_name="张三", customer_number="C9"),
    )  # fmt: skip
    found = rows(engine, "SELECT * FROM bi_v1.dim_customer ORDER BY projects DESC")
    shown = ("customer_id", "projects", "first_project_at", "last_project_at")
    assert [tuple(row[name] for name in shown) for row in found] == [
        (world.customer, 2, NOON, later), (world.other_customer, 1, NOON, NOON)
    ]  # fmt: skip
    assert len({row["pseudonym"] for row in found}) == 2
    for told in ("客户", "张三", "C9", "C1001", "C1002"):
        assert told not in str(found)


def test_pauses_are_kept_with_their_end(engine: Engine, feeds: Feeds, world: World) -> None:
    """Resumed, cancelled while it lasts, and one that lasts; each message twice."""
    friday = NOON + timedelta(days=2)
    by = project.Actor(kind="vendor", user_id=world.main, party_id=world.vendor)

    def paused(name: str, when: datetime) -> project.ProjectPaused:
        return project.ProjectPaused(project_id=id_of(name), run=1, remark="张三说等等", by=by, paused_at=when)

    for name in ("1", "2", "3"):
        feeds(world.started(name), world.provider_set(name, world.rival), times=2)
    feeds(
        paused("1", friday),
        project.ProjectResumed(project_id=id_of("1"), run=1, by=by, resumed_at=friday + timedelta(days=3)),
        paused("1", friday + timedelta(days=4)),
        project.ProjectCancelled(
            project_id=id_of("1"), run=1, remark="r", by=by, cancelled_at=friday + timedelta(days=5)
        ),
        paused("2", friday),
        project.ProjectRestarted(
            project_id=id_of("2"), run=2, provider_id=world.vendor, former_provider_id=world.rival, remark="r", by=by,
            restarted_at=friday + timedelta(days=1),
        ),
        paused("3", friday),
        times=2,
    )  # fmt: skip
    shown = "paused_at, ended_at, outcome, provider_id, paused_by_kind, paused_by_id"
    found = rows(engine, f"SELECT {shown} FROM bi_v1.fact_pause ORDER BY outcome, paused_at")
    of = (world.rival, "vendor", world.main)
    assert [tuple(row.values()) for row in found] == [
        (friday + timedelta(days=4), friday + timedelta(days=5), "cancelled", *of),
        (friday, None, "open", *of),
        (friday, friday + timedelta(days=1), "restarted", *of),
        (friday, friday + timedelta(days=3), "resumed", *of),
    ]
    (resumed,) = rows(
        engine,
        "SELECT pause_seconds, pause_working_seconds, paused_day, ended_day FROM bi_v1.fact_pause"
        " WHERE outcome = 'resumed'",
    )
    assert (resumed["pause_seconds"], resumed["pause_working_seconds"]) == (3 * 86400, 86400)  # over a weekend
    assert (resumed["paused_day"], resumed["ended_day"]) == (date(2019, 10, 18), date(2019, 10, 21))
    assert "张三" not in str(rows(engine, "SELECT * FROM bi_v1.fact_pause"))


def test_what_was_to_be_told_to_whom(engine: Engine, feeds: Feeds, world: World) -> None:
    """The rules of a node that fire, once per visit – an overdue node told again fires nothing –, none of an earlier
    run and none after the end."""

    def rule(trigger: Any, receiver: str) -> template.Reminder:
        return template.Reminder(receiver=receiver, trigger=trigger, message_template=f"{trigger}_{receiver}")

    rules = [rule("entered", "assignee"), rule("overdue", "vendor_admin"), rule("passed_on", "customer")]
    ids: dict[str, Any] = {"project_id": id_of("1"), "run": 1, "visit": 1, "node": "n1", "name": "设计"}

    def overdue(minute: int) -> project.NodeOverdue:
        return project.NodeOverdue(
            **ids, side="server", role="designer", assignee_id=world.lisi, timeout=10, entered_at=NOON,
            counted_from=NOON, due_at=NOON, reminders=rules, overdue_at=NOON + timedelta(minutes=minute),
        )  # fmt: skip

    def reminded(number: int) -> project.AssigneeReminded:
        return project.AssigneeReminded(
            **ids, role="designer", receiver="assignee", number=number, by=world.staff(world.main),
            reminded_at=NOON + timedelta(hours=1),
        )  # fmt: skip

    feeds(world.started("1"), world.provider_set("1", world.vendor))
    feeds(
        world.entered("1", 1, "general", "设计", role="designer", assignee_id=world.lisi, reminders=rules),
        overdue(10),
        project.OverdueWithdrawn(
            project_id=id_of("1"), run=1, visit=1, node="n1", reason="calendar", withdrawn_at=NOON
        ),
        overdue(20),
        reminded(1),
        reminded(2),
        project.Talked(
            project_id=id_of("1"),
            run=1,
            visit=1,
            name="设计",
            kind="note",
            number=3,
            text="王五看看张三",
            mentions=[world.wangwu, world.main],
            by=world.staff(world.lisi),
            talked_at=NOON,
        ),
        project.NodeCompleted(**ids, by=world.staff(world.lisi), reminders=rules, completed_at=NOON),
        times=2,
    )
    query = (
        "SELECT trigger, rule, receiver, message_template, provider_id, told_at FROM bi_v1.fact_message ORDER BY 1, 2"
    )
    expected = [
        ("entered", 0, "assignee", "entered_assignee", world.vendor, NOON + timedelta(minutes=1)),
        ("mentioned", 3000, "person", "mention", world.vendor, NOON),
        ("mentioned", 3001, "person", "mention", world.vendor, NOON),
        ("overdue", 1, "vendor_admin", "overdue_vendor_admin", world.vendor, NOON + timedelta(minutes=10)),
        ("passed_on", 2, "customer", "passed_on_customer", world.vendor, NOON),
        ("reminded", 1, "assignee", "urge", world.vendor, NOON + timedelta(hours=1)),
        ("reminded", 2, "assignee", "urge", world.vendor, NOON + timedelta(hours=1)),
    ]
    assert [tuple(row.values()) for row in rows(engine, query)] == expected
    (talked,) = rows(engine, "SELECT DISTINCT data FROM bi_v1.event_log WHERE type = 'project.talked'")
    assert not {"mentions", "text"} & set(talked["data"])
    feeds(world.restarted("1", 2, world.rival, world.vendor), reminded(3))  # of the earlier run
    feeds(world.ended("1", "completed", run=2))
    feeds(world.entered("1", 2, "general", "设计", run=2, reminders=rules))
    assert [tuple(row.values()) for row in rows(engine, query)] == expected


def test_an_evaluation_has_its_day(engine: Engine, feeds: Feeds, world: World) -> None:
    feeds(*companies(world))
    query = "SELECT stars, evaluated_at, evaluated_day FROM bi_v1.fact_project WHERE stars IS NOT NULL"
    assert [tuple(row.values()) for row in rows(engine, query)] == [(4, NOON + timedelta(days=3), date(2019, 10, 19))]


@pytest.mark.parametrize("erased_first", [False, True])
@pytest.mark.parametrize("together", [False, True])
def test_why_it_was_rejected_is_told_until_the_buyer_is_forgotten(
    engine: Engine, feeds: Feeds, world: World, erased_first: bool, together: bool
) -> None:
    """A reason may name the buyer: it goes with the name, whichever came first and in whatever batches."""
    ids: dict[str, Any] = {"project_id": id_of("1"), "run": 1}
    by = project.Actor(kind="staff", user_id=world.wangwu, party_id=world.vendor, role="designer")
    rejected = project.NodeRejected(
        **ids, visit=1, node="n1", name="", by=by, reason="张三不满意", rejected_at=NOON + timedelta(hours=1)
    )
    erased = project.BuyerErased(**ids, erased_at=NOON)
    feeds(
        world.started("1", customer_name="张三", customer_number="C9"), world.started("2"),
        world.entered("1", 1, "confirm", "确认"), world.entered("2", 1, "confirm", "确认"),
        project.NodeRejected(
            project_id=id_of("2"), run=1, visit=1, node="n1", name="", by=by, reason="缺文件", rejected_at=NOON
        ),
    )  # fmt: skip
    query = (
        "SELECT p.order_number, v.reject_reason, v.left_by_role, v.left_by_party_id FROM bi_v1.fact_node_visit v"
        " JOIN bi_v1.fact_project p USING (project_id) WHERE v.outcome = 'rejected' ORDER BY 1"
    )
    if not erased_first:
        feeds(rejected, times=2)
        assert [row["reject_reason"] for row in rows(engine, query)] == ["张三不满意", "缺文件"]
    last = [erased, rejected] if erased_first else [erased]
    if together:
        feeds(*last, times=2)
    else:
        for contract in last:
            feeds(contract, times=2)
    assert [tuple(row.values()) for row in rows(engine, query)] == [
        ("1", "", "designer", world.vendor), ("2", "缺文件", "designer", world.vendor),
    ]  # fmt: skip
    assert "张三" not in str(rows(engine, "SELECT * FROM reporting.node_visit"))


@pytest.mark.requirement("B-06", "H-09")
@pytest.mark.parametrize("calendar_last", [False, True])
def test_stored_seconds_are_those_the_present_calendar_gives(
    engine: Engine, feeds: Feeds, world: World, calendar_last: bool
) -> None:
    """Months of visits and a calendar that was corrected, whichever came first: what is stored is what SQL reckons."""
    by_source = histories(world, random.Random(4))
    order = ("project", "template") if calendar_last else ("template", "project")
    for source in order:
        feeds(*by_source[source])
    visits = rows(
        engine,
        "SELECT n.worked_seconds, n.overdue_seconds,"
        " bi_v1.working_seconds(n.entered_at, n.left_at, k.worked, k.off) AS worked,"
        " CASE WHEN bi_v1.due_before(n.clock_from, n.timeout, n.left_at, k.worked, k.off) THEN"
        "  bi_v1.working_seconds(n.clock_from, n.left_at, k.worked, k.off) - n.timeout * 8640 END AS overdue"
        " FROM reporting.node_visit n CROSS JOIN bi_v1.calendar_at('infinity') k",
    )
    assert len(visits) >= 30
    assert {row["overdue"] is None for row in visits} == {True, False}
    assert [(r["worked_seconds"], r["overdue_seconds"]) for r in visits] == [
        (r["worked"], r["overdue"]) for r in visits
    ]


def test_a_new_calendar_is_reckoned_with_in_parts(
    engine: Engine, feeds: Feeds, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worked, "PART", 2)
    friday = NOON + timedelta(days=2)
    for name in ("1", "2", "3", "4", "5"):
        feeds(
            world.started(name), world.entered(name, 1, "general", "设计", entered_at=friday),
            project.NodeCompleted(
                project_id=id_of(name), run=1, visit=1, node="n1", name="", by=world.staff(world.lisi),
                completed_at=friday + timedelta(days=3),
            ),
        )  # fmt: skip
    query = "SELECT worked_seconds FROM reporting.node_visit"
    assert [row["worked_seconds"] for row in rows(engine, query)] == [86400] * 5
    monday = (friday + timedelta(days=3)).date()
    off = template.Holiday(name="x", first=monday, last=monday)
    feeds(template.CalendarChanged(year=2019, revision=1, provisional=False, changed_at=NOON, holidays=[off]))
    assert [row["worked_seconds"] for row in rows(engine, query)] == [43200] * 5
    feeds(template.CalendarChanged(year=2019, revision=2, provisional=False, changed_at=NOON, holidays=[]))
    assert [row["worked_seconds"] for row in rows(engine, query)] == [86400] * 5


def test_the_calendar_stands_still_while_a_batch_with_visits_is_stored(
    engine: Engine, feeds: Feeds, world: World
) -> None:
    """Whoever wants to store a new one waits: so no visit is left that neither side reckoned with it."""
    feeds(world.started("1"), world.entered("1", 1, "general", "设计"))
    with engine.connect() as other, other.begin():
        folded = Rows(other)
        folded.put(node_visit, {**dict.fromkeys(c.name for c in node_visit.columns), "project_id": id_of("1"),
            "visit": 1, "timeout": 0, "entered_at": NOON, "clock_from": NOON, "left_at": NOON})  # fmt: skip
        worked.reckon(other, folded)
        with engine.connect() as waiting:
            waiting.execute(text("SET LOCAL lock_timeout = '50ms'"))
            with pytest.raises(DBAPIError, match="lock timeout"):
                waiting.execute(text("INSERT INTO calendar VALUES (2019, 1, '[]', now())"))


def test_a_visit_the_version_before_stored_is_reckoned_when_asked(engine: Engine, feeds: Feeds, world: World) -> None:
    feeds(world.started("1"), world.entered("1", 1, "general", "设计", side="provider", timeout=5))
    feeds(project.NodeCompleted(
        project_id=id_of("1"), run=1, visit=1, node="n1", name="", by=world.staff(world.lisi),
        completed_at=NOON + timedelta(days=1),
    ))  # fmt: skip
    query = "SELECT working_seconds, is_overdue, overdue_seconds FROM bi_v1.fact_node_visit"
    stored = rows(engine, query)
    assert stored == [{"working_seconds": 86340, "is_overdue": True, "overdue_seconds": 86340 - 43200}]
    with engine.begin() as connection:
        connection.execute(text("UPDATE node_visit SET worked_seconds = NULL, overdue_seconds = NULL"))
    assert rows(engine, query) == stored


def test_calendars_are_found_once_however_many_days_a_snapshot_shows(
    engine: Engine, feeds: Feeds, world: World
) -> None:
    """What a tool asks first – how many rows, the first of them – does not reckon a calendar a day."""
    for contracts in histories(world, random.Random(5)).values():
        feeds(*contracts)
    for query in ("SELECT count(*) FROM bi_v1.fact_daily_snapshot", "SELECT * FROM bi_v1.fact_daily_snapshot LIMIT 99"):
        ((plan,),) = (row["QUERY PLAN"] for row in rows(engine, f"EXPLAIN (ANALYZE, FORMAT JSON) {query}"))
        found = [node for node in _nodes(plan["Plan"]) if node.get("Function Name") == "calendar_at"]
        assert [node["Actual Loops"] for node in found] == [3], "before the first of two revisions, and since each"
    days = rows(engine, "SELECT count(DISTINCT day) AS n FROM bi_v1.fact_daily_snapshot")[0]["n"]
    assert days > 1000


def _nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for part in plan.get("Plans", ()) for node in _nodes(part))]
