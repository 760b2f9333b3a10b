"""What the rows of intake-svc follow from: connections, SKU maps, orders, notices and reports from their facts, copies
from what was heard. Keys stand in no fact; whose they are is checked, that each verified notice came to exactly one
end, and that reports ended in their turn, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar, Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from delivery_shared.contracts import Contract
from delivery_shared.contracts.identity import party_id_of
from delivery_shared.eventstore import EventStore, RowChange
from delivery_shared.service import Service
from delivery_shared.texts import key
from delivery_shared.verifying.beside import line
from delivery_shared.verifying.moment import Moment
from delivery_shared.verifying.stored import Stored
from delivery_shared.verifying.verification import UNTOLD_OF_FEEDS, UNTOLD_OF_STORES, UNUSED, FoldingVerification
from psycopg import Connection as Session

from intake_svc.domain import facts
from intake_svc.domain.connection import Connection
from intake_svc.domain.mirror import Mirror
from intake_svc.domain.order import Order
from intake_svc.publishing import publishing
from intake_svc.rows import connection_row, notice_rows, order_row, report_rows, sku_rows
from intake_svc.vault import MIRROR_SECRET, SECRET, Vault, unsealed

ENDS: Final = (facts.ReportTold, facts.ReportSeen, facts.ReportDismissed)
"""Of a report: each comes to one, in the order in which they were asked for."""

KEY_BYTES: Final = 32
"""Of the key of an order."""


class IntakeVerification(FoldingVerification):
    """Of intake-svc."""

    copies = ("product", "party", "platform_clock", "revoked")
    rows = ("connection", "sku", "marketplace_order", "notice", "report")
    untold: ClassVar = {
        **UNTOLD_OF_FEEDS,
        **UNTOLD_OF_STORES,
        "intake_tracking": UNUSED,
        "connection_health": "counts of calls, most of which store nothing else; for the vendor's page only",
        "report_try": "when a report is tried again; those that have ended have none",
        "mirror_line": "whether the marketplace's delivery center answers; for the vendor's page, and until when it is"
        " left alone",
    }

    def __init__(self, service: Service, moment: Moment) -> None:
        super().__init__(service, moment)
        self.orders = {row["project_id"]: row for row in self.connection.execute("SELECT * FROM order_key").fetchall()}
        self.connections = {
            row["connection_id"]: bytes(row["key"])
            for row in self.connection.execute("SELECT * FROM connection_key").fetchall()
        }
        self.vault = KeysAtHand({id: bytes(row["key"]) for id, row in self.orders.items()})
        self.told_wrongly: list[str] = []
        """Reports that came to a second end, or before one that is to come first."""

    def publishing(self, store: EventStore) -> Mapping[type, Callable[[Any], Contract]]:
        return publishing(self.vault)

    def tell(self, stored: Stored) -> None:
        mirror = self.aggregates.get(stored.stream)
        if isinstance(mirror, Mirror) and isinstance(stored.fact, ENDS):
            number = stored.fact.number
            open = [report.number for report in mirror.reports.values() if report.ended_at is None]
            if number not in open[:1]:
                self.told_wrongly.append(f"report {number} of {mirror.project_id} has ended twice, or out of its turn")
        super().tell(stored)

    def rows_of(self, aggregate: Any) -> Sequence[RowChange]:
        match aggregate:
            case Connection():
                return [connection_row(aggregate), *sku_rows(aggregate)]
            case Order():
                return [order_row(aggregate), *notice_rows(aggregate, aggregate.notices)]
            case Mirror():
                return report_rows(aggregate, aggregate.reports)
        return []

    def differences(self) -> Iterator[str]:
        yield from super().differences()
        known = [a for a in self.aggregates.values() if a.id not in self.broken]
        orders = {a.id: a for a in known if isinstance(a, Order)}
        connections = {a.id: a for a in known if isinstance(a, Connection)}
        yield from self._told("order_key", list(self._order_keys(orders)))
        yield from self._told("connection_key", list(self._connection_keys(connections)))
        undecided = (
            f"notice {id} is neither applied nor refused nor parked"
            for order in orders.values()
            for id, notice in order.notices.items()
            if notice.state == "received"
        )
        yield from self._told("notice", list(undecided))
        yield from self._told("report", self.told_wrongly)

    def _order_keys(self, orders: Mapping[UUID, Order]) -> Iterator[str]:
        """One of each order whose buyer was not erased, with whose it is."""
        for id in self.orders.keys() - {id for id, order in orders.items() if not order.erased}:
            yield f"project_id={id} follows from no event"
        for id, order in orders.items():
            row = self.orders.get(id)
            if order.erased:
                continue
            if row is None:
                yield f"project_id={id} is missing"
                continue
            number = order.customer_number
            if row["customer_id"] != (None if number is None else party_id_of(number)):
                yield f"project_id={id} has another customer_id than the events say"
            if row["customer_number_key"] != (None if number is None else key(number)):
                yield f"project_id={id} has another customer_number_key than the events say"
            if len(row["key"]) != KEY_BYTES:
                yield f"project_id={id} has another key than one that seals"

    def _connection_keys(self, connections: Mapping[UUID, Connection]) -> Iterator[str]:
        """One of each connection, which opens its secrets."""
        for id in self.connections.keys() - connections.keys():
            yield f"connection_id={id} follows from no event"
        for id, connection in connections.items():
            if id not in self.connections:
                yield f"connection_id={id} is missing"
            elif not all(self._opens(id, secret.sealed) for secret in connection.secrets) or not (
                connection.mirror is None or self._opens(id, connection.mirror.secret, MIRROR_SECRET)
            ):
                yield f"connection_id={id} has another key than its secrets"

    def _opens(self, id: UUID, text: str, field: str = SECRET) -> bool:
        try:
            unsealed(self.connections[id], id, field, text)
        except (InvalidTag, ValueError):
            return False
        return True

    def _told(self, table: str, wrong: list[str]) -> Iterator[str]:
        if wrong:
            yield line(self.service, table, sorted(wrong), len(wrong))


class KeysAtHand(Vault):
    """The keys of orders as they were at one moment."""

    def __init__(self, keys: Mapping[UUID, bytes]) -> None:
        super().__init__(_nobody)
        self._keys = keys

    def key_of_order(self, project_id: UUID) -> bytes | None:
        return self._keys.get(project_id)


def _nobody() -> AbstractContextManager[Session[Any]]:
    raise AssertionError("the keys are at hand")
