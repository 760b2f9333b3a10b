"""Decisions on notices: each is applied, parked with what is missing, or refused – exactly one of the three, and of one
order in the order in which they came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final, assert_never
from uuid import UUID

from intake_svc.domain import facts
from intake_svc.domain.acts import (
    Act,
    Change,
    ChangeContact,
    Create,
    Expire,
    Freeze,
    Nothing,
    Notice,
    Release,
    Renew,
    Thaw,
)
from intake_svc.domain.errors import BehindAnother, NotParked
from intake_svc.domain.facts import DeclaredParameter
from intake_svc.domain.order import Order

SKU_UNKNOWN: Final = "sku-unknown"
VERB_UNKNOWN: Final = "verb-unknown"
ORDER_UNKNOWN: Final = "order-unknown"
BEHIND: Final = "behind-parked"
"""What is missing where a notice is parked; or the reason why a parameter does not fit what the product declares."""

ORDER_EXISTS: Final = "order-exists"
ORDER_ENDED: Final = "order-ended"
PROJECT_REFUSED: Final = "project-refused"
ANOTHER_PRODUCT: Final = "another-product"
BY_HAND: Final = "by-hand"
"""Why a notice is refused; beside what the project refuses with."""


PARAMETER: Final = "parameters."
"""How the parameters begin among what is put right of a notice."""


@dataclass(frozen=True, kw_only=True)
class Unfit:
    """The first parameter of an order that does not fit what the product declares, and why."""

    key: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Mapped:
    """What a marketplace's SKU is here, as the connection's map says now, and which parameters orders of the product
    carry, as it declares now."""

    product_id: UUID
    edition: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    declared: Sequence[DeclaredParameter] = ()


@dataclass(frozen=True, kw_only=True)
class Terms:
    """How the connection takes an order: its stage and answer policy, in which ``marketplace`` its customers have
    their numbers, what the SKU is (None: not in the map), which parameter does not fit (None: all do), and what is
    personal in it, sealed."""

    connection_id: UUID
    vendor_id: UUID
    kind: str
    test: bool
    ready_when: facts.ReadyWhen
    marketplace: str = ""
    mapped: Mapped | None = None
    unfit: Unfit | None = None
    customer_name: str | None = None
    contact: str | None = None


def see(*, id: UUID, terms: Terms, order: str, at: datetime) -> Order:
    """The first notice that names an order."""
    seen = facts.OrderSeen(
        connection_id=terms.connection_id,
        vendor_id=terms.vendor_id,
        kind=terms.kind,
        order=order,
        customer_marketplace=terms.marketplace,
    )
    return Order.begun(seen, id=id, at=at)


def receive(order: Order, *, notice_id: UUID, key: str, notice: Notice, raw: str, at: datetime) -> None:
    """A notice that was not there yet; ``raw`` as it came, sealed."""
    buyer = notice.act.customer_number if isinstance(notice.act, Create) else None
    received = facts.NoticeReceived(notice_id=notice_id, key=key, verb=notice.verb, raw=raw, customer_number=buyer)
    order.tell(received, at=at)


def repeated(order: Order, notice: Notice) -> str | None:
    """The key of the notice this one repeats; None: it is a new one.

    One without a number of its own repeats the last of its kind until what that asked for is no longer so: an order may
    expire, be renewed, and expire again.
    """
    if notice.numbered:
        return notice.key if any(known.key == notice.key for known in order.notices.values()) else None
    alike = [n for n in order.notices.values() if n.key == notice.key or n.key.startswith(f"{notice.key} #")]
    if not alike:
        return None
    last = alike[-1]
    return last.key if last.state != "applied" or in_effect(order, notice.act) else None


def next_key(order: Order, notice: Notice) -> str:
    """The key under which a new notice is kept."""
    if notice.numbered:
        return notice.key
    alike = sum(n.key == notice.key or n.key.startswith(f"{notice.key} #") for n in order.notices.values())
    return f"{notice.key} #{alike + 1}" if alike else notice.key


def in_effect(order: Order, act: Act | None) -> bool:
    """Whether the order is what ``act`` wants of it."""
    match act:
        case Create():
            return order.order_number is not None
        case Renew():
            return order.valid_until == act.valid_until.isoformat() and not order.expired
        case Change():
            return act.sku in (None, order.sku) and act.quantity in (None, order.quantity)
        case ChangeContact():
            return order.erased  # of a forgotten buyer nobody is named any more
        case Expire():
            return order.expired
        case Freeze():
            return order.frozen
        case Thaw():
            return not order.frozen
        case Release():
            return order.ended
        case Nothing() | None:
            return True
        case _:
            assert_never(act)


def sku_of(order: Order, act: Act | None) -> tuple[str, str] | None:
    """Product code and SKU that ``act`` is about; None: none."""
    match act:
        case Create():
            return act.product_code, act.sku
        case Change() if act.sku is not None:
            return act.product_code or order.product_code or "", act.sku
    return None


def mended(act: Act | None, changes: Mapping[str, str]) -> Act | None:
    """``act`` with what a vendor has put right: ``product_code``, ``sku`` and, of an order, parameters."""
    if isinstance(act, Create | Change) and "product_code" in changes:
        act = replace(act, product_code=changes["product_code"])
    if isinstance(act, Create | Change) and "sku" in changes:
        act = replace(act, sku=changes["sku"])
    said = {name.removeprefix(PARAMETER): v for name, v in changes.items() if name.startswith(PARAMETER)}
    if isinstance(act, Create) and said:
        act = replace(act, parameters={**act.parameters, **said})
    return act


def parameters_of(act: Create, mapped: Mapped) -> dict[str, str]:
    """The order's parameters: what the SKU map says of every such order, and what this one brings."""
    return {**mapped.facts, **act.parameters}


def apply(order: Order, *, notice_id: UUID, act: Act | None, terms: Terms, at: datetime) -> None:
    """Decide on a notice that was received, or is parked."""
    number = order.notices[notice_id].number

    def park(reason: str, parameter: str | None = None) -> None:
        now = order.notices[notice_id]
        if (now.state, now.reason, order.unfit.get(notice_id)) != ("parked", reason, parameter):
            order.tell(facts.NoticeParked(notice_id=notice_id, reason=reason, parameter=parameter), at=at)

    def refuse(reason: str) -> None:
        order.tell(facts.NoticeRefused(notice_id=notice_id, reason=reason), at=at)

    if act is None:
        park(VERB_UNKNOWN)
    elif isinstance(act, Nothing):
        order.tell(facts.NoticeNoted(notice_id=notice_id), at=at)
    elif isinstance(act, Create):
        if order.order_number is not None:
            refuse(ORDER_EXISTS)
        elif terms.mapped is None:
            park(SKU_UNKNOWN)
        elif terms.unfit is not None:
            park(terms.unfit.reason, terms.unfit.key)
        else:
            _create(order, notice_id, act, terms, terms.mapped, at)
    elif order.ended:
        refuse(ORDER_ENDED)
    elif order.refused:
        refuse(PROJECT_REFUSED)
    elif order.order_number is None:
        park(ORDER_UNKNOWN)
    elif any(earlier.number < number for _, earlier in order.parked):
        park(BEHIND)
    elif isinstance(act, Change) and act.sku is not None and terms.mapped is None:
        park(SKU_UNKNOWN)
    elif isinstance(act, Change) and terms.mapped is not None and terms.mapped.product_id != order.product_id:
        refuse(ANOTHER_PRODUCT)
    else:
        order.tell(_effect(order, notice_id, act, terms), at=at)


def _create(order: Order, notice_id: UUID, act: Create, terms: Terms, mapped: Mapped, at: datetime) -> None:
    received = facts.OrderReceived(
        notice_id=notice_id,
        product_id=mapped.product_id,
        order_number=act.order_number,
        business_number=act.business_number,
        customer_number=act.customer_number,
        customer_name=terms.customer_name,
        contact=terms.contact,
        product_code=act.product_code,
        sku=act.sku or None,
        edition=mapped.edition,
        quantity=act.quantity,
        trial=act.trial,
        test=terms.test or act.test,
        parameters=parameters_of(act, mapped),
        sales_channel=act.sales_channel,
        valid_until=_day(act.valid_until),
        ready_when=terms.ready_when,
        connection_id=terms.connection_id,
        vendor_id=terms.vendor_id,
        kind=terms.kind,
        declared=list(mapped.declared) or None,
        customer_marketplace=order.customer_marketplace,
    )
    order.tell(received, at=at)
    if terms.ready_when == "received":
        order.tell(facts.OrderReady(), at=at)


def _effect(order: Order, notice_id: UUID, act: Act, terms: Terms) -> facts.OrderFact:
    """What an open order becomes by ``act``; what it is already is only noted."""
    if in_effect(order, act):
        return facts.NoticeNoted(notice_id=notice_id)
    number, mapped = order.order_number or "", terms.mapped
    match act:
        case Renew():
            until = act.valid_until.isoformat()
            return facts.TermExtended(notice_id=notice_id, order_number=number, valid_until=until)
        case Change():
            return facts.EditionChanged(
                notice_id=notice_id,
                order_number=number,
                sku=order.sku if act.sku is None else act.sku,
                edition=order.edition if mapped is None else mapped.edition,
                quantity=order.quantity if act.quantity is None else act.quantity,
            )
        case ChangeContact():
            assert terms.contact is not None
            return facts.ContactChanged(notice_id=notice_id, contact=terms.contact)
        case Expire() | Freeze():
            return facts.Frozen(notice_id=notice_id, expired=isinstance(act, Expire))
        case Thaw():
            return facts.Thawed(notice_id=notice_id)
        case Release():
            return facts.Ended(notice_id=notice_id, refund=act.refund)
        case Create() | Nothing():
            return facts.NoticeNoted(notice_id=notice_id)
        case _:
            assert_never(act)


def mend(order: Order, *, notice_id: UUID, changes: dict[str, str], at: datetime) -> None:
    """What a parked notice is to be read as; parameters put right before stay so. :raises NotParked, BehindAnother:"""
    _first_parked(order, notice_id)
    before = order.notices[notice_id].changes
    if changes:
        changes = {name: v for name, v in before.items() if name.startswith(PARAMETER)} | changes
    if changes and changes != before:
        order.tell(facts.NoticeMended(notice_id=notice_id, changes=changes), at=at)


def refuse(order: Order, *, notice_id: UUID, reason: str, at: datetime) -> None:
    """By hand: a parked notice is not wanted. :raises NotParked:"""
    if order.notices[notice_id].state != "parked":
        raise NotParked
    order.tell(facts.NoticeRefused(notice_id=notice_id, reason=reason), at=at)


def _first_parked(order: Order, notice_id: UUID) -> None:
    notice = order.notices[notice_id]
    if notice.state != "parked":
        raise NotParked
    if notice.reason == BEHIND:
        raise BehindAnother


def project_started(order: Order, *, at: datetime) -> None:
    """The order has become a project."""
    _ready(order, ("started",), at)


def person_has_done_a_node(order: Order, *, at: datetime) -> None:
    """The first node that waits for a person is done. A later one, or the end of a flow without any, says as much."""
    _ready(order, ("started", "first_human_node"), at)


def _ready(order: Order, policies: tuple[facts.ReadyWhen, ...], at: datetime) -> None:
    if order.ready_at is None and order.ready_when in policies:
        order.tell(facts.OrderReady(), at=at)


def project_refused(order: Order, *, asked: str, reason: str, at: datetime) -> None:
    """The project tells once for each message what it could not do. Of two alike the earlier one is meant."""
    meant = (id for id, notice in order.notices.items() if notice.effect == asked and notice.state == "applied")
    order.tell(facts.ProjectRefused(notice_id=next(meant, None), asked=asked, reason=reason), at=at)


def forget_buyer(order: Order, *, at: datetime) -> None:
    """Again records nothing."""
    if not order.erased:
        order.tell(facts.BuyerErased(), at=at)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
