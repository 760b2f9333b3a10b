"""What the OpenAPI document says beyond routes and schemas: who may call, and that errors are problems."""

from __future__ import annotations

from typing import Any

from apispec import BasePlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from flask import Flask
from flask_smorest import Api
from marshmallow import INCLUDE, Schema, fields
from werkzeug.routing import Rule

from delivery_shared.http.access import ANYONE, SIGNED_IN, declaration_of

WORDS = {
    ANYONE: "所有人，无需登录 / anyone, without a token",
    SIGNED_IN: "任何已登录账号 / any account",
    "vendor_admin": "厂商管理员 / vendor admin",
    "vendor_project_manager": "厂商项目经理 / vendor project manager",
    "provider_admin": "服务商管理员 / provider admin",
    "staff": "服务商员工 / provider employee",
    "account_manager": "客户经理 / account manager",
    "customer": "顾客 / customer",
    "platform_operator": "云市场小二 / platform operator",
    "marketplace": "云市场订单账号 / the marketplace's service account",
}
"""The kinds of callers in both languages, in the order of the authorization matrix (requirements, part (c))."""


class Messages(Schema):
    zh = fields.String(required=True)
    en = fields.String(required=True)


class FieldError(Schema):
    """A field refused. ``message`` is a text; lists that name rules carry ``code``, both languages and what the rule is
    about as well, ``field`` being null where it is about a whole."""

    class Meta:
        unknown = INCLUDE

    field = fields.String(allow_none=True)
    message = fields.String()
    code = fields.String()
    zh = fields.String()
    en = fields.String()


class ProblemDetails(Schema):
    """RFC 9457: ``type`` is stable; some types carry members of their own."""

    class Meta:
        unknown = INCLUDE

    type = fields.String(required=True, metadata={"examples": ["urn:delivery-center:problem:invalid"]})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    messages = fields.Nested(Messages, required=True)
    instance = fields.String(required=True)
    correlation_id = fields.String(required=True)
    errors = fields.List(fields.Nested(FieldError))


class AccessNotes(BasePlugin):
    """Writes ``x-allowed`` and a line of the description into every operation, from its declaration by
    :func:`~delivery_shared.http.access.allow`; gives errors their content type."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def operation_helper(self, operations: dict[str, Any] | None = None, **more: Any) -> None:
        rule: Rule = more["rule"]
        for method, operation in (operations or {}).items():
            declared = declaration_of(self.app, rule, method)
            if declared is None:
                continue
            operation["x-allowed"] = [kind for kind in WORDS if kind in declared.kinds]
            who = "谁可调用 / who may call: " + "; ".join(WORDS[kind] for kind in operation["x-allowed"])
            operation["description"] = "\n\n".join(filter(None, [operation.get("description"), who]))
            if declared.anyone:
                operation["security"] = []

    def response_helper(self, response: dict[str, Any], **_: Any) -> dict[str, Any]:
        content = response.get("content", {})
        if "application/json" in content:
            content["application/problem+json"] = content.pop("application/json")
        return response


class DocumentedApi(Api):
    """flask-smorest, documenting problems."""

    ERROR_SCHEMA = ProblemDetails

    def __init__(self, app: Flask) -> None:
        super().__init__(app, spec_kwargs={"extra_plugins": [AccessNotes(app)]})
        self.ma_plugin.converter.add_attribute_function(_described)


def _described(converter: OpenAPIConverter, field: fields.Field[Any], **_: Any) -> dict[str, Any]:
    """A field that chooses among schemas says so itself, by a method ``described`` that is given the converter."""
    describe = getattr(field, "described", None)
    return describe(converter) if describe else {}
