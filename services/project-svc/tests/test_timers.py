"""Timers on a real database: written with the events, fired once by any number of schedulers, set again by a new
calendar, shown in the pages."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from delivery_shared.contracts import dispatch, template
from delivery_shared.messaging.envelope import open_message
from delivery_shared.migrate import migrate
from delivery_shared.platform_clock import platform_clock
from delivery_shared.testing.fixtures import eventually
from msgspec import structs
from project_svc import commands, timers
from project_svc.application import ProjectApplication
from project_svc.domain.facts import NodeOverdue
from project_svc.files import LocalFiles
from project_svc.scheduler import TimerScheduler
from project_svc.status import TimerStatus, timer_status
from project_svc.store import ProjectStore
from project_svc.timers import Timer
from project_svc.verify import verify

from .conftest import (
    BY_ADMIN,
    BY_CUSTOMER,
    BY_MANAGER,
    BY_VENDOR,
    BY_VPM,
    FOREIGN_ADMIN,
    OPERATOR,
    Still,
    World,
    reference_data,
)
from .people import ADMIN, MANAGER, OTHER_PROVIDER, START, at, id_of

pytestmark = pytest.mark.integration

TENTH = 144
"""Minutes of a tenth of a working day; tests begin on Friday 2019-10-18 at 14:00 in Shanghai."""


@pytest.fixture
def opened(database_url: str, tmp_path: Path) -> Iterator[Callable[[str], World]]:
    """Opens a project-svc in a schema; the same schema again is another process of the same service."""
    made: list[ProjectApplication] = []

    def open_world(schema: str) -> World:
        clock = made[0].clock if made else Still()
        assert isinstance(clock, Still)
        store = ProjectStore(database_url=database_url, schema=schema)
        application = ProjectApplication(store, clock=clock, files=LocalFiles(tmp_path))
        made.append(application)
        return World(application, clock)

    yield open_world
    for application in made:
        application.store.close()


@pytest.fixture(scope="module")
def schema(database_url: str) -> str:
    """The schema of this module, with the copies every test needs."""
    schema = f"project_{uuid4().hex[:10]}"
    store = ProjectStore(database_url=database_url, schema=schema)
    migrate(database_url=database_url, schema=schema, package="project_svc", driver="psycopg", store=store)
    World(ProjectApplication(store), Still()).hear(*reference_data(), twice=False)
    store.close()
    return schema


@pytest.fixture
def world(opened: Callable[[str], World], schema: str) -> World:
    """A project-svc without projects, which knows no holidays."""
    world = opened(schema)
    assert world.parked("template") == []
    with world.application.store.connection() as connection:
        connection.execute("TRUNCATE project_events, timer, holiday_year, platform_clock, purchase, command")
    return world


@pytest.fixture
def scheduler(world: World) -> TimerScheduler:
    return TimerScheduler(world.application.carrier)


def at_claim(world: World) -> UUID:
    project_id = world.order("timed")
    world.hear(world.provider(project_id))
    return project_id


def at_submit(world: World) -> UUID:
    project_id = at_claim(world)
    world.do(commands.claim(by=BY_MANAGER, project_id=project_id))
    world.hear(world.staff(project_id, MANAGER.user_id, "account_manager"))
    return project_id


def at_check(world: World) -> UUID:
    project_id = at_submit(world)
    world.fill(project_id)
    world.confirm(project_id, BY_CUSTOMER)
    return project_id


def timer(world: World, project_id: UUID) -> Timer | None:
    with world.application.store.connection() as connection:
        return timers.timer_of(connection, project_id)


def due(world: World, project_id: UUID) -> datetime:
    found = timer(world, project_id)
    assert found is not None
    return found.due_at


def events(world: World, project_id: UUID, kind: str) -> list[Any]:
    return [e for e in world.application.store.events.get(project_id) if type(e).__name__ == kind]


def overdue(world: World, project_id: UUID) -> list[datetime]:
    return [e.due_at for e in events(world, project_id, "NodeOverdue")]


def healthy(world: World) -> None:
    assert list(verify(world.application.store, now=world.clock.now())) == []


def holidays(revision: int, *days: date, year: int = 2019) -> template.CalendarChanged:
    return template.CalendarChanged(
        year=year,
        revision=revision,
        provisional=False,
        holidays=[template.Holiday(name="x", first=day, last=day) for day in days],
        changed_at=at(0),
    )


def pause(world: World, project_id: UUID) -> None:
    world.do(commands.pause(by=BY_ADMIN, project_id=project_id, remark="x"))


def resume(world: World, project_id: UUID) -> None:
    world.do(commands.resume(by=BY_ADMIN, project_id=project_id))


# --- rows follow events ----------------------------------------------------------------------------------------------


@pytest.mark.requirement("H-01", "T-85", "T-64", "R-58", "R-59")
def test_a_row_is_written_and_deleted_in_the_saves_that_start_and_stop_the_clock(world: World) -> None:
    project_id = world.order("timed")
    assert timer(world, project_id) is None
    world.hear(world.provider(project_id))
    assert timer(world, project_id) == Timer(
        project_id=project_id,
        visit=2,
        timeout=1,
        counted_from=at(0),
        due_at=at(TENTH),
        overdue=False,
        next_at=at(TENTH * 0.8),
    )
    world.clock.time = at(60)
    world.do(commands.claim(by=BY_MANAGER, project_id=project_id))
    world.hear(world.staff(project_id, MANAGER.user_id, "account_manager"))
    monday = datetime(2019, 10, 21, 7, 0, tzinfo=UTC)
    assert timer(world, project_id) == Timer(
        project_id=project_id,
        visit=3,
        timeout=10,
        counted_from=at(60),
        due_at=monday,
        overdue=False,
        next_at=datetime(2019, 10, 21, 2, 12, tzinfo=UTC),
    )
    pause(world, project_id)
    assert timer(world, project_id) is None
    world.clock.time = at(600)
    resume(world, project_id)
    found = timer(world, project_id)
    assert found is not None
    assert (found.visit, found.counted_from, found.timeout) == (3, at(600), 10)
    healthy(world)
    world.do(commands.cancel(by=OPERATOR, project_id=project_id, remark="x"))
    assert timer(world, project_id) is None
    healthy(world)


def test_a_change_of_provider_ends_the_timer_and_the_new_run_sets_its_own(world: World) -> None:
    project_id = at_submit(world)
    outcome = world.do(
        commands.change_provider(by=BY_VENDOR, project_id=project_id, provider_id=OTHER_PROVIDER, remark="x")
    )
    world.clock.time = at(30)
    world.hear(
        dispatch.ProviderAssigned(
            project_id=project_id,
            run=1,
            request_id=UUID(outcome.body["request_id"]),
            provider_id=OTHER_PROVIDER,
            assigned_at=at(30),
        )
    )
    found = timer(world, project_id)
    assert found is not None
    assert (found.timeout, found.counted_from, found.due_at) == (1, at(30), at(30 + TENTH))
    healthy(world)


def test_a_project_without_timeouts_has_no_row(world: World) -> None:
    project_id = world.at_submit()
    assert timer(world, project_id) is None
    healthy(world)


# --- firing ----------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("T-40", "T-41", "R-23", "N-09", "X-314")
def test_a_timer_fires_at_its_due_time_not_before_and_once(world: World, scheduler: TimerScheduler) -> None:
    project_id = at_claim(world)
    world.clock.time = at(TENTH * 0.8) - timedelta(microseconds=1)
    assert scheduler.once() == 0
    world.clock.time = at(TENTH) - timedelta(microseconds=1)
    assert scheduler.once() == 1  # that it is due soon
    assert (scheduler.once(), overdue(world, project_id)) == (0, [])
    world.clock.time = at(TENTH)
    assert scheduler.once() == 1
    assert scheduler.once() == 0
    assert overdue(world, project_id) == [at(TENTH)]
    found = timer(world, project_id)
    assert found is not None
    assert found.overdue
    assert world.project(project_id).node == "claim"
    [message] = [
        message.contract
        for o in world.outbox.read(after=0, limit=1000)
        if (message := open_message(o.body)).type == "project.node_overdue"
    ]
    assert (message.project_id, message.visit, message.side) == (project_id, 2, "server")  # type: ignore[attr-defined]
    healthy(world)


@pytest.mark.requirement("T-65", "R-112", "R-107", "R-102")
def test_a_check_not_handled_is_passed_by_the_system_and_the_log_says_so(
    world: World, scheduler: TimerScheduler
) -> None:
    project_id = at_check(world)
    world.clock.time = due(world, project_id)
    scheduler.once()
    assert world.project(project_id).node == "work"
    log = world.application.flow_log(by=BY_VENDOR, project_id=project_id)["items"]
    assert [(row["node"], row["event"], row["actor"]) for row in log[:4]] == [
        ("完成任务", "进入完成任务", "张三 客户经理"),
        ("需求确认", "需求确认已完成", "系统"),
        ("需求确认", "超时自动进入下一步", "系统"),
        ("需求确认", "进入需求确认", "张三 客户经理"),
    ]
    healthy(world)
    world.clock.time = due(world, project_id)
    scheduler.once()
    assert world.project(project_id).node == "work"
    assert len(overdue(world, project_id)) == 2
    healthy(world)


@pytest.mark.requirement("T-82", "R-134", "R-112")
def test_the_last_node_is_confirmed_by_the_system_and_the_project_is_completed(
    world: World, scheduler: TimerScheduler
) -> None:
    project_id = at_check(world)
    for by in (BY_MANAGER, BY_MANAGER, BY_CUSTOMER):
        world.confirm(project_id, by)
    world.clock.time = due(world, project_id)
    scheduler.once()
    assert world.project(project_id).state == "completed"
    assert timer(world, project_id) is None
    log = world.application.flow_log(by=BY_VENDOR, project_id=project_id)["items"]
    assert [row["event"] for row in log[:3]] == ["项目完成", "完成项目已完成", "超时自动进入下一步"]
    healthy(world)


def test_five_timers_due_together_fire_in_one_save(world: World, scheduler: TimerScheduler) -> None:
    projects = [at_claim(world) for _ in range(5)]
    saves: list[int] = []
    world.application.store.on_saved.append(lambda: saves.append(1))
    world.clock.time = at(TENTH)
    assert scheduler.once() == 5
    assert [overdue(world, project_id) for project_id in projects] == [[at(TENTH)]] * 5
    assert len(saves) == 1
    healthy(world)


def test_more_than_a_batch_is_fired_batch_by_batch_earliest_first(world: World) -> None:
    projects = []
    for minute in range(3):
        world.clock.time = at(minute)
        projects.append(at_claim(world))
    scheduler = TimerScheduler(world.application.carrier, batch=2)
    world.clock.time = at(TENTH + 10)
    assert [scheduler.once(), scheduler.once(), scheduler.once()] == [2, 1, 0]
    assert [overdue(world, project_id) for project_id in projects] == [[at(TENTH + n)] for n in range(3)]


@pytest.mark.requirement("N-09")
def test_two_schedulers_holding_the_same_timers_fire_each_once(
    world: World, opened: Callable[[str], World], schema: str
) -> None:
    projects = [at_claim(world) for _ in range(8)]
    other = opened(schema)
    one, two = (TimerScheduler(w.application.carrier, lease=0) for w in (world, other))
    world.clock.time = at(TENTH)
    leased, again = one.take(), two.take()
    assert len(leased) == len(again) == 8
    threads = [threading.Thread(target=s.fire, args=(which,)) for s, which in ((one, leased), (two, again))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [overdue(world, project_id) for project_id in projects] == [[at(TENTH)]] * 8
    healthy(world)


def test_a_leased_timer_is_left_to_its_scheduler(world: World, opened: Callable[[str], World], schema: str) -> None:
    at_claim(world)
    world.clock.time = at(TENTH)
    assert len(TimerScheduler(world.application.carrier).take()) == 1
    assert TimerScheduler(opened(schema).application.carrier).take() == []


def test_what_a_dead_process_had_leased_is_fired_by_the_next(
    world: World, opened: Callable[[str], World], schema: str
) -> None:
    project_id = at_claim(world)
    world.clock.time = at(TENTH)
    assert len(TimerScheduler(world.application.carrier, lease=0).take()) == 1
    restarted = opened(schema)
    assert TimerScheduler(restarted.application.carrier).once() == 1
    assert overdue(restarted, project_id) == [at(TENTH)]
    healthy(restarted)


def test_a_running_scheduler_fires_by_itself_and_stops_when_told(world: World, scheduler: TimerScheduler) -> None:
    project_id = at_claim(world)
    world.clock.time = at(TENTH)
    stopping = threading.Event()
    thread = threading.Thread(target=scheduler.run, args=(stopping,))
    thread.start()
    eventually(lambda: overdue(world, project_id))
    stopping.set()
    thread.join(10)
    assert not thread.is_alive()


@pytest.mark.requirement("R-58", "R-64")
@pytest.mark.parametrize("ends", ["pause", "claim", "cancel"])
def test_a_timer_cancelled_between_lease_and_firing_never_fires(
    world: World, scheduler: TimerScheduler, ends: str
) -> None:
    project_id = at_claim(world)
    world.clock.time = at(TENTH)
    leased = scheduler.take()
    if ends == "pause":
        pause(world, project_id)
    elif ends == "claim":
        world.do(commands.claim(by=BY_MANAGER, project_id=project_id))
        world.hear(world.staff(project_id, MANAGER.user_id, "account_manager"))
    else:
        world.do(commands.cancel(by=OPERATOR, project_id=project_id, remark="x"))
    version = world.versions(project_id)
    scheduler.fire(leased)
    assert (overdue(world, project_id), world.versions(project_id)) == ([], version)
    healthy(world)


def soon(world: World, project_id: UUID) -> list[Any]:
    return events(world, project_id, "NodeDueSoon")


def test_who_operates_is_told_once_when_most_of_the_time_has_passed(world: World, scheduler: TimerScheduler) -> None:
    project_id = at_claim(world)
    world.clock.time = at(TENTH * 0.8)
    leased = scheduler.take()
    for _ in range(2):
        scheduler.fire(leased)
    (told,) = soon(world, project_id)
    assert (told.visit, told.due_at, told.role) == (2, at(TENTH), "account_manager")
    assert told.reminders == [{"receiver": "assignee", "trigger": "due_soon", "message_template": "due_soon"}]
    found = timer(world, project_id)
    assert found is not None
    assert found.next_at == found.due_at == at(TENTH)
    healthy(world)


def test_nothing_is_told_to_be_due_soon_that_is_overdue_already(world: World, scheduler: TimerScheduler) -> None:
    project_id = at_claim(world)
    world.clock.time = at(TENTH)
    assert (scheduler.once(), scheduler.once()) == (1, 0)
    assert (overdue(world, project_id), soon(world, project_id)) == ([at(TENTH)], [])


def test_a_new_calendar_moves_the_time_at_which_it_is_due_soon(world: World, scheduler: TimerScheduler) -> None:
    project_id = at_claim(world)
    world.hear(holidays(1, at(0).date()))
    scheduler.set_again()
    found = timer(world, project_id)
    assert found is not None
    assert found.next_at is not None
    assert at(TENTH) < found.next_at < found.due_at
    healthy(world)


@pytest.mark.parametrize("offered", [True, False])
def test_whoever_owns_the_template_says_whether_operators_are_told_by_default(world: World, offered: bool) -> None:
    switched = template.DefaultMessagesSwitched(template_id=id_of("template timed"), offered=offered)
    world.hear(switched)
    try:
        entered = events(world, at_claim(world), "NodeEntered")[-1]
        codes = [rule["message_template"] for rule in entered.reminders]
        assert codes == ["claim_provider"] * 2 + (["arrived"] if offered else [])
    finally:
        world.hear(structs.replace(switched, offered=True))


@pytest.mark.requirement("R-58", "R-59", "R-64")
def test_a_paused_project_passes_its_due_time_and_counts_from_zero_after_the_resume(
    world: World, scheduler: TimerScheduler
) -> None:
    project_id = at_check(world)
    pause(world, project_id)
    world.clock.time = START + timedelta(days=30)
    assert scheduler.once() == 0
    assert (world.project(project_id).node, overdue(world, project_id)) == ("check", [])
    resumed = datetime(2019, 11, 18, 1, 0, tzinfo=UTC)
    world.clock.time = resumed
    resume(world, project_id)
    world.clock.time = resumed + timedelta(hours=12) - timedelta(seconds=1)
    assert (scheduler.once(), scheduler.once(), overdue(world, project_id)) == (1, 0, [])
    world.clock.time = resumed + timedelta(hours=12)
    assert scheduler.once() == 1
    assert overdue(world, project_id) == [resumed + timedelta(hours=12)]
    assert world.project(project_id).node == "work"
    healthy(world)


@pytest.mark.requirement("R-29", "R-59")
def test_a_mark_is_withdrawn_by_the_resume_and_may_come_again(world: World, scheduler: TimerScheduler) -> None:
    project_id = at_claim(world)
    world.clock.time = at(TENTH)
    scheduler.once()
    pause(world, project_id)
    world.clock.time = at(TENTH + 60)
    resume(world, project_id)
    assert [e.reason for e in events(world, project_id, "OverdueWithdrawn")] == ["resumed"]
    world.clock.time = at(2 * TENTH + 60)
    scheduler.once()
    assert overdue(world, project_id) == [at(TENTH), at(2 * TENTH + 60)]
    healthy(world)


@pytest.mark.requirement("R-59", "R-65")
def test_the_log_keeps_the_time_used_before_a_pause(world: World) -> None:
    project_id = at_submit(world)
    world.clock.time = at(3 * TENTH)
    pause(world, project_id)
    world.clock.time = START + timedelta(days=5)
    resume(world, project_id)
    log = world.application.flow_log(by=BY_VENDOR, project_id=project_id)["items"]
    assert [(row["event"], row["remark"]) for row in log[:2]] == [
        ("启动项目", "暂停前已计时0.3个工作日"),
        ("暂停项目", "x"),
    ]


def test_a_project_that_cannot_be_told_does_not_hold_up_the_others(
    world: World, scheduler: TimerScheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    sick, well = at_claim(world), at_claim(world)
    flow_of = world.application.flows.of

    def broken(project: Any) -> Any:
        if project.id == sick:
            raise RuntimeError("broken")
        return flow_of(project)

    monkeypatch.setattr(world.application.flows, "of", broken)
    world.clock.time = at(TENTH)
    scheduler.once()
    assert (overdue(world, sick), overdue(world, well)) == ([], [at(TENTH)])
    assert scheduler.once() == 0


# --- the calendar ----------------------------------------------------------------------------------------------------

MONDAY = date(2019, 10, 21)


@pytest.mark.requirement("H-02", "H-09", "H-10")
def test_a_new_holiday_moves_the_due_times_of_open_nodes(world: World, scheduler: TimerScheduler) -> None:
    project_id = at_submit(world)
    before = datetime(2019, 10, 21, 6, 0, tzinfo=UTC)
    assert due(world, project_id) == before
    world.hear(holidays(1, MONDAY))
    scheduler.set_again()
    assert due(world, project_id) == before + timedelta(days=1)
    world.clock.time = before
    assert scheduler.once() == 0
    healthy(world)
    world.hear(holidays(2))
    scheduler.once()
    assert overdue(world, project_id) == [before]
    healthy(world)


@pytest.mark.requirement("H-04")
def test_a_make_up_day_brings_it_forward(world: World, scheduler: TimerScheduler) -> None:
    project_id = at_submit(world)
    saturday = template.Holiday(name="x", first=MONDAY, last=MONDAY, make_up_days=[date(2019, 10, 19)])
    changed = template.CalendarChanged(year=2019, revision=1, provisional=False, holidays=[saturday], changed_at=at(0))
    world.hear(changed)
    scheduler.set_again()
    assert due(world, project_id) == datetime(2019, 10, 19, 6, 0, tzinfo=UTC)


def test_an_older_revision_heard_late_changes_nothing(world: World, scheduler: TimerScheduler) -> None:
    project_id = at_submit(world)
    world.hear(holidays(2, MONDAY))
    world.hear(holidays(1), twice=False)
    scheduler.set_again()
    assert due(world, project_id) == datetime(2019, 10, 22, 6, 0, tzinfo=UTC)


@pytest.mark.requirement("H-09")
def test_a_timer_leased_by_the_old_calendar_does_not_fire(world: World, scheduler: TimerScheduler) -> None:
    project_id = at_submit(world)
    world.clock.time = due(world, project_id)
    leased = scheduler.take()
    assert len(leased) == 1
    world.hear(holidays(1, MONDAY))
    world.application.store.calendar.current(fresh=True)
    scheduler.fire(leased)
    assert overdue(world, project_id) == []
    scheduler.once()
    assert overdue(world, project_id) == []
    world.clock.time = due(world, project_id)
    assert scheduler.once() == 1
    assert len(overdue(world, project_id)) == 1
    healthy(world)


@pytest.mark.requirement("H-09", "R-29")
def test_a_mark_is_withdrawn_when_the_new_calendar_gives_more_time(world: World, scheduler: TimerScheduler) -> None:
    project_id = at_submit(world)
    first = due(world, project_id)
    world.clock.time = first
    scheduler.once()
    world.hear(holidays(1, MONDAY))
    scheduler.once()
    assert [e.reason for e in events(world, project_id, "OverdueWithdrawn")] == ["calendar"]
    found = timer(world, project_id)
    assert found is not None
    assert (found.due_at, found.overdue) == (first + timedelta(days=1), False)
    healthy(world)
    world.clock.time = first + timedelta(days=1)
    scheduler.once()
    assert overdue(world, project_id) == [first, first + timedelta(days=1)]
    healthy(world)


@pytest.mark.requirement("H-09", "R-27")
def test_a_mark_that_stays_true_gets_the_new_due_time(world: World, scheduler: TimerScheduler) -> None:
    project_id = at_submit(world)
    first = due(world, project_id)
    world.clock.time = first + timedelta(days=3)
    scheduler.once()
    world.hear(holidays(1, MONDAY))
    scheduler.once()
    assert overdue(world, project_id) == [first, first + timedelta(days=1)]
    assert events(world, project_id, "OverdueWithdrawn") == []
    healthy(world)


def test_many_timers_are_set_again_in_chunks(
    world: World, scheduler: TimerScheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("project_svc.scheduler.CHUNK", 2)
    projects = [at_submit(world) for _ in range(5)]
    world.hear(holidays(1, MONDAY))
    assert scheduler.set_again() == 5
    assert scheduler.set_again() == 0
    assert {due(world, project_id) for project_id in projects} == {datetime(2019, 10, 22, 6, 0, tzinfo=UTC)}
    healthy(world)


# --- the clock -------------------------------------------------------------------------------------------------------


def test_time_is_the_databases_and_moves_only_where_it_may(world: World) -> None:
    moved = template.ClockMoved(offset_seconds=86_400, moved_at=at(0))
    world.hear(moved)
    before, store = datetime.now(UTC) - timedelta(minutes=1), world.application.store
    for environment, ahead in (({"DELIVERY_MOVABLE_CLOCK": "1"}, timedelta(days=1)), ({}, timedelta(0))):
        now = platform_clock(store, environment).now() - ahead
        assert before < now < before + timedelta(minutes=2)


# --- pages -----------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("R-23", "R-24", "R-25", "R-26", "R-27", "R-28")
def test_the_mark_tells_supervisors_what_is_overdue_since_when(world: World, scheduler: TimerScheduler) -> None:
    project_id = at_submit(world)
    world.clock.time = datetime(2019, 10, 21, 18, 0, tzinfo=UTC)
    scheduler.once()
    mark = {
        "side": "customer",
        "side_text": "客户端超时",
        "node": "提交需求",
        "operator": "顾客",
        "timeout_days": "1.0",
        "entered_at": "2019-10-18 14:00:00",
        "due_at": "2019-10-21 14:00:00",
        "overdue_days": "0.5",
    }
    for by in (BY_VENDOR, BY_VPM, BY_ADMIN, OPERATOR):
        current = world.application.details(by=by, project_id=project_id)["current"]
        assert current["overdue"] == mark
    for by in (BY_CUSTOMER, BY_MANAGER):
        page = world.application.details(by=by, project_id=project_id)
        assert page["current"]["overdue"] is None
        assert "timeouts" not in page["steps"][2]
    world.fill(project_id)
    world.confirm(project_id, BY_CUSTOMER)
    page = world.application.details(by=BY_VENDOR, project_id=project_id)
    assert page["current"]["overdue"] is None
    assert page["steps"][2]["timeouts"] == [
        {"side": "customer", "due_at": "2019-10-21 14:00:00", "overdue_at": "2019-10-22 02:00:00"}
    ]


@pytest.mark.requirement("R-26", "R-27", "R-29")
def test_a_claim_nobody_makes_is_a_timeout_of_the_server_side(world: World, scheduler: TimerScheduler) -> None:
    project_id = at_claim(world)
    world.clock.time = at(2 * TENTH)
    scheduler.once()
    mark = world.application.details(by=BY_ADMIN, project_id=project_id)["current"]["overdue"]
    assert (mark["side_text"], mark["operator"], mark["overdue_days"]) == ("服务端超时", "-- 客户经理", "0.1")
    pause(world, project_id)
    world.clock.time = at(9 * TENTH)
    current = world.application.details(by=BY_ADMIN, project_id=project_id)["current"]
    assert (current["overdue"]["overdue_days"], current["limit"]["due_at"]) == ("0.1", None)
    resume(world, project_id)
    assert world.application.details(by=BY_ADMIN, project_id=project_id)["current"]["overdue"] is None


def test_the_page_tells_when_the_node_is_due_and_how_much_working_time_is_left(world: World) -> None:
    project_id = at_submit(world)
    world.clock.time = datetime(2019, 10, 19, 10, 0, tzinfo=UTC)  # on Saturday
    limit = world.application.details(by=BY_CUSTOMER, project_id=project_id)["current"]["limit"]
    assert limit == {
        "timeout_days": "1.0",
        "advances": False,
        "counted_from": "2019-10-18 14:00:00",
        "due_at": "2019-10-21 14:00:00",
        "remaining_seconds": 14 * 3600,
        "stands": "day_off",
    }
    for moment, left in (
        (datetime(2019, 10, 21, 5, 59, 50, tzinfo=UTC), 10),
        (datetime(2019, 10, 21, 7, 0, tzinfo=UTC), -3600),
    ):
        world.clock.time = moment
        limit = world.application.details(by=BY_CUSTOMER, project_id=project_id)["current"]["limit"]
        assert (limit["remaining_seconds"], limit["stands"]) == (left, None)
    pause(world, project_id)
    limit = world.application.details(by=BY_CUSTOMER, project_id=project_id)["current"]["limit"]
    assert (limit["due_at"], limit["remaining_seconds"], limit["stands"]) == (None, None, "paused")
    assert world.application.details(by=BY_CUSTOMER, project_id=world.at_submit())["current"]["limit"] is None


def test_a_mark_withdrawn_by_the_calendar_leaves_no_past_timeout(world: World, scheduler: TimerScheduler) -> None:
    project_id = at_submit(world)
    world.clock.time = due(world, project_id)
    scheduler.once()
    world.hear(holidays(1, MONDAY))
    scheduler.once()
    page = world.application.details(by=BY_VENDOR, project_id=project_id)
    assert (page["current"]["overdue"], page["steps"][2]["timeouts"]) == (None, [])


# --- verify ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "finding"),
    [
        ("DELETE FROM timer", "no timer for visit 2"),
        ("UPDATE timer SET visit = 1", "not that of the open node"),
        ("UPDATE timer SET overdue = true", "not that of the open node"),
        ("UPDATE timer SET due_at = due_at + interval '1 second'", "not due when the calendar says"),
        ("UPDATE timer SET next_at = next_at + interval '1 second'", "looked at at another time"),
        ("UPDATE timer SET generation = -1", "set by an old calendar"),
        ("UPDATE timer SET project_id = gen_random_uuid()", "unknown project"),
    ],
)
def test_verify_finds_timers_that_are_not_as_the_events_say(world: World, sql: str, finding: str) -> None:
    at_claim(world)
    healthy(world)
    with world.application.store.connection() as connection:
        connection.execute(sql)
    assert finding in " ".join(verify(world.application.store, now=world.clock.now()))


def test_verify_finds_a_timer_that_did_not_fire_and_one_that_should_not_stand(world: World) -> None:
    project_id = at_claim(world)
    world.clock.time = at(TENTH + 2)
    assert "did not fire" in " ".join(verify(world.application.store, now=world.clock.now()))
    found = timer(world, project_id)
    pause(world, project_id)
    with world.application.store.connection() as connection:
        connection.execute("INSERT INTO timer VALUES (%s, 2, 1, %s, %s, false, 0)", (project_id, at(0), at(TENTH)))
    assert found is not None
    assert timer(world, project_id) == replace(found, next_at=None)
    assert "though no clock counts" in " ".join(verify(world.application.store, now=world.clock.now()))


def test_verify_finds_events_that_no_timer_can_have_caused(world: World) -> None:
    project = world.project(at_claim(world))
    told = NodeOverdue(
        run=1,
        visit=2,
        node="claim",
        name="认领",
        side="server",
        role=None,
        assignee_id=None,
        timeout=1,
        entered_at=at(0),
        counted_from=at(0),
        due_at=at(TENTH),
        reminders=[],
    )
    project.tell(told, at=at(TENTH))
    project.tell(told, at=at(TENTH))
    project.tell(replace(told, visit=1), at=at(1))
    world.application.store.save_all([project])
    found = " ".join(verify(world.application.store, now=world.clock.now()))
    for finding in ("became overdue twice", "its clock did not count", "became overdue before"):
        assert finding in found


def test_foreign_callers_learn_nothing_of_time(world: World) -> None:
    from project_svc.domain.errors import ProjectUnknown

    project_id = at_claim(world)
    with pytest.raises(ProjectUnknown):
        world.application.details(by=FOREIGN_ADMIN, project_id=project_id)
    assert ADMIN.party_id == world.project(project_id).provider_id


def test_a_timer_that_is_due_and_has_not_fired_is_late(world: World, scheduler: TimerScheduler) -> None:
    def status(minute: float) -> TimerStatus:
        return timer_status(world.application.store, now=at(minute))

    at_claim(world)
    nothing = TimerStatus(timers_late=0, timers_late_seconds=0.0)
    assert status(TENTH - 1) == nothing
    assert status(TENTH + 2) == TimerStatus(timers_late=1, timers_late_seconds=120.0)
    world.clock.time = at(TENTH + 2)
    assert scheduler.once() == 1
    assert status(TENTH + 2) == nothing


@pytest.mark.requirement("R-28")
def test_how_late_the_provider_is_is_shown_to_those_who_supervise_and_not_to_the_customer(world: World) -> None:
    project_id = at_claim(world)
    world.clock.time = at(60 * 24 * 30)

    def limit(by: Any) -> Any:
        return world.application.details(by=by, project_id=project_id)["current"]["limit"]

    for by in (BY_VENDOR, BY_VPM, BY_ADMIN, OPERATOR):
        assert limit(by)["remaining_seconds"] < 0
    assert limit(BY_CUSTOMER) is None
