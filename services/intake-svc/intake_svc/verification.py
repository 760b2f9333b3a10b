"""What the rows of intake-svc follow from: connections, SKU maps, orders, notices and reports from their facts, copies
from what was heard. Keys stand in no fact; whose they are is checked, that each verified notice came to exactly one
end, and that reports ended in their turn, once.

Orders, and their mirrors, become ever more and never end for good: only those told of last are held in memory. What
follows from the others is written beside; one that is told of again is folded anew from its own facts."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from typing import Any, ClassVar, Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from delivery_shared.contracts import Contract
from delivery_shared.eventstore import EventStore, RowChange
from delivery_shared.facts import Aggregate, folded
from delivery_shared.service import Service
from delivery_shared.verifying.beside import line
from delivery_shared.verifying.moment import Moment
from delivery_shared.verifying.stored import Stored, before
from delivery_shared.verifying.verification import UNTOLD_OF_FEEDS, UNTOLD_OF_STORES, UNUSED, StoreVerification

from intake_svc.domain import facts
from intake_svc.domain.connection import Connection
from intake_svc.domain.mirror import Mirror
from intake_svc.domain.order import Order
from intake_svc.publishing import publishing
from intake_svc.rows import connection_row, notice_rows, order_row, report_rows, sku_rows
from intake_svc.taking import buyer_of
from intake_svc.vault import MIRROR_SECRET, SECRET, Vault, order_key, unsealed

ENDS: Final = (facts.ReportTold, facts.ReportSeen, facts.ReportDismissed)
"""Of a report: each comes to one, in the order in which they were asked for."""

KEY_BYTES: Final = 32
"""Of the key of an order."""

AT_ONCE: Final = 2000
"""Orders and mirrors held together at most; where there are more, half of them make room."""


class IntakeVerification(StoreVerification):
    """Of intake-svc."""

    copies = ("product", "party", "platform_clock", "revoked")
    rows = ("connection", "sku", "marketplace_order", "notice", "report", "order_key")
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
        self.live = moment.connection(self.store.schema)
        """Sees the live tables only."""
        self.vault = Vault(lambda: nullcontext(self.live))
        self.connection_keys = {
            row["connection_id"]: bytes(row["key"])
            for row in self.live.execute("SELECT * FROM connection_key").fetchall()
        }
        self.connections: dict[UUID, Connection] = {}
        self.held: OrderedDict[UUID, Aggregate[Any]] = OrderedDict()
        """Orders and mirrors, those told of last at the end."""
        self.broken: set[UUID] = set()
        """Streams that do not fold: what follows from them is not known."""
        self.told_wrongly: list[str] = []
        """Reports that came to a second end, or before one that is to come first."""

    def publishing(self, store: EventStore) -> Mapping[type, Callable[[Any], Contract]]:
        return publishing(self.vault)

    def tell(self, stored: Stored) -> None:
        if stored.stream in self.broken:
            return
        known = self._before(stored)
        try:
            if isinstance(known, Mirror) and isinstance(stored.fact, ENDS):
                self._ends(known, stored.fact.number)
            known = folded(known, stored.fact)
        except Exception:
            self.broken.add(stored.stream)
            raise
        finally:
            if known is not None:
                self._hold(known)

    def _hold(self, aggregate: Aggregate[Any]) -> None:
        if isinstance(aggregate, Connection):
            self.connections[aggregate.id] = aggregate
            return
        self.held[aggregate.id] = aggregate
        self.held.move_to_end(aggregate.id)
        if len(self.held) > AT_ONCE:
            self._make_room(AT_ONCE // 2)

    def _before(self, stored: Stored) -> Aggregate[Any] | None:
        """What the fact is told of, as it was; None: it begins."""
        known = self.connections.get(stored.stream) or self.held.get(stored.stream)
        if known is None and stored.version > 1:
            for earlier in before(self.store, self.live, stored):
                known = folded(known, earlier.fact)
        return known

    def _ends(self, mirror: Mirror, number: int) -> None:
        open = [report.number for report in mirror.reports.values() if report.ended_at is None]
        if number not in open[:1]:
            self.told_wrongly.append(f"report {number} of {mirror.project_id} has ended twice, or out of its turn")

    def _make_room(self, left: int) -> None:
        """Write what follows from those told of longest ago, until so many are ``left``."""
        while len(self.held) > left:
            _, aggregate = self.held.popitem(last=False)
            self._write(aggregate)

    def _write(self, aggregate: Aggregate[Any]) -> None:
        try:
            self.write(self.rows_of(aggregate))
        except Exception as error:
            self.lines.append(f"{self.service}: what follows from stream {aggregate.id} cannot be written: {error!r}")

    def rows_of(self, aggregate: Any) -> Sequence[RowChange]:
        """What writes the rows of an aggregate as it is, also where they were written before."""
        match aggregate:
            case Connection():
                return [connection_row(aggregate), *sku_rows(aggregate)]
            case Order():
                rows = [order_row(aggregate), *notice_rows(aggregate, aggregate.notices)]
                return [*rows, *_key_of(aggregate)]
            case Mirror():
                return report_rows(aggregate, aggregate.reports)
        return []

    def differences(self) -> Iterator[str]:
        for connection in self.connections.values():
            self._write(connection)
        self._make_room(0)
        yield from self.lines
        yield from self.compared(*self.copies, *(table for table in self.rows if table != "order_key"))
        yield from self.beside.differences("order_key", but=["key"])
        yield from self.beside.rows_where(
            "order_key", "has another key than one that seals", f"length(key) <> {KEY_BYTES}", key=["project_id"]
        )
        known = {id: connection for id, connection in self.connections.items() if id not in self.broken}
        yield from self._told("connection_key", list(self._connection_keys(known)))
        yield from self.beside.rows_where(
            "notice", "is neither applied nor refused nor parked", "state = 'received'", key=["id"]
        )
        yield from self._told("report", self.told_wrongly)

    def _connection_keys(self, connections: Mapping[UUID, Connection]) -> Iterator[str]:
        """One of each connection, which opens its secrets."""
        for id in self.connection_keys.keys() - connections.keys():
            yield f"connection_id={id} follows from no event"
        for id, connection in connections.items():
            if id not in self.connection_keys:
                yield f"connection_id={id} is missing"
            elif not all(self._opens(id, secret.sealed) for secret in connection.secrets) or not (
                connection.mirror is None or self._opens(id, connection.mirror.secret, MIRROR_SECRET)
            ):
                yield f"connection_id={id} has another key than its secrets"

    def _opens(self, id: UUID, text: str, field: str = SECRET) -> bool:
        try:
            unsealed(self.connection_keys[id], id, field, text)
        except (InvalidTag, ValueError):
            return False
        return True

    def _told(self, table: str, wrong: list[str]) -> Iterator[str]:
        if wrong:
            yield line(self.service, table, sorted(wrong), len(wrong))


def _key_of(order: Order) -> list[RowChange]:
    """Whose key there is of the order, until its buyer is erased. The key itself stands in no event."""
    gone = RowChange(
        key=f"order_key {order.id}",
        sql="DELETE FROM order_key WHERE project_id = %(id)s",
        params={"id": order.id},
    )
    if order.erased:
        return [gone]
    return [gone, order_key(order.id, b""), *buyer_of(order, None)]
