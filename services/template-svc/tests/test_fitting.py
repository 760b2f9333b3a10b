"""Message templates fit by their name (T-94)."""

from __future__ import annotations

import pytest
from template_svc.domain.fitting import fits, misfits
from template_svc.domain.nodes import Node, with_presets

NAMES = {"done": "项目完成节点-通知客户", "claim": "认领订单节点-通知服务商管理员"}


def node(node_type: str, **fields: object) -> Node:
    return with_presets({"id": node_type, "type": node_type, "name": "节点", **fields})


@pytest.mark.requirement("T-94", "N-10")
@pytest.mark.parametrize(
    ("name", "node_type", "fields", "receiver", "expected"),
    [
        ("项目完成节点-通知客户", "complete_project", {}, "customer", True),
        ("完成项目节点-通知顾客", "complete_project", {}, "assignee", True),
        ("项目完成节点-通知客户", "complete_project", {}, "provider_admin", False),
        ("项目完成节点-通知客户", "confirm", {"side": "customer"}, "customer", False),
        ("确认节点-通知服务商", "confirm", {"side": "provider"}, "assignee", True),
        ("确认节点-通知服务商", "confirm", {"side": "customer"}, "assignee", False),
        ("确认节点-通知服务商", "confirm", {"side": "provider"}, "role:designer", True),
        ("认领订单节点-通知服务商管理员", "claim_order", {}, "provider_admin", True),
        ("分配服务商节点-通知厂商管理员", "assign_provider", {}, "vendor_admin", True),
        ("分配服务商节点-通知厂商管理员", "assign_provider", {}, "vendor_project_manager", False),
        ("随便", "general", {}, "customer", False),
    ],
)
def test_fits(name: str, node_type: str, fields: dict[str, str], receiver: str, expected: bool) -> None:
    assert fits(name, node_type, fields.get("side"), receiver) is expected


@pytest.mark.requirement("T-94")
def test_a_misfit_is_a_warning_at_its_row() -> None:
    rows = [
        {"receiver": "customer", "trigger": "entered", "message_template": code} for code in ("done", "claim", "gone")
    ]
    [warning] = misfits([node("container", children=[node("complete_project", reminders=rows)])], NAMES)
    assert (warning.node_id, warning.field) == ("complete_project", "reminders.1.message_template")
    assert warning.zh == "消息模板“认领订单节点-通知服务商管理员”与节点或接收者不匹配"
