"""What the rows of project-svc follow from: copies from the messages of others, orders and files from the facts of
their projects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any, ClassVar
from uuid import NAMESPACE_URL, UUID, uuid5

from delivery_shared.contracts import Contract
from delivery_shared.contracts.identity import party_id_of
from delivery_shared.eventstore import EventStore, RowChange
from delivery_shared.service import Service
from delivery_shared.verifying.beside import line
from delivery_shared.verifying.moment import Moment
from delivery_shared.verifying.stored import Stored
from delivery_shared.verifying.verification import UNTOLD_OF_FEEDS, UNTOLD_OF_STORES, UNUSED, StoreVerification
from psycopg import Connection

from project_svc import read_model
from project_svc.buyers import Buyers, says_of_buyer
from project_svc.domain import facts
from project_svc.publishing import publishing
from project_svc.verify import Flows

ROWS = 500
"""Rows written together."""

OF_BEFORE = """
DELETE FROM role_name WHERE NOT EXISTS (
    SELECT FROM {live} AS live WHERE live.role = role_name.role AND live.until = role_name.until)
"""

OF_BYTES = "of the file's bytes; no event knows them"


class ProjectVerification(StoreVerification):
    """Of project-svc."""

    copies = (
        "template_version",
        "default_messages",
        "product",
        "role",
        "role_name",
        "demand_form",
        "party",
        "person",
        "person_name",
        "holiday_year",
        "platform_clock",
        "configured",
        "waiting",
        "revoked",
    )
    rows = ("purchase", "file")
    keys: ClassVar = {"purchase.business_key": "business_number", "purchase.order_key": "order_number"}
    untold: ClassVar = {
        **UNTOLD_OF_FEEDS,
        **UNTOLD_OF_STORES,
        "project_tracking": UNUSED,
        "file.content_type": OF_BYTES,
        "file.sha256": OF_BYTES,
        "file.storage": "where they lie",
        "role.named_at": "null until a role known before this column is defined again; only which of two definitions"
        " is the later one matters",
        "role_name (deleted)": "renamings from before there was this table left none",
        "person.has_email": "of people saved before it was kept nobody has said it",
        "party (customers identity does not know)": "of orders of a version before: number and name came with the order"
        " and stand in no event; that id and number fit to each other, and to an order, is checked",
        "talk_seen": "what somebody has read; no event tells it",
        "test_order.slot": "which of the ten an order takes matters to nobody",
        "test_order (deleted)": "test orders from before there were places have none",
        "timer.leased_until": "a scheduler has it in hand; that a timer due has fired is checked",
        "timer.attempts": "see leased_until",
    }

    def __init__(self, service: Service, moment: Moment) -> None:
        super().__init__(service, moment)
        self.flows = Flows()
        self.customers: set[UUID] = set()
        keys = self.connection.execute("SELECT project_id, customer_id, key FROM buyer_key").fetchall()
        self.buyers = KeysAtHand(keys)
        self.called: dict[UUID, UUID] = {}
        """Of whom an order said something, by project; without those who were erased."""
        self._rows: list[RowChange] = []

    def publishing(self, store: EventStore) -> Mapping[type, Callable[[Any], Contract]]:
        return publishing(self.buyers)

    def tell(self, stored: Stored) -> None:
        fact = stored.fact
        match fact:
            case facts.Started():
                self.customers.add(fact.customer_id)
                if says_of_buyer(fact):
                    self.called[stored.stream] = fact.customer_id
                self._rows.append(
                    read_model.order_taken(
                        project_id=stored.stream,
                        vendor_id=fact.vendor_id,
                        business_number=fact.business_number,
                        order_number=fact.order_number,
                    )
                )
            case facts.ContactChanged():
                self.called[stored.stream] = fact.customer_id
            case facts.BuyerErased():
                self.called.pop(stored.stream, None)
            case facts.FileAttached():
                self._rows.append(
                    read_model.file_kept(
                        file_id=fact.file_id,
                        project_id=stored.stream,
                        name=fact.file_name,
                        size=fact.size,
                        content_type="",
                        sha256="",
                        storage="",
                        uploaded_at=fact.timestamp,
                    )
                )
        if len(self._rows) >= ROWS:
            self._write()
        self.flows.add(stored)

    def differences(self) -> Iterator[str]:
        self._write()
        self.beside.run(OF_BEFORE.format(live=self.beside.live("role_name")))
        for row in self._customers():
            self.beside.run(
                f"INSERT INTO party SELECT * FROM {self.beside.live('party')} WHERE party_id = %(id)s",  # noqa: S608
                {"id": row["party_id"]},
            )
        yield from super().differences()
        yield from self._keys()

    def flows_and_timers(self, *, movable: bool) -> Iterator[str]:
        """See :mod:`project_svc.verify`. ``movable``: whether the platform's clock may be moved here."""
        row = self.connection.execute("SELECT now() AS now, (SELECT offset_seconds FROM platform_clock) AS ahead")
        found = row.fetchone()
        assert found is not None
        return self.flows.found(
            self.connection, now=found["now"] + timedelta(seconds=(found["ahead"] or 0) if movable else 0)
        )

    def _write(self) -> None:
        rows, self._rows = self._rows, []
        self.write(rows)

    def _keys(self) -> Iterator[str]:
        """Exactly one key for each order that said something of its buyer, until that is erased. That each opens the
        name shows where the name is published."""
        there, told = self.buyers.customers, self.called
        wrong = [f"project_id={project} is missing" for project in sorted(told.keys() - there.keys())]
        wrong += [f"project_id={project} follows from no event" for project in sorted(there.keys() - told.keys())]
        wrong += [
            f"project_id={project} is another customer's than the order's"
            for project in sorted(there.keys() & told.keys())
            if there[project] != told[project]
        ]
        if wrong:
            yield line(self.service, "buyer_key", wrong, len(wrong))

    def _customers(self) -> list[dict[str, Any]]:
        """The buyers known from their orders only, as far as they can be true."""
        found = self.beside.run(
            f"SELECT * FROM {self.beside.live('party')} AS live WHERE kind = 'customer' AND account IS NULL"  # noqa: S608
            " AND customer_number IS NOT NULL AND NOT EXISTS (SELECT FROM party p WHERE p.party_id = live.party_id)"
        )
        return [
            row
            for row in found
            if row["party_id"] in self.customers and row["party_id"] in _ids_of(row["customer_number"])
        ]


def _ids_of(number: str) -> tuple[UUID, UUID]:
    """The party's id of a number, now and before numbers were compared however they are written."""
    return party_id_of(number), uuid5(NAMESPACE_URL, f"customer:{number}")


class KeysAtHand(Buyers):
    """The keys as they were at one moment; ``customers``: whose they are, by project."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(_nobody)
        self._keys = {row["project_id"]: bytes(row["key"]) for row in rows}
        self.customers: dict[UUID, UUID] = {row["project_id"]: row["customer_id"] for row in rows}

    def key_of(self, project_id: UUID) -> bytes | None:
        return self._keys.get(project_id)


def _nobody() -> AbstractContextManager[Connection[Any]]:
    raise AssertionError("the keys are at hand")
