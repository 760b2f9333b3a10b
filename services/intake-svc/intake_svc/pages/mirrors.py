"""Mirrors as read: the settings, whether the marketplace's delivery center is reached, and what it was told."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import Any
from uuid import UUID

from delivery_shared.eventstore import EventStore
from delivery_shared.http.paging import Page, Place

from intake_svc.domain.errors import NotVisible

SETTINGS = """
SELECT c.kind, c.mirror IS NOT NULL AS configured, c.mirror->>'endpoint' AS endpoint,
    c.mirror->>'access_key_id' AS access_key_id, coalesce((c.mirror->>'enabled')::boolean, false) AS enabled,
    l.error, l.failed_at, l.answered_at,
    count(*) FILTER (WHERE r.state = 'waiting') AS waiting, count(*) FILTER (WHERE r.state = 'parked') AS parked,
    count(*) FILTER (WHERE r.state = 'told') AS told, count(*) FILTER (WHERE r.state = 'seen') AS seen,
    min(r.asked_at) FILTER (WHERE r.state = 'waiting') AS waiting_since
FROM connection c LEFT JOIN mirror_line l ON l.connection_id = c.id LEFT JOIN report r ON r.connection_id = c.id
WHERE c.id = %(id)s AND (%(vendor)s::uuid IS NULL OR c.vendor_id = %(vendor)s)
GROUP BY c.id, l.connection_id
"""

SHOWN = (
    "SELECT r.id, r.project_id, o.order_key, o.order_number, r.number, r.act, r.step, r.name, r.node_id, r.state,"
    " coalesce(r.reason, t.reason) AS reason, coalesce(t.tries, 0) AS tries, r.asked_at, r.ended_at"
)
FROM = (
    " FROM report r JOIN connection c ON c.id = r.connection_id JOIN marketplace_order o ON o.id = r.project_id"
    " LEFT JOIN report_try t ON t.report_id = r.id"
    " WHERE r.connection_id = %(connection)s AND (%(vendor)s::uuid IS NULL OR c.vendor_id = %(vendor)s)"
    " AND (%(state)s = '' OR r.state = %(state)s)"
)


class MirrorPages:
    """The mirrors in ``store``. ``vendor_id``: whose, None for those of all."""

    def __init__(self, store: EventStore, endpoints: Sequence[str]) -> None:
        self._store = store
        self.endpoints = endpoints

    def one(self, connection_id: UUID, *, vendor_id: UUID | None) -> dict[str, Any]:
        """Its settings – never the secret – and how it is doing. :raises NotVisible:"""
        with self._store.connection() as connection:
            row = connection.execute(SETTINGS, {"id": connection_id, "vendor": vendor_id}).fetchone()
        if row is None:
            raise NotVisible
        return {**row, "endpoints": list(self.endpoints)}

    def reports(
        self,
        connection_id: UUID,
        *,
        vendor_id: UUID | None,
        state: str = "",
        cursor: Place | None = None,
        limit: int = 20,
    ) -> Page:
        """Newest first. :raises NotVisible:"""
        self.one(connection_id, vendor_id=vendor_id)
        params = {
            "connection": connection_id, "vendor": vendor_id, "state": state, "before": cursor and cursor[0],
            "before_id": cursor and cursor[1], "limit": limit + 1,
        }  # fmt: skip
        with self._store.connection() as connection:
            counted = connection.execute(f"SELECT count(*) AS n {FROM}", params).fetchone()
            rows = connection.execute(
                f"{SHOWN} {FROM} AND (%(before)s::timestamptz IS NULL OR (r.asked_at, r.id) <"
                " (%(before)s, %(before_id)s::uuid)) ORDER BY r.asked_at DESC, r.id DESC LIMIT %(limit)s",
                params,
            ).fetchall()
        assert counted is not None
        return Page.cut(rows, total=counted["n"], limit=limit, place=itemgetter("asked_at", "id"))
