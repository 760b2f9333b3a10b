"""催办: who may remind whom, and how often."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from delivery_shared.contracts import project as contracts
from delivery_shared.messaging.envelope import open_message
from project_svc import commands
from project_svc.domain.errors import (
    ManagerMissing,
    NodePassed,
    NotOperable,
    ProjectPaused,
    ProjectUnknown,
    RemindedAlready,
)

from .conftest import (
    BY_ADMIN,
    BY_CUSTOMER,
    BY_LISI,
    BY_VENDOR,
    BY_VPM,
    FOREIGN_ADMIN,
    OPERATOR,
    Http,
    World,
)
from .test_timers import at_claim
from .test_timers import pause as paused

pytestmark = pytest.mark.integration


def remind(world: World, project_id: Any, by: Any, visit: int | None = None) -> None:
    number = visit or world.visit(project_id)
    world.do(commands.remind(by=by, project_id=project_id, visit=number))


def told(world: World, project_id: Any) -> list[contracts.AssigneeReminded]:
    """The reminders published of the project."""
    found = [open_message(out.body).contract for out in world.outbox.read(after=0, limit=100_000)]
    return [c for c in found if isinstance(c, contracts.AssigneeReminded) and c.project_id == project_id]


@pytest.mark.parametrize("by", [BY_VENDOR, BY_VPM, BY_ADMIN, OPERATOR])
def test_who_supervises_a_project_reminds_its_operator(world: World, by: Any) -> None:
    project_id = world.at_check()
    before = world.application.flow_log(by=BY_VENDOR, project_id=project_id)
    page = world.application.details(by=by, project_id=project_id)
    assert ("remind" in page["actions"], page["current"]["reminded_at"]) == (True, None)
    remind(world, project_id, by)
    [reminder] = told(world, project_id)
    visit = world.visit(project_id)
    assert (reminder.visit, reminder.receiver, reminder.role, reminder.number) == (visit, "assignee", "designer", 1)
    assert reminder.by.user_id == by.user_id
    assert world.application.flow_log(by=BY_VENDOR, project_id=project_id) == before, "no row of the log"
    page = world.application.details(by=by, project_id=project_id)
    assert page["current"]["reminded_at"] == "2019-10-18 14:00:00"


@pytest.mark.parametrize(
    ("by", "error"), [(BY_LISI, ManagerMissing), (BY_CUSTOMER, ManagerMissing), (FOREIGN_ADMIN, ProjectUnknown)]
)
def test_nobody_else_may(world: World, by: Any, error: type[Exception]) -> None:
    project_id = world.at_check()
    with pytest.raises(error):
        remind(world, project_id, by)
    assert told(world, project_id) == []
    if error is ManagerMissing:
        assert "remind" not in world.application.details(by=by, project_id=project_id)["actions"]


def test_at_most_once_an_hour_and_visit(world: World) -> None:
    project_id = world.at_check()
    first = world.visit(project_id)
    remind(world, project_id, BY_VENDOR)
    world.clock.time += timedelta(hours=1) - timedelta(microseconds=1)
    with pytest.raises(RemindedAlready):
        remind(world, project_id, BY_ADMIN)
    world.clock.time += timedelta(microseconds=1)
    remind(world, project_id, BY_ADMIN)
    assert [r.number for r in told(world, project_id)] == [1, 2]
    world.confirm(project_id, BY_LISI)
    remind(world, project_id, BY_ADMIN)
    assert [(r.visit, r.number) for r in told(world, project_id)] == [(first, 1), (first, 2), (first + 1, 1)]
    with pytest.raises(NodePassed):
        remind(world, project_id, BY_ADMIN, first)


def test_the_customer_and_those_who_may_claim_are_reminded_too(world: World) -> None:
    project_id = world.at_submit()
    remind(world, project_id, BY_VENDOR)
    assert [(r.receiver, r.role) for r in told(world, project_id)] == [("customer", None)]
    claim = at_claim(world)
    remind(world, claim, BY_VENDOR)
    assert [(r.receiver, r.role) for r in told(world, claim)] == [("assignee", "account_manager")]


def test_a_node_of_the_system_and_a_paused_project_wait_for_nobody(world: World) -> None:
    ordered = world.order()
    with pytest.raises(NotOperable):
        remind(world, ordered, BY_VENDOR)
    project_id = world.at_check()
    paused(world, project_id)
    with pytest.raises(ProjectPaused):
        remind(world, project_id, BY_VENDOR)
    assert "remind" not in world.application.details(by=BY_VENDOR, project_id=project_id)["actions"]
    assert told(world, ordered) == told(world, project_id) == []


def test_over_http(world: World, http: Http) -> None:
    project_id = world.at_check()
    path = f"projects/{project_id}/visits/{world.visit(project_id)}/reminder"
    assert http.of(BY_CUSTOMER)("POST", path).status_code == 403
    assert http.of(FOREIGN_ADMIN)("POST", path).status_code == 404
    assert http.of(BY_VPM)("POST", f"projects/{uuid4()}/visits/1/reminder").status_code == 404
    once = [http.of(BY_VPM)("POST", path, Idempotency_Key="once").status_code for _ in range(2)]
    assert (once, len(told(world, project_id))) == ([200, 200], 1)
    again = http.of(BY_VPM)("POST", path)
    assert (again.status_code, again.json["type"]) == (409, "urn:delivery-center:problem:reminded-already")
    assert again.json["messages"] == {"zh": "一小时内已催办过", "en": "Reminded already within the last hour"}
