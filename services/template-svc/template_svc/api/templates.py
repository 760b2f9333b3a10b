"""服务流程模板 over HTTP. Editing is for the owner: vendor admins their private templates, the platform operator the
public ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from delivery_shared.http import Problem, allow, application, command, needs, reply, require_version
from delivery_shared.http.fields import Switch
from delivery_shared.http.paging import CursorField, PageQuery, page_schema
from delivery_shared.http.texts import Text
from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, fields, validate

from template_svc.api.fields import owner_id
from template_svc.api.node_forms import NodeField, Nodes
from template_svc.commands.templates import (
    copy_template,
    create_template,
    delete_template,
    publish_template,
    save_template,
    switch_default_messages,
)
from template_svc.domain.errors import BuiltInNodeMissing, PublishingRefused
from template_svc.domain.flow import Violation
from template_svc.domain.template import FlowTemplate
from template_svc.rows import state_of

blp = Blueprint("templates", __name__, description="服务流程模板: service flow templates")

LONGEST_NAME = 1000
"""The rule on names (T-10) is the domain's; this only keeps the field finite."""


class NewTemplate(Schema):
    name = Text(required=True, longest=LONGEST_NAME)
    description = Text(longest=500, lines=True, load_default="")


class Copy(Schema):
    name = Text(required=True, longest=LONGEST_NAME)


class Content(Nodes):
    name = Text(required=True, longest=LONGEST_NAME)
    description = Text(longest=500, lines=True, load_default="")


class DefaultMessages(Schema):
    offered = Switch(required=True)


class TemplateQuery(PageQuery):
    cursor = CursorField(int, load_default=None)
    name = Text(longest=100, load_default="")
    scope = fields.String(load_default="", validate=validate.OneOf(["", "public", "private"]))
    state = fields.String(load_default="", validate=validate.OneOf(["", "published", "unpublished"]))
    revision = fields.String(load_default="", validate=validate.OneOf(["", "under_review", "refused"]))


class WarningEntry(Schema):
    node_id = fields.String()
    field = fields.String()
    code = fields.String()
    zh = fields.String()
    en = fields.String()


class HindranceEntry(WarningEntry):
    node_id = fields.String(allow_none=True, metadata={"description": "null: the whole flow"})
    field = fields.String(allow_none=True)


class Hindrances(Schema):
    items = fields.List(fields.Nested(HindranceEntry))


class TemplateState(Schema):
    id = fields.UUID()
    serial = fields.Integer(metadata={"description": "交付中心服务流序号"})
    name = fields.String()
    state = fields.String()
    version = fields.Integer(metadata={"description": "also the ETag"})
    warnings = fields.List(fields.Nested(WarningEntry))


class TemplateSummary(Schema):
    id = fields.UUID()
    serial = fields.Integer()
    name = fields.String()
    description = fields.String()
    owner_id = fields.UUID(allow_none=True, metadata={"description": "null: public template"})
    state = fields.String()
    revision_state = fields.String(allow_none=True, metadata={"description": "an edit under_review or refused (T-102)"})
    version = fields.Integer()
    created_at = fields.AwareDateTime()
    modified_at = fields.AwareDateTime()
    published_at = fields.AwareDateTime(allow_none=True)


class RevisionDetail(Schema):
    name = fields.String()
    description = fields.String()
    nodes = fields.List(NodeField())
    state = fields.String()
    reason = fields.String(metadata={"description": "why it was refused"})
    submitted_at = fields.AwareDateTime()


class TemplateDetail(TemplateSummary):
    revision = fields.Nested(RevisionDetail, allow_none=True)
    copied_from = fields.UUID(allow_none=True)
    default_messages = fields.Boolean(metadata={"description": "whether operators are told by default"})
    nodes = fields.List(NodeField())
    warnings = fields.List(fields.Nested(WarningEntry))


TemplatePage = page_schema(TemplateSummary)


@blp.route("/api/v1/templates")
class Templates(MethodView):
    @allow("vendor_admin", "platform_operator")
    @blp.arguments(TemplateQuery, location="query", unknown=RAISE)
    @blp.response(200, TemplatePage)
    def get(self, query: dict[str, Any]) -> Any:
        """Templates visible to the caller (T-06), newest first."""
        return application().templates.listed(owner_id=owner_id(), **query)

    @allow("vendor_admin", "platform_operator")
    @blp.arguments(NewTemplate)
    @blp.response(201, TemplateState)
    def post(self, body: dict[str, Any]) -> Response:
        """新建 (T-08 … T-11)."""
        outcome = application().carry_out(command(), create_template(owner_id=owner_id(), **body))
        return tagged(reply(outcome, location=f"/api/v1/templates/{outcome.body['id']}"), outcome.body)


@blp.route("/api/v1/templates/<uuid:template_id>")
class Template(MethodView):
    @allow("vendor_admin", "platform_operator")
    @blp.response(200, TemplateDetail)
    def get(self, template_id: UUID) -> Any:
        """A template with its nodes (T-15); its version is the ETag."""
        template = application().templates.one(template_id, owner_id=owner_id())
        return _detail(template), 200, {"ETag": f'"{template.version}"'}

    @allow("vendor_admin", "platform_operator")
    @needs(version="may")
    @blp.response(204)
    def delete(self, template_id: UUID) -> Response:
        """Delete an unpublished template (T-105)."""
        outcome = application().carry_out(
            command(), delete_template(owner_id=owner_id(), template_id=template_id, at_version=require_version)
        )
        return reply(outcome)


@blp.route("/api/v1/templates/<uuid:template_id>/content")
class TemplateContent(MethodView):
    @allow("vendor_admin", "platform_operator")
    @needs(version="must")
    @blp.arguments(Content)
    @blp.response(200, TemplateState)
    def put(self, body: dict[str, Any], template_id: UUID) -> Response:
        """保存 (T-96 … T-98). Needs ``If-Match`` with the version edited."""
        outcome = application().carry_out(
            command(), save_template(owner_id=owner_id(), template_id=template_id, at_version=require_version, **body)
        )
        return tagged(reply(outcome), outcome.body)


@blp.route("/api/v1/templates/<uuid:template_id>/publication")
class TemplatePublication(MethodView):
    @allow("vendor_admin", "platform_operator")
    @blp.response(200, Hindrances)
    def get(self, template_id: UUID) -> Any:
        """What stands against publishing the template as it is saved; nothing if it can be published (T-98)."""
        return {"items": application().templates.hindrances(template_id, owner_id=owner_id())}

    @allow("vendor_admin", "platform_operator")
    @needs(version="may")
    @blp.response(200, TemplateState)
    def post(self, template_id: UUID) -> Response:
        """发布 (T-98, T-99); 422 lists every rule broken."""
        outcome = application().carry_out(
            command(), publish_template(owner_id=owner_id(), template_id=template_id, at_version=require_version)
        )
        return tagged(reply(outcome), outcome.body)


@blp.route("/api/v1/templates/<uuid:template_id>/default-messages")
class TemplateDefaultMessages(MethodView):
    @allow("vendor_admin", "platform_operator")
    @needs(version="may")
    @blp.arguments(DefaultMessages)
    @blp.response(200, TemplateState)
    def put(self, body: dict[str, Any], template_id: UUID) -> Response:
        """默认提醒: whether operators are told of nodes that reach them, draw near their limit and are overdue."""
        outcome = application().carry_out(
            command(),
            switch_default_messages(owner_id=owner_id(), template_id=template_id, at_version=require_version, **body),
        )
        return tagged(reply(outcome), outcome.body)


@blp.route("/api/v1/templates/<uuid:template_id>/copies")
class TemplateCopies(MethodView):
    @allow("vendor_admin", "platform_operator")
    @blp.arguments(Copy)
    @blp.response(201, TemplateState)
    def post(self, body: dict[str, Any], template_id: UUID) -> Response:
        """复制 (T-04, T-05): an unpublished template of the caller's own."""
        outcome = application().carry_out(
            command(), copy_template(owner_id=owner_id(), template_id=template_id, **body)
        )
        return tagged(reply(outcome, location=f"/api/v1/templates/{outcome.body['id']}"), outcome.body)


@blp.errorhandler(PublishingRefused)
def publishing_refused(error: PublishingRefused) -> Response:
    return _violations(
        "template-incomplete", "模板不满足发布条件", "The template cannot be published", error.violations
    )


@blp.errorhandler(BuiltInNodeMissing)
def built_in_node_missing(error: BuiltInNodeMissing) -> Response:
    return _violations(
        "built-in-node-missing",
        "分配服务商节点是内置起始节点，不可删除或移动",
        "The assign-provider node is built in: it cannot be deleted, moved or added",
        error.violations,
    )


def _violations(slug: str, zh: str, en: str, broken: Sequence[Violation]) -> Response:
    errors = [{**asdict(violation), "message": violation.zh} for violation in broken]
    return Problem(422, slug, zh, en, errors=errors).response()


def tagged(response: Response, body: dict[str, Any]) -> Response:
    response.headers["ETag"] = f'"{body["version"]}"'
    return response


def seen_revision(template: FlowTemplate, reader_id: UUID | None) -> Any:
    """A revision is for the owner and the operator; other readers of a public template know nothing of it."""
    return template.revision if reader_id in (None, template.owner_id) else None


def _detail(template: FlowTemplate) -> dict[str, Any]:
    revision = seen_revision(template, owner_id())
    return {
        "id": template.id,
        "serial": template.serial,
        "name": template.name,
        "description": template.description,
        "owner_id": template.owner_id,
        "state": state_of(template),
        "version": template.version,
        "created_at": template.created_on,
        "modified_at": template.modified_on,
        "published_at": template.published_at,
        "revision_state": revision["state"] if revision else None,
        "revision": revision,
        "copied_from": template.copied_from,
        "default_messages": template.default_messages,
        "nodes": template.nodes,
        "warnings": application().templates.warnings(template.nodes),
    }
