"""项目管理 and 我的项目."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from delivery_shared.contracts.dispatch import QUEUE_REASONS
from delivery_shared.http import allow, application, caller
from delivery_shared.http.fields import QuerySwitch, Time
from delivery_shared.http.paging import LimitField, Page, page_schema
from delivery_shared.http.texts import Text
from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate, validates_schema

from reporting_svc.api.schemas import ProjectOut, shown, text
from reporting_svc.application import ALL_TABS
from reporting_svc.as_of import NOW, THEN, THEN_FILTERS
from reporting_svc.export import blocks
from reporting_svc.history import day_of, midnight
from reporting_svc.read_model import STATES
from reporting_svc.sorting import NEWEST_FIRST, SORTS, place_in

blp = Blueprint("project lists", __name__, description="项目管理, 我的项目")

ENTRANCES = ("vendor", "provider")


class ProjectFilters(Schema):
    """The filter bar with 更多: every column of the list (R-12, R-13)."""

    order_number = text()
    business_number = text()
    product_id = fields.UUID()
    product_name = text()
    product_code = text()
    edition = text()
    sales_channel = text()
    vendor_name = text()
    provider_id = fields.UUID()
    provider_name = text()
    customer_name = text()
    customer_number = text()
    operator_name = text()
    role = text()
    stage = text()
    created_from = Time()
    created_to = Time()
    queue_reason = fields.String(validate=validate.OneOf(tuple(QUEUE_REASONS)))
    sku = text()
    parameter = Text(
        shortest=1,
        longest=600,
        metadata={"description": "a searchable parameter of the order has this value; or name=value"},
    )
    unpaid = QuerySwitch(metadata={"description": "trials and tests, which no figure counts – or all but these"})
    hold = fields.String(
        validate=validate.OneOf(("any", "frozen", "expired")), metadata={"description": "held by the marketplace"}
    )


class Moment(Time):
    """A 0:00 in Shanghai, or ``now``."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if value == NOW:
            return NOW
        at: datetime = super()._deserialize(value, attr, data, **kwargs)
        if at != midnight(day_of(at)):
            raise ValidationError("只能是北京时间0点或 now / 0:00 in Shanghai or now only")
        return at


class FigureFilters(Schema):
    """By what the projects behind a figure of the dashboards are listed; ``as_of`` is a 0:00 in Shanghai, or
    ``now`` behind live figures."""

    completed_from = Time()
    completed_to = Time()
    as_of = Moment(metadata={"description": "0:00 of a day in Shanghai, or now"})
    state_then = fields.String(validate=validate.OneOf(THEN), metadata={"description": "state at as_of"})
    provider_then = fields.UUID(metadata={"description": "provider at as_of, the last one of an ended project"})
    held_by = fields.UUID(metadata={"description": "in whose load the project counted at as_of"})

    @validates_schema
    def _needs_as_of(self, data: dict[str, Any], **kwargs: Any) -> None:
        if "as_of" not in data and not data.keys().isdisjoint(THEN_FILTERS):
            raise ValidationError("Missing data for required field.", "as_of")


class EntranceQuery(Schema):
    """Which entrance the caller is in; without it the first one the caller has."""

    entrance = fields.String(load_default=None, validate=validate.OneOf(ENTRANCES))


class Sorted(Schema):
    """In which order; ``-`` is descending, by default newest first (R-18)."""

    sort = fields.String(load_default=NEWEST_FIRST, validate=validate.OneOf(SORTS))


class SortedPage(Sorted):
    """Where in a sorted list; a cursor holds for the order it was given in."""

    cursor = fields.String(load_default=None, metadata={"description": "next of the page before"})
    limit = LimitField()

    @post_load
    def _place(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        try:
            after = None if data["cursor"] is None else place_in(data["sort"], data["cursor"])
        except ValueError as error:
            raise ValidationError(str(error), "cursor") from error
        return {**data, "cursor": after}


class TabQuery(ProjectFilters, FigureFilters, EntranceQuery):
    """A tab (R-06; ``all`` for the projects behind a figure) and its filters."""

    tab = fields.String(load_default="running", validate=validate.OneOf((*STATES, ALL_TABS)))
    overdue = fields.String(
        validate=validate.OneOf(("any", "server", "customer")), metadata={"description": "with an overdue mark (R-25)"}
    )


class ProjectListQuery(TabQuery, SortedPage):
    """A page of a tab."""


class ExportQuery(TabQuery, Sorted):
    """A whole tab as a file."""

    format = fields.String(load_default="xlsx", validate=validate.OneOf(("xlsx", "csv")))


class CountsQuery(ProjectFilters, FigureFilters, EntranceQuery):
    """The filters of the tabs."""


class MyProjectsQuery(ProjectFilters, SortedPage):
    """待处理, 已处理 or, ``claimable``, what the caller may claim; and the filters."""

    view = fields.String(load_default="pending", validate=validate.OneOf(("pending", "handled", "claimable")))


class CountsOut(Schema):
    """Projects by state."""

    running = fields.Integer(required=True)
    completed = fields.Integer(required=True)
    paused = fields.Integer(required=True)
    cancelled = fields.Integer(required=True)


ProjectPageOut = page_schema(ProjectOut)


@blp.route("/api/v1/project-list")
class ProjectList(MethodView):
    @allow("vendor_admin", "vendor_project_manager", "provider_admin", "platform_operator")
    @blp.arguments(ProjectListQuery, location="query", unknown=RAISE)
    @blp.response(200, ProjectPageOut)
    def get(self, query: dict[str, Any]) -> Page:
        """项目管理 by tab, newest first (R-05 … R-22)."""
        page: Page = application().projects(
            by=caller(),
            tab=query.pop("tab"),
            entrance=query.pop("entrance"),
            sort=query.pop("sort"),
            after=query.pop("cursor"),
            limit=query.pop("limit"),
            filters=query,
        )
        return page.showing(shown)


class ProviderOut(Schema):
    provider_id = fields.UUID(required=True)
    name = fields.String(required=True)


class ProvidersOut(Schema):
    items = fields.List(fields.Nested(ProviderOut), required=True)
    total = fields.Integer(required=True)


@blp.route("/api/v1/project-list/providers")
class ProjectListProviders(MethodView):
    @allow("vendor_admin", "vendor_project_manager", "provider_admin", "platform_operator")
    @blp.arguments(EntranceQuery, location="query", unknown=RAISE)
    @blp.response(200, ProvidersOut)
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """全部服务商: every provider 项目管理 can be filtered by, by name (R-12)."""
        items = application().providers(by=caller(), entrance=query["entrance"])
        return {"items": items, "total": len(items)}


class RoleOut(Schema):
    role = fields.String(required=True)
    name = fields.String(required=True)


class ParameterOut(Schema):
    name = fields.String(required=True)
    label = fields.String(required=True)


class ValuesOut(Schema):
    """Different values, sorted; of roles their codes and names, of parameters those that orders are found by."""

    parameters = fields.List(fields.Nested(ParameterOut), required=True)

    editions = fields.List(fields.String(), required=True)
    sales_channels = fields.List(fields.String(), required=True)
    skus = fields.List(fields.String(), required=True)
    stages = fields.List(fields.String(), required=True)
    roles = fields.List(fields.Nested(RoleOut), required=True)


@blp.route("/api/v1/project-list/values")
class ProjectListValues(MethodView):
    @allow("vendor_admin", "vendor_project_manager", "provider_admin", "platform_operator")
    @blp.arguments(EntranceQuery, location="query", unknown=RAISE)
    @blp.response(200, ValuesOut)
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """Editions, channels, stages and roles that occur in 项目管理, to choose from when filtering it (R-13)."""
        found: dict[str, Any] = application().values(by=caller(), entrance=query["entrance"])
        return found


CONTENT_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


@blp.route("/api/v1/project-list/export")
class ProjectExport(MethodView):
    @allow("vendor_admin", "vendor_project_manager", "provider_admin", "platform_operator")
    @blp.arguments(ExportQuery, location="query", unknown=RAISE)
    @blp.alt_response(200, schema={"type": "string", "format": "binary"}, content_type=CONTENT_TYPES["xlsx"])
    @blp.alt_response(200, schema={"type": "string"}, content_type=CONTENT_TYPES["csv"])
    def get(self, query: dict[str, Any]) -> Response:
        """列表导出: all rows of the tab under the filters (R-15, R-16, R-21), as xlsx or csv."""
        format, tab = query.pop("format"), query.pop("tab")
        file = application().export(
            by=caller(),
            format=format,
            tab=tab,
            entrance=query.pop("entrance"),
            sort=query.pop("sort"),
            filters=query,
            shown=shown,
        )
        response = Response(blocks(file), content_type=CONTENT_TYPES[format])
        response.headers.set("Content-Disposition", "attachment", filename=f"projects-{tab}.{format}")
        response.headers["Cache-Control"] = "no-store"
        return response


@blp.route("/api/v1/project-counts")
class ProjectCounts(MethodView):
    @allow("vendor_admin", "vendor_project_manager", "provider_admin", "platform_operator")
    @blp.arguments(CountsQuery, location="query", unknown=RAISE)
    @blp.response(200, CountsOut)
    def get(self, query: dict[str, Any]) -> dict[str, int]:
        """How many projects each tab holds under the filters."""
        counts: dict[str, int] = application().project_counts(
            by=caller(), entrance=query.pop("entrance"), filters=query
        )
        return counts


@blp.route("/api/v1/my-projects")
class MyProjects(MethodView):
    @allow("provider_admin", "staff", "account_manager")
    @blp.arguments(MyProjectsQuery, location="query", unknown=RAISE)
    @blp.response(200, ProjectPageOut)
    def get(self, query: dict[str, Any]) -> Page:
        """我的项目: 待处理 or 已处理 (R-128 … R-133); ``claimable``: what the caller may claim (D-46)."""
        page: Page = application().my_projects(
            by=caller(),
            view=query.pop("view"),
            sort=query.pop("sort"),
            after=query.pop("cursor"),
            limit=query.pop("limit"),
            filters=query,
        )
        return page.showing(shown)
