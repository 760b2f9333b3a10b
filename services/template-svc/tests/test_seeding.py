"""The presets: what there is, that it obeys the rules, and that seeding again changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from delivery_shared.commands import Command
from delivery_shared.demand_forms import checker
from delivery_shared.messaging.envelope import open_message
from delivery_shared.messaging.outbox import Outbox
from template_svc import lookups
from template_svc.application import TemplateApplication
from template_svc.commands.reference import change_role
from template_svc.domain.nodes import has_type, in_order
from template_svc.domain.reference import Role, reference_id
from template_svc.domain.rules import violations
from template_svc.domain.template import FlowTemplate
from template_svc.forms import check_form, check_variables
from template_svc.seeding import _data, preset_template_id, seed_presets

pytestmark = pytest.mark.integration

SUFFIX = "子账号自动分单"
CLAIM = "建站服务流模板1"


@pytest.fixture(scope="module")
def presets(application: TemplateApplication) -> list[FlowTemplate]:
    ids = [preset_template_id(template["code"]) for template in _data("templates")]
    return list(application.store.find(FlowTemplate, *ids).values())


@pytest.mark.requirement("T-106", "T-107")
def test_public_templates_come_in_pairs(presets: list[FlowTemplate]) -> None:
    assert all(t.published and t.owner_id is None for t in presets)
    by_name = {t.name: t for t in presets}
    plain = {name for name in by_name if not name.endswith(SUFFIX)} - {CLAIM}
    assert plain == {"信息类网站建设模板", "小程序设计模板", "物流网站设计模板", "电商网站建设模板"}
    assert set(by_name) == plain | {name + SUFFIX for name in plain} | {CLAIM}
    for name in plain:
        assert not has_type(by_name[name].nodes, "assign_order")
        assert has_type(by_name[name + SUFFIX].nodes, "assign_order")
        roles = {placed.node.get("role") for placed in in_order(by_name[name].nodes)}
        assert roles == {None, "provider_admin", "customer"}


@pytest.mark.requirement("T-26", "T-46", "T-108")
def test_one_public_template_has_a_claim_order_node(presets: list[FlowTemplate]) -> None:
    [claim] = [t for t in presets if t.name == CLAIM]
    assert [placed.node["name"] for placed in in_order(claim.nodes)][:7] == [
        "分配服务商",
        "认领订单",
        "分单",
        "需求提交",
        "需求确认",
        "网站原型制作",
        "原型搭建",
    ]
    assert [node["type"] for node in claim.nodes] == [
        "assign_provider",
        "claim_order",
        "assign_order",
        "submit_requirement",
        "confirm",
        "container",
        "complete_project",
    ]
    assert (claim.nodes[1]["role"], claim.nodes[1]["timeout"]) == ("account_manager", 0)
    assert claim.nodes[2]["rule"] == "department_first"


@pytest.mark.requirement("T-98", "T-94")
def test_the_presets_obey_the_rules_without_a_warning(
    application: TemplateApplication, presets: list[FlowTemplate]
) -> None:
    with application.store.connection() as connection:
        reference = lookups.reference(connection)
    for template in presets:
        assert violations(template.nodes, reference) == []
        assert application.templates.warnings(template.nodes) == []


@pytest.mark.requirement("T-31", "T-109", "N-01", "N-10", "N-11")
def test_roles_and_message_templates(application: TemplateApplication) -> None:
    roles = {role["code"]: (role["name"], role["side"]) for role in application.reference.roles()}
    messages = {m["name"]: m for m in application.reference.message_templates()}
    assert {
        "vendor_admin": ("厂商管理员", "vendor"),
        "vendor_project_manager": ("厂商项目经理", "vendor"),
        "provider_admin": ("服务商管理员", "provider"),
        "account_manager": ("客户经理", "provider"),
        "designer": ("设计师", "provider"),
        "engineer": ("工程师", "provider"),
        "service_staff": ("服务人员", "provider"),
        "project_manager": ("项目经理", "provider"),
        "senior_designer": ("高级设计师", "provider"),
        "designer_01": ("设计师01", "provider"),
        "manager": ("经理", "provider"),
        "customer": ("顾客", "customer"),
        "platform_operator": ("云市场小二", "operator"),
    }.items() <= roles.items()
    assert {
        "项目完成节点-通知客户",
        "提交需求节点-通知客户",
        "确认节点-通知服务商",
        "认领订单节点-通知服务商管理员",
    } <= messages.keys()
    assert messages["认领订单节点-通知服务商管理员"]["channels"] == ["sms", "email", "in_site"]
    for message in _data("message_templates"):
        check_variables(message["title"], message["body"])


@pytest.mark.requirement("T-49")
def test_demand_forms_take_what_a_customer_would_enter() -> None:
    forms = {form["code"]: form["schema"] for form in _data("demand_forms")}
    for schema in forms.values():
        check_form(schema)
    website: dict[str, Any] = {
        "company_name": "云梦",
        "contact": "客户甲乙丙",
        "mobile": "18888888888",
        "site_kind": "企业官网",
        "columns": ["首页", "产品"],
        "style": "简约",
        "launch_date": "2019-12-01",
    }
    site = checker(forms["information_website"])
    assert list(site.iter_errors(website)) == []
    bad: dict[str, Any]
    for bad in ({"style": "随意"}, {"launch_date": "明天"}, {"columns": []}, {"contact": ""}, {"extra": 1}):
        assert len(list(site.iter_errors({**website, **bad}))) == 1
    program = {
        "program_name": "物流查询",
        "contact": "客户甲乙丙",
        "mobile": "0451-57028123",
        "platform": "支付宝",
        "features": "查询快递",
        "delivery_date": "2019-12-01",
        "has_logo": True,
    }
    assert checker(forms["mini_program_design"]).is_valid(program)


def test_seeding_again_changes_nothing_and_keeps_the_operators_changes(
    make_application: Callable[[str], TemplateApplication],
) -> None:
    application = make_application("seeding")
    with ThreadPoolExecutor(3) as pool:
        added = list(pool.map(seed_presets, [application] * 3))
    expected = sum(len(_data(name)) for name in ("roles", "demand_forms", "message_templates", "templates"))
    assert sorted(added) == [0, 0, expected]
    application.carry_out(Command(), change_role(code="manager", name="主管", active=False))
    before = application.store.recorder.max_notification_id()
    assert seed_presets(application) == 0
    assert application.store.recorder.max_notification_id() == before
    role = application.store.find(Role, reference_id("role", "manager"))[reference_id("role", "manager")]
    assert (role.name, role.active) == ("主管", False)


def test_the_others_hear_of_the_presets_reference_data_first(
    make_application: Callable[[str], TemplateApplication],
) -> None:
    application = make_application("presets")
    seed_presets(application)
    messages = Outbox(application.store).read(after=0, limit=1000)
    types = [open_message(message.body).contract.TYPE for message in messages]
    assert types == [
        *["template.role_defined"] * len(_data("roles")),
        *["template.demand_form_defined"] * len(_data("demand_forms")),
        *["template.message_template_defined"] * len(_data("message_templates")),
        *["template.template_published"] * len(_data("templates")),
    ]
