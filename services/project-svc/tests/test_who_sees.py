"""One rule for who sees a project: every route, asked by everybody who once had to do with it."""

from __future__ import annotations

import io
import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from delivery_shared.commands import Command
from delivery_shared.http import Caller
from project_svc import commands
from project_svc.pages import talk
from project_svc.pages.files import files

from .conftest import (
    BY_ADMIN,
    BY_CUSTOMER,
    BY_LISI,
    BY_VENDOR,
    BY_VPM,
    BY_WANGWU,
    FOREIGN_ADMIN,
    OPERATOR,
    Http,
    World,
    caller_of,
)
from .people import OTHER_PROVIDER, PROVIDER, id_of
from .test_http import problem, upload
from .test_pages import changed

pytestmark = pytest.mark.integration

BY_FOREIGN = caller_of(id_of("北京设计师"), OTHER_PROVIDER, "staff", roles=("designer",), name="孙六")
TESTER = caller_of(id_of("测试员"), PROVIDER, "staff", roles=("designer",), name="测试员")
COLLEAGUE_OF_TESTER = caller_of(id_of("测试员的同事"), PROVIDER, "staff", roles=("designer",), name="同事")

BODIES: dict[str, dict[str, Any]] = {
    "requirement": {"site": "x"},
    "rejection": {"reason": "x"},
    "comments": {"text": "x"},
    "notes": {"text": "x"},
    "seen": {"until": "2019-10-18T06:00:00Z"},
    "pause": {"remark": "x"},
    "cancellation": {"remark": "x"},
    "evaluation": {"stars": 5},
    "assignee": {"person_id": str(id_of("x")), "remark": "x"},
    "provider": {"provider_id": str(id_of("x")), "remark": "x"},
    "contact": {"name": "x", "email": "x@example.com"},
}
KINDS_FIRST = {
    "notes", "pause", "resume", "assignee", "provider", "cancellation", "cancel", "claim", "reminder", "contact",
}  # fmt: skip
"""What only some kinds of account may ask: whoever is of another is refused before the project is looked at."""


def routes(http: Http) -> list[tuple[str, str]]:
    return sorted(
        (method, rule.rule)
        for rule in http.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if "<uuid:project_id>" in rule.rule or "<uuid:file_id>" in rule.rule
    )


def answers(
    http: Http, by: Caller, project_id: UUID, file_id: UUID, visit: int
) -> dict[tuple[str, str], tuple[int, str]]:
    """What the routes answer: the status, and the refusal's name."""
    found = {}
    for method, rule in routes(http):
        path = rule.replace("<uuid:project_id>", str(project_id)).replace("<uuid:file_id>", str(file_id))
        path = re.sub(r"<int:\w+>", str(visit), re.sub(r"<uuid:\w+>", str(uuid4()), path))
        name = rule.rpartition("/")[2]
        more: dict[str, Any] = {"files": upload()} if (method, name) == ("POST", "files") else {}
        body = None if method == "GET" or more else BODIES.get(name, {})
        response = http.of(by)(method, path, body, **more)
        found[method, rule] = response.status_code, problem(response)[1] if response.status_code >= 400 else ""
        response.close()
    return found


def replaced(world: World, project_id: UUID, by: Caller = BY_WANGWU) -> None:
    """更换操作人."""
    asked = world.do(commands.change_assignee(by=BY_ADMIN, project_id=project_id, person_id=by.user_id))
    world.hear(world.staff(project_id, by.user_id))
    outcome = world.application.request_outcome(
        by=BY_ADMIN, project_id=project_id, request_id=UUID(asked.body["request_id"])
    )
    assert outcome == "done"


def attached(world: World, project_id: UUID, by: Caller, name: str = "稿.txt") -> UUID:
    file = world.application.files.put(name=name, content=io.BytesIO(b"x"))
    outcome = world.application.attach_file(command=Command(), by=by, project_id=project_id, visit=None, file=file)
    return UUID(outcome.body["file_id"])


def shut(http: Http, world: World, project_id: UUID, file_id: UUID, *callers: Caller) -> None:
    """Nothing of the project opens for ``callers``, and nothing they try changes it."""
    before, visit = world.versions(project_id), world.visit(project_id)
    open: list[Any] = []
    for by in callers:
        for (method, rule), (status, slug) in answers(http, by, project_id, file_id, visit).items():
            kind_first = rule.rpartition("/")[2] in KINDS_FIRST and (status, slug) == (403, "forbidden")
            if status != 404 and not kind_first:
                open.append((by.name, method, rule, status, slug))
    assert open == []
    assert world.versions(project_id) == before


@pytest.mark.requirement("R-133", "R-127")
def test_whoever_was_replaced_before_handling_anything_sees_nothing(http: Http, world: World) -> None:
    project_id = world.at_check()
    file_id = attached(world, project_id, BY_LISI)
    assert http.of(BY_LISI)("GET", f"projects/{project_id}").status_code == 200
    shut(http, world, project_id, file_id, BY_WANGWU)
    replaced(world, project_id)
    shut(http, world, project_id, file_id, BY_LISI)
    assert http.of(BY_WANGWU)("GET", f"projects/{project_id}").status_code == 200
    assert [f["name"] for f in world.application.listed(files, by=BY_WANGWU, project_id=project_id).items] == ["稿.txt"]


@pytest.mark.requirement("R-133", "R-128")
@pytest.mark.parametrize("handled", ["confirmed", "rejected"])
def test_whoever_was_replaced_after_handling_a_node_sees_it_on(http: Http, world: World, handled: str) -> None:
    project_id = world.at_check()
    file_id = attached(world, project_id, BY_CUSTOMER)
    if handled == "confirmed":
        world.confirm(project_id, BY_LISI)
    else:
        visit = world.visit(project_id)
        world.do(commands.reject(by=BY_LISI, project_id=project_id, visit=visit, reason="不完整"))
        world.fill(project_id)
        world.confirm(project_id, BY_CUSTOMER)
    replaced(world, project_id)
    found = answers(http, BY_LISI, project_id, file_id, world.visit(project_id))
    assert {status for (method, _), (status, _) in found.items() if method == "GET"} <= {200, 404}
    for path in ("", "/log", "/timeline", "/files", "/comments", "/notes"):
        assert found["GET", f"/api/v1/projects/<uuid:project_id>{path}"] == (200, "")
    assert found.pop(("PUT", "/api/v1/projects/<uuid:project_id>/conversation/seen")) == (204, "")
    assert {status for (method, _), (status, _) in found.items() if method != "GET"} <= {403, 404, 409}


@pytest.mark.requirement("R-41", "R-133")
def test_an_earlier_provider_sees_nothing_whoever_of_it_asks(http: Http, world: World) -> None:
    project_id = world.at_design()
    file_id = attached(world, project_id, BY_CUSTOMER)
    changed(world, project_id, OTHER_PROVIDER, "更换")
    shut(http, world, project_id, file_id, BY_ADMIN, BY_LISI, BY_WANGWU)
    for by in (BY_VENDOR, BY_VPM, FOREIGN_ADMIN, OPERATOR, BY_CUSTOMER):
        assert http.of(by)("GET", f"projects/{project_id}").status_code == 200


@pytest.mark.requirement("R-41", "R-43", "R-93", "R-124")
def test_what_was_internal_to_an_earlier_run_stays_with_the_vendor_and_its_provider(http: Http, world: World) -> None:
    """Two providers are competitors: the new one reads neither the notes nor the files never confirmed."""
    project_id = world.at_design()
    shown, held_back = attached(world, project_id, BY_CUSTOMER, "需求.txt"), attached(world, project_id, BY_LISI)
    world.do(commands.note(by=BY_LISI, project_id=project_id, text="客户难缠"))
    changed(world, project_id, OTHER_PROVIDER, "更换")
    world.hear(world.staff(project_id, BY_FOREIGN.user_id))

    def seen(by: Caller) -> tuple[list[str], list[str], list[int]]:
        app = world.application
        downloads = [http.of(by)("GET", f"files/{file}") for file in (shown, held_back)]
        for response in downloads:
            response.close()
        return (
            [row["text"] for row in app.listed(talk.notes, by=by, project_id=project_id).items],
            [row["name"] for row in app.listed(files, by=by, project_id=project_id).items],
            [response.status_code for response in downloads],
        )

    everything = (["客户难缠"], ["需求.txt", "稿.txt"], [200, 200])
    for by in (BY_VENDOR, BY_VPM, OPERATOR):
        assert seen(by) == everything
    for by in (FOREIGN_ADMIN, BY_FOREIGN):
        assert seen(by) == ([], ["需求.txt"], [200, 404])
    world.do(commands.note(by=BY_FOREIGN, project_id=project_id, text="重新开始"))
    assert seen(FOREIGN_ADMIN)[0] == ["重新开始"]
    changed(world, project_id, PROVIDER, "换回")
    assert seen(BY_ADMIN) == everything, "its own earlier run; not that of the other"
    assert seen(BY_LISI) == everything, "he handled a node for the provider that has it again"
    assert seen(BY_VENDOR)[0] == ["客户难缠", "重新开始"]


@pytest.mark.requirement("S-07", "S-10")
def test_a_test_order_is_the_account_s_that_placed_it(http: Http, world: World) -> None:
    project_id = world.at_submit(customer_id=TESTER.user_id)
    file_id = attached(world, project_id, TESTER)
    assert http.of(TESTER)("GET", f"projects/{project_id}").status_code == 200
    assert problem(http.of(TESTER)("GET", f"projects/{project_id}/notes")) == (404, "project-unknown")
    shut(http, world, project_id, file_id, COLLEAGUE_OF_TESTER, BY_CUSTOMER)


@pytest.mark.requirement("R-133")
def test_the_holder_of_a_role_sees_it_before_a_node_of_his_is_entered(http: Http, world: World) -> None:
    project_id = world.at_submit()
    assert http.of(BY_LISI)("GET", f"projects/{project_id}").status_code == 200
    assert http.of(BY_WANGWU)("GET", f"projects/{project_id}").status_code == 404
