"""People who do their part at once: customers and staff who operate every node as soon as a project enters it.

They watch the events of project-svc and act either at its application boundary, many operations in one save, or over
HTTP, one request each; for benchmarks and fault tests.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID, uuid4

import httpx
from delivery_shared.http import Caller
from delivery_shared.http.tokens import TokenIssuer
from delivery_shared.messaging.consumer import DATABASE_DOWN
from eventsourcing.utils import get_topic
from project_svc import commands
from project_svc.application import ProjectApplication
from project_svc.carrying_out import AnyOperation
from project_svc.domain.errors import ProjectError
from project_svc.domain.facts import Completed, NodeEntered, ProviderSet, Started
from project_svc.domain.kinds import KINDS
from project_svc.domain.order import Order

from delivery_center.running.processes import System

BATCH = 200
NEVER = datetime.min.replace(tzinfo=UTC)
ENOUGH = timedelta(minutes=1)
"""How long a token must still be good for to be shown again."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """A visit that waits for a person. ``submit``: the demand form is to be filled in first."""

    project_id: UUID
    visit: int
    user_id: UUID
    party_id: UUID
    customer: bool
    submit: bool


class Hands(Protocol):
    """How orders and operations reach the system."""

    def order(self, orders: list[Order]) -> list[UUID]:
        """Place orders; returns the project ids of those accepted."""

    def operate(self, tasks: list[Task]) -> None:
        """Carry out what waits."""


class Robots:
    """Sees what is entered from now on and has it operated."""

    def __init__(self, application: ProjectApplication, hands: Hands) -> None:
        self.application = application
        self.hands = hands
        self.position = application.store.recorder.max_notification_id() or 0
        self.completed: dict[UUID, float] = {}
        """Project → monotonic time at which its completion was seen."""
        self.customers: dict[UUID, UUID] = {}
        self.providers: dict[UUID, UUID] = {}
        self.topics = [get_topic(cls) for cls in (Started, ProviderSet, NodeEntered, Completed)]

    def order(self, orders: list[Order]) -> list[UUID]:
        return self.hands.order(orders)

    def work(self) -> int:
        """Operate everything entered since the last call; returns how many events there were."""
        notifications = surviving(
            lambda: self.application.store.recorder.select_notifications(
                self.position, 2000, topics=self.topics, inclusive_of_start=False
            )
        )
        tasks: list[Task] = []
        for notification in notifications:
            match self.application.store.mapper.to_domain_event(notification):
                case Started() as started:
                    self.customers[started.originator_id] = started.customer_id
                case ProviderSet() as provider:
                    self.providers[provider.originator_id] = provider.provider_id
                case Completed() as completed:
                    self.completed[completed.originator_id] = time.monotonic()
                case NodeEntered() as entered if KINDS[entered.type].operated:
                    tasks.append(self._task(entered))
        if tasks:
            self.hands.operate(tasks)
        if notifications:
            self.position = notifications[-1].id
        return len(notifications)

    def run(self, until: Callable[[], bool], *, timeout: float) -> None:
        """Work until ``until()``. :raises TimeoutError: not in time."""
        deadline = time.monotonic() + timeout
        while not until():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(self.completed)} projects completed")
            if not self.work():
                time.sleep(0.002)

    def _task(self, entered: NodeEntered) -> Task:
        project_id = entered.originator_id
        customer_id = self.customers[project_id]
        staff_id = entered.assignee_id
        return Task(
            project_id=project_id,
            visit=entered.visit,
            user_id=staff_id or customer_id,
            party_id=self.providers[project_id] if staff_id else customer_id,
            customer=staff_id is None,
            submit=KINDS[entered.type].fills_form,
        )


class ApplicationHands:
    """Acts at the application boundary of project-svc, many operations in one save."""

    def __init__(self, application: ProjectApplication, requirement: dict[str, Any]) -> None:
        self.application = application
        self.requirement = requirement

    def order(self, orders: list[Order]) -> list[UUID]:
        operations = [commands.take_order(order=order) for order in orders]
        return [UUID(result[1]["project_id"]) for result in self._carry_out(operations) if isinstance(result, tuple)]

    def operate(self, tasks: list[Task]) -> None:
        operations: list[AnyOperation] = []
        for task in tasks:
            by = Caller(
                user_id=task.user_id,
                party_id=task.party_id,
                kinds=frozenset({"customer" if task.customer else "staff"}),
                roles=frozenset(),
                department_id=None,
                name="",
            )
            where: dict[str, Any] = {"by": by, "project_id": task.project_id, "visit": task.visit}
            if task.submit:
                operations.append(commands.submit_requirement(**where, data=self.requirement))
            operations.append(commands.confirm(**where))
        self._carry_out(operations)

    def _carry_out(self, operations: Sequence[AnyOperation]) -> list[Any]:
        results: list[tuple[int, dict[str, Any]] | ProjectError] = []
        for start in range(0, len(operations), BATCH):
            batch = operations[start : start + BATCH]
            results += surviving(lambda: self.application.operate_many(batch)).results  # noqa: B023
        return results


class HttpHands:
    """Acts over HTTP, one request per order and operation, with tokens signed by the installation's own key."""

    def __init__(self, system: System, requirement: dict[str, Any], *, threads: int) -> None:
        self.system = system
        self.requirement = requirement
        self.issuer = TokenIssuer(json.loads(Path(system.environment["DELIVERY_PRIVATE_KEY"]).read_text()))
        self.pool = ThreadPoolExecutor(threads)
        self.http = httpx.Client(
            timeout=30, limits=httpx.Limits(max_keepalive_connections=threads, keepalive_expiry=0.5)
        )
        self.marketplace = uuid4()
        self._tokens: dict[UUID, tuple[str, datetime]] = {}
        self.took: list[float] = []
        """Seconds of each request."""

    def order(self, orders: list[Order]) -> list[UUID]:
        return list(self.pool.map(self._order, orders))

    def operate(self, tasks: list[Task]) -> None:
        list(self.pool.map(self._operate, tasks))

    def close(self) -> None:
        self.pool.shutdown()
        self.http.close()

    def _order(self, order: Order) -> UUID:
        body = {
            "order_number": order.order_number,
            "business_number": order.business_number,
            "product_id": str(order.product_id),
            "customer": {"number": order.order_number, "name": "客户"},
        }
        headers = {"Idempotency-Key": order.business_number}
        answer = self.send(
            "POST", "/api/v1/orders", body, self.token(self.marketplace, self.marketplace, "marketplace"), headers
        )
        return UUID(answer["project_id"])

    def _operate(self, task: Task) -> None:
        token = self.token(task.user_id, task.party_id, "customer" if task.customer else "provider")
        path = f"/api/v1/projects/{task.project_id}/visits/{task.visit}"
        if task.submit:
            self.send("PUT", f"{path}/requirement", self.requirement, token)
        self.send("POST", f"{path}/confirmation", {}, token)

    def send(self, method: str, path: str, body: Any, token: str, headers: dict[str, str] | None = None) -> Any:
        """One request; returns the answer's body. :raises RuntimeError: refused."""
        sent = {"Authorization": f"Bearer {token}", **(headers or {})}
        began = time.perf_counter()
        response = self.http.request(method, self.system.address(path), json=body, headers=sent)
        self.took.append(time.perf_counter() - began)
        if not response.is_success:
            raise RuntimeError(f"{method} {path} → {response.status_code} {response.text}")
        return response.json()

    def token(self, user_id: UUID, party_id: UUID, side: str) -> str:
        """A token for whoever acts; who acts again shows the same one, as a console does."""
        known, until = self._tokens.get(user_id, ("", NEVER))
        if until > datetime.now(UTC) + ENOUGH:
            return known
        self._tokens[user_id] = self.issuer.issue(
            user_id=user_id,
            party_id=party_id,
            side=side,
            main=False,
            roles=frozenset(),
            department_id=None,
            name="",
            must_change_password=False,
            session_id=user_id,
        )
        return self._tokens[user_id][0]


@contextmanager
def http_hands(system: System, requirement: dict[str, Any], *, threads: int) -> Iterator[HttpHands]:
    """Hands over HTTP, closed at the end."""
    hands = HttpHands(system, requirement, threads=threads)
    try:
        yield hands
    finally:
        hands.close()


def surviving(action: Callable[[], Any], *, seconds: float = 60) -> Any:
    """Repeat ``action`` while the database is away."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return action()
        except DATABASE_DOWN:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def orders(product_id: UUID, count: int) -> list[Order]:
    """Fresh orders of as many customers."""
    return [
        Order(
            order_number=uuid4().hex[:16],
            business_number=uuid4().hex[:16],
            product_id=product_id,
            customer_id=uuid4(),
            customer_number=uuid4().hex[:12],
            customer_name="随机客户",
        )
        for _ in range(count)
    ]
