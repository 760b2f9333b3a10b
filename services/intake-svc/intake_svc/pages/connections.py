"""Connections as read: the list, one with its SKU map, its health. ``vendor_id``: whose, None for those of all."""

from __future__ import annotations

from operator import itemgetter
from typing import Any
from uuid import UUID

from delivery_shared.eventstore import EventStore
from delivery_shared.http.paging import Page, Place

from intake_svc.domain.errors import NotVisible

SHOWN = (
    "SELECT c.id, c.vendor_id, p.name AS vendor_name, c.kind, c.name, c.stage, c.ready_when, c.front_url, c.opened_at,"
    " c.version, '/intake/' || c.kind || '/' || c.token AS address, jsonb_array_length(c.secrets) > 0 AS has_secret,"
    " (SELECT until FROM jsonb_to_recordset(c.secrets) AS s (until timestamptz) WHERE until > now())"
    " AS former_secret_until"
)
FROM = (
    " FROM connection c LEFT JOIN party p ON p.party_id = c.vendor_id"
    " WHERE (%(vendor)s::uuid IS NULL OR c.vendor_id = %(vendor)s) AND (%(id)s::uuid IS NULL OR c.id = %(id)s)"
)

HEALTH = """
SELECT coalesce(h.answered, 0) AS answered, h.last_notice_at, h.skew_ms,
    coalesce(h.signature_errors, 0) AS signature_errors, h.last_signature_error_at,
    coalesce(h.clock_errors, 0) AS clock_errors, h.last_clock_error_at,
    coalesce(h.malformed, 0) AS malformed, h.last_malformed_at,
    (SELECT count(*) FROM notice n WHERE n.connection_id = c.id AND n.state = 'parked') AS parked,
    (SELECT count(*) FROM notice n WHERE n.connection_id = c.id AND n.state = 'refused') AS refused,
    (SELECT count(*) FROM marketplace_order o WHERE o.connection_id = c.id AND o.ready_at IS NULL
        AND o.state IN ('waiting', 'open', 'refused')) AS unready,
    (SELECT min(seen_at) FROM marketplace_order o WHERE o.connection_id = c.id AND o.ready_at IS NULL
        AND o.state IN ('waiting', 'open', 'refused')) AS unready_since
FROM connection c LEFT JOIN connection_health h ON h.connection_id = c.id WHERE c.id = %(id)s
"""


class ConnectionPages:
    """The connections in ``store``."""

    def __init__(self, store: EventStore) -> None:
        self._store = store

    def listed(self, *, vendor_id: UUID | None, cursor: Place | None = None, limit: int = 20) -> Page:
        """Newest first."""
        params = {
            "vendor": vendor_id, "id": None, "before": cursor and cursor[0], "before_id": cursor and cursor[1],
            "limit": limit + 1,
        }  # fmt: skip
        with self._store.connection() as connection:
            counted = connection.execute(f"SELECT count(*) AS n {FROM}", params).fetchone()
            rows = connection.execute(
                f"{SHOWN} {FROM} AND (%(before)s::timestamptz IS NULL OR (c.opened_at, c.id) <"
                " (%(before)s, %(before_id)s::uuid)) ORDER BY c.opened_at DESC, c.id DESC LIMIT %(limit)s",
                params,
            ).fetchall()
        assert counted is not None
        return Page.cut(rows, total=counted["n"], limit=limit, place=itemgetter("opened_at", "id"))

    def one(self, connection_id: UUID, *, vendor_id: UUID | None) -> dict[str, Any]:
        """:raises NotVisible:"""
        with self._store.connection() as connection:
            row = connection.execute(SHOWN + FROM, {"vendor": vendor_id, "id": connection_id}).fetchone()
        if row is None:
            raise NotVisible
        return row

    def sku_map(self, connection_id: UUID, *, vendor_id: UUID | None) -> list[dict[str, Any]]:
        """Its lines, in the order in which they were given, with what they name here. :raises NotVisible:"""
        self.one(connection_id, vendor_id=vendor_id)
        with self._store.connection() as connection:
            return connection.execute(
                "SELECT product_code, sku, product_id, p.code AS product, p.name AS product_name, edition, facts"
                " FROM sku LEFT JOIN product p USING (product_id) WHERE connection_id = %s ORDER BY place",
                (connection_id,),
            ).fetchall()

    def health(self, connection_id: UUID, *, vendor_id: UUID | None) -> dict[str, Any]:
        """What its marketplace sent of late, and what came of it. :raises NotVisible:"""
        self.one(connection_id, vendor_id=vendor_id)
        with self._store.connection() as connection:
            row = connection.execute(HEALTH, {"id": connection_id}).fetchone()
        assert row is not None
        return row
