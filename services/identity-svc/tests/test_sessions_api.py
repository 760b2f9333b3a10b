"""Signing in and out, refreshing, own data and password, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from delivery_shared.contracts import identity
from delivery_shared.http.tokens import TokenIssuer, TokenVerifier, new_private_jwk
from delivery_shared.service import Service, Settings
from flask.testing import FlaskClient
from identity_svc import passwords
from identity_svc.admission import Client
from identity_svc.application import IdentityApplication
from identity_svc.bootstrap import MARKETPLACE
from identity_svc.carrying_out import Means
from identity_svc.main import service as compose
from identity_svc.sessions import SessionEnded, Sessions

from .conftest import PASSWORD, Account, Published, new_user, sign_in

pytestmark = pytest.mark.integration


@pytest.fixture
def fresh(isv: Account, roles: list[str], client: FlaskClient) -> Account:
    """A new sub-account that has not signed in yet."""
    made = isv("POST", "users", new_user()).json
    return Account(client, made["login_name"], made["initial_password"], user_id=made["user_id"])


@pytest.mark.requirement("U-33")
def test_a_login_name_is_one_in_full_and_half_width(fresh: Account, isv: Account) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) for c in fresh.login_name.upper())
    assert sign_in(fresh.client, f"\u3000{wide}\u200b", fresh.password).status_code == 201
    local, _, _ = wide.partition("＠")
    found = isv("GET", f"users?side=provider&login_name={local}").json["items"]
    assert [item["login_name"] for item in found] == [fresh.login_name]


@pytest.mark.requirement("U-33", "U-34")
def test_signing_in_gives_tokens(fresh: Account) -> None:
    response = sign_in(fresh.client, f"  {fresh.login_name.upper()} ", fresh.password)
    assert response.status_code == 201
    assert set(response.json) == {
        "access_token", "token_type", "expires_at", "refresh_token", "refresh_expires_at", "must_change_password",
    }  # fmt: skip
    assert response.json["must_change_password"] is True
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.requirement("U-28", "X-210")
def test_until_the_initial_password_is_changed_nothing_else_works(fresh: Account) -> None:
    fresh.sign_in()
    for method, path, body in (
        ("GET", "me", None), ("PUT", "me", {"name": "x"}), ("DELETE", "sessions/current", None),
        ("GET", "users?side=provider", None),
    ):  # fmt: skip
        refused = fresh(method, path, body)
        assert (refused.status_code, refused.json["type"]) == (
            403, "urn:delivery-center:problem:password-change-required",
        )  # fmt: skip
    assert fresh.refresh().json["must_change_password"] is True
    assert fresh("GET", "me").status_code == 403
    changed = fresh("PUT", "me/password", {"current_password": fresh.password, "new_password": PASSWORD})
    assert changed.status_code == 204
    assert fresh.refresh().json["must_change_password"] is False
    assert fresh("GET", "me").status_code == 200
    assert sign_in(fresh.client, fresh.login_name, fresh.password).status_code == 401
    assert sign_in(fresh.client, fresh.login_name, PASSWORD).status_code == 201


def test_unknown_users_and_wrong_passwords_get_the_same_answer(
    designer: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str | None] = []
    really = passwords.matches

    def recorded(stored: str | None, password: str) -> bool:
        verified.append(stored)
        return really(stored, password)

    monkeypatch.setattr(passwords, "matches", recorded)
    wrong = sign_in(designer.client, designer.login_name, "Wrong-password-1", "192.0.2.20")
    unknown = sign_in(designer.client, f"x{designer.login_name}", "Wrong-password-1", "192.0.2.20")
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert {**wrong.json, "correlation_id": ""} == {**unknown.json, "correlation_id": ""}
    assert len(verified) == 2
    assert verified[0] is not None
    assert verified[1] is None, "a dummy is verified for the unknown user"


@pytest.mark.parametrize(
    "body",
    [{}, {"login_name": "x"}, {"login_name": 5, "password": "x"}, {"login_name": "x", "password": ""},
     {"login_name": "x", "password": "x" * 201}, {"login_name": "x", "password": "y", "address": "10.0.0.1"}],
)  # fmt: skip
def test_malformed_sign_ins_are_refused(client: FlaskClient, body: dict[str, Any]) -> None:
    assert client.post("/api/v1/sessions", json=body).status_code == 422


def test_guessing_slows_down_but_locks_nobody_out_elsewhere(designer: Account) -> None:
    thief, owner = "203.0.113.7", "198.51.100.7"
    answers = [sign_in(designer.client, designer.login_name, f"Guess-{n}-xyz", thief).status_code for n in range(6)]
    assert answers == [401] * 5 + [429]
    even_right = sign_in(designer.client, designer.login_name, designer.password, thief)
    assert even_right.status_code == 429
    assert int(even_right.headers["Retry-After"]) in (1, 2)
    assert sign_in(designer.client, designer.login_name, designer.password, owner).status_code == 201
    assert sign_in(designer.client, f"other-{designer.login_name}", "Guess-0-xyz", thief).status_code == 401


def test_the_wait_doubles_ends_and_is_forgiven_by_a_right_password(
    designer: Account, application: IdentityApplication
) -> None:
    address, began = "203.0.113.8", application.means.now()

    def later(seconds: float, password: str) -> str:
        means = Means(store=application.store, now=lambda: began + timedelta(seconds=seconds))
        sessions = Sessions(means, issuer=application.sessions._issuer)
        try:
            sessions.sign_in(login_name=designer.login_name, password=password, client=Client(address=address))
        except Exception as error:
            return type(error).__name__
        return "signed in"

    assert [later(n / 10, f"Guess-{n}-xyz") for n in range(5)] == ["BadCredentials"] * 5
    assert later(10, "Guess-6-xyz") == "BadCredentials"
    assert later(11.5, designer.password) == "TooManyAttempts"
    assert later(15, designer.password) == "signed in"
    assert [later(16, f"Guess-{n}-xyz") for n in range(4)] == ["BadCredentials"] * 4


def test_an_address_as_a_whole_is_capped_loosely(
    client: FlaskClient, application: IdentityApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("identity_svc.passwords.matches", lambda stored, password: False)
    statuses = [
        sign_in(client, f"nobody{n}@x.onaliyun.com", "Guess-0-xyz", "2001:db8:7::1").status_code for n in range(200)
    ]
    assert set(statuses) == {401}
    assert sign_in(client, "n@x.onaliyun.com", "Guess-0-xyz", "2001:db8:7::ffff").status_code == 429
    assert sign_in(client, "n@x.onaliyun.com", "Guess-0-xyz", "2001:db8:8::1").status_code == 401


def test_sessions_end_when_idle_and_after_their_life(
    designer: Account, at: Callable[[timedelta], IdentityApplication], application: IdentityApplication
) -> None:
    with pytest.raises(SessionEnded):
        at(timedelta(hours=12, minutes=1)).sessions.refresh(refresh_token=designer.refresh_token)
    token = designer.refresh_token
    for hours in range(8, 7 * 24, 8):
        token = at(timedelta(hours=hours)).sessions.refresh(refresh_token=token).refresh_token
    with pytest.raises(SessionEnded):
        at(timedelta(days=7, minutes=1)).sessions.refresh(refresh_token=token)


def test_signing_out_voids_the_token_and_ends_this_session_only(designer: Account, published: Published) -> None:
    other = Account(designer.client, designer.login_name, designer.password).sign_in()
    published.again()
    assert designer("DELETE", "sessions/current").status_code == 204
    assert [type(c) for c in published()] == [identity.SessionsRevoked]
    assert designer("GET", "me").status_code == 401
    assert designer.refresh().status_code == 401
    assert other.refresh().status_code == 200


@pytest.mark.requirement("U-37", "U-38")
def test_own_data(designer: Account, published: Published) -> None:
    published.again()
    form = {"name": " 李四 ", "mobile": "18888888888", "landline": "1111-1121313", "email": "lisi@example.com"}
    assert designer("PUT", "me", form).status_code == 200
    (saved,) = published()
    assert isinstance(saved, identity.UserSaved)
    assert (saved.name, saved.email, saved.landline) == ("李四", "lisi@example.com", "1111-1121313")
    me = designer("GET", "me").json
    assert (me["party_name"], me["side"], me["main"]) == ("河北服务商", "provider", False)
    for more in ({"login_name": "x"}, {"roles": []}, {"party_id": "x"}, {"department_id": None}, {"side": "isv"}):
        assert designer("PUT", "me", {**form, **more}).status_code == 422
    assert designer("PUT", "me", {"name": "x", "email": "no address"}).status_code == 422
    assert designer("PUT", "me", {"name": "x", "email": "a@b.cn\r\nBcc: c@d.cn"}).status_code == 422
    assert designer("GET", "me").json == me


@pytest.mark.requirement("G-15")
def test_the_main_account_shows_both_roles(isv: Account) -> None:
    me = isv("GET", "me").json
    assert ([r["role"] for r in me["roles"]], me["main"]) == (["vendor_admin", "provider_admin"], True)


@pytest.mark.requirement("U-29")
def test_a_new_password_ends_other_sessions_and_keeps_this_one(
    designer: Account, published: Published, application: IdentityApplication
) -> None:
    other = Account(designer.client, designer.login_name, designer.password).sign_in()
    published.again()
    body = {"current_password": designer.password, "new_password": "Another-Zk4-vog8"}
    changed = designer("PUT", "me/password", body, Idempotency_Key="change-1")
    assert changed.status_code == 204
    assert [type(c) for c in published()] == [identity.SessionsRevoked]
    assert designer("GET", "me").status_code == 401
    assert designer.refresh().status_code == 200
    assert other.refresh().status_code == 401
    assert designer("PUT", "me/password", body, Idempotency_Key="change-1").status_code == 204
    with application.store.connection() as connection:
        rows = connection.execute("SELECT fingerprint FROM command WHERE route = 'PUT /api/v1/me/password'").fetchall()
    assert {row["fingerprint"] for row in rows} == {""}, "no fast hash of a password is kept"


@pytest.mark.parametrize(
    ("current", "new", "slug"),
    [("Wrong-password-1", "Another-Zk4-vog8", "wrong-password"), (None, "Short-7", "password-refused"),
     (None, "password123", "password-refused"), (None, None, "password-refused"),
     (None, "x" * 129, "password-refused")],
)  # fmt: skip
def test_bad_changes_of_password_change_nothing(
    designer: Account, published: Published, current: str | None, new: str | None, slug: str
) -> None:
    published.again()
    refused = designer(
        "PUT",
        "me/password",
        {"current_password": current or designer.password, "new_password": new or designer.password},
    )
    assert (refused.status_code, refused.json["type"]) == (422, f"urn:delivery-center:problem:{slug}")
    assert published() == []
    assert designer("GET", "me").status_code == 200
    designer.sign_in()


def test_a_stolen_token_is_no_way_to_guess_the_password_fast(designer: Account) -> None:
    body = {"current_password": "Wrong-password-1", "new_password": "Another-Zk4-vog8"}
    statuses = [designer("PUT", "me/password", body).status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]


def test_tokens_of_another_key_or_none_are_refused(designer: Account, client: FlaskClient) -> None:
    forged, _ = TokenIssuer(new_private_jwk()).issue(
        user_id=designer.user_id, party_id=designer.party_id, side="operator", main=False,  # type: ignore[arg-type]
        roles=frozenset({"platform_operator"}), department_id=None, name="x", must_change_password=False,
        session_id=designer.user_id,  # type: ignore[arg-type]
    )  # fmt: skip
    for header in ("", "Bearer", f"Basic {designer.token}", f"Bearer {forged}", f"Bearer {designer.token}x"):
        refused = client.get("/api/v1/me", headers={"Authorization": header})
        assert refused.status_code == 401
        assert refused.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.requirement("G-10")
def test_customers_sign_in_as_users_of_their_party(register: Callable[..., Account], published: Published) -> None:
    published.again()
    customer = register("customer", "客户甲乙丙")
    me = customer("GET", "me").json
    assert (me["side"], me["party_kind"], me["party_name"]) == ("customer", "customer", "客户甲乙丙")
    assert [r["role"] for r in me["roles"]] == ["customer"]


def test_the_marketplace_signs_in_without_changing_its_password(client: FlaskClient) -> None:
    account = Account(client, MARKETPLACE, PASSWORD).sign_in()
    assert account("GET", "me").json["side"] == "marketplace"


def test_no_token_with_old_roles_survives_their_change(
    isv: Account, designer: Account, application: IdentityApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The roles change between the moment a refresh has read them and the moment it stores its token."""
    really = application.sessions._continue
    interfered: list[Any] = []

    def interfere(*args: Any) -> Any:
        if not interfered:
            interfered.append(True)
            etag = isv("GET", f"users/{designer.user_id}").headers["ETag"]
            done = isv(
                "PUT", f"users/{designer.user_id}", {"name": "李四", "roles": ["account_manager"]}, If_Match=etag
            )
            assert done.status_code == 200
        return really(*args)

    monkeypatch.setattr(application.sessions, "_continue", interfere)
    assert designer.refresh().status_code == 200
    me = designer("GET", "me")
    assert me.status_code == 200
    issuer = application.sessions._issuer
    assert TokenVerifier(issuer.public_jwks).verify(designer.token).roles == {"account_manager"}


def test_a_token_issued_ahead_of_our_clock_is_voided_too(
    designer: Account, at: Callable[[timedelta], IdentityApplication], application: IdentityApplication
) -> None:
    ahead = at(timedelta(seconds=3)).sessions.refresh(refresh_token=designer.refresh_token)
    designer.token, designer.refresh_token = ahead.access_token, ahead.refresh_token
    assert designer("GET", "me").status_code == 200
    assert designer("DELETE", "sessions/current").status_code == 204
    assert designer("GET", "me").status_code == 401


def test_old_sessions_are_swept(
    designer: Account, at: Callable[[timedelta], IdentityApplication], application: IdentityApplication
) -> None:
    def mine() -> int:
        with application.store.connection() as connection:
            row = connection.execute(
                "SELECT count(*) AS n FROM token JOIN session USING (session_id) WHERE user_id = %s",
                (designer.user_id,),
            ).fetchone()
        assert row is not None
        return int(row["n"])

    application.sessions.forget_old()
    assert mine() > 0
    at(timedelta(days=8)).sessions.forget_old()
    assert mine() == 0


@pytest.mark.requirement("U-37")
@pytest.mark.parametrize("kind", ["isv", "vendor", "provider", "customer", "operator"])
def test_every_role_changes_its_own_data(
    isv: Account, designer: Account, operator: Account, register: Callable[..., Account], client: FlaskClient, kind: str
) -> None:
    def manager() -> Account:
        made = isv("POST", "users", new_user(side="vendor", roles=["vendor_project_manager"])).json
        return Account(client, made["login_name"], made["initial_password"]).with_own_password()

    account = {
        "isv": lambda: isv,
        "vendor": manager,
        "provider": lambda: designer,
        "customer": lambda: register("customer", "客户甲乙丙"),
        "operator": lambda: operator,
    }[kind]()
    before = account("GET", "me").json
    form = {"name": "新名", "mobile": "13900000000", "landline": None, "email": "new@example.com"}
    assert account("PUT", "me", form).status_code == 200
    after = account("GET", "me").json
    assert {field: after[field] for field in form} == form
    same = before.keys() - form.keys() - {"revision"}
    assert {field: after[field] for field in same} == {field: before[field] for field in same}


CONSOLE = {"X-Requested-With": "console"}


def refreshed(client: FlaskClient, **headers: str) -> Any:
    return client.post("/api/v1/sessions/refresh", json={}, headers={**CONSOLE, **headers})


@pytest.fixture
def browser(designer: Account) -> FlaskClient:
    """A browser in which the designer has signed in."""
    client: FlaskClient = designer.client.application.test_client()
    form = {"login_name": designer.login_name, "password": designer.password, "cookie": True}
    answer = client.post("/api/v1/sessions", json=form, headers=CONSOLE)
    assert answer.status_code == 201
    assert "refresh_token" not in answer.json
    return client


def test_a_browser_keeps_its_session_in_a_cookie_no_script_reads(browser: FlaskClient) -> None:
    answer = refreshed(browser)
    assert (answer.status_code, "refresh_token" in answer.json) == (200, False)
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("delivery_refresh=")
    assert set(cookie.split("; ")[2:]) == {"HttpOnly", "Path=/api/v1/sessions", "SameSite=Strict"}
    me = browser.get("/api/v1/me", headers={"Authorization": f"Bearer {answer.json['access_token']}"})
    assert me.status_code == 200
    assert "delivery_refresh" not in me.request.headers.get("Cookie", ""), "only sent where it is needed"


def secure(service: Service, designer: Account, base_url: str, **headers: str) -> bool:
    form = {"login_name": designer.login_name, "password": designer.password, "cookie": True}
    answer = (
        service.create_api()
        .test_client()
        .post("/api/v1/sessions", json=form, headers={**CONSOLE, **headers}, base_url=base_url)
    )
    cookies = answer.headers.getlist("Set-Cookie")
    assert len(cookies) == 2, "the session's and the browser's"
    (found,) = {"Secure" in cookie.split("; ") for cookie in cookies}
    return found


def test_over_https_the_cookie_is_secure(service: Service, designer: Account) -> None:
    assert secure(service, designer, "https://delivery.example")
    assert not secure(service, designer, "http://delivery.example")
    assert not secure(service, designer, "http://delivery.example", **{"X-Forwarded-Proto": "https"}), "nobody we trust"


@pytest.mark.parametrize(
    ("environment", "told", "expected"),
    [
        ({"DELIVERY_PROXIES": "1"}, "https", True),
        ({"DELIVERY_PROXIES": "1"}, "http", False),
        ({"DELIVERY_PROXIES": "2"}, "https", True),
        ({"DELIVERY_PUBLIC_URL": "https://delivery.example"}, "http", True),
        ({"DELIVERY_PUBLIC_URL": "http://delivery.example"}, "http", False),
    ],
)
def test_behind_our_proxies_or_a_public_https_address_the_cookie_is_secure(
    database_url: str, private_jwk: dict[str, Any], designer: Account, environment: dict[str, str], told: str,
    expected: bool,
) -> None:  # fmt: skip
    composed = compose(
        Settings(
            database_url=database_url,
            broker=None,
            environment={"DELIVERY_PRIVATE_KEY": json.dumps(private_jwk), **environment},
        )
    )
    try:
        found = secure(composed, designer, "http://delivery.example", **{"X-Forwarded-Proto": told})
        assert found is expected
    finally:
        composed.close()


def test_a_cookie_used_long_ago_ends_the_session(
    browser: FlaskClient, at: Callable[[timedelta], IdentityApplication]
) -> None:
    stolen = browser.get_cookie("delivery_refresh", path="/api/v1/sessions")
    assert stolen is not None
    at(timedelta(seconds=-31)).sessions.refresh(refresh_token=stolen.value)
    reused = refreshed(browser)
    assert (reused.status_code, reused.json["type"]) == (401, "urn:delivery-center:problem:session-ended")
    assert browser.get_cookie("delivery_refresh", path="/api/v1/sessions") is None, "and is deleted"
    assert refreshed(browser).status_code == 422


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-Requested-With": "XMLHttpRequest"}, {**CONSOLE, "Origin": "https://evil.example"},
     {**CONSOLE, "Origin": "null"}, {**CONSOLE, "Origin": "http://localhost.evil.example"}],
)  # fmt: skip
def test_another_site_cannot_use_the_cookie(browser: FlaskClient, designer: Account, headers: dict[str, str]) -> None:
    refused = browser.post("/api/v1/sessions/refresh", json={}, headers=headers)
    assert (refused.status_code, refused.headers.get("Set-Cookie")) == (403, None)
    assert refused.json["type"] == "urn:delivery-center:problem:other-site"
    form = {"login_name": designer.login_name, "password": designer.password, "cookie": True}
    refused = browser.post("/api/v1/sessions", json=form, headers=headers)
    assert (refused.status_code, refused.headers.get("Set-Cookie")) == (403, None)
    assert refreshed(browser, Origin="http://localhost:8080").status_code == 200, "the token was not spent"


def test_without_a_cookie_nobody_is_signed_in(client: FlaskClient) -> None:
    assert (refreshed(client).status_code, refreshed(client).json["errors"][0]["field"]) == (422, "refresh_token")


def test_signing_out_deletes_the_cookie(browser: FlaskClient) -> None:
    token = refreshed(browser).json["access_token"]
    answer = browser.delete("/api/v1/sessions/current", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 204
    assert browser.get_cookie("delivery_refresh", path="/api/v1/sessions") is None
    assert refreshed(browser).status_code == 422
