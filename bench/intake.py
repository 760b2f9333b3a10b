"""What a marketplace waits for: the answers of ``/intake`` while it calls again and again, and how soon an order is a
project.

Three marketplaces call 50 times a second in all, most of it for orders they have asked for before, as Alibaba Cloud
does 120 times for each that is not ready yet; beside them the orders' projects are carried out from the first step to
the last.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import cycle
from typing import Any, Final
from uuid import UUID, uuid4

import httpx
from delivery_center import demo
from delivery_center.accounts import settle
from delivery_center.client import Client
from delivery_center.demo.connections import connected
from delivery_center.load.prepared_system import PreparedSystem
from eventsourcing.utils import get_topic
from intake_svc.domain.acts import Create, Notice
from intake_svc.domain.order import project_id_of
from intake_svc.kinds import KINDS
from intake_svc.kinds.kind import Kind
from project_svc.domain.facts import Started

CALLS_A_SECOND: Final = 50
OF_NEW_ORDERS: Final = 25
"""Every so many calls one is for a new order: two orders a second."""
ANSWER_AIM, START_AIM = 100.0, 500.0
"""Milliseconds, p99: a notice answered; from the first call for an order to its project's start."""
SKU: Final = {"product_code": "1", "sku": "pro"}
CALLERS: Final = 16


@dataclass(frozen=True, kw_only=True)
class Seller:
    """A marketplace with a live connection, ready when the project has started."""

    connection_id: UUID
    kind: Kind
    secret: str
    address: str

    def order(self) -> Notice:
        number = f"B{uuid4().hex[:16].upper()}"
        create = Create(
            order_number=number,
            business_number=number,
            customer_number=str(uuid4().int)[:12],
            product_code=SKU["product_code"],
            sku=SKU["sku"],
        )
        return self.kind.new_order(order=number, create=create)


@dataclass
class Asked:
    """What was called for and how long each answer took."""

    first: dict[UUID, datetime] = field(default_factory=dict)
    """Project an order becomes → when it was asked for first."""
    took: list[float] = field(default_factory=list)
    """Seconds of every call."""
    refused: list[str] = field(default_factory=list)


def run(installation: PreparedSystem, *, seconds: int) -> tuple[Sequence[float], Sequence[float]]:
    """p50 and p99 of an answer, and from the first call to the start of the project; milliseconds.

    :raises RuntimeError: a call was refused, or an order is no project.
    """
    sellers, asked = sellers_of(installation), Asked()
    robots, stopping = installation.robots(), threading.Event()
    since = installation.application.store.recorder.max_notification_id() or 0

    def work() -> None:
        while not stopping.is_set():
            if not robots.work():
                time.sleep(0.01)

    worker = threading.Thread(target=work)
    worker.start()
    try:
        with httpx.Client(timeout=10) as http, ThreadPoolExecutor(CALLERS) as callers:
            _call(http, callers, sellers, asked, calls=seconds * CALLS_A_SECOND)
        deadline = time.monotonic() + 60
        while asked.first.keys() - robots.completed.keys() and time.monotonic() < deadline:
            time.sleep(0.05)
    finally:
        stopping.set()
        worker.join()
    if asked.refused:
        raise RuntimeError(f"{len(asked.refused)} of {len(asked.took)} calls: {asked.refused[0]}")
    started = _started(installation, since)
    if asked.first.keys() - started.keys():
        raise RuntimeError(f"{len(asked.first.keys() - started.keys())} of {len(asked.first)} orders are no project")
    waits = [(started[id] - asked.first[id]).total_seconds() for id in asked.first]
    return _cuts(asked.took), _cuts(waits)


def sellers_of(installation: PreparedSystem) -> list[Seller]:
    """One of each of three kinds for the product of the installation."""
    system = installation.system
    book = demo.notebook(installation.center.databases["identity"], system.folder)
    found = []
    with Client(system.address) as client:
        vendor = settle(client, book, installation.admin)
        for kind in ("generic", "aliyun-spi", "huawei"):
            entry = {**SKU, "product_id": str(installation.product_id), "edition": None}
            made = connected(vendor, kind, name=kind, entry=entry, stage="live")
            path = httpx.URL(made["address"]).path
            address = system.base_url("intake") + path
            found.append(
                Seller(connection_id=UUID(made["id"]), kind=KINDS[kind], secret=made["secret"], address=address)
            )
    return found


def _call(
    http: httpx.Client, callers: ThreadPoolExecutor, sellers: Sequence[Seller], asked: Asked, *, calls: int
) -> None:
    """At a steady pace: a new order now and then, between them those of before again, the youngest first."""
    begun, turn = time.monotonic(), cycle(sellers)
    open_orders: list[tuple[Seller, Notice]] = []
    for number in range(calls):
        time.sleep(max(0.0, begun + number / CALLS_A_SECOND - time.monotonic()))
        if number % OF_NEW_ORDERS == 0:
            seller = next(turn)
            order = seller.order()
            open_orders = [(seller, order), *open_orders][:OF_NEW_ORDERS]
            asked.first[project_id_of(seller.connection_id, order.order)] = datetime.now(UTC)
        seller, order = open_orders[number % len(open_orders)] if number % OF_NEW_ORDERS else open_orders[0]
        callers.submit(_ask, http, seller, order, asked)


def _ask(http: httpx.Client, seller: Seller, order: Notice, asked: Asked) -> None:
    call = seller.kind.write(order, seller.secret, datetime.now(UTC))
    url = f"{seller.address}?{call.query}" if call.query else seller.address
    began = time.perf_counter()
    try:
        answer = http.request(call.method, url, headers=dict(call.headers), content=call.body or None)
    except httpx.HTTPError as error:
        asked.refused.append(repr(error))
        return
    asked.took.append(time.perf_counter() - began)
    if answer.status_code >= 400 and answer.status_code != 503:
        asked.refused.append(f"{seller.kind.name}: {answer.status_code} {answer.text[:200]}")


def _started(installation: PreparedSystem, since: int) -> Mapping[UUID, datetime]:
    """When each project that has started since then did."""
    store, found, at = installation.application.store, dict[UUID, datetime](), since
    while batch := store.recorder.select_notifications(at, 2000, topics=[get_topic(Started)], inclusive_of_start=False):
        for notification in batch:
            event: Any = store.mapper.to_domain_event(notification)
            found[event.originator_id] = event.timestamp
        at = batch[-1].id
    return found


def _cuts(seconds: Sequence[float]) -> Sequence[float]:
    cuts = statistics.quantiles(seconds, n=100)
    return cuts[49] * 1000, cuts[98] * 1000
