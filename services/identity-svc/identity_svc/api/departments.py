"""企业架构: the departments of the caller's provider (U-10, U-22)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from delivery_shared.http import allow, application, caller, command, reply
from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import Schema, fields

from identity_svc.api.schemas import Name
from identity_svc.commands import departments

blp = Blueprint("departments", __name__, description="部门 / departments")


class DepartmentIn(Schema):
    """``parent_id`` None: directly below the provider."""

    name = Name()
    parent_id = fields.UUID(load_default=None, allow_none=True)


class DepartmentOut(Schema):
    """``has_account_manager`` is False where a 客户经理 is missing (U-39)."""

    department_id = fields.UUID()
    parent_id = fields.UUID(allow_none=True)
    name = fields.String()
    people = fields.Integer()
    has_account_manager = fields.Boolean()


class Tree(Schema):
    """The provider is the root; ``items`` are all departments below it, each naming its parent."""

    party_id = fields.UUID()
    name = fields.String()
    items = fields.List(fields.Nested(DepartmentOut))


class DepartmentId(Schema):
    department_id = fields.UUID()


@blp.route("/api/v1/departments")
class Departments(MethodView):
    @allow("provider_admin")
    @blp.response(200, Tree)
    def get(self) -> dict[str, Any]:
        """企业架构: the tree of departments (U-10)."""
        tree: dict[str, Any] = application().lists.departments(by=caller())
        return tree

    @allow("provider_admin")
    @blp.arguments(DepartmentIn)
    @blp.response(201, DepartmentId)
    def post(self, body: dict[str, Any]) -> Response:
        """【+】: a new department."""
        outcome = application().carry_out(command(), departments.create(by=caller(), **body))
        return reply(outcome, location=f"/api/v1/departments/{outcome.body['department_id']}")


@blp.route("/api/v1/departments/<uuid:department_id>")
class OneDepartment(MethodView):
    @allow("provider_admin")
    @blp.arguments(DepartmentIn)
    @blp.response(200, DepartmentId)
    def put(self, body: dict[str, Any], department_id: UUID) -> Response:
        """Rename or move."""
        changing = departments.change(by=caller(), department_id=department_id, **body)
        return reply(application().carry_out(command(), changing))

    @allow("provider_admin")
    @blp.response(204)
    @blp.alt_response(409, description="People or departments belong to it")
    def delete(self, department_id: UUID) -> Response:
        """Empty ones only (U-22)."""
        return reply(application().carry_out(command(), departments.delete(by=caller(), department_id=department_id)))
