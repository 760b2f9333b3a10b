"""What can happen to a project. Fields stand in the order in which they are stored."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, TypedDict
from uuid import UUID

from delivery_shared.facts import Fact

from project_svc.domain.people import Actor

ProviderAsk = Literal["provider", "change"]
"""Why dispatch is asked for a provider: by the assign-provider node, or for 更换服务商."""

StaffAsk = Literal["assign", "claim", "replace"]
"""Why dispatch is asked for a person: by a node, for 订单认领, or for 更换操作人."""


HoldReason = Literal["frozen", "expired"]
"""Why the marketplace holds a project: 冻结, or 到期."""


class DeclaredParameter(TypedDict):
    """订单参数: one a product declares for its orders, as template-svc tells it."""

    key: str
    label: str
    type: str
    required: bool
    searchable: bool
    options: list[str]


class Reminder(TypedDict):
    """One rule of 消息提醒设置 (T-88), as the template has it."""

    receiver: str
    trigger: Literal["entered", "rejected", "passed_on", "overdue", "due_soon"]
    message_template: str


class OfRun(Fact):
    """Everything happens in a run: a pass through the flow."""

    run: int


class OfNode(OfRun):
    """Something happens at a visit of a node."""

    visit: int
    node: str


class Aside(OfRun):
    """Said or done by somebody beside the flow: no clock moves, no row of the log and no span of time comes of it."""


class Started(OfRun):
    """项目开始: an order became a project (R-01). ``customer_number`` and ``customer_name`` are the buyer's as the
    order brought them, the name sealed; None: it brought none. The number is one of ``customer_marketplace``, in facts
    older than that field the home marketplace. ``contact``: whom it named to be asked for him, sealed.
    ``trial`` orders are not paid, ``test`` orders are somebody's test (S-07), or come from a connection that is not
    live; None: older than that field. ``declared``: what the product declared then of ``parameters``."""

    order_number: str
    business_number: str
    vendor_id: UUID
    customer_id: UUID
    product_id: UUID
    product_name: str
    edition: str | None
    sales_channel: str | None
    template_id: UUID
    template_version: int
    valid_until: str | None
    customer_number: str | None = None
    customer_name: str | None = None
    quantity: int = 1
    sku: str | None = None
    trial: bool = False
    test: bool | None = None
    parameters: dict[str, str] | None = None
    contact: str | None = None
    declared: list[DeclaredParameter] | None = None
    customer_marketplace: str = ""


class BuyerErased(OfRun):
    """The key that opens the buyer's name and contact was destroyed."""


class ContactChanged(OfRun):
    """更换联系人: somebody else – ``contact``, sealed – is to be told and asked for the buyer from now on. ``number``
    counts the contacts of the order, from 1 for whom it named itself. ``reachable``: whether a message can be sent to
    him; ``waits``: the name of the node that waits for the customer then. ``said_at``: when it was said, which decides
    between two."""

    number: int
    contact: str
    reachable: bool
    waits: str | None
    vendor_id: UUID
    customer_id: UUID
    product_name: str
    by: Actor
    said_at: datetime


class ProviderRequested(OfRun):
    """Dispatch is asked for a provider (D-01), or – ``wanted`` – whether this one can take it (R-42)."""

    request_id: UUID
    kind: ProviderAsk
    vendor_id: UUID
    customer_id: UUID
    product_id: UUID
    order_number: str
    implicit_roles: list[str]
    wanted: UUID | None
    by: Actor | None
    remark: str | None
    unpaid: bool | None = None
    """A trial or a test, which those that are paid go before; None: older than that field."""


class StaffRequested(OfRun):
    """Dispatch is asked for a person of the provider (D-19), or – ``wanted`` – whether this one can take it
    (D-46, R-46)."""

    request_id: UUID
    kind: StaffAsk
    vendor_id: UUID
    customer_id: UUID
    product_id: UUID
    provider_id: UUID
    order_number: str
    role: str
    rule: str
    department_id: UUID | None
    wanted: UUID | None
    by: Actor | None
    remark: str | None
    unpaid: bool | None = None


class RequestRefused(OfRun):
    """Dispatch refused a claim or a change, for ``reason``."""

    request_id: UUID
    reason: str


class ProviderSet(OfRun):
    """The run has its provider (D-01)."""

    provider_id: UUID


class RoleFilled(OfRun):
    """A role has its holder, who operates its nodes (D-27)."""

    role: str
    person_id: UUID


class OrderClaimed(OfNode):
    """订单认领 (D-49); ``department_id`` is that of the claimer, for 部门优先."""

    name: str
    request_id: UUID
    role: str
    person_id: UUID
    department_id: UUID | None


class AssigneeChanged(OfNode):
    """更换操作人 (R-46): the ``number``-th of the project. If the role is that of the open node, ``reminders`` are its
    rules for 进入当前流程: the new operator is told as if it were entered. Facts stored earlier have neither."""

    name: str
    request_id: UUID
    role: str
    person_id: UUID
    former_id: UUID
    remark: str | None
    by: Actor
    number: int | None = None
    reminders: list[Reminder] | None = None


class AssigneeChosen(OfNode):
    """指定操作人: the provider's admin gave a role to a person while the project waited for one."""

    name: str
    request_id: UUID
    role: str
    person_id: UUID
    remark: str | None
    by: Actor


class AssigneeReminded(OfNode, Aside):
    """催办: whoever the open node waits for is asked to go on, for the ``number``-th time."""

    name: str
    role: str | None
    receiver: str
    number: int
    by: Actor


class NodeEntered(OfNode):
    """进入节点 (R-107); ``timeout`` in tenths of a working day, 0 without one."""

    name: str
    type: str
    step: int
    side: str | None
    role: str | None
    assignee_id: UUID | None
    timeout: int
    reminders: list[Reminder]


class NodeCompleted(OfNode):
    """节点完成 (R-118), also by the system when its timeout passed (R-112)."""

    name: str
    by: Actor
    timed_out: bool
    reminders: list[Reminder]


class NodeRejected(OfNode):
    """驳回 (R-119)."""

    name: str
    by: Actor
    reason: str
    reminders: list[Reminder]


class NodeOverdue(OfNode):
    """超时: the open node was due at ``due_at`` (R-23); told again when a new calendar moves that time (H-09)."""

    name: str
    side: str
    role: str | None
    assignee_id: UUID | None
    timeout: int
    entered_at: datetime
    counted_from: datetime
    due_at: datetime
    reminders: list[Reminder]


class NodeDueSoon(OfNode):
    """时限将至: 80 % of the working time of the open node, due at ``due_at``, have passed."""

    name: str
    role: str | None
    due_at: datetime
    reminders: list[Reminder]


class OverdueWithdrawn(OfNode):
    """The overdue mark is gone: the project was ``resumed`` (R-59), or a new ``calendar`` moved the due time (H-09)."""

    reason: Literal["resumed", "calendar"]


class RequirementSubmitted(OfNode, Aside):
    """提交需求: the demand form as filled in (R-115)."""

    form: str | None
    data: dict[str, Any]
    by: Actor


class FileAttached(OfNode, Aside):
    """上传内容 or 添加附件 (R-123, R-84); ``released``: the customer may see it at once (R-124)."""

    name: str
    file_id: UUID
    file_name: str
    size: int
    by: Actor
    released: bool


class FileWithdrawn(Aside):
    """A file taken away again by who operates the project, before the node it was added at is confirmed."""

    file_id: UUID
    by: Actor


class CommentAdded(Aside):
    """项目留言 (R-90): the ``number``-th thing said in the project, while ``visit`` of the node ``name`` was open.
    ``mentions``: who is told of it. Facts stored earlier have none of the four."""

    comment_id: UUID
    text: str
    by: Actor
    visit: int | None = None
    name: str | None = None
    number: int | None = None
    mentions: list[UUID] | None = None


class NoteAdded(Aside):
    """项目备注 (R-95); the last four as of a comment."""

    note_id: UUID
    text: str
    by: Actor
    visit: int | None = None
    name: str | None = None
    number: int | None = None
    mentions: list[UUID] | None = None


class Restarted(OfRun):
    """更换服务商: the flow begins again with another provider (R-34)."""

    request_id: UUID
    provider_id: UUID
    former_provider_id: UUID
    remark: str
    by: Actor


class Paused(OfRun):
    """暂停项目 (R-56)."""

    remark: str
    by: Actor


class Resumed(OfRun):
    """启动项目 (R-60). ``counted_from`` … ``paused_at`` is the time the clock counted before the pause, None without
    one: the log keeps it (A-03)."""

    by: Actor
    paused_at: datetime
    counted_from: datetime | None


class TermExtended(OfRun):
    """续费: the order is valid until ``valid_until``; the marketplace said so at ``said_at``, as all below."""

    valid_until: str
    former: str | None
    said_at: datetime


class EditionChanged(OfRun):
    """变配: what was bought is this from now on."""

    sku: str | None
    edition: str | None
    quantity: int
    former_edition: str | None
    former_quantity: int
    said_at: datetime


class HoldSet(OfRun):
    """冻结, or 到期: the marketplace holds the project; ``holds``: all reasons there are now."""

    reason: HoldReason
    holds: list[HoldReason]
    said_at: datetime


class HoldLifted(OfRun):
    """解冻, or 续费 of what had expired. ``counted_from``: with the last hold, from when on the clock of the open node
    has counted what it had counted before; None without a clock."""

    reason: HoldReason
    holds: list[HoldReason]
    counted_from: datetime | None
    said_at: datetime


class Cancelled(OfRun):
    """取消项目 (R-139). ``refund``: the marketplace ended the order, and whether it gives the money back; None:
    somebody else cancelled."""

    remark: str
    by: Actor
    refund: bool | None = None


class OrderEnded(OfRun):
    """释放, 退订 or 退款 after the project had ended."""

    refund: bool
    said_at: datetime


class Completed(OfRun):
    """项目完成 (R-134)."""


class Evaluated(Aside):
    """评价 (R-135)."""

    stars: int
    text: str | None
    by: Actor


ProjectFact = (
    Started
    | BuyerErased
    | ContactChanged
    | ProviderRequested
    | StaffRequested
    | RequestRefused
    | ProviderSet
    | RoleFilled
    | OrderClaimed
    | AssigneeChanged
    | AssigneeChosen
    | AssigneeReminded
    | NodeEntered
    | NodeCompleted
    | NodeRejected
    | NodeDueSoon
    | NodeOverdue
    | OverdueWithdrawn
    | RequirementSubmitted
    | FileAttached
    | FileWithdrawn
    | CommentAdded
    | NoteAdded
    | Restarted
    | Paused
    | Resumed
    | TermExtended
    | EditionChanged
    | HoldSet
    | HoldLifted
    | Cancelled
    | OrderEnded
    | Completed
    | Evaluated
)
"""Everything that can happen to a project."""


class OrderRefused(Fact):
    """What the marketplace said of an order could not be done, for ``reason``; ``asked`` is the type of its message,
    ``notice`` names this one of that type."""

    project_id: UUID
    asked: str
    notice: str
    reason: str
