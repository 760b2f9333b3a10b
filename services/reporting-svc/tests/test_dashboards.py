"""The dashboards: every figure as of 0:00 in Shanghai, from what happened when, and the list behind it."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import pytest
from delivery_shared.contracts import Contract, project, template
from delivery_shared.working_time import SHANGHAI, Calendar
from reporting_svc import figures, tables
from reporting_svc.application import ReportingApplication
from reporting_svc.past import Past
from reporting_svc.rebuild import rebuild, state_hash
from reporting_svc.tables import figure
from sqlalchemy import Engine, delete, insert, select

from .conftest import NOON, As, Feeds, Session, SetClock, World, id_of

pytestmark = pytest.mark.integration

CYCLE, NEW, STATES, SATURATION = (
    f"/api/v1/dashboards/{name}" for name in ("average-cycle", "new-projects", "project-states", "saturation")
)
ALL = [
    (CYCLE, {}),
    (NEW, {"unit": "day"}),
    (NEW, {"unit": "month"}),
    (STATES, {"window": "30"}),
    (STATES, {"window": "60"}),
]


def at(text: str) -> datetime:
    """A time of Shanghai, such as ``10-16 12:00``, of 2019."""
    return datetime.fromisoformat(f"2019-{text}").replace(tzinfo=SHANGHAI)


def life(world: World, name: str, *facts: tuple[str, str], **started: Any) -> list[Contract]:
    """A project that started with the first fact: (what, when). ``enter:5`` enters a node with a timeout of 0.5 day,
    ``provider:<name>`` sets the provider, ``restart:<name>`` changes it, after ``lift:<time>`` the clock counts from
    then on."""
    contracts: list[Contract] = []
    run = visit = 0
    by = project.Actor(kind="system")
    for what, when in facts:
        kind, _, more = what.partition(":")
        ids: dict[str, Any] = {"project_id": id_of(name), "run": max(run, 1)}
        match kind:
            case "start":
                run = 1
                contracts.append(world.started(name, started_at=at(when), **started))
            case "provider":
                contracts.append(project.ProviderSet(**ids, provider_id=getattr(world, more), set_at=at(when)))
            case "enter":
                visit += 1
                node: dict[str, Any] = {"run": run, "timeout": int(more), "entered_at": at(when)}
                contracts.append(
                    world.entered(name, visit, "general", "设计", side="provider", role="designer", **node)
                )
            case "restart":
                run += 1
                again = world.restarted(name, run, getattr(world, more), world.vendor)
                contracts.append(msgspec.structs.replace(again, restarted_at=at(when)))
            case "pause":
                contracts.append(project.ProjectPaused(**ids, remark="r", by=by, paused_at=at(when)))
            case "resume":
                contracts.append(project.ProjectResumed(**ids, by=by, resumed_at=at(when)))
            case "hold":
                about: dict[str, Any] = {**ids, "reason": "frozen", "held_at": at(when)}
                contracts.append(project.HoldSet(**about, holds=["frozen"]))
            case "lift":
                counted = at(more or when)
                lifted: dict[str, Any] = {**ids, "reason": "frozen", "lifted_at": at(when), "counted_from": counted}
                contracts.append(project.HoldLifted(**lifted, holds=[]))
            case "cancel":
                contracts.append(project.ProjectCancelled(**ids, remark="r", by=by, cancelled_at=at(when)))
            case "complete":
                contracts.append(project.ProjectCompleted(**ids, completed_at=at(when)))
    return contracts


@pytest.fixture
def vendor(world: World, sign_in: As) -> Session:
    return sign_in(world.vendor, "isv", main=True)


@pytest.fixture
def rival(world: World, sign_in: As) -> Session:
    return sign_in(world.rival, "isv", main=True)


def states(session: Session, **query: Any) -> dict[str, int]:
    """The numbers by state, and the total."""
    body = session.get(STATES, **query).json
    return {"total": body["total"], **{row["state"]: row["number"] for row in body["states"]}}


def points(session: Session, **query: Any) -> dict[str, int]:
    return {row["label"]: row["number"] for row in session.get(NEW, **query).json["points"]}


def behind(session: Session, filter: str) -> list[str]:
    """The order numbers a figure's filter lists."""
    return sorted(session.items("/api/v1/project-list", **dict(parse_qsl(filter)), limit="200"))


# The moment


@pytest.mark.requirement("B-03", "B-04")
def test_figures_stand_at_the_last_midnight_and_today_changes_none(
    feeds: Feeds, world: World, vendor: Session, clock: SetClock
) -> None:
    clock.time = at("10-17 00:00")
    feeds(
        *life(world, "last", ("start", "10-16 23:59:59.999999")),
        *life(world, "midnight", ("start", "10-17 00:00")),
    )
    assert vendor.get(STATES).json["as_of"] == "2019-10-17T00:00:00+08:00"
    assert states(vendor)["total"] == 1
    before = [vendor.get(path, **query).json for path, query in ALL]
    feeds(
        *life(world, "last", ("pause", "10-17 00:00"), ("cancel", "10-17 00:01")),
        *life(world, "new", ("start", "10-17 09:00"), ("complete", "10-17 10:00")),
    )
    clock.time = at("10-17 23:59:59.999999")
    assert [vendor.get(path, **query).json for path, query in ALL] == before
    clock.time = at("10-18 00:00")
    assert states(vendor) == {
        "total": 3, "delivered": 1, "running": 1, "overdue": 0, "paused": 0, "cancelled": 1,
    }  # fmt: skip


def test_the_clock_of_dashboards_is_the_databases_and_can_be_moved(engine: Engine, feeds: Feeds) -> None:
    def ahead() -> timedelta:
        return ReportingApplication(engine).clock.now() - datetime.now(UTC)

    assert abs(ahead()) < timedelta(minutes=1)
    feeds(template.ClockMoved(offset_seconds=3 * 86400, moved_at=NOON), times=2)
    assert abs(ahead() - timedelta(days=3)) < timedelta(minutes=1)


# 平均项目完成周期


@pytest.mark.requirement("B-05", "B-06", "B-07", "H-02", "H-04")
def test_the_average_cycle_counts_working_days_from_start_to_completion(
    feeds: Feeds, world: World, vendor: Session, clock: SetClock
) -> None:
    clock.time = at("10-17 08:00")
    empty = vendor.get(CYCLE).json
    assert (empty["days"], empty["text"], empty["finished"]) == (None, "--", 0)

    # the national holiday of 2019: off from 1 to 7 October, 29 September and 12 October are worked
    holiday = template.Holiday(
        name="国庆节",
        first=at("10-01").date(),
        last=at("10-07").date(),
        make_up_days=[at("09-29").date(), at("10-12").date()],
    )
    feeds(
        template.CalendarChanged(
            year=2019, revision=1, provisional=False, holidays=[holiday], changed_at=at("01-01 00:00")
        )
    )
    # Monday 30 September 12:00 to Tuesday 8 October 12:00: one working day
    feeds(*life(world, "holiday", ("start", "09-30 12:00"), ("complete", "10-08 12:00")))
    assert (vendor.get(CYCLE).json["days"], vendor.get(CYCLE).json["finished"]) == ("1.0", 1)
    # Friday 11 October 12:00 to Monday 14 October 12:00 with a make-up Saturday: two; paused and restarted meanwhile
    feeds(
        *life(
            world, "paused", ("start", "10-11 12:00"), ("provider:vendor", "10-11 12:00"), ("pause", "10-11 13:00"),
            ("resume", "10-12 13:00"), ("restart:rival", "10-12 14:00"), ("complete", "10-14 12:00"),
        )
    )  # fmt: skip
    assert (vendor.get(CYCLE).json["days"], vendor.get(CYCLE).json["finished"]) == ("1.5", 2)
    # completed today: not counted; cancelled: never finished
    feeds(
        *life(world, "today", ("start", "10-16 00:00"), ("complete", "10-17 00:00")),
        *life(world, "gone", ("start", "10-01 00:00"), ("cancel", "10-16 00:00")),
    )
    body = vendor.get(CYCLE).json
    assert (body["days"], body["text"], body["finished"]) == ("1.5", "1.5", 2)
    assert behind(vendor, body["filter"]) == ["holiday", "paused"]


@pytest.mark.requirement("B-05")
def test_the_average_cycle_looks_back_365_days(feeds: Feeds, world: World, vendor: Session, clock: SetClock) -> None:
    feeds(
        *life(world, "first", ("start", "01-01 00:00"), ("complete", "01-02 00:00")),
        *life(world, "before", ("start", "01-01 00:00"), ("complete", "01-01 23:59:59.999999")),
    )
    clock.time = at("01-02 00:00") + timedelta(days=365)
    assert (vendor.get(CYCLE).json["finished"], vendor.get(CYCLE).json["days"]) == (1, "1.0")
    clock.time = at("01-02 00:00") + timedelta(days=366)
    assert vendor.get(CYCLE).json["days"] is None


@pytest.mark.requirement("B-06")
@pytest.mark.parametrize("seed", range(4))
def test_the_average_cycle_equals_the_slow_reckoning(
    feeds: Feeds, world: World, vendor: Session, clock: SetClock, seed: int
) -> None:
    rng = random.Random(seed)
    clock.time = at("12-01 00:00")
    off = [at("06-01").date() + timedelta(days=rng.randrange(180)) for _ in range(20)]
    holidays = [template.Holiday(name=str(n), first=day, last=day) for n, day in enumerate(off)]
    feeds(
        template.CalendarChanged(year=2019, revision=1, provisional=False, holidays=holidays, changed_at=at("01-01")),
    )
    working = Calendar.of(holidays)
    cycles = []
    for number in range(rng.randrange(1, 30)):
        start = at("06-01") + timedelta(microseconds=rng.randrange(120 * 86400 * 10**6))
        end = start + timedelta(microseconds=rng.randrange(40 * 86400 * 10**6))
        cycles.append(working.between(start, end))
        feeds(
            world.started(f"{number}", started_at=start),
            project.ProjectCompleted(project_id=id_of(f"{number}"), run=1, completed_at=end),
        )
    microseconds = sum(cycles, timedelta()) // timedelta(microseconds=1)
    days = Decimal(microseconds) / (len(cycles) * 86400 * 10**6)
    assert vendor.get(CYCLE).json["days"] == str(days.quantize(Decimal("0.1"), ROUND_HALF_UP))


# 新增项目数


@pytest.mark.requirement("B-08")
def test_new_projects_of_the_last_seven_days(feeds: Feeds, world: World, vendor: Session, clock: SetClock) -> None:
    clock.time = at("10-17 15:00")
    whens = ("10-09 23:59:59", "10-10 00:00", "10-12 08:00", "10-12 09:00", "10-16 23:59:59", "10-17 00:00")
    for number, when in enumerate(whens):
        feeds(*life(world, f"{number}", ("start", when)))
    assert points(vendor) == {
        "2019-10-10": 1, "2019-10-11": 0, "2019-10-12": 2, "2019-10-13": 0, "2019-10-14": 0, "2019-10-15": 0,
        "2019-10-16": 1,
    }  # fmt: skip
    listed = [behind(vendor, row["filter"]) for row in vendor.get(NEW).json["points"]]
    assert listed == [["1"], [], ["2", "3"], [], [], [], ["4"]]


@pytest.mark.requirement("B-09", "B-10")
def test_new_projects_of_the_last_six_months(feeds: Feeds, world: World, vendor: Session, clock: SetClock) -> None:
    for number, when in enumerate(("04-30 23:59:59", "05-01 00:00", "09-30 23:59:59", "10-01 00:00", "10-31 12:00")):
        feeds(*life(world, f"{number}", ("start", when)))
    clock.time = at("10-31 15:00")
    assert points(vendor, unit="month") == {
        "2019-05": 1, "2019-06": 0, "2019-07": 0, "2019-08": 0, "2019-09": 1, "2019-10": 1,
    }  # fmt: skip
    clock.time = at("11-01 00:00")  # yesterday still belongs to October
    assert points(vendor, unit="month")["2019-10"] == 2
    assert [behind(vendor, row["filter"]) for row in vendor.get(NEW, unit="month").json["points"]][-1] == ["3", "4"]
    clock.time = at("11-02 00:00")
    assert list(points(vendor, unit="month")) == ["2019-06", "2019-07", "2019-08", "2019-09", "2019-10", "2019-11"]
    clock.time = datetime(2020, 1, 15, tzinfo=UTC)
    assert list(points(vendor, unit="month"))[-2:] == ["2019-12", "2020-01"]


# 项目状态


@pytest.mark.requirement("B-11", "B-12", "B-13", "B-14", "B-15")
def test_states_of_the_projects_started_in_the_window(
    feeds: Feeds, world: World, vendor: Session, clock: SetClock
) -> None:
    clock.time = at("10-17 08:00")
    feeds(
        *life(world, "run", ("start", "10-16 09:00"), ("enter:5", "10-16 12:00")),  # due at 0:00 of today
        *life(world, "late", ("start", "10-16 09:00"), ("enter:5", "10-16 11:59:59")),
        *life(world, "no limit", ("start", "10-01 09:00"), ("enter:0", "10-01 09:00")),
        *life(world, "paused late", ("start", "10-10 09:00"), ("enter:5", "10-10 09:00"), ("pause", "10-15 09:00")),
        *life(world, "resumed", ("start", "10-10 09:00"), ("enter:5", "10-10 09:00"), ("pause", "10-15 09:00"),
              ("resume", "10-16 13:00")),
        *life(world, "went on", ("start", "10-10 09:00"), ("enter:5", "10-10 09:00"), ("enter:5", "10-16 13:00")),
        *life(world, "cancelled", ("start", "10-10 09:00"), ("pause", "10-11 09:00"), ("cancel", "10-12 09:00")),
        *life(world, "done", ("start", "09-17 00:00"), ("enter:1", "09-17 00:00"), ("complete", "10-16 09:00")),
        *life(world, "31 days", ("start", "09-16 23:59:59")),
        *life(world, "60 days", ("start", "08-18 00:00")),
        *life(world, "61 days", ("start", "08-17 23:59:59")),
    )  # fmt: skip
    body = vendor.get(STATES).json
    assert [(row["state"], row["text"], row["number"]) for row in body["states"]] == [
        ("delivered", "已交付", 1),
        ("running", "执行中", 4),
        ("overdue", "已超时", 1),
        ("paused", "已暂停", 1),
        ("cancelled", "已取消", 1),
    ]
    assert body["total"] == sum(row["number"] for row in body["states"]) == 8
    assert {row["state"]: behind(vendor, row["filter"]) for row in body["states"]} == {
        "delivered": ["done"],
        "running": ["no limit", "resumed", "run", "went on"],
        "overdue": ["late"],
        "paused": ["paused late"],
        "cancelled": ["cancelled"],
    }
    assert len(behind(vendor, body["filter"])) == 8
    assert states(vendor, window="60") == {
        "total": 10, "delivered": 1, "running": 6, "overdue": 1, "paused": 1, "cancelled": 1,
    }  # fmt: skip
    # what happens today changes neither the figure nor the list behind it
    feeds(*life(world, "late", ("start", "10-17 09:00"), ("enter:0", "10-17 09:00"), ("complete", "10-17 09:00")))
    again = vendor.get(STATES).json
    assert again == body
    assert behind(vendor, again["states"][2]["filter"]) == ["late"]


@pytest.mark.requirement("B-12", "H-05")
def test_overdue_counts_working_time_by_the_calendar_of_that_midnight(
    feeds: Feeds, world: World, vendor: Session, clock: SetClock
) -> None:
    clock.time = at("10-21 08:00")  # a Monday
    feeds(
        *life(world, "1", ("start", "10-18 11:00"), ("enter:5", "10-18 11:00")),  # due on Friday at 23:00
        *life(world, "2", ("start", "10-18 13:00"), ("enter:15", "10-18 13:00")),  # on Tuesday at 1:00, or on Monday
    )
    assert states(vendor)["overdue"] == 1

    def changed(revision: int, changed_at: str) -> template.CalendarChanged:
        worked = template.Holiday(
            name="x", first=at("10-24").date(), last=at("10-24").date(), make_up_days=[at("10-19").date()]
        )
        holidays = [worked] if revision == 2 else []
        return template.CalendarChanged(
            year=2019, revision=revision, provisional=True, holidays=holidays, changed_at=at(changed_at)
        )

    feeds(changed(1, "01-01 00:00"), changed(2, "10-21 00:00"))  # changed today: not yet
    assert states(vendor)["overdue"] == 1
    clock.time = at("10-22 00:00")
    assert states(vendor)["overdue"] == 2


# Whose


@pytest.mark.requirement("B-02", "B-21")
def test_a_vendor_counts_its_projects_and_a_provider_those_it_had_at_midnight(
    feeds: Feeds, world: World, vendor: Session, rival: Session, clock: SetClock
) -> None:
    clock.time = at("10-17 08:00")
    feeds(
        *life(world, "own", ("start", "10-10 09:00"), ("provider:vendor", "10-10 09:00"), ("complete", "10-11 09:00")),
        *life(world, "given", ("start", "10-10 09:00"), ("provider:vendor", "10-10 09:00"),
              ("restart:rival", "10-16 09:00")),
        *life(world, "given today", ("start", "10-10 09:00"), ("provider:vendor", "10-10 09:00"),
              ("restart:rival", "10-17 01:00")),
        *life(world, "nobody's", ("start", "10-10 09:00")),
    )  # fmt: skip
    assert states(vendor, entrance="vendor")["total"] == 4
    assert states(vendor, entrance="provider")["total"] == 2
    assert states(rival, entrance="provider") == {
        "total": 1, "delivered": 0, "running": 1, "overdue": 0, "paused": 0, "cancelled": 0,
    }  # fmt: skip
    assert states(rival, entrance="vendor")["total"] == 0
    assert points(vendor, entrance="provider")["2019-10-10"] == 2
    assert vendor.get(CYCLE, entrance="provider").json["finished"] == 1
    assert rival.get(CYCLE, entrance="provider").json["finished"] == 0
    body = rival.get(STATES, entrance="provider").json
    assert behind(rival, body["filter"]) == ["given"]
    assert behind(vendor, vendor.get(CYCLE, entrance="provider").json["filter"]) == ["own"]


@pytest.mark.requirement("B-01", "B-02", "G-20")
def test_a_vendor_has_four_figures_and_a_provider_three(world: World, sign_in: As) -> None:
    main, manager = sign_in(world.vendor, "isv", main=True), sign_in(world.vendor, "vendor")
    for path in (CYCLE, NEW, STATES, SATURATION):
        assert main.get(path, entrance="vendor").status_code == 200
        assert manager.get(path).status_code == 200
        assert manager.get(path, entrance="provider").status_code == 403
        assert main.get(path, entrance="provider").status_code == (403 if path == SATURATION else 200)


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (CYCLE, {"window": "30"}),
        (NEW, {"unit": "year"}),
        (STATES, {"window": "31"}),
        (STATES, {"window": "x"}),
        (SATURATION, {"entrance": "customer"}),
        ("/api/v1/project-list", {"as_of": "2019-10-17T00:00:01+08:00"}),
        ("/api/v1/project-list", {"as_of": "2019-10-17T00:00:00+00:00"}),
        ("/api/v1/project-list", {"state_then": "late", "as_of": "2019-10-17T00:00:00+08:00"}),
    ],
)
def test_bad_queries_are_refused(vendor: Session, path: str, query: dict[str, str]) -> None:
    response = vendor.get(path, **query)
    assert (response.status_code, response.content_type) == (422, "application/problem+json")
    assert response.json["errors"][0]["field"].rpartition(".")[2] == next(iter(query))


@pytest.mark.parametrize("name", ["state_then", "provider_then", "held_by"])
def test_a_filter_of_the_past_needs_its_moment(vendor: Session, name: str) -> None:
    value = "overdue" if name == "state_then" else str(id_of("x"))
    response = vendor.get("/api/v1/project-list", **{name: value})
    assert response.status_code == 422
    assert [error["field"].rpartition(".")[2] for error in response.json["errors"]] == ["as_of"]


# 服务商饱和度


@pytest.mark.requirement("B-16", "B-20")
def test_saturation_is_load_and_maximum_of_midnight_per_product_and_provider(
    feeds: Feeds, world: World, vendor: Session, rival: Session, clock: SetClock
) -> None:
    clock.time = at("10-17 08:00")
    taken = ("start", "10-10 09:00"), ("provider:rival", "10-10 09:00")
    feeds(
        *world.parties(),
        *world.products(),
        world.configured(world.vendor, world.rival, maximum=5, at=at("10-09 09:00")),
        world.configured(world.vendor, world.rival, maximum=10, at=at("10-17 00:00")),  # today: not yet
        *life(world, "held", *taken),
        *life(world, "paused", *taken, ("pause", "10-12 09:00")),
        *life(world, "ends today", *taken, ("complete", "10-17 00:00")),
        *life(world, "ended", *taken, ("complete", "10-16 09:00")),
        *life(world, "cancelled", *taken, ("cancel", "10-16 09:00")),
        *life(world, "waiting", ("start", "10-10 09:00")),
        *life(world, "given", *taken, ("restart:vendor", "10-12 09:00")),
        *life(world, "came today", ("start", "10-16 09:00"), ("provider:rival", "10-17 00:00")),
        *life(world, "of another product", *taken, product_id=world.rival_product, vendor_id=world.rival),
    )
    items = vendor.get(SATURATION).json["items"]
    assert [
        (i["product_code"], i["product_name"], i["provider_name"], i["load"], i["maximum"], i["text"], i["colour"])
        for i in items
    ] == [
        ("56001", "name_56001", "河北服务商", 1, 5, "20.0%", "green"),
        ("56001", "name_56001", "北京服务商", 3, 5, "60.0%", "blue"),
    ]
    assert [behind(vendor, item["filter"]) for item in items] == [["given"], ["ends today", "held", "paused"]]
    assert rival.get(SATURATION).json["items"] == []
    clock.time = at("10-18 08:00")
    assert [(i["load"], i["maximum"]) for i in vendor.get(SATURATION).json["items"]] == [(1, 10), (3, 10)]

    feeds(world.configured(world.rival, maximum=0, at=at("10-18 09:00")))
    clock.time = at("10-19 08:00")
    (item,) = vendor.get(SATURATION).json["items"]
    assert (item["load"], item["maximum"], item["percent"], item["text"], item["colour"]) == (3, 0, None, "--", None)


@pytest.mark.requirement("B-17", "B-18", "B-19", "B-20")
@pytest.mark.parametrize(
    ("load", "maximum", "colour", "percent"),
    [
        (0, 1000, "green", "0.0"),
        (399, 1000, "green", "39.9"),
        (3999, 10000, "green", "40.0"),
        (400, 1000, "blue", "40.0"),
        (800, 1000, "blue", "80.0"),
        (8001, 10000, "red", "80.0"),
        (801, 1000, "red", "80.1"),
        (3, 2, "red", "150.0"),
        (0, 0, None, None),
        (5, 0, None, None),
    ],
)
def test_colours_at_their_limits(load: int, maximum: int, colour: str | None, percent: str | None) -> None:
    assert (figures.colour(load, maximum), figures.percent(load, maximum)) == (colour, percent)


# The same figures whenever and however the events arrive


def histories(world: World, rng: random.Random) -> dict[str, list[Contract]]:
    """Many projects over three months, configurations and calendars, by source and in the order of each."""
    contracts: list[tuple[datetime, Contract]] = []
    for number in range(40):
        when = at("08-01") + timedelta(seconds=rng.randrange(75 * 86400))
        facts: list[tuple[str, str]] = []

        def then(what: str, days: float) -> None:
            nonlocal when
            when += timedelta(seconds=rng.randrange(int(days * 86400) + 1))
            facts.append((what, when.strftime("%m-%d %H:%M:%S")))  # noqa: B023

        then("start", 0)
        then(f"provider:{rng.choice(['vendor', 'rival'])}", 0.5)
        for _ in range(rng.randrange(5)):
            then(f"enter:{rng.choice([0, 5, 10, 30])}", 3)
            if rng.random() < 0.3:
                then("pause", 2)
                then("resume", 2)
            if rng.random() < 0.3:
                then("hold", 2)
                if rng.random() < 0.8:
                    then("lift", 3)
            if rng.random() < 0.2:
                then(f"restart:{rng.choice(['vendor', 'rival'])}", 1)
        if rng.random() < 0.6:
            then(rng.choice(["pause", "cancel", "complete", "complete"]), 5)
        unpaid = {"trial": number % 9 == 0, "test": number % 11 == 0}
        contracts += [(_time(c), c) for c in life(world, f"{number}", *facts, **unpaid)]
    by_source: dict[str, list[Contract]] = {}
    for _, contract in sorted(contracts, key=lambda pair: pair[0]):
        by_source.setdefault("project", []).append(contract)
    by_source["dispatch"] = [
        world.configured(world.vendor, world.rival, maximum=rng.randrange(1, 20), at=at("08-01") + timedelta(days=day))
        for day in range(0, 80, 9)
    ]
    holiday = template.Holiday(name="国庆节", first=at("10-01").date(), last=at("10-07").date())
    by_source["template"] = [
        *world.products(),
        *(
            template.CalendarChanged(
                year=2019, revision=n, provisional=n == 1, holidays=[holiday][: n - 1], changed_at=at(when)
            )
            for n, when in ((1, "01-01"), (2, "10-10"))
        ),
    ]
    by_source["identity"] = world.parties()
    return by_source


@pytest.mark.requirement("B-11")
def test_no_figure_counts_trials_and_tests_but_the_load_and_the_lists_have_them(
    feeds: Feeds, world: World, vendor: Session, clock: SetClock
) -> None:
    clock.time = at("10-17")
    facts = (("start", "10-15 10:00"), ("provider:vendor", "10-15 11:00"))
    feeds(*world.products(), *world.parties(), world.configured(world.vendor, at=at("10-01")))
    feeds(
        *life(world, "sold", *facts),
        *life(world, "trial", *facts, ("complete", "10-16 10:00"), trial=True),
        *life(world, "test", *facts, test=True),
    )
    assert states(vendor)["total"] == 1
    assert (points(vendor)["2019-10-15"], vendor.get(CYCLE).json["finished"]) == (1, 0)
    assert behind(vendor, vendor.get(STATES).json["filter"]) == ["sold"]
    (pair,) = vendor.get(SATURATION).json["items"]
    assert (pair["load"], behind(vendor, pair["filter"])) == (2, ["sold", "test"])
    every = "/api/v1/project-list"
    assert sorted(vendor.items(every, tab="all")) == ["sold", "test", "trial"]
    assert sorted(vendor.items(every, tab="all", unpaid="true")) == ["test", "trial"]


def test_a_project_that_is_held_is_not_overdue_and_goes_on_with_what_remains(
    feeds: Feeds, world: World, vendor: Session, clock: SetClock
) -> None:
    """Half a day, of which it has counted two hours when it is held: ten remain."""
    feeds(*life(
        world, "held", ("start", "10-14 08:00"), ("provider:vendor", "10-14 08:00"), ("enter:5", "10-14 10:00"),
        ("hold", "10-14 12:00"), ("lift:10-16 10:00", "10-16 12:00"),
    ))  # fmt: skip
    for now, state in (("10-15", "running"), ("10-16", "running"), ("10-17", "overdue")):
        clock.time = at(now)
        found = states(vendor)
        assert {name for name, number in found.items() if number and name != "total"} == {state}, now


def _time(contract: Contract) -> datetime:
    found = [getattr(contract, f) for f in contract.__struct_fields__ if f.endswith("_at")]
    return max(value for value in found if isinstance(value, datetime))


@pytest.mark.requirement("B-03", "B-04")
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_late_start_other_batches_and_a_rebuild_give_the_same_figures(
    engine: Engine, feeds: Feeds, world: World, vendor: Session, clock: SetClock, seed: int
) -> None:
    rng = random.Random(seed)
    by_source = histories(world, rng)

    def all_figures() -> list[Any]:
        asked = [*ALL, (SATURATION, {})]
        entrances = ("vendor", "provider")
        return [
            vendor.get(path, entrance=entrance, **query).json
            for entrance in entrances
            for path, query in asked
            if (path, entrance) != (SATURATION, "provider")
        ]

    days = [at("10-11"), at("10-14 23:59:59"), at("10-20 12:00")]
    # live: everything that happened before a day has arrived when it begins, the rest comes during the day
    expected = []
    rest = {source: list(contracts) for source, contracts in by_source.items()}
    for source in ("template", "identity", "dispatch"):
        feeds(*rest.pop(source))
    for day in days:
        known = [c for c in rest["project"] if _time(c) < day]
        rest["project"] = rest["project"][len(known) :]
        for contract in known:
            feeds(contract)
        clock.time = day
        expected.append(all_figures())
    for contract in rest["project"]:
        feeds(contract)
    assert expected[-1][3]["total"] > 0
    live = state_hash(engine)

    for attempt in range(2):
        rebuild(engine)
        feeds.ids.clear()
        queues = {source: list(contracts) for source, contracts in by_source.items()}
        clock.time = days[attempt]
        while queues:  # late, in other batches, twice, and asked meanwhile
            source = rng.choice(sorted(queues))
            size = rng.randrange(1, 60)
            feeds(*queues[source][:size], times=1 + attempt)
            queues[source] = queues[source][size:]
            if not queues[source]:
                del queues[source]
            if rng.random() < 0.2:
                all_figures()
        assert state_hash(engine) == live
        for day, figures_then in zip(days, expected, strict=True):
            clock.time = day
            assert all_figures() == figures_then


def test_a_figure_is_computed_once_a_day_and_again_when_something_earlier_arrives_late(
    engine: Engine, feeds: Feeds, world: World, vendor: Session, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed: list[datetime] = []
    original = figures.average_cycle

    def counted(connection: Any, scope: figures.Scope, past: Past) -> Any:
        computed.append(scope.at)
        return original(connection, scope, past)

    monkeypatch.setattr(figures, "average_cycle", counted)
    clock.time = at("10-17 08:00")
    for _ in range(3):
        assert vendor.get(CYCLE).json["finished"] == 0
    assert len(computed) == 1
    feeds(*life(world, "today", ("start", "10-17 07:00"), ("complete", "10-17 08:00")))
    vendor.get(CYCLE)
    assert len(computed) == 1
    feeds(*life(world, "late", ("start", "10-16 07:00"), ("complete", "10-16 08:00")))
    assert vendor.get(CYCLE).json["finished"] == 1
    assert len(computed) == 2
    clock.time = at("10-18 08:00")
    assert vendor.get(CYCLE).json["finished"] == 2
    vendor.get(CYCLE)
    assert len(computed) == 3
    with engine.connect() as connection:
        kept = connection.execute(select(figure.c.name, figure.c.day).order_by(figure.c.name)).all()
    assert [(name.partition(" ")[0], day.isoformat()) for name, day in kept] == [
        ("average-cycle", "2019-10-18"),
        ("finished", "2019-10-16"),
    ]


@pytest.mark.parametrize("live", ["false", "true"])
@pytest.mark.parametrize("seed", [4, 5])
def test_a_figure_from_daily_rows_is_the_one_from_all_projects(
    engine: Engine, feeds: Feeds, world: World, vendor: Session, clock: SetClock, seed: int, live: str
) -> None:
    """Asked day after day, what is kept is added to; with nothing kept everything is read."""
    by_source = histories(world, random.Random(seed))
    for source in ("template", "identity", "dispatch"):
        feeds(*by_source[source])
    feeds(*by_source["project"])

    def all_figures() -> list[Any]:
        asked = [(entrance, path, query) for entrance in ("vendor", "provider") for path, query in ALL]
        return [vendor.get(path, entrance=one, live=live, **query).json for one, path, query in asked]

    for day in range(12):
        clock.time = at("10-02 15:30") + timedelta(days=day * 1.4)
        kept = all_figures()
        with engine.begin() as connection:
            there = connection.execute(select(figure)).all()
            connection.execute(delete(figure))
        assert all_figures() == kept
        with engine.begin() as connection:
            connection.execute(delete(figure))
            connection.execute(insert(figure), [row._asdict() for row in there])


def test_what_has_ended_long_ago_is_not_read_again(
    engine: Engine, feeds: Feeds, world: World, vendor: Session, clock: SetClock
) -> None:
    """Given a figure that was asked for, when its projects' rows go behind its back, then those of the next day still
    count them: they stand in daily rows. A message about that time makes these void."""
    clock.time = at("10-17 08:00")
    feeds(*life(world, "old", ("start", "10-07 09:00"), ("complete", "10-10 09:00")))
    feeds(*life(world, "under way", ("start", "10-08 09:00")))

    def counted() -> tuple[int, int]:
        return vendor.get(CYCLE).json["finished"], states(vendor)["total"]

    assert counted() == (1, 2)
    with engine.begin() as connection:
        connection.execute(delete(tables.project).where(tables.project.c.order_number == "old"))
    clock.time = at("10-18 08:00")
    assert counted() == (1, 2)
    for late in ("1", "2"):
        feeds(*life(world, late, ("start", "10-09 09:00"), ("complete", "10-11 09:00")))
    assert counted() == (2, 3), "read again, and the one that has gone is not there"


# Live


def test_a_live_figure_is_the_same_figure_as_of_now(
    feeds: Feeds, world: World, vendor: Session, clock: SetClock
) -> None:
    clock.time = at("10-17 12:00")
    feeds(
        *life(world, "old", ("start", "10-16 09:00"), ("enter:10", "10-16 09:00")),
        *life(world, "done", ("start", "10-17 09:00"), ("complete", "10-17 10:00")),
        *life(world, "paused", ("start", "10-17 09:00"), ("pause", "10-17 10:00")),
    )
    assert states(vendor) == {"total": 1, "delivered": 0, "running": 1, "overdue": 0, "paused": 0, "cancelled": 0}
    now = {"total": 3, "delivered": 1, "running": 0, "overdue": 1, "paused": 1, "cancelled": 0}
    assert states(vendor, live="true") == now
    body = vendor.get(STATES, live="true").json
    assert body["as_of"] == "2019-10-17T12:00:00+08:00"
    listed = {row["state"]: behind(vendor, row["filter"]) for row in body["states"] if row["number"]}
    assert listed == {"delivered": ["done"], "overdue": ["old"], "paused": ["paused"]}
    assert behind(vendor, body["filter"]) == ["done", "old", "paused"]
    feeds(*life(world, "new", ("start", "10-17 11:00")), times=2)
    assert states(vendor, live="true") == {**now, "total": 4, "running": 1}, "not kept"
    assert states(vendor)["total"] == 1


def test_live_figures_end_with_today(feeds: Feeds, world: World, vendor: Session, clock: SetClock) -> None:
    clock.time = at("10-17 12:00")
    feeds(*life(world, "today", ("start", "10-17 11:59:59"), ("complete", "10-17 11:59:59.5")))
    feeds(*life(world, "old", ("start", "10-10 23:59"), ("complete", "10-16 23:59")))
    by_day = vendor.get(NEW, live="true").json["points"]
    assert [(p["label"], p["number"]) for p in by_day][::6] == [("2019-10-11", 0), ("2019-10-17", 1)]
    assert behind(vendor, by_day[-1]["filter"]) == ["today"]
    months = [p["label"] for p in vendor.get(NEW, unit="month", live="true").json["points"]]
    assert (months[0], months[-1]) == ("2019-05", "2019-10")
    assert [vendor.get(CYCLE, live=live).json["finished"] for live in ("false", "true")] == [1, 2]
    assert behind(vendor, vendor.get(CYCLE, live="true").json["filter"]) == ["old", "today"]


def test_live_saturation_counts_what_is_held_now(feeds: Feeds, world: World, vendor: Session, clock: SetClock) -> None:
    clock.time = at("10-17 12:00")
    feeds(*world.parties(), *world.products(), world.configured(world.rival, maximum=10, at=at("10-17 09:00")))
    feeds(*life(world, "1", ("start", "10-17 09:00"), ("provider:rival", "10-17 10:00")))
    assert vendor.get(SATURATION).json["items"] == []
    [row] = vendor.get(SATURATION, live="true").json["items"]
    assert (row["load"], row["maximum"], row["text"]) == (1, 10, "10.0%")
    assert behind(vendor, row["filter"]) == ["1"]


@pytest.mark.parametrize("as_of", ["now ", "NOW", "2019-10-16T00:00:01+08:00", ""])
def test_moments_other_than_midnight_and_now_are_refused(vendor: Session, as_of: str) -> None:
    assert vendor.get("/api/v1/project-list", tab="all", as_of=as_of).status_code == 422
    assert vendor.get("/api/v1/project-list", tab="all", as_of="now").status_code == 200
