"""The commands of project-svc: load, decide, save. One method per command; ``…ing`` methods give the same command
as an :class:`~project_svc.batches.Operation`, for :meth:`~project_svc.store.ProjectStore.operate_many`."""

from __future__ import annotations

import time
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from delivery_shared.commands import Command, Outcome
from delivery_shared.eventstore import UnitOfWork
from delivery_shared.http import Caller

from project_svc import read_model
from project_svc.access import as_canceller, as_changer_of_provider, as_provider_admin, as_reminder, person_of, view_of
from project_svc.batches import Answer, Known, Operation, Order
from project_svc.domain import Project
from project_svc.errors import (
    AlreadyClaimed,
    NotAtClaimNode,
    NotOperable,
    OrderExists,
    OrderOfOtherProvider,
    OrderUnknown,
    ProductNotListed,
    ProductOffline,
    ProjectUnknown,
    RequestUnknown,
)
from project_svc.files import StoredFile
from project_svc.flow import CLAIM_ORDER, SUBMIT_REQUIREMENT
from project_svc.reading import ProjectReading
from project_svc.store import standing

WAIT = 2.0
"""Seconds a claim or change waits for dispatch's answer before it is answered 202 (architecture 4)."""


def customer_id_of(number: str) -> UUID:
    """The customer of the marketplace's number; identity-svc derives the same, so no order waits for it."""
    return uuid5(NAMESPACE_URL, f"customer:{number}")


class ProjectApplication(ProjectReading):
    """The application object of project-svc."""

    # Orders.

    def ordering(self, *, order: Order) -> Operation:
        """Intake of an order: the project starts and its first node is entered (R-01).

        The refusals: :class:`ProductNotListed`, :class:`OrderExists`, :class:`ProductOffline`.
        """

        def decide(unit: UnitOfWork, known: Known) -> Answer:
            product = known.products.get(order.product_id)
            if product is None:
                raise ProductNotListed
            project_id = Project.create_id(product.vendor_id, order.business_number)
            if unit.get(Project, project_id) is not None:
                raise OrderExists(order.business_number, project_id)
            if product.offline:
                raise ProductOffline
            flow = self.flow(product.template_id, product.template_version)
            at = self.clock.now()
            project = Project(
                run=1,
                order_number=order.order_number,
                business_number=order.business_number,
                vendor_id=product.vendor_id,
                customer_id=order.customer_id,
                product_id=product.product_id,
                product_name=product.name,
                edition=order.edition,
                sales_channel=order.sales_channel,
                template_id=product.template_id,
                template_version=product.template_version,
                valid_until=order.valid_until.isoformat() if order.valid_until else None,
                timestamp=at,
            )
            unit.add(project)
            project.begin(flow, at=at)
            unit.rows.append(
                read_model.order_taken(
                    project_id=project_id,
                    vendor_id=product.vendor_id,
                    business_number=order.business_number,
                    order_number=order.order_number,
                )
            )
            if order.customer_number and order.customer_name:
                unit.rows.append(
                    read_model.customer_named(
                        customer_id=order.customer_id, number=order.customer_number, name=order.customer_name
                    )
                )
            return 201, standing(project)

        return Operation(order=order, decide=decide)

    def take_order(self, *, command: Command, order: Order) -> Outcome:
        """:meth:`ordering` as a command."""
        return self.carry_out(command, self.ordering(order=order))

    def product_id_of(self, *, code: str, vendor_account: str) -> UUID:
        """:raises ProductNotListed: no product of this code and vendor account."""
        with self.connection() as connection:
            product_id = read_model.product_id_of(connection, code=code, vendor_account=vendor_account)
        if product_id is None:
            raise ProductNotListed
        return product_id

    # Operations of nodes.

    def submitting(self, *, by: Caller, project_id: UUID, visit: int, data: dict[str, Any]) -> Operation:
        """提交需求: keep the filled form after checking it against the form's schema.

        :raises FormInvalid: by field. :raises FormUnknown: the form has not arrived. :raises FormBroken: it is none.
        """

        def decide(_: UnitOfWork, project: Project, known: Known) -> None:
            view_of(project, by)
            flow = self.flow_of(project)
            project.check_visit(visit)
            node = flow.node(project.node)
            if node.type != SUBMIT_REQUIREMENT or node.form is None:
                raise NotOperable
            filled = self.form(node.form, known).check(data)
            project.submit_requirement(flow, visit=visit, person=person_of(by), data=filled, at=self.clock.now())

        return self._on_project(project_id, decide)

    def submit_requirement(
        self, *, command: Command, by: Caller, project_id: UUID, visit: int, data: dict[str, Any]
    ) -> Outcome:
        """:meth:`submitting` as a command."""
        return self.carry_out(command, self.submitting(by=by, project_id=project_id, visit=visit, data=data))

    def confirming(self, *, by: Caller, project_id: UUID, visit: int) -> Operation:
        """通过 / 确认: complete the node and go on."""

        def decide(_: UnitOfWork, project: Project, __: Known) -> None:
            view_of(project, by)
            project.confirm(self.flow_of(project), visit=visit, person=person_of(by), at=self.clock.now())

        return self._on_project(project_id, decide)

    def confirm(self, *, command: Command, by: Caller, project_id: UUID, visit: int) -> Outcome:
        """:meth:`confirming` as a command."""
        return self.carry_out(command, self.confirming(by=by, project_id=project_id, visit=visit))

    def rejecting(self, *, by: Caller, project_id: UUID, visit: int, reason: str) -> Operation:
        """驳回: back to the step before."""

        def decide(_: UnitOfWork, project: Project, __: Known) -> None:
            view_of(project, by)
            project.reject(self.flow_of(project), visit=visit, person=person_of(by), reason=reason, at=self.clock.now())

        return self._on_project(project_id, decide)

    def reject(self, *, command: Command, by: Caller, project_id: UUID, visit: int, reason: str) -> Outcome:
        """:meth:`rejecting` as a command."""
        return self.carry_out(command, self.rejecting(by=by, project_id=project_id, visit=visit, reason=reason))

    def check_may_attach(self, *, by: Caller, project_id: UUID, visit: int | None) -> None:
        """Refuse an upload before its bytes are read, for the reasons :meth:`attach_file` has."""
        project = self.project(project_id)
        view_of(project, by)
        project.check_may_attach(visit)
        project.participant(person_of(by))

    def attach_file(
        self, *, command: Command, by: Caller, project_id: UUID, visit: int | None, file: StoredFile
    ) -> Outcome:
        """上传内容 at ``visit``, or – None – 添加附件 outside a node's upload: a file of an operator of the project."""
        file_id = uuid4()

        def decide(unit: UnitOfWork, project: Project, _: Known) -> Answer:
            view_of(project, by)
            at = self.clock.now()
            project.attach_file(
                self.flow_of(project),
                visit=visit,
                person=person_of(by),
                file_id=file_id,
                name=file.name,
                size=file.size,
                quota=self.quota,
                at=at,
            )
            unit.rows.append(
                read_model.file_kept(
                    file_id=file_id,
                    project_id=project_id,
                    name=file.name,
                    size=file.size,
                    content_type=file.content_type,
                    sha256=file.sha256,
                    storage=file.storage,
                    uploaded_at=at,
                )
            )
            return 201, {"file_id": str(file_id), "name": file.name, "size": file.size, "sha256": file.sha256}

        return self.carry_out(command, self._on_project(project_id, decide))

    # Claim and changes: asked of dispatch, answered within WAIT or later.

    def claim(self, *, command: Command, by: Caller, project_id: UUID) -> Outcome:
        """订单认领 (D-46); the body names the request whose outcome dispatch decides."""
        request_id = uuid4()

        def decide(_: UnitOfWork, project: Project, __: Known) -> Answer:
            if by.party_id != project.provider_id:
                raise ProjectUnknown
            project.claim(
                self.flow_of(project),
                person=person_of(by),
                roles=by.roles,
                department_id=by.department_id,
                request_id=request_id,
                at=self.clock.now(),
            )
            return asked(project, request_id)

        return self.carry_out(command, self._on_project(project_id, decide))

    def claimable(self, *, by: Caller, order_number: str) -> list[Project]:
        """The projects of an order number that the caller's provider can claim (A-60); several are to choose from.

        :raises OrderUnknown, OrderOfOtherProvider, AlreadyClaimed, NotAtClaimNode: there is none, and why (D-50).
        """
        with self.connection() as connection:
            ids = read_model.projects_of_order(connection, order_number)
        if not ids:
            raise OrderUnknown
        projects = [self.project(project_id) for project_id in ids]
        own = [project for project in projects if project.provider_id == by.party_id]
        if not own:
            raise OrderOfOtherProvider
        free = [
            p for p in own if not p.ended and p.claimer_id is None and self.flow_of(p).node(p.node).type == CLAIM_ORDER
        ]
        if not free:
            raise AlreadyClaimed if any(project.claimer_id for project in own) else NotAtClaimNode
        return free

    def change_assignee(
        self,
        *,
        command: Command,
        by: Caller,
        project_id: UUID,
        person_id: UUID,
        role: str | None = None,
        remark: str | None = None,
    ) -> Outcome:
        """更换操作人 (R-46), by the admin of the provider."""
        request_id = uuid4()

        def decide(_: UnitOfWork, project: Project, __: Known) -> Answer:
            project.change_assignee(
                self.flow_of(project),
                role=role,
                person_id=person_id,
                remark=remark,
                by=as_provider_admin(project, by),
                request_id=request_id,
                at=self.clock.now(),
            )
            return asked(project, request_id)

        return self.carry_out(command, self._on_project(project_id, decide))

    def change_provider(
        self, *, command: Command, by: Caller, project_id: UUID, provider_id: UUID, remark: str
    ) -> Outcome:
        """更换服务商 (R-30), by the admin of the vendor or the platform operator."""
        request_id = uuid4()

        def decide(_: UnitOfWork, project: Project, __: Known) -> Answer:
            project.change_provider(
                provider_id=provider_id,
                remark=remark,
                by=as_changer_of_provider(project, by),
                request_id=request_id,
                at=self.clock.now(),
            )
            return asked(project, request_id)

        return self.carry_out(command, self._on_project(project_id, decide))

    def request_outcome(self, *, by: Caller, project_id: UUID, request_id: UUID, wait: float = 0) -> str | None:
        """What became of a claim or change: ``done``, ``withdrawn``, dispatch's reason of refusal, or None while it
        is open after ``wait`` seconds.

        :raises RequestUnknown: the project has no such request. :raises ProjectUnknown: or the caller may not know.
        """
        deadline = time.monotonic() + wait
        while True:
            project = self.project(project_id)
            if project.askers.get(request_id) != by.user_id:
                view_of(project, by)
            outcome = project.outcomes.get(request_id)
            if outcome is not None:
                return outcome
            if request_id not in project.askers:
                raise RequestUnknown
            if time.monotonic() > deadline:
                return None
            time.sleep(0.02)

    # Management and talk.

    def pause(self, *, command: Command, by: Caller, project_id: UUID, remark: str) -> Outcome:
        """暂停项目 (R-56)."""

        def decide(_: UnitOfWork, project: Project, __: Known) -> None:
            project.pause(remark=remark, by=as_provider_admin(project, by), at=self.clock.now())

        return self.carry_out(command, self._on_project(project_id, decide))

    def resume(self, *, command: Command, by: Caller, project_id: UUID) -> Outcome:
        """启动项目 (R-60)."""

        def decide(_: UnitOfWork, project: Project, __: Known) -> None:
            project.resume(self.flow_of(project), by=as_provider_admin(project, by), at=self.clock.now())

        return self.carry_out(command, self._on_project(project_id, decide))

    def cancel(self, *, command: Command, by: Caller, project_id: UUID, remark: str) -> Outcome:
        """取消项目 (R-140)."""

        def decide(_: UnitOfWork, project: Project, __: Known) -> None:
            project.cancel(remark=remark, by=as_canceller(by), at=self.clock.now())

        return self.carry_out(command, self._on_project(project_id, decide))

    def remind(self, *, command: Command, by: Caller, project_id: UUID, visit: int) -> Outcome:
        """催办: a message to whoever the open node waits for."""

        def decide(_: UnitOfWork, project: Project, __: Known) -> None:
            actor = as_reminder(project, by)
            project.remind(self.flow_of(project), visit=visit, by=actor, at=self.clock.now())

        return self.carry_out(command, self._on_project(project_id, decide))

    def comment(self, *, command: Command, by: Caller, project_id: UUID, text: str) -> Outcome:
        """项目留言 (R-90)."""
        comment_id = uuid4()

        def decide(_: UnitOfWork, project: Project, __: Known) -> Answer:
            view_of(project, by)
            project.comment(comment_id=comment_id, person=person_of(by), text=text, at=self.clock.now())
            return 201, {"comment_id": str(comment_id)}

        return self.carry_out(command, self._on_project(project_id, decide))

    def note(self, *, command: Command, by: Caller, project_id: UUID, text: str) -> Outcome:
        """项目备注 (R-95)."""
        note_id = uuid4()

        def decide(_: UnitOfWork, project: Project, __: Known) -> Answer:
            view_of(project, by)
            project.note(note_id=note_id, person=person_of(by), text=text, at=self.clock.now())
            return 201, {"note_id": str(note_id)}

        return self.carry_out(command, self._on_project(project_id, decide))

    def evaluate(self, *, command: Command, by: Caller, project_id: UUID, stars: int, text: str | None) -> Outcome:
        """评价 (R-135, R-137)."""

        def decide(_: UnitOfWork, project: Project, __: Known) -> Answer:
            view_of(project, by)
            project.evaluate(person=person_of(by), stars=stars, text=text, at=self.clock.now())
            return 201, standing(project)

        return self.carry_out(command, self._on_project(project_id, decide))


def asked(project: Project, request_id: UUID) -> Answer:
    """The answer of a command that asked dispatch."""
    return 202, {**standing(project), "request_id": str(request_id)}
