"""A finished or cancelled project shows everything and takes nothing more; an expired validity hinders nothing."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from project_svc import commands

from .conftest import BY_ADMIN, BY_CUSTOMER, BY_LISI, BY_VENDOR, BY_VPM, OPERATOR, Http, World
from .people import OTHER_PROVIDER, WANGWU
from .test_http import problem, upload

pytestmark = pytest.mark.integration


def finish(world: World, project_id: UUID) -> None:
    world.confirm(project_id, BY_LISI)
    world.confirm(project_id, BY_CUSTOMER)


def cancel(world: World, project_id: UUID) -> None:
    world.do(commands.cancel(by=OPERATOR, project_id=project_id, remark="订单取消"))


@pytest.mark.requirement("R-32", "R-47", "R-85", "R-90", "R-91", "R-95", "R-127", "R-139")
@pytest.mark.parametrize("end", [finish, cancel])
def test_everything_can_be_read_and_nothing_be_added(http: Http, world: World, end: object) -> None:
    project_id = world.at_design()
    path = f"projects/{project_id}"
    for by in (BY_CUSTOMER, BY_LISI):
        assert http.of(by)("POST", f"{path}/comments", {"text": "设计过程沟通良好"}).status_code == 201
    assert http.of(BY_LISI)("POST", f"{path}/notes", {"text": "备注"}).status_code == 201
    end(world, project_id)  # type: ignore[operator]
    before = world.versions(project_id)
    for by, method, where, body in (
        (BY_CUSTOMER, "POST", "comments", {"text": "x"}),
        (BY_LISI, "POST", "comments", {"text": "x"}),
        (BY_LISI, "POST", "notes", {"text": "x"}),
        (BY_ADMIN, "POST", "pause", {"remark": "x"}),
        (BY_ADMIN, "POST", "resume", None),
        (BY_ADMIN, "PUT", "assignee", {"role": "designer", "person_id": str(WANGWU.user_id)}),
        (BY_VENDOR, "PUT", "provider", {"provider_id": str(OTHER_PROVIDER), "remark": "x"}),
        (OPERATOR, "POST", "cancellation", {"remark": "x"}),
    ):
        assert problem(http.of(by)(method, f"{path}/{where}", body)) == (409, "project-ended")
    assert problem(http.of(BY_LISI)("POST", f"{path}/files", files=upload())) == (409, "project-ended")
    assert http.of(BY_LISI)("POST", f"{path}/visits/5/confirmation").status_code == 409
    assert world.versions(project_id) == before
    for by in (BY_CUSTOMER, BY_LISI, BY_ADMIN, BY_VENDOR, BY_VPM, OPERATOR):
        assert http.of(by)("GET", f"{path}/comments").get_json()["total"] == 2
        assert http.of(by)("GET", path).get_json()["current"] is None
    assert http.of(BY_VPM)("GET", f"{path}/notes").get_json()["total"] == 1


@pytest.mark.requirement("R-80", "S-08")
def test_a_validity_in_the_past_hinders_nothing(world: World) -> None:
    project_id = world.at_submit(valid_until=date(2019, 6, 5))
    page = world.application.details(by=BY_CUSTOMER, project_id=project_id)
    assert (page["business"]["valid_until"], page["state_text"]) == ("2019-06-05", "执行中")
    world.fill(project_id)
    world.confirm(project_id, BY_CUSTOMER)
    world.confirm(project_id, BY_LISI)
    finish(world, project_id)
    assert world.project(project_id).state == "completed"
