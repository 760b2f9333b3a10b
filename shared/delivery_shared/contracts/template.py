"""What template-svc tells the others: reference data, published templates, products and their binding."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

import msgspec

from delivery_shared.contracts.registry import Contract, contract
from delivery_shared.order_parameters import ParameterType

NodeType = Literal[
    "assign_provider",
    "claim_order",
    "assign_order",
    "submit_requirement",
    "confirm",
    "general",
    "container",
    "complete_project",
]
"""分配服务商, 认领订单, 分配订单, 提交需求, 确认, 通用, 容器, 完成项目 (T-17, T-18)."""

Side = Literal["provider", "customer"]
"""操作端: 服务商 or 客户端 (T-58)."""

Trigger = Literal["entered", "rejected", "passed_on", "overdue"]
"""触发时机: 进入当前流程, 当前流程驳回, 当前流程流转, 当前流程超时 (T-91)."""


class Reminder(msgspec.Struct, frozen=True, kw_only=True):
    """One row of 消息提醒设置 (T-88), or what an operator is told by default – also when the time limit draws near,
    ``due_soon``. ``receiver`` is one of ``customer``, ``assignee``, ``provider_admin``,
    ``vendor_admin``, ``vendor_project_manager`` or ``role:<role>`` (N-14)."""

    receiver: str
    trigger: Trigger | Literal["due_soon"]
    message_template: str


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """One node of a service flow template as published. Fields a type has no use for keep their default.

    ``timeout`` counts tenths of a working day, 0 = none (T-83, T-84); ``role`` is the code of a role;
    ``rule`` is 分单规则; ``children`` are a container's nodes, in order.
    """

    id: str
    type: NodeType
    name: str
    side: Side | None = None
    role: str | None = None
    rule: Literal["provider_first", "department_first"] | None = None
    form: str | None = None
    submit_button: str | None = None
    view_button: str | None = None
    upload: bool = False
    upload_button: str | None = None
    confirm_button: str | None = None
    rejectable: bool = False
    reject_button: str | None = None
    timeout: int = 0
    advance_on_timeout: bool = False
    reminders: list[Reminder] = msgspec.field(default_factory=list)
    children: list[Node] = msgspec.field(default_factory=list)


@contract
class RoleDefined(Contract, frozen=True, kw_only=True):
    """A role exists or changed (T-109). ``side``: vendor, provider, customer or operator (A-13).
    ``defined_at``: None in messages older than that field."""

    TYPE: ClassVar[str] = "template.role_defined"

    role: str
    name: str
    side: Literal["vendor", "provider", "customer", "operator"]
    active: bool = True
    defined_at: datetime | None = None


@contract
class DemandFormDefined(Contract, frozen=True, kw_only=True):
    """A demand form template (需求表单模板, T-49) exists or changed; ``schema`` is JSON Schema 2020-12."""

    TYPE: ClassVar[str] = "template.demand_form_defined"

    form: str
    name: str
    schema: dict[str, Any]
    active: bool = True


@contract
class MessageTemplateDefined(Contract, frozen=True, kw_only=True):
    """A platform message template (消息模板, N-10) exists or changed; title and body name variables as
    ``{{ order_number }}``."""

    TYPE: ClassVar[str] = "template.message_template_defined"

    message_template: str
    name: str
    title: str
    body: str
    channels: list[Literal["sms", "email", "in_site"]]
    active: bool = True


@contract
class TemplatePublished(Contract, frozen=True, kw_only=True):
    """A version of a template became usable (T-99); ``owner_id`` is the vendor, None = public template."""

    TYPE: ClassVar[str] = "template.template_published"

    template_id: UUID
    version: int
    serial: int
    name: str
    owner_id: UUID | None
    nodes: list[Node]


@contract
class DefaultMessagesSwitched(Contract, frozen=True, kw_only=True):
    """Whether operators of the template's nodes are told by default of what comes, draws near and is overdue – also in
    projects under way. They are, until it is said otherwise."""

    TYPE: ClassVar[str] = "template.default_messages_switched"

    template_id: UUID
    offered: bool


@contract
class ProductListed(Contract, frozen=True, kw_only=True):
    """A product was listed (上架) with a published template (P-08). ``code`` is 产品编号."""

    TYPE: ClassVar[str] = "template.product_listed"

    product_id: UUID
    code: str
    name: str
    vendor_id: UUID
    template_id: UUID
    template_version: int
    template_name: str
    listed_at: datetime


@contract
class ProductTemplateChanged(Contract, frozen=True, kw_only=True):
    """Later projects of the product use another template (P-14)."""

    TYPE: ClassVar[str] = "template.product_template_changed"

    product_id: UUID
    template_id: UUID
    template_version: int
    template_name: str


@contract
class ProductTakenOffline(Contract, frozen=True, kw_only=True):
    """A product was taken offline (下线, F-05): no more orders; projects under way go on."""

    TYPE: ClassVar[str] = "template.product_taken_offline"

    product_id: UUID
    taken_offline_at: datetime


class OrderParameter(msgspec.Struct, frozen=True, kw_only=True):
    """订单参数: one that orders of a product carry. ``label`` is how it is shown, ``options`` are those of a choice;
    orders are found by the value of one that is ``searchable``."""

    key: str
    label: str
    type: ParameterType
    required: bool = False
    searchable: bool = False
    options: list[str] = msgspec.field(default_factory=list)


@contract
class ParametersDeclared(Contract, frozen=True, kw_only=True):
    """Orders on the product that come from now on carry these parameters, all of them; those before stay as they
    are."""

    TYPE: ClassVar[str] = "template.parameters_declared"

    product_id: UUID
    parameters: list[OrderParameter]
    declared_at: datetime


class Holiday(msgspec.Struct, frozen=True, kw_only=True):
    """A holiday of the calendar (假期时间, H-03): all days from ``first`` to ``last``, both included, are off;
    ``make_up_days`` (调休) are weekend days worked instead."""

    name: str
    first: date
    last: date
    make_up_days: list[date] = msgspec.field(default_factory=list)


@contract
class CalendarChanged(Contract, frozen=True, kw_only=True):
    """The holidays of a year are these (H-08, H-09), all of them. ``provisional``: the year's make-up days are not
    published yet. ``revision`` counts the changes of the year: a message with a lower one is out of date."""

    TYPE: ClassVar[str] = "template.calendar_changed"

    year: int
    revision: int
    provisional: bool
    holidays: list[Holiday]
    changed_at: datetime


@contract
class ClockMoved(Contract, frozen=True, kw_only=True):
    """Time of demo and tests is ``offset_seconds`` ahead of the database's (architecture 5); never published where
    the clock is fixed. For timers and dashboards only, never for tokens, leases or retries."""

    TYPE: ClassVar[str] = "template.clock_moved"

    offset_seconds: int
    moved_at: datetime
