"""Connections to simulated marketplaces, ready to take orders: ``python -m delivery_center.marketplaces`` sells through
them. By themselves they bring none: the demo data are those of the manual."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from delivery_center.client import Client
from delivery_center.demo.people import People
from delivery_center.demo.products import Products
from delivery_center.ordering import once_only, patiently

KINDS: Final = {"generic": "自有商城", "aliyun-spi": "云市场 (模拟)"}
VENDOR: Final = "河北服务商"
SKU: Final = {"product_code": "cmgj000001", "sku": "pro"}
"""What the simulated marketplaces sell."""


class Connections:
    """One of each kind for the vendor's first product, in test: their orders are marked."""

    def __init__(self, people: People, products: Products) -> None:
        self.people, self.products, self.book = people, products, people.book

    def load(self) -> None:
        """Make those that are missing."""
        for kind, name in KINDS.items():
            self.book.once(f"connection {kind}", partial(self._connect, kind, name))

    def _connect(self, kind: str, name: str) -> dict[str, Any]:
        code = next(code for code, vendor in self.products.vendors.items() if vendor == VENDOR)
        vendor, key = self.people[VENDOR], once_only(f"connection {kind}")
        entry = {**SKU, "product_id": self.products.ids[code], "edition": "专业版"}
        return connected(vendor, kind, name=name, entry=entry, stage="test", headers=key)


def connected(
    vendor: Client, kind: str, *, name: str, entry: dict[str, Any], stage: str, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """A connection of the vendor that sells what ``entry`` of its SKU map says: its id, address and secret."""
    form = {"kind": kind, "name": name, "ready_when": "started"}
    made: dict[str, Any] = vendor.post("/api/v1/connections", form, headers=headers)
    path = f"/api/v1/connections/{made['id']}"
    given = None if kind == "generic" else secrets.token_urlsafe(24)
    answer = vendor.put(f"{path}/secret", {"secret": given})
    patiently(lambda: vendor.put(f"{path}/sku-map", {"entries": [entry]}))
    vendor.put(f"{path}/stage", {"stage": stage})
    return {"id": made["id"], "address": made["address"], "secret": given or answer["secret"]}
