"""What can be wanted of a project: one function per command. Each gives a value that views, batches and the scheduler
carry out alike; whoever may not know the project is told that there is none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from delivery_shared.http import Caller
from delivery_shared.order_parameters import unfit
from delivery_shared.sealing import new_key

from project_svc import buyers, read_model, trying
from project_svc.access import (
    as_canceller,
    as_changer_of_provider,
    as_namer_of_contact,
    as_provider_admin,
    as_reminder,
    view_of,
)
from project_svc.carrying_out import Answer, Intake, Operation, Work, standing
from project_svc.domain import changing, operating, supervising, talking, walking
from project_svc.domain.errors import (
    BuyerForgotten,
    NotOperable,
    OrderExists,
    ParametersUnfit,
    ProductNotListed,
    ProductOffline,
    ProjectUnknown,
)
from project_svc.domain.facts import ContactChanged, Started
from project_svc.domain.order import Order, OrderContact
from project_svc.domain.people import Actor
from project_svc.domain.project import Project
from project_svc.files import StoredFile

# Orders.


def take_order(*, order: Order) -> Intake:
    """Intake of an order: the project starts and its first node is entered (R-01).

    The refusals: :class:`ProductNotListed`, :class:`OrderExists`, :class:`ProductOffline`, :class:`ParametersUnfit`
    unless somebody has held them against a declaration already or it is a test order; of that also
    :class:`TestOrderRefused` and :class:`TooManyTestOrders`.
    """
    return Intake(order=order, decide=_take)


def _take(work: Work, order: Order) -> Answer:
    product = work.copies.product(order.product_id)
    if product is None or order.vendor_id not in (None, product.vendor_id):
        raise ProductNotListed
    if order.placed_by is not None:
        work.copies.check_may_try(order.placed_by, product)
    project_id = order.project_id or Project.create_id(product.vendor_id, order.business_number)
    taken = work.copies.taken(product.vendor_id, order.business_number)
    if taken is not None or work.unit.get(Project, project_id) is not None:
        raise OrderExists(order.business_number, taken or project_id)
    if product.offline:
        raise ProductOffline
    declared = product.parameters if order.declared is None else order.declared
    if order.declared is None and order.placed_by is None and (wrong := list(unfit(declared, order.parameters))):
        raise ParametersUnfit({one.key: one.text for one in wrong})
    customer_id = work.copies.customer(order)
    buyer = buyers.sealed(order, project_id=project_id, customer_id=customer_id)
    if buyer.key is not None:
        work.unit.rows.append(buyer.key)
    started = Started(
        run=1,
        order_number=order.order_number,
        business_number=order.business_number,
        vendor_id=product.vendor_id,
        customer_id=customer_id,
        product_id=product.product_id,
        product_name=product.name,
        edition=order.edition,
        sales_channel=order.sales_channel,
        template_id=product.template_id,
        template_version=product.template_version,
        valid_until=order.valid_until.isoformat() if order.valid_until else None,
        customer_number=order.customer_number,
        customer_marketplace=order.customer_marketplace,
        customer_name=buyer.name,
        quantity=order.quantity,
        sku=order.sku,
        trial=order.trial,
        test=order.test or order.placed_by is not None,
        parameters=dict(order.parameters) or None,
        contact=buyer.contact,
        declared=list(declared) or None,
    )
    flow = work.flows.version(product.template_id, product.template_version)
    project = walking.begin(flow, started, at=work.now(), project_id=project_id)
    work.unit.add(project)
    work.unit.rows.append(
        read_model.order_taken(
            project_id=project_id,
            vendor_id=product.vendor_id,
            business_number=order.business_number,
            order_number=order.order_number,
        )
    )
    if order.placed_by is not None:
        work.unit.rows.append(trying.opened(project_id=project_id, account_id=order.placed_by.user_id))
    return 201, standing(project)


# Operations of nodes.


def submit_requirement(*, by: Caller, project_id: UUID, visit: int, data: dict[str, Any]) -> Operation:
    """提交需求: keep the filled form after checking it against the form's schema.

    :raises FormInvalid: by field. :raises FormUnknown: the form has not arrived. :raises FormBroken: it is none.
    """

    def decide(work: Work, project: Project) -> None:
        view_of(project, by)
        flow = work.flow_of(project)
        project.check_visit(visit)
        node = flow.node(project.node)
        if not node.fills_form or node.form is None:
            raise NotOperable
        filled = work.copies.form(node.form).check(data)
        operating.submit_requirement(project, flow, visit=visit, person=by, data=filled, at=work.now())

    return Operation(project_id=project_id, decide=decide)


def confirm(*, by: Caller, project_id: UUID, visit: int) -> Operation:
    """通过 / 确认: complete the node and go on."""

    def decide(work: Work, project: Project) -> None:
        view_of(project, by)
        operating.confirm(project, work.flow_of(project), visit=visit, person=by, at=work.now())

    return Operation(project_id=project_id, decide=decide)


def reject(*, by: Caller, project_id: UUID, visit: int, reason: str) -> Operation:
    """驳回: back to the step before."""

    def decide(work: Work, project: Project) -> None:
        view_of(project, by)
        operating.reject(project, work.flow_of(project), visit=visit, person=by, reason=reason, at=work.now())

    return Operation(project_id=project_id, decide=decide)


def attach_file(*, by: Caller, project_id: UUID, visit: int | None, file: StoredFile) -> Operation:
    """上传内容 at ``visit``, or – None – 添加附件 outside a node's upload (R-123, R-84)."""
    file_id = uuid4()

    def decide(work: Work, project: Project) -> Answer:
        view_of(project, by)
        at = work.now()
        operating.attach_file(
            project,
            work.flow_of(project),
            visit=visit,
            person=by,
            file_id=file_id,
            name=file.name,
            size=file.size,
            quota=work.quota,
            at=at,
        )
        work.unit.rows.append(
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

    return Operation(project_id=project_id, decide=decide)


def withdraw_file(*, by: Caller, project_id: UUID, file_id: UUID) -> Operation:
    """Take a file away again before its node is confirmed."""

    def decide(work: Work, project: Project) -> Answer:
        view_of(project, by)
        operating.withdraw_file(project, work.flow_of(project), file_id=file_id, person=by, at=work.now())
        work.unit.rows.append(read_model.file_gone(file_id))
        return 204, {}

    return Operation(project_id=project_id, decide=decide)


# Claim and changes: asked of dispatch; the body names the request whose outcome dispatch decides.


def claim(*, by: Caller, project_id: UUID) -> Operation:
    """订单认领 (D-46)."""
    request_id = uuid4()

    def decide(work: Work, project: Project) -> Answer:
        if by.party_id != project.provider_id:
            raise ProjectUnknown
        changing.claim(
            project,
            work.flow_of(project),
            person=by,
            roles=by.roles,
            department_id=by.department_id,
            request_id=request_id,
            at=work.now(),
        )
        return asked(project, request_id)

    return Operation(project_id=project_id, decide=decide)


def change_assignee(
    *, by: Caller, project_id: UUID, person_id: UUID, role: str | None = None, remark: str | None = None
) -> Operation:
    """更换操作人 (R-46), by the admin of the provider."""
    request_id = uuid4()

    def decide(work: Work, project: Project) -> Answer:
        changing.change_assignee(
            project,
            work.flow_of(project),
            role=role,
            person_id=person_id,
            remark=remark,
            by=as_provider_admin(project, by),
            request_id=request_id,
            at=work.now(),
        )
        return asked(project, request_id)

    return Operation(project_id=project_id, decide=decide)


def change_provider(*, by: Caller, project_id: UUID, provider_id: UUID, remark: str) -> Operation:
    """更换服务商 (R-30), by the admin of the vendor or the platform operator."""
    request_id = uuid4()

    def decide(work: Work, project: Project) -> Answer:
        changing.change_provider(
            project,
            provider_id=provider_id,
            remark=remark,
            by=as_changer_of_provider(project, by),
            request_id=request_id,
            at=work.now(),
        )
        return asked(project, request_id)

    return Operation(project_id=project_id, decide=decide)


def asked(project: Project, request_id: UUID) -> Answer:
    """The answer of a command that asked dispatch."""
    return 202, {**standing(project), "request_id": str(request_id)}


# Management and talk.


def pause(*, by: Caller, project_id: UUID, remark: str) -> Operation:
    """暂停项目 (R-56)."""

    def decide(work: Work, project: Project) -> None:
        supervising.pause(project, remark=remark, by=as_provider_admin(project, by), at=work.now())

    return Operation(project_id=project_id, decide=decide)


def resume(*, by: Caller, project_id: UUID) -> Operation:
    """启动项目 (R-60)."""

    def decide(work: Work, project: Project) -> None:
        supervising.resume(project, work.flow_of(project), by=as_provider_admin(project, by), at=work.now())

    return Operation(project_id=project_id, decide=decide)


def cancel(*, by: Caller, project_id: UUID, remark: str) -> Operation:
    """取消项目 (R-140), of a test order also by its vendor (S-07)."""

    def decide(work: Work, project: Project) -> None:
        supervising.cancel(project, remark=remark, by=as_canceller(project, by), at=work.now())

    return Operation(project_id=project_id, decide=decide)


def change_contact(*, by: Caller, project_id: UUID, contact: OrderContact) -> Operation:
    """更换联系人. The same again changes nothing; what is said here counts after all that was said before."""

    def decide(work: Work, project: Project) -> None:
        actor, now, last = as_namer_of_contact(project, by), work.now(), project.contact_said_at
        said_at = now if last is None or last < now else last + timedelta(microseconds=1)
        name_contact(work, project, contact=contact, by=actor, said_at=said_at)

    return Operation(project_id=project_id, decide=decide)


def name_contact(work: Work, project: Project, *, contact: OrderContact, by: Actor, said_at: datetime) -> None:
    """Somebody says who is the order's contact from ``said_at`` on; what is known already changes nothing.

    :raises BuyerForgotten, ProjectEnded: as :func:`supervising.change_contact`.
    """
    facts = [*work.store.history(project.id), *project.facts]
    named = next(fact for fact in reversed(facts) if isinstance(fact, Started | ContactChanged))
    known = buyers.key_among(work.unit.rows, project.id) or work.store.buyers.key_of(project.id)
    if known and buyers.contact_opened(known, named) == contact:
        return
    if known is None and work.copies.forgotten(project.customer_id):
        raise BuyerForgotten
    key = known or new_key()
    changed = supervising.change_contact(
        project,
        work.flow_of(project),
        contact=buyers.contact_sealed(key, project.id, project.contact + 1, contact),
        reachable=contact.reachable,
        by=by,
        said_at=said_at,
        at=work.now(),
    )
    if changed and known is None:
        work.unit.rows.append(buyers.key_kept(key, project_id=project.id, customer_id=project.customer_id))


def remind(*, by: Caller, project_id: UUID, visit: int) -> Operation:
    """催办: a message to whoever the open node waits for."""

    def decide(work: Work, project: Project) -> None:
        actor = as_reminder(project, by)
        supervising.remind(project, work.flow_of(project), visit=visit, by=actor, at=work.now())

    return Operation(project_id=project_id, decide=decide)


def comment(*, by: Caller, project_id: UUID, text: str, mentions: Sequence[UUID] = ()) -> Operation:
    """项目留言 (R-90). :raises MentionRefused: of somebody who cannot read it."""
    comment_id = uuid4()

    def decide(work: Work, project: Project) -> Answer:
        view = view_of(project, by)
        work.copies.check_mentions(project, mentions, internal=False, as_customer=view.as_customer)
        flow, at = work.flow_of(project), work.now()
        talking.comment(project, flow, comment_id=comment_id, person=by, text=text, mentions=mentions, at=at)
        return 201, {"comment_id": str(comment_id)}

    return Operation(project_id=project_id, decide=decide)


def note(*, by: Caller, project_id: UUID, text: str, mentions: Sequence[UUID] = ()) -> Operation:
    """项目备注 (R-95). :raises MentionRefused: of somebody who cannot read it, the customer among them."""
    note_id = uuid4()

    def decide(work: Work, project: Project) -> Answer:
        view = view_of(project, by)
        work.copies.check_mentions(project, mentions, internal=True, as_customer=view.as_customer)
        flow, at = work.flow_of(project), work.now()
        talking.note(project, flow, note_id=note_id, person=by, text=text, mentions=mentions, at=at)
        return 201, {"note_id": str(note_id)}

    return Operation(project_id=project_id, decide=decide)


def evaluate(*, by: Caller, project_id: UUID, stars: int, text: str | None) -> Operation:
    """评价 (R-135, R-137)."""

    def decide(work: Work, project: Project) -> Answer:
        view_of(project, by)
        talking.evaluate(project, person=by, stars=stars, text=text, at=work.now())
        return 201, standing(project)

    return Operation(project_id=project_id, decide=decide)
