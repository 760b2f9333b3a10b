"""Requests signed with an access key: ``ACS3-HMAC-SHA256``, as the cloud's official clients sign theirs.

Signed are method, path, the sorted parameters of the address, the named headers and the SHA-256 of the body, which is a
header itself: whoever has the body compares the two. identity-svc verifies them, intake-svc signs its own.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qsl, quote, unquote
from uuid import uuid4

ALGORITHM: Final = "ACS3-HMAC-SHA256"
CONTENT: Final = "x-acs-content-sha256"
DATE: Final = "x-acs-date"
NONCE: Final = "x-acs-signature-nonce"

MUST_BE_SIGNED: Final = frozenset({"host", CONTENT, DATE, NONCE})
"""Beside these every header of the request that begins with ``x-acs-``."""

MOST_PARAMETERS: Final = 100
LONGEST_NONCE: Final = 128

_AUTHORIZATION = re.compile(
    rf"{ALGORITHM} Credential=(?P<key>[A-Za-z0-9._-]{{1,64}}),\s*"
    r"SignedHeaders=(?P<headers>[a-z0-9-]+(?:;[a-z0-9-]+)*),\s*Signature=(?P<signature>[0-9a-f]{64})"
)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_DATE = "%Y-%m-%dT%H:%M:%SZ"


class NotSigned(Exception):
    """The request carries no signature of this kind, or lacks what belongs to one. ``missing``: what it lacks."""

    def __init__(self, missing: str) -> None:
        super().__init__(missing)
        self.missing = missing


@dataclass(frozen=True, kw_only=True)
class Request:
    """What of a request is signed. ``target``: path and query as they came; names of ``headers`` are lower case."""

    method: str
    target: str
    headers: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Signed:
    """A request that claims to be signed. ``date`` and ``nonce`` are part of what is signed."""

    access_key_id: str
    date: datetime
    nonce: str
    signature: str
    string: str

    def by(self, secret: str) -> bool:
        """Whether whoever signed has ``secret``."""
        made = hmac.new(secret.encode(), self.string.encode(), hashlib.sha256).hexdigest()
        return hmac.compare_digest(made, self.signature)


def signed(request: Request) -> Signed:
    """What a request says of its signature, with the string that was to be signed. :raises NotSigned:"""
    headers = request.headers
    found = _AUTHORIZATION.fullmatch(headers.get("authorization", "").strip())
    if found is None:
        raise NotSigned("Authorization")
    names = found["headers"].split(";")
    must = MUST_BE_SIGNED | {name for name in headers if name.startswith("x-acs-")}
    if lacking := sorted(must - set(names)) or sorted(set(names) - headers.keys()):
        raise NotSigned(lacking[0])
    if not _SHA256.fullmatch(headers[CONTENT]):
        raise NotSigned(CONTENT)
    nonce = headers[NONCE].strip()
    if not 0 < len(nonce) <= LONGEST_NONCE:
        raise NotSigned(NONCE)
    try:
        date = datetime.strptime(headers[DATE].strip(), _DATE).replace(tzinfo=UTC)
    except ValueError as error:
        raise NotSigned(DATE) from error
    return Signed(
        access_key_id=found["key"],
        date=date,
        nonce=nonce,
        signature=found["signature"],
        string=string_to_sign(request, names),
    )


def signing(
    *, method: str, target: str, host: str, key_id: str, secret: str, now: datetime, body: bytes = b"", **acs: str
) -> dict[str, str]:
    """The headers of a request signed with an access key, each time with a nonce of its own.

    :param acs: further headers, without their ``x-acs-``: ``action``, ``version``.
    """
    headers = {
        "host": host,
        CONTENT: hashlib.sha256(body).hexdigest(),
        DATE: now.astimezone(UTC).strftime(_DATE),
        NONCE: uuid4().hex,
        **{f"x-acs-{name}": value for name, value in acs.items()},
    }
    names = sorted(headers)
    string = string_to_sign(Request(method=method, target=target, headers=headers), names)
    signature = hmac.new(secret.encode(), string.encode(), hashlib.sha256).hexdigest()
    credential = f"Credential={key_id},SignedHeaders={';'.join(names)},Signature={signature}"
    return {**headers, "authorization": f"{ALGORITHM} {credential}"}


def string_to_sign(request: Request, names: list[str]) -> str:
    """The algorithm, and the hash of the canonical request over the headers of these names.

    :raises NotSigned: the address is none that can be written canonically.
    """
    path, _, query = request.target.partition("?")
    try:
        parameters = sorted(parse_qsl(query, True, errors="strict", max_num_fields=MOST_PARAMETERS))
        path = quote(unquote(path, errors="strict"), safe="/~")
    except ValueError as error:
        raise NotSigned("query") from error
    ordered = sorted(set(names))
    canonical = "\n".join(
        [
            request.method,
            path or "/",
            "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in parameters),
            *(f"{name}:{request.headers[name].strip()}" for name in ordered),
            "",
            ";".join(ordered),
            request.headers[CONTENT],
        ]
    )
    return f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
