"""Notices as read: the list, and one with how it came, what it says and what is answered."""

from __future__ import annotations

from dataclasses import asdict
from operator import itemgetter
from typing import Any
from uuid import UUID

from delivery_shared.http.paging import Page, Place

from intake_svc.domain.acts import Notice
from intake_svc.domain.errors import NotVisible
from intake_svc.domain.order import Order
from intake_svc.kinds import KINDS
from intake_svc.lookups import Connected, connected
from intake_svc.reading import raw_of, standing_of
from intake_svc.store import IntakeStore

SHOWN = "SELECT id, order_id, order_key, key, number, verb, state, reason, parameter, effect, received_at"
FROM = (
    " FROM notice WHERE connection_id = %(connection)s AND (%(state)s = '' OR state = %(state)s)"
    " AND (%(order)s = '' OR order_key = %(order)s)"
)


class NoticePages:
    """The notices in ``store``. ``vendor_id``: whose, None for those of all."""

    def __init__(self, store: IntakeStore) -> None:
        self._store = store

    def listed(
        self,
        connection_id: UUID,
        *,
        vendor_id: UUID | None,
        state: str = "",
        order: str = "",
        cursor: Place | None = None,
        limit: int = 20,
    ) -> Page:
        """Newest first, by state and the marketplace's key of the order. :raises NotVisible:"""
        self._connected(connection_id, vendor_id)
        params = {
            "connection": connection_id, "state": state, "order": order, "before": cursor and cursor[0],
            "before_id": cursor and cursor[1], "limit": limit + 1,
        }  # fmt: skip
        with self._store.connection() as connection:
            counted = connection.execute(f"SELECT count(*) AS n {FROM}", params).fetchone()
            rows = connection.execute(
                f"{SHOWN} {FROM} AND (%(before)s::timestamptz IS NULL OR (received_at, id) <"
                " (%(before)s, %(before_id)s::uuid)) ORDER BY received_at DESC, id DESC LIMIT %(limit)s",
                params,
            ).fetchall()
        assert counted is not None
        return Page.cut(rows, total=counted["n"], limit=limit, place=itemgetter("received_at", "id"))

    def one(self, connection_id: UUID, notice_id: UUID, *, vendor_id: UUID | None) -> dict[str, Any]:
        """As it came, what it says, and what is answered to it now; without the first two where its buyer was erased.

        :raises NotVisible:
        """
        of = self._connected(connection_id, vendor_id)
        with self._store.connection() as connection:
            row = connection.execute(
                f"{SHOWN} FROM notice WHERE connection_id = %s AND id = %s", (connection_id, notice_id)
            ).fetchone()
        if row is None:
            raise NotVisible
        order = self._store.find(Order, row["order_id"])[row["order_id"]]
        notice = order.notices[notice_id]
        incoming = raw_of(self._store, order, notice_id, self._store.vault.key_of_order(order.id))
        found = {**row, "changes": notice.changes, "raw": None, "translated": None, "answered": None}
        if incoming is None:
            return found
        found["raw"] = {
            "method": incoming.method,
            "query": incoming.query,
            "headers": dict(incoming.headers),
            "body": incoming.body.decode(errors="replace"),
        }
        kind = KINDS[of.kind]
        said = kind.translate(incoming)
        assert isinstance(said, Notice)
        if said.act is not None:
            values = {name: value for name, value in asdict(said.act).items() if value is not None}
            found["translated"] = {"act": type(said.act).__name__.lower(), **values}
        answer = kind.answer(said, standing_of(of, order.order, order, notice), "")
        found["answered"] = {"status": answer.status, "body": answer.body.decode()}
        return found

    def _connected(self, connection_id: UUID, vendor_id: UUID | None) -> Connected:
        found = connected(self._store, connection_id)
        if found is None or vendor_id not in (None, found.vendor_id):
            raise NotVisible
        return found
