"""What an access key is worth: a signed request is given an access token that lives for minutes, acts for the key's
party and opens what the key's scopes name. Services know tokens alone (ADR 0034).

A key stands on its own rows and on its user's ``credential``: who switches it off raises the generation that issuing a
token demands to be unchanged, as with sessions.
"""

from __future__ import annotations

import ipaddress
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from delivery_shared.commands import Busy
from delivery_shared.http.tokens import TokenIssuer
from delivery_shared.signatures import NotSigned, Request, Signed, signed
from prometheus_client import Counter
from psycopg import Connection

from identity_svc import access_keys, credentials, read_model
from identity_svc.access_keys import Presented
from identity_svc.carrying_out import Means
from identity_svc.credentials import Credential

log = structlog.get_logger()

SKEW: Final = timedelta(minutes=15)
"""How far the time in a signature may lie from ours, either way."""
KEPT: Final = timedelta(minutes=1)
"""For how long a key is given the same token again: services remember those they have verified."""
MOST_KEPT: Final = 1000
ATTEMPTS: Final = 5

presentations = Counter(
    "delivery_signed_requests_total",
    "Requests signed with access keys: admitted; refused: the code the client is told",
    ["outcome"],
)


REFUSALS: Final = {
    "IncompleteSignature": (
        400,
        "The request is not signed, or what belongs to its signature is missing or malformed.",
    ),
    "InvalidAccessKeyId.NotFound": (404, "Specified access key is not found."),
    "SignatureDoesNotMatch": (400, "Specified signature does not match our calculation."),
    "InvalidTimeStamp.Expired": (400, "Specified time stamp or date value is expired."),
    "SignatureNonceUsed": (400, "Specified signature nonce was used already."),
    "InvalidAccessKeyId.Inactive": (403, "Specified access key is disabled or has expired."),
    "Forbidden.SourceIp": (403, "The access key is not for use from this address."),
}
"""Why there is no token: the code a client is told, as the cloud's own gateway has it, with status and text."""

for _outcome in ("admitted", *REFUSALS):  # told from the start, so that the first one is an increase
    presentations.labels(_outcome)


class Refused(Exception):
    """No token, for the reason ``code`` of :data:`REFUSALS`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
        self.status, self.text = REFUSALS[code]


@dataclass(frozen=True, kw_only=True)
class Issued:
    """A token, and until when it works. ``generation`` of the credential it stands on."""

    token: str
    expires_at: datetime
    generation: int
    issued_at: datetime


class SignedRequests:
    """Gives tokens for signatures."""

    def __init__(self, means: Means, *, issuer: TokenIssuer) -> None:
        self._means = means
        self._issuer = issuer
        self._kept: OrderedDict[UUID, Issued] = OrderedDict()
        self._lock = threading.Lock()

    def admit(self, request: Request, *, address: str) -> Issued:
        """The token of whoever signed ``request``, which came from ``address``. :raises Refused:"""
        try:
            admitted = self._admit(request, address)
        except Refused as refused:
            presentations.labels(refused.code).inc()
            raise
        presentations.labels("admitted").inc()
        return admitted

    def _admit(self, request: Request, address: str) -> Issued:
        try:
            claimed = signed(request)
        except NotSigned as error:
            raise Refused("IncompleteSignature") from error
        nonce_taken = False
        with self._means.store.connection() as connection:
            for _ in range(ATTEMPTS):
                now = self._means.now()
                key = access_keys.presented(connection, claimed.access_key_id)
                if key is None:
                    raise Refused("InvalidAccessKeyId.NotFound")
                credential = _checked(key, claimed, address, now)
                until = claimed.date + SKEW
                if not nonce_taken and not access_keys.take_nonce(connection, key.key_id, claimed.nonce, until=until):
                    raise Refused("SignatureNonceUsed")
                nonce_taken = True
                access_keys.used(connection, key, at=now)
                issued = self._token(connection, key, credential, now)
                if issued is not None:
                    return issued
        raise Busy("access key")

    def _token(
        self, connection: Connection[dict[str, Any]], key: Presented, credential: Credential, now: datetime
    ) -> Issued | None:
        """A token for what was read with ``credential``, or the one given a moment ago; None: the account, or one of
        its keys, was changed meanwhile."""
        kept = self._kept.get(key.key_id)
        if kept is not None and kept.generation == credential.generation and now - kept.issued_at < KEPT:
            return kept
        user = read_model.user(connection, credential.user_id)
        issued_at = max(now, credential.revoked_before or now)
        change = credentials.issued(credential, at=issued_at)
        if user is None or connection.execute(change.sql, change.params).fetchone() is None:
            return None
        token, expires_at = self._issuer.issue(
            user_id=user["user_id"],
            party_id=user["party_id"],
            side=user["side"],
            main=user["main"],
            roles=frozenset(held["role"] for held in user["roles"]),
            department_id=user["department_id"],
            name=user["name"],
            must_change_password=False,
            session_id=key.key_id,
            issued_at=issued_at,
            scopes=frozenset(key.scopes),
        )
        issued = Issued(token=token, expires_at=expires_at, generation=credential.generation, issued_at=issued_at)
        self._keep(key.key_id, issued)
        return issued

    def _keep(self, key_id: UUID, issued: Issued) -> None:
        with self._lock:
            self._kept[key_id] = issued
            self._kept.move_to_end(key_id)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)

    def forget_old(self) -> None:
        """Delete nonces that cannot come again."""
        with self._means.store.connection() as connection:
            access_keys.forget_old(connection, self._means.now())


def _checked(key: Presented, claimed: Signed, address: str, now: datetime) -> Credential:
    """That of the account the key acts as. Whoever has not the secret is told nothing of the key. :raises Refused:"""
    secret = key.opened()
    if secret is None or not claimed.by(secret):
        log.warning("wrong signature of an access key", key_id=str(key.key_id), address=address)
        raise Refused("SignatureDoesNotMatch")
    if abs(now - claimed.date) > SKEW:
        raise Refused("InvalidTimeStamp.Expired")
    over = key.expires_at is not None and key.expires_at <= now
    if key.credential is None or over or not (key.enabled and key.alive):
        raise Refused("InvalidAccessKeyId.Inactive")
    if key.networks and not _within(address, key.networks):
        log.warning("access key used from elsewhere", key_id=str(key.key_id), address=address)
        raise Refused("Forbidden.SourceIp")
    return key.credential


def _within(address: str, networks: list[str]) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return any(found in ipaddress.ip_network(network) for network in networks)
