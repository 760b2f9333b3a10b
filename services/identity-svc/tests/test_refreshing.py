"""Refresh tokens: each gives one next token, again for half a minute, and then betrays a thief."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from delivery_shared.contracts import identity
from identity_svc.application import IdentityApplication
from identity_svc.carrying_out import Means
from identity_svc.sessions import SessionEnded, SignedIn

from .conftest import Account, Published

pytestmark = pytest.mark.integration

At = Callable[[timedelta], IdentityApplication]
GRACE = timedelta(seconds=30)


def test_a_lost_answer_is_given_again(designer: Account, published: Published) -> None:
    """Whoever repeats a refresh whose answer was lost goes on: same next token, nobody is signed out."""
    lost = designer.client.post("/api/v1/sessions/refresh", json={"refresh_token": designer.refresh_token})
    published.again()
    again = designer.refresh()
    assert (lost.status_code, again.status_code) == (200, 200)
    assert designer.refresh_token == lost.json["refresh_token"]
    assert again.json["refresh_expires_at"] == lost.json["refresh_expires_at"]
    assert published() == []
    assert designer("GET", "me").status_code == 200
    assert designer.refresh().status_code == 200


def test_a_repetition_is_answered_even_if_the_next_token_was_used_meanwhile(designer: Account) -> None:
    first = designer.refresh_token
    assert designer.refresh().status_code == 200
    second = designer.refresh_token
    assert designer.refresh().status_code == 200
    repeated = designer.client.post("/api/v1/sessions/refresh", json={"refresh_token": first})
    assert (repeated.status_code, repeated.json["refresh_token"]) == (200, second)


@pytest.mark.parametrize(
    ("later", "answered"), [(GRACE, True), (GRACE + timedelta(microseconds=1), False)], ids=["30 s", "more"]
)
def test_after_half_a_minute_a_repetition_is_a_theft(
    designer: Account, application: IdentityApplication, later: timedelta, answered: bool
) -> None:
    began = application.means.now()
    moments = iter([began, began + later])
    clocked = IdentityApplication(
        Means(store=application.store, now=lambda: next(moments, began + later)), issuer=application.sessions._issuer
    )
    token = designer.refresh_token
    given = clocked.sessions.refresh(refresh_token=token)
    if answered:
        assert clocked.sessions.refresh(refresh_token=token).refresh_token == given.refresh_token
    else:
        with pytest.raises(SessionEnded):
            clocked.sessions.refresh(refresh_token=token)
    designer.refresh_token = given.refresh_token
    assert designer.refresh().status_code == (200 if answered else 401)


def test_a_token_used_again_ends_its_family_and_voids_the_access_tokens(
    designer: Account, published: Published, at: At
) -> None:
    other = Account(designer.client, designer.login_name, designer.password).sign_in()
    stolen = designer.refresh_token
    assert designer.refresh().status_code == 200
    assert designer("GET", "me").status_code == 200
    published.again()
    with pytest.raises(SessionEnded):
        at(GRACE + timedelta(seconds=1)).sessions.refresh(refresh_token=stolen)
    assert [type(c) for c in published()] == [identity.SessionsRevoked]
    assert designer.refresh().status_code == 401
    assert other.refresh().status_code == 200, "another session of the user goes on"


def test_six_refreshes_at_once_get_the_same_token(designer: Account, application: IdentityApplication) -> None:
    token, start = designer.refresh_token, threading.Barrier(6)
    results: list[SignedIn | Exception] = []

    def refresh() -> None:
        start.wait()
        try:
            results.append(application.sessions.refresh(refresh_token=token))
        except Exception as error:
            results.append(error)

    threads = [threading.Thread(target=refresh) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers = [result for result in results if isinstance(result, SignedIn)]
    assert len(answers) == 6, results
    assert len({answer.refresh_token for answer in answers}) == 1
    with application.store.connection() as connection:
        row = connection.execute(
            "SELECT count(*) AS n FROM token t JOIN session s USING (session_id)"
            " WHERE s.user_id = %s AND t.used_at IS NULL",
            (designer.user_id,),
        ).fetchone()
    assert row is not None
    assert row["n"] == 2, "one of the sign-in before the password was changed has ended, two sessions have a next token"
    designer.token = answers[0].access_token
    assert designer("GET", "me").status_code == 200


def test_an_ended_session_gives_nothing_again(designer: Account) -> None:
    token = designer.refresh_token
    assert designer.refresh().status_code == 200
    assert designer("DELETE", "sessions/current").status_code == 204
    repeated = designer.client.post("/api/v1/sessions/refresh", json={"refresh_token": token})
    assert repeated.status_code == 401


def test_a_repetition_names_the_roles_held_now(isv: Account, designer: Account) -> None:
    token = designer.refresh_token
    assert designer.refresh().status_code == 200
    etag = isv("GET", f"users/{designer.user_id}").headers["ETag"]
    form = {"name": "李四", "roles": ["account_manager"]}
    assert isv("PUT", f"users/{designer.user_id}", form, If_Match=etag).status_code == 200
    assert designer("GET", "me").status_code == 401
    designer.refresh_token = token
    assert designer.refresh().status_code == 200
    assert [role["role"] for role in designer("GET", "me").json["roles"]] == ["account_manager"]


def test_no_token_can_be_told_from_what_is_stored(designer: Account, application: IdentityApplication, at: At) -> None:
    """Neither as it is, nor for longer than its answer may be repeated what makes the next one of it."""
    first = designer.refresh_token
    assert designer.refresh().status_code == 200

    def rows() -> list[bytes]:
        with application.store.connection() as connection:
            return [
                bytes(value)
                for row in connection.execute(
                    "SELECT hash, seed FROM token JOIN session USING (session_id) WHERE user_id = %s",
                    (designer.user_id,),
                )
                for value in (row["hash"], row["seed"])
                if value is not None
            ]

    kept = rows()
    assert not {first.encode(), designer.refresh_token.encode()} & set(kept)
    assert all(len(value) == 32 for value in kept)
    at(GRACE + timedelta(seconds=1)).sessions.forget_old()
    assert len(rows()) == len(kept) - 1, "the seed of the used token is gone"
    assert designer.refresh().status_code == 200
    assert designer.client.post("/api/v1/sessions/refresh", json={"refresh_token": "x" * 43}).status_code == 401
