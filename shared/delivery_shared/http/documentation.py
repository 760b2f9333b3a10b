"""What the OpenAPI document says beyond routes and schemas: who may call, which headers count, and that errors are
problems."""

from __future__ import annotations

from typing import Any

from apispec import APISpec, BasePlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from flask import Flask
from flask_smorest import Api
from marshmallow import INCLUDE, Schema, fields
from werkzeug.routing import Rule

from delivery_shared.http.access import ANYONE, SIGNED_IN, declaration_of
from delivery_shared.http.commands import IDEMPOTENCY_KEY, IF_MATCH, LONGEST_KEY, Needs, needs_of
from delivery_shared.http.positions import MIN_POSITION, MIN_POSITION_PATTERN, POSITION

WORDS = {
    ANYONE: "所有人，无需登录 / anyone, without a token",
    SIGNED_IN: "任何已登录账号 / any account",
    "vendor_admin": "厂商管理员 / vendor admin",
    "vendor_project_manager": "厂商项目经理 / vendor project manager",
    "provider_admin": "服务商管理员 / provider admin",
    "staff": "服务商员工 / provider employee",
    "account_manager": "客户经理 / account manager",
    "customer": "顾客 / customer",
    "customer_link": "凭链接访问的顾客 / customer who came by a link",
    "platform_operator": "云市场小二 / platform operator",
    "marketplace": "云市场订单账号 / the marketplace's service account",
    "access_key": "访问密钥 / access key",
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


class BlockingItem(Schema):
    """A project – ``name`` is its order number –, user or department."""

    kind = fields.String(required=True, metadata={"enum": ["project", "user", "department"]})
    id = fields.UUID(required=True)
    name = fields.String(required=True)


class Blocking(Schema):
    """What is in the way of what was asked: the first twenty of ``total``."""

    items = fields.List(fields.Nested(BlockingItem), required=True)
    total = fields.Integer(required=True)


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
    blocking = fields.Nested(Blocking)


PARAMETERS: dict[str, dict[str, Any]] = {
    "MinPosition": {
        "name": MIN_POSITION,
        "description": "等待本服务读到这些位置，最多2秒，否则503 / positions of earlier answers (Delivery-Position): "
        "waits up to two seconds until this service has heard of them, else 503 with Retry-After",
        "schema": {"type": "string", "pattern": MIN_POSITION_PATTERN, "examples": ["project:17, dispatch:4"]},
    },
    "IdempotencyKey": {
        "name": IDEMPOTENCY_KEY,
        "description": "同一账号、同一地址、同一键：只执行一次，7天内答复相同 / the same key of one account on one "
        "address: carried out once, and answered the same for seven days; 422 with another body",
        "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[ -~]*$"},
    },
    "IfMatch": {
        "name": IF_MATCH,
        "description": "所编辑的版本（ETag） / the version edited, as its ETag said: 412 if it was changed meanwhile",
        "schema": {"type": "string", "examples": ['"3"']},
    },
}
"""Headers of requests by the names of their components; those that must come have a second one."""
REQUIRED = ("IdempotencyKey", "IfMatch")

HEADERS: dict[str, dict[str, Any]] = {
    "Position": {
        "description": "命令写入的位置，读取时放入 Delivery-Min-Position / how far the command's events have come: "
        "send it back as Delivery-Min-Position",
        "schema": {"type": "string", "examples": ["project:17"]},
    },
    "RetryAfter": {
        "description": "多少秒后重试 / seconds after which to try again: with every 503 and 429",
        "schema": {"type": "integer", "minimum": 0},
    },
}
"""Headers of answers."""


class Notes(BasePlugin):
    """Writes into every operation who may call it – ``x-allowed`` and a line of the description, from its declaration
    by :func:`~delivery_shared.http.access.allow` – and which headers count; gives errors their content type."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def init_spec(self, spec: APISpec) -> None:
        super().init_spec(spec)
        for name, parameter in PARAMETERS.items():
            spec.components.parameter(name, "header", parameter)
        for name in REQUIRED:
            spec.components.parameter(f"Required{name}", "header", {**PARAMETERS[name], "required": True})
        for name, header in HEADERS.items():
            spec.components.header(name, header)

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
                continue
            operation.setdefault("parameters", []).append("MinPosition")
            if method not in ("get", "head"):
                self._of_command(operation, needs_of(self.app, rule, method))

    @staticmethod
    def _of_command(operation: dict[str, Any], needed: Needs) -> None:
        operation["parameters"].append("RequiredIdempotencyKey" if needed.key else "IdempotencyKey")
        if needed.version != "no":
            operation["parameters"].append("RequiredIfMatch" if needed.version == "must" else "IfMatch")
        for status, response in operation["responses"].items():
            if str(status).startswith("2"):
                response.setdefault("headers", {})[POSITION] = "Position"

    def response_helper(self, response: dict[str, Any], **_: Any) -> dict[str, Any]:
        content = response.get("content", {})
        if "application/json" in content:
            content["application/problem+json"] = content.pop("application/json")
        response.setdefault("headers", {})["Retry-After"] = "RetryAfter"
        return response


class DocumentedApi(Api):
    """flask-smorest, documenting problems."""

    ERROR_SCHEMA = ProblemDetails

    def __init__(self, app: Flask) -> None:
        super().__init__(app, spec_kwargs={"extra_plugins": [Notes(app)]})
        self.ma_plugin.converter.add_attribute_function(_described)


def _described(converter: OpenAPIConverter, field: fields.Field[Any], **_: Any) -> dict[str, Any]:
    """A field that chooses among schemas says so itself, by a method ``described`` that is given the converter."""
    describe = getattr(field, "described", None)
    return describe(converter) if describe else {}
