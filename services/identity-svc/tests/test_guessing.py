"""Who guesses at one account from many addresses is stopped, its owner is not; and operators see both."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from identity_svc import telling
from identity_svc.admission import Client
from identity_svc.application import IdentityApplication
from identity_svc.carrying_out import Means
from identity_svc.sessions import Sessions
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from .conftest import Account, sign_in

pytestmark = pytest.mark.integration

BUDGET = 30


def guesses(client: FlaskClient, login_name: str, number: int, network: int) -> list[int]:
    """How guesses from addresses used three times each are answered."""
    return [
        sign_in(client, login_name, f"Guess-{n}-xyz", f"10.{network}.{n // 3}.1").status_code for n in range(number)
    ]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No time is spent on hashing wrong guesses."""
    from identity_svc import passwords

    really = passwords.matches
    monkeypatch.setattr(
        passwords, "matches", lambda stored, given: not given.startswith("Guess") and really(stored, given)
    )


def test_one_account_is_not_guessed_from_many_addresses(designer: Account, quick: None) -> None:
    client, login_name = designer.client, designer.login_name
    assert guesses(client, login_name, BUDGET + 6, 1) == [401] * BUDGET + [429] * 6
    elsewhere = sign_in(client, login_name, designer.password, "10.1.99.1")
    assert elsewhere.status_code == 429
    assert 0 < int(elsewhere.headers["Retry-After"]) <= 3601
    assert sign_in(client, f"other-{login_name}", "Guess-1", "10.1.99.2").status_code == 401, "one account only"


def test_the_owner_signs_in_from_where_it_did_before(designer: Account, quick: None) -> None:
    """``designer`` has signed in at 192.0.2.1."""
    client, login_name = designer.client, designer.login_name
    assert guesses(client, login_name, BUDGET + 1, 2)[-1] == 429
    assert sign_in(client, login_name, designer.password, "192.0.2.1").status_code == 201
    assert sign_in(client, login_name, "Guess-1", "10.2.99.1").status_code == 429, "that gives nobody else a new budget"


def test_the_owners_browser_is_known_at_any_address(designer: Account, quick: None) -> None:
    browser: FlaskClient = designer.client.application.test_client()
    form = {"login_name": designer.login_name, "password": designer.password, "cookie": True}

    def from_browser(address: str, **changes: str) -> Any:
        return browser.post(
            "/api/v1/sessions",
            json={**form, **changes},
            headers={"X-Requested-With": "console"},
            environ_base={"REMOTE_ADDR": address},
        )

    assert from_browser("10.3.200.1").status_code == 201
    device = browser.get_cookie("delivery_device", path="/api/v1/sessions")
    assert device is not None
    assert guesses(designer.client, designer.login_name, BUDGET + 1, 3)[-1] == 429
    assert from_browser("10.3.201.1").status_code == 201
    kept = browser.get_cookie("delivery_device", path="/api/v1/sessions")
    assert kept is not None
    assert kept.value == device.value
    own_budget = [from_browser(f"10.3.{n}.2", password="Guess-1").status_code for n in range(BUDGET + 1)]
    assert own_budget == [401] * BUDGET + [429], "a stolen cookie is no way around"
    assert sign_in(designer.client, designer.login_name, designer.password, "192.0.2.1").status_code == 201


def test_a_device_of_ones_own_making_or_of_another_account_is_unknown(designer: Account, quick: None) -> None:
    client: FlaskClient = designer.client.application.test_client()
    client.set_cookie("delivery_device", "made-up", path="/api/v1/sessions")
    assert guesses(designer.client, designer.login_name, BUDGET, 4)[-1] == 401
    form = {"login_name": designer.login_name, "password": designer.password, "cookie": True}
    answer = client.post(
        "/api/v1/sessions", json=form, headers={"X-Requested-With": "console"},
        environ_base={"REMOTE_ADDR": "10.4.99.1"},
    )  # fmt: skip
    assert answer.status_code == 429
    assert client.post(
        "/api/v1/sessions", json=form, headers={"X-Requested-With": "console"},
        environ_base={"REMOTE_ADDR": "192.0.2.1"},
    ).status_code == 201  # fmt: skip
    made = client.get_cookie("delivery_device", path="/api/v1/sessions")
    assert made is not None
    assert made.value != "made-up", "what was planted is replaced"


def test_a_reset_password_makes_all_places_unknown(isv: Account, designer: Account, quick: None) -> None:
    reset = isv("POST", f"users/{designer.user_id}/password-reset").json
    assert guesses(designer.client, designer.login_name, BUDGET, 5)[-1] == 401
    assert sign_in(designer.client, designer.login_name, reset["initial_password"], "192.0.2.1").status_code == 429


def test_a_budget_is_full_again_after_an_hour(application: IdentityApplication, quick: None) -> None:
    began, login_name = application.means.now(), f"nobody-{uuid4()}@1.onaliyun.com"

    def attempt(later: timedelta, number: int) -> str:
        means = Means(store=application.store, now=lambda: began + later)
        sessions = Sessions(means, issuer=application.sessions._issuer)
        try:
            sessions.sign_in(login_name=login_name, password="Guess-1", client=Client(address=f"10.6.{number // 3}.1"))
        except Exception as error:
            return type(error).__name__
        return "signed in"

    hour, moment = timedelta(hours=1), timedelta(microseconds=1)
    assert {attempt(timedelta(0), n) for n in range(BUDGET)} == {"BadCredentials"}
    assert attempt(hour - moment, 200) == "TooManyAttempts"
    assert attempt(hour, 203) == "BadCredentials"


def test_what_is_kept_names_no_one(designer: Account, application: IdentityApplication) -> None:
    with application.store.connection() as connection:
        rows = connection.execute("SELECT login, place FROM known_place").fetchall()
    assert rows
    assert all(len(bytes(row["login"])) == len(bytes(row["place"])) == 32 for row in rows)


def counted(metric: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(metric, labels) or 0.0


@pytest.mark.parametrize(
    ("password", "address", "outcome"),
    [(None, "192.0.2.77", "signed_in"), ("Wrong-password-1", "192.0.2.78", "bad_credentials")],
)
def test_attempts_are_counted_and_told(designer: Account, password: str | None, address: str, outcome: str) -> None:
    before = counted("delivery_sign_ins_total", outcome=outcome)
    with capture_logs() as lines:
        sign_in(designer.client, designer.login_name, password or designer.password, address)
    assert counted("delivery_sign_ins_total", outcome=outcome) == before + 1
    (line,) = [line for line in lines if line["event"] in ("signed in", "sign-in refused")]
    assert line["user_id"] == str(designer.user_id)
    assert line["address"] == address
    assert line["log_level"] == ("info" if password is None else "warning")
    assert designer.login_name not in str(lines)
    assert designer.password not in str(lines)


def test_guesses_at_nobody_and_throttling_are_told(designer: Account) -> None:
    name = f"nobody-{designer.login_name}"
    before = counted("delivery_sign_ins_total", outcome="throttled_pair")
    with capture_logs() as lines:
        for _ in range(6):
            sign_in(designer.client, name, "Guess-1", "192.0.2.79")
    told = [line for line in lines if line["event"] == "sign-in refused"]
    assert [line["outcome"] for line in told] == ["bad_credentials"] * 5 + ["throttled_pair"]
    assert {line["login"] for line in told} == {telling.pseudonym(name)}
    assert name not in str(lines)
    assert counted("delivery_sign_ins_total", outcome="throttled_pair") == before + 1


def test_refusals_are_counted_and_told_with_who_asked(designer: Account) -> None:
    labels = {"service": "identity", "route": "/api/v1/parties", "status": "403"}
    before = counted("delivery_http_refusals_total", **labels)
    with capture_logs() as lines:
        assert designer("GET", "parties").status_code == 403
    assert counted("delivery_http_refusals_total", **labels) == before + 1
    (line,) = [line for line in lines if line["event"] == "refused"]
    assert (line["user_id"], line["route"], line["status"]) == (str(designer.user_id), "/api/v1/parties", 403)


def test_refreshes_and_changes_of_passwords_are_counted(designer: Account) -> None:
    before = {
        outcome: counted("delivery_session_refreshes_total", outcome=outcome) for outcome in ("renewed", "repeated")
    }
    token = designer.refresh_token
    for _ in range(2):
        designer.client.post("/api/v1/sessions/refresh", json={"refresh_token": token})
    after = {outcome: counted("delivery_session_refreshes_total", outcome=outcome) for outcome in before}
    assert after == {outcome: number + 1 for outcome, number in before.items()}
    wrong = counted("delivery_password_changes_total", outcome="wrong_password")
    form = {"current_password": "Wrong-password-1", "new_password": "Another-Zk4-vog8"}
    assert designer("PUT", "me/password", form).status_code == 422
    assert counted("delivery_password_changes_total", outcome="wrong_password") == wrong + 1
