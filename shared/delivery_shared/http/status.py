"""``GET /api/v1/<service>-status``: how this service is doing, for whoever runs the installation.

Every service tells its own figures; nobody asks another service. The status page puts them together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import current_app
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import Schema, fields

from delivery_shared.http.access import allow
from delivery_shared.http.problems import Problem
from delivery_shared.status import ServiceStatus


class OutboxState(Schema):
    """What the broker has not confirmed: ``last`` is the newest id to be published, ``published`` the confirmed one."""

    last = fields.Integer(required=True)
    published = fields.Integer(required=True)
    waiting = fields.Integer(required=True)
    oldest_seconds = fields.Float(required=True)


class FeedState(Schema):
    """``position``: id of the last event of ``source`` applied; behind its ``outbox.last`` something is under way."""

    feed = fields.String(required=True)
    source = fields.String(required=True)
    position = fields.Integer(required=True)
    parked = fields.Integer(required=True)
    retrying = fields.Integer(required=True)
    oldest_parked_seconds = fields.Float(required=True)


class ServiceState(Schema):
    """``outbox`` is null where nothing is published; ``own`` are figures only this service has, by name."""

    service = fields.String(required=True)
    outbox = fields.Nested(OutboxState, required=True, allow_none=True)
    feeds = fields.List(fields.Nested(FeedState), required=True)
    own = fields.Dict(keys=fields.String(), values=fields.Float(), required=True)


SCHEMAS = ("OutboxState", "FeedState", "ServiceState")
"""Their names in the OpenAPI document, the same in every service."""


def status_blueprint(service: str) -> Blueprint:
    """The route of one service; it answers what ``app.extensions["status"]`` says."""
    blp = Blueprint(f"{service}-status", __name__, description="运行状态: lags, queues and what is put aside")

    @blp.route(f"/api/v1/{service}-status")
    class Status(MethodView):
        @allow("platform_operator")
        @blp.response(200, ServiceState)
        def get(self) -> Any:
            """How this service is doing: outbox, feeds, parked messages and its own figures."""
            status: Callable[[], ServiceStatus] | None = current_app.extensions["status"]
            if status is None:
                raise Problem.of(404)
            return status()

    return blp


__all__ = ["SCHEMAS", "status_blueprint"]
