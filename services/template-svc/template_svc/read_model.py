"""The tables behind the lists. A row is written in the save of its aggregate's events, with absolute values, so it is
never older or newer than the aggregate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from delivery_shared.eventstore import RowChange
from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from template_svc.domain import FlowTemplate, Product
from template_svc.flow import Reference, RoleFacts
from template_svc.reference import DemandForm, MessageTemplate, Role

Reads = Connection[DictRow]


@dataclass(frozen=True, kw_only=True)
class Page:
    """A part of a list, the number of entries in the whole list (G-31), and whether more follow."""

    items: list[dict[str, Any]]
    total: int
    more: bool


# --- writing ---------------------------------------------------------------------------------------------------------


def template_row(template: FlowTemplate) -> RowChange:
    """The list's row of a template as it is now; none once it is deleted.

    A name another template of the owner took meanwhile makes the save a conflict (the index ``template_name``).
    """
    if template.deleted:
        sql = "DELETE FROM template WHERE id = %(id)s"
        return RowChange(sql=sql, params={"id": template.id}, key=f"template:{template.id}")
    return _upsert(
        "template",
        "id",
        {
            "id": template.id,
            "serial": template.serial,
            "name": template.name,
            "description": template.description,
            "owner_id": template.owner_id,
            "state": state_of(template),
            "version": template.version,
            "created_at": template.created_on,
            "modified_at": template.modified_on,
            "published_at": template.published_at,
        },
    )


def state_of(template: FlowTemplate) -> str:
    """未发布 or 已发布."""
    return "published" if template.published else "unpublished"


def product_row(product: Product) -> RowChange:
    """The list's row of a product. A code taken meanwhile makes the save a conflict (``product_code``)."""
    return _upsert(
        "product",
        "id",
        {
            "id": product.id,
            "vendor_id": product.vendor_id,
            "code": product.code,
            "name": product.name,
            "template_id": product.template_id,
            "version": product.version,
            "listed_at": product.listed_at,
        },
    )


def role_row(role: Role) -> RowChange:
    return _upsert("role", "code", _values(role, "code", "name", "side", "active", "version"))


def demand_form_row(form: DemandForm) -> RowChange:
    values = _values(form, "code", "name", "active", "version")
    return _upsert("demand_form", "code", {**values, "schema": Jsonb(form.schema)})


def message_template_row(message: MessageTemplate) -> RowChange:
    fields = ("code", "name", "title", "body", "channels", "remark", "active", "version")
    return _upsert("message_template", "code", _values(message, *fields))


def row_of(aggregate: Any) -> RowChange:
    """The row of any aggregate of this service."""
    return _ROWS[type(aggregate)](aggregate)


_ROWS: Mapping[type, Callable[[Any], RowChange]] = {
    FlowTemplate: template_row,
    Product: product_row,
    Role: role_row,
    DemandForm: demand_form_row,
    MessageTemplate: message_template_row,
}


def _values(source: Any, *fields: str) -> dict[str, Any]:
    return {field: getattr(source, field) for field in fields}


def _upsert(table: str, key: str, values: Mapping[str, Any]) -> RowChange:
    columns = ", ".join(values)
    given = ", ".join(f"%({column})s" for column in values)
    updates = ", ".join(f"{column} = excluded.{column}" for column in values if column != key)
    return RowChange(
        sql=f"INSERT INTO {table} ({columns}) VALUES ({given})"  # noqa: S608 - names of this module only
        f" ON CONFLICT ({key}) DO UPDATE SET {updates}",
        params=values,
        key=f"{table}:{values[key]}",
    )


# --- reading ---------------------------------------------------------------------------------------------------------

VISIBLE = (
    "(%(owner)s::uuid IS NULL OR owner_id = %(owner)s OR (owner_id IS NULL AND state = 'published'))"
    " AND (%(scope)s <> 'public' OR owner_id IS NULL) AND (%(scope)s <> 'private' OR owner_id IS NOT NULL)"
    " AND (%(state)s = '' OR state = %(state)s)"
    " AND (%(name)s = '' OR strpos(lower(name), lower(%(name)s)) > 0)"
)
"""What :meth:`FlowTemplate.visible_to` says, and the filters of the list."""


def templates(
    connection: Reads,
    *,
    owner_id: UUID | None,
    scope: str = "",
    state: str = "",
    name: str = "",
    before: int | None = None,
    limit: int = 20,
) -> Page:
    """Templates visible to ``owner_id`` (None: the platform operator; T-06), newest first.

    :param scope: ``public``, ``private`` or empty for both.
    :param before: only those with a smaller serial number.
    """
    params = {"owner": owner_id, "scope": scope, "state": state, "name": name, "before": before, "limit": limit + 1}
    total = _count(connection, f"SELECT count(*) AS n FROM template WHERE {VISIBLE}", params)  # noqa: S608
    rows = connection.execute(
        f"SELECT * FROM template WHERE {VISIBLE} AND (%(before)s::bigint IS NULL OR serial < %(before)s)"  # noqa: S608
        " ORDER BY serial DESC LIMIT %(limit)s",
        params,
    ).fetchall()
    return Page(items=rows[:limit], total=total, more=len(rows) > limit)


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
    total = _count(connection, f"SELECT count(*) AS n {PRODUCTS}", params)
    rows = connection.execute(
        "SELECT product.*, template.name AS template_name, template.serial AS template_serial"
        f" {PRODUCTS} AND (%(before)s::timestamptz IS NULL"
        " OR (listed_at, product.id) < (%(before)s, %(before_id)s::uuid))"
        " ORDER BY listed_at DESC, product.id DESC LIMIT %(limit)s",
        params,
    ).fetchall()
    return Page(items=rows[:limit], total=total, more=len(rows) > limit)


def roles(connection: Reads, *, name: str = "", side: str = "") -> list[dict[str, Any]]:
    """All roles (U-36)."""
    return connection.execute(
        "SELECT code, name, side, active, version FROM role WHERE strpos(lower(name), lower(%(name)s)) > 0"
        " AND (%(side)s = '' OR side = %(side)s) ORDER BY code",
        {"name": name, "side": side},
    ).fetchall()


def demand_forms(connection: Reads, *, name: str = "") -> list[dict[str, Any]]:
    """All demand forms (T-49)."""
    return connection.execute(
        "SELECT code, name, schema, active, version FROM demand_form"
        " WHERE strpos(lower(name), lower(%(name)s)) > 0 ORDER BY code",
        {"name": name},
    ).fetchall()


def message_templates(connection: Reads, *, name: str = "") -> list[dict[str, Any]]:
    """All message templates (N-12)."""
    return connection.execute(
        "SELECT code, name, title, body, channels, remark, active, version FROM message_template"
        " WHERE strpos(lower(name), lower(%(name)s)) > 0 ORDER BY code",
        {"name": name},
    ).fetchall()


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
        _count(
            connection,
            "SELECT count(*) AS n FROM template"
            " WHERE owner_id IS NOT DISTINCT FROM %(owner)s::uuid AND name = %(name)s AND id <> %(besides)s",
            {"owner": owner_id, "name": name, "besides": besides},
        )
    )


def code_taken(connection: Reads, *, vendor_id: UUID, code: str) -> bool:
    """Whether the vendor has a product with this number."""
    sql = "SELECT count(*) AS n FROM product WHERE vendor_id = %(vendor)s AND code = %(code)s"
    return bool(_count(connection, sql, {"vendor": vendor_id, "code": code}))


def next_serial(connection: Reads) -> int:
    """The next 交付中心服务流序号 (T-14); numbers of refused creations stay unused."""
    return _count(connection, "SELECT nextval('template_serial') AS n", {})


def _count(connection: Reads, sql: str, params: Mapping[str, Any]) -> int:
    row = connection.execute(sql, params).fetchone()
    assert row is not None
    return int(row["n"])
