"""站内信: the caller's own box."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from delivery_shared.http import SIGNED_IN, allow, application, caller
from delivery_shared.http.fields import QuerySwitch
from delivery_shared.http.paging import PageQuery, page_schema
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, fields

blp = Blueprint("messages", __name__, description="站内信")


class BoxQuery(PageQuery):
    """Where in the box; ``unread`` true or false limits it."""

    unread = QuerySwitch(load_default=None)


class MessageOut(Schema):
    """A message about a node of a project."""

    message_id = fields.UUID(required=True)
    project_id = fields.UUID(required=True)
    order_number = fields.String(required=True)
    node_name = fields.String(required=True)
    trigger = fields.String(required=True)
    title = fields.String(required=True)
    body = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)
    read_at = fields.AwareDateTime(required=True, allow_none=True)


class UnreadOut(Schema):
    """How many messages are unread."""

    unread = fields.Integer(required=True)


@blp.route("/api/v1/messages")
class Box(MethodView):
    @allow(SIGNED_IN)
    @blp.arguments(BoxQuery, location="query", unknown=RAISE)
    @blp.response(200, page_schema(MessageOut))
    def get(self, query: dict[str, Any]) -> Any:
        """The caller's messages, newest first (N-04)."""
        return application().messages(by=caller(), unread=query["unread"], after=query["cursor"], limit=query["limit"])


@blp.route("/api/v1/messages/unread-count")
class UnreadCount(MethodView):
    @allow(SIGNED_IN)
    @blp.response(200, UnreadOut)
    def get(self) -> dict[str, int]:
        """How many messages the caller has not read."""
        return {"unread": application().unread_count(by=caller())}


@blp.route("/api/v1/messages/<uuid:message_id>/read")
class Read(MethodView):
    @allow(SIGNED_IN)
    @blp.response(200, MessageOut)
    def put(self, message_id: UUID) -> Any:
        """Mark a message as read. Doing it again keeps the first time."""
        return application().mark_read(by=caller(), message_id=message_id)
