"""The kinds of nodes (服务流程模板节点, T-17): one table, in which each knows its form, its place, whose it is, and its
texts. Forms, publishing rules, OpenAPI document and the console's designer are made from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple

Control = Literal["text", "switch", "choice", "role", "demand_form", "days", "reminders", "nodes"]
"""How a field is filled in. ``days``: a timeout, tenths of a working day inside (T-83, T-84)."""

Place = Literal["first", "anywhere", "top", "last"]
"""Where nodes stand: built in as the first, anywhere, not in a container, as the last (T-18, T-22, T-29)."""

Side = Literal["provider", "customer"]


class Wording(NamedTuple):
    """A text in both languages of the console."""

    zh: str
    en: str


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A value of a ``choice``. Choosing it puts ``sets`` into other fields. It can be chosen only where a node of the
    kind ``after`` stands before; ``why`` says so."""

    value: str
    text: Wording
    sets: Mapping[str, str | None] = field(default_factory=dict)
    after: str | None = None
    why: Wording | None = None


@dataclass(frozen=True, kw_only=True)
class FormField:
    """A field of a node's form.

    It is there only while the switch ``shown_with`` is on (T-62, T-76), and can be filled in only once the field
    ``needs`` is; ``why`` says so. ``required``: publishing needs it, where it is there. ``roles``: the only ones that
    may be chosen, if any are named. ``pattern``: of its text; ``wrong`` tells that another was entered.
    """

    name: str
    label: Wording
    control: Control
    preset: Any = None
    required: bool = False
    shown_with: str | None = None
    needs: str | None = None
    why: Wording | None = None
    hint: Wording | None = None
    choices: tuple[Choice, ...] = ()
    roles: tuple[str, ...] = ()
    longest: int | None = None
    pattern: str | None = None
    wrong: Wording | None = None


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What a node of a type is.

    ``side``: who operates it, None where its form says so or nobody does. ``operated``: a person works on it; a reject
    goes back to the nearest earlier one of these (R-121, A-21). ``called``: what it is called in names of message
    templates besides ``name`` (T-94). ``fields``: its form, besides the name.
    """

    name: Wording
    purpose: Wording
    place: Place = "anywhere"
    side: Side | None = None
    operated: bool = False
    called: tuple[str, ...] = ()
    fields: tuple[FormField, ...] = ()

    @property
    def form(self) -> tuple[FormField, ...]:
        return (NAME, *self.fields)

    def field(self, name: str) -> FormField | None:
        return next((one for one in self.form if one.name == name), None)


@dataclass(frozen=True, kw_only=True)
class Trigger:
    """触发时机 of a reminder (T-91). It happens only at nodes whose field ``needs`` is filled in (T-95); ``why`` says
    so."""

    value: str
    text: Wording
    needs: str | None = None
    why: Wording | None = None


@dataclass(frozen=True, kw_only=True)
class Receiver:
    """接收者 of a reminder (N-14), besides the roles of the template. ``called``: in names of message templates after
    通知 (T-94); empty for the operator of the node, who is one of the others."""

    value: str
    text: Wording
    called: tuple[str, ...] = ()


NAME: Final = FormField(
    name="name", label=Wording("节点名称", "Node name"), control="text", preset="", required=True, longest=50
)
SIDE: Final = FormField(
    name="side",
    label=Wording("操作端", "Operating side"),
    control="choice",
    required=True,
    choices=(
        Choice(value="provider", text=Wording("服务商", "Provider"), sets={"role": None}),
        Choice(value="customer", text=Wording("客户端", "Customer"), sets={"role": "customer"}),
    ),
)
"""On the customer side 顾客 is preselected (T-59)."""
PROVIDER_SIDE: Final = replace(SIDE, preset="provider")
CUSTOMER_SIDE: Final = replace(SIDE, preset="customer")
"""Most work is the provider's, and most of what is confirmed is confirmed by the customer."""
ROLE: Final = FormField(name="role", label=Wording("选择角色", "Role"), control="role", required=True, longest=50)
ROLE_OF_SIDE: Final = FormField(name="role", label=ROLE.label, control="role", required=True, longest=50, needs="side")
CLAIM_ROLE: Final = FormField(
    name="role",
    label=ROLE.label,
    control="role",
    preset="account_manager",
    required=True,
    longest=50,
    roles=("account_manager", "provider_admin"),
)
"""Roles that may claim an order (T-38)."""
TIMEOUT: Final = FormField(
    name="timeout",
    label=Wording("超时时间(天)", "Timeout (days)"),
    control="days",
    preset=0,
    hint=Wording("工作日，最多一位小数；0 或不填表示不超时", "Working days, at most one decimal; 0 or empty: none"),
    pattern=r"[0-9]{1,3}(\.[0-9])?",
    wrong=Wording("请填写0-999.9天，最多一位小数", "days from 0 to 999.9 with at most one decimal"),
)
ADVANCE: Final = FormField(
    name="advance_on_timeout",
    label=Wording("超时进入下一步", "Advance on timeout"),
    control="switch",
    preset=False,
    needs="timeout",
    why=Wording("需先设置大于 0 的超时时间", "Needs a timeout above 0 first"),
)
REJECTABLE: Final = FormField(
    name="rejectable",
    label=Wording("可驳回", "Can be rejected"),
    control="switch",
    preset=False,
    hint=Wording("驳回后流程将自动跳转回上一步", "After a reject the flow goes back one step"),
)
REMINDERS: Final = FormField(
    name="reminders", label=Wording("消息提醒设置", "Reminders"), control="reminders", preset=()
)


def button(name: str, zh: str, en: str, preset: str | None, shown_with: str | None = None) -> FormField:
    """The text of a button."""
    return FormField(
        name=name,
        label=Wording(zh, en),
        control="text",
        preset=preset,
        required=True,
        shown_with=shown_with,
        longest=20,
    )


CONFIRM: Final = button("confirm_button", "确认按钮", "Confirm button", "确认")
REJECT: Final = button("reject_button", "驳回按钮", "Reject button", "驳回", shown_with="rejectable")

KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "assign_provider": Kind(
            name=Wording("分配服务商节点", "Assign provider"),
            purpose=Wording(
                "系统内置起始节点：按权重把订单分配给服务商。",
                "Built-in first node: gives the order to a provider by weight.",
            ),
            place="first",
            fields=(REMINDERS,),
        ),
        "claim_order": Kind(
            name=Wording("认领订单节点", "Claim order"),
            purpose=Wording(
                "服务商的子公司或部门认领订单", "A subsidiary or department of the provider claims the order"
            ),
            side="provider",
            fields=(CLAIM_ROLE, TIMEOUT, REMINDERS),
        ),
        "assign_order": Kind(
            name=Wording("分配订单节点", "Assign order"),
            purpose=Wording("自动把订单分配给某一角色的员工", "The order goes to a person of a role by itself"),
            side="provider",
            fields=(
                ROLE,
                FormField(
                    name="rule",
                    label=Wording("分单规则", "Assignment rule"),
                    control="choice",
                    preset="provider_first",
                    required=True,
                    choices=(
                        Choice(value="provider_first", text=Wording("服务商优先", "Provider first")),
                        Choice(
                            value="department_first",
                            text=Wording("部门优先", "Department first"),
                            after="claim_order",
                            why=Wording(
                                "「部门优先」要求该节点之前有认领订单节点",
                                "Department first needs a claim-order node before this one",
                            ),
                        ),
                    ),
                ),
                REMINDERS,
            ),
        ),
        "submit_requirement": Kind(
            name=Wording("提交需求节点", "Submit requirement"),
            purpose=Wording("顾客填写并提交需求表单", "The customer fills in the requirement form"),
            side="customer",
            operated=True,
            fields=(
                FormField(
                    name="form",
                    label=Wording("选择模板", "Demand form"),
                    control="demand_form",
                    required=True,
                    longest=50,
                ),
                button("submit_button", "提交需求按钮", "Submit button", "提交需求"),
                button("view_button", "查看需求按钮", "View button", "查看需求"),
                TIMEOUT,
                REMINDERS,
            ),
        ),
        "confirm": Kind(
            name=Wording("确认节点", "Confirm"),
            purpose=Wording("确认上一节点的工作，可驳回", "Confirms the work of the node before, may reject"),
            operated=True,
            fields=(CUSTOMER_SIDE, ROLE_OF_SIDE, CONFIRM, REJECTABLE, REJECT, TIMEOUT, ADVANCE, REMINDERS),
        ),
        "general": Kind(
            name=Wording("通用节点", "General"),
            purpose=Wording("一个具体的工作步骤，可上传内容", "One concrete step of work, with uploads"),
            operated=True,
            fields=(
                PROVIDER_SIDE,
                ROLE_OF_SIDE,
                FormField(name="upload", label=Wording("需上传按钮", "With upload"), control="switch", preset=False),
                button("upload_button", "上传内容按钮", "Upload button", "上传内容", shown_with="upload"),
                button("view_button", "查看内容按钮", "View button", "查看内容", shown_with="upload"),
                CONFIRM,
                TIMEOUT,
                REMINDERS,
            ),
        ),
        "container": Kind(
            name=Wording("容器节点", "Container"),
            purpose=Wording("把多个子节点组成一项完整的工作", "Holds several nodes that make one piece of work"),
            place="top",
            fields=(FormField(name="children", label=Wording("子节点", "Children"), control="nodes", preset=()),),
        ),
        "complete_project": Kind(
            name=Wording("完成项目节点", "Complete project"),
            purpose=Wording(
                "顾客确认后项目完结，必须位于最后", "The customer confirms and the project ends; always last"
            ),
            place="last",
            side="customer",
            operated=True,
            called=("项目完成节点",),
            fields=(CONFIRM, REJECTABLE, REJECT, TIMEOUT, ADVANCE, REMINDERS),
        ),
    }
)
"""By type (T-36 … T-82, A-22)."""

TRIGGERS: Final = (
    Trigger(value="entered", text=Wording("进入当前流程", "The node is entered")),
    Trigger(
        value="rejected",
        text=Wording("当前流程驳回", "The node is rejected"),
        needs="rejectable",
        why=Wording("“当前流程驳回”只能用于可驳回的节点", "only a rejectable node can be rejected"),
    ),
    Trigger(value="passed_on", text=Wording("当前流程流转", "The flow passes on")),
    Trigger(
        value="overdue",
        text=Wording("当前流程超时", "The node is overdue"),
        needs="timeout",
        why=Wording("“当前流程超时”只能用于设置了超时时间的节点", "only a node with a timeout can be overdue"),
    ),
)

RECEIVERS: Final = (
    Receiver(value="customer", text=Wording("顾客", "Customer"), called=("客户", "顾客")),
    Receiver(value="assignee", text=Wording("当前节点操作人", "Operator of the node")),
    Receiver(value="provider_admin", text=Wording("服务商管理员", "Provider admin"), called=("服务商管理员", "服务商")),
    Receiver(value="vendor_admin", text=Wording("厂商管理员", "Vendor admin"), called=("厂商管理员", "厂商")),
    Receiver(
        value="vendor_project_manager",
        text=Wording("厂商项目经理", "Vendor project manager"),
        called=("厂商项目经理", "厂商"),
    ),
)
