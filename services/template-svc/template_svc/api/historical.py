"""历史商品 over HTTP: the operator's table of F-04, and what is not switched yet (F-05)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from delivery_shared.http import Problem, allow, application, command, reply
from delivery_shared.http.paging import PageQuery, page_schema
from delivery_shared.http.texts import Text
from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from template_svc.api.products import Offline
from template_svc.commands.historical import TableLine, TableRefused
from template_svc.commands.products import take_historical_product_offline, take_over_table

blp = Blueprint("historical-products", __name__, description="商品模板更换: products from before the Delivery Center")


class TableRow(Schema):
    """服务商名称及账号, 商品 code, 商品名称, 交付中心服务流序号, 交付中心服务流名称 (P-35)."""

    provider_name = Text(required=True, shortest=1, longest=200)
    account = Text(required=True, shortest=1, longest=64)
    code = Text(required=True, shortest=1, longest=64)
    name = Text(required=True, shortest=1, longest=100)
    template_serial = fields.Integer(strict=True, load_default=None, allow_none=True, validate=validate.Range(1, 2**62))
    template_name = Text(longest=50, load_default=None, allow_none=True)

    @validates_schema
    def both_or_neither(self, data: dict[str, Any], **_: Any) -> None:
        """A template is named by serial number and name together."""
        if (data["template_serial"] is None) != (data["template_name"] is None):
            raise ValidationError("序号和名称须同时填写 / give serial number and name", "template_name")


class HistoricalTable(Schema):
    rows = fields.List(fields.Nested(TableRow), required=True, validate=validate.Length(1, 200))


class TableResult(Schema):
    code = fields.String()
    product_id = fields.UUID(allow_none=True)
    state = fields.String()


class TableResults(Schema):
    items = fields.List(fields.Nested(TableResult))
    total = fields.Integer()


class HistoricalQuery(PageQuery):
    state = fields.String(load_default="", validate=validate.OneOf(["", "unswitched", "switched", "offline"]))
    code = Text(longest=64, load_default="")
    provider_name = Text(longest=200, load_default="")


class HistoricalEntry(Schema):
    id = fields.UUID()
    vendor_id = fields.UUID()
    provider_name = fields.String(allow_none=True)
    account = fields.String(allow_none=True)
    code = fields.String()
    name = fields.String()
    product_id = fields.UUID(allow_none=True)
    template_serial = fields.Integer(allow_none=True)
    template_name = fields.String(allow_none=True)
    state = fields.String()
    recorded_at = fields.AwareDateTime()
    offline_at = fields.AwareDateTime(allow_none=True)


HistoricalPage = page_schema(HistoricalEntry)


class HistoricalState(Schema):
    id = fields.UUID()
    code = fields.String()
    state = fields.String()


@blp.route("/api/v1/historical-products")
class HistoricalProducts(MethodView):
    @allow("platform_operator")
    @blp.arguments(HistoricalQuery, location="query", unknown=RAISE)
    @blp.response(200, HistoricalPage)
    def get(self, query: dict[str, Any]) -> Any:
        """Historical products; ``state=unswitched``: those without a template yet (F-05)."""
        return application().products.historical(**query)

    @allow("platform_operator")
    @blp.arguments(HistoricalTable)
    @blp.response(200, TableResults)
    def post(self, body: dict[str, Any]) -> Response:
        """Record historical products and give them their templates, all rows or none (P-13, F-04)."""
        rows = [TableLine(**row) for row in body["rows"]]
        return reply(application().carry_out(command(), take_over_table(rows=rows)))


@blp.route("/api/v1/historical-products/<uuid:historical_id>/offline")
class HistoricalOffline(MethodView):
    @allow("platform_operator")
    @blp.arguments(Offline)
    @blp.response(200, HistoricalState)
    def post(self, body: dict[str, Any], historical_id: UUID) -> Response:
        """下线 of a product that was not switched in time (F-05)."""
        outcome = application().carry_out(
            command(), take_historical_product_offline(historical_id=historical_id, **body)
        )
        return reply(outcome)


@blp.errorhandler(TableRefused)
def table_refused(error: TableRefused) -> Response:
    errors = [
        {"field": f"rows.{w.row}.{w.field}", "code": w.code, "zh": w.zh, "en": w.en, "message": w.zh}
        for w in error.wrong
    ]
    return Problem(422, "table-refused", "表格有误，未作任何更改", "The table is wrong; nothing was changed",
                   errors=errors).response()  # fmt: skip
