"""What time does to a project: overdue marks, automatic advance, pause and resume."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any
from uuid import UUID

import msgspec
import pytest
from delivery_shared.contracts import project as contracts
from delivery_shared.testing.bdd import given
from delivery_shared.verifying.stored import Stored
from hypothesis import given as generated
from hypothesis import settings
from hypothesis import strategies as st
from project_svc.domain import answers, changing, facts, operating, supervising, timeouts
from project_svc.domain.clock import NodeClock
from project_svc.domain.flow import Flow
from project_svc.domain.project import Project
from project_svc.publishing import PUBLISHING
from project_svc.verify import Flows

from .flows import node, timed
from .people import AS_ADMIN, AS_OPERATOR, AS_VENDOR, CUSTOMER, MANAGER, OTHER_PROVIDER, at, id_of
from .steps import Step, claims, confirms, fills, only_ask, person_comes, provider_comes, started
from .test_lifecycle import Life

FLOW = Flow(timed())
CLAIM = id_of("claim")
DUE = at(144)


def at_claim() -> Project:
    project = started(FLOW)
    provider_comes(FLOW)(project)
    return project


def claimed(project: Project) -> None:
    claims(FLOW, CLAIM)(project)
    person_comes(FLOW, MANAGER, role="account_manager", kind="claim")(project)


def passes(*steps: Step) -> Step:
    return lambda project: [step(project) for step in steps] and None


TO_SUBMIT: Step = claimed
TO_CHECK = passes(TO_SUBMIT, fills(FLOW), confirms(FLOW, CUSTOMER))
TO_WORK = passes(TO_CHECK, confirms(FLOW, MANAGER))
TO_APPROVE = passes(TO_WORK, confirms(FLOW, MANAGER))
TO_ACCEPT = passes(TO_APPROVE, confirms(FLOW, CUSTOMER))


def times_out(minutes: float = 200, *, visit: int | None = None, due_at: datetime = DUE) -> Step:
    return lambda p: timeouts.time_out(p, FLOW, visit=visit or p.visit, due_at=due_at, at=at(minutes))


@pytest.mark.requirement("T-40", "T-41", "R-23", "R-26", "R-27", "N-09", "X-314")
def test_an_order_nobody_claims_is_overdue_at_the_server_side_and_stays_claimable() -> None:
    told = {
        "run": 1,
        "visit": 2,
        "node": "claim",
        "name": "认领",
        "side": "server",
        "role": "account_manager",
        "assignee_id": None,
        "timeout": 1,
        "entered_at": at(1),
        "counted_from": at(1),
        "due_at": DUE,
        "reminders": [{"receiver": "provider_admin", "trigger": "overdue", "message_template": "claim_provider"}],
        "timestamp": at(200),
    }
    project = given(at_claim()).when(times_out()).then((facts.NodeOverdue, told))
    project.when(claimed).then(
        facts.StaffRequested, facts.OrderClaimed, facts.RoleFilled, facts.NodeCompleted, facts.NodeEntered
    )


@pytest.mark.requirement("N-09")
def test_a_timeout_counts_once_per_entry() -> None:
    given(at_claim(), times_out()).when(times_out()).then().when(times_out(900)).then()


@pytest.mark.requirement("R-26", "H-07")
@pytest.mark.parametrize(
    ("steps", "name", "side"),
    [
        (TO_SUBMIT, "submit", "customer"),
        (TO_WORK, "work", "server"),
        (TO_APPROVE, "approve", "customer"),
    ],
)
@pytest.mark.requirement("T-66", "T-55", "T-77")
def test_without_advance_the_node_stays_with_its_operator(steps: Step, name: str, side: str) -> None:
    holder = MANAGER.user_id if side == "server" else None
    project = given(at_claim(), steps)
    project.when(times_out(due_at=at(150))).then(
        (facts.NodeOverdue, {"node": name, "side": side, "assignee_id": holder})
    )
    assert project.aggregate.node == name


@pytest.mark.requirement("T-65", "R-107")
def test_a_confirm_node_with_advance_is_passed_by_the_system() -> None:
    given(at_claim(), TO_CHECK).when(times_out()).then(
        (facts.NodeOverdue, {"node": "check", "due_at": DUE}),
        (facts.NodeCompleted, {"node": "check", "by": {"kind": "system"}, "timed_out": True, "timestamp": at(200)}),
        (facts.NodeEntered, {"node": "work", "timestamp": at(200)}),
    )


@pytest.mark.requirement("T-82", "R-134")
def test_the_complete_project_node_is_confirmed_by_the_system_and_the_project_is_finished() -> None:
    project = given(at_claim(), TO_ACCEPT).when(times_out())
    project.then(
        facts.NodeOverdue, (facts.NodeCompleted, {"by": {"kind": "system"}, "timed_out": True}), facts.Completed
    )
    assert (project.aggregate.state, project.aggregate.node_clock) == ("completed", None)
    project.when(times_out(900)).then()


@pytest.mark.requirement("T-41", "T-55", "T-77")
@pytest.mark.parametrize("kind", ["claim_order", "submit_requirement", "general"])
def test_only_confirm_and_complete_nodes_advance(kind: str) -> None:
    flow = Flow([node(kind, "x", role="account_manager", side="provider", timeout=1, advance_on_timeout=True)])
    assert not flow.first.advance_on_timeout


@pytest.mark.requirement("T-45", "T-64", "T-84")
def test_automatic_nodes_and_a_timeout_of_0_have_no_clock() -> None:
    raw = [
        node("assign_provider", "p", timeout=3),
        node("assign_order", "a", role="designer", timeout=3),
        node("confirm", "c", side="provider", role="designer", timeout=0),
        node("complete_project", "e"),
    ]
    flow = Flow(raw)
    project = started(flow)
    for step in (lambda p: None, provider_comes(flow), person_comes(flow)):
        step(project)
        assert project.node_clock is None
    given(project).when(times_out()).then()


@pytest.mark.requirement("R-29")
@pytest.mark.parametrize(
    "ends",
    [
        claimed,
        lambda p: supervising.cancel(p, remark="x", by=AS_OPERATOR, at=at(300)),
    ],
)
def test_a_mark_goes_when_the_node_is_left(ends: Step) -> None:
    project = at_claim()
    times_out()(project)
    assert project.node_clock
    assert project.node_clock.overdue == DUE
    ends(project)
    assert project.node_clock is None or project.node_clock.overdue is None


@pytest.mark.requirement("R-34")
def test_a_reject_and_a_restart_end_the_clock_and_the_entries_start_new_ones() -> None:
    project = at_claim()
    TO_APPROVE(project)
    times_out()(project)
    operating.reject(project, FLOW, visit=project.visit, person=CUSTOMER, reason="x", at=at(300))
    assert project.node_clock == NodeClock(visit=project.visit, timeout=5, since=at(300))
    times_out(900, due_at=at(800))(project)
    changing.change_provider(
        project, provider_id=OTHER_PROVIDER, remark="x", by=AS_VENDOR, request_id=CLAIM, at=at(900)
    )
    change = only_ask(project, "change")
    answers.provider_assigned(project, FLOW, request_id=change, provider_id=OTHER_PROVIDER, at=at(901))
    assert (project.run, project.node) == (2, "claim")
    assert project.node_clock == NodeClock(visit=project.visit, timeout=1, since=at(901))


@pytest.mark.requirement("R-58", "R-64")
def test_a_paused_project_does_not_time_out() -> None:
    project = given(at_claim(), lambda p: supervising.pause(p, remark="x", by=AS_ADMIN, at=at(10)))
    project.when(times_out()).then()
    assert project.aggregate.running_clock is None


@pytest.mark.requirement("R-59", "R-60")
def test_after_a_resume_the_clock_counts_from_zero() -> None:
    project = given(at_claim(), lambda p: supervising.pause(p, remark="x", by=AS_ADMIN, at=at(140)))
    told = {"paused_at": at(140), "counted_from": at(1)}
    project.when(lambda p: supervising.resume(p, FLOW, by=AS_ADMIN, at=at(500))).then((facts.Resumed, told))
    assert project.aggregate.running_clock == NodeClock(visit=2, timeout=1, since=at(500))
    assert project.aggregate.entered_at == at(1)
    project.when(times_out(700, due_at=at(644))).then(
        (facts.NodeOverdue, {"counted_from": at(500), "entered_at": at(1)})
    )


@pytest.mark.requirement("R-29", "R-59")
def test_an_overdue_mark_disappears_with_the_resume() -> None:
    project = given(at_claim(), times_out(), lambda p: supervising.pause(p, remark="x", by=AS_ADMIN, at=at(300)))
    project.when(lambda p: supervising.resume(p, FLOW, by=AS_ADMIN, at=at(500))).then(
        facts.Resumed, (facts.OverdueWithdrawn, {"visit": 2, "node": "claim", "reason": "resumed"})
    )
    project.when(times_out(700, due_at=at(644))).then(facts.NodeOverdue)


@pytest.mark.parametrize(
    "step",
    [times_out(143), times_out(visit=1), times_out(visit=3)],
    ids=["before the due time", "an earlier visit", "a visit not entered"],
)
def test_a_timeout_that_does_not_apply_changes_nothing(step: Step) -> None:
    given(at_claim()).when(step).then()


def due_moves(due_at: datetime, minutes: float = 300, visit: int = 2) -> Step:
    return lambda p: timeouts.due_moved(p, FLOW, visit=visit, due_at=due_at, at=at(minutes))


@pytest.mark.requirement("H-09", "R-29")
def test_a_mark_a_new_calendar_makes_untrue_is_withdrawn_and_may_come_again() -> None:
    project = given(at_claim(), times_out()).when(due_moves(at(400)))
    project.then((facts.OverdueWithdrawn, {"visit": 2, "node": "claim", "reason": "calendar"}))
    project.when(due_moves(at(400))).then()
    project.when(times_out(400, due_at=at(400))).then((facts.NodeOverdue, {"due_at": at(400)}))


@pytest.mark.requirement("H-09", "R-27")
def test_a_mark_that_stays_true_gets_its_new_due_time() -> None:
    project = given(at_claim(), times_out()).when(due_moves(at(200)))
    project.then((facts.NodeOverdue, {"visit": 2, "due_at": at(200), "timestamp": at(300)}))
    project.when(due_moves(at(200))).then().when(due_moves(at(250), visit=1)).then()


def test_a_due_time_that_moves_before_it_passed_is_no_event() -> None:
    given(at_claim()).when(due_moves(at(200))).then()


def test_what_is_told_of_timeouts_equals_the_golden_samples() -> None:
    now = datetime(2026, 1, 5, 2, 3, 4, 500_000, tzinfo=UTC)
    raw = [
        node("general", "n4", "设计首页", side="provider", role="designer", timeout=5, reminders=[
            {"receiver": "provider_admin", "trigger": "overdue", "message_template": "claim-provider"}
        ]),
    ]  # fmt: skip
    project = at_claim()
    project.collect_events()
    project._id = UUID("00000000-0000-4000-8000-000000000001")
    project.visit, project.node, project.entered_at = 4, "n4", now
    project.roles["designer"] = UUID("00000000-0000-4000-8000-000000000002")
    project.node_clock = NodeClock(visit=4, timeout=5, since=now)
    later = now + timedelta(hours=12)
    timeouts.time_out(project, Flow(raw), visit=4, due_at=later, at=later + timedelta(seconds=1))
    timeouts.due_moved(project, Flow(raw), visit=4, due_at=later + timedelta(days=1), at=later + timedelta(seconds=1))
    for event, kind in zip(project.collect_events(), ("node_overdue", "overdue_withdrawn"), strict=True):
        told: Any = PUBLISHING[type(event)](event)
        assert msgspec.to_builtins(told) == msgspec.to_builtins(sample(kind))


def sample(kind: str) -> Any:
    text = files("delivery_shared.contracts").joinpath("samples", f"project.{kind}.v1.json").read_bytes()
    types = {"node_overdue": contracts.NodeOverdue, "overdue_withdrawn": contracts.OverdueWithdrawn}
    return msgspec.json.decode(text, type=types[kind])


def expected_clock(events: list[Any]) -> tuple[int, datetime, datetime | None] | None:
    """The clock as the rule reads: the last entry of a node starts it, every resume starts it anew, leaving or ending
    stops it, and it stands while the project is paused."""
    entered = since = overdue = None
    paused = False
    for e in events:
        kind = type(e).__name__
        if kind == "NodeEntered":
            entered, since, overdue = e, e.timestamp, None
        elif kind in ("NodeCompleted", "NodeRejected", "Restarted", "Cancelled", "Completed"):
            entered = None
            paused = paused and kind != "Restarted"
        elif kind == "Paused":
            paused = True
        elif kind == "Resumed":
            paused, since, overdue = False, e.timestamp, None
        elif kind in ("NodeOverdue", "OverdueWithdrawn"):
            overdue = e.due_at if kind == "NodeOverdue" else None
    if entered is None or paused or not entered.timeout or entered.side is None:
        return None
    assert since is not None
    return entered.visit, since, overdue


ACTIONS = ["answer", "confirm", "confirm", "reject", "pause", "resume", "change", "time out", "time out", "calendar"]


@pytest.mark.requirement("R-58", "R-59", "N-09")
@settings(max_examples=150, deadline=None)
@generated(st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(-2, 2)), max_size=40))
def test_whatever_happens_a_clock_counts_from_the_last_entry_or_resume(actions: list[tuple[str, int]]) -> None:
    life = Life(timed())
    for action, days in actions:
        p = life.project
        if p.ended:
            break
        due = at(days * 1440)
        if action == "answer":
            life.answer()
        elif action in ("confirm", "reject"):
            if p.state == "running":
                life.operate(reject=action == "reject")
        elif action == "time out":
            timeouts.time_out(p, FLOW, visit=p.visit, due_at=due, at=at(1440))
        elif action == "calendar":
            timeouts.due_moved(p, FLOW, visit=p.visit, due_at=due, at=at(1440))
        else:
            life.manage(action)
        life.check()
    clock = life.project.running_clock
    found = (clock.visit, clock.since, clock.overdue) if clock else None
    assert found == expected_clock(list(life.project.facts))
    flows = Flows()
    for n, fact in enumerate(copy.deepcopy(list(life.project.facts)), 1):
        flows.add(Stored(id=n, stream=life.project.id, version=n, fact=fact))
    assert flows.wrong == []
