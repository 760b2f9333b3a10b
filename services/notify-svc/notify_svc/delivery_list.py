"""The deliveries as the page 发件箱 lists them: what is sent, waits, failed or could only be read here (N-15 … N-17).
For the platform operator."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from delivery_shared.http.paging import Page, Place, page_of
from delivery_shared.texts import key
from sqlalchemy import ColumnElement, Engine, Select, Subquery, case, func, or_, select, update

from notify_svc.tables import delivery, message, party, project, receiver

STATES = ("waiting", "sent", "skipped", "not_configured", "parked")
CHANNELS = ("sms", "email")


class DeliveryUnknown(Exception):
    """There is no such delivery."""


class DeliveryNotParked(Exception):
    """What was never to be sent cannot be tried anew."""


class DeliveryList:
    """Reading the list and trying parked deliveries anew."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def page(
        self,
        *,
        channel: str | None,
        state: str | None,
        order_number: str | None,
        after: Place | None,
        limit: int,
    ) -> Page:
        """Deliveries, newest first."""
        where: list[ColumnElement[bool]] = []
        if channel is not None:
            where.append(delivery.c.channel == channel)
        if state is not None:
            where.append(delivery.c.state == state)
        if order_number is not None:
            projects = select(project.c.project_id).where(project.c.order_key == key(order_number))
            written = message.c.order_number == order_number
            of_order = select(message.c.message_id).where(or_(written, message.c.project_id.in_(projects)))
            where.append(delivery.c.message_id.in_(of_order))
        keys = (delivery.c.created_at, delivery.c.delivery_id)
        with self.engine.connect() as connection:
            return page_of(connection, _shown, keys=keys, where=where, after=after, limit=limit)

    def retry(self, delivery_id: UUID) -> dict[str, Any]:
        """Let a parked delivery be tried anew, as if it had not been tried, and return it; one that waits or is sent
        stays as it is, so repeating changes nothing.

        :raises DeliveryUnknown, DeliveryNotParked: see there.
        """
        c = delivery.c
        anew = (
            update(delivery)
            .where(c.delivery_id == delivery_id, c.state == "parked")
            .values(state="waiting", attempts=0, next_try=func.now(), hinted_at=None)
            .returning(c.delivery_id)
        )
        one = select(delivery).where(c.delivery_id == delivery_id).subquery("one")
        with self.engine.begin() as connection:
            done = connection.execute(anew).first()
            row = connection.execute(_shown(one)).mappings().first()
        if row is None:
            raise DeliveryUnknown
        if done is None and row["state"] not in ("waiting", "sent"):
            raise DeliveryNotParked
        return dict(row)


def _shown(page: Subquery) -> Select[Any]:
    """What is shown of deliveries. The address is the one known now: none of a deleted user."""
    p, m = page.c, message.c
    return (
        select(
            p.delivery_id, p.message_id, p.channel, p.state, p.attempts, p.result, p.sent_at, p.created_at,
            case((p.state == "waiting", p.next_try)).label("next_try"),
            m.project_id, m.order_number, m.node_name, m.trigger, m.title, m.body,
            receiver.c.name.label("receiver_name"),
            party.c.name.label("party_name"),
            case((p.channel == "sms", receiver.c.mobile), else_=receiver.c.email).label("address"),
        )
        .select_from(page)
        .join(message, m.message_id == p.message_id)
        .join(receiver, receiver.c.user_id == m.person_id)
        .outerjoin(party, party.c.party_id == m.party_id)
    )  # fmt: skip
