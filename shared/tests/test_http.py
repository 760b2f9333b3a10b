"""The HTTP base: who may call, problems, idempotency keys, positions."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from delivery_shared.eventstore import EventStore, UnitOfWork
from delivery_shared.http import (
    ANYONE,
    Problem,
    allow,
    caller,
    command,
    create_api,
    declarations,
    needs,
    positions,
    reply,
    require_version,
    tokens,
)
from delivery_shared.http.api import SIGNED_IN_PATH
from delivery_shared.http.positions import REACH
from delivery_shared.http.tokens import TokenError, TokenIssuer, TokenVerifier, new_private_jwk
from delivery_shared.messaging.consumer import Consumer, Position
from delivery_shared.testing.fixtures import eventually
from delivery_shared.version import VERSION
from flask.testing import FlaskClient
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import Schema, fields
from toy import credit, ledger_policies, open_account

pytestmark = pytest.mark.integration

ISSUER = TokenIssuer(new_private_jwk())
blp = Blueprint("accounts", __name__)


class Overdrawn(Exception):
    def __init__(self, balance: int) -> None:
        super().__init__(balance)
        self.balance = balance


class NewAccount(Schema):
    amount = fields.Integer(required=True)


@blp.route("/api/v1/accounts")
class Accounts(MethodView):
    @allow("vendor_admin")
    @blp.arguments(NewAccount)
    def post(self, body: dict[str, Any]) -> Any:
        from delivery_shared.commands import execute
        from delivery_shared.http import application

        def decide(unit: UnitOfWork) -> tuple[int, dict[str, Any]]:
            account = open_account(uuid4())
            unit.add(account)
            credit(account, body["amount"])
            return 201, {"id": str(account.id)}

        outcome = execute(application(), command(), decide)
        return reply(outcome, location=f"/api/v1/accounts/{outcome.body['id']}", show_once={"secret": "s3cret"})

    @allow(ANYONE)
    def get(self) -> dict[str, str]:
        return {"hello": "anyone"}

    @allow("staff", "customer")
    def delete(self) -> Any:
        raise Overdrawn(balance=-3)


@blp.route("/api/v1/me", methods=["GET"])
@allow("customer", "staff", while_password_initial=True)
def me() -> dict[str, Any]:
    return {"party": str(caller().party_id), "kinds": sorted(caller().kinds)}


@blp.route("/api/v1/form", methods=["PUT"])
@allow(ANYONE)
@needs(version="must")
def form() -> dict[str, Any]:
    require_version(7)
    return {}


def token(side: str = "isv", *, main: bool = False, initial: bool = False, **more: Any) -> dict[str, str]:
    values: dict[str, Any] = {
        "user_id": UUID(int=1),
        "party_id": UUID(int=2),
        "roles": frozenset(),
        "department_id": None,
        "name": "王五",
        "session_id": uuid4(),
        **more,
    }
    signed, _ = ISSUER.issue(side=side, main=main, must_change_password=initial, **values)
    return {"Authorization": f"Bearer {signed}"}


MAIN = {"side": "isv", "main": True}


@pytest.fixture
def client(accounts: EventStore) -> FlaskClient:
    app = create_api(
        name="toy",
        title="Toy",
        application=accounts,
        blueprints=[blp],
        errors={Overdrawn: (409, "overdrawn", "余额为 {balance}", "The balance is {balance}")},
        verifier=TokenVerifier(ISSUER.public_jwks),
        consumers=[ledger_policies(accounts)],
    )
    return app.test_client()


def events(store: EventStore) -> int:
    return len(store.recorder.select_notifications(None, 100))


def test_without_a_token_nothing_but_what_is_for_anyone(client: FlaskClient, accounts: EventStore) -> None:
    assert client.get("/api/v1/accounts").json == {"hello": "anyone"}
    answer = client.post("/api/v1/accounts", json={"amount": 1})
    assert answer.status_code == 401
    assert answer.content_type == "application/problem+json"
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json["messages"] == {"zh": "请先登录", "en": "Sign in first"}  # type: ignore[index]
    assert events(accounts) == 0


@pytest.mark.parametrize(
    ("claims", "kinds"),
    [
        ({"side": "provider"}, ["staff"]),
        ({"side": "provider", "roles": frozenset({"account_manager"})}, ["account_manager", "staff"]),
        ({"side": "customer"}, ["customer"]),
    ],
)
def test_kinds_come_from_the_token(client: FlaskClient, claims: dict[str, Any], kinds: list[str]) -> None:
    answer = client.get("/api/v1/me", headers=token(**claims))
    assert answer.json == {"party": str(UUID(int=2)), "kinds": kinds}


@pytest.mark.parametrize("claims", [{"side": "vendor"}, {"side": "operator"}, {"side": "marketplace"}, MAIN])
def test_the_wrong_kind_of_caller_is_refused(client: FlaskClient, claims: dict[str, Any]) -> None:
    assert client.get("/api/v1/me", headers=token(**claims)).status_code == 403


@pytest.mark.requirement("U-28")
def test_before_the_initial_password_is_changed_only_what_says_so_works(client: FlaskClient) -> None:
    assert client.get("/api/v1/me", headers=token("customer", initial=True)).status_code == 200
    answer = client.delete("/api/v1/accounts", headers=token("customer", initial=True))
    assert (answer.status_code, answer.json["type"]) == (  # type: ignore[index]
        403,
        "urn:delivery-center:problem:password-change-required",
    )


def test_an_expired_or_forged_token_is_no_token(client: FlaskClient) -> None:
    old = token("customer", issued_at=datetime.now(UTC) - timedelta(minutes=6))
    forged = {"Authorization": old["Authorization"][:-4] + "AAAA"}
    for headers in (old, forged, {"Authorization": "Bearer x"}, {"Authorization": "Basic x"}):
        assert client.get("/api/v1/me", headers=headers).status_code == 401


def test_an_error_of_the_domain_is_a_problem_in_both_languages(client: FlaskClient) -> None:
    answer = client.delete("/api/v1/accounts", headers=token("customer"))
    assert answer.status_code == 409
    assert answer.json["messages"] == {"zh": "余额为 -3", "en": "The balance is -3"}  # type: ignore[index]


@pytest.mark.parametrize(
    ("body", "field"),
    [({"amount": "x"}, "json.amount"), ({}, "amount"), ({"amount": 1, "state": "done"}, "state"), ([], "_schema")],
)
def test_bad_bodies_name_the_field_and_change_nothing(
    client: FlaskClient, accounts: EventStore, body: Any, field: str
) -> None:
    answer = client.post("/api/v1/accounts", json=body, headers=token(**MAIN))
    assert answer.status_code == 422
    assert [error["field"].rpartition(".")[2] for error in answer.json["errors"]] == [  # type: ignore[index]
        field.rpartition(".")[2]
    ]
    assert events(accounts) == 0


def test_malformed_json_is_a_problem(client: FlaskClient) -> None:
    answer = client.post("/api/v1/accounts", data="{", content_type="application/json", headers=token(**MAIN))
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    assert client.get("/nowhere").status_code == 404
    wrong = client.patch("/api/v1/accounts")
    assert (wrong.status_code, wrong.content_type) == (405, "application/problem+json")
    assert wrong.headers["Allow"] == "DELETE, GET, HEAD, OPTIONS, POST"


def test_an_idempotency_key_gives_the_same_outcome_and_never_a_secret_twice(
    client: FlaskClient, accounts: EventStore
) -> None:
    def post(key: str, amount: int) -> Any:
        headers = {**token(**MAIN), "Idempotency-Key": key}
        return client.post("/api/v1/accounts", json={"amount": amount}, headers=headers)

    first, again, other = post("k", 1), post("k", 1), post("k", 2)
    assert first.status_code == again.status_code == 201
    assert first.json == {**again.json, "secret": "s3cret"}
    assert first.headers["Delivery-Position"] == again.headers["Delivery-Position"] == "dispatch:2"
    assert first.headers["Location"] == again.headers["Location"]
    assert (other.status_code, other.json["type"]) == (422, "urn:delivery-center:problem:idempotency-key-reused")
    assert events(accounts) == 2


def test_a_key_is_scoped_to_its_caller(client: FlaskClient, accounts: EventStore) -> None:
    for user in (UUID(int=1), UUID(int=9)):
        headers = {**token(**MAIN, user_id=user), "Idempotency-Key": "same"}
        assert client.post("/api/v1/accounts", json={"amount": 1}, headers=headers).json["secret"]  # type: ignore[index]
    assert events(accounts) == 4


def position(wanted: str, **claims: Any) -> dict[str, str]:
    return {**token(**claims), "Delivery-Min-Position": wanted} if claims else {"Delivery-Min-Position": wanted}


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry for each time somebody looked where a feed stands."""
    seen: list[str] = []
    real = Consumer.position

    def counted(consumer: Consumer) -> Position:
        seen.append(consumer.source)
        return real(consumer)

    monkeypatch.setattr(Consumer, "position", counted)
    return seen


def test_a_read_waits_for_its_position_or_says_that_it_is_behind(
    client: FlaskClient, accounts: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("delivery_shared.http.positions.WAIT", 0.05)

    def get(wanted: str) -> Any:
        return client.get("/api/v1/me", headers=position(wanted, side="customer"))

    assert get("dispatch:0, elsewhere:99").status_code == 200
    behind = get("dispatch:1")
    assert (behind.status_code, behind.headers["Retry-After"]) == (503, "1")
    assert behind.json["type"] == "urn:delivery-center:problem:behind"
    with accounts.connection() as connection:
        connection.execute("UPDATE feed_position SET position = 1")
    assert get("dispatch:1").status_code == 200


@pytest.mark.parametrize(
    "header", ["nonsense", "a:", "a:-1", "a:1.5", "a:٣", f"a:{2**64}", ",".join(f"s{n}:1" for n in range(17))]
)
def test_a_position_that_is_none_is_refused(client: FlaskClient, header: str) -> None:
    environ = {"HTTP_DELIVERY_MIN_POSITION": header.encode().decode("latin-1")}
    assert client.get("/api/v1/me", headers=token("customer"), environ_overrides=environ).status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "claims", "status"),
    [
        ("GET", "/api/v1/me", {}, 401),
        ("GET", "/api/v1/me", {"side": "operator"}, 403),
        ("POST", "/api/v1/accounts", {}, 401),
        ("DELETE", "/api/v1/accounts", {"side": "customer", "initial": True}, 403),
        ("GET", "/api/v1/accounts", {}, 200),
        ("GET", "/nowhere", {"side": "customer"}, 404),
        ("PATCH", "/api/v1/accounts", {"side": "customer"}, 405),
        ("OPTIONS", "/api/v1/me", {}, 200),
        ("GET", "/readyz", {}, 200),
    ],
)
def test_whoever_may_not_call_never_waits(
    client: FlaskClient, looks: list[str], method: str, path: str, claims: dict[str, Any], status: int
) -> None:
    """S1: a header held one of eight threads for two seconds before anybody asked who calls."""
    began = time.monotonic()
    answer = client.open(path, method=method, headers=position("dispatch:999999999", **claims))
    assert (answer.status_code, looks) == (status, [])
    assert time.monotonic() - began < 1


def test_nobody_waits_for_a_position_out_of_reach(client: FlaskClient, looks: list[str]) -> None:
    for wanted, expected in ((REACH + 1, ["dispatch"]), (REACH, ["dispatch"] * 3)):
        looks.clear()
        answer = client.get("/api/v1/me", headers=position(f"dispatch:{wanted}", side="customer"))
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
        assert looks[:3] == expected


def test_at_most_a_quarter_of_the_threads_waits(
    client: FlaskClient, accounts: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight threads, so two wait; a third is told to come back at once, and whoever need not wait is served."""
    monkeypatch.setattr(positions, "places", positions.Places(threads=8))
    monkeypatch.setattr("delivery_shared.http.positions.WAIT", 30.0)
    headers = position("dispatch:1", side="customer")

    def get(headers: dict[str, str]) -> int:
        return client.application.test_client().get("/api/v1/me", headers=headers).status_code

    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(get, headers) for _ in range(2)]
        eventually(lambda: positions.places.taken == 2)
        assert get(headers) == 503
        assert get(token("customer")) == 200
        with accounts.connection() as connection:
            connection.execute("UPDATE feed_position SET position = 1")
        assert [done.result(20) for done in waiting] == [200, 200]
    assert positions.places.taken == 0


def test_a_process_of_few_threads_lets_one_wait() -> None:
    few = positions.Places(threads=2)
    assert [few.take(), few.take()] == [True, False]
    few.share(threads=48)
    assert few.limit == 12


class Unknown(Exception):
    """An id nobody has told of yet."""


def later(times: int) -> Callable[[], str]:
    """Something that is unknown so many times, and then there."""
    left = iter([True] * times)

    def step() -> str:
        if next(left, False):
            raise Unknown
        return "there"

    return step


@pytest.mark.parametrize("times", [0, 1, 3])
def test_what_another_service_made_a_moment_ago_is_waited_for(times: int) -> None:
    assert positions.once_known(later(times), Unknown) == "there"
    assert positions.places.taken == 0


def test_what_does_not_come_is_unknown_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(positions, "GRACE", 0.1)
    began = time.monotonic()
    with pytest.raises(Unknown):
        positions.once_known(later(10**6), Unknown)
    assert time.monotonic() - began < 0.5
    assert positions.places.taken == 0
    with pytest.raises(ZeroDivisionError):
        positions.once_known(lambda: 1 // 0, Unknown)


def test_nobody_says_that_it_does_not_exist_where_he_could_not_wait(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = positions.Places(threads=1)
    full.take()
    monkeypatch.setattr(positions, "places", full)
    assert positions.once_known(later(0), Unknown) == "there"
    with pytest.raises(Problem) as told, client.application.test_request_context():
        positions.once_known(later(1), Unknown)
    assert (told.value.status, told.value.slug, full.taken) == (503, "not-yet-known", 1)


def test_an_edit_must_name_the_version_it_was_made_on(client: FlaskClient) -> None:
    for given, status in (
        ({}, 428),
        ({"If-Match": '"6"'}, 412),
        ({"If-Match": 'W/"6"'}, 412),
        ({"If-Match": '"7"'}, 200),
        ({"If-Match": 'W/"7"'}, 200),
    ):
        assert client.put("/api/v1/form", headers=given).status_code == status


def test_the_correlation_id_of_the_caller_comes_back_and_is_stored(client: FlaskClient, accounts: EventStore) -> None:
    headers = {**token(**MAIN), "X-Correlation-Id": "from-outside"}
    answer = client.post("/api/v1/accounts", json={"amount": 1}, headers=headers)
    assert answer.headers["X-Correlation-Id"] == "from-outside"
    account_id = UUID(answer.json["id"])  # type: ignore[index]
    assert {vars(e)["trace"]["correlation_id"] for e in accounts.events.get(account_id)} == {"from-outside"}


def test_a_route_without_a_declaration_does_not_start(accounts: EventStore) -> None:
    bare = Blueprint("bare", __name__)

    @bare.route("/api/v1/bare")
    def view() -> dict[str, Any]:
        return {}

    with pytest.raises(TypeError, match="GET /api/v1/bare"):
        create_api(
            name="x",
            title="X",
            application=accounts,
            blueprints=[bare],
            errors={},
            verifier=TokenVerifier(ISSUER.public_jwks),
        )


def test_a_token_remembered_as_verified_ends_when_it_expires() -> None:
    """Its signature is checked once; its time each time."""
    now = datetime.now(UTC)
    verifier = TokenVerifier(ISSUER.public_jwks, now=lambda: now)
    signed = token("customer")["Authorization"].removeprefix("Bearer ")
    claims = verifier.verify(signed)
    assert verifier.verify(signed) is claims
    now = claims.expires_at - timedelta(microseconds=1)
    assert verifier.verify(signed) is claims
    now = claims.expires_at
    with pytest.raises(TokenError, match="expired"):
        verifier.verify(signed)


def test_what_only_resembles_a_remembered_token_is_verified_anew() -> None:
    verifier = TokenVerifier(ISSUER.public_jwks)
    signed = token("customer")["Authorization"].removeprefix("Bearer ")
    verifier.verify(signed)
    head, body, signature = signed.split(".")
    other = token("operator")["Authorization"].removeprefix("Bearer ").split(".")[1]
    for forged in (f"{head}.{other}.{signature}", f"{head}.{body}.{signature[::-1]}", f"{head}.{body}."):
        with pytest.raises(TokenError):
            verifier.verify(forged)


def test_only_so_many_tokens_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "KNOWN", 2)
    verifier = TokenVerifier(ISSUER.public_jwks)
    signed = [token("customer", user_id=UUID(int=n))["Authorization"].removeprefix("Bearer ") for n in range(3)]
    first = [verifier.verify(one) for one in signed]
    again = [verifier.verify(one) for one in signed[::-1]][::-1]
    assert again == first
    assert [one is other for one, other in zip(again, first, strict=True)] == [False, True, True]


def test_no_cache_keeps_what_is_somebodys_own(client: FlaskClient) -> None:
    for answer in (
        client.get("/api/v1/me", headers=token("customer")),
        client.get("/api/v1/accounts"),
        client.get("/api/v1/me"),
        client.get("/nowhere"),
    ):
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_gateway_may_ask_whether_a_token_is_somebodys(client: FlaskClient) -> None:
    for headers, status in (({}, 401), ({"Authorization": "Bearer x"}, 401), (token("customer", initial=True), 204)):
        assert client.get(SIGNED_IN_PATH, headers=headers).status_code == status
    assert SIGNED_IN_PATH not in {path for _, path in declarations(client.application)}


def test_declarations_and_health(client: FlaskClient) -> None:
    assert declarations(client.application)["POST", "/api/v1/accounts"] == {"vendor_admin"}
    assert client.get("/livez").status_code == client.get("/readyz").status_code == 200
    assert client.get("/livez").json == {"status": "alive", "version": VERSION}
    assert b"delivery_http_request_duration_seconds" in client.get("/metrics").data
    assert client.get("/api/v1/_docs/toy/openapi.json").json["openapi"] == "3.1.0"  # type: ignore[index]
