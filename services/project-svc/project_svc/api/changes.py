"""Claim and changes: dispatch decides; the answer is waited for two seconds, then told under the request."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from delivery_shared.http import SIGNED_IN, Problem, allow, caller, command, reply
from delivery_shared.http.texts import Text
from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import Schema, fields

from project_svc import commands
from project_svc.api.calling import application
from project_svc.api.errors import REASONS
from project_svc.api.schemas import Asked, Prose, RequestOutcome, Strict
from project_svc.application import WAIT
from project_svc.carrying_out import Operation

blp = Blueprint("changes", __name__, description="订单认领, 更换操作人, 更换服务商")


class NewAssignee(Strict):
    person_id = fields.UUID(required=True)
    role = Text(longest=64, shortest=1, load_default=None, allow_none=True)
    remark = Prose(load_default=None, allow_none=True)


class NewProvider(Strict):
    provider_id = fields.UUID(required=True)
    remark = Prose(required=True)


class OrderNumber(Strict):
    order_number = Text(required=True, shortest=1, longest=64)


class Choice(Schema):
    project_id = fields.UUID()
    business_number = fields.String()
    product_name = fields.String()


class Claimed(Asked):
    items = fields.List(fields.Nested(Choice))


def answered(operation: Operation, *, accepting: Collection[str] = ()) -> Response:
    """The answer of a command that asks dispatch: 200 done – or refused for a reason of ``accepting``, since things
    stand as wanted –, 202 still open, 409 with the reason.

    The outcome stored for an idempotency key stays 202; what dispatch decided is looked up each time."""
    project_id, outcome = operation.project_id, application().carry_out(command(), operation)
    request_id = outcome.body["request_id"]
    location = f"/api/v1/projects/{project_id}/requests/{request_id}"
    result = application().request_outcome(by=caller(), project_id=project_id, request_id=UUID(request_id), wait=WAIT)
    if result is None:
        return reply(outcome, location=location)
    if result != "done" and result not in accepting:
        zh, en = REASONS[result]
        raise Problem(
            409,
            "request-refused",
            zh,
            en,
            headers={"Location": location},
            reason=result,
            request_id=request_id,
        )
    response = reply(outcome, location=location)
    response.status_code = 200
    return response


@blp.route("/api/v1/projects/claims")
class ClaimsByOrder(MethodView):
    @allow("account_manager", "provider_admin")
    @blp.arguments(OrderNumber)
    @blp.response(200, Claimed)
    @blp.alt_response(202, schema=Asked)
    def post(self, body: dict[str, Any]) -> Any:
        """Claim by order number; where several projects have it, ``choices`` to claim by id."""
        found = application().claimable(by=caller(), order_number=body["order_number"])
        if len(found) > 1:
            return {
                "items": [
                    {"project_id": p.id, "business_number": p.business_number, "product_name": p.product_name}
                    for p in found
                ]
            }
        (project,) = found
        return answered(commands.claim(by=caller(), project_id=project.id))


@blp.route("/api/v1/projects/<uuid:project_id>/claim")
class Claim(MethodView):
    @allow("account_manager", "provider_admin")
    @blp.response(200, Asked)
    @blp.alt_response(202, schema=Asked)
    def post(self, project_id: UUID) -> Response:
        """订单认领."""
        return answered(commands.claim(by=caller(), project_id=project_id))


@blp.route("/api/v1/projects/<uuid:project_id>/assignee")
class Assignee(MethodView):
    @allow("provider_admin")
    @blp.arguments(NewAssignee)
    @blp.response(200, Asked)
    @blp.alt_response(202, schema=Asked)
    def put(self, body: dict[str, Any], project_id: UUID) -> Response:
        """更换操作人 of the current node, or of ``role``; also 指定操作人 while the project waits for somebody."""
        changing = commands.change_assignee(by=caller(), project_id=project_id, **body)
        return answered(changing, accepting=("same_person",))


@blp.route("/api/v1/projects/<uuid:project_id>/provider")
class Provider(MethodView):
    @allow("vendor_admin", "platform_operator")
    @blp.arguments(NewProvider)
    @blp.response(200, Asked)
    @blp.alt_response(202, schema=Asked)
    def put(self, body: dict[str, Any], project_id: UUID) -> Response:
        """更换服务商: the flow restarts."""
        return answered(commands.change_provider(by=caller(), project_id=project_id, **body))


@blp.route("/api/v1/projects/<uuid:project_id>/requests/<uuid:request_id>")
class Request(MethodView):
    @allow(SIGNED_IN)
    @blp.response(200, RequestOutcome)
    def get(self, project_id: UUID, request_id: UUID) -> Any:
        """What became of a claim or change."""
        result = application().request_outcome(by=caller(), project_id=project_id, request_id=request_id)
        zh, en = REASONS.get(result or "", (None, None))
        return {
            "request_id": request_id,
            "outcome": result,
            "text": zh,
            "messages": None if zh is None else {"zh": zh, "en": en},
        }
