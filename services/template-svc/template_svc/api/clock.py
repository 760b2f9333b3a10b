"""The platform's clock over HTTP: moved by the platform operator where the installation allows it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from delivery_shared.http import allow, application, command, reply
from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import Schema, fields

from template_svc.commands.calendar import move_clock

blp = Blueprint("clock", __name__, description="Time of timers and dashboards (demo and tests)")


class Move(Schema):
    offset_seconds = fields.Integer(
        required=True, strict=True, metadata={"description": "ahead of the database's time; 0 = not moved"}
    )


class PlatformTime(Schema):
    offset_seconds = fields.Integer()
    movable = fields.Boolean()
    now = fields.AwareDateTime(metadata={"description": "time of timers and dashboards; only when read"})


@blp.route("/api/v1/clock")
class PlatformClock(MethodView):
    @allow("platform_operator")
    @blp.response(200, PlatformTime)
    def get(self) -> dict[str, Any]:
        """What time it is for timers and dashboards."""
        offset = application().clock_offset
        return {
            "offset_seconds": int(offset.total_seconds()),
            "movable": application().means.movable_clock,
            "now": datetime.now(UTC) + offset,
        }

    @allow("platform_operator")
    @blp.arguments(Move)
    @blp.response(200, PlatformTime)
    def put(self, body: dict[str, Any]) -> Response:
        """Move it: due timers fire, dashboards show that day. Refused where the clock is fixed (production)."""
        return reply(application().carry_out(command(), move_clock(**body)))
