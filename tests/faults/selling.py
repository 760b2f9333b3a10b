"""Simulated marketplaces that sell the product of a prepared installation, while whatever fails fails."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Self
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from delivery_center import demo
from delivery_center.accounts import settle
from delivery_center.client import Client
from delivery_center.demo.connections import connected
from delivery_center.load.prepared_system import PreparedSystem
from delivery_center.marketplaces import Marketplace, Purchase, calling
from intake_svc.domain.order import project_id_of

KINDS: Final = ("generic", "aliyun-spi", "huawei")
FASTER: Final = 600
SHORTEST: Final = 0.3
"""Seconds between two calls at least; a minute of theirs is a tenth of a second here."""
SELLERS: Final = 2
"""Buyers at once at each marketplace."""
SKU: Final = {"product_code": "1", "sku": "pro"}


@dataclass(frozen=True, kw_only=True)
class Sold:
    """An order and what the marketplace was told of it; ``project_id`` is what it becomes, whatever it was told."""

    connection_id: UUID
    purchase: Purchase

    @property
    def project_id(self) -> UUID:
        return project_id_of(self.connection_id, self.purchase.order)


def pause(length: timedelta) -> None:
    time.sleep(max(SHORTEST, length.total_seconds() / FASTER))


class Selling:
    """One live connection of each kind, ready when the project has started; ``sold`` grows as it sells."""

    def __init__(self, installation: PreparedSystem) -> None:
        self.installation = installation
        self.sold: list[Sold] = []
        self._sellers: list[threading.Thread] = []
        self.markets = {UUID(made["id"]): self._market(kind, made) for kind, made in self._connected()}

    def _connected(self) -> Iterator[tuple[str, dict[str, Any]]]:
        system = self.installation.system
        book = demo.notebook(self.installation.center.databases["identity"], system.folder)
        with Client(system.address) as client:
            vendor = settle(client, book, self.installation.admin)
            for kind in KINDS:
                entry = {**SKU, "product_id": str(self.installation.product_id), "edition": None}
                yield kind, connected(vendor, kind, name=kind, entry=entry, stage="live")

    def _market(self, kind: str, made: Mapping[str, Any]) -> Marketplace:
        address = self.installation.system.base_url("intake") + urlsplit(made["address"]).path
        return Marketplace.of(kind, secret=made["secret"], send=calling(address), wait=pause)

    @contextmanager
    def going_on(self, count: int) -> Iterator[Self]:
        """Sells ``count`` orders at each marketplace meanwhile."""
        self._sellers = [
            threading.Thread(target=self._sell, args=(id, share))
            for id in self.markets
            for share in shares(count, SELLERS)
        ]
        for thread in self._sellers:
            thread.start()
        try:
            yield self
        finally:
            for thread in self._sellers:
                thread.join()

    @property
    def under_way(self) -> bool:
        """Whether anything is still to be sold."""
        return any(seller.is_alive() for seller in self._sellers)

    def _sell(self, connection_id: UUID, count: int) -> None:
        for _ in range(count):
            purchase = self.markets[connection_id].sell(**SKU, customer_number=str(uuid4().int)[:12])
            self.sold.append(Sold(connection_id=connection_id, purchase=purchase))

    def ask_again(self) -> int:
        """What a marketplace does when somebody looks into it: calls for everything that is not ready, until it is.
        Returns how many there were."""
        waiting = [sold for sold in self.sold if sold.purchase.instance is None]
        for sold in waiting:
            market = self.markets[sold.connection_id]
            bought = market.ask(sold.purchase.said)
            self.sold[self.sold.index(sold)] = Sold(connection_id=sold.connection_id, purchase=bought)
        return len(waiting)


def shares(count: int, among: int) -> list[int]:
    return [count // among + (n < count % among) for n in range(among)]
