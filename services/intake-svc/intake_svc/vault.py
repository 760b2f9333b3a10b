"""Keys: what seals the secrets of a connection, and what is personal in an order, before they reach a fact.

Every connection and every order has a key of its own in a row, written in the save that begins it. Destroying an
order's row erases its buyer's name, contact and raw notices from everything that was stored (ADR 0023).
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from typing import Any, Final
from uuid import UUID

import msgspec
from delivery_shared.contracts.identity import buyer_key, party_id_of
from delivery_shared.contracts.intake import Contact
from delivery_shared.eventstore import RowChange
from delivery_shared.sealing import seal_text, unseal_text
from psycopg import Connection
from psycopg.rows import DictRow

SECRET: Final = "secret"  # noqa: S105 - the name of a field
CUSTOMER_NAME: Final = "customer_name"
CONTACT: Final = "contact"
MIRROR_SECRET: Final = "mirror secret"  # noqa: S105 - the name of a field

ERASED: Final = ""
"""What is left of an erased buyer's name."""


def notice_field(notice_id: UUID) -> str:
    """The field a raw notice is bound to."""
    return f"notice {notice_id}"


def remark_field(number: int) -> str:
    """The field the remark of a report is bound to."""
    return f"report {number}"


def sealed(key: bytes, owner: UUID, field: str, value: str) -> str:
    """``value`` as it may stand in a fact."""
    return urlsafe_b64encode(seal_text(key, owner, field, value)).decode()


def unsealed(key: bytes, owner: UUID, field: str, value: str) -> str:
    """:raises cryptography.exceptions.InvalidTag: another key, owner or field, or it was tampered with."""
    return unseal_text(key, owner, field, urlsafe_b64decode(value))


class Vault:
    """The keys in the service's database. Nothing is cached: a key destroyed is gone for every process at once."""

    def __init__(self, connect: Callable[[], AbstractContextManager[Connection[DictRow]]]) -> None:
        self._connect = connect

    def key_of_order(self, project_id: UUID) -> bytes | None:
        """None: its buyer was erased."""
        with self._connect() as connection:
            row = connection.execute("SELECT key FROM order_key WHERE project_id = %s", (project_id,)).fetchone()
        return bytes(row["key"]) if row else None

    def key_of_connection(self, connection_id: UUID) -> bytes:
        with self._connect() as connection:
            row = connection.execute(
                "SELECT key FROM connection_key WHERE connection_id = %s", (connection_id,)
            ).fetchone()
        assert row is not None
        return bytes(row["key"])

    def name_in(self, order: Any) -> str | None:
        """What the order – a fact :class:`~intake_svc.domain.facts.OrderReceived` – called its buyer;
        :data:`ERASED`, or None: it did not say."""
        if order.customer_name is None:
            return None
        key = self.key_of_order(order.originator_id)
        return ERASED if key is None else unsealed(key, order.originator_id, CUSTOMER_NAME, order.customer_name)

    def contact_in(self, order: Any) -> Contact | None:
        """Whom the order named as its contact; None: nobody, or erased."""
        if order.contact is None:
            return None
        key = self.key_of_order(order.originator_id)
        if key is None:
            return None
        return msgspec.json.decode(unsealed(key, order.originator_id, CONTACT, order.contact), type=Contact)


def connection_key(connection_id: UUID, key: bytes) -> RowChange:
    """The row of a new connection's key."""
    return RowChange(
        key=f"connection_key {connection_id}",
        sql="INSERT INTO connection_key (connection_id, key) VALUES (%(id)s, %(key)s)",
        params={"id": connection_id, "key": key},
    )


def order_key(project_id: UUID, key: bytes) -> RowChange:
    """The row of a new order's key; whose it is follows with the order itself."""
    return RowChange(
        key=f"order_key {project_id} 1",
        sql="INSERT INTO order_key (project_id, key) VALUES (%(id)s, %(key)s)",
        params={"id": project_id, "key": key},
    )


def buyer_known(project_id: UUID, customer_number: str, marketplace: str) -> RowChange:
    """Whose key it is: the party's id as it follows from the number, and the number as it is compared; both within its
    marketplace."""
    return RowChange(
        key=f"order_key {project_id} 2",
        sql="UPDATE order_key SET customer_id = %(customer)s, customer_number_key = %(number)s"
        " WHERE project_id = %(id)s",
        params={
            "id": project_id,
            "customer": party_id_of(customer_number, marketplace),
            "number": buyer_key(customer_number, marketplace),
        },
    )


def orders_of(connection: Connection[DictRow], party_id: UUID) -> list[UUID]:
    """The orders of a party that have a key: by its id, or by the number it was registered under."""
    rows = connection.execute(
        "SELECT project_id FROM order_key WHERE customer_id = %(party)s OR customer_number_key IN"
        " (SELECT number_key FROM party WHERE party_id = %(party)s) ORDER BY project_id",
        {"party": party_id},
    )
    return [row["project_id"] for row in rows]


def keys_destroyed(project_ids: Collection[UUID]) -> RowChange:
    """The end of what is personal in these orders."""
    return RowChange(
        key=f"order_key {min(project_ids)} 3",
        sql="DELETE FROM order_key WHERE project_id = ANY(%(ids)s)",
        params={"ids": list(project_ids)},
    )
