"""接入 over HTTP: a vendor's connections to marketplaces, their secrets, SKU maps, stages and health."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from delivery_shared.http import Problem, allow, application, caller, command, reply
from delivery_shared.http.paging import PageQuery, page_schema
from delivery_shared.http.texts import Text
from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, fields, validate

from intake_svc.api.sku_files import FileUnreadable, lines_of
from intake_svc.commands import connections as commands
from intake_svc.domain.errors import SkuMapInvalid
from intake_svc.kinds import KINDS

blp = Blueprint("connections", __name__, description="接入: connections to marketplaces")

READERS = ("vendor_admin", "vendor_project_manager", "platform_operator")
WRITERS = ("vendor_admin",)
READY_WHEN = ("received", "started", "first_human_node")
STAGES = ("draft", "test", "live")


def vendor_id() -> UUID | None:
    """Whose connections the caller sees: its own, the platform operator those of all."""
    who = caller()
    return None if who.is_a("platform_operator") else who.party_id


class ConnectionForm(Schema):
    name = Text(required=True, shortest=1, longest=100)
    ready_when = fields.String(
        load_default="started",
        validate=validate.OneOf(READY_WHEN),
        metadata={"description": "when an order is answered as ready"},
    )
    front_url = fields.URL(
        load_default=None, allow_none=True, schemes={"https", "http"}, validate=validate.Length(max=500),
        metadata={"description": "what a marketplace shows the buyer, if it shows an address"},
    )  # fmt: skip


class NewConnection(ConnectionForm):
    kind = fields.String(required=True, validate=validate.Length(max=40))


class ConnectionState(Schema):
    id = fields.UUID()
    kind = fields.String()
    name = fields.String()
    stage = fields.String(validate=validate.OneOf(STAGES))
    address = fields.String(metadata={"description": "path of the address the marketplace is to call"})
    version = fields.Integer()


class ConnectionEntry(ConnectionState):
    vendor_id = fields.UUID()
    vendor_name = fields.String(allow_none=True)
    ready_when = fields.String(validate=validate.OneOf(READY_WHEN))
    front_url = fields.String(allow_none=True)
    opened_at = fields.AwareDateTime()
    has_secret = fields.Boolean()
    former_secret_until = fields.AwareDateTime(
        allow_none=True, metadata={"description": "until when the secret before verifies"}
    )


ConnectionPage = page_schema(ConnectionEntry)


class KindEntry(Schema):
    kind = fields.String()
    name_zh = fields.String()
    name_en = fields.String()
    makes_secret = fields.Boolean(metadata={"description": "the secret is made here and shown once"})


class KindList(Schema):
    items = fields.List(fields.Nested(KindEntry))


class SecretForm(Schema):
    secret = fields.String(
        load_default=None, allow_none=True, validate=validate.Length(min=1, max=200),
        metadata={"description": "the marketplace's; none where it is made here"},
    )  # fmt: skip
    overlap_hours = fields.Integer(
        load_default=24, validate=validate.Range(0, 720), strict=True,
        metadata={"description": "for how long the one before verifies as well"},
    )  # fmt: skip


class SecretOut(ConnectionState):
    secret = fields.String(metadata={"description": "where it was made here: this once"})


class StageForm(Schema):
    stage = fields.String(required=True, validate=validate.OneOf(STAGES))


class SkuLine(Schema):
    product_code = Text(required=True, shortest=1, longest=200, metadata={"description": "the marketplace's"})
    sku = Text(load_default="", longest=200, metadata={"description": "the marketplace's; empty: it has none"})
    product_id = fields.UUID(required=True)
    edition = Text(load_default=None, allow_none=True, longest=100)
    facts = fields.Dict(
        keys=Text(shortest=1, longest=50), values=Text(longest=200), load_default=dict, validate=validate.Length(max=30)
    )


class SkuMapForm(Schema):
    entries = fields.List(fields.Nested(SkuLine), required=True, validate=validate.Length(max=2000))


class SkuFile(Schema):
    content = fields.String(
        required=True, validate=validate.Length(1, 500_000),
        metadata={"description": "CSV: product_code, sku, product (产品编号), edition; other columns are facts"},
    )  # fmt: skip


class SkuEntry(SkuLine):
    product = fields.String(allow_none=True, metadata={"description": "产品编号"})
    product_name = fields.String(allow_none=True)


class SkuMap(Schema):
    entries = fields.List(fields.Nested(SkuEntry))


class Health(Schema):
    answered = fields.Integer()
    last_notice_at = fields.AwareDateTime(allow_none=True)
    skew_ms = fields.Integer(allow_none=True, metadata={"description": "how far the marketplace's clock is behind"})
    signature_errors = fields.Integer()
    last_signature_error_at = fields.AwareDateTime(allow_none=True)
    clock_errors = fields.Integer()
    last_clock_error_at = fields.AwareDateTime(allow_none=True)
    malformed = fields.Integer()
    last_malformed_at = fields.AwareDateTime(allow_none=True)
    parked = fields.Integer()
    refused = fields.Integer()
    unready = fields.Integer(metadata={"description": "orders not yet answered as ready"})
    unready_since = fields.AwareDateTime(allow_none=True)


class TestOrderForm(Schema):
    product_code = Text(required=True, shortest=1, longest=200)
    sku = Text(load_default="", longest=200)


class TestOrderOut(Schema):
    order = fields.String()
    status = fields.Integer()
    body = fields.String(metadata={"description": "what the marketplace would have been answered"})
    instance_id = fields.String(allow_none=True)


@blp.route("/api/v1/connections/kinds")
class Kinds(MethodView):
    @allow(*READERS)
    @blp.response(200, KindList)
    def get(self) -> dict[str, Any]:
        """The marketplaces that can be connected."""
        items = [
            {
                "kind": kind.name,
                "name_zh": kind.title[0],
                "name_en": kind.title[1],
                "makes_secret": kind.new_secret() is not None,
            }
            for kind in KINDS.values()
        ]
        return {"items": items}


@blp.route("/api/v1/connections")
class Connections(MethodView):
    @allow(*READERS)
    @blp.arguments(PageQuery, location="query", unknown=RAISE)
    @blp.response(200, ConnectionPage)
    def get(self, query: dict[str, Any]) -> Any:
        """The caller's connections (all for the platform operator), newest first."""
        return application().connections.listed(vendor_id=vendor_id(), **query)

    @allow(*WRITERS)
    @blp.arguments(NewConnection)
    @blp.response(201, ConnectionState)
    def post(self, body: dict[str, Any]) -> Response:
        """A connection as a draft, with the address for the marketplace."""
        outcome = application().carry_out(command(), commands.open_connection(vendor_id=caller().party_id, **body))
        return reply(outcome, location=f"/api/v1/connections/{outcome.body['id']}")


@blp.route("/api/v1/connections/<uuid:connection_id>")
class Connection(MethodView):
    @allow(*READERS)
    @blp.response(200, ConnectionEntry)
    def get(self, connection_id: UUID) -> Any:
        """One connection; its secrets are never read back."""
        return application().connections.one(connection_id, vendor_id=vendor_id())

    @allow(*WRITERS)
    @blp.arguments(ConnectionForm)
    @blp.response(200, ConnectionState)
    def put(self, body: dict[str, Any], connection_id: UUID) -> Response:
        """Another name, or answer policy for orders to come."""
        return reply(
            application().carry_out(
                command(),
                commands.change_connection(vendor_id=caller().party_id, connection_id=connection_id, **body),
            )
        )


@blp.route("/api/v1/connections/<uuid:connection_id>/secret")
class ConnectionSecret(MethodView):
    @allow(*WRITERS)
    @blp.arguments(SecretForm)
    @blp.response(200, SecretOut)
    def put(self, body: dict[str, Any], connection_id: UUID) -> Response:
        """Another secret; the one before verifies a while longer. One made here is shown this once."""
        operation = commands.set_secret(
            vendor_id=caller().party_id,
            connection_id=connection_id,
            secret=body["secret"],
            overlap=timedelta(hours=body["overlap_hours"]),
        )
        outcome = application().carry_out(command(), operation)
        return reply(outcome, show_once={"secret": operation.shown_once} if operation.shown_once else None)


@blp.route("/api/v1/connections/<uuid:connection_id>/stage")
class ConnectionStage(MethodView):
    @allow(*WRITERS)
    @blp.arguments(StageForm)
    @blp.response(200, ConnectionState)
    def put(self, body: dict[str, Any], connection_id: UUID) -> Response:
        """草稿, 测试 or 正式. A draft takes nothing; in test, orders are marked."""
        return reply(
            application().carry_out(
                command(), commands.set_stage(vendor_id=caller().party_id, connection_id=connection_id, **body)
            )
        )


@blp.route("/api/v1/connections/<uuid:connection_id>/sku-map")
class ConnectionSkuMap(MethodView):
    @allow(*READERS)
    @blp.response(200, SkuMap)
    def get(self, connection_id: UUID) -> Any:
        """What the marketplace's products and SKUs are here."""
        return {"entries": application().connections.sku_map(connection_id, vendor_id=vendor_id())}

    @allow(*WRITERS)
    @blp.arguments(SkuMapForm)
    @blp.response(200, ConnectionState)
    def put(self, body: dict[str, Any], connection_id: UUID) -> Response:
        """The whole map. Parked notices are not tried again by themselves: replay them."""
        lines = [commands.SkuLine(product=None, **entry) for entry in body["entries"]]
        return reply(_mapped(connection_id, lines))


@blp.route("/api/v1/connections/<uuid:connection_id>/sku-map/file")
class ConnectionSkuFile(MethodView):
    @allow(*WRITERS)
    @blp.arguments(SkuFile)
    @blp.response(200, ConnectionState)
    def put(self, body: dict[str, Any], connection_id: UUID) -> Response:
        """The whole map from a file, or – with every wrong line named – nothing of it."""
        return reply(_mapped(connection_id, lines_of(body["content"])))


def _mapped(connection_id: UUID, lines: list[commands.SkuLine]) -> Any:
    return application().carry_out(
        command(), commands.set_sku_map(vendor_id=caller().party_id, connection_id=connection_id, lines=lines)
    )


@blp.route("/api/v1/connections/<uuid:connection_id>/health")
class ConnectionHealth(MethodView):
    @allow(*READERS)
    @blp.response(200, Health)
    def get(self, connection_id: UUID) -> Any:
        """What the marketplace sent of late, and what came of it."""
        return application().connections.health(connection_id, vendor_id=vendor_id())


@blp.route("/api/v1/connections/<uuid:connection_id>/test-orders")
class ConnectionTestOrders(MethodView):
    @allow(*WRITERS)
    @blp.arguments(TestOrderForm)
    @blp.response(201, TestOrderOut)
    def post(self, body: dict[str, Any], connection_id: UUID) -> Any:
        """An order as the marketplace would send it, by the same way in."""
        return application().test_order(connection_id, vendor_id=caller().party_id, **body)


@blp.errorhandler(SkuMapInvalid)
def sku_map_invalid(error: SkuMapInvalid) -> Response:
    """Which lines cannot be."""
    return Problem(
        422, "sku-map-invalid", "规格映射有误", "The SKU map has lines that cannot be", errors=error.fields
    ).response()


@blp.errorhandler(FileUnreadable)
def file_unreadable(error: FileUnreadable) -> Response:
    """No such file."""
    return Problem(
        422,
        "sku-file-unreadable",
        "规格映射文件无法读取",
        "The file of the SKU map cannot be read",
        errors=error.fields,
    ).response()
