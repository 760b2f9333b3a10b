"""What becomes a project: an order (订单)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

from project_svc.domain.facts import DeclaredParameter
from project_svc.domain.people import Person

TEST: Final = "TEST-"
"""How the numbers begin that test orders get (S-07), for people to see. Nothing follows from it: an order's own may
begin so, too."""


@dataclass(frozen=True, kw_only=True)
class OrderContact:
    """Whom the order names to be told and asked for the buyer: any part may be missing. ``mobile`` is in E.164,
    ``email`` in its normal form, ``locale`` a BCP 47 tag."""

    name: str | None = None
    mobile: str | None = None
    email: str | None = None
    locale: str | None = None

    @property
    def reachable(self) -> bool:
        """Whether a message can be sent to it."""
        return bool(self.mobile or self.email)


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a customer bought, as the marketplace says it. ``valid_until`` is information only (R-80); ``parameters``
    are what the buyer chose besides, by name."""

    order_number: str
    business_number: str
    product_id: UUID
    customer_id: UUID
    """Unless ``customer_number`` is that of a party of its marketplace known by another id."""
    customer_number: str | None = None
    customer_marketplace: str = ""
    """Within which the number says who bought; empty: the marketplace this center belongs to."""
    customer_name: str | None = None
    edition: str | None = None
    sales_channel: str | None = None
    valid_until: date | None = None
    placed_by: Person | None = None
    """Whose test order it is."""
    quantity: int = 1
    sku: str | None = None
    trial: bool = False
    test: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)
    declared: Sequence[DeclaredParameter] | None = None
    """What ``parameters`` were held against already; None: nobody has."""
    contact: OrderContact | None = None
    project_id: UUID | None = None
    """Of the project it is to become, if it has one already; else that follows from vendor and business number."""
    vendor_id: UUID | None = None
    """Who must have listed the product, if the order says so."""


def is_test(*, order_number: str, customer_number: str | None, told: bool | None) -> bool:
    """Whether it is a test order. Of one older than the word for it – ``told`` is None – the number says so; orders of
    the marketplace had a customer's number besides."""
    return customer_number is None and order_number.startswith(TEST) if told is None else told
