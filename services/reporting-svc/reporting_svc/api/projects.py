"""项目管理 and 我的项目."""

from __future__ import annotations

from typing import Any

from delivery_shared.http import allow, application, caller
from delivery_shared.http.paging import Page, PageQuery, page_schema
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, fields, validate

from reporting_svc.api.schemas import ProjectOut, shown, text
from reporting_svc.read_model import STATES

blp = Blueprint("project lists", __name__, description="项目管理, 我的项目")

ENTRANCES = ("vendor", "provider")


class ProjectFilters(PageQuery):
    """The filter bar with 更多: every column of the list (R-13)."""

    order_number = text()
    business_number = text()
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
    created_from = fields.AwareDateTime()
    created_to = fields.AwareDateTime()


class EntranceQuery(Schema):
    """Which entrance the caller is in; without it the first one the caller has."""

    entrance = fields.String(load_default=None, validate=validate.OneOf(ENTRANCES))


class ProjectListQuery(ProjectFilters, EntranceQuery):
    """A tab (R-06) and its filters."""

    tab = fields.String(load_default="running", validate=validate.OneOf(STATES))


class MyProjectsQuery(ProjectFilters):
    """待处理 or 已处理, and the filters."""

    view = fields.String(load_default="pending", validate=validate.OneOf(("pending", "handled")))


class CountsOut(Schema):
    """Projects by state."""

    running = fields.Integer(required=True)
    completed = fields.Integer(required=True)
    paused = fields.Integer(required=True)
    cancelled = fields.Integer(required=True)


ProjectPageOut = page_schema(ProjectOut)


def _answer(page: Page) -> dict[str, Any]:
    return {"items": [shown(row) for row in page.items], "total": page.total, "next": page.next}


@blp.route("/api/v1/project-list")
class ProjectList(MethodView):
    @allow("vendor_admin", "vendor_project_manager", "provider_admin", "platform_operator")
    @blp.arguments(ProjectListQuery, location="query", unknown=RAISE)
    @blp.response(200, ProjectPageOut)
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """项目管理 by tab, newest first (R-05 … R-22)."""
        page = application().projects(
            by=caller(),
            tab=query.pop("tab"),
            entrance=query.pop("entrance"),
            after=query.pop("cursor"),
            limit=query.pop("limit"),
            filters=query,
        )
        return _answer(page)


@blp.route("/api/v1/project-counts")
class ProjectCounts(MethodView):
    @allow("vendor_admin", "vendor_project_manager", "provider_admin", "platform_operator")
    @blp.arguments(EntranceQuery, location="query", unknown=RAISE)
    @blp.response(200, CountsOut)
    def get(self, query: dict[str, Any]) -> dict[str, int]:
        """How many projects each tab holds."""
        counts: dict[str, int] = application().project_counts(by=caller(), entrance=query["entrance"])
        return counts


@blp.route("/api/v1/my-projects")
class MyProjects(MethodView):
    @allow("provider_admin", "staff", "account_manager")
    @blp.arguments(MyProjectsQuery, location="query", unknown=RAISE)
    @blp.response(200, ProjectPageOut)
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """我的项目: 待处理 or 已处理 (R-128 … R-133)."""
        page = application().my_projects(
            by=caller(),
            view=query.pop("view"),
            after=query.pop("cursor"),
            limit=query.pop("limit"),
            filters=query,
        )
        return _answer(page)
