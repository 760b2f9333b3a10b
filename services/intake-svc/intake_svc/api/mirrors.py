"""镜像 over HTTP: telling the marketplace's own delivery center what is done here – settings, and what was told."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from delivery_shared.http import allow, application, caller, command, reply
from delivery_shared.http.fields import Switch
from delivery_shared.http.paging import PageQuery, page_schema
from delivery_shared.http.texts import Text
from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, fields, validate

from intake_svc.api.connections import READERS, WRITERS, ConnectionState, vendor_id
from intake_svc.commands import mirrors as commands
from intake_svc.kinds import KINDS

blp = Blueprint("mirrors", __name__, description="镜像: telling the marketplace's own delivery center")

STATES = ("waiting", "told", "seen", "parked", "dismissed")
ACTS = ("finish", "rollback", "pause", "resume")
LARGEST_NODE = 2**53 - 1


class AccessKeyId(Text):
    """Stands in a header of every request."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(shortest=1, longest=64, **kwargs)
        self.validators.append(validate.Regexp(r"[A-Za-z0-9._-]+\Z", error="AccessKey ID无效 / no AccessKey ID"))


class MirrorForm(Schema):
    endpoint = Text(
        required=True,
        shortest=1,
        longest=200,
        metadata={"description": "one of `endpoints`"},
    )
    access_key_id = AccessKeyId(required=True)
    secret = fields.String(
        load_default=None, allow_none=True, validate=validate.Length(min=1, max=200),
        metadata={"description": "of the access key; none: the one given before"},
    )  # fmt: skip
    enabled = Switch(load_default=True, metadata={"description": "off: what is to be told waits"})


class MirrorOut(Schema):
    available = fields.Boolean(metadata={"description": "this kind of marketplace can be told, and may be from here"})
    endpoints = fields.List(
        fields.String(), metadata={"description": "the addresses that may be told; the first is preset"}
    )
    configured = fields.Boolean()
    endpoint = fields.String(allow_none=True)
    access_key_id = fields.String(allow_none=True)
    enabled = fields.Boolean()
    error = fields.String(allow_none=True, metadata={"description": "why nothing can be told at present"})
    failed_at = fields.AwareDateTime(allow_none=True)
    answered_at = fields.AwareDateTime(allow_none=True, metadata={"description": "when it answered last"})
    waiting = fields.Integer()
    waiting_since = fields.AwareDateTime(allow_none=True)
    parked = fields.Integer()
    told = fields.Integer()
    seen = fields.Integer(metadata={"description": "was so there already"})


class ReportQuery(PageQuery):
    state = fields.String(load_default="", validate=validate.OneOf(["", *STATES]))


class ReportState(Schema):
    id = fields.UUID()
    state = fields.String(validate=validate.OneOf(STATES))
    reason = fields.String(allow_none=True, metadata={"description": "of one that is parked, or waits longer"})


class ReportEntry(ReportState):
    project_id = fields.UUID()
    order_key = fields.String(metadata={"description": "the marketplace's key of the order"})
    order_number = fields.String(allow_none=True)
    number = fields.Integer(metadata={"description": "counts the reports of the project; told in this order"})
    act = fields.String(validate=validate.OneOf(ACTS))
    step = fields.Integer(allow_none=True)
    name = fields.String(allow_none=True, metadata={"description": "of the node here"})
    node_id = fields.Integer(allow_none=True, metadata={"description": "of the node there, if it was named by hand"})
    tries = fields.Integer()
    asked_at = fields.AwareDateTime()
    ended_at = fields.AwareDateTime(allow_none=True)


ReportPage = page_schema(ReportEntry)


class ReplayForm(Schema):
    node_id = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(1, LARGEST_NODE),
        metadata={"description": "the marketplace's node that is meant, where it is not found by itself"},
    )  # fmt: skip


@blp.route("/api/v1/connections/<uuid:connection_id>/mirror")
class Mirror(MethodView):
    @allow(*READERS)
    @blp.response(200, MirrorOut)
    def get(self, connection_id: UUID) -> Any:
        """The mirror of a connection, and how it is doing; the secret of its access key is never read back."""
        found = application().mirrors.one(connection_id, vendor_id=vendor_id())
        return {**found, "available": KINDS[found["kind"]].mirrored and bool(found["endpoints"])}

    @allow(*WRITERS)
    @blp.arguments(MirrorForm)
    @blp.response(200, ConnectionState)
    def put(self, body: dict[str, Any], connection_id: UUID) -> Response:
        """Tell the marketplace's own delivery center what is done in projects that begin from now on."""
        operation = commands.set_mirror(vendor_id=caller().party_id, connection_id=connection_id, **body)
        return reply(application().carry_out(command(), operation))


@blp.route("/api/v1/connections/<uuid:connection_id>/reports")
class Reports(MethodView):
    @allow(*READERS)
    @blp.arguments(ReportQuery, location="query", unknown=RAISE)
    @blp.response(200, ReportPage)
    def get(self, query: dict[str, Any], connection_id: UUID) -> Any:
        """What the marketplace's delivery center was or is to be told, newest first."""
        return application().mirrors.reports(connection_id, vendor_id=vendor_id(), **query)


@blp.route("/api/v1/connections/<uuid:connection_id>/reports/<uuid:report_id>/replay")
class ReportReplay(MethodView):
    @allow(*WRITERS)
    @blp.arguments(ReplayForm)
    @blp.response(200, ReportState)
    def post(self, body: dict[str, Any], connection_id: UUID, report_id: UUID) -> Response:
        """Tell a parked report after all; those of its project behind it follow."""
        operation = commands.replay_report(
            vendor_id=caller().party_id, connection_id=connection_id, report_id=report_id, **body
        )
        return reply(application().carry_out(command(), operation))


@blp.route("/api/v1/connections/<uuid:connection_id>/reports/<uuid:report_id>/dismissal")
class ReportDismissal(MethodView):
    @allow(*WRITERS)
    @blp.response(200, ReportState)
    def post(self, connection_id: UUID, report_id: UUID) -> Response:
        """A parked report is not to be told: it was put right there. Those behind it follow."""
        operation = commands.dismiss_report(
            vendor_id=caller().party_id, connection_id=connection_id, report_id=report_id
        )
        return reply(application().carry_out(command(), operation))
