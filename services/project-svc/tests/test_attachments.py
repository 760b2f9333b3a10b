"""添加附件 outside a node's upload, the quota of a project, and pages of what grows."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from delivery_shared.testing.bdd import given
from project_svc import commands
from project_svc.domain import facts, operating, supervising
from project_svc.domain.errors import FileHandedIn, FileUnknown, NotOperator, NotParticipant, ProjectEnded, ProjectFull

from .conftest import BY_ADMIN, BY_CUSTOMER, BY_LISI, BY_VPM, BY_WANGWU, OPERATOR, Http, World
from .people import ADMIN, CUSTOMER, LISI, STRANGER, Person, at
from .steps import Step, confirms, started
from .test_http import PNG, fields, problem, stored_files, upload
from .test_project import AS_ADMIN, AT_ACCEPT, AT_DESIGN, AT_SUBMIT, FLOW


def adds(person: Person, *, size: int = 9, quota: int = 100, file_id: UUID | None = None) -> Step:
    return lambda p: operating.attach_file(
        p,
        FLOW,
        visit=None,
        person=person,
        file_id=file_id or uuid4(),
        name="列表展示样式.xlsx",
        size=size,
        quota=quota,
        at=at(6),
    )


@pytest.mark.requirement("R-84", "R-85")
def test_operators_add_files_whose_node_is_the_current_one_until_the_end() -> None:
    given(started(FLOW), *AT_SUBMIT).when(adds(LISI)).then((facts.FileAttached, {"node": "submit", "visit": 3})).when(
        adds(CUSTOMER)
    ).then(facts.FileAttached).refuses(NotParticipant, adds(ADMIN)).refuses(NotParticipant, adds(STRANGER)).when(
        lambda p: supervising.pause(p, remark="x", by=AS_ADMIN, at=at(7))
    ).then(facts.Paused).when(adds(LISI)).then(facts.FileAttached)
    given(started(FLOW), *AT_ACCEPT, confirms(FLOW, CUSTOMER)).refuses(ProjectEnded, adds(LISI)).refuses(
        ProjectEnded, adds(CUSTOMER)
    )


@pytest.mark.requirement("R-84", "R-124")
def test_what_the_provider_adds_is_held_back_only_at_a_node_it_operates() -> None:
    at_customer, at_design = uuid4(), uuid4()
    project = started(FLOW)
    for step in AT_SUBMIT:
        step(project)
    adds(LISI, file_id=at_customer)(project)
    assert project.files[at_customer].released
    project = started(FLOW)
    for step in AT_DESIGN:
        step(project)
    adds(LISI, file_id=at_design)(project)
    assert not project.files[at_design].released
    confirms(FLOW, LISI)(project)
    assert project.files[at_design].released


def test_the_files_of_a_project_stay_within_its_quota() -> None:
    given(started(FLOW), *AT_SUBMIT).refuses(ProjectFull, adds(LISI, size=101)).when(adds(LISI, size=60)).then(
        facts.FileAttached
    ).refuses(ProjectFull, adds(CUSTOMER, size=41)).when(adds(CUSTOMER, size=40)).then(facts.FileAttached).refuses(
        ProjectFull, adds(LISI, size=1)
    )


@pytest.mark.integration
@pytest.mark.requirement("R-81", "R-82", "R-83", "R-84", "R-85", "R-86")
def test_adding_over_http(http: Http, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    project_id = world.at_submit()
    path = f"projects/{project_id}/files"
    response = http.of(BY_LISI)("POST", path, files=upload("说明.png"))
    assert response.status_code == 201
    (entry,) = http.of(BY_CUSTOMER)("GET", path).get_json()["items"]
    assert (entry["name"], entry["node"], entry["operator"]) == ("说明.png", "顾客提交需求", "李四 设计师")
    found = http.of(BY_CUSTOMER)("GET", response.headers["Location"])
    assert found.get_data() == PNG
    found.close()
    before = world.versions(project_id), stored_files(world)
    for by, expected in (
        (BY_ADMIN, (403, "not-participant")),
        (BY_VPM, (403, "not-participant")),
        (OPERATOR, (403, "not-participant")),
        (BY_WANGWU, (404, "project-unknown")),
    ):
        assert problem(http.of(by)("POST", path, files=upload())) == expected
    monkeypatch.setattr(world.application.carrier, "quota", 2 * len(PNG) - 1)
    assert problem(http.of(BY_LISI)("POST", path, files=upload())) == (413, "project-full")
    world.do(commands.cancel(by=OPERATOR, project_id=project_id, remark="x"))
    assert problem(http.of(BY_LISI)("POST", path, files=upload())) == (409, "project-ended")
    assert (world.versions(project_id) - 1, stored_files(world)) == before


def pages(http: Http, by: Any, path: str, key: str, limit: int) -> list[list[str]]:
    found, cursor = [], ""
    while True:
        page = http.of(by)("GET", f"{path}?limit={limit}{cursor}").get_json()
        found.append([row[key] for row in page["items"]])
        if page["next"] is None:
            return found
        cursor = f"&cursor={page['next']}"


@pytest.mark.integration
@pytest.mark.requirement("G-31", "R-87", "R-92", "R-100")
def test_what_grows_is_paged(http: Http, world: World) -> None:
    project_id = world.at_check()
    texts = ["一", "二", "三", "四", "五"]
    for text in texts:
        for kind in ("comments", "notes"):
            assert http.of(BY_LISI)("POST", f"projects/{project_id}/{kind}", {"text": text}).status_code == 201
    for kind in ("comments", "notes"):
        path = f"projects/{project_id}/{kind}"
        assert pages(http, BY_LISI, path, "text", 2) == [texts[:2], texts[2:4], texts[4:]]
        assert pages(http, BY_LISI, path, "text", 5) == [texts]
        assert http.of(BY_LISI)("GET", path).get_json()["total"] == 5
    log = f"projects/{project_id}/log"
    whole = [row["event"] for row in http.of(BY_LISI)("GET", log).get_json()["items"]]
    assert [event for page in pages(http, BY_LISI, log, "event", 3) for event in page] == whole
    first = http.of(BY_LISI)("GET", f"{log}?limit=3").get_json()
    world.confirm(project_id, BY_LISI)
    rest = http.of(BY_LISI)("GET", f"{log}?cursor={first['next']}").get_json()["items"]
    assert [row["event"] for row in rest] == whole[3:]
    for query, field in (("limit=0", "limit"), ("limit=501", "limit"), ("cursor=x", "cursor"), ("more=1", "more")):
        for path in ("log", "files", "comments", "notes"):
            assert fields(http.of(BY_LISI)("GET", f"projects/{project_id}/{path}?{query}")) == {field}


def withdraws(person: Person, file_id: UUID) -> Step:
    return lambda p: operating.withdraw_file(p, FLOW, file_id=file_id, person=person, at=at(7))


def test_a_file_added_by_mistake_is_taken_away_until_its_node_is_confirmed() -> None:
    wrong, right, other = uuid4(), uuid4(), uuid4()
    given(started(FLOW), *AT_DESIGN).when(adds(LISI, file_id=wrong, size=60)).then(facts.FileAttached).refuses(
        FileUnknown, withdraws(LISI, other)
    ).refuses(NotOperator, withdraws(CUSTOMER, wrong)).refuses(NotParticipant, withdraws(ADMIN, wrong)).when(
        withdraws(LISI, wrong)
    ).then((facts.FileWithdrawn, {"file_id": wrong})).refuses(FileUnknown, withdraws(LISI, wrong)).when(
        adds(LISI, file_id=right, size=100)
    ).then(facts.FileAttached).when(confirms(FLOW, LISI)).refuses(FileHandedIn, withdraws(LISI, right))


@pytest.mark.integration
def test_taking_a_file_away_over_http(http: Http, world: World) -> None:
    project_id, before = world.at_design(), stored_files(world)
    made = http.of(BY_LISI)("POST", f"projects/{project_id}/visits/5/files", files=upload("首页.png", PNG))
    path = f"files/{made.json['file_id']}"

    def listed(by: Any) -> list[tuple[str, bool]]:
        return [(f["name"], f["removable"]) for f in http.of(by)("GET", f"projects/{project_id}/files").json["items"]]

    assert (listed(BY_LISI), listed(BY_ADMIN), stored_files(world)) == (
        [("首页.png", True)],
        [("首页.png", False)],
        before + 1,
    )
    assert problem(http.of(BY_CUSTOMER)("DELETE", path)) == (404, "file-unknown")
    assert problem(http.of(BY_ADMIN)("DELETE", path)) == (403, "not-participant")
    assert http.of(BY_LISI)("DELETE", path).status_code == 204
    assert (listed(BY_LISI), stored_files(world)) == ([], before)
    assert problem(http.of(BY_LISI)("GET", path)) == (404, "file-unknown")
