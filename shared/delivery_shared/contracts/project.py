"""What project-svc tells the others: the life of every project, and its asks to dispatch."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

import msgspec

from delivery_shared.contracts.identity import HOME
from delivery_shared.contracts.intake import Contact
from delivery_shared.contracts.registry import Contract, contract
from delivery_shared.contracts.template import NodeType, OrderParameter, Reminder, Side


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who did it: ``kind`` says in which role of the log – 系统, 顾客, a provider's person with ``role``, a
    provider's or vendor's company (R-52), 小二 (R-40) or the marketplace. ``user_id`` is None for the system."""

    kind: Literal["system", "customer", "staff", "provider", "vendor", "operator", "marketplace"]
    user_id: UUID | None = None
    party_id: UUID | None = None
    role: str | None = None


@contract
class ProjectStarted(Contract, frozen=True, kw_only=True, omit_defaults=True):
    """An order became a project and stands before its first node (R-01). Orders are unique for ever by vendor and
    business number; one order number can have several projects (A-60).

    ``customer_number`` and ``customer_name`` are the buyer's as the order brought them; None: it brought none – a test
    order, or one older than these fields –, then the party's of ``customer_id`` count. The number is the one of
    ``customer_marketplace``. An empty name: erased. Beside
    identity's and intake's the one message that carries a name: whoever copies it listens to :class:`BuyerErased`.
    ``contact``: whom the order named to be told and asked for the buyer; None: nobody, or erased.
    ``quantity``, ``sku`` and ``parameters`` say what was bought beside the edition, ``declared`` what the product
    declared of its orders' parameters when it came; ``trial`` orders are not paid,
    ``test`` orders are somebody's test (S-07), or come from a connection that is not live. No figure counts either.
    """

    TYPE: ClassVar[str] = "project.project_started"

    project_id: UUID
    run: int
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
    valid_until: date | None
    started_at: datetime
    customer_number: str | None = None
    customer_marketplace: str = HOME
    customer_name: str | None = None
    quantity: int = 1
    sku: str | None = None
    trial: bool = False
    test: bool = False
    parameters: dict[str, str] = msgspec.field(default_factory=dict)
    contact: Contact | None = None
    declared: list[OrderParameter] = msgspec.field(default_factory=list)


@contract
class OrderRefused(Contract, frozen=True, kw_only=True):
    """An order of intake became no project, or what the marketplace said of it could not be done: ``reason`` is the
    type of the problem (``order-exists``, ``product-not-listed``, ``product-offline``, ``project-ended``,
    ``project-unknown``), ``asked`` the type of intake's message. Told once for each message that is refused."""

    TYPE: ClassVar[str] = "project.order_refused"

    project_id: UUID
    asked: str
    reason: str
    refused_at: datetime


@contract
class BuyerErased(Contract, frozen=True, kw_only=True):
    """The buyer is a person whose data are to be forgotten: whoever copied the name the order brought blanks it. What
    is read anew carries a blank already."""

    TYPE: ClassVar[str] = "project.buyer_erased"

    project_id: UUID
    run: int
    erased_at: datetime


@contract
class ContactChanged(Contract, frozen=True, kw_only=True, omit_defaults=True):
    """更换联系人: ``contact`` is told and asked for the buyer from now on; None: erased since. ``number`` counts the
    contacts of the order, from 1 for whom :class:`ProjectStarted` names. ``reachable``: whether a message could be sent
    to him, also where he is erased; ``waits``: the name of the node that waits for the customer then. Whoever copied
    the one before blanks him."""

    TYPE: ClassVar[str] = "project.contact_changed"

    project_id: UUID
    run: int
    number: int
    vendor_id: UUID
    customer_id: UUID
    product_name: str
    reachable: bool
    waits: str | None
    by: Actor
    changed_at: datetime
    contact: Contact | None = None


@contract
class ProviderRequested(Contract, frozen=True, kw_only=True):
    """Dispatch is asked for a provider (D-01), or – ``wanted`` set – whether this one can take it (R-42).

    ``implicit_roles`` are staff roles to fill together with the provider (D-43, D-44). ``unpaid``: a trial or test,
    which those that are paid go before; unset in messages older than that field.
    """

    TYPE: ClassVar[str] = "project.provider_requested"

    project_id: UUID
    run: int
    request_id: UUID
    vendor_id: UUID
    customer_id: UUID
    product_id: UUID
    order_number: str
    implicit_roles: list[str] = msgspec.field(default_factory=list)
    wanted: UUID | None = None
    requested_at: datetime
    unpaid: bool | msgspec.UnsetType = msgspec.UNSET


@contract
class StaffRequested(Contract, frozen=True, kw_only=True):
    """Dispatch is asked for a person of the provider.

    ``kind``: ``assign`` – an assign-order node wants anyone (D-19) under ``rule`` (服务商优先 / 部门优先, the
    claimer's ``department_id``); ``claim`` – ``wanted`` claims the order (D-46); ``replace`` – ``wanted`` takes
    over the role (R-46). ``unpaid`` as in :class:`ProviderRequested`.
    """

    TYPE: ClassVar[str] = "project.staff_requested"

    project_id: UUID
    run: int
    request_id: UUID
    kind: Literal["assign", "claim", "replace"]
    vendor_id: UUID
    customer_id: UUID
    product_id: UUID
    provider_id: UUID
    order_number: str
    role: str
    rule: Literal["provider_first", "department_first"] = "provider_first"
    department_id: UUID | None = None
    wanted: UUID | None = None
    requested_at: datetime
    unpaid: bool | msgspec.UnsetType = msgspec.UNSET


@contract
class ProviderSet(Contract, frozen=True, kw_only=True):
    """The project has its provider for this run."""

    TYPE: ClassVar[str] = "project.provider_set"

    project_id: UUID
    run: int
    provider_id: UUID
    set_at: datetime


@contract
class RoleFilled(Contract, frozen=True, kw_only=True):
    """A person operates all nodes of the role in this run (D-27)."""

    TYPE: ClassVar[str] = "project.role_filled"

    project_id: UUID
    run: int
    role: str
    person_id: UUID
    filled_at: datetime


@contract
class AssigneeChanged(Contract, frozen=True, kw_only=True, omit_defaults=True):
    """更换操作人: ``person_id`` took over the role from ``former_id`` (R-46, R-54) while ``visit`` was open, whose node
    is called ``name``. ``number`` counts the changes of the project from 1; ``reminders`` are the rules of the node for
    进入当前流程 if the new operator is now its own, who is told as on entering it."""

    TYPE: ClassVar[str] = "project.assignee_changed"

    project_id: UUID
    run: int
    visit: int
    role: str
    person_id: UUID
    former_id: UUID
    remark: str | None
    by: Actor
    changed_at: datetime
    name: str = ""
    number: int = 0
    reminders: list[Reminder] = msgspec.field(default_factory=list)


@contract
class Talked(Contract, frozen=True, kw_only=True):
    """项目留言 or 项目备注, the ``number``-th of the project, while ``visit`` was open, whose node is called ``name``;
    the last two 0 and empty where they were not noted yet. ``mentions``: the people who are told of it, and who may
    read it; only if there are any, ``text`` goes along."""

    TYPE: ClassVar[str] = "project.talked"

    project_id: UUID
    run: int
    visit: int
    name: str
    kind: Literal["comment", "note"]
    number: int
    text: str
    mentions: list[UUID]
    by: Actor
    talked_at: datetime


@contract
class FileAttached(Contract, frozen=True, kw_only=True):
    """上传内容 or 添加附件 at ``visit`` (R-123, R-84), of ``size`` bytes. ``released``: the customer may see it at once
    (R-124). Its name stays where its content is: people may be named in it."""

    TYPE: ClassVar[str] = "project.file_attached"

    project_id: UUID
    run: int
    visit: int
    file_id: UUID
    size: int
    released: bool
    by: Actor
    attached_at: datetime


@contract
class FileWithdrawn(Contract, frozen=True, kw_only=True):
    """The file is taken away again, before its node was confirmed."""

    TYPE: ClassVar[str] = "project.file_withdrawn"

    project_id: UUID
    run: int
    file_id: UUID
    by: Actor
    withdrawn_at: datetime


@contract
class AssigneeReminded(Contract, frozen=True, kw_only=True):
    """催办: somebody who supervises the project asks ``receiver`` to go on with the open node – its ``assignee``, at an
    unclaimed node all who may claim it, or the ``customer``. ``number`` counts the reminders of the visit from 1."""

    TYPE: ClassVar[str] = "project.assignee_reminded"

    project_id: UUID
    run: int
    visit: int
    node: str
    name: str
    role: str | None
    receiver: Literal["assignee", "customer"]
    number: int
    by: Actor
    reminded_at: datetime


@contract
class NodeEntered(Contract, frozen=True, kw_only=True):
    """The flow entered a node. ``visit`` counts the entries of the project and names this one; ``step`` is the
    number of the top-level step (R-69, A-63); ``assignee_id`` is known for staff nodes; ``timeout`` in tenths of
    a working day."""

    TYPE: ClassVar[str] = "project.node_entered"

    project_id: UUID
    run: int
    visit: int
    node: str
    name: str
    type: NodeType
    step: int
    side: Side | None
    role: str | None
    assignee_id: UUID | None
    timeout: int
    reminders: list[Reminder] = msgspec.field(default_factory=list)
    entered_at: datetime


@contract
class NodeCompleted(Contract, frozen=True, kw_only=True):
    """The node of ``visit`` is done ({节点}已完成, R-102)."""

    TYPE: ClassVar[str] = "project.node_completed"

    project_id: UUID
    run: int
    visit: int
    node: str
    name: str
    by: Actor
    timed_out: bool = False
    reminders: list[Reminder] = msgspec.field(default_factory=list)
    completed_at: datetime


@contract
class NodeRejected(Contract, frozen=True, kw_only=True):
    """{节点} 未通过: the flow goes back to the step before (R-103, R-119)."""

    TYPE: ClassVar[str] = "project.node_rejected"

    project_id: UUID
    run: int
    visit: int
    node: str
    name: str
    by: Actor
    reason: str
    reminders: list[Reminder] = msgspec.field(default_factory=list)
    rejected_at: datetime


@contract
class ProjectRestarted(Contract, frozen=True, kw_only=True):
    """更换服务商: run ``run`` begins with ``provider_id``; everything of earlier runs has ended (R-34, R-41)."""

    TYPE: ClassVar[str] = "project.project_restarted"

    project_id: UUID
    run: int
    provider_id: UUID
    former_provider_id: UUID
    remark: str
    by: Actor
    restarted_at: datetime


@contract
class ProjectPaused(Contract, frozen=True, kw_only=True):
    """暂停项目 (R-56)."""

    TYPE: ClassVar[str] = "project.project_paused"

    project_id: UUID
    run: int
    remark: str
    by: Actor
    paused_at: datetime


@contract
class ProjectResumed(Contract, frozen=True, kw_only=True):
    """启动项目 (R-60)."""

    TYPE: ClassVar[str] = "project.project_resumed"

    project_id: UUID
    run: int
    by: Actor
    resumed_at: datetime


@contract
class TermExtended(Contract, frozen=True, kw_only=True):
    """续费: the order is valid until ``valid_until`` now, also that of a completed project."""

    TYPE: ClassVar[str] = "project.term_extended"

    project_id: UUID
    run: int
    valid_until: date
    extended_at: datetime


@contract
class EditionChanged(Contract, frozen=True, kw_only=True):
    """变配: what was bought is this from now on, also of a completed project."""

    TYPE: ClassVar[str] = "project.edition_changed"

    project_id: UUID
    run: int
    sku: str | None
    edition: str | None
    quantity: int
    changed_at: datetime


HoldReason = Literal["frozen", "expired"]


@contract
class HoldSet(Contract, frozen=True, kw_only=True):
    """冻结 or 到期: the marketplace holds the project, beside whether people have paused it. No node can be operated
    and no clock counts. ``holds``: all its reasons now. A hold goes on over a change of provider and ends with
    :class:`HoldLifted`, or the project."""

    TYPE: ClassVar[str] = "project.hold_set"

    project_id: UUID
    run: int
    reason: HoldReason
    holds: list[HoldReason]
    held_at: datetime


@contract
class HoldLifted(Contract, frozen=True, kw_only=True):
    """解冻, or 续费 of what had expired. ``holds``: the reasons that are left; with the last one gone the project goes
    on – unless it is paused –, and the timeout of its open node counts from ``counted_from``, so that what remained of
    it remains; None: it has none."""

    TYPE: ClassVar[str] = "project.hold_lifted"

    project_id: UUID
    run: int
    reason: HoldReason
    holds: list[HoldReason]
    counted_from: datetime | None
    lifted_at: datetime


@contract
class OrderEnded(Contract, frozen=True, kw_only=True):
    """释放, 退订 or 退款 of an order whose project had ended before. ``refund``: the buyer gets the money back."""

    TYPE: ClassVar[str] = "project.order_ended"

    project_id: UUID
    run: int
    refund: bool
    ended_at: datetime


@contract
class ProjectCancelled(Contract, frozen=True, kw_only=True, omit_defaults=True):
    """取消项目: final; its load is freed (R-139). ``refund``: the marketplace ended the order, and whether the buyer
    gets the money back; None: somebody else cancelled."""

    TYPE: ClassVar[str] = "project.project_cancelled"

    project_id: UUID
    run: int
    remark: str
    by: Actor
    cancelled_at: datetime
    refund: bool | None = None


@contract
class ProjectCompleted(Contract, frozen=True, kw_only=True):
    """项目完成: final; its load is freed (R-134)."""

    TYPE: ClassVar[str] = "project.project_completed"

    project_id: UUID
    run: int
    completed_at: datetime


@contract
class ProjectEvaluated(Contract, frozen=True, kw_only=True):
    """评价: the buyer's 1–5 stars and optional text after the end, given once (R-137)."""

    TYPE: ClassVar[str] = "project.project_evaluated"

    project_id: UUID
    run: int
    stars: int
    text: str | None
    by: Actor
    evaluated_at: datetime


@contract
class NodeOverdue(Contract, frozen=True, kw_only=True):
    """The timeout of the open node passed (R-23 … R-29): the project carries an overdue mark until the node is
    completed or rejected, the project restarts or ends, or :class:`OverdueWithdrawn`.

    ``side``: ``server`` – 服务端超时, the provider operates the node, also a claim-order node – or ``customer`` –
    客户端超时 (R-26). ``timeout`` in tenths of a working day, ``counted_from`` the entry or, after a pause, the resume
    (A-03).
    A message for a visit known as overdue replaces the one before: a change of the calendar moved ``due_at`` (H-09).
    ``reminders`` are the rules for 当前流程超时, to be sent once per visit (N-09).
    """

    TYPE: ClassVar[str] = "project.node_overdue"

    project_id: UUID
    run: int
    visit: int
    node: str
    name: str
    side: Literal["server", "customer"]
    role: str | None
    assignee_id: UUID | None
    timeout: int
    entered_at: datetime
    counted_from: datetime
    due_at: datetime
    reminders: list[Reminder] = msgspec.field(default_factory=list)
    overdue_at: datetime


@contract
class NodeDueSoon(Contract, frozen=True, kw_only=True):
    """时限将至: 80 % of the working time of the open node have passed; it is due at ``due_at``. Once per clock that
    counts."""

    TYPE: ClassVar[str] = "project.node_due_soon"

    project_id: UUID
    run: int
    visit: int
    node: str
    name: str
    role: str | None
    due_at: datetime
    reminders: list[Reminder]
    told_at: datetime


@contract
class OverdueWithdrawn(Contract, frozen=True, kw_only=True):
    """The open node of ``visit`` is not overdue (any more): a new calendar gave it more time (H-09), or a paused
    project was resumed and its clock counts anew (A-03)."""

    TYPE: ClassVar[str] = "project.overdue_withdrawn"

    project_id: UUID
    run: int
    visit: int
    node: str
    reason: Literal["calendar", "resumed"]
    withdrawn_at: datetime
