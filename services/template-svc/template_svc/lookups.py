"""What commands look up beside the aggregates they decide on: names, codes, serial numbers, bindings, the reference
data in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal
from uuid import UUID

from delivery_shared.texts import key
from psycopg import Connection
from psycopg.rows import DictRow

from template_svc.domain.flow import Reference, RoleFacts

Reads = Connection[DictRow]


def reference(connection: Reads) -> Reference:
    """The reference data in force, for the publishing rules."""
    found = connection.execute("SELECT code, name, side FROM role WHERE active").fetchall()
    forms = connection.execute("SELECT code FROM demand_form WHERE active").fetchall()
    messages = connection.execute("SELECT code FROM message_template WHERE active").fetchall()
    return Reference(
        roles={row["code"]: RoleFacts(row["name"], row["side"]) for row in found},
        forms=frozenset(row["code"] for row in forms),
        message_templates=frozenset(row["code"] for row in messages),
    )


def message_names(connection: Reads, codes: Sequence[str]) -> dict[str, str]:
    """The names of the message templates among ``codes``."""
    rows = connection.execute("SELECT code, name FROM message_template WHERE code = ANY(%s)", (list(codes),))
    return {row["code"]: row["name"] for row in rows}


def name_taken(connection: Reads, *, owner_id: UUID | None, name: str, besides: UUID) -> bool:
    """Whether another template of the owner has this name (T-10)."""
    return bool(
        count(
            connection,
            "SELECT count(*) AS n FROM template"
            " WHERE owner_id IS NOT DISTINCT FROM %(owner)s::uuid AND name = %(name)s AND id <> %(besides)s",
            {"owner": owner_id, "name": name, "besides": besides},
        )
    )


def role_named(connection: Reads, name: str, *, besides: str) -> bool:
    """Whether another role than that of the code ``besides`` has this name (T-109)."""
    found = "SELECT count(*) AS n FROM role WHERE name = %(name)s AND code <> %(besides)s"
    return bool(count(connection, found, {"name": name, "besides": besides}))


def next_serial(connection: Reads) -> int:
    """The next 交付中心服务流序号 (T-14); numbers of refused creations stay unused."""
    return count(connection, "SELECT nextval('template_serial') AS n", {})


def offline(connection: Reads, *, vendor_id: UUID, code: str) -> UUID | None:
    """The vendor's product with this number, however it is written, if it was taken offline: it can be listed again.
    Unless another one of the number – from before writings were compared – is listed."""
    rows = connection.execute(
        "SELECT id, offline_at FROM product WHERE vendor_id = %(vendor)s AND (code_key = %(key)s OR code = %(code)s)"
        " ORDER BY code <> %(code)s, id",
        {"vendor": vendor_id, "code": code, "key": key(code)},
    ).fetchall()
    return rows[0]["id"] if rows and all(row["offline_at"] for row in rows) else None


def code_taken(connection: Reads, *, vendor_id: UUID, code: str) -> bool:
    """Whether the vendor has a product with this number, however it is written, or had one before the Delivery Center
    that was not taken offline."""
    sql = (
        "SELECT (SELECT count(*) FROM product WHERE vendor_id = %(vendor)s AND (code_key = %(key)s OR code = %(code)s))"
        " + (SELECT count(*) FROM historical_product WHERE vendor_id = %(vendor)s"
        " AND (code_key = %(key)s OR code = %(code)s) AND (product_id IS NOT NULL OR offline_at IS NULL)) AS n"
    )
    return bool(count(connection, sql, {"vendor": vendor_id, "code": code, "key": key(code)}))


def bindings(connection: Reads, template_id: UUID) -> int:
    """How often products were bound to the template, or its versions to them; -1 where there is none."""
    row = connection.execute("SELECT bindings FROM template WHERE id = %s", (template_id,)).fetchone()
    return int(row["bindings"]) if row else -1


def products_bound(connection: Reads, template_id: UUID) -> list[UUID]:
    """The products whose later projects use the template."""
    rows = connection.execute("SELECT id FROM product WHERE template_id = %s ORDER BY id", (template_id,))
    return [row["id"] for row in rows]


def parties_of_accounts(connection: Reads, accounts: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The ISVs among the holders of ``accounts``, by the account as it is written here."""
    rows = connection.execute(
        "SELECT DISTINCT ON (number) number, party_id, name FROM unnest(%s::text[], %s::text[]) AS wanted (number, key)"
        " JOIN party ON account_key = key OR account = number WHERE kind = 'isv'"
        " ORDER BY number, account <> number, party_id",
        (list(accounts), [key(account) for account in accounts]),
    )
    return {row["number"]: row for row in rows}


def template_ids(connection: Reads, serials: Sequence[int]) -> dict[int, UUID]:
    """The templates of these serial numbers, in an order all savers share."""
    rows = connection.execute("SELECT serial, id FROM template WHERE serial = ANY(%s) ORDER BY id", (list(serials),))
    return {row["serial"]: row["id"] for row in rows}


def product_ids(connection: Reads, keys: Sequence[tuple[UUID, str]]) -> dict[tuple[UUID, str], UUID]:
    """The products of these vendors and numbers, by the number as it is written here."""
    return _of_codes(connection, "product", keys)


def historical_ids(connection: Reads, keys: Sequence[tuple[UUID, str]]) -> dict[tuple[UUID, str], UUID]:
    """The historical products of these vendors and numbers, by the number as it is written here. Those recorded before
    writings were compared have ids of their own."""
    return _of_codes(connection, "historical_product", keys)


def _of_codes(
    connection: Reads, table: Literal["product", "historical_product"], keys: Sequence[tuple[UUID, str]]
) -> dict[tuple[UUID, str], UUID]:
    rows = connection.execute(
        "SELECT DISTINCT ON (vendor, number) vendor, number, id"  # noqa: S608 - our own names
        " FROM unnest(%s::uuid[], %s::text[], %s::text[]) AS wanted (vendor, number, key)"
        f" JOIN {table} ON vendor_id = vendor AND (code_key = key OR code = number)"
        " ORDER BY vendor, number, code <> number, offline_at IS NOT NULL, id",
        ([vendor for vendor, _ in keys], [code for _, code in keys], [key(code) for _, code in keys]),
    )
    return {(row["vendor"], row["number"]): row["id"] for row in rows}


def count(connection: Reads, sql: str, params: Mapping[str, Any]) -> int:
    """The number ``n`` of a statement's one row."""
    row = connection.execute(sql, params).fetchone()
    assert row is not None
    return int(row["n"])
