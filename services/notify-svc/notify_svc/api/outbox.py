"""The outbox (N-17): messages by SMS and email, and what became of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from delivery_shared.http import allow, application
from delivery_shared.http.paging import PageQuery, page_schema
from delivery_shared.http.texts import Text
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, fields, validate

from notify_svc.delivery_list import CHANNELS, STATES

blp = Blueprint("outbox", __name__, description="发件箱: messages by SMS and email")


class OutboxQuery(PageQuery):
    """Where in the outbox, and of what."""

    channel = fields.String(load_default=None, validate=validate.OneOf(CHANNELS))
    state = fields.String(load_default=None, validate=validate.OneOf(STATES))
    order_number = Text(load_default=None, shortest=1, longest=100)


class DeliveryOut(Schema):
    """A message on one channel. ``result``: why nothing was sent, or what the other side answered last."""

    delivery_id = fields.UUID(required=True)
    message_id = fields.UUID(required=True)
    channel = fields.String(required=True, validate=validate.OneOf(CHANNELS))
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    attempts = fields.Integer(required=True)
    next_try = fields.AwareDateTime(required=True, allow_none=True)
    result = fields.String(required=True, allow_none=True)
    sent_at = fields.AwareDateTime(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    project_id = fields.UUID(required=True)
    order_number = fields.String(required=True)
    node_name = fields.String(required=True)
    trigger = fields.String(required=True)
    receiver_name = fields.String(required=True)
    party_name = fields.String(required=True, allow_none=True)
    address = fields.String(required=True, allow_none=True)
    title = fields.String(required=True)
    body = fields.String(required=True)


@blp.route("/api/v1/outbox")
class OutboxPage(MethodView):
    @allow("platform_operator")
    @blp.arguments(OutboxQuery, location="query", unknown=RAISE)
    @blp.response(200, page_schema(DeliveryOut))
    def get(self, query: dict[str, Any]) -> Any:
        """Messages by SMS and email, newest first (N-15 … N-17)."""
        return application().deliveries.page(after=query.pop("cursor"), **query)


@blp.route("/api/v1/outbox/<uuid:delivery_id>/retry")
class Retry(MethodView):
    @allow("platform_operator")
    @blp.response(200, DeliveryOut)
    def post(self, delivery_id: UUID) -> Any:
        """Try a parked delivery anew (N-16)."""
        return application().deliveries.retry(delivery_id)
