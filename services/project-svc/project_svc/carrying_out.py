"""Commands as values, and how they are carried out: one as a command of its own, or many in one save."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from delivery_shared.clock import Clock
from delivery_shared.commands import Command, Outcome, execute
from delivery_shared.eventstore import UnitOfWork
from delivery_shared.texts import key
from delivery_shared.together import Together

from project_svc import conversing, read_model, trying
from project_svc.domain.errors import (
    FormUnknown,
    MentionRefused,
    ProjectError,
    ProjectUnknown,
    TestOrderRefused,
    TooManyTestOrders,
)
from project_svc.domain.flow import Flow
from project_svc.domain.order import Order
from project_svc.domain.people import Person
from project_svc.domain.project import Project
from project_svc.flows import Flows
from project_svc.forms import FormChecker
from project_svc.read_model import Connect, Product
from project_svc.store import ProjectStore

Answer = tuple[int, dict[str, Any]]
"""HTTP status and JSON body."""


class Copies:
    """Copies of other services' data, read once for all operations of a unit of work."""

    def __init__(self, connect: Connect, orders: Sequence[Order]) -> None:
        self._connect = connect
        self._forms: dict[str, FormChecker] = {}
        self._products: dict[UUID, Product] = {}
        self._taken: dict[tuple[UUID, str], UUID] = {}
        self._customers: dict[tuple[str, str], UUID] = {}
        if orders:
            with connect() as connection:
                self._products = read_model.products(connection, {order.product_id for order in orders})
                self._taken = read_model.orders_taken(connection, [order.business_number for order in orders])
                numbers = {(o.customer_number, o.customer_marketplace) for o in orders if o.customer_number}
                self._customers = read_model.customers(connection, numbers) if numbers else {}

    def product(self, product_id: UUID) -> Product | None:
        """A product that is ordered in this unit of work."""
        return self._products.get(product_id)

    def taken(self, vendor_id: UUID, business_number: str) -> UUID | None:
        """The project of an order of this unit of work that is one already, in whatever writing of its number."""
        return self._taken.get((vendor_id, key(business_number)))

    def customer(self, order: Order) -> UUID:
        """Who bought: the marketplace's party of the number, in whatever writing; or whom ``order`` names, if there is
        none yet."""
        return self._customers.get((order.customer_number or "", order.customer_marketplace), order.customer_id)

    def forgotten(self, customer_id: UUID) -> bool:
        """Whether the party was a person who is forgotten."""
        with self._connect() as connection:
            return read_model.party_forgotten(connection, customer_id)

    def check_may_try(self, person: Person, product: Product) -> None:
        """:raises TestOrderRefused: neither an own product nor one of a vendor the person's company serves.
        :raises TooManyTestOrders: the account has as many open as it may (S-07)."""
        with self._connect() as connection:
            own = person.party_id == product.vendor_id
            if not own and not trying.serves(connection, person.party_id, product.vendor_id):
                raise TestOrderRefused
            if trying.open_of(connection, person.user_id) >= trying.MOST:
                raise TooManyTestOrders(trying.MOST)

    def check_mentions(self, project: Project, mentions: Sequence[UUID], *, internal: bool, as_customer: bool) -> None:
        """:raises MentionRefused: one of them is nobody that ``project`` can be talked of with."""
        if mentions:
            with self._connect() as connection:
                found = conversing.people(connection, project, internal=internal, as_customer=as_customer)
            if not {person["user_id"] for person in found}.issuperset(mentions):
                raise MentionRefused

    def form(self, name: str) -> FormChecker:
        """The checker of a demand form. :raises FormUnknown: it has not arrived."""
        if name not in self._forms:
            with self._connect() as connection:
                form = read_model.demand_form(connection, name)
            if form is None:
                raise FormUnknown
            self._forms[name] = FormChecker(form["schema"])
        return self._forms[name]


@dataclass(frozen=True, kw_only=True)
class Work:
    """What an operation decides with; ``quota``: bytes all files of a project take together."""

    unit: UnitOfWork
    copies: Copies
    flows: Flows
    clock: Clock
    quota: int
    store: ProjectStore

    def flow_of(self, project: Project) -> Flow:
        return self.flows.of(project)

    def now(self) -> datetime:
        return self.clock.now()


@dataclass(frozen=True, kw_only=True)
class Operation:
    """A command on a project; answers with where it stands then, unless ``decide`` says otherwise."""

    project_id: UUID
    decide: Callable[[Work, Project], Answer | None]

    def orders(self) -> list[Order]:
        """The orders it takes."""
        return []

    def streams(self, copies: Copies) -> list[UUID]:
        """The projects it will touch, to load them at once."""
        return [self.project_id]

    def answer(self, work: Work) -> Answer:
        """:raises ProjectUnknown: there is none; and whatever the decision refuses."""
        project = work.unit.get(Project, self.project_id)
        if project is None:
            raise ProjectUnknown
        return self.decide(work, project) or (200, standing(project))


@dataclass(frozen=True, kw_only=True)
class Intake:
    """The command that begins a project."""

    order: Order
    decide: Callable[[Work, Order], Answer]

    def orders(self) -> list[Order]:
        return [self.order]

    def streams(self, copies: Copies) -> list[UUID]:
        if self.order.project_id is not None:
            return [self.order.project_id]
        product = copies.product(self.order.product_id)
        return [Project.create_id(product.vendor_id, self.order.business_number)] if product else []

    def answer(self, work: Work) -> Answer:
        return self.decide(work, self.order)


AnyOperation = Operation | Intake


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What a batch did: per operation its answer or its refusal; ``position`` as in :class:`Outcome`, None also
    when the batch was carried out one by one."""

    results: list[Answer | ProjectError]
    position: str | None


class _Contended(Exception):
    """The batch met a conflict; its operations go one by one."""


@dataclass(kw_only=True)
class Carrier:
    """Carries operations out on a store."""

    store: ProjectStore
    flows: Flows
    clock: Clock
    quota: int

    def __post_init__(self) -> None:
        self._together = Together(self.store)

    def carry_out(self, command: Command, operation: AnyOperation) -> Outcome:
        """One operation as a command of its own, in one save with those that arrive at the same time (ADR 0022)."""

        def decide(unit: UnitOfWork) -> Answer:
            return self.decide(unit, operation)

        known = [operation.project_id] if isinstance(operation, Operation) else []
        return self._together.execute(command, decide, streams=known)

    def decide(self, unit: UnitOfWork, operation: AnyOperation) -> Answer:
        """One operation within a unit of work that somebody else saves."""
        return operation.answer(self._work(unit, [operation]))

    def work(self, unit: UnitOfWork) -> Work:
        """What is decided with within a unit of work that somebody else saves."""
        return self._work(unit, [])

    def operate_many(self, operations: Sequence[AnyOperation]) -> Batch:
        """Many operations in one unit of work and one save; a refused one does not hold up the others. After a
        conflict they are carried out one by one."""
        results: list[Answer | ProjectError] = []

        def decide(unit: UnitOfWork) -> Answer:
            if results:
                raise _Contended
            work = self._work(unit, operations)
            unit.preload(stream for operation in operations for stream in operation.streams(work.copies))
            for operation in operations:
                try:
                    results.append(operation.answer(work))
                except ProjectError as refusal:
                    results.append(refusal)
            return 200, {}

        try:
            outcome = execute(self.store, Command(route="batch"), decide)
        except _Contended:
            return Batch(results=[self._alone(operation) for operation in operations], position=None)
        return Batch(results=results, position=outcome.position)

    def _alone(self, operation: AnyOperation) -> Answer | ProjectError:
        try:
            outcome = self.carry_out(Command(route="batch"), operation)
        except ProjectError as refusal:
            return refusal
        return outcome.status, outcome.body

    def _work(self, unit: UnitOfWork, operations: Iterable[AnyOperation]) -> Work:
        orders = [order for operation in operations for order in operation.orders()]
        copies = Copies(self.store.connection, orders)
        return Work(unit=unit, copies=copies, flows=self.flows, clock=self.clock, quota=self.quota, store=self.store)


def standing(project: Project) -> dict[str, Any]:
    """Where a project stands, as every command answers it; ``visit`` names the open node for the next operation."""
    return {
        "project_id": str(project.id),
        "state": project.state,
        "run": project.run,
        "visit": project.visit,
        "node": project.node,
    }
