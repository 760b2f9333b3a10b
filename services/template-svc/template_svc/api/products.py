"""商品 over HTTP: listing with a template, and replacing the template."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from delivery_shared.http import allow, application, caller, command, needs, reply, require_version
from delivery_shared.http.fields import Switch
from delivery_shared.http.paging import PageQuery, page_schema
from delivery_shared.http.texts import Text
from delivery_shared.order_parameters import LONGEST_KEY, LONGEST_LABEL, LONGEST_OPTION, MOST, TYPES
from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from template_svc.api.fields import owner_id
from template_svc.commands.products import (
    declare_product_parameters,
    list_product,
    replace_product_template,
    take_product_offline,
)

blp = Blueprint("products", __name__, description="商品: products and the template bound to them")

READERS = ("vendor_admin", "vendor_project_manager", "platform_operator")


class NewProduct(Schema):
    code = Text(required=True, shortest=1, longest=64, metadata={"description": "产品编号"})
    name = Text(required=True, shortest=1, longest=100)
    template_id = fields.UUID(required=True)


class TemplateChoice(Schema):
    template_id = fields.UUID(required=True)


class Offline(Schema):
    reason = Text(longest=500, lines=True, load_default="")


class ProductQuery(PageQuery):
    code = Text(longest=64, load_default="")
    name = Text(longest=100, load_default="")
    template_name = Text(longest=100, load_default="")


class ProductState(Schema):
    id = fields.UUID()
    code = fields.String()
    name = fields.String()
    template_id = fields.UUID()
    template_name = fields.String()
    state = fields.String(metadata={"description": "listed or offline (下线)"})
    version = fields.Integer()


class ProductEntry(ProductState):
    vendor_id = fields.UUID()
    template_serial = fields.Integer()
    historical = fields.Boolean(metadata={"description": "online before the Delivery Center (P-13)"})
    listed_at = fields.AwareDateTime()
    offline_at = fields.AwareDateTime(allow_none=True)


ProductPage = page_schema(ProductEntry)


class Parameter(Schema):
    """订单参数: one that orders of the product carry."""

    key = Text(required=True, shortest=1, longest=LONGEST_KEY, metadata={"description": "its name in orders"})
    label = Text(required=True, shortest=1, longest=LONGEST_LABEL, metadata={"description": "as it is shown"})
    type = fields.String(required=True, validate=validate.OneOf(TYPES))
    required = Switch(load_default=False)
    searchable = Switch(load_default=False, metadata={"description": "orders are found by its value"})
    options = fields.List(
        Text(shortest=1, longest=LONGEST_OPTION),
        load_default=list,
        validate=validate.Length(max=MOST),
        metadata={"description": "of a choice: what may be chosen"},
    )

    @validates_schema
    def _options_of_a_choice(self, data: dict[str, Any], **_: Any) -> None:
        options = data["options"]
        if data["type"] != "choice" and options:
            raise ValidationError("只有选项类型才有选项 / only a choice has options", "options")
        if data["type"] == "choice" and not options:
            raise ValidationError("请至少填写一个选项 / give one option at least", "options")
        if len(set(options)) < len(options):
            raise ValidationError("选项不能重复 / each option once", "options")


class Parameters(Schema):
    parameters = fields.List(fields.Nested(Parameter), required=True, validate=validate.Length(max=MOST))

    @validates_schema
    def _each_key_once(self, data: dict[str, Any], **_: Any) -> None:
        keys = [parameter["key"] for parameter in data["parameters"]]
        twice = {n: {"key": [TWICE]} for n, key in enumerate(keys) if key in keys[:n]}
        if twice:
            raise ValidationError({"parameters": twice})


TWICE = "参数名不能重复 / each key once"


class ParametersState(Parameters):
    version = fields.Integer(metadata={"description": "for If-Match"})


@blp.route("/api/v1/products")
class Products(MethodView):
    @allow(*READERS)
    @blp.arguments(ProductQuery, location="query", unknown=RAISE)
    @blp.response(200, ProductPage)
    def get(self, query: dict[str, Any]) -> Any:
        """The caller's products (all for the platform operator), newest first (P-03, P-06, P-07)."""
        return application().products.listed(vendor_id=owner_id(), **query)

    @allow("vendor_admin")
    @blp.arguments(NewProduct)
    @blp.response(201, ProductState)
    def post(self, body: dict[str, Any]) -> Response:
        """上架 with a template (P-08, P-09, P-12); of a product taken offline: again, with the same id."""
        outcome = application().carry_out(command(), list_product(vendor_id=caller().party_id, **body))
        return reply(outcome, location=f"/api/v1/products/{outcome.body['id']}")


@blp.route("/api/v1/products/<uuid:product_id>")
class Product(MethodView):
    @allow(*READERS)
    @blp.response(200, ProductEntry)
    def get(self, product_id: UUID) -> Any:
        """One product with the template bound to it."""
        return application().products.one(product_id, vendor_id=owner_id())


@blp.route("/api/v1/products/<uuid:product_id>/template")
class ProductTemplate(MethodView):
    @allow("vendor_admin", "platform_operator")
    @blp.arguments(TemplateChoice)
    @blp.response(200, ProductState)
    def put(self, body: dict[str, Any], product_id: UUID) -> Response:
        """Another template for later projects (P-11, P-13, P-14)."""
        outcome = application().carry_out(
            command(), replace_product_template(vendor_id=owner_id(), product_id=product_id, **body)
        )
        return reply(outcome)


@blp.route("/api/v1/products/<uuid:product_id>/parameters")
class ProductParameters(MethodView):
    @allow(*READERS)
    @blp.response(200, ParametersState)
    def get(self, product_id: UUID) -> Any:
        """订单参数: which parameters the product's orders carry."""
        return application().products.one(product_id, vendor_id=owner_id())

    @allow("vendor_admin")
    @needs(version="must")
    @blp.arguments(Parameters)
    @blp.response(200, ParametersState)
    def put(self, body: dict[str, Any], product_id: UUID) -> Response:
        """Declare them, for orders that come from now on. Needs ``If-Match`` with the version edited."""
        operation = declare_product_parameters(
            vendor_id=caller().party_id, product_id=product_id, at_version=require_version, **body
        )
        return reply(application().carry_out(command(), operation))


@blp.route("/api/v1/products/<uuid:product_id>/offline")
class ProductOffline(MethodView):
    @allow("platform_operator")
    @blp.arguments(Offline)
    @blp.response(200, ProductState)
    def post(self, body: dict[str, Any], product_id: UUID) -> Response:
        """下线: no more orders on the product (F-05)."""
        return reply(application().carry_out(command(), take_product_offline(product_id=product_id, **body)))


class ListingTemplate(Schema):
    id = fields.UUID()
    serial = fields.Integer()
    name = fields.String()
    public = fields.Boolean()


class FieldLimits(Schema):
    field = fields.String()
    name = fields.String()
    required = fields.Boolean()
    longest = fields.Integer()


class Range(Schema):
    preset = fields.Integer()
    least = fields.Integer()
    most = fields.Integer()


class ProviderStep(Schema):
    weight = fields.Nested(Range)
    maximum = fields.Nested(Range)


class ListingForm(Schema):
    fields_ = fields.List(fields.Nested(FieldLimits), data_key="fields")
    templates = fields.List(fields.Nested(ListingTemplate))
    providers = fields.Nested(ProviderStep)


LISTING = {
    "fields_": [
        {"field": "code", "name": "产品编号", "required": True, "longest": 64},
        {"field": "name", "name": "产品名称", "required": True, "longest": 100},
        {"field": "template_id", "name": "服务流程模板", "required": True, "longest": 36},
    ],
    "providers": {
        "weight": {"preset": 10, "least": 1, "most": 100},
        "maximum": {"preset": 1000, "least": 0, "most": 2000},
    },
}
"""The 上架 form (P-12): product data, then – behind 下一步 – providers (P-21, P-24)."""


@blp.route("/api/v1/products/listing-form")
class ProductListingForm(MethodView):
    @allow("vendor_admin")
    @blp.response(200, ListingForm)
    def get(self) -> dict[str, Any]:
        """What the 上架 form offers: its fields, all templates the vendor can bind (P-09), presets of the providers."""
        return {**LISTING, "templates": application().products.bindable(vendor_id=caller().party_id)}
