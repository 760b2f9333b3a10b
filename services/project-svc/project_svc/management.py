"""Decisions of a project: claim, changes, pause, cancellation, comments and notes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from project_svc.errors import (
    AlreadyClaimed,
    AlreadyEvaluated,
    ChangePending,
    ClaimPending,
    NoAssigneeYet,
    NoProviderYet,
    NotAtClaimNode,
    NotCompleted,
    NotCustomer,
    NotOperable,
    NotParticipant,
    NotPaused,
    ProjectEnded,
    ProjectPaused,
    RemindedAlready,
    SamePerson,
    SameProvider,
    StarsRefused,
    WrongClaimRole,
)
from project_svc.flow import CLAIM_ORDER, Flow
from project_svc.operations import Operated
from project_svc.values import (
    COMPLETED,
    PAUSED,
    REMINDED_FOR,
    STARS,
    By,
    Person,
    as_customer,
    as_staff,
    required_text,
    short_text,
)


class Changed(Operated):
    """Claim and changes: asks to dispatch, decided by its answer."""

    def claim(
        self,
        flow: Flow,
        *,
        person: Person,
        roles: frozenset[str],
        department_id: UUID | None,
        request_id: UUID,
        at: datetime,
    ) -> None:
        """订单认领: ask dispatch to give the order to the claimer; reserves the visit until the answer (D-46, D-51)."""
        self._check_live()
        node = flow.node(self.node)
        if node.type != CLAIM_ORDER or self.provider_id is None:
            raise AlreadyClaimed if self.claimer_id else NotAtClaimNode
        if self.claimer_id:
            raise AlreadyClaimed
        if self.state == PAUSED:
            raise ProjectPaused
        if node.role not in roles:
            raise WrongClaimRole
        if self.claim_pending:
            raise ClaimPending
        self._ask_staff(
            kind="claim",
            role=node.role,
            request_id=request_id,
            wanted=person.user_id,
            department_id=department_id,
            by=as_staff(person, node.role),
            at=at,
        )

    def change_assignee(
        self,
        flow: Flow,
        *,
        role: str | None,
        person_id: UUID,
        remark: str | None,
        by: By,
        request_id: UUID,
        at: datetime,
    ) -> None:
        """更换操作人: ask dispatch to move the role – that of the current node unless named – to another person of
        the provider (R-46 … R-54). Allowed while paused."""
        self._check_live()
        if self.provider_id is None:
            raise NoProviderYet
        if role is None:
            node = flow.node(self.node)
            role = node.role if node.operated else None
        if role is None or role not in self.roles:
            raise NoAssigneeYet
        if self.roles[role] == person_id:
            raise SamePerson
        if self.change_pending:
            raise ChangePending
        remark = short_text(remark.strip()) if remark and remark.strip() else None
        self._ask_staff(kind="replace", role=role, request_id=request_id, wanted=person_id, by=by, remark=remark, at=at)

    def change_provider(self, *, provider_id: UUID, remark: str, by: By, request_id: UUID, at: datetime) -> None:
        """更换服务商: ask dispatch for the wanted provider (R-30, R-42); this run goes on until it agrees. The
        implicit roles of the flow are asked for by the next run."""
        self._check_live()
        if self.provider_id is None:
            raise NoProviderYet
        if self.provider_id == provider_id:
            raise SameProvider
        if self.change_pending:
            raise ChangePending
        self._provider_requested(
            run=self.run,
            request_id=request_id,
            kind="change",
            vendor_id=self.vendor_id,
            customer_id=self.customer_id,
            product_id=self.product_id,
            order_number=self.order_number,
            implicit_roles=[],
            wanted=provider_id,
            by=by,
            remark=required_text(remark),
            timestamp=at,
        )

    def _check_live(self) -> None:
        if self.ended:
            raise ProjectEnded


class Managed(Changed):
    """Pause, resume, cancellation, and what the people of a project tell each other."""

    def pause(self, *, remark: str, by: By, at: datetime) -> None:
        """暂停项目, with a remark (R-56, R-57)."""
        self._check_live()
        if self.state == PAUSED:
            raise ProjectPaused
        self._paused(run=self.run, remark=required_text(remark), by=by, timestamp=at)

    def resume(self, flow: Flow, *, by: By, at: datetime) -> None:
        """启动项目 (R-60): the clock of the node counts anew (R-59); an automatic node whose assignment came meanwhile
        completes now."""
        self._check_live()
        if self.state != PAUSED:
            raise NotPaused
        clock = self.node_clock
        counted_from = clock.since if clock else None
        self._resumed(run=self.run, by=by, paused_at=self.paused_at, counted_from=counted_from, timestamp=at)
        if clock and clock.overdue:
            self._overdue_withdrawn(run=self.run, visit=self.visit, node=self.node, reason="resumed", timestamp=at)
        self._go_on(flow, at)

    def cancel(self, *, remark: str, by: By, at: datetime) -> None:
        """取消项目: final (R-139, R-140)."""
        self._check_live()
        self._cancelled(run=self.run, remark=required_text(remark), by=by, timestamp=at)

    def remind(self, flow: Flow, *, visit: int, by: By, at: datetime) -> None:
        """催办: ask whoever the open node waits for to go on; at most once in :data:`REMINDED_FOR` and visit.

        :raises NotOperable: it waits for nobody but the system. :raises RemindedAlready: too soon; and as
            :meth:`check_visit`.
        """
        self.check_visit(visit)
        node = flow.node(self.node)
        if not node.operated and node.type != CLAIM_ORDER:
            raise NotOperable
        last = self.reminded if self.reminded is not None and self.reminded.visit == visit else None
        if last is not None and at - last.at < REMINDED_FOR:
            raise RemindedAlready
        self._assignee_reminded(
            run=self.run,
            visit=visit,
            node=node.id,
            name=node.name,
            role=None if node.by_customer else node.role,
            receiver="customer" if node.by_customer else "assignee",
            number=last.number + 1 if last else 1,
            by=by,
            timestamp=at,
        )

    def comment(self, *, comment_id: UUID, person: Person, text: str, at: datetime) -> None:
        """项目留言, while the project is not finished (R-90)."""
        self._check_live()
        by = self.participant(person)
        self._comment_added(run=self.run, comment_id=comment_id, text=required_text(text), by=by, timestamp=at)

    def note(self, *, note_id: UUID, person: Person, text: str, at: datetime) -> None:
        """项目备注 of the provider's side (R-95); never shown to the customer."""
        self._check_live()
        by = self.participant(person)
        if by["kind"] != "staff":
            raise NotParticipant
        self._note_added(run=self.run, note_id=note_id, text=required_text(text), by=by, timestamp=at)

    def evaluate(self, *, person: Person, stars: int, text: str | None, at: datetime) -> None:
        """评价, once, by the buyer after the whole flow has ended (R-135, R-137).

        :raises NotCustomer, NotCompleted, AlreadyEvaluated, StarsRefused, TextTooLong: nothing is kept.
        """
        if not self.is_customer(person):
            raise NotCustomer
        if self.state != COMPLETED:
            raise NotCompleted
        if self.evaluation is not None:
            raise AlreadyEvaluated
        if stars not in STARS:
            raise StarsRefused
        text = short_text(text.strip()) if text and text.strip() else None
        self._evaluated(run=self.run, stars=stars, text=text, by=as_customer(person), timestamp=at)
