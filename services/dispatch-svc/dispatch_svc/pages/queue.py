"""排队情况: what waits, and why."""

from __future__ import annotations

from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any
from uuid import UUID

from delivery_shared.http import Caller
from delivery_shared.http.paging import Page

from dispatch_svc.pages import read_model
from dispatch_svc.store import DispatchStore
from dispatch_svc.sweep import hour_of

NO_DEPARTMENT = {"department_id": None, "department_name": None, "department_deleted": None}


class QueuePages:
    """What waits."""

    def __init__(self, store: DispatchStore) -> None:
        self.store = store

    def waiting(
        self,
        *,
        by: Caller,
        entrance: str,
        department_id: UUID | None = None,
        order_number: str | None = None,
        provider_name: str | None = None,
        cursor: int | None = None,
        limit: int,
    ) -> Page:
        """For the vendor its projects at either level (D-13, D-15), for the provider what waits for its staff (D-40,
        D-41); in the order of arrival. Which department an order waits for is the provider's own business."""
        own = entrance == "provider"
        with self.store.connection() as connection:
            rows, total = read_model.queue(
                connection,
                vendor_id=None if own else by.party_id,
                provider_id=by.party_id if own else None,
                department_id=department_id if own else None,
                order_number=order_number,
                provider_name=provider_name,
                cursor=cursor,
                limit=limit + 1,
            )
        page = Page.cut(rows, total=total, limit=limit, place=itemgetter("arrival"))
        now = self.store.clock.now()
        return page.showing(lambda row: row | times(row, now) | ({} if own else NO_DEPARTMENT))

    def ask(self, request_id: UUID) -> read_model.WaitingAsk | None:
        """The oldest ask of a request that waits, with the last attempt of its class; None if it does not wait."""
        with self.store.connection() as connection:
            return read_model.waiting_ask(connection, request_id)


def times(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    """How long a row has waited, and when it is tried again without anybody's doing (D-09, D-31)."""
    return {
        "waiting_seconds": max(0, int((now - row["queued_at"]).total_seconds())),
        "next_attempt": None if row["suspended"] else hour_of(now) + timedelta(hours=1),
    }


def visible(ask: read_model.OfOrder, by: Caller) -> bool:
    """Whether an ask belongs to the caller's queue page: the vendor's, or – staff level – the provider's."""
    return (by.is_a("vendor_admin", "vendor_project_manager") and ask["vendor_id"] == by.party_id) or (
        by.is_a("provider_admin") and ask["role"] is not None and ask["provider_id"] == by.party_id
    )


def why(ask: read_model.WaitingAsk) -> dict[str, Any]:
    """Why an ask waits and when that was last found out."""
    return {
        "request_id": ask["request_id"],
        "project_id": ask["project_id"],
        "provider_id": ask["provider_id"],
        "role": ask["role"],
        "reason": ask["present_reason"] or None,
        "last_attempt": ask["last_attempt"],
    }
