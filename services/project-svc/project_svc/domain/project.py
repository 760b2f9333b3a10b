"""The aggregate ``Project`` (项目): one event stream from the order to completion or cancellation.

Here stand its state, what each fact changes in it, and what may be asked of it. Decisions are functions over it, in
the modules beside this one: their guards all come before the first fact, so that a refusal changes nothing. What may
follow what is told by the :class:`~project_svc.domain.flow.Flow` handed in; the project keeps no copy of it.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal, assert_never
from uuid import NAMESPACE_URL, UUID, uuid5

from delivery_shared.facts import Aggregate, stored_as

from project_svc.domain import facts
from project_svc.domain.clock import NodeClock
from project_svc.domain.errors import (
    NodePassed,
    NotParticipant,
    ProjectEnded,
    ProjectFrozen,
    ProjectPaused,
    TermExpired,
    VisitUnknown,
)
from project_svc.domain.facts import HoldReason, ProjectFact, ProviderAsk, StaffAsk
from project_svc.domain.flow import Flow, FlowNode
from project_svc.domain.kinds import Waits
from project_svc.domain.order import is_test
from project_svc.domain.people import Actor, Person, acting, staff

State = Literal["running", "paused", "completed", "cancelled"]

RUNNING: Final = "running"
PAUSED: Final = "paused"
COMPLETED: Final = "completed"
CANCELLED: Final = "cancelled"

FROZEN: Final = "frozen"
EXPIRED: Final = "expired"


@dataclass(slots=True, kw_only=True)
class Ask:
    """A question to dispatch without an answer yet: of an automatic node (``provider``, ``assign``), or of people."""

    kind: ProviderAsk | StaffAsk
    role: str | None = None
    by: Actor | None = None
    remark: str | None = None

    @property
    def of_people(self) -> bool:
        """Whether somebody waits for the outcome: a claim or a change."""
        return self.kind not in ("provider", "assign")


@dataclass(slots=True, kw_only=True)
class File:
    """What the project knows of a file: the run and node it was added at, and whether the customer may see it
    (R-124)."""

    run: int
    node: str
    by_customer: bool
    released: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """At which visit a file was added, by whom, and its bytes: for taking it away again."""

    visit: int
    user_id: UUID
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminded:
    """催办: which visit's operator was reminded last, for the how manieth time, and when."""

    visit: int
    number: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """评价, as the buyer gave it."""

    stars: int
    text: str | None
    at: datetime


@stored_as("project", ProjectFact)
class Project(Aggregate[ProjectFact]):
    """项目: the delivery of one order. Its ``run`` counts the passes through the flow (a change of provider starts
    the next), its ``visit`` the entries of nodes over all runs; node operations name the visit they mean."""

    order_number: str
    business_number: str
    vendor_id: UUID
    customer_id: UUID
    product_id: UUID
    product_name: str
    edition: str | None
    sales_channel: str | None
    template_id: UUID
    template_version: int
    valid_until: str | None
    quantity: int
    sku: str | None
    trial: bool
    test: bool
    parameters: dict[str, str]
    declared: list[facts.DeclaredParameter]
    started_at: datetime
    paused_at: datetime | None
    state: State
    """Whether people let it go on; the marketplace may hold it beside that."""
    holds: dict[HoldReason, datetime]
    """Why the marketplace holds it, and when it said so."""
    stopped_at: datetime | None
    """When the first of these holds stopped its clock."""
    lifted: dict[HoldReason, datetime]
    """When the marketplace said last that such a hold is over."""
    term_said_at: datetime | None
    edition_said_at: datetime | None
    """When the marketplace said last how long the order runs, and what was bought."""
    contact: int
    """Which contact of the order counts, from 1 for whom it named itself, if it did."""
    contact_said_at: datetime | None
    """When another one was named last."""
    erased: bool
    """Whether what the order said of its buyer is forgotten."""
    refund: bool | None
    """Whether the buyer gets his money back; None: the marketplace has not ended the order."""
    run: int
    visit: int
    node: str
    entered_at: datetime
    node_clock: NodeClock | None
    """Of the open node, if it has a timeout; stands still while the project is paused."""
    due_soon_since: datetime | None
    """Since when the clock counts of which was told last that it is due soon."""
    provider_id: UUID | None
    roles: dict[str, UUID]
    claimer_id: UUID | None
    claim_role: str | None
    department_id: UUID | None
    providers: dict[int, UUID]
    """Whose each run is or was."""
    handlers: set[UUID]
    """Persons of a provider's side who have completed or rejected a node, in any run (R-128)."""
    filled_nodes: set[str]
    """Submit-requirement nodes with a filled form; kept over runs (R-43, R-122)."""
    files: dict[UUID, File]
    added: dict[UUID, Added]
    stored_bytes: int
    """Bytes of all files, of earlier runs too (R-43)."""
    evaluation: Evaluation | None
    asks: dict[UUID, Ask]
    outcomes: dict[UUID, str]
    """Claims and changes answered: ``done``, ``withdrawn``, or dispatch's reason of refusal."""
    reminded: Reminded | None
    """The last 催办."""
    reassigned: int
    """How often an operator was changed, over all runs."""
    said: int
    """Comments and notes, over all runs."""
    askers: dict[UUID, UUID]
    """Who asked for a claim or change, and so may learn what became of it."""

    @staticmethod
    def create_id(vendor_id: UUID, business_number: str) -> UUID:
        """Follows from what makes an order unique for ever, however its number is written, so that two projects of
        one order cannot both be stored. Of digits and capital letters, as most have, the number itself counts."""
        number = unicodedata.normalize("NFKC", business_number).casefold().upper()
        return uuid5(NAMESPACE_URL, f"project:{vendor_id}:{number}")

    # What happened.

    def change(self, fact: ProjectFact, at: datetime) -> None:
        match fact:
            case facts.Started():
                self._start(fact, at)
            case facts.NodeEntered():
                self.visit = fact.visit
                self.node = fact.node
                self.entered_at = at
                timed = fact.timeout > 0 and fact.side is not None
                self.node_clock = NodeClock(visit=fact.visit, timeout=fact.timeout, since=at) if timed else None
            case facts.NodeCompleted():
                self.node_clock = None
                self._release_files(fact.node, fact.run)
                self._handle(fact.by)
                self.asks = {i: ask for i, ask in self.asks.items() if ask.of_people}
            case facts.NodeRejected():
                self.node_clock = None
                self._handle(fact.by)
            case facts.NodeOverdue():
                self.node_clock = self.node_clock and replace(self.node_clock, overdue=fact.due_at)
            case facts.NodeDueSoon():
                self.due_soon_since = self.node_clock.since if self.node_clock else None
            case facts.OverdueWithdrawn():
                self.node_clock = self.node_clock and replace(self.node_clock, overdue=None)
            case facts.RequirementSubmitted():
                self.filled_nodes.add(fact.node)
            case facts.FileAttached():
                by_customer = fact.by["kind"] == "customer"
                file = File(run=fact.run, node=fact.node, by_customer=by_customer, released=fact.released)
                self.files[fact.file_id] = file
                self.added[fact.file_id] = Added(visit=fact.visit, user_id=fact.by["user_id"], size=fact.size)
                self.stored_bytes += fact.size
            case facts.FileWithdrawn():
                self.files.pop(fact.file_id, None)
                if added := self.added.pop(fact.file_id, None):
                    self.stored_bytes -= added.size
            case facts.ProviderRequested():
                self._open(fact.request_id, Ask(kind=fact.kind, by=fact.by, remark=fact.remark))
            case facts.StaffRequested():
                self._open(fact.request_id, Ask(kind=fact.kind, role=fact.role, by=fact.by, remark=fact.remark))
            case facts.RequestRefused():
                self._close(fact.request_id, fact.reason)
            case facts.ProviderSet():
                self.provider_id = self.providers[fact.run] = fact.provider_id
            case facts.RoleFilled():
                self.roles[fact.role] = fact.person_id
            case facts.OrderClaimed():
                self.claimer_id = fact.person_id
                self.claim_role = fact.role
                self.department_id = fact.department_id
                self._close(fact.request_id, "done")
            case facts.AssigneeChanged():
                self.reassigned += 1
                self.roles[fact.role] = fact.person_id
                self._close(fact.request_id, "done")
            case facts.AssigneeChosen():
                self._close(fact.request_id, "done")
            case facts.AssigneeReminded():
                self.reminded = Reminded(visit=fact.visit, number=fact.number, at=at)
            case facts.Restarted():
                self._close(fact.request_id, "done")
                self._withdraw()
                self._restart(fact.run)
            case facts.Paused():
                self.state = PAUSED
                self.paused_at = at
            case facts.Resumed():
                self.state = RUNNING
                self.node_clock = self.node_clock and self.node_clock.resumed(at)
            case facts.TermExtended():
                self.valid_until = fact.valid_until
                self.term_said_at = fact.said_at
            case facts.EditionChanged():
                self.sku, self.edition, self.quantity = fact.sku, fact.edition, fact.quantity
                self.edition_said_at = fact.said_at
            case facts.HoldSet():
                self.stopped_at = self.stopped_at or at
                self.holds[fact.reason] = fact.said_at
            case facts.HoldLifted():
                self._lift(fact)
            case facts.Cancelled():
                self.refund = fact.refund
                self._end(CANCELLED)
            case facts.OrderEnded():
                self.refund = fact.refund
            case facts.Completed():
                self._end(COMPLETED)
            case facts.Evaluated():
                self.evaluation = Evaluation(stars=fact.stars, text=fact.text, at=at)
            case facts.CommentAdded() | facts.NoteAdded():
                self.said += 1
            case facts.BuyerErased():
                self.erased = True
            case facts.ContactChanged():
                self.contact = fact.number
                self.contact_said_at = fact.said_at
            case _:
                assert_never(fact)

    def _start(self, fact: facts.Started, at: datetime) -> None:
        self.order_number = fact.order_number
        self.business_number = fact.business_number
        self.vendor_id = fact.vendor_id
        self.customer_id = fact.customer_id
        self.product_id = fact.product_id
        self.product_name = fact.product_name
        self.edition = fact.edition
        self.sales_channel = fact.sales_channel
        self.template_id = fact.template_id
        self.template_version = fact.template_version
        self.valid_until = fact.valid_until
        self.quantity = fact.quantity
        self.sku = fact.sku
        self.trial = fact.trial
        self.test = is_test(order_number=fact.order_number, customer_number=fact.customer_number, told=fact.test)
        self.parameters = dict(fact.parameters or {})
        self.declared = fact.declared or []
        self.started_at = at
        self.paused_at = None
        self.holds = {}
        self.stopped_at = None
        self.lifted = {}
        self.term_said_at = None
        self.edition_said_at = None
        self.contact = 1
        self.contact_said_at = None
        self.erased = False
        self.refund = None
        self.visit = 0
        self.node = ""
        self.filled_nodes = set()
        self.files = {}
        self.added = {}
        self.stored_bytes = 0
        self.evaluation = None
        self.asks = {}
        self.outcomes = {}
        self.reminded = None
        self.reassigned = 0
        self.due_soon_since = None
        self.said = 0
        self.askers = {}
        self.providers = {}
        self.handlers = set()
        self._restart(fact.run)

    def _restart(self, run: int) -> None:
        """A run begins: what another had belongs to the log. The marketplace's holds are of the order and go on."""
        self.state = RUNNING
        self.node_clock = None
        self.run = run
        self.provider_id = None
        self.roles = {}
        self.claimer_id = self.claim_role = self.department_id = None

    def _end(self, state: State) -> None:
        self.state = state
        self.node_clock = None
        self.holds = {}
        self.stopped_at = None
        self._withdraw()

    def _lift(self, fact: facts.HoldLifted) -> None:
        self.holds.pop(fact.reason, None)
        self.lifted[fact.reason] = fact.said_at
        if not self.holds:
            self.stopped_at = None
            if fact.counted_from is not None:
                self.node_clock = self.node_clock and replace(self.node_clock, since=fact.counted_from)

    def _handle(self, by: Actor) -> None:
        if by["kind"] == "staff":
            self.handlers.add(by["user_id"])

    def _release_files(self, node: str, run: int) -> None:
        for file in self.files.values():
            if file.node == node and file.run == run:
                file.released = True

    def _open(self, request_id: UUID, ask: Ask) -> None:
        self.asks[request_id] = ask
        if ask.by is not None:
            self.askers[request_id] = ask.by["user_id"]

    def _close(self, request_id: UUID, outcome: str) -> None:
        self.asks.pop(request_id, None)
        self.outcomes[request_id] = outcome

    def _withdraw(self) -> None:
        """End every ask; claims and changes among them learn that they came too late."""
        self.outcomes.update({i: "withdrawn" for i, ask in self.asks.items() if ask.of_people})
        self.asks = {}

    # What may be asked.

    @property
    def ended(self) -> bool:
        """Completed or cancelled; both are final."""
        return self.state in (COMPLETED, CANCELLED)

    @property
    def order_ended(self) -> bool:
        """Whether the marketplace has said that the order is over."""
        return self.refund is not None

    @property
    def goes_on(self) -> bool:
        """Whether its nodes can be operated and its clock counts: neither paused nor held, nor at its end."""
        return self.state == RUNNING and not self.holds

    @property
    def change_pending(self) -> bool:
        """Whether a change of provider or assignee waits for its outcome."""
        return any(ask.kind in ("change", "replace") for ask in self.asks.values())

    @property
    def claim_pending(self) -> bool:
        """Whether a claim waits for its outcome."""
        return any(ask.kind == "claim" for ask in self.asks.values())

    def waiting_roles(self, flow: Flow) -> tuple[str, ...]:
        """The roles for which the open node waits for dispatch to find a person."""
        node = flow.node(self.node)
        if self.provider_id is None or node.waits_for not in (Waits.STAFF, Waits.PROVIDER):
            return ()
        wanted = (node.role or "",) if node.waits_for is Waits.STAFF else flow.implicit_roles
        return tuple(role for role in wanted if role not in self.roles)

    @property
    def running_clock(self) -> NodeClock | None:
        """The clock of the open node while it counts: not in a project that is paused (R-58) or held."""
        return self.node_clock if self.goes_on else None

    @property
    def due_soon_told(self) -> bool:
        """Whether it was told of the clock that counts that it is due soon."""
        return self.node_clock is not None and self.due_soon_since == self.node_clock.since

    @property
    def is_test(self) -> bool:
        """Whether it was ordered for a test (S-07), or over a connection that is not live."""
        return self.test

    @property
    def unpaid(self) -> bool:
        """A trial or a test: those that are paid go before it."""
        return self.trial or self.is_test

    def is_customer(self, person: Person) -> bool:
        """Whether the person acts for the buyer: anyone of the customer, or the one account that placed a test
        order (S-07, S-10)."""
        return self.customer_id in (person.party_id, person.user_id)

    def is_worker(self, person: Person) -> bool:
        """Whether the project is one of the employee's own: it is with his company, and he holds a role, has claimed
        it or has handled a node (R-133). One replaced before he handled anything has nothing to do with it, nor has
        one of an earlier provider (R-41)."""
        own = person.user_id in (*self.roles.values(), self.claimer_id) or person.user_id in self.handlers
        return own and person.party_id == self.provider_id

    def runs_of(self, provider_id: UUID) -> frozenset[int]:
        """The runs that are or were the provider's."""
        return frozenset(run for run, provider in self.providers.items() if provider == provider_id)

    def assignee_of(self, node: FlowNode) -> UUID | None:
        """Who operates the node for the provider now; nobody does automatic and claim nodes."""
        return self.roles.get(node.role or "") if node.operated else None

    def operator_of(self, node: FlowNode, person: Person) -> Actor | None:
        """The person as actor of the node: the customer, or whoever holds the node's role (R-113); None for anyone
        else."""
        if not node.operated:
            return None
        if node.by_customer:
            return acting(person, "customer") if self.is_customer(person) else None
        if self.roles.get(node.role or "") == person.user_id:
            return staff(person.user_id, person.party_id, node.role)
        return None

    def participant(self, person: Person) -> Actor:
        """The person as operator of the project: its customer, a holder of a role, or the claimer (A-38).

        :raises NotParticipant: anyone else, also who held a role before.
        """
        held = [role for role, holder in self.roles.items() if holder == person.user_id]
        if held:
            return staff(person.user_id, person.party_id, held[0])
        if self.claimer_id == person.user_id:
            return staff(person.user_id, person.party_id, self.claim_role)
        if self.is_customer(person):
            return acting(person, "customer")
        raise NotParticipant

    def check_live(self) -> None:
        """:raises ProjectEnded: the project is finished."""
        if self.ended:
            raise ProjectEnded

    def check_visit(self, visit: int) -> None:
        """:raises VisitUnknown, NodePassed, ProjectEnded, ProjectPaused, ProjectFrozen, TermExpired: ``visit`` cannot
        be operated now."""
        if not 1 <= visit <= self.visit:
            raise VisitUnknown
        if visit < self.visit or self.state == COMPLETED:
            raise NodePassed
        if self.state == CANCELLED:
            raise ProjectEnded
        self.check_goes_on()

    def check_goes_on(self) -> None:
        """:raises ProjectPaused, ProjectFrozen, TermExpired: the project rests, and why."""
        if FROZEN in self.holds:
            raise ProjectFrozen
        if EXPIRED in self.holds:
            raise TermExpired
        if self.state == PAUSED:
            raise ProjectPaused
