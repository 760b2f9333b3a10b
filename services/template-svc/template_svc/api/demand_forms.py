"""需求表单模板 over HTTP: chosen and previewed by vendor admins (T-49, T-50), kept by the platform operator (T-51)."""

from __future__ import annotations

from typing import Any

from delivery_shared.demand_forms import FORMATS
from delivery_shared.http import allow, application, command, needs, reply, require_version
from delivery_shared.http.fields import Switch
from delivery_shared.http.texts import Text
from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, fields

from template_svc.api.fields import Code
from template_svc.commands.reference import change_demand_form, define_demand_form

blp = Blueprint("demand-forms", __name__, description="需求表单模板: demand forms")


SCHEMA = {
    "description": "JSON Schema 2020-12 of an object, at most 64 KiB, with the keywords and patterns that server and"
    f" console carry out alike, the formats {', '.join(sorted(FORMATS))}, and references that stay inside it and end."
}


class NewDemandForm(Schema):
    code = Code(required=True)
    name = Text(required=True, shortest=1, longest=50)
    schema = fields.Dict(keys=fields.String(), required=True, metadata=SCHEMA)


class DemandFormChange(Schema):
    name = Text(required=True, shortest=1, longest=50)
    schema = fields.Dict(keys=fields.String(), required=True, metadata=SCHEMA)
    active = Switch(required=True)


class DemandFormQuery(Schema):
    name = Text(longest=50, load_default="")


class DemandFormState(Schema):
    code = fields.String()
    name = fields.String()
    active = fields.Boolean()
    version = fields.Integer(metadata={"description": "for If-Match"})


class DemandFormEntry(DemandFormState):
    schema = fields.Dict(metadata={"description": "JSON Schema 2020-12"})


class DemandFormList(Schema):
    items = fields.List(fields.Nested(DemandFormEntry))
    total = fields.Integer()


@blp.route("/api/v1/demand-forms")
class DemandForms(MethodView):
    @allow("vendor_admin", "platform_operator")
    @blp.arguments(DemandFormQuery, location="query", unknown=RAISE)
    @blp.response(200, DemandFormList)
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """All demand forms with their schemas."""
        items = application().reference.demand_forms(**query)
        return {"items": items, "total": len(items)}

    @allow("platform_operator")
    @blp.arguments(NewDemandForm)
    @blp.response(201, DemandFormState)
    def post(self, body: dict[str, Any]) -> Response:
        """A new demand form."""
        return reply(application().carry_out(command(), define_demand_form(**body)))


@blp.route("/api/v1/demand-forms/<string:code>")
class OneDemandForm(MethodView):
    @allow("platform_operator")
    @needs(version="must")
    @blp.arguments(DemandFormChange)
    @blp.response(200, DemandFormState)
    def put(self, body: dict[str, Any], code: str) -> Response:
        """Replace, deactivate or reactivate. Needs ``If-Match`` with the version edited."""
        outcome = application().carry_out(command(), change_demand_form(code=code, at_version=require_version, **body))
        return reply(outcome)
