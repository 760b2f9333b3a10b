"""已购服务."""

from __future__ import annotations

from typing import Any

from delivery_shared.http import allow, application, caller
from delivery_shared.http.fields import QuerySwitch
from delivery_shared.http.paging import PageQuery, page_schema
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, fields

from reporting_svc.api.schemas import text

blp = Blueprint("purchased services", __name__, description="已购服务")


class PurchasedServiceOut(Schema):
    """A row of 已购服务 (S-03). An expiry in the past changes nothing (S-08)."""

    project_id = fields.UUID(required=True)
    order_number = fields.String(required=True)
    product_name = fields.String(required=True)
    edition = fields.String(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    vendor_id = fields.UUID(required=True)
    vendor_name = fields.String(required=True, allow_none=True)
    valid_until = fields.Date(required=True, allow_none=True)
    state = fields.String(required=True)
    stage = fields.String(required=True, allow_none=True)


class PurchasedQuery(PageQuery):
    """A page of 已购服务, and what is looked for."""

    order_number = text()
    product_name = text()
    waiting = QuerySwitch(metadata={"description": "what waits for the customer, who can go on with it – or the rest"})


@blp.route("/api/v1/purchased-services")
class PurchasedServices(MethodView):
    @allow("vendor_admin", "vendor_project_manager", "provider_admin", "staff", "account_manager", "customer")
    @blp.arguments(PurchasedQuery, location="query", unknown=RAISE)
    @blp.response(200, page_schema(PurchasedServiceOut))
    def get(self, query: dict[str, Any]) -> Any:
        """The services the caller's party bought, newest first (S-01 … S-03)."""
        after, limit = query.pop("cursor"), query.pop("limit")
        return application().purchased_services(by=caller(), filters=query, after=after, limit=limit)
