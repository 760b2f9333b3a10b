"""角色 over HTTP: browsed by vendor admins (U-36), kept by the platform operator (T-110)."""

from __future__ import annotations

from typing import Any

from delivery_shared.http import allow, application, command, needs, reply, require_version
from delivery_shared.http.fields import Switch
from delivery_shared.http.texts import Text
from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, fields, validate

from template_svc.api.fields import Code
from template_svc.commands.reference import change_role, define_role

blp = Blueprint("roles", __name__, description="角色: roles")

SIDES = ("vendor", "provider", "customer", "operator")


class NewRole(Schema):
    code = Code(required=True)
    name = Text(required=True, shortest=1, longest=50)
    side = fields.String(required=True, validate=validate.OneOf(SIDES))


class RoleChange(Schema):
    name = Text(required=True, shortest=1, longest=50)
    active = Switch(required=True)


class RoleQuery(Schema):
    name = Text(longest=50, load_default="")
    side = fields.String(load_default="", validate=validate.OneOf(["", *SIDES]))


class RoleEntry(Schema):
    code = fields.String()
    name = fields.String()
    side = fields.String()
    active = fields.Boolean()
    version = fields.Integer(metadata={"description": "for If-Match"})


class RoleList(Schema):
    items = fields.List(fields.Nested(RoleEntry))
    total = fields.Integer()


@blp.route("/api/v1/roles")
class Roles(MethodView):
    @allow("vendor_admin", "platform_operator")
    @blp.arguments(RoleQuery, location="query", unknown=RAISE)
    @blp.response(200, RoleList)
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """All roles, by part of the name and by side."""
        items = application().reference.roles(**query)
        return {"items": items, "total": len(items)}

    @allow("platform_operator")
    @blp.arguments(NewRole)
    @blp.response(201, RoleEntry)
    def post(self, body: dict[str, Any]) -> Response:
        """A new role."""
        return reply(application().carry_out(command(), define_role(**body)))


@blp.route("/api/v1/roles/<string:code>")
class OneRole(MethodView):
    @allow("platform_operator")
    @needs(version="must")
    @blp.arguments(RoleChange)
    @blp.response(200, RoleEntry)
    def put(self, body: dict[str, Any], code: str) -> Response:
        """Rename, deactivate or reactivate. Needs ``If-Match`` with the version edited."""
        outcome = application().carry_out(command(), change_role(code=code, at_version=require_version, **body))
        return reply(outcome)
