"""People who do their part at once: customers and staff who operate every node as soon as a project enters it.

They act at the application boundary of project-svc, many in one save; for benchmarks and fault tests.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from delivery_shared.http import Caller
from delivery_shared.messaging.feed import DATABASE_DOWN
from eventsourcing.utils import get_topic
from project_svc.application import ProjectApplication
from project_svc.batches import Operation, Order
from project_svc.domain import Project
from project_svc.errors import ProjectError
from project_svc.flow import OPERATED

BATCH = 200


class Robots:
    """Watches the events of project-svc from now on and operates what is entered.

    :param requirement: what every customer submits.
    """

    def __init__(self, application: ProjectApplication, requirement: dict[str, Any]) -> None:
        self.application = application
        self.requirement = requirement
        self.position = application.recorder.max_notification_id() or 0
        self.completed: dict[UUID, float] = {}
        """Project → monotonic time at which its completion was seen."""
        self.refused: list[ProjectError] = []
        """Refusals; expected only where an operation was repeated because its outcome was unknown."""
        self.customers: dict[UUID, UUID] = {}
        self.providers: dict[UUID, UUID] = {}
        watched = (Project.Started, Project.ProviderSet, Project.NodeEntered, Project.Completed)  # type: ignore[attr-defined]
        self.topics = [get_topic(cls) for cls in watched]

    def order(self, orders: list[Order]) -> list[UUID]:
        """Place orders, in batches; returns the project ids of those accepted."""
        placed: list[UUID] = []
        for start in range(0, len(orders), BATCH):
            operations = [self.application.ordering(order=order) for order in orders[start : start + BATCH]]
            placed += [
                UUID(result[1]["project_id"])
                for result in surviving(lambda: self.application.operate_many(operations)).results  # noqa: B023
                if isinstance(result, tuple)
            ]
        return placed

    def work(self) -> int:
        """Operate everything entered since the last call; returns how many events there were."""
        notifications = surviving(
            lambda: self.application.recorder.select_notifications(
                self.position, 2000, topics=self.topics, inclusive_of_start=False
            )
        )
        operations: list[Operation] = []
        for notification in notifications:
            event: Any = self.application.mapper.to_domain_event(notification)
            if isinstance(event, Project.NodeEntered):  # type: ignore[attr-defined]
                operations += self._operations(event)
            elif isinstance(event, Project.Completed):  # type: ignore[attr-defined]
                self.completed[event.originator_id] = time.monotonic()
            elif isinstance(event, Project.ProviderSet):  # type: ignore[attr-defined]
                self.providers[event.originator_id] = event.provider_id
            else:
                self.customers[event.originator_id] = event.customer_id
        for start in range(0, len(operations), BATCH):
            batch = operations[start : start + BATCH]
            results = surviving(lambda: self.application.operate_many(batch)).results  # noqa: B023
            self.refused += [result for result in results if isinstance(result, ProjectError)]
        if notifications:
            self.position = notifications[-1].id
        return len(notifications)

    def run(self, until: Callable[[], bool], *, timeout: float) -> None:
        """Work until ``until()``. :raises TimeoutError: not in time."""
        deadline = time.monotonic() + timeout
        while not until():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(self.completed)} projects completed, refused: {self.refused[:3]!r}")
            if not self.work():
                time.sleep(0.005)

    def _operations(self, entered: Any) -> list[Operation]:
        if entered.type not in OPERATED:
            return []
        project_id, visit = entered.originator_id, entered.visit
        if entered.assignee_id is not None:
            by = person(entered.assignee_id, party_id=self.providers[project_id], kind="staff")
        else:
            customer_id = self.customers[project_id]
            by = person(customer_id, party_id=customer_id, kind="customer")
        operations = []
        if entered.type == "submit_requirement":
            operations.append(
                self.application.submitting(by=by, project_id=project_id, visit=visit, data=self.requirement)
            )
        return [*operations, self.application.confirming(by=by, project_id=project_id, visit=visit)]


def person(user_id: UUID, *, party_id: UUID, kind: str) -> Caller:
    """A caller as a token would describe it."""
    return Caller(
        user_id=user_id, party_id=party_id, kinds=frozenset({kind}), roles=frozenset(), department_id=None, name=""
    )


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
        )
        for _ in range(count)
    ]
