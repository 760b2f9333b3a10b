"""Access tokens: only ours, only in time, only whole."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from delivery_shared.http.tokens import (
    ALGORITHM,
    AUDIENCE,
    AUDIENCE_OF_KEYS,
    LIFETIME,
    Claims,
    TokenError,
    TokenIssuer,
    TokenVerifier,
    new_private_jwk,
)
from joserfc import jwt
from joserfc.jwk import OKPKey

JWK = new_private_jwk()
NOW = datetime.now(UTC)
ISSUER = TokenIssuer(JWK, now=lambda: NOW)
VERIFIER = TokenVerifier(ISSUER.public_jwks, now=lambda: NOW)
FACTS: dict[str, Any] = {
    "user_id": uuid4(), "party_id": uuid4(), "side": "provider", "main": False,
    "roles": frozenset({"designer", "account_manager"}), "department_id": uuid4(), "name": "李四",
    "must_change_password": False, "session_id": uuid4(),
}  # fmt: skip


def token(**changes: Any) -> str:
    return ISSUER.issue(**{**FACTS, **changes})[0]


def claims_of(text: str) -> dict[str, Any]:
    payload = text.split(".")[1]
    found = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert isinstance(found, dict)
    return found


def signed(claims: dict[str, Any], key_jwk: dict[str, Any] = JWK, **header: Any) -> str:
    key = OKPKey.import_key(key_jwk)
    return jwt.encode({"alg": ALGORITHM, "kid": key_jwk["kid"], **header}, claims, key, algorithms=[ALGORITHM])


def encoded(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def test_a_token_tells_what_was_put_in() -> None:
    claims = VERIFIER.verify(token())
    assert claims == Claims(**FACTS, issued_at=NOW, expires_at=NOW + LIFETIME, jti=claims.jti)
    assert VERIFIER.verify(token(department_id=None)).department_id is None
    assert VERIFIER.verify(token()).jti != claims.jti


def test_the_public_key_set_holds_no_private_key() -> None:
    assert "d" not in ISSUER.public_jwks["keys"][0]
    with pytest.raises(ValueError, match="public"):
        TokenVerifier({"keys": [JWK]})
    with pytest.raises(ValueError, match="private"):
        TokenIssuer(ISSUER.public_jwks["keys"][0])


def test_tokens_live_five_minutes_at_most() -> None:
    with pytest.raises(ValueError, match="at most"):
        token(lifetime=LIFETIME + timedelta(seconds=1))
    claims = claims_of(token())
    with pytest.raises(TokenError, match="too long"):
        VERIFIER.verify(signed({**claims, "exp": claims["exp"] + 1}))


def test_expired_and_future_tokens_are_refused() -> None:
    text = token()
    public = ISSUER.public_jwks
    TokenVerifier(public, now=lambda: NOW + LIFETIME - timedelta(milliseconds=1)).verify(text)
    with pytest.raises(TokenError, match="expired"):
        TokenVerifier(public, now=lambda: NOW + LIFETIME).verify(text)
    with pytest.raises(TokenError, match="future"):
        TokenVerifier(public, now=lambda: NOW - timedelta(seconds=6)).verify(text)


def test_no_algorithm_and_no_symmetric_one_are_accepted() -> None:
    claims = encoded(claims_of(token()))
    public = ISSUER.public_jwks["keys"][0]
    for secret in (public["x"].encode(), json.dumps(public).encode(), base64.urlsafe_b64decode(public["x"] + "=")):
        head = encoded({"alg": "HS256", "typ": "JWT", "kid": JWK["kid"]})
        mac = hmac.new(secret, f"{head}.{claims}".encode(), hashlib.sha256).digest()
        with pytest.raises(TokenError):
            VERIFIER.verify(f"{head}.{claims}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}")
    for algorithm in ("none", "None", "EdDSA", "RS256", ""):
        head = encoded({"alg": algorithm, "typ": "JWT", "kid": JWK["kid"]})
        signature = token().rpartition(".")[2]
        for end in ("", signature):
            with pytest.raises(TokenError):
                VERIFIER.verify(f"{head}.{claims}.{end}")


def test_other_keys_are_refused_whatever_key_id_or_key_they_bring() -> None:
    other = new_private_jwk()
    claims = claims_of(token())
    with pytest.raises(TokenError):
        VERIFIER.verify(signed(claims, other))
    with pytest.raises(TokenError):
        VERIFIER.verify(signed(claims, {**other, "kid": JWK["kid"]}))
    public = {k: v for k, v in other.items() if k != "d"}
    with pytest.raises(TokenError):
        VERIFIER.verify(signed(claims, {**other, "kid": JWK["kid"]}, jwk=public))


@pytest.mark.parametrize(
    ("name", "value"),
    [("iss", "somebody"), ("aud", "other"), ("aud", ["delivery", "other"]), ("sub", "lisi"), ("sub", None),
     ("iat", "now"), ("iat", True), ("exp", None), ("exp", 1e300), ("main", "yes"), ("pwd", 0), ("side", "admin"),
     ("roles", "designer"), ("roles", [1]), ("party", 5), ("department", "x"), ("name", None), ("jti", ""),
     ("sid", "x")],
)  # fmt: skip
def test_a_claim_of_a_wrong_value_or_type_is_refused(name: str, value: Any) -> None:
    with pytest.raises(TokenError):
        VERIFIER.verify(signed({**claims_of(token()), name: value}))


@pytest.mark.parametrize("name", sorted(claims_of(token())))
def test_a_missing_claim_is_refused(name: str) -> None:
    claims = claims_of(token())
    del claims[name]
    with pytest.raises(TokenError):
        VERIFIER.verify(signed(claims))


def test_other_issuers_and_audiences_are_refused() -> None:
    with pytest.raises(TokenError, match="issuer"):
        TokenVerifier(ISSUER.public_jwks, issuer="other", now=lambda: NOW).verify(token())
    with pytest.raises(TokenError, match="audience"):
        TokenVerifier(ISSUER.public_jwks, audience="other", now=lambda: NOW).verify(token())


def test_a_token_of_an_access_key_tells_its_scopes() -> None:
    scopes = frozenset({"project:read", "dispatch:write"})
    claims = VERIFIER.verify(token(scopes=scopes))
    assert claims == Claims(**FACTS, issued_at=NOW, expires_at=NOW + LIFETIME, jti=claims.jti, scopes=scopes)
    assert VERIFIER.verify(token(scopes=frozenset())).scopes == frozenset()
    assert VERIFIER.verify(token()).scopes is None


def test_scopes_and_the_audience_of_keys_come_together() -> None:
    """Whoever knows no scopes knows no such audience either, and refuses."""
    of_key, of_person = claims_of(token(scopes=frozenset({"project:read"}))), claims_of(token())
    assert of_key["aud"] == AUDIENCE_OF_KEYS != AUDIENCE == of_person["aud"]
    wrong = [
        {**of_key, "aud": AUDIENCE},
        {name: value for name, value in of_key.items() if name != "scopes"},
        {**of_person, "aud": AUDIENCE_OF_KEYS},
        {**of_person, "scopes": []},
        {**of_key, "scopes": "project:read"},
        {**of_key, "scopes": [1]},
        {**of_key, "scopes": None},
    ]
    for claims in wrong:
        with pytest.raises(TokenError):
            VERIFIER.verify(signed(claims))


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "é.é.é", "\x00", "x" * 9000, "e30.e30.e30"])
def test_garbage_is_refused(text: str) -> None:
    with pytest.raises(TokenError):
        VERIFIER.verify(text)


def test_any_changed_character_is_noticed() -> None:
    text = token()
    for at in range(0, len(text) - 1, 7):  # the last character holds unused bits
        if text[at] != ".":
            with pytest.raises(TokenError):
                VERIFIER.verify(text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :])


def test_a_token_of_another_type_is_refused() -> None:
    with pytest.raises(TokenError, match="typ"):
        VERIFIER.verify(signed(claims_of(token()), typ="at+jwt"))
