"""How a project walks its flow: entering nodes, passing those that wait for nobody, asking dispatch."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from eventsourcing.domain import Aggregate

from project_svc.flow import ASSIGN_ORDER, ASSIGN_PROVIDER, CLAIM_ORDER, Flow, FlowNode
from project_svc.values import CANCELLED, COMPLETED, RUNNING, SYSTEM, Ask, By, File, Person, Reminded

if TYPE_CHECKING:
    from project_svc.node_clock import NodeClock


class ProjectState(Aggregate):
    """What the decisions read, and the events they cause; ``Project`` has both (see :mod:`project_svc.domain`)."""

    if TYPE_CHECKING:
        order_number: str
        vendor_id: UUID
        customer_id: UUID
        product_id: UUID
        state: str
        run: int
        visit: int
        node: str
        provider_id: UUID | None
        roles: dict[str, UUID]
        claimer_id: UUID | None
        claim_role: str | None
        department_id: UUID | None
        filled_nodes: set[str]
        files: dict[UUID, File]
        stored_bytes: int
        evaluation: dict[str, Any] | None
        entered_at: datetime
        paused_at: datetime | None
        node_clock: NodeClock | None
        asks: dict[UUID, Ask]
        outcomes: dict[UUID, str]
        reminded: Reminded | None
        _provider_requested: Callable[..., None]
        _staff_requested: Callable[..., None]
        _request_refused: Callable[..., None]
        _provider_set: Callable[..., None]
        _role_filled: Callable[..., None]
        _order_claimed: Callable[..., None]
        _assignee_changed: Callable[..., None]
        _assignee_reminded: Callable[..., None]
        _node_entered: Callable[..., None]
        _node_completed: Callable[..., None]
        _node_rejected: Callable[..., None]
        _requirement_submitted: Callable[..., None]
        _file_attached: Callable[..., None]
        _comment_added: Callable[..., None]
        _note_added: Callable[..., None]
        _restarted: Callable[..., None]
        _paused: Callable[..., None]
        _resumed: Callable[..., None]
        _cancelled: Callable[..., None]
        _completed: Callable[..., None]
        _evaluated: Callable[..., None]
        _node_overdue: Callable[..., None]
        _overdue_withdrawn: Callable[..., None]

    @property
    def ended(self) -> bool:
        """Completed or cancelled; both are final."""
        return self.state in (COMPLETED, CANCELLED)

    @property
    def change_pending(self) -> bool:
        """Whether a change of provider or assignee waits for its outcome."""
        return any(ask.kind in ("change", "replace") for ask in self.asks.values())

    @property
    def claim_pending(self) -> bool:
        """Whether a claim waits for its outcome."""
        return any(ask.kind == "claim" for ask in self.asks.values())

    def is_customer(self, person: Person) -> bool:
        """Whether the person acts for the buyer: anyone of the customer, or the one account that placed a test
        order (S-07, S-10)."""
        return self.customer_id in (person.party_id, person.user_id)


class Walking(ProjectState):
    """The part of ``Project`` that moves it along."""

    def begin(self, flow: Flow, *, at: datetime) -> None:
        """Enter the first node; the second half of a start by order (R-01)."""
        self._enter(flow, flow.first, at)

    def _enter(self, flow: Flow, node: FlowNode, at: datetime) -> None:
        """Enter ``node``, and pass every one that has already what it would wait for: an assign-order node after a
        reject, the assign-provider node of a restart."""
        while True:
            self._node_entered(
                run=self.run,
                visit=self.visit + 1,
                node=node.id,
                name=node.name,
                type=node.type,
                step=node.step,
                side=node.side,
                role=node.role if node.side else None,
                assignee_id=self.roles.get(node.role or "") if node.operated else None,
                timeout=node.timeout,
                reminders=node.on_entry,
                timestamp=at,
            )
            if node.operated:
                return
            if not self._has_what_it_waits_for(flow, node):
                self._ask_for(flow, node, at)
                return
            node = self._pass(flow, node, at)

    def _go_on(self, flow: Flow, at: datetime) -> None:
        """Pass the open node if it is not operated by a person and has what it waits for; in a paused project that
        is done on resume."""
        node = flow.node(self.node)
        if self.state == RUNNING and not node.operated and self._has_what_it_waits_for(flow, node):
            self._enter(flow, self._pass(flow, node, at), at)

    def _pass(self, flow: Flow, node: FlowNode, at: datetime) -> FlowNode:
        """Complete an automatic or claim node; the node after it (the last node is operated by the customer)."""
        by = SYSTEM
        if node.type == CLAIM_ORDER:
            by = {"kind": "staff", "user_id": self.claimer_id, "party_id": self.provider_id, "role": node.role}
        self._completed_node(node, by, at)
        following = flow.after(node)
        assert following is not None, "a flow ends with a node operated by a person"
        return following

    def _complete(self, flow: Flow, node: FlowNode, by: By, at: datetime, *, timed_out: bool = False) -> None:
        self._completed_node(node, by, at, timed_out=timed_out)
        following = flow.after(node)
        if following is None:
            self._completed(run=self.run, timestamp=at)
        else:
            self._enter(flow, following, at)

    def _completed_node(self, node: FlowNode, by: By, at: datetime, *, timed_out: bool = False) -> None:
        self._node_completed(
            run=self.run,
            visit=self.visit,
            node=node.id,
            name=node.name,
            by=by,
            timed_out=timed_out,
            reminders=node.on_completion,
            timestamp=at,
        )

    def _has_what_it_waits_for(self, flow: Flow, node: FlowNode) -> bool:
        if node.type == ASSIGN_PROVIDER:
            return self.provider_id is not None and all(role in self.roles for role in flow.implicit_roles)
        if node.type == CLAIM_ORDER:
            return self.claimer_id is not None
        return node.role in self.roles

    def _ask_for(self, flow: Flow, node: FlowNode, at: datetime) -> None:
        """Ask dispatch for what an automatic node needs; a claim-order node waits for a person. Request ids follow
        from the visit, so deciding again asks under the same id."""
        if node.type == ASSIGN_PROVIDER and self.provider_id is None:
            self._provider_requested(
                run=self.run,
                request_id=uuid5(self.id, f"visit {self.visit}"),
                kind="provider",
                vendor_id=self.vendor_id,
                customer_id=self.customer_id,
                product_id=self.product_id,
                order_number=self.order_number,
                implicit_roles=list(flow.implicit_roles),
                wanted=None,
                by=None,
                remark=None,
                timestamp=at,
            )
        elif node.type == ASSIGN_PROVIDER:
            for role in flow.implicit_roles:
                self._ask_staff(
                    kind="assign", role=role, request_id=uuid5(self.id, f"visit {self.visit} {role}"), at=at
                )
        elif node.type == ASSIGN_ORDER:
            within = self.department_id if node.rule == "department_first" else None
            self._ask_staff(
                kind="assign",
                role=node.role,
                request_id=uuid5(self.id, f"visit {self.visit}"),
                rule=node.rule,
                department_id=within,
                at=at,
            )

    def _ask_staff(
        self,
        *,
        kind: str,
        role: str | None,
        request_id: UUID,
        at: datetime,
        rule: str = "provider_first",
        department_id: UUID | None = None,
        wanted: UUID | None = None,
        by: By | None = None,
        remark: str | None = None,
    ) -> None:
        self._staff_requested(
            run=self.run,
            request_id=request_id,
            kind=kind,
            vendor_id=self.vendor_id,
            customer_id=self.customer_id,
            product_id=self.product_id,
            provider_id=self.provider_id,
            order_number=self.order_number,
            role=role,
            rule=rule,
            department_id=department_id,
            wanted=wanted,
            by=by,
            remark=remark,
            timestamp=at,
        )
