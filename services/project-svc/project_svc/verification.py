"""What the rows of project-svc follow from: copies from the messages of others, orders and files from the facts of
their projects."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from delivery_shared.contracts.identity import party_id_of
from delivery_shared.eventstore import RowChange
from delivery_shared.service import Service
from delivery_shared.verifying.moment import Moment
from delivery_shared.verifying.stored import Stored
from delivery_shared.verifying.verification import UNTOLD_OF_FEEDS, UNTOLD_OF_STORES, UNUSED, StoreVerification

from project_svc import read_model
from project_svc.domain import facts
from project_svc.verify import Flows

ROWS = 500
"""Rows written together."""

OF_BYTES = "of the file's bytes; no event knows them"


class ProjectVerification(StoreVerification):
    """Of project-svc."""

    copies = (
        "template_version",
        "product",
        "role",
        "demand_form",
        "party",
        "person",
        "holiday_year",
        "platform_clock",
        "configured",
        "waiting",
        "revoked",
    )
    rows = ("purchase", "file")
    untold: ClassVar = {
        **UNTOLD_OF_FEEDS,
        **UNTOLD_OF_STORES,
        "project_tracking": UNUSED,
        "file.content_type": OF_BYTES,
        "file.sha256": OF_BYTES,
        "file.storage": "where they lie",
        "party (customers identity does not know)": "number and name came with the order and stand in no event; that"
        " id and number fit to each other, and to an order, is checked",
        "test_order.slot": "which of the ten an order takes matters to nobody",
        "test_order (deleted)": "test orders from before there were places have none",
        "timer.leased_until": "a scheduler has it in hand; that a timer due has fired is checked",
        "timer.attempts": "see leased_until",
    }

    def __init__(self, service: Service, moment: Moment) -> None:
        super().__init__(service, moment)
        self.flows = Flows()
        self.customers: set[UUID] = set()
        self._rows: list[RowChange] = []

    def tell(self, stored: Stored) -> None:
        fact = stored.fact
        match fact:
            case facts.Started():
                self.customers.add(fact.customer_id)
                self._rows.append(
                    read_model.order_taken(
                        project_id=stored.stream,
                        vendor_id=fact.vendor_id,
                        business_number=fact.business_number,
                        order_number=fact.order_number,
                    )
                )
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
        for row in self._customers():
            self.beside.run(
                f"INSERT INTO party SELECT * FROM {self.beside.live('party')} WHERE party_id = %(id)s",  # noqa: S608
                {"id": row["party_id"]},
            )
        yield from super().differences()

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

    def _customers(self) -> list[dict[str, Any]]:
        """The buyers known from their orders only, as far as they can be true."""
        found = self.beside.run(
            f"SELECT * FROM {self.beside.live('party')} AS live WHERE kind = 'customer' AND account IS NULL"  # noqa: S608
            " AND customer_number IS NOT NULL AND NOT EXISTS (SELECT FROM party p WHERE p.party_id = live.party_id)"
        )
        return [
            row
            for row in found
            if row["party_id"] in self.customers and row["party_id"] == party_id_of(row["customer_number"])
        ]
