"""项目留言 and 项目备注."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from delivery_shared.http import BY_LINK, SIGNED_IN, allow, caller
from delivery_shared.http.fields import Time
from delivery_shared.http.paging import page_schema
from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, fields, validate

from project_svc import commands
from project_svc.api.calling import application, carried_out
from project_svc.api.schemas import AsCustomer, PageQuery, Prose, Strict
from project_svc.domain.talking import MENTIONS
from project_svc.pages.talk import comments, notes

blp = Blueprint("talk", __name__, description="项目留言, 项目备注")


class TalkQuery(AsCustomer, PageQuery):
    """As whom, and which page."""


class NewText(Strict):
    """``mentions``: who is told of it, among the ``people`` of the conversation."""

    text = Prose(required=True)
    mentions = fields.List(fields.UUID(), load_default=[], validate=validate.Length(max=MENTIONS))


class Said(Schema):
    author = fields.String(required=True)
    role = fields.String(required=True)
    time = fields.String(required=True)
    text = fields.String(required=True)


class NewComment(Schema):
    comment_id = fields.UUID(required=True)


class Comment(NewComment, Said):
    """A comment as shown."""


class NewNote(Schema):
    note_id = fields.UUID(required=True)


class Note(NewNote, Said):
    """A note as shown."""


class ShownFile(Schema):
    name = fields.String(required=True)
    size_text = fields.String(required=True)
    href = fields.String(required=True)


class Entry(Said):
    """Something said or shown: a comment, a note – never for the customer –, or a file. ``new``: somebody else said
    it, and the caller has not read it."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(("comment", "note", "file")))
    at = fields.AwareDateTime(required=True)
    own = fields.Boolean(required=True)
    new = fields.Boolean(required=True)
    mentions = fields.List(fields.String(), required=True, metadata={"description": "names of who was told of it"})
    file = fields.Nested(ShownFile, required=True, allow_none=True)


class Talker(Schema):
    """``customer``: reads comments only."""

    user_id = fields.UUID(required=True)
    name = fields.String(required=True)
    customer = fields.Boolean(required=True)


class Seen(Strict):
    until = Time(required=True, metadata={"description": "`at` of the newest entry that was shown"})


Thread = page_schema(
    Entry,
    unread=fields.Integer(required=True),
    people=fields.List(fields.Nested(Talker), required=True),
)


@blp.route("/api/v1/projects/<uuid:project_id>/conversation")
class Conversation(MethodView):
    @allow(SIGNED_IN, BY_LINK)
    @blp.arguments(TalkQuery, location="query", unknown=RAISE)
    @blp.response(200, Thread)
    def get(self, query: dict[str, Any], project_id: UUID) -> Any:
        """项目留言, 项目备注 and files in one thread, newest first, with whom it can be talked of."""
        return application().conversation(by=caller(), project_id=project_id, **query)


@blp.route("/api/v1/projects/<uuid:project_id>/conversation/seen")
class ConversationSeen(MethodView):
    @allow(SIGNED_IN, BY_LINK)
    @blp.arguments(Seen)
    @blp.response(204)
    def put(self, body: dict[str, Any], project_id: UUID) -> None:
        """The caller has read it until then. What was read stays read."""
        application().see_conversation(by=caller(), project_id=project_id, **body)


@blp.route("/api/v1/projects/<uuid:project_id>/comments")
class Comments(MethodView):
    @allow(SIGNED_IN, BY_LINK)
    @blp.arguments(TalkQuery, location="query", unknown=RAISE)
    @blp.response(200, page_schema(Comment))
    def get(self, query: dict[str, Any], project_id: UUID) -> Any:
        """项目留言对顾客及所有项目参与人可见."""
        return application().listed(comments, by=caller(), project_id=project_id, **query)

    @allow(SIGNED_IN, BY_LINK)
    @blp.arguments(NewText)
    @blp.response(201, NewComment)
    def post(self, body: dict[str, Any], project_id: UUID) -> Response:
        """A comment of an operator of the project."""
        return carried_out(commands.comment(by=caller(), project_id=project_id, **body))


@blp.route("/api/v1/projects/<uuid:project_id>/notes")
class Notes(MethodView):
    @allow(SIGNED_IN)
    @blp.arguments(TalkQuery, location="query", unknown=RAISE)
    @blp.response(200, page_schema(Note))
    def get(self, query: dict[str, Any], project_id: UUID) -> Any:
        """项目备注, never for the customer."""
        return application().listed(notes, by=caller(), project_id=project_id, **query)

    @allow("provider_admin", "staff")
    @blp.arguments(NewText)
    @blp.response(201, NewNote)
    def post(self, body: dict[str, Any], project_id: UUID) -> Response:
        """A note of an operator of the provider's side."""
        return carried_out(commands.note(by=caller(), project_id=project_id, **body))
