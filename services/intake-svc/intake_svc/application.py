"""What the views of intake-svc call: notices received, commands carried out, and pages."""

from __future__ import annotations

import secrets as randomness
from dataclasses import dataclass
from uuid import UUID

from delivery_shared.commands import Command, Outcome

from intake_svc.carrying_out import Means, Operation, carry_out
from intake_svc.domain.acts import Create
from intake_svc.domain.errors import NotInTest, NotVisible
from intake_svc.kinds import KINDS
from intake_svc.lookups import connected
from intake_svc.pages.connections import ConnectionPages
from intake_svc.pages.mirrors import MirrorPages
from intake_svc.pages.notices import NoticePages
from intake_svc.receiving import Receiver

TEST_BUYER = "10000000"
"""The customer number of test orders."""


@dataclass(frozen=True, kw_only=True)
class TestOrder:
    """What a test order was answered; ``instance_id`` None: not ready yet."""

    order: str
    status: int
    body: str
    instance_id: str | None


class IntakeApplication:
    """Connections and what comes through them."""

    def __init__(self, means: Means) -> None:
        self.means = means
        self.store = means.store
        self.receiver = Receiver(means)
        self.connections = ConnectionPages(means.store)
        self.notices = NoticePages(means.store)
        self.mirrors = MirrorPages(means.store, means.endpoints)

    def carry_out(self, command: Command, operation: Operation) -> Outcome:
        """:raises KeyReused, Busy: and what the operation refuses with."""
        return carry_out(self.means, command, operation)

    def test_order(self, connection_id: UUID, *, vendor_id: UUID, product_code: str, sku: str) -> TestOrder:
        """An order as the marketplace would send it, signed with the connection's own secret, by the same way in.

        :raises NotVisible, NotInTest:
        """
        of = connected(self.store, connection_id)
        if of is None or of.vendor_id != vendor_id:
            raise NotVisible
        if of.stage != "test":
            raise NotInTest
        kind, now = KINDS[of.kind], self.means.real_now()
        number = f"SIM{randomness.token_hex(8).upper()}"
        said = kind.new_order(
            order=number,
            create=Create(
                order_number=number,
                business_number=number,
                customer_number=TEST_BUYER,
                product_code=product_code,
                sku=sku,
            ),
        )
        reply = self.receiver.receive_for(of, kind, kind.write(said, of.secrets(now)[0], now))
        return TestOrder(
            order=number, status=reply.status, body=reply.body.decode(), instance_id=kind.instance_in(reply)
        )
