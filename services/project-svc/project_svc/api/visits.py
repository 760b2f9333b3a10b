"""Operations of nodes. Every one names the visit, so that a late click cannot hit the next node."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from delivery_shared.http import BY_LINK, SIGNED_IN, Problem, allow, caller, command, reply
from flask import Response, request
from flask.views import MethodView
from flask_smorest import Blueprint

from project_svc import commands
from project_svc.api.calling import application, carried_out
from project_svc.api.schemas import Prose, Standing, Strict
from project_svc.domain.errors import FormInvalid

blp = Blueprint("visits", __name__, description="节点操作")

FORM_BODY = {
    "requestBody": {
        "required": True,
        "description": "The filled form, valid against the JSON schema of the node's demand form",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}


class Reason(Strict):
    reason = Prose(required=True)


@blp.route("/api/v1/projects/<uuid:project_id>/visits/<int:visit>/requirement")
class Requirement(MethodView):
    @allow(SIGNED_IN, BY_LINK, decides=True)
    @blp.doc(**FORM_BODY)
    @blp.response(200, Standing)
    def put(self, project_id: UUID, visit: int) -> Response:
        """提交需求: keep the filled form; 通过 hands it in."""
        data = request.get_json()
        if not isinstance(data, dict):
            raise Problem.of(422)
        try:
            outcome = application().carry_out(
                command(), commands.submit_requirement(by=caller(), project_id=project_id, visit=visit, data=data)
            )
        except FormInvalid as invalid:
            raise Problem.of(422, errors=invalid.fields) from invalid
        return reply(outcome)


@blp.route("/api/v1/projects/<uuid:project_id>/visits/<int:visit>/confirmation")
class Confirmation(MethodView):
    @allow(SIGNED_IN, BY_LINK, decides=True)
    @blp.response(200, Standing)
    def post(self, project_id: UUID, visit: int) -> Response:
        """通过 / 确认: complete the node."""
        return carried_out(commands.confirm(by=caller(), project_id=project_id, visit=visit))


@blp.route("/api/v1/projects/<uuid:project_id>/visits/<int:visit>/rejection")
class Rejection(MethodView):
    @allow(SIGNED_IN, BY_LINK, decides=True)
    @blp.arguments(Reason)
    @blp.response(200, Standing)
    def post(self, body: dict[str, Any], project_id: UUID, visit: int) -> Response:
        """驳回: back to the step before."""
        return carried_out(commands.reject(by=caller(), project_id=project_id, visit=visit, **body))


@blp.route("/api/v1/projects/<uuid:project_id>/visits/<int:visit>/reminder")
class Reminder(MethodView):
    @allow("vendor_admin", "vendor_project_manager", "provider_admin", "platform_operator")
    @blp.response(200, Standing)
    @blp.alt_response(409, description="Reminded within the last hour, or nobody to remind")
    def post(self, project_id: UUID, visit: int) -> Response:
        """催办: remind whoever the open node waits for, at most once an hour."""
        return carried_out(commands.remind(by=caller(), project_id=project_id, visit=visit))
