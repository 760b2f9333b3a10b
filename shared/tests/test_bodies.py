"""Bodies no view can make sense of: refused alike for every service, never a 500, and nothing happens."""

from __future__ import annotations

from typing import Any

import pytest
from delivery_shared.http import ANYONE, allow, create_api
from delivery_shared.http.bodies import DEPTH, DIGITS
from delivery_shared.http.tokens import TokenIssuer, TokenVerifier, new_private_jwk
from flask import request
from flask.testing import FlaskClient
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, fields

blp = Blueprint("things", __name__)
seen: list[Any] = []


class Thing(Schema):
    name = fields.String()
    number = fields.Integer()
    any = fields.Raw()


class Query(Schema):
    name = fields.String()


@blp.route("/api/v1/things", methods=["POST"])
@allow(ANYONE)
@blp.arguments(Thing)
def post(body: dict[str, Any]) -> dict[str, Any]:
    seen.append(body)
    return {}


@blp.route("/api/v1/things", methods=["GET"])
@allow(ANYONE)
@blp.arguments(Query, location="query", unknown=RAISE)
def get(query: dict[str, Any]) -> dict[str, Any]:
    seen.append(query)
    return {}


@blp.route("/api/v1/raw", methods=["POST"])
@allow(ANYONE)
def raw() -> dict[str, Any]:
    seen.append(request.get_json())
    return {}


@pytest.fixture
def client() -> FlaskClient:
    seen.clear()
    verifier = TokenVerifier(TokenIssuer(new_private_jwk()).public_jwks)
    app = create_api(name="toy", title="Toy", application=None, blueprints=[blp], errors={}, verifier=verifier)
    return app.test_client()


def nested(depth: int) -> str:
    """A body of ``depth`` lists inside each other, its own object included."""
    return '{"any": ' + "[" * (depth - 1) + "]" * (depth - 1) + "}"


@pytest.mark.parametrize("path", ["things", "raw"])
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (nested(100_000), 400),
        (nested(DEPTH + 1), 400),
        ('{"any": ' + '{"a": ' * 500 + "1" + "}" * 501, 400),
        (f'{{"number": {"9" * 5000}}}', 400),
        (f'{{"any": -{"9" * (DIGITS + 1)}}}', 400),
        ('{"any": 1e999}', 400),
        ('{"any": NaN}', 400),
        ('{"any": -Infinity}', 400),
        ('{"name": "a', 400),
        (b'{"name": "\xff\xfe"}', 400),
        ('{"\\ud800": 1}', 422),
        ('{"name": "\\udfff"}', 422),
        ('{"name": "\\u0000"}', 422),
        ('{"any": [{"a\\u0000": ["\\ud800"]}]}', 422),
    ],
)
def test_a_body_nobody_can_store_is_refused(client: FlaskClient, path: str, body: str | bytes, status: int) -> None:
    response = client.post(f"/api/v1/{path}", data=body, content_type="application/json")
    assert (response.status_code, response.content_type) == (status, "application/problem+json")
    assert response.json
    assert set(response.json["messages"]) == {"zh", "en"}
    assert seen == []


def test_the_problem_names_the_field(client: FlaskClient) -> None:
    response = client.post(
        "/api/v1/things", data='{"name": "\\u0000", "any": [{"\\ud800": 1}]}', content_type="application/json"
    )
    assert response.json
    assert [error["field"] for error in response.json["errors"]] == ["name", "any.0.\\ud800"]


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (nested(DEPTH), None),
        (f'{{"any": {"9" * DIGITS}}}', {"any": int("9" * DIGITS)}),
        ('{"any": "\\ud83d\\ude00 中文 \\\\u0000"}', {"any": "😀 中文 \\u0000"}),
        ('{"any": [' + "[]," * 200 + "0.5]}", None),
    ],
)
def test_what_is_just_allowed_arrives(client: FlaskClient, body: str, value: Any) -> None:
    for path in ("things", "raw"):
        assert client.post(f"/api/v1/{path}", data=body, content_type="application/json").status_code == 200
    assert len(seen) == 2
    assert value is None or seen == [value, value]


@pytest.mark.parametrize("path", ["things?name=%00", "things%00", "things?%00=1"])
def test_an_address_with_a_nul_is_refused(client: FlaskClient, path: str) -> None:
    assert client.get(f"/api/v1/{path}").status_code in (400, 404)
    assert seen == []


def test_an_unknown_field_with_any_name_is_named_back(client: FlaskClient) -> None:
    response = client.get("/api/v1/things?%ED%A0%80=1")
    assert response.status_code == 422
    assert seen == []
