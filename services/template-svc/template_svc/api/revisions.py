"""修改已发布模板: revisions of published templates, and their review by the operator (T-101, T-102)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from delivery_shared.http import allow, application, command, needs, reply, require_version
from delivery_shared.http.texts import Text
from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import Schema

from template_svc.api.fields import owner_id
from template_svc.api.templates import Content, TemplateState, publishing_refused, tagged
from template_svc.commands.revisions import approve_revision, refuse_revision, submit_revision, withdraw_revision
from template_svc.domain.errors import PublishingRefused

blp = Blueprint("revisions", __name__, description="模板审核: revisions of published templates")


class Refusal(Schema):
    reason = Text(required=True, shortest=1, longest=500, lines=True)


@blp.route("/api/v1/templates/<uuid:template_id>/revision")
class Revision(MethodView):
    @allow("vendor_admin", "platform_operator")
    @needs(version="must")
    @blp.arguments(Content)
    @blp.response(202, TemplateState)
    def put(self, body: dict[str, Any], template_id: UUID) -> Response:
        """Submit an edit of a published template for review. Needs ``If-Match`` with the version edited."""
        outcome = application().carry_out(
            command(), submit_revision(owner_id=owner_id(), template_id=template_id, at_version=require_version, **body)
        )
        return tagged(reply(outcome, location=f"/api/v1/templates/{template_id}"), outcome.body)

    @allow("vendor_admin", "platform_operator")
    @needs(version="may")
    @blp.response(204)
    def delete(self, template_id: UUID) -> Response:
        """Give the edit up."""
        outcome = application().carry_out(
            command(), withdraw_revision(owner_id=owner_id(), template_id=template_id, at_version=require_version)
        )
        return reply(outcome)


@blp.route("/api/v1/templates/<uuid:template_id>/revision/approval")
class RevisionApproval(MethodView):
    @allow("platform_operator")
    @needs(version="must")
    @blp.response(200, TemplateState)
    def post(self, template_id: UUID) -> Response:
        """Publish the edit. Needs ``If-Match`` with the version reviewed."""
        outcome = application().carry_out(
            command(), approve_revision(template_id=template_id, at_version=require_version)
        )
        return tagged(reply(outcome), outcome.body)


@blp.route("/api/v1/templates/<uuid:template_id>/revision/refusal")
class RevisionRefusal(MethodView):
    @allow("platform_operator")
    @needs(version="must")
    @blp.arguments(Refusal)
    @blp.response(200, TemplateState)
    def post(self, body: dict[str, Any], template_id: UUID) -> Response:
        """Refuse the edit with a reason. Needs ``If-Match`` with the version reviewed."""
        outcome = application().carry_out(
            command(), refuse_revision(template_id=template_id, at_version=require_version, **body)
        )
        return tagged(reply(outcome), outcome.body)


blp.register_error_handler(PublishingRefused, publishing_refused)
