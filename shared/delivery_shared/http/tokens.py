"""Access tokens: signed by identity-svc, verified by every service on its own with the public keys.

A token is a JWT signed with EdDSA over Ed25519. Its header says ``alg: Ed25519``, the fully specified name of
that algorithm (RFC 9864); the older name ``EdDSA`` leaves the curve open and is refused like every other
algorithm. Tokens live at most :data:`LIFETIME`; what ends them earlier is ``identity.sessions_revoked``, which is
compared with ``Claims.issued_at`` – so ``iat`` keeps its microseconds. Tokens always read the real clock.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

ALGORITHM: Final = "Ed25519"
ISSUER: Final = "delivery-identity"
AUDIENCE: Final = "delivery"
OF_A_LINK: Final = "delivery-link"
"""Audience of tokens that open one project only: whoever knows of no such tokens refuses them."""
AUDIENCE_OF_KEYS: Final = "delivery-access-key"
"""Of tokens that stand for an access key: whoever knows no scopes refuses them."""

LIFETIME: Final = timedelta(minutes=5)
"""Longest life of an access token; one that claims to live longer is refused."""

SKEW: Final = timedelta(seconds=5)
"""How far the issuer's clock may run ahead of the verifier's."""

MAX_LENGTH: Final = 8192
"""Characters of the longest token looked at."""

KNOWN: Final = 4096
"""Tokens a process remembers as verified, about one kilobyte each."""

SIDES: Final = frozenset({"isv", "vendor", "provider", "customer", "operator", "marketplace"})

_NAMES: Final = frozenset(
    ["iss", "aud", "sub", "iat", "exp", "jti", "sid", "party", "side", "main", "roles", "department", "name", "pwd"]
)
_SCOPES: Final = "scopes"
"""What a token of an access key has besides; its ``sid`` is the key."""


class TokenError(Exception):
    """The token is not one of ours, or no longer valid. ``reason`` is for the log, never for the caller."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Claims:
    """Who calls, as identity-svc knew them when it issued the token.

    ``side`` is the user's 归属: isv (main account of an ISV), vendor, provider, customer, operator, marketplace.
    ``must_change_password``: only the change of password is allowed (U-28). ``session_id`` names the login, or the
    access key that the token stands for: then ``scopes`` are all it may be used for, and None otherwise.
    ``project_id``: the one project the token opens, of a session that a link began; ``confirmed``: whether its device
    has shown a code sent to the contact.
    """

    user_id: UUID
    party_id: UUID
    side: str
    main: bool
    roles: frozenset[str]
    department_id: UUID | None
    name: str
    must_change_password: bool
    issued_at: datetime
    expires_at: datetime
    session_id: UUID
    jti: UUID
    project_id: UUID | None = None
    confirmed: bool = False
    scopes: frozenset[str] | None = None


def real_now() -> datetime:
    """The real time in UTC; tokens ignore the movable clock of demo and tests."""
    return datetime.now(UTC)


def new_private_jwk() -> dict[str, Any]:
    """A fresh signing key as a private JWK with a key id (its RFC 7638 thumbprint)."""
    key = OKPKey.generate_key("Ed25519", parameters={"use": "sig", "alg": ALGORITHM}, private=True, auto_kid=True)
    return dict(key.as_dict(private=True))


class TokenIssuer:
    """Signs access tokens. Only identity-svc has the private key."""

    def __init__(
        self,
        private_key_jwk: Mapping[str, Any],
        issuer: str = ISSUER,
        audience: str = AUDIENCE,
        now: Callable[[], datetime] = real_now,
    ) -> None:
        """:raises ValueError: the JWK is no private Ed25519 key."""
        self._key = _ed25519(private_key_jwk)
        if not self._key.is_private:
            raise ValueError("the signing key lacks its private part")
        self._issuer = issuer
        self._audience = audience
        self._now = now

    @property
    def public_jwks(self) -> dict[str, Any]:
        """The key set for verifiers: the public part only."""
        return {"keys": [dict(self._key.as_dict(private=False))]}

    def issue(
        self,
        *,
        user_id: UUID,
        party_id: UUID,
        side: str,
        main: bool,
        roles: frozenset[str],
        department_id: UUID | None,
        name: str,
        must_change_password: bool,
        session_id: UUID,
        issued_at: datetime | None = None,
        lifetime: timedelta = LIFETIME,
        project_id: UUID | None = None,
        confirmed: bool = False,
        scopes: frozenset[str] | None = None,
    ) -> tuple[str, datetime]:
        """A signed token and the time it expires.

        :param issued_at: when the facts in the token were read (default: now).
        :param project_id: the one project it opens, with ``confirmed`` for deciding acts as well.
        :param scopes: of the access key ``session_id`` names; None: a login.
        :raises ValueError: ``lifetime`` above :data:`LIFETIME`, or a side that does not exist.
        """
        if lifetime > LIFETIME:
            raise ValueError(f"access tokens live at most {LIFETIME}")
        if side not in SIDES:
            raise ValueError(f"no such side: {side}")
        issued_at = issued_at or self._now()
        expires_at = issued_at + lifetime
        claims = {
            "iss": self._issuer,
            "aud": self._audience if scopes is None else AUDIENCE_OF_KEYS,
            "sub": str(user_id),
            "iat": issued_at.timestamp(),
            "exp": expires_at.timestamp(),
            "jti": str(uuid4()),
            "sid": str(session_id),
            "party": str(party_id),
            "side": side,
            "main": main,
            "roles": sorted(roles),
            "department": str(department_id) if department_id else None,
            "name": name,
            "pwd": must_change_password,
            **({} if scopes is None else {_SCOPES: sorted(scopes)}),
        }
        if project_id is not None:
            claims |= {"aud": OF_A_LINK, "project": str(project_id), "confirmed": confirmed}
        header = {"alg": ALGORITHM, "kid": self._key.kid}
        return jwt.encode(header, claims, self._key, algorithms=[ALGORITHM]), expires_at


class TokenVerifier:
    """Checks access tokens with nothing but the public keys; knows no revocations."""

    def __init__(
        self,
        public_jwks: Mapping[str, Any],
        issuer: str = ISSUER,
        audience: str = AUDIENCE,
        now: Callable[[], datetime] = real_now,
    ) -> None:
        """:param public_jwks: ``{"keys": [...]}``; several keys while the signing key is being replaced.

        :raises ValueError: no key, one that is no Ed25519 key, or one with its private part.
        """
        keys = [_ed25519(jwk) for jwk in public_jwks["keys"]]
        if not keys or any(key.is_private for key in keys):
            raise ValueError("verifiers need public keys, and only those")
        self._keys = KeySet(list(keys))
        self._known: OrderedDict[str, Claims] = OrderedDict()
        """Tokens whose signature was checked, oldest first: all that can change about one is that it expires."""
        self._lock = threading.Lock()
        self._issuer = issuer
        self._audience = audience
        self._now = now

    def verify(self, token: str) -> Claims:
        """The claims of ``token``.

        :raises TokenError: whatever is wrong with it: form, algorithm, key, signature, issuer, audience, a claim
            missing or of a wrong type, expired, from the future, or meant to live too long.
        """
        if len(token) > MAX_LENGTH:
            raise TokenError("too long")
        known = self._known.get(token)
        if known is not None:
            if known.expires_at <= self._now():
                raise TokenError("expired")
            return known
        claims = self._opened(token)
        with self._lock:
            self._known[token] = claims
            while len(self._known) > KNOWN:
                self._known.popitem(last=False)
        return claims

    def _opened(self, token: str) -> Claims:
        try:
            opened = jwt.decode(token, self._keys, algorithms=[ALGORITHM])
        except (JoseError, ValueError, TypeError) as error:
            raise TokenError(f"{type(error).__name__}: {error}") from error
        if opened.header.get("typ") != "JWT" or "kid" not in opened.header:
            raise TokenError("typ or kid")
        return self._checked(opened.claims)

    def _checked(self, claims: Mapping[str, Any]) -> Claims:
        if missing := _NAMES - claims.keys():
            raise TokenError("claims missing: " + ", ".join(sorted(missing)))
        if claims["iss"] != self._issuer:
            raise TokenError("issuer")
        aud = claims["aud"]
        of_a_link, of_key = aud == OF_A_LINK, aud == AUDIENCE_OF_KEYS
        if not (of_a_link or of_key or aud == self._audience):
            raise TokenError("audience")
        if of_a_link != ("project" in claims) or of_key != (_SCOPES in claims):
            raise TokenError("audience")
        issued_at, expires_at = _time(claims, "iat"), _time(claims, "exp")
        now = self._now()
        if expires_at <= now:
            raise TokenError("expired")
        if issued_at > now + SKEW:
            raise TokenError("issued in the future")
        if expires_at - issued_at > LIFETIME:
            raise TokenError("lives too long")
        if claims["side"] not in SIDES or (of_a_link and claims["side"] != "customer"):
            raise TokenError("side")
        return Claims(
            user_id=_id(claims, "sub"),
            party_id=_id(claims, "party"),
            side=claims["side"],
            main=_flag(claims, "main"),
            roles=_texts(claims, "roles"),
            department_id=None if claims["department"] is None else _id(claims, "department"),
            name=_text(claims, "name"),
            must_change_password=_flag(claims, "pwd"),
            issued_at=issued_at,
            expires_at=expires_at,
            session_id=_id(claims, "sid"),
            jti=_id(claims, "jti"),
            project_id=_id(claims, "project") if of_a_link else None,
            confirmed=of_a_link and _flag(claims, "confirmed"),
            scopes=_texts(claims, _SCOPES) if of_key else None,
        )


def _ed25519(jwk: Mapping[str, Any]) -> OKPKey:
    """The key of a JWK. :raises ValueError: another kind of key, or one without a key id."""
    if jwk.get("kty") != "OKP" or jwk.get("crv") != "Ed25519" or jwk.get("alg", ALGORITHM) != ALGORITHM:
        raise ValueError("not an Ed25519 key for signatures")
    if not jwk.get("kid"):
        raise ValueError("the key lacks its id")
    try:
        return OKPKey.import_key(dict(jwk))
    except (JoseError, TypeError) as error:
        raise ValueError(f"unusable key: {error}") from error


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims[name]
    if not isinstance(value, str):
        raise TokenError(name)
    return value


def _texts(claims: Mapping[str, Any], name: str) -> frozenset[str]:
    value = claims[name]
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise TokenError(name)
    return frozenset(value)


def _flag(claims: Mapping[str, Any], name: str) -> bool:
    value = claims[name]
    if not isinstance(value, bool):
        raise TokenError(name)
    return value


def _id(claims: Mapping[str, Any], name: str) -> UUID:
    try:
        return UUID(_text(claims, name))
    except ValueError as error:
        raise TokenError(name) from error


def _time(claims: Mapping[str, Any], name: str) -> datetime:
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TokenError(name)
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise TokenError(name) from error
