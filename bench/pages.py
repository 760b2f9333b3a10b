"""What people wait for: every list, every dashboard and the details page, over HTTP at the services' own processes,
with a large data set loaded."""

from __future__ import annotations

import hashlib
import json
import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import httpx
import psycopg
from delivery_center.gateway.routing import PREFIX, SEGMENTS
from delivery_center.running.processes import System
from delivery_center.seeding import Amounts, seed
from delivery_shared.http.paging import cursor_of
from delivery_shared.http.tokens import TokenIssuer
from delivery_shared.messaging.topology import Broker
from delivery_shared.service import Settings
from project_svc.api.market import VERSION
from psycopg.rows import dict_row
from reporting_svc.sorting import NEWEST_FIRST

LIST_AIM = 100.0
"""Milliseconds of lists and dashboards, p95 (issue: speed and size)."""

DETAILS_AIM = 50.0
"""Milliseconds of the details of a project with 500 rows of log, p95."""

FIRST_AIM = 2000.0
"""Milliseconds of a dashboard whose history is read for the first time, once after a rebuild, p95."""

NO_DAILY_ROW = "name NOT LIKE 'finished %' AND name NOT LIKE 'ended %'"
"""Of the figures kept, those of a day."""

READS = (
    "DescribeProjectInfo",
    "DescribeProjectNodes",
    "DescribeCurrentNodeInfo",
    "DescribeProjectMessages",
    "DescribeProjectAttachments",
    "DescribeProjectOperateLogs",
)
"""What the public API tells of a project."""

NOTHING = hashlib.sha256(b"").hexdigest()
"""The digest of an empty body, which its requests carry."""

REQUESTS = 200
WARM = 5
"""Requests before the clock starts: connections, plans, pages of the database."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who asks."""

    user_id: UUID
    party_id: UUID
    side: str
    main: bool = False


@dataclass(frozen=True, kw_only=True)
class Page:
    """One thing to ask for. ``before`` runs, untimed, before every request. ``action``: of the public API, behind the
    gateway that has looked at the signature."""

    name: str
    path: str
    by: Person
    query: dict[str, Any] = field(default_factory=dict)
    action: str = ""
    aim: float = LIST_AIM
    before: Callable[[], object] = lambda: None


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Milliseconds of a page. ``cpu``: what the service's process and the database spent on one request on average,
    which other work on the machine does not lengthen; None where the database is on another machine."""

    page: Page
    p50: float
    p95: float
    cpu: float | None

    @property
    def holds(self) -> bool:
        return self.p95 < self.page.aim

    def __str__(self) -> str:
        verdict = "holds" if self.holds else "MISSED"
        cpu = "" if self.cpu is None else f"{self.cpu:.1f}"
        return f"{self.page.name:<58} {self.p50:>8.1f} {self.p95:>8.1f} {self.page.aim:>6.0f}  {verdict:<7} {cpu:>7}"


HEADER = f"{'milliseconds':<58} {'p50':>8} {'p95':>8} {'aim':>6}  {'':<7} {'cpu':>7}"


@contextmanager
def loaded(database_url: str, broker: Broker, folder: Path, amounts: Amounts | None) -> Iterator[System]:
    """All processes over a database that is seeded first, unless ``amounts`` is None."""
    environment = {"DELIVERY_LOG_LEVEL": "WARNING"}
    with System(database_url=database_url, broker=broker, folder=folder, environment=environment) as system:
        system.migrate()
        if amounts is not None:
            started = time.monotonic()
            seed(Settings.read(system.environment), amounts, say=lambda line: print(f"  {line}", flush=True))
            print(f"  seeded and read by all services after {time.monotonic() - started:.0f} s", flush=True)
        system.start()
        yield system


def run(system: System, *, requests: int = REQUESTS, only: str = "") -> Iterator[Measured]:
    """Measure the pages whose name contains ``only``, one request after the other."""
    issuer = TokenIssuer(json.loads(Path(system.environment["DELIVERY_PRIVATE_KEY"]).read_text()))
    with psycopg.connect(
        system.environment["DATABASE_URL"], autocommit=True, row_factory=dict_row
    ) as connection, httpx.Client(timeout=60) as client:  # fmt: skip
        watch = Watch(system, connection)
        for page in Subjects(connection).pages():
            if only in page.name:
                yield _measure(system, client, issuer, watch, page, requests)


class Watch:
    """Processor time of a service's API process and of its connections to a database on the same machine."""

    def __init__(self, system: System, connection: psycopg.Connection[dict[str, Any]]) -> None:
        self.system = system
        self.connection = connection

    def spent(self, service: str) -> dict[int, float] | None:
        """Milliseconds so far, by process."""
        found = self.connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchall()
        processes = [*family(self.system.running[f"{service}-api"].pid), *(row["pid"] for row in found)]
        try:
            return {pid: spent(pid) for pid in processes}
        except FileNotFoundError:
            return None


def family(pid: int) -> Iterator[int]:
    """A process and all below it: gunicorn's workers are children."""
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from family(int(child))


def spent(pid: int) -> float:
    """Milliseconds of processor time of a process so far."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) * 1000 / os.sysconf("SC_CLK_TCK")


def _measure(
    system: System, client: httpx.Client, issuer: TokenIssuer, watch: Watch, page: Page, requests: int
) -> Measured:
    token, _ = issuer.issue(
        user_id=page.by.user_id,
        party_id=page.by.party_id,
        side=page.by.side,
        main=page.by.main,
        roles=frozenset(),
        department_id=None,
        name="",
        must_change_password=False,
        session_id=page.by.user_id,
        scopes=frozenset({"project:read"}) if page.action else None,
    )
    service = "project" if page.action else SEGMENTS[page.path.removeprefix(PREFIX).partition("/")[0]]
    address = system.base_url(service) + page.path + (f"?{urlencode(page.query)}" if page.query else "")
    headers = {"Authorization": f"Bearer {token}"}
    if page.action:
        headers |= {"x-acs-action": page.action, "x-acs-version": VERSION, "x-acs-content-sha256": NOTHING}
    took = []
    spent = None
    for number in range(WARM + requests):
        if number == WARM:
            spent = watch.spent(service)
        page.before()
        started = time.perf_counter()
        answer = client.request("POST" if page.action else "GET", address, headers=headers)
        took.append((time.perf_counter() - started) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{address} → {answer.status_code} {answer.text[:500]}")
    cuts = statistics.quantiles(took[WARM:], n=20)
    then = watch.spent(service)
    cpu = None
    if spent is not None and then is not None:  # connections come and go
        cpu = sum(then[pid] - spent.get(pid, 0.0) for pid in then) / requests
    return Measured(page=page, p50=cuts[9], p95=cuts[18], cpu=cpu)


class Subjects:
    """Whose pages are asked for: those with the most rows, looked up in the database."""

    def __init__(self, connection: psycopg.Connection[dict[str, Any]]) -> None:
        self.connection = connection
        self.large = self._admin(self._most("vendor_id"))
        self.small = self._admin(self._most("vendor_id", order="ASC"))
        self.provider = self._admin(self._most("provider_id"))
        self.handler = self._staff("SELECT person_id AS id FROM reporting.handled GROUP BY 1 ORDER BY count(*) DESC")
        self.pending = self._staff(
            "SELECT assignee_id AS id FROM reporting.project WHERE state = 'running' AND assignee_id IS NOT NULL"
            " GROUP BY 1 ORDER BY count(*) DESC"
        )
        self.reader = self._staff("SELECT person_id AS id FROM notify.message GROUP BY 1 ORDER BY count(*) DESC")
        self.queueing = self._admin(
            self._one(
                "SELECT provider_id AS id FROM dispatch.pool_inbox WHERE role <> '' GROUP BY 1 ORDER BY count(*) DESC"
            )
        )
        buyer = self._most("customer_id")
        self.buyer = Person(user_id=buyer, party_id=buyer, side="customer")
        operator = self._row("SELECT user_id, party_id FROM identity.user_account WHERE side = 'operator'")
        self.operator = Person(**operator, side="operator")

    def _row(self, sql: str, *values: Any) -> dict[str, Any]:
        row = self.connection.execute(f"{sql} LIMIT 1", values).fetchone()
        if row is None:
            raise LookupError(sql)
        return dict(row)

    def _one(self, sql: str, *values: Any) -> UUID:
        found: UUID = self._row(sql, *values)["id"]
        return found

    def _most(self, column: str, order: str = "DESC") -> UUID:
        return self._one(
            f"SELECT {column} AS id FROM reporting.project WHERE {column} IS NOT NULL"
            f" GROUP BY 1 ORDER BY count(*) {order}"
        )

    def _admin(self, party_id: UUID) -> Person:
        user_id = self._one("SELECT user_id AS id FROM identity.user_account WHERE party_id = %s AND main", party_id)
        return Person(user_id=user_id, party_id=party_id, side="isv", main=True)

    def _staff(self, sql: str) -> Person:
        user_id = self._one(sql)
        party_id = self._one("SELECT party_id AS id FROM identity.user_account WHERE user_id = %s", user_id)
        return Person(user_id=user_id, party_id=party_id, side="provider")

    def pages(self) -> Iterator[Page]:
        """Everything that is measured."""
        yield from self._project_lists()
        yield from self._other_lists()
        yield from self._dashboards()
        yield from self._details()

    def _project_lists(self) -> Iterator[Page]:
        path, large = "/api/v1/project-list", self.large
        for tab in ("running", "completed", "paused", "cancelled"):
            yield Page(name=f"project-list, large vendor, {tab}", path=path, by=large, query={"tab": tab})
        yield Page(name="project-list, small vendor, completed", path=path, by=self.small, query={"tab": "completed"})
        yield Page(name="project-list, operator, completed", path=path, by=self.operator, query={"tab": "completed"})
        provider = {"entrance": "provider", "tab": "completed"}
        yield Page(name="project-list, large provider, completed", path=path, by=self.provider, query=provider)
        done = {"tab": "completed"}
        row = self._row(
            "SELECT * FROM reporting.project WHERE vendor_id = %s AND state = 'completed'"
            " ORDER BY created_at OFFSET (SELECT count(*) / 2 FROM reporting.project"
            " WHERE vendor_id = %s AND state = 'completed')",
            large.party_id,
            large.party_id,
        )
        customer = self._row("SELECT name FROM reporting.party WHERE party_id = %s", row["customer_id"])["name"]
        since = datetime.fromisoformat(str(row["created_at"]))
        filters: dict[str, dict[str, Any]] = {
            "order number": {"order_number": row["order_number"][:9]},
            "customer's name": {"customer_name": customer},
            "product's name": {"product_name": row["product_name"]},
            "provider's name": {"provider_name": "服务商001"},
            "stage": {"stage": "完成项目"},
            "a month of creation": {
                "created_from": (since - timedelta(days=30)).isoformat(),
                "created_to": since.isoformat(),
            },
            "nothing found": {"customer_name": "没有这样的客户"},
        }
        for name, wanted in filters.items():
            yield Page(name=f"project-list, large vendor, by {name}", path=path, by=large, query={**done, **wanted})
            yield Page(name=f"project-list, operator, by {name}", path=path, by=self.operator, query={**done, **wanted})
        for side in ("server", "customer", "any"):
            query = {"tab": "running", "overdue": side}
            yield Page(name=f"project-list, large vendor, overdue {side}", path=path, by=large, query=query)
        query = {"tab": "running", "queue_reason": "staff_full"}
        yield Page(name="project-list, large vendor, by queue reason", path=path, by=large, query=query)
        operator_name = {"tab": "running", "operator_name": "设计师01"}
        yield Page(name="project-list, large vendor, by operator", path=path, by=large, query=operator_name)
        for sort in ("created_at", "order_number", "-product_name"):
            query = {**done, "sort": sort}
            yield Page(name=f"project-list, large vendor, sorted {sort}", path=path, by=large, query=query)
            yield Page(name=f"project-list, operator, sorted {sort}", path=path, by=self.operator, query=query)
        deep = cursor_of((NEWEST_FIRST, since, row["project_id"]))
        for size in (20, 200):
            cut = {**done, "cursor": deep, "limit": size}
            yield Page(name=f"project-list, large vendor, deep, {size} rows", path=path, by=large, query=cut)
        yield Page(name="project-counts, large vendor", path="/api/v1/project-counts", by=large)
        yield Page(name="project-counts, operator", path="/api/v1/project-counts", by=self.operator)

    def _other_lists(self) -> Iterator[Page]:
        mine = "/api/v1/my-projects"
        yield Page(name="my-projects, pending", path=mine, by=self.pending, query={"view": "pending"})
        yield Page(name="my-projects, handled", path=mine, by=self.handler, query={"view": "handled"})
        yield Page(name="product-list, large vendor", path="/api/v1/product-list", by=self.large)
        yield Page(name="product-list, operator", path="/api/v1/product-list", by=self.operator)
        yield Page(name="purchased-services, a reseller", path="/api/v1/purchased-services", by=self.buyer)
        yield Page(name="queue, vendor", path="/api/v1/queue", by=self.large, query={"entrance": "vendor"})
        yield Page(name="queue, provider", path="/api/v1/queue", by=self.queueing, query={"entrance": "provider"})
        query = {"entrance": "vendor", "order_number": "777"}
        yield Page(name="queue, vendor, by order number", path="/api/v1/queue", by=self.large, query=query)
        yield Page(name="users, large provider", path="/api/v1/users", by=self.large, query={"side": "provider"})
        query = {"side": "provider", "name": "设计师02"}
        yield Page(name="users, large provider, by name", path="/api/v1/users", by=self.large, query=query)
        yield Page(name="staff loads, large provider", path="/api/v1/staff-loads", by=self.large)
        yield Page(name="parties, customers", path="/api/v1/parties", by=self.operator, query={"kind": "customer"})
        yield Page(name="templates, vendor", path="/api/v1/templates", by=self.large)
        yield Page(name="templates, operator", path="/api/v1/templates", by=self.operator)
        yield Page(name="products of template-svc, vendor", path="/api/v1/products", by=self.large)
        yield Page(name="message templates", path="/api/v1/message-templates", by=self.operator)
        yield Page(name="in-site messages", path="/api/v1/messages", by=self.reader)
        yield Page(name="in-site messages, unread", path="/api/v1/messages/unread-count", by=self.reader)
        yield Page(name="outbox of messages, operator", path="/api/v1/outbox", by=self.operator)

    def _dashboards(self) -> Iterator[Page]:
        def forget() -> object:
            return self.connection.execute("DELETE FROM reporting.figure")

        def a_day_passes() -> object:
            """What is kept of today becomes what was kept yesterday: a day more is to be read. The numbers are wrong
            then, and forgotten at the end."""
            self.connection.execute(f"DELETE FROM reporting.figure WHERE {NO_DAILY_ROW}")
            return self.connection.execute(f"UPDATE reporting.figure SET day = day - 1 WHERE NOT ({NO_DAILY_ROW})")

        figures: dict[str, dict[str, Any]] = {
            "average-cycle": {},
            "new-projects": {"unit": "day"},
            "new-projects by month": {"unit": "month"},
            "project-states": {"window": 60},
            "saturation": {},
        }
        for name, query in figures.items():
            path = f"/api/v1/dashboards/{name.partition(' ')[0]}"
            for entrance, by in (("vendor", self.large), ("provider", self.provider)):
                if (name, entrance) == ("saturation", "provider"):
                    continue
                asked = {**query, "entrance": entrance}
                page = Page(name=f"{name}, {entrance}, first of the day", path=path, by=by, query=asked)
                yield replace(page, before=a_day_passes)
                yield replace(page, name=f"{name}, {entrance}, kept")
                yield replace(page, name=f"{name}, {entrance}, first of all", before=forget, aim=FIRST_AIM)

    def _details(self) -> Iterator[Page]:
        long = self._one("SELECT project_id AS id FROM reporting.project WHERE order_number = 'L0000001'")
        some = self._one(
            "SELECT project_id AS id FROM reporting.project WHERE vendor_id = %s AND state = 'running'"
            " AND assignee_id IS NOT NULL ORDER BY created_at DESC",
            self.large.party_id,
        )
        for name, project_id in (("500 rows of log", long), ("an ordinary one", some)):
            path = f"/api/v1/projects/{project_id}"
            yield Page(name=f"details of a project, {name}", path=path, by=self.large, aim=DETAILS_AIM)
            yield Page(name=f"its log, {name}", path=f"{path}/log", by=self.large, aim=DETAILS_AIM)
            query = {"limit": 200}
            yield Page(
                name=f"its log, 200 rows, {name}", path=f"{path}/log", by=self.large, query=query, aim=DETAILS_AIM
            )
            instance = {"InstanceId": str(project_id)}
            for action in READS:
                yield self._public(action, instance, name)
        number = self._row("SELECT order_number FROM reporting.project WHERE project_id = %s", some)["order_number"]
        yield self._public("DescribeOrderForIsv", {"OrderId": number}, "an ordinary one")

    def _public(self, action: str, query: dict[str, Any], name: str) -> Page:
        name = f"public API, {action}, {name}"
        return Page(name=name, path="/market", by=self.large, query=query, action=action, aim=DETAILS_AIM)
