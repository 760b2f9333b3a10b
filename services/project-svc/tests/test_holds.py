"""What a marketplace decides of an order under way: how long it runs, what was bought, whether it rests, its end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from delivery_shared.testing.bdd import given
from delivery_shared.working_time import SHANGHAI, WEEKENDS_ONLY, Calendar
from project_svc.domain import changing, facts, marketplace, supervising, timeouts
from project_svc.domain.errors import ProjectEnded, ProjectFrozen, ProjectPaused, TermExpired
from project_svc.domain.flow import Flow
from project_svc.domain.project import Project

from .flows import timed, website
from .people import AS_ADMIN, AS_OPERATOR, AS_VENDOR, CUSTOMER, LISI, MANAGER, OTHER_PROVIDER, at
from .steps import claims, confirms, fills, person_comes, provider_comes, rejects, started

FLOW, TIMED = Flow(website()), Flow(timed())
Step = Callable[[Project], None]

AT_SUBMIT = (provider_comes(FLOW), person_comes(FLOW))
AT_CHECK = (*AT_SUBMIT, fills(FLOW), confirms(FLOW, CUSTOMER))
AT_ACCEPT = (*AT_CHECK, confirms(FLOW, LISI), confirms(FLOW, LISI))
DONE = (*AT_ACCEPT, confirms(FLOW, CUSTOMER))
TO_CLAIM = (provider_comes(TIMED),)


def extended(until: str = "2027-01-31", said: float = 60, flow: Flow = FLOW, now: float | None = None) -> Step:
    return lambda p: marketplace.extend_term(
        p, flow, valid_until=date.fromisoformat(until), said_at=at(said), calendar=WEEKENDS_ONLY,
        at=at(said if now is None else now),
    )  # fmt: skip


def changed(said: float = 60, **more: Any) -> Step:
    bought = {"sku": None, "edition": None, "quantity": 1, **more}
    return lambda p: marketplace.change_edition(p, said_at=at(said), at=at(said), **bought)


def frozen(said: float = 60, *, expired: bool = False, now: float | None = None) -> Step:
    return lambda p: marketplace.freeze(p, expired=expired, said_at=at(said), at=at(said if now is None else now))


def thawed(said: float = 120, flow: Flow = FLOW, calendar: Calendar = WEEKENDS_ONLY) -> Step:
    return lambda p: marketplace.thaw(p, flow, said_at=at(said), calendar=calendar, at=at(said))


def ended(said: float = 120, *, refund: bool = True) -> Step:
    return lambda p: marketplace.end_order(p, refund=refund, said_at=at(said), at=at(said))


def paused(minutes: float) -> Step:
    return lambda p: supervising.pause(p, remark="等待资料", by=AS_ADMIN, at=at(minutes))


def resumed(minutes: float, flow: Flow = FLOW) -> Step:
    return lambda p: supervising.resume(p, flow, by=AS_ADMIN, at=at(minutes))


def reminded(p: Project) -> None:
    supervising.remind(p, FLOW, visit=p.visit, by=AS_VENDOR, at=at(61))


def cancelled(p: Project) -> None:
    supervising.cancel(p, remark="取消", by=AS_OPERATOR, at=at(50))


# 续费 and 变配


def test_a_renewal_moves_the_term_once_and_a_late_one_does_not() -> None:
    given(started(FLOW)).when(extended()).then(
        (facts.TermExtended, {"valid_until": "2027-01-31", "former": "2019-06-05", "said_at": at(60)})
    ).when(extended()).then().when(extended("2026-12-31", said=59, now=90)).then().when(
        extended("2028-01-31", said=61)
    ).then((facts.TermExtended, {"valid_until": "2028-01-31", "former": "2027-01-31"}))


def test_another_edition_keeps_what_is_not_said() -> None:
    given(started(FLOW)).when(changed(sku="yuncode-2", quantity=3)).then(
        (
            facts.EditionChanged,
            {
                "sku": "yuncode-2",
                "edition": "尊享版 (自营)",
                "quantity": 3,
                "former_edition": "尊享版 (自营)",
                "former_quantity": 1,
            },
        )
    ).when(changed(sku="yuncode-2", quantity=3)).then().when(changed(said=59, edition="旧版")).then().when(
        changed(said=61, edition="旗舰版", quantity=5)
    ).then((facts.EditionChanged, {"sku": "yuncode-2", "edition": "旗舰版", "quantity": 5, "former_quantity": 3}))


def test_the_order_of_a_completed_project_goes_on_and_that_of_a_cancelled_one_does_not() -> None:
    given(started(FLOW), *DONE).when(extended()).then(facts.TermExtended).when(changed(edition="旗舰版")).then(
        facts.EditionChanged
    ).when(frozen()).then().when(thawed()).then()
    given(started(FLOW), cancelled).refuses(ProjectEnded, extended())
    given(started(FLOW), cancelled).refuses(ProjectEnded, changed(edition="旗舰版"))
    given(started(FLOW), cancelled).when(frozen()).then()


# 冻结 and 到期


@pytest.mark.parametrize(
    ("hold", "refusal"), [(frozen(), ProjectFrozen), (frozen(expired=True), TermExpired)], ids=["frozen", "expired"]
)
@pytest.mark.requirement("R-64")
def test_nothing_is_operated_in_a_project_that_is_held(hold: Step, refusal: type[Exception]) -> None:
    held = (*AT_CHECK, hold)
    given(started(FLOW), *held).refuses(refusal, confirms(FLOW, LISI))
    given(started(FLOW), *held).refuses(refusal, rejects(FLOW, LISI))
    given(started(FLOW), *held).refuses(
        refusal, lambda p: supervising.remind(p, FLOW, visit=p.visit, by=AS_VENDOR, at=at(61))
    )
    given(started(TIMED), *TO_CLAIM, hold).refuses(refusal, claims(TIMED, uuid4(), MANAGER))
    given(started(FLOW), *held, thawed()).when(confirms(FLOW, LISI)).then(facts.NodeCompleted, facts.NodeEntered)


def test_a_hold_is_set_once_and_a_late_one_is_over_already() -> None:
    given(started(FLOW), *AT_CHECK).when(frozen()).then(
        (facts.HoldSet, {"reason": "frozen", "holds": ["frozen"], "said_at": at(60)})
    ).when(frozen()).then().when(frozen(70)).then().when(thawed(65)).then(
        (facts.HoldLifted, {"reason": "frozen", "holds": [], "counted_from": None})
    ).when(thawed(65)).then().when(frozen()).then().when(frozen(65)).then().when(frozen(66)).then(facts.HoldSet).when(
        thawed(65)
    ).then()


def test_what_holds_for_two_reasons_goes_on_without_either() -> None:
    both = (*AT_CHECK, frozen(), frozen(61, expired=True))
    given(started(FLOW), *both).when(extended(said=70)).then(
        facts.TermExtended, (facts.HoldLifted, {"reason": "expired", "holds": ["frozen"], "counted_from": None})
    ).refuses(ProjectFrozen, confirms(FLOW, LISI))
    given(started(FLOW), *both).when(thawed(70)).then(
        (facts.HoldLifted, {"reason": "frozen", "holds": ["expired"]}),
        (facts.HoldLifted, {"reason": "expired", "holds": []}),
    )


def test_a_renewal_said_before_the_expiry_does_not_end_it_and_one_said_after_keeps_it_from_beginning() -> None:
    given(started(FLOW), *AT_CHECK, frozen(expired=True)).when(extended(said=59, now=70)).then(facts.TermExtended)
    given(started(FLOW), *AT_CHECK, extended(said=61)).when(frozen(60, expired=True, now=62)).then()


@pytest.mark.requirement("R-58", "R-60")
def test_people_pause_and_the_marketplace_holds_beside_each_other() -> None:
    given(started(FLOW), *AT_CHECK, frozen(), paused(70)).when(resumed(80)).then(facts.Resumed).refuses(
        ProjectFrozen, confirms(FLOW, LISI)
    )
    given(started(FLOW), *AT_CHECK, paused(50), frozen()).when(thawed()).then(facts.HoldLifted).refuses(
        ProjectPaused, confirms(FLOW, LISI)
    )


def test_what_dispatch_answers_meanwhile_is_passed_when_the_project_goes_on() -> None:
    given(started(FLOW), frozen()).when(provider_comes(FLOW)).then(facts.ProviderSet).when(thawed()).then(
        facts.HoldLifted, facts.NodeCompleted, facts.NodeEntered, facts.StaffRequested
    )
    given(started(FLOW), paused(50), frozen(), provider_comes(FLOW)).when(thawed()).then(facts.HoldLifted).when(
        resumed(130)
    ).then(facts.Resumed, facts.NodeCompleted, facts.NodeEntered, facts.StaffRequested)


@pytest.mark.requirement("R-34", "R-44")
def test_a_change_of_provider_leaves_the_hold_and_ends_the_pause() -> None:
    def change(p: Project) -> None:
        changing.change_provider(
            p, provider_id=OTHER_PROVIDER, remark="换", by=AS_VENDOR, request_id=uuid4(), at=at(71)
        )

    given(started(FLOW), *AT_CHECK, frozen(), paused(70), change).when(
        provider_comes(FLOW, OTHER_PROVIDER, kind="change")
    ).then(
        facts.Restarted, facts.ProviderSet, facts.NodeEntered, facts.NodeCompleted, facts.NodeEntered,
        facts.StaffRequested,
    ).when(person_comes(FLOW)).then(facts.RoleFilled).when(thawed()).then(
        facts.HoldLifted, facts.NodeCompleted, facts.NodeEntered
    )  # fmt: skip


# Clocks

CLAIM = timedelta(hours=2, minutes=24)


def clock_of(project: Project) -> datetime:
    assert project.running_clock is not None
    return WEEKENDS_ONLY.due(project.running_clock.since, project.running_clock.timeout)


def after(*steps: Step) -> Project:
    project = started(TIMED)
    for step in (*TO_CLAIM, *steps):
        step(project)
    return project


@pytest.mark.requirement("R-58")
def test_the_clock_stands_while_held_and_goes_on_with_what_remains() -> None:
    entered = at(1)
    assert clock_of(after()) == entered + CLAIM
    held = after(frozen(31))
    assert held.running_clock is None
    assert clock_of(after(frozen(31), thawed(131, TIMED))) == at(131) + CLAIM - timedelta(minutes=30)
    twice = after(frozen(31), thawed(131, TIMED), frozen(141), thawed(300, TIMED))
    assert clock_of(twice) == at(300) + CLAIM - timedelta(minutes=40)
    monday = datetime(2019, 10, 21, tzinfo=SHANGHAI)
    on_saturday = after(frozen(31), thawed(1031, TIMED))
    assert clock_of(on_saturday) == monday + CLAIM - timedelta(minutes=30)


def test_held_for_two_reasons_it_stands_from_the_first_to_the_last() -> None:
    project = after(frozen(31), frozen(41, expired=True), extended(said=51, flow=TIMED))
    assert project.running_clock is None
    thawed(61, TIMED)(project)
    assert clock_of(project) == at(61) + CLAIM - timedelta(minutes=30)


@pytest.mark.requirement("R-59")
def test_a_pause_within_a_hold_counts_anew_as_ever() -> None:
    assert clock_of(after(frozen(31), paused(41), resumed(51, TIMED), thawed(61, TIMED))) == at(61) + CLAIM
    assert clock_of(after(frozen(31), paused(41), thawed(51, TIMED), resumed(61, TIMED))) == at(61) + CLAIM
    assert clock_of(after(paused(31), frozen(41), resumed(51, TIMED), thawed(61, TIMED))) == at(61) + CLAIM


def test_a_timeout_that_comes_while_held_does_nothing() -> None:
    due = at(1) + CLAIM

    def times_out(p: Project) -> None:
        timeouts.time_out(p, TIMED, visit=p.visit, due_at=due, at=due)

    given(started(TIMED), *TO_CLAIM, frozen(31)).when(times_out).then()
    given(started(TIMED), *TO_CLAIM).when(times_out).then(facts.NodeOverdue).when(frozen(600)).then(facts.HoldSet).when(
        thawed(900, TIMED)
    ).then((facts.HoldLifted, {"counted_from": at(1)}))


def test_the_way_back_of_working_time() -> None:
    """What was counted until ``end`` is counted again from there, over weekends and holidays, to the microsecond."""
    calendar = Calendar(days_off=[date(2026, 10, 1), date(2026, 10, 2)], make_up_days=[date(2026, 10, 10)])
    begin = datetime(2026, 9, 30, 17, 31, 2, 7, tzinfo=SHANGHAI)
    for hours in (0, 1, 6.5, 24, 31, 47.999, 48, 100, 1000):
        for later in (0, 3, 30, 100, 777):
            end = begin + timedelta(hours=later)
            passed = timedelta(hours=hours)
            since = calendar.counting(end, passed)
            assert calendar.between(since, end) == passed
            assert calendar.due(since, 500) >= end or hours > 1000
    assert calendar.counting(begin, timedelta(0)) == begin
    with pytest.raises(ValueError, match="backwards"):
        calendar.counting(begin, timedelta(microseconds=-1))


# 释放


@pytest.mark.requirement("R-139")
def test_the_end_of_the_order_cancels_the_project_once_and_keeps_the_refund() -> None:
    given(started(FLOW), *AT_CHECK, frozen(), paused(70)).when(ended()).then(
        (facts.Cancelled, {"by": {"kind": "marketplace"}, "remark": "云市场订单已退款", "refund": True})
    ).when(ended()).then().when(ended(refund=False)).then().when(thawed()).then()
    given(started(FLOW)).when(ended(refund=False)).then(
        (facts.Cancelled, {"remark": "云市场订单已释放", "refund": False})
    )


def test_of_a_project_that_has_ended_only_the_refund_is_kept() -> None:
    for end in (DONE, (cancelled,)):
        given(started(FLOW), *end).when(ended()).then((facts.OrderEnded, {"refund": True, "said_at": at(120)})).when(
            ended()
        ).then()
