"""评价: once, by the buyer, after the whole flow has ended."""

from __future__ import annotations

from typing import Any

import pytest
from delivery_shared.commands import Command
from delivery_shared.testing.bdd import given
from project_svc import commands
from project_svc.domain import facts, supervising, talking
from project_svc.domain.errors import AlreadyEvaluated, NotCompleted, NotCustomer, StarsRefused, TextTooLong
from project_svc.domain.project import Project

from .conftest import (
    BY_ADMIN,
    BY_CUSTOMER,
    BY_LISI,
    BY_VENDOR,
    BY_VPM,
    FOREIGN_CUSTOMER,
    OPERATOR,
    Http,
    World,
)
from .people import CUSTOMER, LISI, Person, at
from .steps import Step, confirms, started
from .test_application import at_once
from .test_http import fields, problem
from .test_project import AS_OPERATOR, AT_ACCEPT, FLOW


def evaluates(stars: int = 5, text: str | None = None, person: Person = CUSTOMER) -> Step:
    return lambda p: talking.evaluate(p, person=person, stars=stars, text=text, at=at(9))


def completed() -> Project:
    project = started(FLOW)
    for step in (*AT_ACCEPT, confirms(FLOW, CUSTOMER)):
        step(project)
    return project


@pytest.mark.requirement("R-135", "R-137")
def test_the_buyer_evaluates_a_completed_project_once() -> None:
    story = given(completed()).refuses(NotCustomer, evaluates(person=LISI))
    for stars in (0, 6, -1):
        story.refuses(StarsRefused, evaluates(stars))
    story.refuses(TextTooLong, evaluates(text="字" * 501)).when(evaluates(1, " " + "字" * 500)).then(
        (facts.Evaluated, {"stars": 1, "text": "字" * 500})
    ).refuses(AlreadyEvaluated, evaluates())


@pytest.mark.requirement("R-135", "R-137")
def test_before_the_end_and_after_a_cancellation_there_is_nothing_to_evaluate() -> None:
    given(started(FLOW), *AT_ACCEPT).refuses(NotCompleted, evaluates()).when(
        lambda p: supervising.cancel(p, remark="x", by=AS_OPERATOR, at=at(8))
    ).then(facts.Cancelled).refuses(NotCompleted, evaluates())
    given(completed()).when(evaluates(3)).then((facts.Evaluated, {"stars": 3, "text": None}))


def finished(world: World) -> Any:
    project_id = world.at_design()
    world.confirm(project_id, BY_LISI)
    world.confirm(project_id, BY_CUSTOMER)
    return project_id


@pytest.mark.integration
@pytest.mark.requirement("R-135", "R-136", "R-137", "R-138", "X-110")
def test_the_dialog_opens_until_the_evaluation_is_given_and_all_sides_read_it(http: Http, world: World) -> None:
    project_id = finished(world)
    path = f"projects/{project_id}"
    customer = http.of(BY_CUSTOMER)
    for _ in range(2):
        page = customer("GET", path).get_json()
        assert (page["actions"], page["evaluation"]) == (["evaluate"], None)
    before = world.versions(project_id)
    for stars in (0, 6, 1.5, "5", None, True):
        assert fields(customer("POST", f"{path}/evaluation", {"stars": stars})) == {"stars"}
    assert fields(customer("POST", f"{path}/evaluation", {"text": "x"})) == {"stars"}
    assert fields(customer("POST", f"{path}/evaluation", {"stars": 5, "text": "字" * 501})) == {"text"}
    for by in (BY_VENDOR, BY_VPM, BY_ADMIN, BY_LISI, OPERATOR):
        assert problem(http.of(by)("POST", f"{path}/evaluation", {"stars": 5})) == (403, "not-customer")
    assert problem(http.of(FOREIGN_CUSTOMER)("POST", f"{path}/evaluation", {"stars": 5})) == (404, "project-unknown")
    assert world.versions(project_id) == before
    assert customer("POST", f"{path}/evaluation", {"stars": 4, "text": "沟通顺畅"}).status_code == 201
    assert problem(customer("POST", f"{path}/evaluation", {"stars": 5})) == (409, "already-evaluated")
    expected = {"stars": 4, "text": "沟通顺畅", "author": "客户甲乙丙", "time": "2019-10-18 14:00:00"}
    for by in (BY_CUSTOMER, BY_VENDOR, BY_VPM, BY_ADMIN, BY_LISI, OPERATOR):
        page = http.of(by)("GET", path).get_json()
        assert (page["evaluation"], page["actions"]) == (expected, [])


@pytest.mark.integration
@pytest.mark.requirement("R-137")
def test_of_several_evaluations_at_once_one_counts(world: World) -> None:
    project_id = finished(world)
    app = world.application

    def evaluate(stars: int) -> Any:
        return lambda: (
            app.carry_out(
                Command(), commands.evaluate(by=BY_CUSTOMER, project_id=project_id, stars=stars, text=None)
            ).status
        )

    results = at_once(*map(evaluate, (1, 2, 3)))
    assert sorted(results, key=str) == [201, AlreadyEvaluated, AlreadyEvaluated]


@pytest.mark.integration
@pytest.mark.requirement("R-135")
def test_a_project_under_way_offers_no_evaluation(http: Http, world: World) -> None:
    project_id = world.at_design()
    customer = http.of(BY_CUSTOMER)
    assert "evaluate" not in customer("GET", f"projects/{project_id}").get_json()["actions"]
    assert problem(customer("POST", f"projects/{project_id}/evaluation", {"stars": 5})) == (409, "not-completed")
