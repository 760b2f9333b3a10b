"""Purchases as the marketplace reports them, and patience with services that do not know something yet."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from delivery_center.client import Client, Refused

LAGGING = (404, 409, 422, 503)
"""How a service answers that does not yet know what another one told."""


def place_order(
    marketplace: Client,
    product_id: str,
    customer: tuple[str, str],
    order_number: str,
    business_number: str,
    **more: Any,
) -> str:
    """A purchase; returns the project's id. Waits while the product is not yet known to project-svc."""
    body = {
        "order_number": order_number,
        "business_number": business_number,
        "product_id": product_id,
        "customer": {"name": customer[0], "number": customer[1]},
        **{name: value for name, value in more.items() if value is not None},
    }
    headers = once_only(f"{product_id} {business_number}")
    answer = patiently(lambda: marketplace.post("/api/v1/orders", body, headers=headers))
    return str(answer["project_id"])


def patiently(action: Callable[[], Any], *, seconds: float = 20, also: tuple[int, ...] = ()) -> Any:
    """Repeat ``action`` while a service says that it does not know something yet, or answers ``also``."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return action()
        except Refused as refused:
            if refused.status not in (*LAGGING, *also) or time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def once_only(what: str) -> dict[str, str]:
    """Headers under which a command of this name takes effect once, however often it is sent."""
    return {"Idempotency-Key": str(uuid5(NAMESPACE_URL, what))}
