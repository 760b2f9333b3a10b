"""Two people at once: exactly one of two commands that exclude each other is carried out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from delivery_shared.commands import Command
from project_svc import commands
from project_svc.domain.errors import ChangePending, NodePassed, NotPaused, ProjectEnded, ProjectPaused
from project_svc.domain.facts import RequirementSubmitted

from .conftest import BY_ADMIN, BY_CUSTOMER, BY_LISI, BY_VENDOR, MARKET, OPERATOR, World
from .people import OTHER_PROVIDER, WANGWU
from .test_application import at_once

pytestmark = pytest.mark.integration


def calls(world: World, project_id: Any) -> dict[str, Callable[[], object]]:
    app = world.application
    common: Any = {"project_id": project_id}
    return {
        "provider": lambda: (
            app.carry_out(
                Command(), commands.change_provider(by=BY_VENDOR, provider_id=OTHER_PROVIDER, remark="更换", **common)
            ).status
        ),
        "provider by operator": lambda: (
            app.carry_out(
                Command(), commands.change_provider(by=OPERATOR, provider_id=OTHER_PROVIDER, remark="x", **common)
            ).status
        ),
        "assignee": lambda: (
            app.carry_out(Command(), commands.change_assignee(by=BY_ADMIN, person_id=WANGWU.user_id, **common)).status
        ),
        "pause": lambda: app.carry_out(Command(), commands.pause(by=BY_ADMIN, remark="x", **common)).status,
        "resume": lambda: app.carry_out(Command(), commands.resume(by=BY_ADMIN, **common)).status,
        "cancel": lambda: app.carry_out(Command(), commands.cancel(by=OPERATOR, remark="x", **common)).status,
        "cancel by market": lambda: app.carry_out(Command(), commands.cancel(by=MARKET, remark="x", **common)).status,
        "confirm": lambda: app.carry_out(Command(), commands.confirm(by=BY_LISI, visit=4, **common)).status,
        "reject": lambda: app.carry_out(Command(), commands.reject(by=BY_LISI, visit=4, reason="x", **common)).status,
    }


@pytest.mark.requirement("R-32", "R-47", "R-62", "R-127", "R-139")
@pytest.mark.parametrize(
    ("one", "other", "results"),
    [
        ("provider", "provider by operator", [[202, ChangePending]]),
        ("provider", "assignee", [[202, ChangePending]]),
        ("assignee", "assignee", [[202, ChangePending]]),
        ("pause", "pause", [[200, ProjectPaused]]),
        ("cancel", "cancel by market", [[200, ProjectEnded]]),
        ("confirm", "reject", [[200, NodePassed]]),
        ("cancel", "confirm", [[200, 200], [200, ProjectEnded], [200, NodePassed]]),
        ("cancel", "provider", [[200, 202], [200, ProjectEnded]]),
        ("pause", "confirm", [[200, 200], [200, ProjectPaused]]),
    ],
)
def test_of_two_at_once_those_that_exclude_each_other_do(
    world: World, one: str, other: str, results: list[list[object]]
) -> None:
    project_id = world.at_check()
    both = calls(world, project_id)
    found = sorted(at_once(both[one], both[other]), key=str)
    assert found in results


@pytest.mark.requirement("R-60", "R-62")
def test_of_two_who_resume_at_once_one_does(world: World) -> None:
    project_id = world.at_check()
    both = calls(world, project_id)
    both["pause"]()
    assert sorted(at_once(both["resume"], both["resume"]), key=str) == [200, NotPaused]


@pytest.mark.requirement("R-119", "R-122")
def test_a_revised_submission_replaces_the_first_and_the_first_stays_in_the_stream(world: World) -> None:
    project_id = world.at_check()
    app = world.application
    app.carry_out(Command(), commands.reject(by=BY_LISI, project_id=project_id, visit=4, reason="请补充栏目"))
    page = app.details(by=BY_CUSTOMER, project_id=project_id)
    submit = page["steps"][2]
    assert (submit["state"], submit["requirement"]["data"]) == ("in_progress", {"site": "x"})
    assert submit["sent_back"] == {"node": "设计师确定需求", "reason": "请补充栏目", "by": "李四 设计师"}
    app.carry_out(
        Command(),
        commands.submit_requirement(by=BY_CUSTOMER, project_id=project_id, visit=5, data={"site": "y", "pages": 3}),
    )
    world.confirm(project_id, BY_CUSTOMER)
    page = app.details(by=BY_LISI, project_id=project_id)
    assert page["steps"][2]["requirement"]["data"] == {"site": "y", "pages": 3}
    history = app.store.history(project_id)
    stored = [fact.data for fact in history if isinstance(fact, RequirementSubmitted)]
    assert stored == [{"site": "x"}, {"site": "y", "pages": 3}]
    again = world.at_check()
    app.carry_out(Command(), commands.reject(by=BY_LISI, project_id=again, visit=4, reason="x"))
    world.confirm(again, BY_CUSTOMER)
    kept = app.details(by=BY_LISI, project_id=again)["steps"][2]["requirement"]["data"]
    assert kept == {"site": "x"}
