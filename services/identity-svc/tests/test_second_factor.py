"""A second factor: set up by signing in, then needed, given up, taken away, demanded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pyotp
import pytest
from delivery_shared.contracts import identity
from flask.testing import FlaskClient
from identity_svc import second_factors
from identity_svc.application import IdentityApplication

from .conftest import Account, Published, new_user

pytestmark = pytest.mark.integration

NOW = datetime(2026, 11, 29, 12, 0, 14, tzinfo=UTC)


def sign_in(account: Account, code: str | None = None) -> Any:
    form = {"login_name": account.login_name, "password": account.password}
    return account.client.post("/api/v1/sessions", json=form if code is None else {**form, "code": code})


def problem(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["type"].rpartition(":")[2]


class App:
    """The user's app. Each code works once, so it shows that of this step, and then that of the next."""

    def __init__(self, secret: str) -> None:
        self.totp = pyotp.TOTP(secret)
        self.shown = iter((0, 30))

    def code(self) -> str:
        return self.totp.at(datetime.now(UTC) + timedelta(seconds=next(self.shown)))


def begin(account: Account) -> Any:
    return account.client.post(
        "/api/v1/sessions/second-factor", json={"login_name": account.login_name, "password": account.password}
    )


@pytest.fixture
def app(designer: Account) -> App:
    """The designer's, set up."""
    app = App(begin(designer).json["secret"])
    answer = sign_in(designer, app.code())
    assert answer.status_code == 201
    designer.token, designer.refresh_token = answer.json["access_token"], answer.json["refresh_token"]
    return app


def test_a_secret_counts_from_its_first_code_on(designer: Account) -> None:
    first = begin(designer)
    assert (first.status_code, first.headers["Cache-Control"]) == (201, "no-store")
    assert first.json["address"].startswith("otpauth://totp/")
    assert first.json["secret"] in first.json["address"]
    assert sign_in(designer).status_code == 201, "nothing is needed yet"
    second = begin(designer)
    assert second.json["secret"] != first.json["secret"]
    assert problem(sign_in(designer, App(first.json["secret"]).code())) == (401, "second-factor-wrong")
    app = App(second.json["secret"])
    assert sign_in(designer, app.code()).status_code == 201
    assert designer("GET", "me").json["second_factor"] is True
    assert problem(sign_in(designer)) == (401, "second-factor-missing")
    assert sign_in(designer, app.code()).status_code == 201
    assert problem(begin(designer)) == (409, "second-factor-set")


def test_no_code_works_twice(designer: Account, app: App) -> None:
    code = app.code()
    assert sign_in(designer, code).status_code == 201
    assert problem(sign_in(designer, code)) == (401, "second-factor-wrong")


def test_nothing_is_told_without_the_password(designer: Account, app: App) -> None:
    designer.password = "Wrong-password-1"
    assert problem(sign_in(designer)) == (401, "bad-credentials")
    assert problem(sign_in(designer, "123456")) == (401, "bad-credentials")
    assert problem(begin(designer)) == (401, "bad-credentials")


def test_codes_are_not_guessed(designer: Account, app: App) -> None:
    answers = [sign_in(designer, f"{n:06d}").status_code for n in range(6)]
    assert answers == [401] * 5 + [429]


@pytest.mark.parametrize("code", ["", "12345", "1234567", "12345a", "１２３４５６", 123456])
def test_what_is_no_code_is_refused(designer: Account, code: Any) -> None:
    form = {"login_name": designer.login_name, "password": designer.password, "code": code}
    assert designer.client.post("/api/v1/sessions", json=form).status_code == 422


@pytest.mark.parametrize(("off", "taken"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_codes_of_the_neighbouring_steps_are_taken(off: int, taken: bool) -> None:
    secret = second_factors.new_secret()
    code = pyotp.TOTP(secret).at(NOW + timedelta(seconds=off))
    step = second_factors.step_of(secret, code, now=NOW, after=0)
    assert (step is not None) is taken
    if step is not None:
        assert second_factors.step_of(secret, code, now=NOW, after=step) is None


def test_it_is_given_up_with_a_code(designer: Account, app: App) -> None:
    wrong = designer("POST", "me/second-factor/removal", {"code": "000000"})
    assert problem(wrong) == (401, "second-factor-wrong")
    assert designer("POST", "me/second-factor/removal", {"code": app.code()}).status_code == 204
    assert designer("GET", "me").json["second_factor"] is False
    assert sign_in(designer).status_code == 201
    again = designer("POST", "me/second-factor/removal", {"code": "000000"})
    assert problem(again) == (409, "no-second-factor")


def test_an_admin_takes_it_from_who_lost_it(
    isv: Account, rival: Account, designer: Account, app: App, published: Published
) -> None:
    assert rival("DELETE", f"users/{designer.user_id}/second-factor").status_code == 404
    assert designer("DELETE", f"users/{designer.user_id}/second-factor").status_code == 403
    published.again()
    assert isv("DELETE", f"users/{designer.user_id}/second-factor").status_code == 204
    assert [type(c) for c in published()] == [identity.SessionsRevoked]
    assert designer("GET", "me").status_code == 401
    assert designer.refresh().status_code == 401
    assert sign_in(designer).status_code == 201
    assert problem(isv("DELETE", f"users/{designer.user_id}/second-factor")) == (409, "no-second-factor")


def test_nobody_takes_the_own_one_away_without_a_code(operator: Account, client: FlaskClient) -> None:
    """Platform operators manage each other."""
    party = operator("GET", "me").json["party_id"]
    form = {"login_name": f"second{uuid4().hex[:8]}", "name": "小二"}
    made = operator("POST", f"parties/{party}/users", form).json
    colleague = Account(client, made["login_name"], made["initial_password"]).with_own_password()
    answer = sign_in(colleague, App(begin(colleague).json["secret"]).code())
    colleague.token = answer.json["access_token"]
    assert colleague("DELETE", f"users/{made['user_id']}/second-factor").status_code == 404
    assert colleague("GET", "me").json["second_factor"] is True
    assert operator("DELETE", f"users/{made['user_id']}/second-factor").status_code == 204


def test_a_party_demands_one_of_all_its_users(isv: Account, designer: Account, client: FlaskClient) -> None:
    assert problem(isv("PUT", "users/second-factor", {"demanded": True})) == (409, "no-second-factor")
    assert designer("PUT", "users/second-factor", {"demanded": True}).status_code == 403
    own = App(begin(isv).json["secret"])
    isv.token = sign_in(isv, own.code()).json["access_token"]
    assert isv("PUT", "users/second-factor", {"demanded": True}).json == {"demanded": True}
    assert isv("GET", "me").json["second_factor_demanded"] is True

    assert designer.refresh().status_code == 401, "a session without one is not refreshed"
    assert problem(sign_in(designer)) == (403, "second-factor-demanded")
    app = App(begin(designer).json["secret"])
    assert problem(sign_in(designer)) == (403, "second-factor-demanded")
    answer = sign_in(designer, app.code())
    assert answer.status_code == 201
    designer.token, designer.refresh_token = answer.json["access_token"], answer.json["refresh_token"]
    assert designer.refresh().status_code == 200
    kept = designer("POST", "me/second-factor/removal", {"code": "000000"})
    assert problem(kept) == (403, "second-factor-demanded")

    made = isv("POST", "users", new_user()).json
    newcomer = Account(client, made["login_name"], made["initial_password"])
    assert problem(sign_in(newcomer)) == (403, "second-factor-demanded")
    assert sign_in(newcomer, App(begin(newcomer).json["secret"]).code()).json["must_change_password"] is True

    assert isv("PUT", "users/second-factor", {"demanded": False}).json == {"demanded": False}
    other = isv("POST", "users", new_user()).json
    assert sign_in(Account(client, other["login_name"], other["initial_password"])).status_code == 201


def test_the_secret_is_stored_sealed_and_goes_with_the_user(
    isv: Account, client: FlaskClient, application: IdentityApplication
) -> None:
    made = isv("POST", "users", new_user(side="vendor", roles=["vendor_project_manager"])).json
    manager = Account(client, made["login_name"], made["initial_password"]).with_own_password()
    secret = begin(manager).json["secret"]

    def rows() -> list[bytes]:
        with application.store.connection() as connection:
            found = connection.execute("SELECT secret FROM second_factor WHERE user_id = %s", (made["user_id"],))
            return [bytes(row["secret"]) for row in found]

    (stored,) = rows()
    assert secret.encode() not in stored
    assert isv("DELETE", f"users/{made['user_id']}").status_code == 204
    assert rows() == []
