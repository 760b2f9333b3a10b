"""配置服务商 and the relations of products and providers (P-15…P-31)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from delivery_shared.http import allow, application, caller, command, needs, once_known, reply, require_version
from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from dispatch_svc.commands import Provider
from dispatch_svc.domain.errors import NotVisible
from dispatch_svc.domain.limits import DEFAULT_PROVIDER_MAXIMUM, DEFAULT_WEIGHT, PROVIDER_MAXIMA, WEIGHTS

blp = Blueprint("provider-configurations", __name__, description="配置服务商 / providers of a product")

RANGES = "权重取值范围为1-100，最大持单量取值范围为0-2000 / weight from 1 to 100, maximum load from 0 to 2000"
INTEGERS = "文本框只支持整数，不支持小数 / integers only, no decimals"
"""The two hints of P-21, word for word, and in English."""


def within(allowed: range) -> validate.Range:
    """A value of ``allowed``, refused with the hint of P-21."""
    return validate.Range(min=allowed[0], max=allowed[-1], error=RANGES)


class ProviderIn(Schema):
    provider_id = fields.UUID(required=True)
    weight = fields.Integer(
        strict=True,
        load_default=DEFAULT_WEIGHT,
        validate=within(WEIGHTS),
        error_messages={"invalid": INTEGERS},
    )
    maximum = fields.Integer(
        strict=True,
        load_default=DEFAULT_PROVIDER_MAXIMUM,
        validate=within(PROVIDER_MAXIMA),
        error_messages={"invalid": INTEGERS},
    )


class ConfigurationIn(Schema):
    """The whole configuration: who is left out is removed (P-26); none means 未配置 (P-28)."""

    providers = fields.List(fields.Nested(ProviderIn), required=True, validate=validate.Length(max=1000))


class ProviderOut(Schema):
    provider_id = fields.String()
    name = fields.String(allow_none=True)
    weight = fields.Integer()
    maximum = fields.Integer()
    held = fields.Integer(attribute="load", data_key="load")


class ConfigurationOut(Schema):
    product_id = fields.UUID()
    version = fields.Integer(metadata={"description": "for If-Match"})
    providers = fields.List(fields.Nested(ProviderOut))


class SavedOut(Schema):
    product_id = fields.UUID()
    version = fields.Integer()
    providers = fields.List(fields.Nested(ProviderIn))


class ProviderCandidateOut(ProviderOut):
    """``configured``: whether it stands in the configuration; weight and maximum are its own or the defaults.
    ``full_roles``: roles of which none of its people can take a project now, whatever its own load."""

    configured = fields.Boolean()
    full_roles = fields.List(fields.String())


class ProviderCandidatesOut(Schema):
    items = fields.List(fields.Nested(ProviderCandidateOut))
    hints = fields.List(fields.String())


class RelationOut(Schema):
    product_id = fields.UUID()
    provider_id = fields.UUID()


@blp.route("/api/v1/provider-configurations/<uuid:product_id>")
class Configuration(MethodView):
    @allow("vendor_admin", "vendor_project_manager", "platform_operator")
    @blp.response(200, ConfigurationOut)
    def get(self, product_id: UUID) -> Any:
        """查看 (P-29); its version is the ETag."""
        found: dict[str, Any] = application().providers.configuration(by=caller(), product_id=product_id)
        return found, 200, {"ETag": f'"{found["version"]}"'}

    @allow("vendor_admin", "vendor_project_manager")
    @needs(version="may")
    @blp.arguments(ConfigurationIn)
    @blp.response(200, SavedOut)
    @blp.alt_response(412, description="Saved by somebody else meanwhile")
    def put(self, body: dict[str, Any], product_id: UUID) -> Response:
        """保存. With ``If-Match`` only what was edited is replaced."""
        providers = [Provider(**provider) for provider in body["providers"]]
        configure = application().configure_providers
        outcome = once_known(
            lambda: configure(
                command=command(), by=caller(), product_id=product_id, providers=providers, at_edition=require_version
            ),
            NotVisible,
        )
        response = reply(outcome)
        response.headers["ETag"] = f'"{outcome.body["version"]}"'
        return response


@blp.route("/api/v1/provider-configurations/<uuid:product_id>/candidates")
class Candidates(MethodView):
    @allow("vendor_admin", "vendor_project_manager", "platform_operator")
    @blp.response(200, ProviderCandidatesOut)
    def get(self, product_id: UUID) -> dict[str, Any]:
        """选择服务商: who can be ticked (P-20), with load for 更换服务商 (R-42)."""
        return {
            "items": application().providers.candidates(by=caller(), product_id=product_id),
            "hints": [RANGES, INTEGERS],
        }


@blp.route("/api/v1/relations/<uuid:product_id>/<uuid:provider_id>")
class Relation(MethodView):
    @allow("platform_operator")
    @blp.response(200, RelationOut)
    def get(self, product_id: UUID, provider_id: UUID) -> dict[str, UUID]:
        """Whether the provider may serve the product; 404 if not."""
        if not application().providers.related(product_id=product_id, provider_id=provider_id):
            raise NotVisible
        return {"product_id": product_id, "provider_id": provider_id}

    @allow("platform_operator")
    @blp.response(200, RelationOut)
    def put(self, product_id: UUID, provider_id: UUID) -> Response:
        """Let the provider serve the product."""
        return _set(product_id, provider_id, related=True)

    @allow("platform_operator")
    @blp.response(204)
    def delete(self, product_id: UUID, provider_id: UUID) -> Response:
        """End the relation; the provider leaves the configuration and keeps its projects."""
        return _set(product_id, provider_id, related=False)


def _set(product_id: UUID, provider_id: UUID, *, related: bool) -> Response:
    relate = application().set_relation
    return reply(
        once_known(
            lambda: relate(command=command(), product_id=product_id, provider_id=provider_id, related=related),
            NotVisible,
        )
    )
