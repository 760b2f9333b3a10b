"""The life of a project in memory: project-svc's aggregate on one side, dispatch-svc's on the other, and everything
both would have told each other over the broker told at once."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID, uuid4

from delivery_shared.eventstore import UnitOfWork
from delivery_shared.tracing import Trace
from delivery_shared.working_time import Calendar
from dispatch_svc.choosing import Choosing, Decided, choosing_of
from dispatch_svc.domain import asking, asks, drawing, following, staffing
from dispatch_svc.domain.asks import Ask, Freed, OrderShown
from dispatch_svc.domain.assignment import Assignment
from dispatch_svc.domain.configuration import ProviderConfiguration
from dispatch_svc.domain.keys import PoolKey, StaffClass
from dispatch_svc.domain.pool import ProviderPool
from dispatch_svc.inbox import KINDS, Inbox
from dispatch_svc.inbox_sql import InboxRow
from dispatch_svc.store import DispatchStore
from eventsourcing.domain import Aggregate
from project_svc.domain import answers, operating, supervising, timeouts, walking
from project_svc.domain.facts import ProviderRequested, StaffRequested, Started
from project_svc.domain.flow import Flow
from project_svc.domain.people import acting
from project_svc.domain.project import Project
from project_svc.timers import soon_at

from delivery_center.seeding.company import Listed

End = Literal["running", "paused", "completed", "cancelled", "waiting"]

LATE: Final = timedelta(seconds=1)
"""How late the timers of the past fired."""

REQUIREMENT: Final = {
    "company_name": "客户",
    "contact": "甲乙丙",
    "mobile": "18888888888",
    "site_kind": "企业官网",
    "columns": ["首页", "产品"],
    "style": "简约",
    "launch_date": "2027-03-01",
}


@dataclass(frozen=True, kw_only=True)
class Somebody:
    """Who operates a node."""

    user_id: UUID
    party_id: UUID


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A life to be led: from ``started_at`` until ``until``, how it ends, and how many operations of people happen on
    the way. ``rejects``: how often its requirement is sent back."""

    number: str
    product: Listed
    customer_id: UUID
    started_at: datetime
    until: datetime
    end: End
    operations: int = 0
    rejects: int = 0
    edition: str = "标准版"
    sales_channel: str = "云市场"
    valid_until: str | None = None


@dataclass
class Batch:
    """What some lives have brought forth and is not stored yet."""

    projects: list[Project] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    decisions: list[Decided] = field(default_factory=list)
    waiting: list[dict[str, Any]] = field(default_factory=list)
    """Rows of the queue, as ``pool_inbox`` has them."""
    files: list[dict[str, Any]] = field(default_factory=list)
    """Rows of files; their bytes are stored."""
    traces: dict[UUID, Trace] = field(default_factory=dict)


class Lives:
    """Leads lives one after the other, so that loads and arrivals come out as if each order had found the state the
    one before had left. The pools stay in memory throughout."""

    def __init__(
        self,
        *,
        dispatch: DispatchStore,
        flows: Callable[[UUID], Flow],
        pools: dict[UUID, ProviderConfiguration | ProviderPool],
        calendar: Calendar,
        draw: random.Random,
        tells: bool = False,
    ) -> None:
        """``tells``: whoever operates a node is told that its time draws near."""
        self.dispatch = dispatch
        self.flows = flows
        self.pools = pools
        self.calendar = calendar
        self.draw = draw
        self.tells = tells
        self.arrival = 0
        self.begin()

    def begin(self) -> None:
        """Start the next batch; the last one has been stored."""
        self.batch = Batch()
        self._unit = UnitOfWork(self.dispatch)
        self._choosings: dict[UUID, Choosing] = {}

    def pool(self, key: PoolKey) -> ProviderConfiguration | ProviderPool:
        """The aggregate of a pool."""
        return self.pools[key.stream]

    def lead(self, plan: Plan) -> Project:
        """A whole life, up to its end."""
        project, assignment, flow = self.start(plan)
        times = self._times(plan)
        at = plan.started_at
        served = self.serve(project, assignment, flow, at)
        for at in times:
            if not served:
                break
            rejecting = plan.rejects > 0 and project.node == "agree" and project.visit < 4 + 2 * plan.rejects
            self._operate(project, flow, at, reject=rejecting)
            served = self.serve(project, assignment, flow, at)
        self._end(plan, project, assignment, flow)
        return project

    def start(self, plan: Plan) -> tuple[Project, Assignment, Flow]:
        """The order is a project, which waits for a provider."""
        product, at = plan.product, plan.started_at
        flow = self.flows(product.template_id)
        order = Started(
            run=1,
            order_number=plan.number,
            business_number=f"B{plan.number}",
            vendor_id=product.vendor_id,
            customer_id=plan.customer_id,
            product_id=product.product_id,
            product_name=product.name,
            edition=plan.edition,
            sales_channel=plan.sales_channel,
            template_id=product.template_id,
            template_version=1,
            valid_until=plan.valid_until,
        )
        project = walking.begin(flow, order, at=at)
        assignment = asking.begin(project_id=project.id, run=1, at=at)
        self._unit.add(assignment)
        self.batch.projects.append(project)
        self.batch.assignments.append(assignment)
        request = str(uuid4())
        self.batch.traces[project.id] = Trace(request, request)
        return project, assignment, flow

    def _times(self, plan: Plan) -> list[datetime]:
        span = (plan.until - plan.started_at).total_seconds()
        return [plan.started_at + timedelta(seconds=s) for s in sorted(self.draw.random() * span for _ in range(
            plan.operations
        ))]  # fmt: skip

    # What dispatch does

    def serve(self, project: Project, assignment: Assignment, flow: Flow, at: datetime) -> bool:
        """Answer the asks of the project while there are any; False when it has to wait."""
        while isinstance(asked := project.facts[-1], ProviderRequested | StaffRequested):
            row = self._row(asked, at=at)
            order = OrderShown(
                vendor_id=project.vendor_id,
                customer_id=project.customer_id,
                product_id=project.product_id,
                order_number=project.order_number,
            )
            asking.ask(assignment, _ask(asked), order, at=at)
            choosing = self._choosing(row.pool)
            if row.kind != "ask":
                choosing.apply(row, at)
            elif (reason := None if choosing.held(row) else choosing.blocked(row.cls)) is not None:
                choosing.queue(reason, row, at)
                self._wait(project, row, reason, at)
                return False
            else:
                choosing.place(row, at)
            decided = choosing.decisions[-1]
            self.batch.decisions += choosing.decisions
            choosing.decisions.clear()
            if decided["reason"] is not None:
                answers.request_refused(project, request_id=asked.request_id, reason=decided["reason"], at=at)
            elif isinstance(asked, StaffRequested):
                self._staffed(project, assignment, flow, asked, at)
            else:
                self._provided(project, assignment, flow, asked, at)
        return True

    def _staffed(
        self, project: Project, assignment: Assignment, flow: Flow, asked: StaffRequested, at: datetime
    ) -> None:
        person, department_id = UUID(assignment.roles[asked.role].person_id), None
        if asked.kind == "claim":
            staff = self.pool(PoolKey.of_provider(asked.provider_id))
            assert isinstance(staff, ProviderPool)
            department = staff.member(person)["department"]
            department_id = UUID(department) if department else None
        answers.staff_assigned(
            project,
            flow,
            request_id=asked.request_id,
            role=asked.role,
            person_id=person,
            department_id=department_id,
            at=at,
        )

    def _provided(
        self, project: Project, assignment: Assignment, flow: Flow, asked: ProviderRequested, at: datetime
    ) -> None:
        """The assign-provider node goes on; or, with the provider that was wanted, the next run begins."""
        provider_id = asked.wanted or UUID(assignment.provider_id or "")
        answers.provider_assigned(project, flow, request_id=asked.request_id, provider_id=provider_id, at=at)
        if asked.wanted is not None:
            news = following.restart(assignment, run=project.run, provider_id=provider_id, at=at)
            assert news is not None
            self._release(project, news[1], at)

    def forget_who_can(self) -> None:
        """People were changed: who can take what is looked up again."""
        self._choosings.clear()

    def _choosing(self, key: PoolKey) -> Choosing:
        pool = self.pool(key)
        found = self._choosings.get(pool.id)
        if found is None:
            found = choosing_of(pool, self._unit, Inbox.of(self._unit), lambda: self.draw.getrandbits(63))
            self._choosings[pool.id] = found
        return found

    def _row(self, asked: ProviderRequested | StaffRequested, *, at: datetime) -> InboxRow:
        self.arrival += 1
        staff = asked if isinstance(asked, StaffRequested) else None
        return InboxRow(
            arrival=self.arrival,
            pool=PoolKey.of_provider(staff.provider_id) if staff else PoolKey.of_product(asked.product_id),
            kind=KINDS[staff.kind if staff else "wanted" if asked.wanted else "assign"],
            cls=StaffClass.of(staff.role) if staff else StaffClass(""),
            ask=str(asked.request_id),
            request_id=asked.request_id,
            project_id=asked.originator_id,
            run=asked.run,
            vendor_id=asked.vendor_id,
            provider_id=staff.provider_id if staff else asked.wanted,
            role=staff.role if staff else None,
            person_id=staff.wanted if staff else None,
            queued_at=at,
            reason="",
            attempts=0,
            holders=None,
            trace=self.batch.traces[asked.originator_id],
        )

    def _wait(self, project: Project, row: InboxRow, reason: str, at: datetime) -> None:
        self.batch.waiting.append(
            {
                **{name: getattr(row, name) for name in ("arrival", "pool", "kind", "ask", "request_id", "project_id")},
                "class": row.cls,
                "run": row.run,
                "vendor_id": project.vendor_id,
                "customer_id": project.customer_id,
                "product_id": project.product_id,
                "order_number": project.order_number,
                "provider_id": row.provider_id,
                "role": row.role,
                "queued_at": at,
                "reason": reason,
                "correlation_id": row.trace.correlation_id,
                "causation_id": row.trace.causation_id,
            }
        )

    # What people and time do

    def _operate(self, project: Project, flow: Flow, at: datetime, *, reject: bool) -> None:
        self.tick(project, flow, at)
        node, visit = flow.node(project.node), project.visit
        person = Somebody(user_id=project.customer_id, party_id=project.customer_id)
        if not node.by_customer:
            assert project.provider_id is not None
            person = Somebody(user_id=project.roles[node.role or ""], party_id=project.provider_id)
        if reject:
            operating.reject(project, flow, visit=visit, person=person, reason="请补充栏目", at=at)
            return
        if node.fills_form:
            operating.submit_requirement(project, flow, visit=visit, person=person, data=REQUIREMENT, at=at)
        operating.confirm(project, flow, visit=visit, person=person, at=at)

    def tick(self, project: Project, flow: Flow, at: datetime) -> None:
        """Let the timer of the open node fire if it was due before ``at``."""
        clock = project.running_clock
        if clock is None or clock.overdue is not None:
            return
        due = self.calendar.due(clock.since, clock.timeout)
        if self.tells:
            soon = soon_at(self.calendar, clock.since, clock.timeout)
            if soon <= at:
                timeouts.due_soon(project, flow, visit=clock.visit, due_at=due, at=min(soon + LATE, at))
        if due <= at:
            timeouts.time_out(project, flow, visit=clock.visit, due_at=due, at=min(due + LATE, at))

    def _end(self, plan: Plan, project: Project, assignment: Assignment, flow: Flow) -> None:
        at = plan.until
        if not project.ended:
            self.tick(project, flow, at)
        if plan.end == "paused" and project.provider_id is not None:
            admin = Somebody(user_id=project.provider_id, party_id=project.provider_id)
            supervising.pause(project, remark="客户要求暂停", by=acting(admin, "provider"), at=at)
            following.suspend(assignment, run=1, at=at)
        elif plan.end == "cancelled":
            supervising.cancel(project, remark="订单已退订", by={"kind": "marketplace"}, at=at)
        if project.ended:
            self.ended(project, assignment, at)

    def ended(self, project: Project, assignment: Assignment, at: datetime) -> None:
        """The project is over: everybody is free again."""
        freed = following.end(assignment, how=project.state, at=at)
        assert freed is not None
        self._release(project, freed, at)

    def _release(self, project: Project, freed: Freed, at: datetime) -> None:
        for product_id, provider_id in freed.providers:
            configuration = self.pool(PoolKey.of_product(product_id))
            assert isinstance(configuration, ProviderConfiguration)
            drawing.release(configuration, provider_id=provider_id, project_id=project.id, at=at)
        for provider_id, person_id in freed.persons:
            staff = self.pool(PoolKey.of_provider(provider_id))
            assert isinstance(staff, ProviderPool)
            staffing.release(staff, person_id=person_id, project_id=project.id, at=at)


def _ask(asked: ProviderRequested | StaffRequested) -> Ask:
    """What dispatch makes of the message."""
    if isinstance(asked, StaffRequested):
        return asks.for_person(
            request_id=asked.request_id,
            run=asked.run,
            kind=asked.kind,
            provider_id=asked.provider_id,
            role=asked.role,
            wanted=asked.wanted,
        )
    return asks.for_provider(
        request_id=asked.request_id,
        run=asked.run,
        product_id=asked.product_id,
        implicit_roles=asked.implicit_roles,
        wanted=asked.wanted,
    )


def stamped(aggregate: Aggregate, trace: Trace) -> list[Any]:
    """The pending events of ``aggregate``, taken out and marked as caused by ``trace`` unless they are already."""
    events = aggregate.collect_events()
    marks = trace.as_dict()
    for event in events:
        vars(event).setdefault("trace", marks)
    return list(events)
