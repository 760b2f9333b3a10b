"""Links that let a customer into one project, and the codes that confirm a device: both follow from keys that identity
and notify have, so that neither ever stands in a row, a message or a log (ADR 0033).

A link says which project, which version of its contact and when it was made, and is signed; nothing in it is personal.
Who makes one asks nobody; whether it still opens anything is decided by identity alone, when it comes back.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from uuid import UUID, uuid5

from itsdangerous import BadData, TimestampSigner

CONTACTS: Final = UUID("0d9c1f0e-6a77-4a6a-8f0b-3a1f1c8b5d42")
"""Namespace of the ids contacts have as persons."""

FIRST: Final = 1
"""The version of the contact an order begins with."""

CODE_DIGITS: Final = 6

LONGEST: Final = 300
"""Characters of the longest link looked at."""

SHORTEST_KEY: Final = 32
"""Characters of a key."""

VARIABLE: Final = "DELIVERY_LINK_KEYS"


def contact_id(project_id: UUID, version: int) -> UUID:
    """Who the contact of an order is where a person is named: one named anew is another person."""
    return uuid5(CONTACTS, f"{project_id}/{version}")


@dataclass(frozen=True, kw_only=True)
class Link:
    """What a link says."""

    project_id: UUID
    version: int
    made_at: datetime


class _Signer(TimestampSigner):
    """Signs as of a time it is given."""

    at: datetime

    def get_timestamp(self) -> int:
        return int(self.at.timestamp())


@dataclass(frozen=True, kw_only=True)
class LinkKeys:
    """``keys``: the one that signs is the last; those before it are still believed."""

    keys: Sequence[str] = field(repr=False)

    @staticmethod
    def read(environment: Mapping[str, str]) -> LinkKeys | None:
        """From ``DELIVERY_LINK_KEYS``: keys divided by spaces or lines, the newest last. None: there are none, then
        nobody gets a link.

        :raises SystemExit: a key is too short to be one.
        """
        keys = environment.get(VARIABLE, "").split()
        if any(len(key) < SHORTEST_KEY for key in keys):
            raise SystemExit(f"wrong in the environment: {VARIABLE}: a key has at least {SHORTEST_KEY} characters")
        return LinkKeys(keys=keys) if keys else None

    def link(self, project_id: UUID, version: int, *, at: datetime) -> str:
        """The token of a link made ``at``."""
        signer = self._signer()
        signer.at = at
        number = urlsafe_b64encode(project_id.bytes).decode().rstrip("=")
        return signer.sign(f"{number}~{version}").decode()

    def opened(self, token: str) -> Link | None:
        """What the link says, however old it is. None: we never made it."""
        if len(token) > LONGEST:
            return None
        try:
            value, made_at = self._signer().unsign(token, return_timestamp=True)
        except BadData:
            return None
        number, _, version = value.decode().partition("~")
        return Link(
            project_id=UUID(bytes=urlsafe_b64decode(f"{number}==")),
            version=int(version),
            made_at=made_at.astimezone(UTC),
        )

    def code(self, project_id: UUID, version: int, number: int) -> str:
        """The code that the ``number``-th message with one tells the contact."""
        return _code(self.keys[-1], project_id, version, number)

    def is_code(self, code: str, project_id: UUID, version: int, number: int) -> bool:
        """Whether it is that code, also by a key before the newest; as long as it takes either way."""
        made = [_code(key, project_id, version, number) for key in self.keys]
        found = [hmac.compare_digest(code.encode(), one.encode()) for one in made]
        return True in found

    def _signer(self) -> _Signer:
        return _Signer(list(self.keys), salt="customer link", key_derivation="hmac", digest_method=hashlib.sha256)


def _code(key: str, project_id: UUID, version: int, number: int) -> str:
    made = hmac.digest(key.encode(), f"customer code {project_id}/{version}/{number}".encode(), "sha256")
    return f"{int.from_bytes(made, 'big') % 10**CODE_DIGITS:0{CODE_DIGITS}}"
