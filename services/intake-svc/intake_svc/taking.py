"""Notices into orders: the steps that receiving and replaying share. What a notice says is read from its raw form each
time, so that one parked for want of a word is understood as soon as the word is known."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import msgspec
from delivery_shared.eventstore import RowChange, UnitOfWork
from delivery_shared.order_parameters import unfit
from delivery_shared.sealing import new_key

from intake_svc import lookups
from intake_svc.carrying_out import Means
from intake_svc.domain import receiving
from intake_svc.domain.acts import Act, ChangeContact, Create, Notice
from intake_svc.domain.order import Order, notice_id_of, project_id_of
from intake_svc.kinds.kind import Incoming
from intake_svc.lookups import Connected
from intake_svc.reading import act_of, raw_of
from intake_svc.rows import rows_of
from intake_svc.vault import CONTACT, CUSTOMER_NAME, buyer_known, notice_field, order_key, sealed


def take(
    unit: UnitOfWork, means: Means, connected: Connected, notice: Notice, incoming: Incoming
) -> tuple[Order, UUID]:
    """The order and the notice in it, which is new or was there before; in that case nothing changes."""
    now, project_id = means.now(), project_id_of(connected.id, notice.order)
    with means.store.connection() as reads:
        known = lookups.order_of_notice(reads, connected.id, notice.key) if notice.numbered else None
    order = unit.get(Order, known or project_id)
    if order is not None and (key := receiving.repeated(order, notice)) is not None:
        return order, notice_id_of(connected.id, key)
    vault = means.store.vault
    if order is None:
        order_secret = new_key()
        order = receiving.see(id=project_id, terms=connected.terms, order=notice.order, at=now)
        unit.add(order)
        unit.rows.append(order_key(order.id, order_secret))
    else:
        # Of an erased buyer nothing is to be kept; what the notice asks for is done all the same.
        order_secret = vault.key_of_order(order.id) or new_key()
    key = receiving.next_key(order, notice)
    notice_id = notice_id_of(connected.id, key)
    raw = sealed(order_secret, order.id, notice_field(notice_id), incoming.stored())
    known_buyer = order.customer_number
    receiving.receive(order, notice_id=notice_id, key=key, notice=notice, raw=raw, at=now)
    # What waits for the order itself is tried after it; any other notice comes after those before it.
    begins = isinstance(notice.act, Create)
    if not begins:
        settle(unit, means, connected, order)
    _apply(unit, means, connected, order, notice_id, notice.act, order_secret)
    if begins:
        settle(unit, means, connected, order)
    unit.rows += [*buyer_of(order, known_buyer), *rows_of(order)]
    return order, notice_id


def _apply(
    unit: UnitOfWork,
    means: Means,
    connected: Connected,
    order: Order,
    notice_id: UUID,
    act: Act | None,
    order_secret: bytes,
) -> None:
    with means.store.connection() as reads:
        mapped = lookups.mapped(reads, connected.id, receiving.sku_of(order, act))
    terms = replace(connected.terms, mapped=mapped)
    if isinstance(act, Create) and mapped is not None:
        wrong = next(unfit(mapped.declared, receiving.parameters_of(act, mapped)), None)
        terms = replace(terms, unfit=None if wrong is None else receiving.Unfit(key=wrong.key, reason=wrong.reason))
    if isinstance(act, Create | ChangeContact):
        contact = msgspec.json.encode(act.contact).decode() if act.contact else None
        name = act.customer_name if isinstance(act, Create) else None
        terms = replace(
            terms,
            customer_name=_sealed(order_secret, order.id, CUSTOMER_NAME, name),
            contact=_sealed(order_secret, order.id, CONTACT, contact),
        )
    receiving.apply(order, notice_id=notice_id, act=act, terms=terms, at=means.now())


def _sealed(key: bytes, owner: UUID, field: str, value: str | None) -> str | None:
    return None if value is None else sealed(key, owner, field, value)


def buyer_of(order: Order, before: str | None) -> list[RowChange]:
    """The row that says whose the order's key is, if that has become known, or another's."""
    if order.customer_number is None or order.customer_number == before:
        return []
    return [buyer_known(order.id, order.customer_number, order.customer_marketplace)]


def settle(unit: UnitOfWork, means: Means, connected: Connected, order: Order) -> None:
    """Try the order's parked notices again, in the order in which they came, until one has to stay."""
    for notice_id, notice in order.parked:
        if notice.version > order.version - len(order.facts):
            return  # it came in this very save
        if not retry(unit, means, connected, order, notice_id):
            return


def retry(unit: UnitOfWork, means: Means, connected: Connected, order: Order, notice_id: UUID) -> bool:
    """Decide anew on a parked notice; False if it stays parked, or was erased."""
    order_secret = means.store.vault.key_of_order(order.id)
    incoming = raw_of(means.store, order, notice_id, order_secret)
    if incoming is None or order_secret is None:
        return False
    act = receiving.mended(act_of(order.kind, incoming), order.notices[notice_id].changes)
    _apply(unit, means, connected, order, notice_id, act, order_secret)
    return order.notices[notice_id].state != "parked"
