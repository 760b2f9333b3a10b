"""What becomes a project: an order (订单)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from project_svc.domain.people import Person

TEST: Final = "TEST-"
"""How the numbers begin that test orders get (S-07), for people to see. Nothing follows from it: an order's own may
begin so, too."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a customer bought, as the marketplace says it. ``valid_until`` is information only (R-80)."""

    order_number: str
    business_number: str
    product_id: UUID
    customer_id: UUID
    """Unless ``customer_number`` is that of a party known by another id."""
    customer_number: str | None = None
    customer_name: str | None = None
    edition: str | None = None
    sales_channel: str | None = None
    valid_until: date | None = None
    placed_by: Person | None = None
    """Whose test order it is."""
