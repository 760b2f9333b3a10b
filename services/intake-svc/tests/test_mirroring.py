"""What is to be told a marketplace's own delivery center, and what to do of it as things stand there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from delivery_shared.testing.bdd import given
from intake_svc.domain import facts, mirroring
from intake_svc.domain.errors import ReportNotParked
from intake_svc.domain.mirror import Mirror
from intake_svc.domain.mirroring import AlreadySo, Call, Drift, Node, NotYet, There

from .there import FLOW

AT = datetime(2026, 10, 16, 4, 0, tzinfo=UTC)
Step = Callable[[Mirror], None]


def stands(visit: int, step: int, name: str) -> Step:
    return lambda mirror: mirroring.stand_at(mirror, visit=visit, step=step, name=name, at=AT)


def leaves(act: facts.ReportAct, visit: int) -> Step:
    return lambda mirror: mirroring.leave(mirror, act=act, visit=visit, remark=None, at=AT)


def interrupted(act: facts.ReportAct) -> Step:
    return lambda mirror: mirroring.interrupt(mirror, act=act, remark=None, at=AT)


def mirror(*steps: Step) -> given[Mirror]:
    begun = mirroring.begin(project_id=uuid4(), connection_id=uuid4(), instance_id="B1", order_number="1", at=AT)
    return given(begun, *steps)


def nodes(at: int) -> list[Node]:
    return [
        Node(
            id=id, name=name, role=role, step=step, parent=parent, rejectable=name == "确认需求",
            status="Finish" if id < at else "Starting" if id == at else "NotStart", entered=at if id == at else None,
        )
        for id, (name, role, step, parent) in enumerate(FLOW, start=1)
    ]  # fmt: skip


def there(at: int, *, entered: int | None = None, **changes: Any) -> There:
    """The project there, at the node with this number."""
    found = nodes(at)
    current = found[at - 1] if entered is None else replace(found[at - 1], entered=entered)
    return There(**{"order_number": "1", "status": "Starting", "current": current, "nodes": found, **changes})


def judged(*steps: Step, there: There) -> mirroring.Judgement:
    of = mirror(*steps).aggregate
    return mirroring.judge(of, of.reports[len(of.reports)], there)


CONFIRM = (stands(3, 3, "确认需求"), leaves("finish", 3))
REJECT = (stands(3, 3, "确认需求"), leaves("rollback", 3))
DELIVER = (stands(4, 3, "交付成果"), leaves("finish", 4))
ARCHIVE = (stands(9, 5, "存档"), leaves("finish", 9))
"""Another name than there; its step has no other node."""


def test_a_node_that_is_left_is_reported_with_its_step() -> None:
    (
        mirror(stands(3, 3, "确认需求"))
        .when(leaves("finish", 3))
        .then((facts.ReportAsked, {"number": 1, "act": "finish", "step": 3, "name": "确认需求", "remark": None}))
        .when(stands(3, 3, "确认需求"))
        .then()
        .when(leaves("finish", 3))
        .then()
        .when(interrupted("resume"))
        .then()
        .when(interrupted("pause"))
        .then((facts.ReportAsked, {"number": 2, "act": "pause", "step": None, "name": None}))
        .when(interrupted("pause"))
        .then()
    )


@pytest.mark.parametrize("visit", [2, 4])
def test_nodes_that_are_not_the_providers_are_not_reported(visit: int) -> None:
    mirror(stands(3, 3, "确认需求")).when(leaves("finish", visit)).then()
    mirror().when(leaves("rollback", visit)).then()


@pytest.mark.parametrize(
    ("steps", "at", "node"),
    [(CONFIRM, 4, 4), (REJECT, 4, 4), (DELIVER, 5, 5), (ARCHIVE, 7, 7)],
)
def test_where_both_stand_at_the_same_node_it_is_told(steps: tuple[Step, ...], at: int, node: int) -> None:
    found = judged(*steps, there=there(at))
    assert isinstance(found, Call)
    assert found.node.id == node


@pytest.mark.parametrize(
    ("steps", "now", "expected"),
    [
        (CONFIRM, there(5), AlreadySo()),
        (CONFIRM, there(7, status="Finish"), AlreadySo()),
        (CONFIRM, there(2), NotYet(reason="behind")),
        (CONFIRM, there(4, status="Pause"), NotYet(reason="paused-there")),
        (CONFIRM, there(2, status="Cancel"), Drift(reason="ended-there")),
        (CONFIRM, there(4, order_number="2"), Drift(reason="another-order")),
        (DELIVER, there(4), Drift(reason="another-node")),
        (REJECT, there(5), Drift(reason="another-node")),
        (REJECT, there(2), NotYet(reason="behind")),
        (REJECT, there(7, status="Finish"), Drift(reason="ended-there")),
        ((stands(5, 3, "设计"), leaves("finish", 5)), there(4), Drift(reason="no-such-node")),
        ((stands(5, 9, "确认需求"), leaves("finish", 5)), there(4), Drift(reason="no-such-node")),
        ((stands(5, 4, "验收"), leaves("finish", 5)), there(6), Drift(reason="node-not-ours")),
        ((stands(4, 3, "交付成果"), leaves("rollback", 4)), there(5), Drift(reason="not-rejectable")),
        ((interrupted("pause"),), there(4, status="Pause"), AlreadySo()),
        ((interrupted("pause"), interrupted("resume")), there(4), AlreadySo()),
        ((interrupted("pause"),), there(7, status="Finish"), Drift(reason="ended-there")),
        ((interrupted("pause"), interrupted("resume")), there(4, status="Cancel"), Drift(reason="ended-there")),
    ],
)
def test_where_they_do_not_it_is_so_already_or_waits_or_no_longer_fits(
    steps: tuple[Step, ...], now: There, expected: mirroring.Judgement
) -> None:
    assert judged(*steps, there=now) == expected


@pytest.mark.parametrize(("acts", "status"), [(["pause"], "Starting"), (["pause", "resume"], "Pause")])
def test_interruptions_name_the_current_node_whoever_operates_it(acts: Any, status: str) -> None:
    found = judged(*map(interrupted, acts), there=there(2, status=status))
    assert isinstance(found, Call)
    assert found.node.id == 2


@pytest.mark.parametrize("steps", [CONFIRM, REJECT])
@pytest.mark.parametrize("now", [there(2), there(5), there(4, entered=99), there(6, status="Finish")])
def test_one_that_was_told_before_is_so_once_the_node_has_been_left(steps: tuple[Step, ...], now: There) -> None:
    """Also where it has been entered again meanwhile."""
    tried = (*steps, lambda m: mirroring.attempt(m, 1, nodes(4)[3], at=AT))
    assert judged(*tried, there=now) == AlreadySo()
    assert isinstance(judged(*tried, there=there(4)), Call)


def test_an_attempt_is_remembered_once() -> None:
    node = nodes(4)[3]
    mirror(*CONFIRM).when(lambda m: mirroring.attempt(m, 1, node, at=AT)).then(
        facts.ReportAttempted(number=1, node_id=4, entered=4)
    ).when(lambda m: mirroring.attempt(m, 1, node, at=AT)).then().when(
        lambda m: mirroring.attempt(m, 1, replace(node, entered=5), at=AT)
    ).then(facts.ReportAttempted(number=1, node_id=4, entered=5))


def parked(of: Mirror) -> None:
    mirroring.attempt(of, 1, nodes(4)[3], at=AT)
    of.tell(facts.ReportParked(number=1, reason="no-such-node"), at=AT)


def test_a_parked_report_is_told_about_the_node_that_was_named() -> None:
    of = mirror(*CONFIRM, parked).when(lambda m: mirroring.replay(m, 1, node_id=5, at=AT))
    of.then(facts.ReportReplayed(number=1, node_id=5))
    found = mirroring.judge(of.aggregate, of.aggregate.reports[1], there(5))
    assert isinstance(found, Call)
    assert found.node.id == 5
    of.refuses(ReportNotParked, lambda m: mirroring.replay(m, 1, node_id=None, at=AT))
    of.refuses(ReportNotParked, lambda m: mirroring.dismiss(m, 1, at=AT))


def test_a_parked_report_may_be_dismissed() -> None:
    of = mirror(*CONFIRM, parked).when(lambda m: mirroring.dismiss(m, 1, at=AT))
    of.then(facts.ReportDismissed(number=1))
    report = of.aggregate.reports[1]
    assert (report.state, report.reason, report.ended_at) == ("dismissed", "no-such-node", AT)
    of.refuses(ReportNotParked, lambda m: mirroring.dismiss(m, 1, at=AT))
