"""The buyer's name and contact as the order brought them: sealed in the fact, with a key per order kept as a row, and
opened on their way out. Destroying the row erases both from everything that was stored (ADR 0023)."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Final
from uuid import UUID

import msgspec
from delivery_shared.eventstore import RowChange
from delivery_shared.sealing import new_key, seal_text, unseal_text
from psycopg import Connection
from psycopg.rows import DictRow

from project_svc.domain.facts import Started
from project_svc.domain.order import Order, OrderContact
from project_svc.read_model import Connect

ERASED: Final = ""
"""The name of a buyer whose name was erased."""

NAME: Final = "customer_name"
CONTACT: Final = "contact"


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """What an order says of its buyer, as it may stand in the fact; ``key``: the row of the key that opens it, None if
    it says nothing."""

    name: str | None
    contact: str | None
    key: RowChange | None


def sealed(order: Order, *, project_id: UUID, customer_id: UUID) -> Sealed:
    """What ``order`` says of its buyer, under a key of its own."""
    if order.customer_name is None and order.contact is None:
        return Sealed(name=None, contact=None, key=None)
    key = new_key()

    def seal(field: str, text: str) -> str:
        return urlsafe_b64encode(seal_text(key, project_id, field, text)).decode()

    contact = None
    if order.contact is not None:
        contact = seal(CONTACT, msgspec.json.encode(asdict(order.contact)).decode())
    return Sealed(
        name=None if order.customer_name is None else seal(NAME, order.customer_name),
        contact=contact,
        key=RowChange(
            key=f"buyer_key {project_id}",
            sql="INSERT INTO buyer_key (project_id, customer_id, key) VALUES (%(project)s, %(customer)s, %(key)s)",
            params={"project": project_id, "customer": customer_id, "key": key},
        ),
    )


class Buyers:
    """The keys in the service's database. Nothing is cached: a key destroyed is gone for every process at once."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect

    def name_in(self, started: Started) -> str | None:
        """What the order called its buyer; :data:`ERASED`, or None: it did not say."""
        if started.customer_name is None:
            return None
        opened = self._opened(started, NAME, started.customer_name)
        return ERASED if opened is None else opened

    def contact_in(self, started: Started) -> OrderContact | None:
        """Whom the order named to be asked for the buyer; None: nobody, or it was erased."""
        opened = None if started.contact is None else self._opened(started, CONTACT, started.contact)
        return None if opened is None else msgspec.json.decode(opened, type=OrderContact)

    def _opened(self, started: Started, field: str, text: str) -> str | None:
        project_id = started.originator_id
        key = self.key_of(project_id)
        return None if key is None else unseal_text(key, project_id, field, urlsafe_b64decode(text))

    def key_of(self, project_id: UUID) -> bytes | None:
        """The key of what an order says of its buyer; None: it said nothing, or that was erased."""
        with self._connect() as connection:
            row = connection.execute("SELECT key FROM buyer_key WHERE project_id = %s", (project_id,)).fetchone()
        return bytes(row["key"]) if row else None


def projects_of(connection: Connection[DictRow], customer_id: UUID) -> list[UUID]:
    """The projects whose orders said something of this customer that is not erased."""
    rows = connection.execute(
        "SELECT project_id FROM buyer_key WHERE customer_id = %s ORDER BY project_id", (customer_id,)
    )
    return [row["project_id"] for row in rows]


def keys_destroyed(project_ids: Collection[UUID]) -> RowChange:
    """The end of what these orders said of their buyer."""
    return RowChange(
        key=f"buyer_key {min(project_ids)}",
        sql="DELETE FROM buyer_key WHERE project_id = ANY(%(ids)s)",
        params={"ids": list(project_ids)},
    )
