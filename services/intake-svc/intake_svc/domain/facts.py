"""Everything that can happen to connections and to the orders that come through them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypedDict
from uuid import UUID

from delivery_shared.facts import Fact

Stage = Literal["draft", "test", "live"]
"""草稿: takes nothing; 测试: its orders are marked; 正式."""

ReadyWhen = Literal["received", "started", "first_human_node"]
"""When an order is answered as ready: at receipt, when its project has started, when a person has done the first node
that waits for one."""

# --- 接入 ---


class MappedSku(TypedDict):
    """A line of the SKU map: what a marketplace calls a product and its SKU, and what it is here. ``sku`` may be empty:
    the product has none there. ``facts`` go into the order's parameters."""

    product_code: str
    sku: str
    product_id: UUID
    edition: str | None
    facts: dict[str, str]


class ConnectionOpened(Fact, stored_name="Opened"):
    """新建接入, as a draft. ``token`` is the part of the address nobody guesses; ``front_url`` what marketplaces that
    show one show the buyer."""

    vendor_id: UUID
    kind: str
    name: str
    token: str
    ready_when: ReadyWhen
    front_url: str | None


class ConnectionChanged(Fact, stored_name="Changed"):
    """Its name, or how orders that come from now on are answered."""

    name: str
    ready_when: ReadyWhen
    front_url: str | None


class SecretSet(Fact):
    """密钥: sealed under the connection's key, never read back. The one before it verifies until ``former_until``."""

    secret: str
    former_until: datetime


class SkuMapSet(Fact):
    """The whole SKU map, for notices that come – or are replayed – from now on."""

    entries: list[MappedSku]


class StageSet(Fact):
    """草稿, 测试 or 正式."""

    stage: Stage


class MirrorSet(Fact):
    """镜像: which delivery center of the marketplace's own the connection's projects are reported to, by which access
    key. ``secret`` is sealed under the connection's key. Not ``enabled``: nothing is told, and waits."""

    endpoint: str
    access_key_id: str
    secret: str
    enabled: bool


ConnectionFact = ConnectionOpened | ConnectionChanged | SecretSet | SkuMapSet | StageSet | MirrorSet

# --- 订单 ---


class DeclaredParameter(TypedDict):
    """订单参数: one the product declares for its orders, as template-svc tells it."""

    key: str
    label: str
    type: str
    required: bool
    searchable: bool
    options: list[str]


class OrderSeen(Fact, stored_name="Seen"):
    """The first notice that names an order came. ``order`` is the marketplace's key of it; ``customer_marketplace`` the
    space of its customers' numbers, the home marketplace's for orders older than that field."""

    connection_id: UUID
    vendor_id: UUID
    kind: str
    order: str
    customer_marketplace: str = ""


class NoticeReceived(Fact):
    """通知: a verified notice, ``raw`` as it came, sealed under the order's key. ``key`` tells repeats;
    ``customer_number`` is the buyer's, where it names one: what is to be forgotten with him is known by it."""

    notice_id: UUID
    key: str
    verb: str
    raw: str
    customer_number: str | None


class OrderReceived(Fact):
    """新购. ``customer_name`` and ``contact`` are sealed under the order's key; dates are ISO 8601. ``declared``: the
    declaration that the parameters were held against; None: there was none, or it is older than that field.
    ``customer_marketplace`` is that of the order as it was seen first."""

    notice_id: UUID
    product_id: UUID
    order_number: str
    business_number: str
    customer_number: str
    customer_name: str | None
    contact: str | None
    product_code: str
    sku: str | None
    edition: str | None
    quantity: int
    trial: bool
    test: bool
    parameters: dict[str, str]
    sales_channel: str | None
    valid_until: str | None
    ready_when: ReadyWhen
    connection_id: UUID
    vendor_id: UUID
    kind: str
    declared: list[DeclaredParameter] | None = None
    customer_marketplace: str = ""


class TermExtended(Fact):
    """续费."""

    notice_id: UUID
    order_number: str
    valid_until: str


class EditionChanged(Fact):
    """升级/变配: what it is from now on."""

    notice_id: UUID
    order_number: str
    sku: str | None
    edition: str | None
    quantity: int


class ContactChanged(Fact):
    """换联系人: another is to be told and asked for the buyer; ``contact`` is sealed."""

    notice_id: UUID
    contact: str


class Frozen(Fact):
    """冻结, or 到期 (``expired``)."""

    notice_id: UUID
    expired: bool


class Thawed(Fact):
    """解冻."""

    notice_id: UUID


class Ended(Fact):
    """释放/退订."""

    notice_id: UUID
    refund: bool


class NoticeNoted(Fact):
    """The notice is applied and changes nothing: it is so already, or it only tells."""

    notice_id: UUID


class NoticeParked(Fact):
    """搁置: nothing can be done of it yet; ``reason`` says what is missing, ``parameter`` the parameter of the order
    that is."""

    notice_id: UUID
    reason: str
    parameter: str | None = None


class NoticeRefused(Fact):
    """The notice is not to be applied, ever."""

    notice_id: UUID
    reason: str


class NoticeMended(Fact):
    """A parked notice is to be read with these fields instead of its own: ``product_code``, ``sku``, and the order's
    parameters as ``parameters.<key>``."""

    notice_id: UUID
    changes: dict[str, str]


class OrderReady(Fact, stored_name="Ready"):
    """From now on the marketplace is told the instance id."""


class ProjectRefused(Fact):
    """The project did not do what the notice was taken for; ``asked`` is the type of our message. ``notice_id`` None:
    no notice of this order can be meant."""

    notice_id: UUID | None
    asked: str
    reason: str


class BuyerErased(Fact):
    """The buyer is a person whose data are to be forgotten: the order's key is destroyed."""


OrderFact = (
    OrderSeen
    | NoticeReceived
    | OrderReceived
    | TermExtended
    | EditionChanged
    | ContactChanged
    | Frozen
    | Thawed
    | Ended
    | NoticeNoted
    | NoticeParked
    | NoticeRefused
    | NoticeMended
    | OrderReady
    | ProjectRefused
    | BuyerErased
)

# --- 镜像 ---

ReportAct = Literal["finish", "rollback", "pause", "resume"]
"""What of a project is told to the marketplace's own delivery center: 确认, 驳回, 暂停, 启动."""


class MirrorBegun(Fact, stored_name="Begun"):
    """A project began whose order came through a connection with a mirror. ``instance_id`` and ``order_number`` are
    what the marketplace calls project and order."""

    project_id: UUID
    connection_id: UUID
    instance_id: str
    order_number: str


class NodeOpened(Fact):
    """The project stands at a node of the provider's side, in this step, counted from 1."""

    visit: int
    step: int
    name: str


class ReportAsked(Fact):
    """Something was done here that the marketplace is to be told of; ``number`` counts them from 1. ``step`` and
    ``name`` are the node's it was done at, of one that is about a node. ``remark`` is sealed under the order's key."""

    number: int
    act: ReportAct
    step: int | None
    name: str | None
    remark: str | None


class ReportAttempted(Fact):
    """The marketplace is about to be told: its current node is ``node_id``, since ``entered`` (Unix milliseconds). If
    it has another one later, it has been told."""

    number: int
    node_id: int
    entered: int | None


class ReportTold(Fact):
    """The marketplace has taken it."""

    number: int


class ReportSeen(Fact):
    """It is so there already: told before, or done there by somebody."""

    number: int


class ReportParked(Fact):
    """搁置: it cannot be told as things stand there; ``reason`` says why."""

    number: int
    reason: str


class ReportReplayed(Fact):
    """A parked report is to be told after all, about the node ``node_id`` there, if one is named."""

    number: int
    node_id: int | None


class ReportDismissed(Fact):
    """A parked report is not to be told: somebody has put it right there."""

    number: int


MirrorFact = (
    MirrorBegun
    | NodeOpened
    | ReportAsked
    | ReportAttempted
    | ReportTold
    | ReportSeen
    | ReportParked
    | ReportReplayed
    | ReportDismissed
)
