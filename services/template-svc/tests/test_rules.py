"""The publishing rules, one by one, each with what just passes and what just fails."""

from __future__ import annotations

from typing import Any

import pytest
from template_svc.domain.flow import Reference, RoleFacts
from template_svc.domain.nodes import Node, built_in_start, with_presets
from template_svc.domain.rules import structure, violations

REFERENCE = Reference(
    roles={
        "provider_admin": RoleFacts("服务商管理员", "provider"),
        "account_manager": RoleFacts("客户经理", "provider"),
        "designer": RoleFacts("设计师", "provider"),
        "engineer": RoleFacts("工程师", "provider"),
        "vendor_admin": RoleFacts("厂商管理员", "vendor"),
        "customer": RoleFacts("顾客", "customer"),
    },
    forms={"website"},
    message_templates={"note"},
)

NAMES = {
    "claim_order": "认领订单",
    "assign_order": "分配订单",
    "submit_requirement": "提交需求",
    "confirm": "需求确认",
    "general": "设计",
    "container": "制作",
    "complete_project": "完成项目",
}


def node(node_type: str, **fields: Any) -> Node:
    """A node that breaks no rule by itself, but for the ``fields`` given; its id is its type unless given."""
    usual: dict[str, dict[str, Any]] = {
        "assign_order": {"role": "designer"},
        "submit_requirement": {"form": "website"},
        "confirm": {"side": "provider", "role": "provider_admin"},
        "general": {"side": "provider", "role": "provider_admin"},
    }
    own = {"id": node_type, "type": node_type, "name": NAMES[node_type], **usual.get(node_type, {}), **fields}
    return with_presets(own)


def flow(*between: Node) -> list[Node]:
    """A whole template: start, ``between``, end."""
    return [built_in_start(), *between, node("complete_project")]


def broken(nodes: list[Node], reference: Reference = REFERENCE) -> list[tuple[str | None, str | None, str]]:
    """(node, field, code) of every violation."""
    return [(v.node_id, v.field, v.code) for v in violations(nodes, reference)]


def reminder(**fields: str) -> dict[str, str]:
    return {"receiver": "customer", "trigger": "entered", "message_template": "note", **fields}


@pytest.mark.requirement("T-17", "T-24", "T-28")
def test_every_node_type_can_be_used_and_nothing_but_start_and_end_must_be() -> None:
    everything = flow(
        node("claim_order"),
        node("assign_order"),
        node("submit_requirement"),
        node("confirm", role="designer"),
        node("container", children=[node("general", role="designer")]),
    )
    assert broken(everything) == []
    assert broken(flow()) == []


@pytest.mark.requirement("T-18", "T-19", "T-20")
def test_the_assign_provider_node_stands_first_and_once() -> None:
    start, end = built_in_start(), node("complete_project")
    assert broken([start, end]) == []
    assert broken([end]) == [("complete_project", None, "first_not_assign_provider")]
    moved = [node("general"), start, end]
    assert broken(moved) == [
        ("general", None, "first_not_assign_provider"),
        ("start", None, "assign_provider_misplaced"),
    ]
    again = {**built_in_start(), "id": "second"}
    assert broken([start, again, end]) == [("second", None, "assign_provider_misplaced")]


@pytest.mark.requirement("T-19", "T-20")
def test_the_structure_asked_for_when_saving_is_the_first_node_only() -> None:
    assert structure([built_in_start(), node("confirm", role=None)]) == []
    assert [v.code for v in structure([node("confirm")])] == ["first_not_assign_provider"]
    assert [v.code for v in structure([])] == ["first_not_assign_provider"]


@pytest.mark.requirement("T-22")
def test_the_complete_project_node_stands_last() -> None:
    start, end = built_in_start(), node("complete_project")
    assert broken([start, node("general"), end]) == []
    assert broken([start, end, node("general")]) == [("general", None, "last_not_complete_project")]
    assert broken([start]) == [("start", None, "last_not_complete_project")]


@pytest.mark.requirement("T-23")
def test_there_is_one_complete_project_node() -> None:
    twice = flow(node("complete_project", id="early"))
    assert broken(twice) == [("early", None, "complete_project_again")]


@pytest.mark.requirement("T-23", "T-29")
def test_a_container_holds_neither_start_nor_end() -> None:
    inside = flow(node("container", children=[node("complete_project", id="inner")]))
    assert broken(inside) == [("inner", None, "complete_project_in_container")]
    start = flow(node("container", children=[{**built_in_start(), "id": "inner"}]))
    assert broken(start) == [("inner", None, "assign_provider_misplaced")]


@pytest.mark.requirement("T-26")
def test_claiming_comes_before_assigning_and_once() -> None:
    assert broken(flow(node("claim_order"), node("assign_order"))) == []
    assert broken(flow(node("assign_order"), node("claim_order"))) == [("claim_order", None, "claim_after_assignment")]
    assert broken(flow(node("claim_order"), node("claim_order", id="again"))) == [("again", None, "claim_order_again")]


@pytest.mark.requirement("T-27", "T-69")
def test_a_container_holds_several_nodes_in_order() -> None:
    children = [node("assign_order"), node("general", role="designer"), node("confirm", role="designer")]
    assert broken(flow(node("container", children=children))) == []
    assert broken(flow(node("container", children=children[::-1]))) == [
        ("confirm", "role", "role_not_assigned"),
        ("general", "role", "role_not_assigned"),
    ]


@pytest.mark.requirement("T-29")
def test_a_container_has_a_child_and_no_container() -> None:
    assert broken(flow(node("container", children=[node("general")]))) == []
    assert broken(flow(node("container"))) == [("container", "children", "container_empty")]
    nested = node("container", id="outer", children=[node("container", children=[node("general")])])
    assert broken(flow(nested)) == [("container", None, "container_in_container")]


@pytest.mark.requirement("T-30")
@pytest.mark.parametrize("node_type", ["general", "confirm"])
def test_a_provider_side_node_names_a_role(node_type: str) -> None:
    assert broken(flow(node(node_type, role=None))) == [(node_type, "role", "required")]


@pytest.mark.requirement("T-31", "X-103")
def test_with_the_provider_admin_as_role_no_assign_order_node_is_needed() -> None:
    assert broken(flow(node("submit_requirement"), node("confirm"), node("general"))) == []


@pytest.mark.requirement("T-32")
def test_a_role_needs_an_earlier_assign_order_node() -> None:
    work = node("general", role="engineer")
    assert broken(flow(node("assign_order", role="engineer"), work)) == []
    assert broken(flow(work, node("assign_order", role="engineer"))) == [("general", "role", "role_not_assigned")]
    assert broken(flow(node("assign_order"), work)) == [("general", "role", "role_not_assigned")]
    [violation] = violations(flow(work), REFERENCE)
    assert violation.zh == "节点“设计”：角色“工程师”之前没有对应的分配订单节点"
    assert violation.en == "Node “设计”: no earlier assign-order node finds somebody for the role 'engineer'"


@pytest.mark.requirement("T-32")
def test_for_the_account_manager_claiming_suffices() -> None:
    work = node("general", role="account_manager")
    assert broken(flow(node("claim_order"), work)) == []
    assert broken(flow(node("assign_order", role="account_manager"), work)) == []
    assert broken(flow(work)) == [("general", "role", "role_not_assigned")]
    assert broken(flow(node("claim_order", role="provider_admin"), work)) == [("general", "role", "role_not_assigned")]


@pytest.mark.requirement("T-25", "T-33")
def test_a_role_is_assigned_once() -> None:
    other = node("assign_order", id="other", role="account_manager")
    assert broken(flow(node("assign_order"), other)) == []
    assert broken(flow(node("assign_order"), node("assign_order", id="again"))) == [
        ("again", "role", "role_assigned_again")
    ]


@pytest.mark.requirement("T-37", "T-38")
def test_only_account_managers_and_provider_admins_claim() -> None:
    assert node("claim_order")["role"] == "account_manager"
    assert broken(flow(node("claim_order", role="provider_admin"))) == []
    assert broken(flow(node("claim_order", role="designer"))) == [("claim_order", "role", "role_may_not_claim")]


@pytest.mark.requirement("T-36", "T-43", "T-48", "T-57", "T-68", "T-72", "T-78")
@pytest.mark.parametrize(
    ("node_type", "required"),
    [
        ("claim_order", ["role"]),
        ("assign_order", ["role", "rule"]),
        ("submit_requirement", ["form", "submit_button", "view_button"]),
        ("confirm", ["side", "role", "confirm_button"]),
        ("general", ["side", "role", "confirm_button"]),
    ],
)
@pytest.mark.parametrize("empty", [None, ""])
def test_required_fields(node_type: str, required: list[str], empty: str | None) -> None:
    bare = node(node_type, name="", **dict.fromkeys(required, empty))
    bare["role"] = empty if "role" in required else None
    assert broken(flow(bare)) == [(node_type, field, "required") for field in ["name", *required]]


@pytest.mark.requirement("T-68", "T-78")
def test_required_fields_of_container_end_and_start() -> None:
    empty = flow(node("container", name=" ", children=[node("general")]))
    empty[0]["name"] = ""
    empty[-1].update(name="", confirm_button=None)
    assert broken(empty) == [
        ("start", "name", "required"),
        ("container", "name", "required"),
        ("complete_project", "name", "required"),
        ("complete_project", "confirm_button", "required"),
    ]
    assert violations(empty, REFERENCE)[0].zh == "节点“分配服务商节点”：请填写节点名称"


def test_what_is_chosen_is_not_asked_to_be_written() -> None:
    asked = [one.zh.partition("：")[2] for one in violations(flow(node("general", side=None, role=None)), REFERENCE)]
    assert asked == ["请选择操作端", "请选择角色"]


@pytest.mark.requirement("T-46")
def test_department_first_needs_an_earlier_claim() -> None:
    assign = node("assign_order", rule="department_first")
    assert broken(flow(node("claim_order"), assign)) == []
    assert broken(flow(assign)) == [("assign_order", "rule", "department_first_without_claim")]
    assert broken(flow(assign, node("claim_order"))) == [
        ("claim_order", None, "claim_after_assignment"),
        ("assign_order", "rule", "department_first_without_claim"),
    ]


@pytest.mark.requirement("T-49")
def test_the_demand_form_is_one_of_the_platforms() -> None:
    assert broken(flow(node("submit_requirement", form="website"))) == []
    assert broken(flow(node("submit_requirement", form="own"))) == [("submit_requirement", "form", "unknown_form")]


@pytest.mark.requirement("T-59")
def test_the_role_belongs_to_the_operating_side() -> None:
    assert node("confirm", side="customer", role=None)["role"] == "customer"
    assert broken(flow(node("confirm", side="customer", role="customer"))) == []
    assert broken(flow(node("confirm", side="customer", role="provider_admin"))) == [
        ("confirm", "role", "role_of_other_side")
    ]
    assert broken(flow(node("general", side="provider", role="customer"))) == [
        ("general", "role", "role_of_other_side")
    ]
    assert broken(flow(node("assign_order", role="vendor_admin"))) == [("assign_order", "role", "role_of_other_side")]


@pytest.mark.requirement("T-59", "T-109")
def test_the_role_exists_and_is_active() -> None:
    assert broken(flow(node("general", role="pilot"))) == [("general", "role", "unknown_role")]


@pytest.mark.requirement("T-61", "T-62")
@pytest.mark.parametrize("node_type", ["confirm", "complete_project"])
def test_the_reject_button_is_required_with_reject_on(node_type: str) -> None:
    def with_reject(**fields: Any) -> list[Node]:
        checked = node(node_type, id="checked", **fields)
        last = [checked] if node_type == "complete_project" else [checked, node("complete_project")]
        return [built_in_start(), node("general"), *last]

    assert broken(with_reject(rejectable=False, reject_button=None)) == []
    assert broken(with_reject(rejectable=True, reject_button="驳回")) == []
    assert broken(with_reject(rejectable=True, reject_button=None)) == [("checked", "reject_button", "required")]


@pytest.mark.requirement("T-63", "T-81", "R-121")
@pytest.mark.parametrize("before", ["general", "submit_requirement"])
def test_a_reject_needs_an_earlier_step_of_a_person(before: str) -> None:
    check = node("confirm", rejectable=True, reject_button="驳回")
    assert broken(flow(node(before), check)) == []
    assert broken(flow(check, node(before))) == [("confirm", "rejectable", "nothing_before_to_reject")]
    automatic = flow(node("claim_order"), node("assign_order"), node("container", children=[check]))
    assert broken(automatic) == [("confirm", "rejectable", "nothing_before_to_reject")]
    end = node("complete_project", rejectable=True, reject_button="驳回")
    assert broken([built_in_start(), end]) == [("complete_project", "rejectable", "nothing_before_to_reject")]


@pytest.mark.requirement("T-67")
@pytest.mark.parametrize("node_type", ["confirm", "complete_project"])
def test_advancing_on_timeout_needs_a_timeout(node_type: str) -> None:
    def with_timeout(tenths: int) -> list[Node]:
        checked = node(node_type, id="checked", advance_on_timeout=True, timeout=tenths)
        return [built_in_start(), checked, *([] if node_type == "complete_project" else [node("complete_project")])]

    assert broken(with_timeout(1)) == []
    assert broken(with_timeout(0)) == [("checked", "advance_on_timeout", "advance_without_timeout")]


@pytest.mark.requirement("T-76")
def test_upload_and_view_buttons_are_required_with_upload_on() -> None:
    without = {"upload_button": "", "view_button": None}
    assert broken(flow(node("general", upload=False, **without))) == []
    assert broken(flow(node("general", upload=True))) == []
    assert broken(flow(node("general", upload=True, **without))) == [
        ("general", "upload_button", "required"),
        ("general", "view_button", "required"),
    ]


@pytest.mark.requirement("T-93", "N-13")
def test_a_reminder_uses_a_message_template_of_the_platform() -> None:
    known, unknown = reminder(), reminder(message_template="own")
    assert broken(flow(node("general", reminders=[known]))) == []
    assert broken(flow(node("general", reminders=[known, unknown]))) == [
        ("general", "reminders.1.message_template", "unknown_message_template")
    ]


@pytest.mark.requirement("T-95")
def test_rejected_is_a_trigger_of_rejectable_nodes_only() -> None:
    rows = [reminder(trigger="rejected")]
    rejectable = node("confirm", rejectable=True, reject_button="驳回", reminders=rows)
    assert broken(flow(node("general"), rejectable)) == []
    assert broken(flow(node("confirm", reminders=rows))) == [
        ("confirm", "reminders.0.trigger", "trigger_cannot_happen")
    ]
    assert broken(flow(node("general", reminders=rows))) == [
        ("general", "reminders.0.trigger", "trigger_cannot_happen")
    ]


@pytest.mark.requirement("T-95")
def test_overdue_is_a_trigger_of_nodes_with_a_timeout_only() -> None:
    rows = [reminder(trigger="overdue")]
    assert broken(flow(node("claim_order", timeout=1, reminders=rows))) == []
    assert broken(flow(node("claim_order", timeout=0, reminders=rows))) == [
        ("claim_order", "reminders.0.trigger", "trigger_cannot_happen")
    ]
    assert broken(flow(node("assign_order", reminders=rows))) == [
        ("assign_order", "reminders.0.trigger", "trigger_cannot_happen")
    ]


@pytest.mark.requirement("T-91", "T-92", "N-14")
def test_receivers_are_parties_or_roles_of_the_template() -> None:
    parties = ["customer", "assignee", "provider_admin", "vendor_admin", "vendor_project_manager"]
    rows = [reminder(receiver=receiver, trigger="passed_on") for receiver in [*parties, "role:designer"]]
    assert broken(flow(node("assign_order"), node("general", reminders=rows))) == []
    assert broken(flow(node("general", reminders=rows))) == [
        ("general", "reminders.5.receiver", "receiver_not_in_template")
    ]


@pytest.mark.requirement("T-98")
def test_every_violation_is_listed_with_its_node_and_field() -> None:
    nodes = [
        built_in_start(),
        node("assign_order", name="", role=None, rule="department_first"),
        node("confirm", role="designer", rejectable=True, reject_button="", advance_on_timeout=True),
        node("container"),
    ]
    assert broken(nodes) == [
        ("container", None, "last_not_complete_project"),
        ("container", "children", "container_empty"),
        ("assign_order", "name", "required"),
        ("assign_order", "role", "required"),
        ("confirm", "reject_button", "required"),
        ("confirm", "role", "role_not_assigned"),
        ("assign_order", "rule", "department_first_without_claim"),
        ("confirm", "rejectable", "nothing_before_to_reject"),
        ("confirm", "advance_on_timeout", "advance_without_timeout"),
    ]
    assert all(v.zh and v.en for v in violations(nodes, REFERENCE))


def test_no_nodes_at_all() -> None:
    assert broken([]) == [(None, None, "first_not_assign_provider"), (None, None, "last_not_complete_project")]
