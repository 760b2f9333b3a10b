"""The project as it was at a moment of the past, and as spans of time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from project_svc import commands
from project_svc.domain.errors import NotStartedThen, ProjectUnknown, RunUnknown

from .conftest import (
    BY_ADMIN,
    BY_CUSTOMER,
    BY_LISI,
    BY_VENDOR,
    FOREIGN_ADMIN,
    FOREIGN_CUSTOMER,
    OPERATOR,
    Http,
    World,
)
from .people import LISI, OTHER_PROVIDER, WANGWU
from .test_pages import changed, replaced
from .test_timers import at_submit, due, resume, scheduler
from .test_timers import pause as paused

__all__ = ["scheduler"]

pytestmark = pytest.mark.integration

FRIDAY = datetime(2019, 10, 18, 6, 0, tzinfo=UTC)
"""14:00 in Shanghai, a working day before a weekend."""


def hour(n: float) -> datetime:
    return FRIDAY + timedelta(hours=n)


@pytest.fixture
def lived(world: World) -> UUID:
    """Hour by hour: 0 ordered, 1 a provider, 2 wangwu assigned, 3 filled and handed in, 4 lisi instead of wangwu, 5
    rejected, 6 handed in again, 7 another provider."""
    world.clock.time = hour(0)
    project_id = world.order()
    world.clock.time = hour(1)
    world.hear(world.provider(project_id))
    world.clock.time = hour(2)
    world.hear(world.staff(project_id, WANGWU.user_id))
    world.clock.time = hour(3)
    world.fill(project_id)
    world.confirm(project_id, BY_CUSTOMER)
    world.clock.time = hour(4)
    replaced(world, project_id, LISI.user_id, "休假")
    world.clock.time = hour(5)
    visit = world.visit(project_id)
    world.do(commands.reject(by=BY_LISI, project_id=project_id, visit=visit, reason="请补充"))
    world.clock.time = hour(6)
    world.confirm(project_id, BY_CUSTOMER)
    return project_id


def page(world: World, project_id: UUID, at: datetime | None, by: Any = BY_VENDOR) -> dict[str, Any]:
    return world.application.details(by=by, project_id=project_id, at=at)


def test_the_page_as_it_was_is_the_page_that_was_shown_then(world: World) -> None:
    """Whatever happened later: what was shown at each moment is shown of it again, without what could be done."""
    shown: dict[datetime, dict[str, Any]] = {}
    world.clock.time = hour(0)
    project_id = world.order()

    def look(n: int) -> None:
        shown[hour(n)] = page(world, project_id, None)
        world.clock.time = hour(n + 1)

    look(0)
    world.hear(world.provider(project_id))
    look(1)
    world.hear(world.staff(project_id))
    look(2)
    world.fill(project_id)
    world.confirm(project_id, BY_CUSTOMER)
    look(3)
    paused(world, project_id)
    look(4)
    resume(world, project_id)
    world.do(commands.cancel(by=OPERATOR, project_id=project_id, remark="退款"))
    look(5)
    for moment, then in shown.items():
        again = page(world, project_id, moment)
        assert again.pop("as_of") == (moment + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S")
        assert then.pop("as_of") is None
        then["actions"] = []
        then["contact"]["changeable"] = False
        if then["current"]:
            then["current"]["operations"] = []
            then["current"]["queue"] = None
        assert again == then
    between = page(world, project_id, hour(2) + timedelta(minutes=59))
    assert between["current"]["name"] == shown[hour(2)]["current"]["name"]
    with pytest.raises(NotStartedThen):
        page(world, project_id, hour(0) - timedelta(microseconds=1))


def test_an_earlier_run_is_shown_to_vendor_and_operator_only(world: World, lived: UUID) -> None:
    world.clock.time = hour(7)
    changed(world, lived, OTHER_PROVIDER, "更换")
    for by in (BY_VENDOR, OPERATOR):
        then = page(world, lived, hour(6), by)
        assert (then["run"], then["provider"]["name"]) == (1, "河北服务商")
        assert (page(world, lived, hour(7), by)["run"]) == 2
    for by in (FOREIGN_ADMIN, BY_CUSTOMER):
        with pytest.raises(RunUnknown):
            page(world, lived, hour(6), by)
        assert page(world, lived, hour(7), by)["run"] == 2
    for by in (BY_ADMIN, BY_LISI, FOREIGN_CUSTOMER):
        with pytest.raises(ProjectUnknown):
            page(world, lived, hour(6), by)


def test_over_http(world: World, lived: UUID, http: Http) -> None:
    vendor = http.of(BY_VENDOR)
    answer = vendor("GET", f"projects/{lived}?at=2019-10-18T17:30:00%2B08:00")
    assert (answer.status_code, answer.json["current"]["waits_for"]) == (200, "等待设计师处理")
    assert vendor("GET", f"projects/{lived}?at=2019-10-18T17:30:00").status_code == 422, "without a zone"
    early = vendor("GET", f"projects/{lived}?at=2019-10-01T00:00:00Z")
    assert (early.status_code, early.json["type"]) == (404, "urn:delivery-center:problem:not-started-then")
    timeline = vendor("GET", f"projects/{lived}/timeline")
    assert timeline.status_code == 200
    assert timeline.json["nodes"][0]["from"] == "2019-10-18T06:00:00+00:00"
    assert http.of(FOREIGN_ADMIN)("GET", f"projects/{lived}/timeline").status_code == 404
    assert vendor("GET", f"projects/{uuid4()}/timeline").status_code == 404


def test_the_timeline_tells_who_had_what_for_how_long(world: World, lived: UUID) -> None:
    timeline = world.application.timeline(by=BY_CUSTOMER, project_id=lived)
    told = [
        (n["name"], n["from"], n["to"], n["outcome"], n["by"], n["waiting"], n["working_seconds"])
        for n in timeline["nodes"]
    ]
    customer = "客户甲乙丙 顾客"
    names = [n[0] for n in told]
    assert told == [
        (names[0], hour(0), hour(1), "completed", "系统", True, 3600),
        (names[1], hour(1), hour(2), "completed", "系统", True, 3600),
        (names[2], hour(2), hour(3), "completed", customer, False, 3600),
        (names[3], hour(3), hour(5), "rejected", "李四 设计师", False, 7200),
        (names[2], hour(5), hour(6), "completed", customer, False, 3600),
        (names[3], hour(6), None, None, None, False, 0),
    ]
    assert timeline["nodes"][3]["remark"] == "请补充"
    assert timeline["nodes"][3]["operators"] == [
        {"operator": "王五 设计师", "from": hour(3), "to": hour(4)},
        {"operator": "李四 设计师", "from": hour(4), "to": hour(5)},
    ]
    assert timeline["runs"] == [{"run": 1, "provider": "河北服务商", "from": hour(0), "to": None}]


def test_the_timeline_keeps_runs_apart(world: World, lived: UUID) -> None:
    world.clock.time = hour(7)
    paused(world, lived)
    world.clock.time = hour(8)
    changed(world, lived, OTHER_PROVIDER, "更换")
    all_runs = world.application.timeline(by=BY_VENDOR, project_id=lived)
    assert [(r["run"], r["provider"], r["from"], r["to"]) for r in all_runs["runs"]] == [
        (1, "河北服务商", hour(0), hour(8)), (2, "北京服务商", hour(8), None),
    ]  # fmt: skip
    left = all_runs["nodes"][5]
    assert (left["outcome"], left["to"], left["remark"], left["by"]) == ("restarted", hour(8), "更换", "小二")
    assert left["paused"] == [{"from": hour(7), "to": hour(8)}]
    assert [(p["from"], p["to"], p["by"]) for p in all_runs["pauses"]] == [(hour(7), hour(8), "河北服务商")]
    own = world.application.timeline(by=FOREIGN_ADMIN, project_id=lived)
    assert ({n["run"] for n in own["nodes"]}, own["from"], own["pauses"]) == ({2}, hour(8), [])


def test_pauses_and_weekends_are_no_working_time_and_overdue_times_are_for_supervisors(
    world: World, scheduler: Any
) -> None:
    project_id = at_submit(world)
    begun = world.clock.time
    world.clock.time = due(world, project_id)
    scheduler.once()
    late = world.clock.time
    world.clock.time = late + timedelta(hours=1)
    paused(world, project_id)
    world.clock.time = late + timedelta(hours=3)
    resume(world, project_id)
    world.clock.time = late + timedelta(hours=4)
    [submit] = [n for n in world.application.timeline(by=BY_VENDOR, project_id=project_id)["nodes"] if not n["to"]]
    assert late - begun == timedelta(days=3), "over a weekend"
    assert submit["working_seconds"] == (24 + 1 + 1) * 3600
    assert submit["overdue"] == [{"side": "customer", "from": late, "to": late + timedelta(hours=3)}]
    assert submit["timeout_days"] == "1.0"
    own = world.application.timeline(by=BY_CUSTOMER, project_id=project_id)
    assert [n["overdue"] for n in own["nodes"]] == [[] for _ in own["nodes"]]
