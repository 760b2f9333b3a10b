"""项目详情, 流程日志 and the management of a project."""

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
from project_svc.api.details import Details
from project_svc.api.orders import ContactIn
from project_svc.api.schemas import AsCustomer, PageQuery, Prose, Remark, Standing, Strict
from project_svc.domain.order import OrderContact
from project_svc.domain.talking import STARS
from project_svc.pages.flow_log import HOLD_NAMES

blp = Blueprint("projects", __name__, description="项目: details, flow log, pause, cancellation")

STARS_WANTED = "请选择1-5星 / choose 1 to 5 stars"


class AsOf(AsCustomer):
    at = Time(load_default=None, metadata={"description": "the page as it was at that moment"})


class NewEvaluation(Strict):
    """评价: 1–5 stars, and a text if wanted (R-137)."""

    stars = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=STARS[0], max=STARS[-1], error=STARS_WANTED),
        error_messages={"invalid": STARS_WANTED, "required": STARS_WANTED},
    )
    text = Prose(load_default=None, allow_none=True)


class LogRow(Schema):
    node = fields.String(required=True)
    event = fields.String(required=True)
    actor = fields.String(required=True)
    remark = fields.String(required=True)
    time = fields.String(required=True)
    earlier_run = fields.Integer(required=True, allow_none=True, metadata={"description": "查看变更前操作记录: ?run=…"})


Log = page_schema(LogRow, run=fields.Integer(required=True))


class LogQuery(AsCustomer, PageQuery):
    run = fields.Integer(load_default=None, validate=validate.Range(min=1))


@blp.route("/api/v1/projects/<uuid:project_id>")
class ProjectDetails(MethodView):
    @allow(SIGNED_IN, BY_LINK)
    @blp.arguments(AsOf, location="query", unknown=RAISE)
    @blp.response(200, Details)
    def get(self, query: dict[str, Any], project_id: UUID) -> Any:
        """项目详情; ``at`` shows it as it was then."""
        return application().details(by=caller(), project_id=project_id, **query)


class Span(Schema):
    start = fields.AwareDateTime(data_key="from", attribute="from", required=True)
    end = fields.AwareDateTime(data_key="to", attribute="to", required=True, allow_none=True)


class RunSpan(Span):
    run = fields.Integer(required=True)
    provider = fields.String(required=True, allow_none=True)


class PauseSpan(Span):
    remark = fields.String(required=True)
    by = fields.String(required=True)


class HoldSpan(Span):
    """冻结 or 到期, of the order: it goes on over a change of provider."""

    reason = fields.String(required=True, validate=validate.OneOf(tuple(HOLD_NAMES)))
    reason_text = fields.String(required=True)


class OperatorSpan(Span):
    operator = fields.String(required=True)


class OverdueSpan(Span):
    side = fields.String(required=True, validate=validate.OneOf(("server", "customer")))


class NodeSpan(Span):
    """One visit of a node. ``waiting``: until dispatch or a claimer had decided. Pauses and holds are no
    ``working_seconds``. ``outcome``: ``completed``, ``timed_out``, ``rejected``, ``restarted``, ``cancelled``, or null
    while open."""

    run = fields.Integer(required=True)
    visit = fields.Integer(required=True)
    node = fields.String(required=True)
    name = fields.String(required=True)
    type = fields.String(required=True)
    step = fields.Integer(required=True)
    waiting = fields.Boolean(required=True)
    outcome = fields.String(required=True, allow_none=True)
    by = fields.String(required=True, allow_none=True)
    remark = fields.String(required=True, allow_none=True)
    working_seconds = fields.Integer(required=True)
    timeout_days = fields.String(required=True, allow_none=True)
    operators = fields.List(fields.Nested(OperatorSpan), required=True)
    paused = fields.List(fields.Nested(Span), required=True)
    overdue = fields.List(fields.Nested(OverdueSpan), required=True)


class TimelineOut(Schema):
    """A span without an end goes on ``now``."""

    now = fields.AwareDateTime(required=True)
    start = fields.AwareDateTime(data_key="from", attribute="from", required=True)
    end = fields.AwareDateTime(data_key="to", attribute="to", required=True, allow_none=True)
    runs = fields.List(fields.Nested(RunSpan), required=True)
    nodes = fields.List(fields.Nested(NodeSpan), required=True)
    pauses = fields.List(fields.Nested(PauseSpan), required=True)
    holds = fields.List(fields.Nested(HoldSpan), required=True)


@blp.route("/api/v1/projects/<uuid:project_id>/timeline")
class ProjectTimeline(MethodView):
    @allow(SIGNED_IN, BY_LINK)
    @blp.arguments(AsCustomer, location="query", unknown=RAISE)
    @blp.response(200, TimelineOut)
    def get(self, query: dict[str, Any], project_id: UUID) -> Any:
        """The project as spans of time, to be drawn; earlier runs for whom they are not hidden (A-68)."""
        return application().timeline(by=caller(), project_id=project_id, **query)


@blp.route("/api/v1/projects/<uuid:project_id>/log")
class ProjectLog(MethodView):
    @allow(SIGNED_IN, BY_LINK)
    @blp.arguments(LogQuery, location="query", unknown=RAISE)
    @blp.response(200, Log)
    def get(self, query: dict[str, Any], project_id: UUID) -> Any:
        """流程日志, newest first; ``run`` for an earlier run."""
        return application().flow_log(by=caller(), project_id=project_id, **query)


@blp.route("/api/v1/projects/<uuid:project_id>/pause")
class Pause(MethodView):
    @allow("provider_admin")
    @blp.arguments(Remark)
    @blp.response(200, Standing)
    def post(self, body: dict[str, Any], project_id: UUID) -> Response:
        """暂停项目."""
        return carried_out(commands.pause(by=caller(), project_id=project_id, **body))


@blp.route("/api/v1/projects/<uuid:project_id>/resume")
class Resume(MethodView):
    @allow("provider_admin")
    @blp.response(200, Standing)
    def post(self, project_id: UUID) -> Response:
        """启动项目."""
        return carried_out(commands.resume(by=caller(), project_id=project_id))


@blp.route("/api/v1/projects/<uuid:project_id>/cancellation")
class Cancellation(MethodView):
    @allow("platform_operator", "marketplace", "vendor_admin")
    @blp.arguments(Remark)
    @blp.response(200, Standing)
    def post(self, body: dict[str, Any], project_id: UUID) -> Response:
        """取消项目, also when the order is cancelled in the marketplace."""
        return carried_out(commands.cancel(by=caller(), project_id=project_id, **body))


@blp.route("/api/v1/projects/<uuid:project_id>/contact")
class ProjectContact(MethodView):
    @allow("vendor_admin", "platform_operator", "marketplace")
    @blp.arguments(ContactIn)
    @blp.response(200, Standing)
    def put(self, body: dict[str, Any], project_id: UUID) -> Response:
        """更换联系人: whom to tell and ask for the buyer from now on, who gets a link to the project. Links of the one
        before open nothing any more."""
        contact = OrderContact(**body)
        return carried_out(commands.change_contact(by=caller(), project_id=project_id, contact=contact))


@blp.route("/api/v1/projects/<uuid:project_id>/evaluation")
class Evaluation(MethodView):
    @allow(SIGNED_IN, BY_LINK)
    @blp.arguments(NewEvaluation)
    @blp.response(201, Standing)
    def post(self, body: dict[str, Any], project_id: UUID) -> Response:
        """评价 by the buyer of a completed project, once."""
        return carried_out(commands.evaluate(by=caller(), project_id=project_id, **body))
