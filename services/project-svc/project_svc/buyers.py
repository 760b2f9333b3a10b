"""The buyer's name as the order brought it: sealed in the fact, with a key per order kept as a row, and opened on its
way out. Destroying the row erases the name from everything that was stored (ADR 0023)."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection
from typing import Final
from uuid import UUID

from delivery_shared.eventstore import RowChange
from delivery_shared.sealing import new_key, seal_text, unseal_text
from psycopg import Connection
from psycopg.rows import DictRow

from project_svc.domain.facts import Started
from project_svc.read_model import Connect

ERASED: Final = ""
"""The name of a buyer whose name was erased."""

FIELD: Final = "customer_name"


def sealed(*, project_id: UUID, customer_id: UUID, name: str) -> tuple[str, RowChange]:
    """``name`` as it may stand in the fact, and the row of the key that opens it."""
    key = new_key()
    row = RowChange(
        key=f"buyer_key {project_id}",
        sql="INSERT INTO buyer_key (project_id, customer_id, key) VALUES (%(project)s, %(customer)s, %(key)s)",
        params={"project": project_id, "customer": customer_id, "key": key},
    )
    return urlsafe_b64encode(seal_text(key, project_id, FIELD, name)).decode(), row


class Buyers:
    """The keys in the service's database. Nothing is cached: a key destroyed is gone for every process at once."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect

    def name_in(self, started: Started) -> str | None:
        """What the order called its buyer; :data:`ERASED`, or None: it did not say."""
        if started.customer_name is None:
            return None
        project_id = started.originator_id
        key = self.key_of(project_id)
        if key is None:
            return ERASED
        return unseal_text(key, project_id, FIELD, urlsafe_b64decode(started.customer_name))

    def key_of(self, project_id: UUID) -> bytes | None:
        """The key of what an order calls its buyer; None: it brought no name, or the name was erased."""
        with self._connect() as connection:
            row = connection.execute("SELECT key FROM buyer_key WHERE project_id = %s", (project_id,)).fetchone()
        return bytes(row["key"]) if row else None


def projects_of(connection: Connection[DictRow], customer_id: UUID) -> list[UUID]:
    """The projects whose orders brought a name of this customer that is not erased."""
    rows = connection.execute(
        "SELECT project_id FROM buyer_key WHERE customer_id = %s ORDER BY project_id", (customer_id,)
    )
    return [row["project_id"] for row in rows]


def keys_destroyed(project_ids: Collection[UUID]) -> RowChange:
    """The end of what these orders brought of their buyer's name."""
    return RowChange(
        key=f"buyer_key {min(project_ids)}",
        sql="DELETE FROM buyer_key WHERE project_id = ANY(%(ids)s)",
        params={"ids": list(project_ids)},
    )
