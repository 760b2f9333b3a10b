"""Intake of orders: from the marketplace, and test orders of any account (S-07)."""

from __future__ import annotations

import re
from typing import Any, NoReturn
from uuid import UUID, uuid4

from delivery_shared.commands import Command
from delivery_shared.contracts.identity import party_id_of
from delivery_shared.http import SIGNED_IN, Problem, allow, caller, command, needs, once_known, reply
from delivery_shared.http.contacts import Email, Mobile
from delivery_shared.http.fields import Switch
from delivery_shared.http.texts import Text
from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import Schema, ValidationError, fields, validate, validates, validates_schema

from project_svc import commands
from project_svc.api.calling import application
from project_svc.api.schemas import Standing, Strict
from project_svc.domain.errors import OrderExists, ParametersUnfit, ProductNotListed
from project_svc.domain.order import TEST, Order, OrderContact

blp = Blueprint("orders", __name__, description="订单: an order becomes a project")


class Buyer(Strict):
    number = Text(required=True, shortest=1, longest=64)
    name = Text(required=True, shortest=1, longest=100)


LOCALE = r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*"
"""A BCP 47 tag, as far as one is told by."""

QUANTITY = 1_000_000
PARAMETERS = 50


class ContactIn(Strict):
    """Whom to tell and ask for the buyer. Seen by nobody but who needs it, and erased with the buyer's name."""

    name = Text(shortest=1, longest=100, load_default=None, allow_none=True)
    mobile = Mobile(e164=True)
    email = Email()
    locale = Text(
        longest=35,
        load_default=None,
        allow_none=True,
        metadata={"description": "BCP 47, such as zh-CN", "pattern": f"^{LOCALE}$"},
    )

    @validates("locale")
    def _is_a_tag(self, value: str | None, data_key: str) -> None:
        if value is not None and not re.fullmatch(LOCALE, value):
            raise ValidationError("语言标签无效，如 zh-CN / not a language tag such as zh-CN")

    @validates_schema
    def _says_something(self, data: dict[str, Any], **_: Any) -> None:
        if not any(data.values()):
            raise ValidationError("请至少填写一项 / give one of them at least", "name")


class ProductNamed(Strict):
    """The product by id, or by 产品编号 and the vendor's main account."""

    product_id = fields.UUID()
    product_code = Text(shortest=1, longest=64)
    vendor_account = Text(shortest=1, longest=100)
    edition = Text(shortest=1, longest=100, load_default=None, allow_none=True)
    sales_channel = Text(shortest=1, longest=100, load_default=None, allow_none=True)
    valid_until = fields.Date(load_default=None, allow_none=True)

    @validates_schema
    def _one_way(self, data: dict[str, Any], **_: Any) -> None:
        by_code = [name for name in ("product_code", "vendor_account") if name in data]
        if ("product_id" in data) == bool(by_code) or len(by_code) == 1:
            raise ValidationError(
                "请填写 product_id，或 product_code 与 vendor_account"
                " / give product_id, or product_code and vendor_account",
                "product_id",
            )


class NewOrder(ProductNamed):
    order_number = Text(required=True, shortest=1, longest=64)
    business_number = Text(required=True, shortest=1, longest=64)
    customer = fields.Nested(Buyer, required=True)
    quantity = fields.Integer(strict=True, load_default=1, validate=validate.Range(min=1, max=QUANTITY))
    sku = Text(shortest=1, longest=100, load_default=None, allow_none=True)
    trial = Switch(load_default=False, metadata={"description": "not paid: served last, in no figure"})
    parameters = fields.Dict(
        keys=Text(shortest=1, longest=100),
        values=Text(longest=500),
        load_default=dict,
        validate=validate.Length(max=PARAMETERS, error=f"最多{PARAMETERS}项 / at most {PARAMETERS}"),
        metadata={"description": "what the buyer chose besides, by name"},
    )
    contact = fields.Nested(ContactIn, load_default=None, allow_none=True)


class TestOrder(ProductNamed):
    """A test order; its numbers are made up."""


def product_of(body: dict[str, Any]) -> UUID:
    found: UUID = body.get("product_id") or once_known(
        lambda: application().product_id_of(code=body["product_code"], vendor_account=body["vendor_account"]),
        ProductNotListed,
    )
    return found


def take(order: Order, identity: Command) -> Response:
    try:
        wanted = commands.take_order(order=order)
        outcome = once_known(lambda: application().carry_out(identity, wanted), ProductNotListed)
    except OrderExists as exists:
        _exists(exists)
    except ParametersUnfit as unfit:
        raise Problem.of(422, errors=unfit.fields) from unfit
    return reply(outcome, location=f"/api/v1/projects/{outcome.body['project_id']}")


def _exists(exists: OrderExists) -> NoReturn:
    raise Problem(
        409,
        "order-exists",
        f"业务号{exists.business_number}已存在",
        "The vendor has a project of this business number already",
        headers={"Location": f"/api/v1/projects/{exists.project_id}"},
        project_id=str(exists.project_id),
    ) from exists


@blp.route("/api/v1/orders")
class Orders(MethodView):
    @allow("marketplace")
    @needs(key=True)
    @blp.arguments(NewOrder)
    @blp.response(201, Standing)
    def post(self, body: dict[str, Any]) -> Response:
        """A purchase starts a project; needs an Idempotency-Key."""
        buyer = body["customer"]
        order = Order(
            order_number=body["order_number"],
            business_number=body["business_number"],
            product_id=product_of(body),
            customer_id=party_id_of(buyer["number"]),
            customer_number=buyer["number"],
            customer_name=buyer["name"],
            edition=body["edition"],
            sales_channel=body["sales_channel"],
            valid_until=body["valid_until"],
            quantity=body["quantity"],
            sku=body["sku"],
            trial=body["trial"],
            parameters=body["parameters"],
            contact=OrderContact(**body["contact"]) if body["contact"] else None,
        )
        return take(order, command())


class ProductToTry(Schema):
    product_id = fields.UUID()
    code = fields.String()
    name = fields.String()
    vendor_id = fields.UUID()
    vendor_name = fields.String()


class ProductsToTry(Schema):
    items = fields.List(fields.Nested(ProductToTry))


@blp.route("/api/v1/orders/test/products")
class TestProducts(MethodView):
    @allow(SIGNED_IN)
    @blp.response(200, ProductsToTry)
    def get(self) -> dict[str, Any]:
        """What the caller may place a test order for: own products, and those of vendors the company serves (S-07)."""
        return {"items": application().products_to_try(by=caller())}


@blp.route("/api/v1/orders/test")
class TestOrders(MethodView):
    @allow(SIGNED_IN)
    @blp.arguments(TestOrder)
    @blp.response(201, Standing)
    def post(self, body: dict[str, Any]) -> Response:
        """A test order on an own product, or one of a vendor the caller serves (S-07): the project's customer is the
        single account (S-10)."""
        by = caller()
        number = f"{TEST}{uuid4().hex[:16].upper()}"
        order = Order(
            order_number=number,
            business_number=number,
            product_id=product_of(body),
            customer_id=by.user_id,
            placed_by=by,
            edition=body["edition"],
            sales_channel=body["sales_channel"],
            valid_until=body["valid_until"],
        )
        return take(order, command())
