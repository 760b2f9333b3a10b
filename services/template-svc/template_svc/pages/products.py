"""商品 as read: their lists, the templates they can be bound to, and those from before the Delivery Center."""

from __future__ import annotations

from operator import itemgetter
from typing import Any
from uuid import UUID

from delivery_shared.eventstore import EventStore
from delivery_shared.http.paging import Page, Place
from delivery_shared.texts import key

from template_svc import lookups
from template_svc.domain.errors import NotVisible

PRODUCTS = (
    "FROM product JOIN template ON template.id = product.template_id"
    " WHERE (%(vendor)s::uuid IS NULL OR vendor_id = %(vendor)s)"
    " AND (%(id)s::uuid IS NULL OR product.id = %(id)s)"
    " AND (%(code)s = '' OR strpos(code_key, %(code_key)s) > 0)"
    " AND (%(name)s = '' OR strpos(lower(product.name), lower(%(name)s)) > 0)"
    " AND (%(template_name)s = '' OR strpos(lower(template.name), lower(%(template_name)s)) > 0)"
)

HISTORICAL = (
    "FROM historical_product h LEFT JOIN product ON product.id = h.product_id"
    " LEFT JOIN template ON template.id = product.template_id LEFT JOIN party ON party.party_id = h.vendor_id"
    " CROSS JOIN LATERAL (SELECT CASE WHEN coalesce(product.offline_at, h.offline_at) IS NOT NULL THEN 'offline'"
    " WHEN h.product_id IS NULL THEN 'unswitched' ELSE 'switched' END AS state) s"
    " WHERE (%(state)s = '' OR s.state = %(state)s)"
    " AND (%(code)s = '' OR strpos(h.code_key, %(code_key)s) > 0)"
    " AND (%(provider_name)s = '' OR strpos(lower(party.name), lower(%(provider_name)s)) > 0)"
)


class ProductPages:
    """The products in ``store``. ``vendor_id``: whose, None for those of all vendors (P-07)."""

    def __init__(self, store: EventStore) -> None:
        self._store = store

    def listed(
        self,
        *,
        vendor_id: UUID | None,
        product_id: UUID | None = None,
        code: str = "",
        name: str = "",
        template_name: str = "",
        cursor: Place | None = None,
        limit: int = 20,
    ) -> Page:
        """Products, newest first (P-06), by parts of product number, product name and template name (P-03)."""
        return self._page(
            "product.*, template.name AS template_name, template.serial AS template_serial,"
            " CASE WHEN offline_at IS NULL THEN 'listed' ELSE 'offline' END AS state",
            PRODUCTS,
            ("listed_at", "product.id"),
            {
                "vendor": vendor_id,
                "id": product_id,
                "code": code,
                "code_key": key(code),
                "name": name,
                "template_name": template_name,
            },
            cursor,
            limit,
        )

    def one(self, product_id: UUID, *, vendor_id: UUID | None) -> dict[str, Any]:
        """One product with the template bound to it. :raises NotVisible:"""
        for found in self.listed(vendor_id=vendor_id, product_id=product_id).items:
            return dict(found)
        raise NotVisible(product_id)

    def historical(
        self,
        *,
        state: str = "",
        code: str = "",
        provider_name: str = "",
        cursor: Place | None = None,
        limit: int = 20,
    ) -> Page:
        """Products that were online before the Delivery Center, newest records first, with the columns of the
        operator's table (P-35, F-05)."""
        return self._page(
            "h.id, h.vendor_id, party.name AS provider_name, party.account, h.code, h.name, h.product_id,"
            " template.serial AS template_serial, template.name AS template_name, s.state, h.recorded_at,"
            " coalesce(product.offline_at, h.offline_at) AS offline_at",
            HISTORICAL,
            ("h.recorded_at", "h.id"),
            {"state": state, "code": code, "code_key": key(code), "provider_name": provider_name},
            cursor,
            limit,
        )

    def bindable(self, *, vendor_id: UUID) -> list[dict[str, Any]]:
        """The templates the vendor's products can be bound to: its own before the public ones (P-09)."""
        with self._store.connection() as connection:
            return connection.execute(
                "SELECT id, serial, name, owner_id IS NULL AS public FROM template WHERE state = 'published'"
                " AND (owner_id IS NULL OR owner_id = %s) ORDER BY owner_id IS NULL, serial",
                (vendor_id,),
            ).fetchall()

    def _page(
        self,
        columns: str,
        source: str,
        order: tuple[str, str],
        where: dict[str, Any],
        cursor: Place | None,
        limit: int,
    ) -> Page:
        """Rows of ``source``, newest first by ``order``: a time and an id."""
        at, id = order
        params = {
            **where,
            "before": cursor and cursor[0],
            "before_id": cursor and cursor[1],
            "limit": limit + 1,
        }
        with self._store.connection() as connection:
            total = lookups.count(connection, f"SELECT count(*) AS n {source}", params)
            rows = connection.execute(
                f"SELECT {columns} {source}"
                f" AND (%(before)s::timestamptz IS NULL OR ({at}, {id}) < (%(before)s, %(before_id)s::uuid))"
                f" ORDER BY {at} DESC, {id} DESC LIMIT %(limit)s",
                params,
            ).fetchall()
        return Page.cut(rows, total=total, limit=limit, place=itemgetter(at.rpartition(".")[2], "id"))
