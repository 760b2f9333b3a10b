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


ConnectionFact = ConnectionOpened | ConnectionChanged | SecretSet | SkuMapSet | StageSet

# --- 订单 ---


class OrderSeen(Fact, stored_name="Seen"):
    """The first notice that names an order came. ``order`` is the marketplace's key of it."""

    connection_id: UUID
    vendor_id: UUID
    kind: str
    order: str


class NoticeReceived(Fact):
    """通知: a verified notice, ``raw`` as it came, sealed under the order's key. ``key`` tells repeats;
    ``customer_number`` is the buyer's, where it names one: what is to be forgotten with him is known by it."""

    notice_id: UUID
    key: str
    verb: str
    raw: str
    customer_number: str | None


class OrderReceived(Fact):
    """新购. ``customer_name`` and ``contact`` are sealed under the order's key; dates are ISO 8601."""

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
    """搁置: nothing can be done of it yet; ``reason`` says what is missing."""

    notice_id: UUID
    reason: str


class NoticeRefused(Fact):
    """The notice is not to be applied, ever."""

    notice_id: UUID
    reason: str


class NoticeMended(Fact):
    """A parked notice is to be read with these fields instead of its own."""

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
