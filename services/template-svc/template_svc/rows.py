"""The tables behind the lists. A row is written in the save of its aggregate's facts, with absolute values, so it is
never older or newer than the aggregate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from delivery_shared.copying import copy_of
from delivery_shared.eventstore import RowChange
from delivery_shared.texts import key

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
        return RowChange(sql=sql, params={"id": template.id}, key=f"template {template.id}")
    revision = template.revision["state"] if template.revision else None
    columns = ("serial", "name", "description", "owner_id", "version", "published_at")
    return copy_of(
        template, "template", key="id", columns=columns, state=state_of(template), revision=revision,
        created_at=template.created_on, modified_at=template.modified_on,
    )  # fmt: skip


def state_of(template: FlowTemplate) -> Literal["published", "unpublished"]:
    """未发布 or 已发布."""
    return "published" if template.published else "unpublished"


def product_row(product: Product) -> RowChange:
    """The list's row of a product. A code taken meanwhile, however it is written, makes the save a
    conflict (``product_code``, ``product_one_of_a_code``)."""
    columns = (
        "vendor_id", "code", "name", "template_id", "historical", "version", "listed_at", "offline_at",
        "parameters",
    )  # fmt: skip
    return copy_of(product, "product", key="id", columns=columns, code_key=key(product.code))


def historical_row(historical: HistoricalProduct) -> RowChange:
    """The row of a product that was online before the Delivery Center (F-05)."""
    columns = ("vendor_id", "code", "name", "product_id", "recorded_at", "offline_at", "version")
    return copy_of(historical, "historical_product", key="id", columns=columns, code_key=key(historical.code))


def role_row(role: Role) -> RowChange:
    return copy_of(role, "role", key="code", columns=("name", "side", "active", "version"))


def demand_form_row(form: DemandForm) -> RowChange:
    return copy_of(form, "demand_form", key="code", columns=("name", "active", "version", "schema"))


def message_template_row(message: MessageTemplate) -> RowChange:
    columns = ("name", "title", "body", "channels", "remark", "active", "version")
    return copy_of(message, "message_template", key="code", columns=columns)


def year_row(year: HolidayYear) -> RowChange:
    return copy_of(year, "holiday_year", key="year", columns=("provisional", "version", "holidays"))


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
