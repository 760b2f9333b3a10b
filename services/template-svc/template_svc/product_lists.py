"""What is read of products: their lists, the templates bound to them, and those from before the Delivery Center."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from template_svc.read_model import Page, Reads, count

PRODUCTS = (
    "FROM product JOIN template ON template.id = product.template_id"
    " WHERE (%(vendor)s::uuid IS NULL OR vendor_id = %(vendor)s)"
    " AND (%(id)s::uuid IS NULL OR product.id = %(id)s)"
    " AND (%(code)s = '' OR strpos(lower(code), lower(%(code)s)) > 0)"
    " AND (%(name)s = '' OR strpos(lower(product.name), lower(%(name)s)) > 0)"
    " AND (%(template_name)s = '' OR strpos(lower(template.name), lower(%(template_name)s)) > 0)"
)


def products(
    connection: Reads,
    *,
    vendor_id: UUID | None,
    product_id: UUID | None = None,
    code: str = "",
    name: str = "",
    template_name: str = "",
    before: tuple[datetime, UUID] | None = None,
    limit: int = 20,
) -> Page:
    """Products of ``vendor_id`` (None: of all vendors; P-07), newest first (P-06), by parts of product number, product
    name and template name (P-03).

    :param before: only those after this listing time and id in the list's order.
    """
    params = {
        "vendor": vendor_id,
        "id": product_id,
        "code": code,
        "name": name,
        "template_name": template_name,
        "before": before[0] if before else None,
        "before_id": before[1] if before else None,
        "limit": limit + 1,
    }
    total = count(connection, f"SELECT count(*) AS n {PRODUCTS}", params)
    rows = connection.execute(
        "SELECT product.*, template.name AS template_name, template.serial AS template_serial,"
        " CASE WHEN offline_at IS NULL THEN 'listed' ELSE 'offline' END AS state"
        f" {PRODUCTS} AND (%(before)s::timestamptz IS NULL"
        " OR (listed_at, product.id) < (%(before)s, %(before_id)s::uuid))"
        " ORDER BY listed_at DESC, product.id DESC LIMIT %(limit)s",
        params,
    ).fetchall()
    return Page(items=rows[:limit], total=total, more=len(rows) > limit)


def offline(connection: Reads, *, vendor_id: UUID, code: str) -> UUID | None:
    """The vendor's product with this number, if it was taken offline: it can be listed again."""
    row = connection.execute(
        "SELECT id FROM product WHERE vendor_id = %s AND code = %s AND offline_at IS NOT NULL", (vendor_id, code)
    ).fetchone()
    return row["id"] if row else None


def code_taken(connection: Reads, *, vendor_id: UUID, code: str) -> bool:
    """Whether the vendor has a product with this number, or had one before the Delivery Center that was not taken
    offline."""
    sql = (
        "SELECT (SELECT count(*) FROM product WHERE vendor_id = %(vendor)s AND code = %(code)s)"
        " + (SELECT count(*) FROM historical_product WHERE vendor_id = %(vendor)s AND code = %(code)s"
        " AND (product_id IS NOT NULL OR offline_at IS NULL)) AS n"
    )
    return bool(count(connection, sql, {"vendor": vendor_id, "code": code}))


def bindings(connection: Reads, template_id: UUID) -> int:
    """How often products were bound to the template, or its versions to them; -1 where there is none."""
    row = connection.execute("SELECT bindings FROM template WHERE id = %s", (template_id,)).fetchone()
    return int(row["bindings"]) if row else -1


def products_bound(connection: Reads, template_id: UUID) -> list[UUID]:
    """The products whose later projects use the template."""
    rows = connection.execute("SELECT id FROM product WHERE template_id = %s ORDER BY id", (template_id,))
    return [row["id"] for row in rows]


def bindable(connection: Reads, *, vendor_id: UUID) -> list[dict[str, Any]]:
    """The templates the vendor's products can be bound to: its own before the public ones (P-09)."""
    return connection.execute(
        "SELECT id, serial, name, owner_id IS NULL AS public FROM template WHERE state = 'published'"
        " AND (owner_id IS NULL OR owner_id = %s) ORDER BY owner_id IS NULL, serial",
        (vendor_id,),
    ).fetchall()


HISTORICAL = (
    "FROM historical_product h LEFT JOIN product ON product.id = h.product_id"
    " LEFT JOIN template ON template.id = product.template_id LEFT JOIN party ON party.party_id = h.vendor_id"
    " CROSS JOIN LATERAL (SELECT CASE WHEN coalesce(product.offline_at, h.offline_at) IS NOT NULL THEN 'offline'"
    " WHEN h.product_id IS NULL THEN 'unswitched' ELSE 'switched' END AS state) s"
    " WHERE (%(state)s = '' OR s.state = %(state)s)"
    " AND (%(code)s = '' OR strpos(lower(h.code), lower(%(code)s)) > 0)"
    " AND (%(provider_name)s = '' OR strpos(lower(party.name), lower(%(provider_name)s)) > 0)"
)


def historical_products(
    connection: Reads,
    *,
    state: str = "",
    code: str = "",
    provider_name: str = "",
    before: tuple[datetime, UUID] | None = None,
    limit: int = 20,
) -> Page:
    """Products that were online before the Delivery Center, newest records first, with the columns of the operator's
    table (P-35, F-05)."""
    params = {
        "state": state,
        "code": code,
        "provider_name": provider_name,
        "before": before[0] if before else None,
        "before_id": before[1] if before else None,
        "limit": limit + 1,
    }
    total = count(connection, f"SELECT count(*) AS n {HISTORICAL}", params)
    rows = connection.execute(
        "SELECT h.id, h.vendor_id, party.name AS provider_name, party.account, h.code, h.name, h.product_id,"
        " template.serial AS template_serial, template.name AS template_name, s.state, h.recorded_at,"
        " coalesce(product.offline_at, h.offline_at) AS offline_at"
        f" {HISTORICAL} AND (%(before)s::timestamptz IS NULL"
        " OR (h.recorded_at, h.id) < (%(before)s, %(before_id)s::uuid))"
        " ORDER BY h.recorded_at DESC, h.id DESC LIMIT %(limit)s",
        params,
    ).fetchall()
    return Page(items=rows[:limit], total=total, more=len(rows) > limit)


def parties_of_accounts(connection: Reads, accounts: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The ISVs among the holders of ``accounts``."""
    rows = connection.execute(
        "SELECT party_id, name, account FROM party WHERE account = ANY(%s) AND kind = 'isv'", (list(accounts),)
    )
    return {row["account"]: row for row in rows}


def template_ids(connection: Reads, serials: Sequence[int]) -> dict[int, UUID]:
    """The templates of these serial numbers, in an order all savers share."""
    rows = connection.execute("SELECT serial, id FROM template WHERE serial = ANY(%s) ORDER BY id", (list(serials),))
    return {row["serial"]: row["id"] for row in rows}


def product_ids(connection: Reads, keys: Sequence[tuple[UUID, str]]) -> dict[tuple[UUID, str], UUID]:
    """The products of these vendors and numbers."""
    rows = connection.execute(
        "SELECT id, vendor_id, code FROM product JOIN unnest(%s::uuid[], %s::text[]) AS wanted (vendor, number)"
        " ON vendor_id = vendor AND code = number",
        ([vendor for vendor, _ in keys], [code for _, code in keys]),
    )
    return {(row["vendor_id"], row["code"]): row["id"] for row in rows}
