"""数据看板."""

from __future__ import annotations

from typing import Any

from delivery_shared.http import allow, application, caller
from delivery_shared.http.fields import QuerySwitch
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, fields, validate

from reporting_svc import figures
from reporting_svc.api.projects import EntranceQuery

blp = Blueprint("dashboards", __name__, description="数据看板")

STATE_NAMES = {
    "delivered": "已交付",
    "running": "执行中",
    "overdue": "已超时",
    "paused": "已暂停",
    "cancelled": "已取消",
}
"""The states of B-12."""

EMPTY = "--"
"""A figure without data (B-07, B-20)."""

ADMINS = ("vendor_admin", "vendor_project_manager", "provider_admin")


class FigureOut(Schema):
    """``as_of``: 0:00 of today in Shanghai, what happened from then on is not counted (B-03); of a live figure now."""

    as_of = fields.AwareDateTime(required=True)


def _filter() -> fields.String:
    description = "query string of GET /api/v1/project-list that lists the projects behind the figure"
    return fields.String(required=True, metadata={"description": description})


class AverageCycleOut(FigureOut):
    """平均项目完成周期 in working days to one decimal; null, “--”, without a finished project (B-05, B-07)."""

    days = fields.String(required=True, allow_none=True)
    text = fields.Function(lambda row: row["days"] or EMPTY, required=True, metadata={"type": "string"})
    finished = fields.Integer(required=True)
    filter = _filter()


class PointOut(Schema):
    """A day (2019-10-15) or month (2019-10)."""

    label = fields.String(required=True)
    number = fields.Integer(required=True)
    filter = _filter()


class NewProjectsOut(FigureOut):
    """新增项目数, oldest first."""

    unit = fields.String(required=True)
    points = fields.List(fields.Nested(PointOut), required=True)


class StateOut(Schema):
    """One of 已交付, 执行中, 已超时, 已暂停, 已取消."""

    state = fields.String(required=True, validate=validate.OneOf(tuple(STATE_NAMES)))
    text = fields.Function(lambda row: STATE_NAMES[row["state"]], required=True, metadata={"type": "string"})
    number = fields.Integer(required=True)
    filter = _filter()


class ProjectStatesOut(FigureOut):
    """项目状态 of the projects newly started in the window of so many days."""

    window = fields.Integer(required=True)
    total = fields.Integer(required=True)
    filter = _filter()
    states = fields.List(fields.Nested(StateOut), required=True)


class SaturationRowOut(Schema):
    """A provider of a product; ``percent`` and ``colour`` are null, “--”, for a maximum of 0 (B-20)."""

    product_id = fields.UUID(required=True)
    product_code = fields.String(required=True)
    product_name = fields.String(required=True)
    provider_id = fields.UUID(required=True)
    provider_name = fields.String(required=True, allow_none=True)
    held = fields.Integer(required=True, data_key="load", attribute="load")
    maximum = fields.Integer(required=True)
    percent = fields.String(required=True, allow_none=True)
    text = fields.Function(
        lambda row: EMPTY if row["percent"] is None else f"{row['percent']}%",
        required=True,
        metadata={"type": "string"},
    )
    colour = fields.String(required=True, allow_none=True, validate=validate.OneOf(("green", "blue", "red")))
    filter = _filter()


class SaturationOut(FigureOut):
    """服务商饱和度, the newest product first."""

    items = fields.List(fields.Nested(SaturationRowOut), required=True)


class FigureQuery(EntranceQuery):
    """``live``: the same figure as of now, beside the one of 0:00."""

    live = QuerySwitch(load_default=False)


class NewProjectsQuery(FigureQuery):
    """日 or 月."""

    unit = fields.String(load_default="day", validate=validate.OneOf(("day", "month")))


class ProjectStatesQuery(FigureQuery):
    """近30天 or 近60天."""

    window = fields.Integer(load_default=30, validate=validate.OneOf((30, 60)))


@blp.route("/api/v1/dashboards/average-cycle")
class AverageCycle(MethodView):
    @allow(*ADMINS)
    @blp.arguments(FigureQuery, location="query", unknown=RAISE)
    @blp.response(200, AverageCycleOut)
    def get(self, query: dict[str, Any]) -> Any:
        """平均项目完成周期 of the projects finished in the last 365 days (B-05 … B-07)."""
        return application().dashboard("average-cycle", figures.average_cycle, by=caller(), **query)


@blp.route("/api/v1/dashboards/new-projects")
class NewProjects(MethodView):
    @allow(*ADMINS)
    @blp.arguments(NewProjectsQuery, location="query", unknown=RAISE)
    @blp.response(200, NewProjectsOut)
    def get(self, query: dict[str, Any]) -> Any:
        """新增项目数 of the last 7 days or 6 calendar months (B-08 … B-10)."""
        unit = query.pop("unit")
        figure = figures.new_projects(unit)
        return application().dashboard(f"new-projects {unit}", figure, by=caller(), **query)


@blp.route("/api/v1/dashboards/project-states")
class ProjectStates(MethodView):
    @allow(*ADMINS)
    @blp.arguments(ProjectStatesQuery, location="query", unknown=RAISE)
    @blp.response(200, ProjectStatesOut)
    def get(self, query: dict[str, Any]) -> Any:
        """项目状态 of the projects started in the last 30 or 60 days (B-11 … B-15)."""
        window = query.pop("window")
        figure = figures.project_states(window)
        return application().dashboard(f"project-states {window}", figure, by=caller(), **query)


@blp.route("/api/v1/dashboards/saturation")
class Saturation(MethodView):
    @allow("vendor_admin", "vendor_project_manager")
    @blp.arguments(FigureQuery, location="query", unknown=RAISE)
    @blp.response(200, SaturationOut)
    def get(self, query: dict[str, Any]) -> Any:
        """服务商饱和度 per product and provider (B-16 … B-20); vendors only (B-02)."""
        return application().saturation(by=caller(), **query)
