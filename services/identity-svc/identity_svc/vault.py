"""Keys of persons: what seals personal fields before they reach an event, and opens them again.

Every user has a key of its own in the table ``person_key``, written in the save that creates the user. Destroying
that row makes every stored copy of the fields unreadable for ever, while events still replay.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from delivery_shared.eventstore import RowChange
from delivery_shared.sealing import seal_text, unseal_text
from psycopg import Connection

from identity_svc.domain.errors import BeingDeleted
from identity_svc.domain.user import Personal, User


@dataclass(frozen=True, kw_only=True)
class PersonalData:
    """A person's data in plain text (U-02, U-38). ``landline`` is area-number-extension as far as given."""

    name: str
    mobile: str | None = None
    landline: str | None = None
    email: str | None = None


BLANK: Final = PersonalData(name="")
"""What is left of an erased person."""


def seal(key: bytes, user_id: UUID, data: PersonalData) -> Personal:
    """The fields as they may stand in events. Each is bound to its user and name: moved elsewhere it does not
    open."""

    def sealed(field: str, value: str) -> str:
        return urlsafe_b64encode(seal_text(key, user_id, field, value)).decode()

    def optional(field: str, value: str | None) -> str | None:
        return None if value is None else sealed(field, value)

    return Personal(
        name=sealed("name", data.name),
        mobile=optional("mobile", data.mobile),
        landline=optional("landline", data.landline),
        email=optional("email", data.email),
    )


def unseal(key: bytes, user_id: UUID, personal: Personal) -> PersonalData:
    """:raises cryptography.exceptions.InvalidTag: another key, user or field, or the text was tampered with."""

    def opened(field: str, value: str) -> str:
        return unseal_text(key, user_id, field, urlsafe_b64decode(value))

    def optional(field: str, value: str | None) -> str | None:
        return None if value is None else opened(field, value)

    return PersonalData(
        name=opened("name", personal["name"]),
        mobile=optional("mobile", personal["mobile"]),
        landline=optional("landline", personal["landline"]),
        email=optional("email", personal["email"]),
    )


class Vault:
    """The keys in the service's database. Nothing is cached: a key destroyed is gone for every process at once."""

    def __init__(self, connection: Callable[[], AbstractContextManager[Connection[Any]]]) -> None:
        self._connection = connection

    def key_of(self, user_id: UUID) -> bytes | None:
        """The person's key; None when the person was erased."""
        with self._connection() as connection:
            row = connection.execute("SELECT key FROM person_key WHERE user_id = %s", (user_id,)).fetchone()
        return bytes(row["key"]) if row else None

    def open(self, user_id: UUID, personal: Personal) -> PersonalData:
        """The person's data, blank when the person was erased."""
        key = self.key_of(user_id)
        return BLANK if key is None else unseal(key, user_id, personal)

    def party_erased(self, party_id: UUID) -> bool:
        """Whether the party's name is to be forgotten."""
        with self._connection() as connection:
            row = connection.execute("SELECT erased FROM party WHERE party_id = %s", (party_id,)).fetchone()
        return bool(row and row["erased"])

    def person(self, user: User) -> tuple[bytes, PersonalData]:
        """Key and present data of a user, to seal changed ones with. :raises BeingDeleted: the person was erased."""
        key = self.key_of(user.id)
        if key is None:
            raise BeingDeleted
        return key, unseal(key, user.id, user.personal)


def key_destroyed(user_id: UUID) -> RowChange:
    """The end of the person's key, and with it of every stored copy of the data."""
    return RowChange(
        key=f"person_key {user_id}",
        sql="DELETE FROM person_key WHERE user_id = %(user)s",
        params={"user": user_id},
    )


def key_stored(user_id: UUID, key: bytes) -> RowChange:
    """The row of a new person's key."""
    return RowChange(
        key=f"person_key {user_id}",
        sql="INSERT INTO person_key (user_id, key) VALUES (%(user)s, %(key)s)",
        params={"user": user_id, "key": key},
    )
