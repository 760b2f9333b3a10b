"""Commands on parked notices: put right and try again, or refuse by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from delivery_shared.eventstore import UnitOfWork

from intake_svc import lookups, taking
from intake_svc.carrying_out import Answer, Means, Operation
from intake_svc.domain import receiving
from intake_svc.domain.errors import NothingLeft, NotVisible
from intake_svc.domain.order import Order
from intake_svc.lookups import Connected
from intake_svc.rows import rows_of


def replay_notice(
    *,
    vendor_id: UUID,
    connection_id: UUID,
    notice_id: UUID,
    changes: Mapping[str, str],
    parameters: Mapping[str, str] | None = None,
) -> Operation:
    """Decide anew on a parked notice, and then on those parked behind it.

    :param changes: ``product_code`` and ``sku``, where the notice's own are not those that were meant.
    :param parameters: those of the order, by name, that were put right; beside those put right before.
    :raises NotVisible, NotParked, BehindAnother: :raises NothingLeft: its buyer was erased.
    """

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        connected, order = _visible(unit, means, vendor_id, connection_id, notice_id)
        said = {f"{receiving.PARAMETER}{name}": value for name, value in (parameters or {}).items()}
        receiving.mend(order, notice_id=notice_id, changes={**changes, **said}, at=means.now())
        known_buyer = order.customer_number
        if means.store.vault.key_of_order(order.id) is None:
            raise NothingLeft
        if taking.retry(unit, means, connected, order, notice_id):
            taking.settle(unit, means, connected, order)
        unit.rows += [*taking.buyer_of(order, known_buyer), *rows_of(order)]
        return 200, _body(order, notice_id)

    return Operation(decide=decide)


def refuse_notice(*, vendor_id: UUID, connection_id: UUID, notice_id: UUID) -> Operation:
    """A parked notice is not wanted; those behind it are tried. :raises NotVisible, NotParked:"""

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        connected, order = _visible(unit, means, vendor_id, connection_id, notice_id)
        receiving.refuse(order, notice_id=notice_id, reason=receiving.BY_HAND, at=means.now())
        taking.settle(unit, means, connected, order)
        unit.rows += rows_of(order)
        return 200, _body(order, notice_id)

    return Operation(decide=decide)


def _visible(
    unit: UnitOfWork, means: Means, vendor_id: UUID, connection_id: UUID, notice_id: UUID
) -> tuple[Connected, Order]:
    connected = lookups.connected(means.store, connection_id)
    if connected is None or connected.vendor_id != vendor_id:
        raise NotVisible
    with means.store.connection() as reads:
        order_id = lookups.order_with_notice(reads, connection_id, notice_id)
    order = unit.get(Order, order_id) if order_id else None
    if order is None:
        raise NotVisible
    return connected, order


def _body(order: Order, notice_id: UUID) -> dict[str, Any]:
    notice = order.notices[notice_id]
    return {
        "id": str(notice_id),
        "state": notice.state,
        "reason": notice.reason,
        "parameter": order.unfit.get(notice_id),
        "effect": notice.effect,
    }
