"""通知 over HTTP: what marketplaces sent, and what to do of notices that are parked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from delivery_shared.http import allow, application, caller, command, reply
from delivery_shared.http.paging import PageQuery, page_schema
from delivery_shared.http.texts import Text
from delivery_shared.order_parameters import LONGEST_KEY, MOST
from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, fields, validate

from intake_svc.api.connections import READERS, WRITERS, vendor_id
from intake_svc.commands import notices as commands

blp = Blueprint("notices", __name__, description="通知: what marketplaces sent")

STATES = ("applied", "parked", "refused")
ACTS = ("create", "renew", "change", "expire", "freeze", "thaw", "release", "nothing")


class NoticeQuery(PageQuery):
    state = fields.String(load_default="", validate=validate.OneOf(["", *STATES]))
    order = Text(longest=200, load_default="", metadata={"description": "the marketplace's key of the order"})


class NoticeState(Schema):
    id = fields.UUID()
    state = fields.String(validate=validate.OneOf(STATES))
    reason = fields.String(allow_none=True, metadata={"description": "of one that is parked or refused"})
    parameter = fields.String(
        allow_none=True, metadata={"description": "of a parked order: which parameter does not fit what is declared"}
    )
    effect = fields.String(allow_none=True, metadata={"description": "the message it became"})


class NoticeEntry(NoticeState):
    order_id = fields.UUID(metadata={"description": "the project the order is, or would be"})
    order_key = fields.String()
    key = fields.String()
    number = fields.Integer(metadata={"description": "counts the notices of the order"})
    verb = fields.String()
    received_at = fields.AwareDateTime()


NoticePage = page_schema(NoticeEntry)


class Raw(Schema):
    method = fields.String()
    query = fields.String()
    headers = fields.Dict(keys=fields.String(), values=fields.String())
    body = fields.String()


class Answered(Schema):
    status = fields.Integer()
    body = fields.String()


class ContactOut(Schema):
    name = fields.String(allow_none=True)
    mobile = fields.String(allow_none=True)
    email = fields.String(allow_none=True)
    locale = fields.String(allow_none=True)


class Translated(Schema):
    """What the notice asks for; of the other fields those that its ``act`` has."""

    act = fields.String(validate=validate.OneOf(ACTS))
    order_number = fields.String()
    business_number = fields.String()
    customer_number = fields.String()
    customer_name = fields.String()
    contact = fields.Nested(ContactOut)
    product_code = fields.String()
    sku = fields.String()
    quantity = fields.Integer()
    trial = fields.Boolean()
    test = fields.Boolean()
    valid_until = fields.Date()
    parameters = fields.Dict(keys=fields.String(), values=fields.String())
    sales_channel = fields.String()
    refund = fields.Boolean()


class NoticeDetail(NoticeEntry):
    raw = fields.Nested(Raw, allow_none=True, metadata={"description": "null: erased with its buyer"})
    translated = fields.Nested(
        Translated, allow_none=True, metadata={"description": "null: its verb is not known, or erased"}
    )
    answered = fields.Nested(Answered, allow_none=True)
    changes = fields.Dict(keys=fields.String(), values=fields.String(), metadata={"description": "what was put right"})


class Changes(Schema):
    product_code = Text(shortest=1, longest=200)
    sku = Text(longest=200)
    parameters = fields.Dict(
        keys=Text(shortest=1, longest=LONGEST_KEY),
        values=Text(longest=500),
        validate=validate.Length(max=MOST),
        metadata={"description": "of an order, by name; an empty one counts as not given"},
    )


@blp.route("/api/v1/connections/<uuid:connection_id>/notices")
class Notices(MethodView):
    @allow(*READERS)
    @blp.arguments(NoticeQuery, location="query", unknown=RAISE)
    @blp.response(200, NoticePage)
    def get(self, query: dict[str, Any], connection_id: UUID) -> Any:
        """The notices of a connection, newest first."""
        return application().notices.listed(connection_id, vendor_id=vendor_id(), **query)


@blp.route("/api/v1/connections/<uuid:connection_id>/notices/<uuid:notice_id>")
class Notice(MethodView):
    @allow(*READERS)
    @blp.response(200, NoticeDetail)
    def get(self, connection_id: UUID, notice_id: UUID) -> Any:
        """One notice: as it came, what it says, what is answered."""
        return application().notices.one(connection_id, notice_id, vendor_id=vendor_id())


@blp.route("/api/v1/connections/<uuid:connection_id>/notices/<uuid:notice_id>/replay")
class NoticeReplay(MethodView):
    @allow(*WRITERS)
    @blp.arguments(Changes)
    @blp.response(200, NoticeState)
    def post(self, body: dict[str, Any], connection_id: UUID, notice_id: UUID) -> Response:
        """Try a parked notice again, with what was put right; then those parked behind it."""
        said = body.pop("parameters", {})
        operation = commands.replay_notice(
            vendor_id=caller().party_id,
            connection_id=connection_id,
            notice_id=notice_id,
            changes=body,
            parameters=said,
        )
        return reply(application().carry_out(command(), operation))


@blp.route("/api/v1/connections/<uuid:connection_id>/notices/<uuid:notice_id>/refusal")
class NoticeRefusal(MethodView):
    @allow(*WRITERS)
    @blp.response(200, NoticeState)
    def post(self, connection_id: UUID, notice_id: UUID) -> Response:
        """A parked notice is not wanted; those behind it are tried."""
        operation = commands.refuse_notice(
            vendor_id=caller().party_id, connection_id=connection_id, notice_id=notice_id
        )
        return reply(application().carry_out(command(), operation))
