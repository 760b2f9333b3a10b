"""The aggregate of an order's contact."""

from __future__ import annotations

from datetime import datetime
from typing import Final, assert_never
from uuid import UUID, uuid5

from delivery_shared.facts import Aggregate, stored_as

from identity_svc.domain import facts

STREAMS: Final = UUID("5f0b3a52-8d0d-4b0e-9a53-6f1f0c7f2b1d")
"""Namespace of their streams."""


@stored_as("identity", facts.ContactFact)
class Contact(Aggregate[facts.ContactFact]):
    """Whom an order names to be told and asked for its buyer (联系人), as far as that lets him in: one stream per
    project. Name and addresses stay with the order."""

    project_id: UUID
    customer_id: UUID
    vendor_id: UUID
    product_name: str
    named: int
    """Which contact of the order it is: the version in links."""
    gone: bool
    asked: int = 0
    """How many links and codes were asked for."""

    @staticmethod
    def stream_of(project_id: UUID) -> UUID:
        """The stream of a project's contact."""
        return uuid5(STREAMS, str(project_id))

    def change(self, fact: facts.ContactFact, at: datetime) -> None:
        match fact:
            case facts.ContactNamed():
                self.project_id = fact.project_id
                self.customer_id = fact.customer_id
                self.vendor_id = fact.vendor_id
                self.product_name = fact.product_name
                self.named = fact.version
                self.gone = False
            case facts.LinkAsked() | facts.CodeAsked():
                self.asked = fact.number
            case facts.ContactGone():
                self.gone = True
            case _:
                assert_never(fact)
