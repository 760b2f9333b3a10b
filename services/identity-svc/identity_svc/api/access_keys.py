"""访问密钥: for programs of the party, made by its admin; and the token a request signed with one is given."""

from __future__ import annotations

import hashlib
import ipaddress
from typing import Any, Final
from uuid import UUID

from delivery_shared.http import ANYONE, Problem, allow, application, caller, command, reply
from delivery_shared.http.access import SCOPES
from delivery_shared.http.fields import Switch, Time
from delivery_shared.http.texts import Text
from delivery_shared.signatures import CONTENT, Request
from flask import Flask, Response, jsonify, request
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import Schema, ValidationError, fields, validate, validates

from identity_svc.api.schemas import Name
from identity_svc.api.sessions import address
from identity_svc.commands import access_keys
from identity_svc.signed_requests import Issued, Refused, SignedRequests

blp = Blueprint("access-keys", __name__, description="访问密钥 / access keys")

NETWORKS: Final = 50
NOT_A_NETWORK: Final = "网段无效，如 203.0.113.0/24 / not a network, such as 203.0.113.0/24"

GATEWAY_PATH: Final = "/signed-request"
"""Where the gateway asks for the token of a signed request of another address; no route of the API."""
TOKEN_HEADER: Final = "Delivery-Access-Token"  # noqa: S105 - its name
REFUSAL_HEADER: Final = "Delivery-Refusal"
REFUSAL_TEXT_HEADER: Final = "Delivery-Refusal-Text"


class NewAccessKey(Schema):
    """``scopes``: all it may be used for. ``networks``: from where, in CIDR; empty: from anywhere. ``expires_at``: None
    for never."""

    name = Name()
    scopes = fields.List(
        fields.String(validate=validate.OneOf(SCOPES)), required=True, validate=validate.Length(min=1, max=len(SCOPES))
    )
    networks = fields.List(Text(shortest=1, longest=50), load_default=list, validate=validate.Length(max=NETWORKS))
    expires_at = Time(load_default=None, allow_none=True)

    @validates("networks")
    def _are_networks(self, value: list[str], data_key: str) -> None:
        try:
            for network in value:
                ipaddress.ip_network(network)
        except ValueError as error:
            raise ValidationError(NOT_A_NETWORK) from error


class AccessKeyOut(Schema):
    """``used_at`` to the minute."""

    key_id = fields.UUID()
    access_key_id = fields.String()
    name = fields.String()
    scopes = fields.List(fields.String())
    networks = fields.List(fields.String())
    created_at = fields.AwareDateTime()
    expires_at = fields.AwareDateTime(allow_none=True)
    enabled = fields.Boolean()
    used_at = fields.AwareDateTime(allow_none=True)


class AccessKeyPage(Schema):
    items = fields.List(fields.Nested(AccessKeyOut))
    total = fields.Integer()


class AccessKeyMade(Schema):
    """``secret`` is there this once, never on a repeated request."""

    key_id = fields.UUID()
    access_key_id = fields.String()
    secret = fields.String()


class Enabled(Schema):
    enabled = Switch(required=True)


class AccessKeyState(Schema):
    key_id = fields.UUID()
    enabled = fields.Boolean()


class AccessTokenOut(Schema):
    """``expires_at``: then sign again."""

    access_token = fields.String()
    token_type = fields.String()
    expires_at = fields.AwareDateTime()


@blp.route("/api/v1/access-keys")
class AccessKeys(MethodView):
    @allow("vendor_admin")
    @blp.response(200, AccessKeyPage)
    def get(self) -> dict[str, Any]:
        """The party's access keys, without their secrets."""
        items = application().lists.access_keys(by=caller())
        return {"items": items, "total": len(items)}

    @allow("vendor_admin")
    @blp.arguments(NewAccessKey)
    @blp.response(201, AccessKeyMade)
    @blp.alt_response(409, description="There are as many as there may be")
    def post(self, body: dict[str, Any]) -> Response:
        """A new access key; its secret is shown this once."""
        making = access_keys.make(by=caller(), **body)
        outcome = application().carry_out(command(), making)
        location = f"/api/v1/access-keys/{outcome.body['key_id']}"
        return reply(outcome, location=location, show_once={"secret": making.secret})


@blp.route("/api/v1/access-keys/<uuid:key_id>")
class OneAccessKey(MethodView):
    @allow("vendor_admin")
    @blp.response(204)
    def delete(self, key_id: UUID) -> Response:
        """Delete it: it, and every token it was given, is void."""
        return reply(application().carry_out(command(), access_keys.delete(by=caller(), key_id=key_id)))


@blp.route("/api/v1/access-keys/<uuid:key_id>/state")
class AccessKeyEnabled(MethodView):
    @allow("vendor_admin")
    @blp.arguments(Enabled)
    @blp.response(200, AccessKeyState)
    def put(self, body: dict[str, Any], key_id: UUID) -> Response:
        """停用, 启用: switched off, it and every token it was given is void."""
        return reply(application().carry_out(command(), access_keys.switch(by=caller(), key_id=key_id, **body)))


@blp.route("/api/v1/sessions/access-key")
class AccessKeySession(MethodView):
    @allow(ANYONE)
    @blp.doc(security=[])
    @blp.response(201, AccessTokenOut)
    @blp.alt_response(400, description="The body is not the one that is signed")
    @blp.alt_response(401, description="Not signed, or not by a key that may; `code` says why")
    def post(self) -> Response:
        """An access token for a request signed with an access key (`ACS3-HMAC-SHA256`, empty body, headers `host`,
        `x-acs-date`, `x-acs-signature-nonce`, `x-acs-content-sha256`). It opens what the key's scopes name."""
        if hashlib.sha256(request.get_data()).hexdigest() != request.headers.get(CONTENT):
            raise Problem.of(400)
        try:
            issued = _admitted(Request(method=request.method, target=_target(), headers=_headers()))
        except Refused as refused:
            zh = "访问密钥签名未被接受"
            raise Problem(401, "access-key-refused", zh, refused.text, code=refused.code) from refused
        response = jsonify(
            access_token=issued.token,
            token_type="Bearer",  # noqa: S106
            expires_at=issued.expires_at.isoformat(),
        )
        response.status_code = 201
        return response


def for_the_gateway(app: Flask) -> Flask:
    """The gateway asks here, with the headers of the request as they came and its first line beside them."""
    app.add_url_rule(GATEWAY_PATH, "signed-request", allow(ANYONE)(_signed_request))
    return app


def _signed_request() -> Response:
    headers = _headers()
    method, target = headers.pop("x-signed-method", ""), headers.pop("x-signed-target", "")
    try:
        issued = _admitted(Request(method=method, target=target, headers=headers))
    except Refused as refused:
        status = 403 if refused.status == 403 else 401
        return Response(status=status, headers={REFUSAL_HEADER: refused.code, REFUSAL_TEXT_HEADER: refused.text})
    return Response(status=204, headers={TOKEN_HEADER: issued.token})


def _admitted(signed: Request) -> Issued:
    requests: SignedRequests = application().signed_requests
    return requests.admit(signed, address=address())


def _target() -> str:
    return request.path + (f"?{query}" if (query := request.query_string.decode("latin-1")) else "")


def _headers() -> dict[str, str]:
    """As the client sent them: a gateway tells the host it was called by, with its port, beside the one it calls us by.
    Whoever names another one only spoils his signature."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    return headers | {"host": headers.get("x-forwarded-host", request.host)}
