"""消息提醒设置 of a person: on which channels he is told of what, and when not."""

from __future__ import annotations

from typing import Any

from delivery_shared.http import SIGNED_IN, allow, application, caller
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from notify_svc.preferences import CHANNELS, EVENTS, MINUTES

blp = Blueprint("preferences", __name__, description="个人消息提醒设置: how somebody wants to be told")

HALF = "请填写开始和结束时间 / give both ends of the quiet hours"
SAME = "开始和结束时间不能相同 / the quiet hours begin and end at the same time"


class Silence(Schema):
    """Of this nothing is told there; the box has it."""

    class Meta:
        unknown = RAISE

    event = fields.String(required=True, validate=validate.OneOf(EVENTS))
    channel = fields.String(required=True, validate=validate.OneOf(CHANNELS))


def _minute() -> fields.Integer:
    return fields.Integer(
        required=True,
        allow_none=True,
        strict=True,
        validate=validate.Range(min=0, max=MINUTES - 1),
        metadata={"description": "minute of the day, in Shanghai"},
    )


class Preferences(Schema):
    """``muted``: what is not told; SMS and email wait while it is quiet, over midnight where the first is the later."""

    class Meta:
        unknown = RAISE

    muted = fields.List(
        fields.Nested(Silence), required=True, validate=validate.Length(max=len(EVENTS) * len(CHANNELS))
    )
    quiet_from = _minute()
    quiet_to = _minute()

    @validates_schema
    def both_or_none(self, data: dict[str, Any], **_: Any) -> None:
        begin, end = data["quiet_from"], data["quiet_to"]
        if (begin is None) != (end is None):
            raise ValidationError(HALF, "quiet_to")
        if begin is not None and begin == end:
            raise ValidationError(SAME, "quiet_to")


@blp.route("/api/v1/messages/preferences")
class MessagePreferences(MethodView):
    @allow(SIGNED_IN)
    @blp.response(200, Preferences)
    def get(self) -> Any:
        """How the caller wants to be told."""
        return shown(application().preferences(by=caller()))

    @allow(SIGNED_IN)
    @blp.arguments(Preferences)
    @blp.response(200, Preferences)
    def put(self, body: dict[str, Any]) -> Any:
        """Be told like this from now on."""
        muted = [f"{one['event']}/{one['channel']}" for one in body.pop("muted")]
        return shown(application().prefer(by=caller(), muted=muted, **body))


def shown(kept: dict[str, Any]) -> dict[str, Any]:
    pairs = (one.partition("/") for one in kept["muted"])
    return {**kept, "muted": [{"event": event, "channel": channel} for event, _, channel in pairs]}
