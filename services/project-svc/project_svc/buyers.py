"""The buyer's name and contact as the order brought them: sealed in the fact, with a key per order kept as a row, and
opened on their way out. Destroying the row erases both from everything that was stored (ADR 0023)."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from typing import Final
from uuid import UUID

import msgspec
from delivery_shared.eventstore import RowChange
from delivery_shared.sealing import new_key, seal_text, unseal_text
from psycopg import Connection
from psycopg.rows import DictRow

from project_svc.domain.facts import ContactChanged, Started
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
    if order.customer_name is None and order.contact is None and not order.parameters:
        return Sealed(name=None, contact=None, key=None)
    key = new_key()
    return Sealed(
        name=None if order.customer_name is None else _seal(key, project_id, NAME, order.customer_name),
        contact=None if order.contact is None else contact_sealed(key, project_id, 1, order.contact),
        key=key_kept(key, project_id=project_id, customer_id=customer_id),
    )


def says_of_buyer(started: Started) -> bool:
    """Whether the order said something of its buyer, which can be erased."""
    return started.customer_name is not None or started.contact is not None or bool(started.parameters)


def contact_sealed(key: bytes, project_id: UUID, number: int, contact: OrderContact) -> str:
    """The ``number``-th contact of an order, as it may stand in a fact."""
    return _seal(key, project_id, _field(number), msgspec.json.encode(asdict(contact)).decode())


def contact_opened(key: bytes, fact: Started | ContactChanged) -> OrderContact | None:
    """Whom the fact names, opened with the order's key; None: nobody."""
    if fact.contact is None:
        return None
    number = fact.number if isinstance(fact, ContactChanged) else 1
    opened = _opened(key, fact.originator_id, _field(number), fact.contact)
    return msgspec.json.decode(opened, type=OrderContact)


def key_among(rows: Iterable[RowChange], project_id: UUID) -> bytes | None:
    """The key that is kept by one of ``rows``, which are not saved yet."""
    found = (row.params["key"] for row in rows if row.key == f"buyer_key {project_id}" and "key" in row.params)
    return next(found, None)


def key_kept(key: bytes, *, project_id: UUID, customer_id: UUID) -> RowChange:
    """The row of a new key."""
    return RowChange(
        key=f"buyer_key {project_id}",
        sql="INSERT INTO buyer_key (project_id, customer_id, key) VALUES (%(project)s, %(customer)s, %(key)s)",
        params={"project": project_id, "customer": customer_id, "key": key},
    )


def _seal(key: bytes, project_id: UUID, field: str, text: str) -> str:
    return urlsafe_b64encode(seal_text(key, project_id, field, text)).decode()


def _opened(key: bytes, project_id: UUID, field: str, text: str) -> str:
    return unseal_text(key, project_id, field, urlsafe_b64decode(text))


def _field(number: int) -> str:
    return CONTACT if number == 1 else f"{CONTACT} {number}"


class Buyers:
    """The keys in the service's database. Nothing is cached: a key destroyed is gone for every process at once."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect

    def name_in(self, started: Started) -> str | None:
        """What the order called its buyer; :data:`ERASED`, or None: it did not say."""
        if started.customer_name is None:
            return None
        key, project_id = self.key_of(started.originator_id), started.originator_id
        return ERASED if key is None else _opened(key, project_id, NAME, started.customer_name)

    def erased(self, started: Started) -> bool:
        """Whether what it said of its buyer was erased; of its parameters then, what nobody wrote freely is left."""
        return says_of_buyer(started) and self.key_of(started.originator_id) is None

    def contact_in(self, fact: Started | ContactChanged) -> OrderContact | None:
        """Who is named to be asked for the buyer, by the order or later; None: nobody, or it was erased."""
        key = None if fact.contact is None else self.key_of(fact.originator_id)
        return None if key is None else contact_opened(key, fact)

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
