"""Why this one: every decision explained with all its candidates (architecture 4)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from delivery_shared.http import allow, application, caller
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import Schema, fields

blp = Blueprint("decisions", __name__, description="分单结果说明 / decisions explained")


class ExplainedCandidateOut(Schema):
    """A candidate as it stood before the decision. ``excluded``: why it took no part – full, paused, lacks_role,
    other_department –, None if it did. ``ratio`` is load/maximum as written, compared as the fraction it is."""

    id = fields.String()
    name = fields.String(allow_none=True)
    weight = fields.Integer(allow_none=True)
    held = fields.Integer(attribute="load", data_key="load")
    maximum = fields.Integer()
    ratio = fields.Function(lambda c: f"{c['load']}/{c['maximum']}", metadata={"type": "string"})
    receiving = fields.Boolean(allow_none=True)
    roles = fields.List(fields.String())
    department_id = fields.String(allow_none=True, attribute="department")
    excluded = fields.String(allow_none=True)


class DecisionOut(Schema):
    """``how``: ``draw`` by weight, ``wanted``, ``assign`` by ratio, ``claim``, ``replace``. ``seed`` (a string, it
    exceeds what JSON numbers keep) repeats the draw among the candidates; ``tied`` names up to 20 of those it was
    made among; ``excluded`` counts the others by reason."""

    level = fields.String()
    outcome = fields.String()
    reason = fields.String(allow_none=True)
    how = fields.String(allow_none=True)
    project_id = fields.UUID()
    role = fields.String(allow_none=True)
    provider_id = fields.UUID(allow_none=True)
    person_id = fields.UUID(allow_none=True)
    arrival = fields.Integer(allow_none=True)
    seed = fields.String(allow_none=True)
    tied = fields.List(fields.String())
    excluded = fields.Dict(keys=fields.String(), values=fields.Integer())
    decided_at = fields.AwareDateTime()
    candidates = fields.List(fields.Nested(ExplainedCandidateOut))


class ExplanationOut(Schema):
    request_id = fields.UUID()
    decisions = fields.List(fields.Nested(DecisionOut))


class AssignmentsExplainedOut(Schema):
    project_id = fields.UUID()
    decisions = fields.List(fields.Nested(DecisionOut))


@blp.route("/api/v1/decisions/<uuid:request_id>")
class Decision(MethodView):
    @allow("vendor_admin", "provider_admin", "platform_operator")
    @blp.response(200, ExplanationOut)
    def get(self, request_id: UUID) -> dict[str, Any]:
        """The vendor sees the choice of providers, the provider that of its people, the operator both."""
        return {
            "request_id": request_id,
            "decisions": application().decisions.of_request(by=caller(), request_id=request_id),
        }


@blp.route("/api/v1/assignments/<uuid:project_id>/decisions")
class AssignmentDecisions(MethodView):
    @allow("vendor_admin", "provider_admin", "platform_operator")
    @blp.response(200, AssignmentsExplainedOut)
    def get(self, project_id: UUID) -> dict[str, Any]:
        """Why this provider, why this person: what assigned the project, in order. The vendor sees the choice of
        providers, the provider that of its people, the operator both."""
        return {
            "project_id": project_id,
            "decisions": application().decisions.of_project(by=caller(), project_id=project_id),
        }
