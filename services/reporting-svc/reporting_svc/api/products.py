"""产品中心."""

from __future__ import annotations

from typing import Any

from delivery_shared.http import allow, application, caller
from delivery_shared.http.paging import PageQuery, page_schema
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, fields

from reporting_svc.api.schemas import text

blp = Blueprint("product list", __name__, description="产品中心")


class ProductListQuery(PageQuery):
    """The filters of P-03."""

    code = text()
    name = text()
    template_name = text()


class ConfiguredProviderOut(Schema):
    """A configured provider (P-29)."""

    provider_id = fields.UUID(required=True)
    name = fields.String(required=True, allow_none=True)
    weight = fields.Integer(required=True)
    maximum = fields.Integer(required=True)


class ProductOut(Schema):
    """A row of 产品中心 (P-02). ``provider_state``: unconfigured 未配置 or configured 已配置 (P-04).

    ``operations``: what is offered then – configure 配置服务商, or view 查看 and edit 编辑 (P-05).
    """

    product_id = fields.UUID(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    listed_at = fields.AwareDateTime(required=True)
    taken_offline_at = fields.AwareDateTime(required=True, allow_none=True, metadata={"description": "下线 (F-05)"})
    vendor_id = fields.UUID(required=True)
    vendor_name = fields.String(required=True, allow_none=True)
    template_id = fields.UUID(required=True)
    template_version = fields.Integer(required=True)
    template_name = fields.String(required=True)
    provider_state = fields.Function(
        lambda row: "configured" if row["providers"] else "unconfigured",
        required=True,
        metadata={"type": "string", "enum": ["configured", "unconfigured"]},
    )
    operations = fields.Function(
        lambda row: ["view", "edit"] if row["providers"] else ["configure"],
        required=True,
        metadata={"type": "array", "items": {"type": "string"}},
    )
    providers = fields.List(fields.Nested(ConfiguredProviderOut), required=True)


@blp.route("/api/v1/product-list")
class ProductList(MethodView):
    @allow("vendor_admin", "vendor_project_manager", "platform_operator")
    @blp.arguments(ProductListQuery, location="query", unknown=RAISE)
    @blp.response(200, page_schema(ProductOut))
    def get(self, query: dict[str, Any]) -> Any:
        """产品中心, newest first (P-01 … P-07)."""
        return application().products(by=caller(), after=query.pop("cursor"), limit=query.pop("limit"), filters=query)
