"""The aggregate ``Project`` (项目): one event stream from the order to completion or cancellation.

Decisions stand in :mod:`~project_svc.walking`, :mod:`~project_svc.operations` and :mod:`~project_svc.management`:
public methods whose guards all come before the first event, so that a refusal changes nothing. What may follow
what is told by the :class:`~project_svc.flow.Flow` handed in; the project keeps no copy of it. Here stand the
state and the events, which only apply what was decided.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.domain import event

from project_svc.node_clock import NodeClock, Timed
from project_svc.values import CANCELLED, COMPLETED, PAUSED, RUNNING, Ask, By, File, Reminded


class Project(Timed):
    """项目: the delivery of one order. Its ``run`` counts the passes through the flow (a change of provider starts
    the next), its ``visit`` the entries of nodes over all runs; node operations name the visit they mean."""

    @staticmethod
    def create_id(vendor_id: UUID, business_number: str) -> UUID:
        """Follows from what makes an order unique for ever, so that two projects of one order cannot both be
        stored."""
        return uuid5(NAMESPACE_URL, f"project:{vendor_id}:{business_number}")

    @event("Started")
    def __init__(
        self,
        *,
        run: int,
        order_number: str,
        business_number: str,
        vendor_id: UUID,
        customer_id: UUID,
        product_id: UUID,
        product_name: str,
        edition: str | None,
        sales_channel: str | None,
        template_id: UUID,
        template_version: int,
        valid_until: str | None,
        timestamp: datetime,
    ) -> None:
        self.order_number = order_number
        self.business_number = business_number
        self.vendor_id = vendor_id
        self.customer_id = customer_id
        self.product_id = product_id
        self.product_name = product_name
        self.edition = edition
        self.sales_channel = sales_channel
        self.template_id = template_id
        self.template_version = template_version
        self.valid_until = valid_until
        self.started_at = timestamp
        self.paused_at: datetime | None = None
        self.state = RUNNING
        self.run = run
        self.visit = 0
        self.node = ""
        self.node_clock: NodeClock | None = None
        """Of the open node, if it has a timeout; stands still while the project is paused."""
        self.provider_id: UUID | None = None
        self.roles: dict[str, UUID] = {}
        self.claimer_id: UUID | None = None
        self.claim_role: str | None = None
        self.department_id: UUID | None = None
        self.participants: set[UUID] = set()
        """Persons of the provider who hold or have held a role in this run, and the claimer."""
        self.filled_nodes: set[str] = set()
        """Submit-requirement nodes with a filled form; kept over runs (R-43, R-122)."""
        self.files: dict[UUID, File] = {}
        self.stored_bytes = 0
        """Bytes of all files, of earlier runs too (R-43)."""
        self.evaluation: dict[str, Any] | None = None
        self.asks: dict[UUID, Ask] = {}
        self.outcomes: dict[UUID, str] = {}
        """Claims and changes answered: ``done``, ``withdrawn``, or dispatch's reason of refusal."""
        self.reminded: Reminded | None = None
        """The last 催办."""
        self.askers: dict[UUID, UUID] = {}
        """Who asked for a claim or change, and so may learn what became of it."""

    @event("ProviderRequested")
    def _provider_requested(
        self,
        *,
        run: int,
        request_id: UUID,
        kind: str,
        vendor_id: UUID,
        customer_id: UUID,
        product_id: UUID,
        order_number: str,
        implicit_roles: list[str],
        wanted: UUID | None,
        by: By | None,
        remark: str | None,
        timestamp: datetime,
    ) -> None:
        self._open(request_id, Ask(kind=kind, by=by, remark=remark))

    @event("StaffRequested")
    def _staff_requested(
        self,
        *,
        run: int,
        request_id: UUID,
        kind: str,
        vendor_id: UUID,
        customer_id: UUID,
        product_id: UUID,
        provider_id: UUID,
        order_number: str,
        role: str,
        rule: str,
        department_id: UUID | None,
        wanted: UUID | None,
        by: By | None,
        remark: str | None,
        timestamp: datetime,
    ) -> None:
        self._open(request_id, Ask(kind=kind, role=role, by=by, remark=remark))

    @event("RequestRefused")
    def _request_refused(self, *, run: int, request_id: UUID, reason: str, timestamp: datetime) -> None:
        self._close(request_id, reason)

    @event("ProviderSet")
    def _provider_set(self, *, run: int, provider_id: UUID, timestamp: datetime) -> None:
        self.provider_id = provider_id

    @event("RoleFilled")
    def _role_filled(self, *, run: int, role: str, person_id: UUID, timestamp: datetime) -> None:
        self.roles[role] = person_id
        self.participants.add(person_id)

    @event("OrderClaimed")
    def _order_claimed(
        self,
        *,
        run: int,
        visit: int,
        node: str,
        name: str,
        request_id: UUID,
        role: str,
        person_id: UUID,
        department_id: UUID | None,
        timestamp: datetime,
    ) -> None:
        self.claimer_id = person_id
        self.claim_role = role
        self.department_id = department_id
        self.participants.add(person_id)
        self._close(request_id, "done")

    @event("AssigneeChanged")
    def _assignee_changed(
        self,
        *,
        run: int,
        visit: int,
        node: str,
        name: str,
        request_id: UUID,
        role: str,
        person_id: UUID,
        former_id: UUID,
        remark: str | None,
        by: By,
        timestamp: datetime,
    ) -> None:
        self.roles[role] = person_id
        self.participants.add(person_id)
        self._close(request_id, "done")

    @event("AssigneeReminded")
    def _assignee_reminded(
        self,
        *,
        run: int,
        visit: int,
        node: str,
        name: str,
        role: str | None,
        receiver: str,
        number: int,
        by: By,
        timestamp: datetime,
    ) -> None:
        self.reminded = Reminded(visit=visit, number=number, at=timestamp)

    @event("NodeEntered")
    def _node_entered(
        self,
        *,
        run: int,
        visit: int,
        node: str,
        name: str,
        type: str,
        step: int,
        side: str | None,
        role: str | None,
        assignee_id: UUID | None,
        timeout: int,
        reminders: list[dict[str, Any]],
        timestamp: datetime,
    ) -> None:
        self.visit = visit
        self.node = node
        self.entered_at = timestamp
        timed = timeout > 0 and side is not None
        self.node_clock = NodeClock(visit=visit, timeout=timeout, since=timestamp) if timed else None

    @event("NodeCompleted")
    def _node_completed(
        self,
        *,
        run: int,
        visit: int,
        node: str,
        name: str,
        by: By,
        timed_out: bool,
        reminders: list[dict[str, Any]],
        timestamp: datetime,
    ) -> None:
        self.node_clock = None
        for file in self.files.values():
            if file.node == node and file.run == run:
                file.released = True
        for request_id in [i for i, ask in self.asks.items() if ask.kind in ("provider", "assign")]:
            del self.asks[request_id]

    @event("NodeRejected")
    def _node_rejected(
        self,
        *,
        run: int,
        visit: int,
        node: str,
        name: str,
        by: By,
        reason: str,
        reminders: list[dict[str, Any]],
        timestamp: datetime,
    ) -> None:
        self.node_clock = None

    @event("NodeOverdue")
    def _node_overdue(
        self,
        *,
        run: int,
        visit: int,
        node: str,
        name: str,
        side: str,
        role: str | None,
        assignee_id: UUID | None,
        timeout: int,
        entered_at: datetime,
        counted_from: datetime,
        due_at: datetime,
        reminders: list[dict[str, Any]],
        timestamp: datetime,
    ) -> None:
        self.node_clock = self.node_clock and replace(self.node_clock, overdue=due_at)

    @event("OverdueWithdrawn")
    def _overdue_withdrawn(self, *, run: int, visit: int, node: str, reason: str, timestamp: datetime) -> None:
        self.node_clock = self.node_clock and replace(self.node_clock, overdue=None)

    @event("RequirementSubmitted")
    def _requirement_submitted(
        self,
        *,
        run: int,
        visit: int,
        node: str,
        form: str | None,
        data: dict[str, Any],
        by: By,
        timestamp: datetime,
    ) -> None:
        self.filled_nodes.add(node)

    @event("FileAttached")
    def _file_attached(
        self,
        *,
        run: int,
        visit: int,
        node: str,
        name: str,
        file_id: UUID,
        file_name: str,
        size: int,
        by: By,
        released: bool,
        timestamp: datetime,
    ) -> None:
        by_customer = by["kind"] == "customer"
        self.files[file_id] = File(run=run, node=node, by_customer=by_customer, released=released)
        self.stored_bytes += size

    @event("CommentAdded")
    def _comment_added(self, *, run: int, comment_id: UUID, text: str, by: By, timestamp: datetime) -> None:
        """Read from the stream; nothing is decided by it."""

    @event("NoteAdded")
    def _note_added(self, *, run: int, note_id: UUID, text: str, by: By, timestamp: datetime) -> None:
        """Read from the stream; nothing is decided by it."""

    @event("Restarted")
    def _restarted(
        self,
        *,
        run: int,
        request_id: UUID,
        provider_id: UUID,
        former_provider_id: UUID,
        remark: str,
        by: By,
        timestamp: datetime,
    ) -> None:
        self._close(request_id, "done")
        self._withdraw()
        self.state = RUNNING
        self.node_clock = None
        self.run = run
        self.provider_id = None
        self.roles = {}
        self.claimer_id = self.claim_role = self.department_id = None
        self.participants = set()

    @event("Paused")
    def _paused(self, *, run: int, remark: str, by: By, timestamp: datetime) -> None:
        self.state = PAUSED
        self.paused_at = timestamp

    @event("Resumed")
    def _resumed(
        self, *, run: int, by: By, paused_at: datetime, counted_from: datetime | None, timestamp: datetime
    ) -> None:
        """``counted_from`` … ``paused_at`` is the time the clock counted before the pause, None without one: the log
        keeps it (A-03)."""
        self.state = RUNNING
        self.node_clock = self.node_clock and self.node_clock.resumed(timestamp)

    @event("Cancelled")
    def _cancelled(self, *, run: int, remark: str, by: By, timestamp: datetime) -> None:
        self.state = CANCELLED
        self.node_clock = None
        self._withdraw()

    @event("Completed")
    def _completed(self, *, run: int, timestamp: datetime) -> None:
        self.state = COMPLETED
        self.node_clock = None
        self._withdraw()

    @event("Evaluated")
    def _evaluated(self, *, run: int, stars: int, text: str | None, by: By, timestamp: datetime) -> None:
        self.evaluation = {"stars": stars, "text": text, "at": timestamp}

    def _open(self, request_id: UUID, ask: Ask) -> None:
        self.asks[request_id] = ask
        if ask.by is not None:
            self.askers[request_id] = ask.by["user_id"]

    def _close(self, request_id: UUID, outcome: str) -> None:
        self.asks.pop(request_id, None)
        self.outcomes[request_id] = outcome

    def _withdraw(self) -> None:
        """End every ask; claims and changes among them learn that they came too late."""
        for request_id, ask in self.asks.items():
            if ask.kind not in ("provider", "assign"):
                self.outcomes[request_id] = "withdrawn"
        self.asks = {}
