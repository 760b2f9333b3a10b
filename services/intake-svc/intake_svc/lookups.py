"""What is looked up beside the aggregates that are decided on: connections by address, SKUs, products."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from delivery_shared.eventstore import EventStore
from psycopg import Connection
from psycopg.rows import DictRow

from intake_svc.domain import facts
from intake_svc.domain.receiving import Mapped, Terms
from intake_svc.kinds import KINDS
from intake_svc.vault import SECRET, unsealed

Reads = Connection[DictRow]


@dataclass(frozen=True, kw_only=True)
class Connected:
    """A connection as notices need it."""

    id: UUID
    vendor_id: UUID
    kind: str
    stage: facts.Stage
    ready_when: facts.ReadyWhen
    front_url: str | None
    key: bytes
    sealed: list[dict[str, Any]]

    def secrets(self, now: datetime) -> list[str]:
        """Those that verify at ``now``: the present one first, then the one it replaced, while it still may."""
        valid = (s for s in self.sealed if s["until"] is None or datetime.fromisoformat(s["until"]) > now)
        return [unsealed(self.key, self.id, SECRET, secret["sealed"]) for secret in valid]

    @property
    def terms(self) -> Terms:
        return Terms(
            connection_id=self.id,
            vendor_id=self.vendor_id,
            kind=self.kind,
            test=self.stage == "test",
            ready_when=self.ready_when,
            marketplace=KINDS[self.kind].marketplace(self.id),
        )


CONNECTED = (
    "SELECT c.id, vendor_id, kind, stage, ready_when, front_url, key, secrets AS sealed"
    " FROM connection c JOIN connection_key k ON k.connection_id = c.id WHERE "
)


def connected_by_token(store: EventStore, token: str) -> Connected | None:
    """The connection behind an address."""
    return _connected(store, "token = %s", token)


def connected(store: EventStore, connection_id: UUID) -> Connected | None:
    return _connected(store, "c.id = %s", connection_id)


def _connected(store: EventStore, where: str, value: Any) -> Connected | None:
    with store.connection() as connection:
        row = connection.execute(CONNECTED + where, (value,)).fetchone()
    return Connected(**{**row, "key": bytes(row["key"])}) if row else None


def is_mirrored(reads: Reads, connection_id: UUID) -> bool:
    """Whether projects that begin now are to be told to the marketplace's own delivery center."""
    row = reads.execute(
        "SELECT 1 FROM connection WHERE id = %s AND (mirror->>'enabled')::boolean", (connection_id,)
    ).fetchone()
    return row is not None


def mapped(reads: Reads, connection_id: UUID, named: tuple[str, str] | None) -> Mapped | None:
    """What a marketplace's product code and SKU are here, by the map of now, and by the product's declaration of now;
    of one whose declaration has not arrived there is none."""
    if named is None:
        return None
    row = reads.execute(
        "SELECT product_id, edition, facts, coalesce(parameters, '[]') AS declared"
        " FROM sku LEFT JOIN product USING (product_id)"
        " WHERE connection_id = %s AND product_code = %s AND sku = %s",
        (connection_id, *named),
    ).fetchone()
    return Mapped(**row) if row else None


def order_of_notice(reads: Reads, connection_id: UUID, key: str) -> UUID | None:
    """The order that keeps the notice with this key of repetition."""
    row = reads.execute(
        "SELECT order_id FROM notice WHERE connection_id = %s AND key = %s", (connection_id, key)
    ).fetchone()
    return row["order_id"] if row else None


def products_of(reads: Reads, vendor_id: UUID) -> dict[UUID, str]:
    """The vendor's products, with their numbers."""
    rows = reads.execute("SELECT product_id, code FROM product WHERE vendor_id = %s", (vendor_id,))
    return {row["product_id"]: row["code"] for row in rows}


def order_with_notice(reads: Reads, connection_id: UUID, notice_id: UUID) -> UUID | None:
    """The order of a notice of the connection."""
    row = reads.execute(
        "SELECT order_id FROM notice WHERE connection_id = %s AND id = %s", (connection_id, notice_id)
    ).fetchone()
    return row["order_id"] if row else None


def report_of(reads: Reads, connection_id: UUID, report_id: UUID) -> tuple[UUID, int] | None:
    """The project and number of a report of the connection."""
    row = reads.execute(
        "SELECT project_id, number FROM report WHERE connection_id = %s AND id = %s", (connection_id, report_id)
    ).fetchone()
    return (row["project_id"], row["number"]) if row else None
