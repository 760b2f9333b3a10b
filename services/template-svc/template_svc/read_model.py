"""The tables behind the lists. A row is written in the save of its aggregate's events, with absolute values, so it is
never older or newer than the aggregate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from delivery_shared.eventstore import RowChange
from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.types.json import Json

from template_svc.domain import FlowTemplate
from template_svc.flow import Reference, RoleFacts
from template_svc.product import HistoricalProduct, Product
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
            "revision": template.revision["state"] if template.revision else None,
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
            "historical": product.historical,
            "version": product.version,
            "listed_at": product.listed_at,
            "offline_at": product.offline_at,
        },
    )


def product_state(product: Product) -> str:
    """上架 or 下线."""
    return "listed" if product.offline_at is None else "offline"


def historical_row(historical: HistoricalProduct) -> RowChange:
    """The row of a product that was online before the Delivery Center (F-05)."""
    fields = ("id", "vendor_id", "code", "name", "product_id", "recorded_at", "offline_at", "version")
    return _upsert("historical_product", "id", _values(historical, *fields))


def historical_state(historical: HistoricalProduct) -> str:
    """Switched to a template, taken offline, or neither yet."""
    if historical.product_id is not None:
        return "switched"
    return "unswitched" if historical.offline_at is None else "offline"


def role_row(role: Role) -> RowChange:
    return _upsert("role", "code", _values(role, "code", "name", "side", "active", "version"))


def demand_form_row(form: DemandForm) -> RowChange:
    values = _values(form, "code", "name", "active", "version")
    return _upsert("demand_form", "code", {**values, "schema": Json(form.schema)})


def message_template_row(message: MessageTemplate) -> RowChange:
    fields = ("code", "name", "title", "body", "channels", "remark", "active", "version")
    return _upsert("message_template", "code", _values(message, *fields))


def row_of(aggregate: Any) -> RowChange:
    """The row of any aggregate of this service."""
    return _ROWS[type(aggregate)](aggregate)


_ROWS: Mapping[type, Callable[[Any], RowChange]] = {
    FlowTemplate: template_row,
    Product: product_row,
    HistoricalProduct: historical_row,
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
    " AND (%(revision)s = '' OR revision = %(revision)s AND (%(owner)s::uuid IS NULL OR owner_id = %(owner)s))"
    " AND (%(name)s = '' OR strpos(lower(name), lower(%(name)s)) > 0)"
)
"""What :meth:`FlowTemplate.visible_to` says, and the filters of the list."""


def templates(
    connection: Reads,
    *,
    owner_id: UUID | None,
    scope: str = "",
    state: str = "",
    revision: str = "",
    name: str = "",
    before: int | None = None,
    limit: int = 20,
) -> Page:
    """Templates visible to ``owner_id`` (None: the platform operator; T-06), newest first.

    :param scope: ``public``, ``private`` or empty for both; ``revision``: the state of a revision (T-102).
    :param before: only those with a smaller serial number.
    """
    params = {
        "owner": owner_id,
        "scope": scope,
        "state": state,
        "revision": revision,
        "name": name,
        "before": before,
        "limit": limit + 1,
    }
    total = count(connection, f"SELECT count(*) AS n FROM template WHERE {VISIBLE}", params)  # noqa: S608
    rows = connection.execute(
        "SELECT id, serial, name, description, owner_id, state, version, created_at, modified_at, published_at,"  # noqa: S608
        " CASE WHEN %(owner)s::uuid IS NULL OR owner_id = %(owner)s THEN revision END AS revision_state"
        f" FROM template WHERE {VISIBLE} AND (%(before)s::bigint IS NULL OR serial < %(before)s)"
        " ORDER BY serial DESC LIMIT %(limit)s",
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
        count(
            connection,
            "SELECT count(*) AS n FROM template"
            " WHERE owner_id IS NOT DISTINCT FROM %(owner)s::uuid AND name = %(name)s AND id <> %(besides)s",
            {"owner": owner_id, "name": name, "besides": besides},
        )
    )


def next_serial(connection: Reads) -> int:
    """The next 交付中心服务流序号 (T-14); numbers of refused creations stay unused."""
    return count(connection, "SELECT nextval('template_serial') AS n", {})


def count(connection: Reads, sql: str, params: Mapping[str, Any]) -> int:
    """The number ``n`` of a statement's one row."""
    row = connection.execute(sql, params).fetchone()
    assert row is not None
    return int(row["n"])
