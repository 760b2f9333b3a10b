"""未注册买家, for the platform operator."""

from __future__ import annotations

from typing import Any

from delivery_shared.http import allow, application
from delivery_shared.http.paging import PageQuery, page_schema
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, fields

blp = Blueprint("buyers", __name__, description="未注册买家 / buyers who ordered and are not registered")


class OrderOut(Schema):
    """An unfinished project; ``waits``: its open node is the buyer's."""

    project_id = fields.UUID(required=True)
    order_number = fields.String(required=True)
    product_name = fields.String(required=True)
    vendor_name = fields.String(required=True, allow_none=True)
    stage = fields.String(required=True, allow_none=True)
    state = fields.String(required=True)
    waits = fields.Boolean(required=True)
    entered_at = fields.AwareDateTime(required=True, allow_none=True)


class BuyerOut(Schema):
    """A buyer nobody can act for: ``projects`` that are not finished, ``waiting`` of them for the buyer."""

    customer_id = fields.UUID(required=True)
    customer_name = fields.String(required=True, allow_none=True)
    customer_number = fields.String(required=True, allow_none=True)
    customer_marketplace = fields.String(
        required=True, metadata={"description": "whose the number is; empty: of the home marketplace"}
    )
    last_order_at = fields.AwareDateTime(required=True)
    projects = fields.Integer(required=True)
    waiting = fields.Integer(required=True)
    orders = fields.List(
        fields.Nested(OrderOut), required=True, metadata={"description": "the first, those that wait before the others"}
    )


@blp.route("/api/v1/unregistered-buyers")
class UnregisteredBuyers(MethodView):
    @allow("platform_operator")
    @blp.arguments(PageQuery, location="query", unknown=RAISE)
    @blp.response(200, page_schema(BuyerOut))
    def get(self, query: dict[str, Any]) -> Any:
        """Buyers who ordered and are not registered, and what waits for them; whoever ordered last first."""
        return application().unregistered_buyers(after=query["cursor"], limit=query["limit"])
