"""Reading what is stored: what a notice said, and how its order stands, for an answer."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from intake_svc.domain import facts
from intake_svc.domain.acts import Act, Notice
from intake_svc.domain.order import NoticeOf, Order
from intake_svc.kinds import KINDS
from intake_svc.kinds.kind import Incoming, Malformed, Standing
from intake_svc.lookups import Connected
from intake_svc.store import IntakeStore
from intake_svc.vault import notice_field, unsealed


def act_of(kind: str, incoming: Incoming) -> Act | None:
    """What a stored notice asks for, as its kind is understood today."""
    try:
        said = KINDS[kind].translate(incoming)
    except Malformed:
        return None
    return said.act if isinstance(said, Notice) else None


def raw_of(store: IntakeStore, order: Order, notice_id: UUID, order_secret: bytes | None) -> Incoming | None:
    """The notice as it came; None: its buyer was erased."""
    if order_secret is None:
        return None
    version = order.notices[notice_id].version
    (stored,) = store.recorder.select_events(order.id, gt=version - 1, lte=version)
    fact = cast(facts.NoticeReceived, store.mapper.to_domain_event(stored))
    return Incoming.of(unsealed(order_secret, order.id, notice_field(notice_id), fact.raw))


def standing_of(connected: Connected, instance: str, order: Order | None, notice: NoticeOf | None) -> Standing:
    """How an order stands, for an answer."""
    state = notice.state if notice else "applied"
    assert state != "received"
    return Standing(
        instance=instance,
        known=order is not None and order.order_number is not None,
        ready=order is not None and order.ready_at is not None,
        front_url=connected.front_url,
        state=state,
        reason=notice.reason if notice else None,
    )
