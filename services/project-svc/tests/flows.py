"""Templates for the tests, as plain dicts in the shape of ``contracts.template.Node``."""

from __future__ import annotations

from typing import Any

Raw = dict[str, Any]


def node(type: str, id: str, name: str = "", **more: Any) -> Raw:
    return {"id": id, "type": type, "name": name or id, **more}


def website() -> list[Raw]:
    """The flow of the manual's sample log (§2.2.1.3), with the assign-order node of scenario 2."""
    return [
        node("assign_provider", "provider", "分配服务商节点"),
        node("assign_order", "assign", "分配订单", role="designer", rule="provider_first"),
        node("submit_requirement", "submit", "顾客提交需求", form="website", submit_button="提交需求"),
        node(
            "confirm", "check", "设计师确定需求", side="provider", role="designer", confirm_button="确定需求",
            rejectable=True, reject_button="驳回",
        ),
        node(
            "general", "design", "设计师设计网站", side="provider", role="designer", upload=True,
            upload_button="上传设计", view_button="查看设计内容", confirm_button="确认",
        ),
        node("complete_project", "accept", "项目验收", confirm_button="验收通过", rejectable=True),
    ]  # fmt: skip


def outsourced() -> list[Raw]:
    """Scenario 3, scheme 1 (X-305): claimed by an account manager, dispatched within the department, a container."""
    return [
        node("assign_provider", "provider", "分配服务商"),
        node("claim_order", "claim", "认领订单", role="account_manager"),
        node("assign_order", "assign", "分单", role="designer", rule="department_first"),
        node("submit_requirement", "submit", "需求提交", form="website"),
        node("confirm", "check", "需求确认", side="provider", role="account_manager", rejectable=True),
        node(
            "container", "prototype", "网站原型制作",
            children=[
                node("general", "build", "原型搭建", side="provider", role="designer", upload=True),
                node("confirm", "approve", "原型确认", side="customer", role="customer", rejectable=True),
            ],
        ),
        node("complete_project", "accept", "完成项目", rejectable=True),
    ]  # fmt: skip


def self_service() -> list[Raw]:
    """Scenario 1 (X-103): the main account does everything, no assign-order node."""
    return [
        node("assign_provider", "provider", "分配服务商"),
        node("submit_requirement", "submit", "提交需求", form="website"),
        node("general", "work", "制作", side="provider", role="provider_admin", upload=True),
        node("complete_project", "accept", "完成项目"),
    ]


def timed() -> list[Raw]:
    """Every kind of node that has a timeout: 0.1 day to claim, one day to submit, half a day to check and to work – the
    check passes by itself –, two days to accept, which also happens by itself."""
    remind = {"receiver": "provider_admin", "trigger": "overdue", "message_template": "claim_provider"}
    enter = {**remind, "trigger": "entered"}
    role = "account_manager"
    return [
        node("assign_provider", "provider", "分配服务商"),
        node("claim_order", "claim", "认领", role=role, timeout=1, reminders=[enter, remind]),
        node("submit_requirement", "submit", "提交需求", form="website", timeout=10),
        node("confirm", "check", "需求确认", side="provider", role=role, timeout=5, advance_on_timeout=True),
        node("general", "work", "完成任务", side="provider", role=role, timeout=5),
        node("confirm", "approve", "客户确认", side="customer", role="customer", timeout=5, rejectable=True),
        node("complete_project", "accept", "完成项目", timeout=20, advance_on_timeout=True, rejectable=True),
    ]
