"""The tables behind the lists. A row is written in the save of its aggregate's facts, with absolute values, so it is
never older or newer than the aggregate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from delivery_shared.eventstore import RowChange
from psycopg.types.json import Json, Jsonb

from template_svc.domain.calendar import HolidayYear
from template_svc.domain.product import HistoricalProduct, Product
from template_svc.domain.reference import DemandForm, MessageTemplate, Role
from template_svc.domain.template import FlowTemplate


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


def state_of(template: FlowTemplate) -> Literal["published", "unpublished"]:
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


def historical_row(historical: HistoricalProduct) -> RowChange:
    """The row of a product that was online before the Delivery Center (F-05)."""
    fields = ("id", "vendor_id", "code", "name", "product_id", "recorded_at", "offline_at", "version")
    return _upsert("historical_product", "id", _values(historical, *fields))


def role_row(role: Role) -> RowChange:
    return _upsert("role", "code", _values(role, "code", "name", "side", "active", "version"))


def demand_form_row(form: DemandForm) -> RowChange:
    values = _values(form, "code", "name", "active", "version")
    return _upsert("demand_form", "code", {**values, "schema": Json(form.schema)})


def message_template_row(message: MessageTemplate) -> RowChange:
    fields = ("code", "name", "title", "body", "channels", "remark", "active", "version")
    return _upsert("message_template", "code", _values(message, *fields))


def year_row(year: HolidayYear) -> RowChange:
    values = _values(year, "year", "provisional", "version")
    return _upsert("holiday_year", "year", {**values, "holidays": Jsonb(year.holidays)})


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
    HolidayYear: year_row,
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
