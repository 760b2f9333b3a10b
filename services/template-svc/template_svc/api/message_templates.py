"""消息模板 over HTTP: browsed by vendor admins (N-12), kept by the platform operator (T-110)."""

from __future__ import annotations

from typing import Any

from delivery_shared.http import allow, application, command, needs, reply, require_version
from delivery_shared.http.fields import Switch
from delivery_shared.http.texts import Text
from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from template_svc.api.fields import Code
from template_svc.api.node_forms import RECEIVER
from template_svc.commands.reference import change_message_template, define_message_template
from template_svc.domain.kinds import KINDS

blp = Blueprint("message-templates", __name__, description="消息模板: message templates")


def distinct(channels: list[str]) -> None:
    """每个渠道只能选一次 / each channel once"""
    if len(channels) != len(set(channels)):
        raise ValidationError("每个渠道只能选一次 / each channel once")


class Texts(Schema):
    """What sender and receiver read; variables are written ``{{ order_number }}``. The name is 发送节点-发送对象
    (N-10)."""

    name = Text(required=True, shortest=1, longest=50, metadata={"example": "项目完成节点-通知客户"})
    title = Text(required=True, shortest=1, longest=100)
    body = Text(required=True, shortest=1, longest=2000, lines=True)
    channels = fields.List(
        fields.String(validate=validate.OneOf(["sms", "email", "in_site"])),
        load_default=lambda: ["sms", "email"],
        validate=distinct,
    )
    remark = Text(longest=500, lines=True, load_default="")


class NewMessageTemplate(Texts):
    code = Code(required=True)


class MessageTemplateChange(Texts):
    active = Switch(required=True)


class MessageTemplateQuery(Schema):
    """``node_type`` and ``receiver`` together (and ``side``, where the node has one): a row of 消息提醒设置 is being
    filled, so the templates that fit it come first (T-94)."""

    name = Text(longest=50, load_default="")
    node_type = fields.String(load_default=None, validate=validate.OneOf(list(KINDS)))
    side = fields.String(load_default=None, validate=validate.OneOf(["provider", "customer"]))
    receiver = fields.String(load_default=None, validate=validate.Regexp(RECEIVER))

    @validates_schema
    def both_or_neither(self, data: dict[str, Any], **_: Any) -> None:
        """What fits hangs on node and receiver."""
        if (data["node_type"] is None) != (data["receiver"] is None):
            raise ValidationError("node_type 和 receiver 须同时填写 / give both or neither", "receiver")


class MessageTemplateState(Schema):
    code = fields.String()
    name = fields.String()
    active = fields.Boolean()
    version = fields.Integer(metadata={"description": "for If-Match"})


class MessageTemplateEntry(MessageTemplateState):
    title = fields.String()
    body = fields.String()
    channels = fields.List(fields.String())
    remark = fields.String()
    fits = fields.Boolean(metadata={"description": "only where node and receiver were asked for (T-94)"})


class MessageTemplateList(Schema):
    items = fields.List(fields.Nested(MessageTemplateEntry))
    total = fields.Integer()


@blp.route("/api/v1/message-templates")
class MessageTemplates(MethodView):
    @allow("vendor_admin", "platform_operator")
    @blp.arguments(MessageTemplateQuery, location="query", unknown=RAISE)
    @blp.response(200, MessageTemplateList)
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """All message templates, by part of the name; those that fit a node and receiver first (T-94)."""
        items = application().reference.message_templates(**query)
        return {"items": items, "total": len(items)}

    @allow("platform_operator")
    @blp.arguments(NewMessageTemplate)
    @blp.response(201, MessageTemplateState)
    def post(self, body: dict[str, Any]) -> Response:
        """A new message template."""
        return reply(application().carry_out(command(), define_message_template(**body)))


@blp.route("/api/v1/message-templates/<string:code>")
class OneMessageTemplate(MethodView):
    @allow("platform_operator")
    @needs(version="must")
    @blp.arguments(MessageTemplateChange)
    @blp.response(200, MessageTemplateState)
    def put(self, body: dict[str, Any], code: str) -> Response:
        """Replace, deactivate or reactivate. Needs ``If-Match`` with the version edited."""
        outcome = application().carry_out(
            command(), change_message_template(code=code, at_version=require_version, **body)
        )
        return reply(outcome)
