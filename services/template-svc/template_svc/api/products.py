"""商品 over HTTP: listing with a template, and replacing the template."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from delivery_shared.http import allow, application, caller, command, reply
from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, fields

from template_svc import read_model
from template_svc.api.fields import Paging, Text, bad_cursor, from_cursor, owner_id, to_cursor
from template_svc.domain import NotVisible

blp = Blueprint("products", __name__, description="商品: products and the template bound to them")

READERS = ("vendor_admin", "vendor_project_manager", "platform_operator")


class NewProduct(Schema):
    code = Text(required=True, shortest=1, longest=64, metadata={"description": "产品编号"})
    name = Text(required=True, shortest=1, longest=100)
    template_id = fields.UUID(required=True)


class TemplateChoice(Schema):
    template_id = fields.UUID(required=True)


class ProductQuery(Paging):
    code = Text(longest=64, load_default="")
    name = Text(longest=100, load_default="")
    template_name = Text(longest=100, load_default="")


class ProductState(Schema):
    id = fields.UUID()
    code = fields.String()
    name = fields.String()
    template_id = fields.UUID()
    template_name = fields.String()
    version = fields.Integer()


class ProductEntry(ProductState):
    vendor_id = fields.UUID()
    template_serial = fields.Integer()
    listed_at = fields.AwareDateTime()


class ProductPage(Schema):
    items = fields.List(fields.Nested(ProductEntry))
    total = fields.Integer()
    next = fields.String(allow_none=True)


@blp.route("/api/v1/products")
class Products(MethodView):
    @allow(*READERS)
    @blp.arguments(ProductQuery, location="query", unknown=RAISE)
    @blp.response(200, ProductPage)
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """The caller's products (all for the platform operator), newest first (P-03, P-06, P-07)."""
        with application().connection() as connection:
            page = read_model.products(
                connection,
                vendor_id=owner_id(),
                code=query["code"],
                name=query["name"],
                template_name=query["template_name"],
                before=_place(query["cursor"]) if query["cursor"] else None,
                limit=query["limit"],
            )
        following = None
        if page.more:
            last = page.items[-1]
            following = to_cursor(f"{last['listed_at'].isoformat()} {last['id']}")
        return {"items": page.items, "total": page.total, "next": following}

    @allow("vendor_admin")
    @blp.arguments(NewProduct)
    @blp.response(201, ProductState)
    def post(self, body: dict[str, Any]) -> Response:
        """上架 with a template (P-08, P-09, P-12)."""
        outcome = application().list_product(command=command(), vendor_id=caller().party_id, **body)
        return reply(outcome, location=f"/api/v1/products/{outcome.body['id']}")


@blp.route("/api/v1/products/<uuid:product_id>")
class Product(MethodView):
    @allow(*READERS)
    @blp.response(200, ProductEntry)
    def get(self, product_id: UUID) -> Any:
        """One product with the template bound to it."""
        with application().connection() as connection:
            page = read_model.products(connection, vendor_id=owner_id(), product_id=product_id)
        if not page.items:
            raise NotVisible(product_id)
        return page.items[0]


@blp.route("/api/v1/products/<uuid:product_id>/template")
class ProductTemplate(MethodView):
    @allow("vendor_admin", "platform_operator")
    @blp.arguments(TemplateChoice)
    @blp.response(200, ProductState)
    def put(self, body: dict[str, Any], product_id: UUID) -> Response:
        """Another template for later projects (P-11, P-13, P-14)."""
        outcome = application().replace_product_template(
            command=command(), vendor_id=owner_id(), product_id=product_id, **body
        )
        return reply(outcome)


def _place(cursor: str) -> tuple[datetime, UUID]:
    at, _, product_id = from_cursor(cursor).partition(" ")
    try:
        listed_at = datetime.fromisoformat(at)
        place = (listed_at, UUID(product_id))
    except ValueError:
        raise bad_cursor() from None
    if listed_at.tzinfo is None:
        raise bad_cursor()
    return place
