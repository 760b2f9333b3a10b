"""The overdue marks of the lists."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from delivery_shared.contracts import Contract, project, template
from sqlalchemy import Engine
from sqlalchemy.event import listen, remove

from .conftest import NOON, As, Feeds, Session, SetClock, World, id_of, standing

pytestmark = pytest.mark.integration

PATH = "/api/v1/project-list"


@pytest.fixture
def vendor(world: World, sign_in: As) -> Session:
    return sign_in(world.vendor, "isv", main=True)


def open_node(world: World, name: str = "1", visit: int = 1, **more: Any) -> list[Contract]:
    """A project at 设计, whose 李四 has half a working day."""
    values: dict[str, Any] = {"side": "provider", "role": "designer", "assignee_id": world.lisi, "timeout": 5}
    entered = world.entered(name, visit, "general", "设计", entered_at=NOON, **(values | more))
    return [world.started(name), world.provider_set(name, world.vendor), entered]


def overdue(name: str = "1", visit: int = 1, run: int = 1, **more: Any) -> project.NodeOverdue:
    due = NOON + timedelta(hours=12)
    values: dict[str, Any] = {
        "project_id": id_of(name), "run": run, "visit": visit, "node": f"n{visit}", "name": "设计", "side": "server",
        "role": "designer", "assignee_id": None, "timeout": 5, "entered_at": NOON, "counted_from": NOON,
        "due_at": due, "overdue_at": due,
    }  # fmt: skip
    return project.NodeOverdue(**(values | more))


def withdrawn(visit: int = 1) -> project.OverdueWithdrawn:
    return project.OverdueWithdrawn(
        project_id=id_of("1"), run=1, visit=visit, node=f"n{visit}", reason="calendar", withdrawn_at=NOON
    )


@pytest.mark.requirement("R-23", "R-24", "R-25", "R-27")
def test_the_mark_shows_its_details(feeds: Feeds, world: World, vendor: Session, clock: SetClock) -> None:
    clock.time = NOON + timedelta(hours=12 + 24 * 5)  # 17 to 22 October with a weekend: three working days after due
    feeds(*world.parties(), *world.products(), *open_node(world))
    assert vendor.items(PATH, "overdue") == [None]
    feeds(overdue(), times=2)
    assert vendor.items(PATH, "overdue") == [
        {
            "side": "server",
            "side_text": "服务端超时",
            "node": "设计",
            "operator": "李四",
            "role_name": "设计师",
            "timeout_days": "0.5",
            "entered_at": "2019-10-16T04:00:00+00:00",
            "counted_from": "2019-10-16T04:00:00+00:00",
            "due_at": "2019-10-16T16:00:00+00:00",
            "overdue_days": "3.0",
        }
    ]
    clock.time = NOON + timedelta(hours=14, minutes=23, seconds=59)
    assert [mark["overdue_days"] for mark in vendor.items(PATH, "overdue")] == ["0.0"]
    clock.time = NOON + timedelta(hours=14, minutes=24)
    assert [mark["overdue_days"] for mark in vendor.items(PATH, "overdue")] == ["0.1"]


@pytest.mark.requirement("R-25", "R-26")
def test_the_two_marks_can_be_told_apart_and_filtered_by(feeds: Feeds, world: World, vendor: Session) -> None:
    feeds(*open_node(world, "server"), *open_node(world, "none"), *open_node(world, "customer", side="customer"))
    feeds(overdue("server"), overdue("customer", side="customer"))
    shown = {row["order_number"]: row["overdue"] and row["overdue"] for row in vendor.get(PATH).json["items"]}
    assert shown["none"] is None
    assert (shown["customer"]["side_text"], shown["customer"]["operator"]) == ("客户端超时", "顾客")
    assert shown["server"]["side_text"] == "服务端超时"
    assert vendor.items(PATH, overdue="server") == ["server"]
    assert vendor.items(PATH, overdue="customer") == ["customer"]
    assert sorted(vendor.items(PATH, overdue="any")) == ["customer", "server"]
    assert vendor.get(PATH, overdue="yes").status_code == 422


@pytest.mark.requirement("R-28")
def test_admins_of_both_sides_and_the_operator_see_the_marks_and_staff_do_not(
    feeds: Feeds, world: World, sign_in: As
) -> None:
    feeds(*open_node(world), overdue())
    main = sign_in(world.vendor, "isv", main=True, user=world.lisi)
    for session, query in [
        (main, {"entrance": "vendor"}),
        (main, {"entrance": "provider"}),
        (sign_in(world.vendor, "vendor"), {}),
        (sign_in(id_of("小二"), "operator"), {}),
    ]:
        assert [mark["side"] for mark in session.items(PATH, "overdue", **query)] == ["server"]
    assert [mark["side"] for mark in main.items("/api/v1/my-projects", "overdue")] == ["server"]
    staff = sign_in(world.vendor, "provider", user=world.lisi, roles=["designer"])
    assert staff.items("/api/v1/my-projects", "overdue") == [None]


@pytest.mark.requirement("R-29", "H-09")
@pytest.mark.parametrize("how", ["completed", "rejected", "entered", "withdrawn", "restarted", "ended", "cancelled"])
def test_the_mark_goes_with_the_timeout(feeds: Feeds, world: World, vendor: Session, how: str, engine: Engine) -> None:
    feeds(*open_node(world), overdue())
    goes: dict[str, Contract] = {
        "completed": world.completed("1", 1, world.staff(world.lisi)),
        "rejected": project.NodeRejected(
            project_id=id_of("1"), run=1, visit=1, node="n1", name="设计", by=world.staff(world.lisi), reason="r",
            rejected_at=NOON,
        ),
        "entered": world.entered("1", 2, "general", "后来", side="provider", role="designer"),
        "withdrawn": withdrawn(),
        "restarted": world.restarted("1", 2, world.vendor, world.rival),
        "ended": world.ended("1", "completed"),
        "cancelled": world.ended("1", "cancelled"),
    }  # fmt: skip
    feeds(goes[how], times=2)
    assert vendor.items(PATH, "overdue", tab="all") == [None]
    before = standing(engine)
    if how in ("entered", "restarted", "ended", "cancelled"):
        feeds(overdue(), withdrawn())  # too late: of a passed visit
        assert standing(engine) == before


def test_a_mark_moved_by_the_calendar_is_replaced_and_one_of_another_visit_stays(
    feeds: Feeds, world: World, vendor: Session
) -> None:
    feeds(*open_node(world), overdue(), withdrawn(visit=2))
    feeds(overdue(due_at=NOON + timedelta(hours=36)))
    assert [mark["due_at"] for mark in vendor.items(PATH, "overdue")] == ["2019-10-17T16:00:00+00:00"]
    feeds(world.ended("1", "paused"))
    assert [mark["side"] for mark in vendor.items(PATH, "overdue", tab="paused")] == ["server"]


@pytest.mark.requirement("T-84")
def test_a_row_tells_how_much_working_time_is_left(
    feeds: Feeds, world: World, vendor: Session, sign_in: As, clock: SetClock
) -> None:
    clock.time = NOON
    automatic = world.entered("auto", 1, "assign_order", "分单", role="designer", timeout=5)
    untimed = open_node(world, "untimed", timeout=0)
    feeds(*open_node(world), *untimed, world.started("auto"), automatic)

    def limits(session: Session = vendor, path: str = PATH) -> dict[str, Any]:
        return {row["order_number"]: row["limit"] for row in session.get(path).json["items"]}

    due = "2019-10-16T16:00:00+00:00"
    left = {"timeout_days": "0.5", "due_at": due, "remaining_seconds": 12 * 3600, "stands": None}
    assert limits() == {"1": left, "untimed": None, "auto": None}
    assert limits(sign_in(world.vendor, "provider", user=world.lisi), "/api/v1/my-projects")["1"] == left
    for passed, seconds in ((timedelta(hours=12), 0), (timedelta(hours=12, seconds=1), -1)):
        clock.time = NOON + passed
        assert limits()["1"] == {**left, "remaining_seconds": seconds}
    clock.time = NOON + timedelta(days=3)  # Saturday: Thursday and Friday, and eight hours of Wednesday, have passed
    assert limits()["1"] == {**left, "remaining_seconds": -48 * 3600, "stands": "day_off"}
    feeds(world.ended("1", "paused"))
    paused = {"timeout_days": "0.5", "due_at": None, "remaining_seconds": None, "stands": "paused"}
    listed = vendor.get(PATH, tab="paused").json["items"]
    assert [row["limit"] for row in listed] == [paused]
    feeds(world.ended("1", "cancelled"))
    assert [row["limit"] for row in vendor.get(PATH, tab="cancelled").json["items"]] == [None]


@pytest.mark.requirement("R-28", "T-84")
def test_how_late_others_are_is_told_to_who_supervises_alone(
    feeds: Feeds, world: World, sign_in: As, clock: SetClock
) -> None:
    """Given 李四's node done and 王五's overdue, then 王五 sees his own time, 李四 nothing, the admin both."""
    feeds(*open_node(world), world.completed("1", 1, world.staff(world.lisi)))
    feeds(
        world.entered("1", 2, "confirm", "确认", side="provider", assignee_id=world.wangwu, timeout=5, entered_at=NOON)
    )
    clock.time = NOON + timedelta(hours=13)

    def limit(session: Session, view: str) -> Any:
        (row,) = session.get("/api/v1/my-projects", view=view).json["items"]
        return row["limit"] and row["limit"]["remaining_seconds"]

    assert limit(sign_in(world.vendor, "provider", user=world.wangwu), "pending") == -3600
    assert limit(sign_in(world.vendor, "provider", user=world.lisi), "handled") is None
    assert limit(sign_in(world.vendor, "isv", user=world.lisi, main=True), "handled") == -3600


def test_many_that_are_overdue_at_once_cost_as_many_statements_as_one(
    engine: Engine, feeds: Feeds, world: World
) -> None:
    """After a night without its scheduler, say."""
    statements: list[str] = []

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    reminder = template.Reminder(receiver="assignee", trigger="overdue", message_template="overdue")
    batches = [["a"], [f"b{n}" for n in range(20)]]
    feeds(
        *world.parties(), *world.products(), *(c for names in batches for name in names for c in open_node(world, name))
    )
    counts = []
    listen(engine, "before_cursor_execute", note)
    try:
        for names in batches:
            statements.clear()
            feeds(*(overdue(name, reminders=[reminder]) for name in names))
            counts.append(len(statements))
    finally:
        remove(engine, "before_cursor_execute", note)
    assert counts[0] == counts[1]
