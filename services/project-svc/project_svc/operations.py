"""Decisions of a project: answers of dispatch, and what people do at its nodes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from project_svc.errors import (
    NodePassed,
    NotOperable,
    NotOperator,
    NotParticipant,
    NotRejectable,
    ProjectEnded,
    ProjectFull,
    ProjectPaused,
    RequirementMissing,
    VisitUnknown,
)
from project_svc.flow import SUBMIT_REQUIREMENT, Flow, FlowNode
from project_svc.values import CANCELLED, COMPLETED, PAUSED, QUOTA, By, Person, as_customer, as_staff, required_text
from project_svc.walking import Walking


class Answered(Walking):
    """Answers of dispatch, matched by request id; an answer to an ask that is no longer open is ignored."""

    def provider_assigned(self, flow: Flow, *, request_id: UUID, provider_id: UUID, at: datetime) -> None:
        """The ask has its provider: the assign-provider node goes on (D-01), or a change of provider restarts the
        flow (R-34) – of a paused project too, which runs again (R-44)."""
        ask = self.asks.get(request_id)
        if ask is None:
            return
        if ask.kind == "change":
            self._restarted(
                run=self.run + 1,
                request_id=request_id,
                provider_id=provider_id,
                former_provider_id=self.provider_id,
                remark=ask.remark,
                by=ask.by,
                timestamp=at,
            )
            self._provider_set(run=self.run, provider_id=provider_id, timestamp=at)
            self._enter(flow, flow.first, at)
        elif ask.kind == "provider" and self.provider_id is None:
            self._provider_set(run=self.run, provider_id=provider_id, timestamp=at)
            self._go_on(flow, at)

    def staff_assigned(
        self, flow: Flow, *, request_id: UUID, role: str, person_id: UUID, department_id: UUID | None, at: datetime
    ) -> None:
        """The ask has its person for ``role``: an assign-order node or an implicit role is filled (D-27), a claim
        succeeded (D-49) – ``department_id`` is kept for 部门优先 –, or the assignee is changed (R-46)."""
        ask = self.asks.get(request_id)
        if ask is None:
            return
        if ask.kind == "replace":
            self._assignee_changed(
                run=self.run,
                visit=self.visit,
                node=self.node,
                name=flow.node(self.node).name,
                request_id=request_id,
                role=role,
                person_id=person_id,
                former_id=self.roles[role],
                remark=ask.remark,
                by=ask.by,
                timestamp=at,
            )
        elif ask.kind == "claim":
            node = flow.node(self.node)
            self._order_claimed(
                run=self.run,
                visit=self.visit,
                node=node.id,
                name=node.name,
                request_id=request_id,
                role=role,
                person_id=person_id,
                department_id=department_id,
                timestamp=at,
            )
            if flow.role_of_claimer(node) == role:
                self._role_filled(run=self.run, role=role, person_id=person_id, timestamp=at)
            self._go_on(flow, at)
        elif ask.kind in ("provider", "assign") and role not in self.roles:
            self._role_filled(run=self.run, role=role, person_id=person_id, timestamp=at)
            self._go_on(flow, at)

    def request_refused(self, *, request_id: UUID, reason: str, at: datetime) -> None:
        """Dispatch refused a claim or a change; the node is free to be claimed, the change may be tried again."""
        ask = self.asks.get(request_id)
        if ask is not None and ask.kind in ("claim", "replace", "change"):
            self._request_refused(run=self.run, request_id=request_id, reason=reason, timestamp=at)


class Operated(Answered):
    """Operations of nodes. All name the visit; a late or repeated one is refused (R-127)."""

    def operator_of(self, node: FlowNode, person: Person) -> By | None:
        """The person as actor of the node: the customer, or whoever holds the node's role (R-113); None for anyone
        else."""
        if not node.operated:
            return None
        if node.by_customer:
            return as_customer(person) if self.is_customer(person) else None
        if self.roles.get(node.role or "") == person.user_id:
            return as_staff(person, node.role)
        return None

    def check_visit(self, visit: int) -> None:
        """:raises VisitUnknown, NodePassed, ProjectEnded, ProjectPaused: ``visit`` cannot be operated now."""
        if not 1 <= visit <= self.visit:
            raise VisitUnknown
        if visit < self.visit or self.state == COMPLETED:
            raise NodePassed
        if self.state == CANCELLED:
            raise ProjectEnded
        if self.state == PAUSED:
            raise ProjectPaused

    def _operated(self, flow: Flow, visit: int, person: Person) -> tuple[FlowNode, By]:
        self.check_visit(visit)
        node = flow.node(self.node)
        if not node.operated:
            raise NotOperable
        by = self.operator_of(node, person)
        if by is None:
            raise NotOperator
        return node, by

    def submit_requirement(self, flow: Flow, *, visit: int, person: Person, data: dict[str, Any], at: datetime) -> None:
        """提交需求: keep the filled form with the node (R-115); it may be filled again until 通过 and after a reject
        (R-122). ``data`` has been validated against the form's schema."""
        node, by = self._operated(flow, visit, person)
        if node.type != SUBMIT_REQUIREMENT:
            raise NotOperable
        self._requirement_submitted(
            run=self.run, visit=visit, node=node.id, form=node.form, data=data, by=by, timestamp=at
        )

    def confirm(self, flow: Flow, *, visit: int, person: Person, at: datetime) -> None:
        """通过 / 确认: complete the node and go on (R-118); at the complete-project node the project is finished
        (R-134). Releases the node's files to the customer (R-124).

        :raises RequirementMissing: a submit-requirement node without a filled form (R-116).
        """
        node, by = self._operated(flow, visit, person)
        if node.type == SUBMIT_REQUIREMENT and node.id not in self.filled_nodes:
            raise RequirementMissing
        self._complete(flow, node, by, at)

    def reject(self, flow: Flow, *, visit: int, person: Person, reason: str, at: datetime) -> None:
        """驳回: back to the step before (R-119), which is entered again; the reason is required (A-23)."""
        node, by = self._operated(flow, visit, person)
        before = flow.step_before(node)
        if not node.rejectable or before is None:
            raise NotRejectable
        self._node_rejected(
            run=self.run,
            visit=visit,
            node=node.id,
            name=node.name,
            by=by,
            reason=required_text(reason),
            reminders=node.on_reject,
            timestamp=at,
        )
        self._enter(flow, before, at)

    def attach_file(
        self,
        flow: Flow,
        *,
        visit: int | None,
        person: Person,
        file_id: UUID,
        name: str,
        size: int,
        quota: int = QUOTA,
        at: datetime,
    ) -> None:
        """A file of an operator of the project: uploaded at ``visit`` (R-123), or – None – 添加附件 outside a node's
        upload, whose 上传节点 is the node current then (R-84), also while the project is paused.

        What the provider adds at a node it operates is held back from the customer until that node is confirmed
        (R-124); what is added while no such node is open is seen by everybody at once.

        :raises ProjectFull: all files together would take more than ``quota`` bytes.
        """
        self.check_may_attach(visit)
        node = flow.node(self.node)
        by = self.operator_of(node, person) or self.participant(person)
        if self.stored_bytes + size > quota:
            raise ProjectFull(quota)
        held_back = by["kind"] != "customer" and node.operated and not node.by_customer
        self._file_attached(
            run=self.run,
            visit=self.visit,
            node=node.id,
            name=node.name,
            file_id=file_id,
            file_name=name,
            size=size,
            by=by,
            released=not held_back,
            timestamp=at,
        )

    def check_may_attach(self, visit: int | None) -> None:
        """:raises ProjectEnded: the project is finished (R-85); and as :meth:`check_visit` for an upload at a visit."""
        if visit is not None:
            self.check_visit(visit)
        elif self.ended:
            raise ProjectEnded

    def participant(self, person: Person) -> By:
        """The person as operator of the project: its customer, a holder of a role, or the claimer (A-38).

        :raises NotParticipant: anyone else, also who held a role before.
        """
        held = [role for role, holder in self.roles.items() if holder == person.user_id]
        if held:
            return as_staff(person, held[0])
        if self.claimer_id == person.user_id:
            return as_staff(person, self.claim_role)
        if self.is_customer(person):
            return as_customer(person)
        raise NotParticipant
