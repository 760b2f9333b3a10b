"""排队情况 of vendor and provider, and 分单 (D-13…D-18, D-36, D-40…D-45)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from delivery_shared.contracts.dispatch import QUEUE_REASONS
from delivery_shared.http import Problem, allow, application, caller
from delivery_shared.http.paging import CursorField, LimitField, Page, page_schema
from delivery_shared.http.texts import Text
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, fields, validate

PAGE = 50
"""Rows of a page unless asked for otherwise."""

blp = Blueprint("queue", __name__, description="排队情况 / what waits for a provider or a person")

KINDS = {"vendor": ("vendor_admin", "vendor_project_manager"), "provider": ("provider_admin",)}


class QueueQuery(Schema):
    """A main account says in which entrance it is. ``department_id``: what waits for its people under 部门优先, told
    to the provider."""

    cursor = CursorField(int, load_default=None)
    limit = LimitField(PAGE)

    entrance = fields.String(required=True, validate=validate.OneOf(tuple(KINDS)))
    department_id = fields.UUID()
    order_number = Text(longest=100)
    provider_name = Text(longest=100)


class WaitingOut(Schema):
    """A row of 排队情况: ``provider_name`` None shows as “--” (D-18); ``last_attempt`` is 最近更新时间 (D-16).
    ``department_id``: of the provider whose people alone can take it (D-26); if ``department_deleted``, those of the
    department above or of the whole provider. ``next_attempt``: the hourly poll, None while it is suspended."""

    request_id = fields.UUID()
    project_id = fields.UUID()
    order_number = fields.String()
    product_id = fields.UUID()
    product_name = fields.String(allow_none=True)
    customer_id = fields.UUID()
    customer_name = fields.String(allow_none=True)
    vendor_id = fields.UUID()
    vendor_name = fields.String(allow_none=True)
    provider_id = fields.UUID(allow_none=True)
    provider_name = fields.String(allow_none=True)
    role = fields.String(allow_none=True)
    role_name = fields.String(allow_none=True)
    department_id = fields.UUID(allow_none=True)
    department_name = fields.String(allow_none=True)
    department_deleted = fields.Boolean(allow_none=True)
    reason = fields.String()
    reason_text = fields.Function(lambda row: QUEUE_REASONS[row["reason"]].chinese, metadata={"type": "string"})
    queued_at = fields.AwareDateTime()
    waiting_seconds = fields.Integer()
    next_attempt = fields.AwareDateTime(allow_none=True)
    last_attempt = fields.AwareDateTime(allow_none=True)
    suspended = fields.Boolean()


class AttemptOut(Schema):
    """``status``: ``assigned`` – to provider or person –, ``waiting`` for ``reason``, or ``pending``."""

    status = fields.String()
    request_id = fields.UUID()
    project_id = fields.UUID()
    provider_id = fields.UUID(allow_none=True)
    role = fields.String(allow_none=True)
    person_id = fields.UUID(allow_none=True)
    reason = fields.String(allow_none=True)
    reason_text = fields.Function(
        lambda row: QUEUE_REASONS[row["reason"]].chinese if row.get("reason") else None,
        metadata={"type": ["string", "null"]},
    )
    last_attempt = fields.AwareDateTime(allow_none=True)


@blp.route("/api/v1/queue")
class Queue(MethodView):
    @allow("vendor_admin", "vendor_project_manager", "provider_admin")
    @blp.arguments(QueueQuery, location="query", unknown=RAISE)
    @blp.response(200, page_schema(WaitingOut))
    def get(self, query: dict[str, Any]) -> Page:
        """What waits, in the order in which it will be tried."""
        if not caller().is_a(*KINDS[query["entrance"]]):
            raise Problem.of(403)
        page: Page = application().queue.waiting(by=caller(), **query)
        return page


@blp.route("/api/v1/queue/<uuid:request_id>/dispatch")
class DispatchNow(MethodView):
    @allow("vendor_admin", "vendor_project_manager", "provider_admin")
    @blp.response(200, AttemptOut)
    @blp.alt_response(202, schema=AttemptOut, description="The attempt is still to come")
    @blp.alt_response(409, description="The project is paused")
    def post(self, request_id: UUID) -> Any:
        """分单: try at once."""
        answer = application().dispatch_now(by=caller(), request_id=request_id)
        return answer, 202 if answer["status"] == "pending" else 200
