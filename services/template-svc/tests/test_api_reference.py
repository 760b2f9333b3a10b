"""Roles, demand forms and message templates over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from delivery_shared.commands import Command
from delivery_shared.eventstore import UnitOfWork
from delivery_shared.messaging.envelope import open_message
from delivery_shared.messaging.outbox import Outbox
from template_svc.application import TemplateApplication
from template_svc.commands.reference import define_role
from template_svc.domain import defining
from template_svc.domain.errors import RoleNameTaken
from template_svc.rows import row_of

from .test_api_templates import problem

pytestmark = pytest.mark.integration

NOW = datetime(2019, 10, 25, 11, 57, tzinfo=UTC)
SCHEMA = {"type": "object", "properties": {"name": {"title": "名称", "type": "string"}}}
TEXTS = {"name": "确认节点-通知客户", "title": "请确认", "body": "订单 {{ order_number }}"}


def code() -> str:
    return f"t{uuid4().hex[:10]}"


def own_name(kind: str) -> dict[str, str]:
    """No two roles have one name (T-109)."""
    return {"name": f"测试角色 {code()}"} if kind == "roles" else {}


NEW: dict[str, dict[str, Any]] = {
    "roles": {"name": "测试角色", "side": "provider"},
    "demand-forms": {"name": "测试需求", "schema": SCHEMA},
    "message-templates": {**TEXTS, "channels": ["email"], "remark": "备注"},
}
CHANGED: dict[str, dict[str, Any]] = {
    "roles": {"name": "改", "active": False},
    "demand-forms": {"name": "改", "schema": {**SCHEMA, "required": ["name"]}, "active": False},
    "message-templates": {**TEXTS, "title": "改", "active": False},
}
TYPES = {
    "roles": "template.role_defined",
    "demand-forms": "template.demand_form_defined",
    "message-templates": "template.message_template_defined",
}


@pytest.mark.requirement("T-49", "T-51", "T-93", "T-109", "F-08", "N-13", "T-50")
@pytest.mark.parametrize("kind", list(NEW))
def test_the_operator_adds_and_changes_and_the_others_hear_of_it(
    operator: Any, vendor: Any, application: TemplateApplication, events: Callable[[], int], kind: str
) -> None:
    new, before = code(), events()
    named, renamed = {**NEW[kind], **own_name(kind)}, {**CHANGED[kind], **own_name(kind)}
    added = operator("POST", kind, {"code": new, **named})
    assert (added.status_code, added.json["version"], added.json["active"]) == (201, 1, True)
    changed = operator("PUT", f"{kind}/{new}", renamed, If_Match='"1"')
    assert (changed.status_code, changed.json["version"], changed.json["active"]) == (200, 2, False)
    messages: list[Any] = [
        open_message(o.body).contract for o in Outbox(application.store).read(after=before, limit=10)
    ]
    assert [(m.TYPE, m.active) for m in messages] == [(TYPES[kind], True), (TYPES[kind], False)]
    [seen] = [item for item in vendor("GET", kind).json["items"] if item["code"] == new]
    expected = {**named, **renamed, "code": new, "version": 2}
    if kind == "message-templates":
        expected.update(channels=["sms", "email"], remark="")
    assert seen == expected


@pytest.mark.requirement("T-50")
def test_a_form_keeps_the_order_of_its_fields(operator: Any, vendor: Any) -> None:
    new = code()
    properties = {name: {"title": name, "type": "string"} for name in ("zeta", "name", "a", "last_of_all", "b")}
    body = {"code": new, "name": "顺序", "schema": {"type": "object", "properties": properties}}
    assert operator("POST", "demand-forms", body).status_code == 201
    [seen] = [item for item in vendor("GET", "demand-forms").json["items"] if item["code"] == new]
    assert list(seen["schema"]["properties"]) == ["zeta", "name", "a", "last_of_all", "b"]


@pytest.mark.requirement("T-110", "F-08")
@pytest.mark.parametrize("kind", list(NEW))
def test_a_vendor_only_browses(vendor: Any, events: Callable[[], int], kind: str) -> None:
    before = events()
    assert vendor("POST", kind, {"code": code(), **NEW[kind]}).status_code == 403
    assert vendor("PUT", f"{kind}/designer", CHANGED[kind], If_Match='"1"').status_code == 403
    assert events() == before


@pytest.mark.parametrize("kind", list(NEW))
def test_codes_are_unique_and_edits_need_the_version(operator: Any, events: Callable[[], int], kind: str) -> None:
    new = code()
    named = {"code": new, **NEW[kind], **own_name(kind)}
    operator("POST", kind, named)
    before = events()
    assert operator("POST", kind, named).status_code == 409
    assert operator("PUT", f"{kind}/{new}", CHANGED[kind]).status_code == 428
    assert operator("PUT", f"{kind}/{new}", CHANGED[kind], If_Match='"2"').status_code == 412
    assert operator("PUT", f"{kind}/{code()}", CHANGED[kind], If_Match='"1"').status_code == 404
    assert events() == before


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("roles", {"code": "Bad"}),
        ("roles", {"code": "1x"}),
        ("roles", {"code": "x\ny"}),
        ("roles", {"code": "x" * 51}),
        ("roles", {"side": "everyone"}),
        ("roles", {"name": ""}),
        ("roles", {"active": True}),
        ("demand-forms", {"schema": {"type": "nonsense"}}),
        ("demand-forms", {"schema": {"type": "object", "properties": {"a": {"$ref": "http://127.0.0.1/"}}}}),
        ("demand-forms", {"schema": []}),
        ("demand-forms", {"schema": {**SCHEMA, "properties": {"a": {"$ref": "#/$defs/missing"}}}}),
        ("demand-forms", {"schema": {**SCHEMA, "properties": {"a": {"$ref": "#/properties/a"}}}}),
        ("demand-forms", {"schema": {**SCHEMA, "properties": {"a": {"pattern": "(?=a)"}}}}),
        ("message-templates", {"body": "{{ password }}"}),
        ("message-templates", {"title": "{{order_number}}"}),
        ("message-templates", {"channels": ["pigeon"]}),
        ("message-templates", {"channels": ["sms", "sms"]}),
    ],
)
def test_bad_reference_data_are_refused(
    operator: Any, events: Callable[[], int], kind: str, changed: dict[str, Any]
) -> None:
    before = events()
    assert operator("POST", kind, {"code": code(), **NEW[kind], **changed}).status_code == 422
    assert events() == before


@pytest.mark.requirement("T-109")
def test_no_two_roles_have_one_name(operator: Any, events: Callable[[], int]) -> None:
    """A list or a choice of roles shows names."""
    first, second = code(), code()
    named = [f"{new} 名" for new in (first, second)]
    assert operator("POST", "roles", {"code": first, "name": named[0], "side": "provider"}).status_code == 201
    assert operator("POST", "roles", {"code": second, "name": named[1], "side": "vendor"}).status_code == 201
    before = events()
    for again in (named[0], f" {named[0]} "):
        refused = operator("POST", "roles", {"code": code(), "name": again, "side": "vendor"})
        assert problem(refused) == (409, "role-name-taken")
        refused = operator("PUT", f"roles/{second}", {"name": again, "active": True}, If_Match='"1"')
        assert problem(refused) == (409, "role-name-taken")
    assert events() == before
    assert operator("PUT", f"roles/{second}", {"name": named[1], "active": False}, If_Match='"1"').status_code == 200
    assert operator("PUT", f"roles/{first}", {"name": f"另 {first}", "active": True}, If_Match='"1"').status_code == 200
    freed = operator("PUT", f"roles/{second}", {"name": named[0], "active": True}, If_Match='"2"')
    assert freed.status_code == 200


@pytest.mark.requirement("T-109")
def test_of_two_roles_at_the_same_time_one_gets_the_name(application: TemplateApplication) -> None:
    name = f"{code()} 名"

    def define(_: int) -> int:
        try:
            return application.carry_out(Command(), define_role(code=code(), name=name, side="provider")).status
        except RoleNameTaken:
            return 409

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(define, range(8))) == [201, *[409] * 7]


@pytest.mark.requirement("T-109")
def test_of_two_roles_that_had_one_name_already_either_is_renamed_or_deactivated(
    operator: Any, application: TemplateApplication
) -> None:
    name = f"{code()} 名"
    twins = [defining.define_role(code=code(), name=name, side="provider", at=NOW) for _ in range(2)]
    unit = UnitOfWork(application.store)
    for twin in twins:
        unit.add(twin)
        unit.rows.append(row_of(twin))
    unit.commit()
    path = f"roles/{twins[0].code}"
    assert operator("PUT", path, {"name": name, "active": False}, If_Match='"1"').status_code == 200
    assert operator("PUT", path, {"name": f"{name} 二", "active": True}, If_Match='"2"').status_code == 200
    assert problem(operator("PUT", path, {"name": name, "active": True}, If_Match='"3"')) == (409, "role-name-taken")


@pytest.mark.requirement("U-36", "N-12")
def test_lists_are_filtered_by_name(vendor: Any) -> None:
    roles = vendor("GET", "roles?name=设计师&side=provider").json
    assert [role["code"] for role in roles["items"]] == ["designer", "designer_01", "senior_designer"]
    assert roles["total"] == 3
    [message] = vendor("GET", "message-templates?name=项目完成").json["items"]
    assert (message["code"], message["remark"]) == ("complete_project_customer", "在完成项目节点通知客户")
    [form] = vendor("GET", "demand-forms?name=小程序设计").json["items"]
    assert form["schema"]["properties"]["program_name"]["title"] == "小程序名称"
    assert vendor("GET", "roles?active=1").status_code == 422


@pytest.mark.requirement("T-32", "T-93", "T-109")
def test_a_deactivated_role_cannot_be_used_any_more(operator: Any, vendor: Any) -> None:
    role = code()
    operator("POST", "roles", {"code": role, **NEW["roles"], **own_name("roles")})
    nodes = [
        {"type": "assign_provider", "name": "开始"},
        {"id": "assign", "type": "assign_order", "name": "分单", "role": role},
        {"type": "complete_project", "name": "完成项目"},
    ]
    template = vendor("POST", "templates", {"name": "网站设计"}).json["id"]
    vendor("PUT", f"templates/{template}/content", {"name": "网站设计", "nodes": nodes}, If_Match='"1"')
    operator("PUT", f"roles/{role}", {"name": f"停用 {role}", "active": False}, If_Match='"1"')
    refused = vendor("POST", f"templates/{template}/publication")
    assert [(e["node_id"], e["field"], e["code"]) for e in refused.json["errors"]] == [
        ("assign", "role", "unknown_role")
    ]
    operator("PUT", f"roles/{role}", {"name": f"启用 {role}", "active": True}, If_Match='"2"')
    assert vendor("POST", f"templates/{template}/publication").status_code == 200


@pytest.mark.requirement("T-94", "N-10")
def test_fitting_message_templates_are_offered_first(vendor: Any) -> None:
    listed = vendor("GET", "message-templates").json
    assert all("fits" not in item for item in listed["items"])
    asked = vendor("GET", "message-templates?node_type=complete_project&receiver=customer").json
    assert asked["total"] == listed["total"]
    fitting = [item["fits"] for item in asked["items"]]
    assert fitting == sorted(fitting, reverse=True)
    assert "项目完成节点-通知客户" in [item["name"] for item in asked["items"] if item["fits"]]
    assert not all(fitting)
    same = vendor("GET", "message-templates?node_type=confirm&side=customer&receiver=assignee").json["items"]
    assert all(item["name"].startswith("确认节点-") for item in same if item["fits"])
    for query in ("node_type=confirm", "receiver=customer", "node_type=x&receiver=customer",
                  "node_type=confirm&receiver=nobody"):  # fmt: skip
        assert vendor("GET", f"message-templates?{query}").status_code == 422
