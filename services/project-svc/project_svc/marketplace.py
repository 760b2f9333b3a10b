"""What project-svc does when a marketplace says something of an order, in the words of intake-svc.

A message heard twice, or late, changes nothing; what cannot be done is refused, once for each message, and intake is
told so. What refers to something not known here yet waits for it until its last try.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from delivery_shared.contracts import Contract
from delivery_shared.contracts.identity import party_id_of
from delivery_shared.contracts.intake import (
    Contact,
    ContactChanged,
    EditionChanged,
    Ended,
    Frozen,
    OrderReceived,
    TermExtended,
    Thawed,
)
from delivery_shared.eventstore import UnitOfWork
from delivery_shared.messaging.consumer import NotYet
from delivery_shared.messaging.envelope import Message
from delivery_shared.messaging.process_manager import Policy
from delivery_shared.working_time import Calendar

from project_svc import commands
from project_svc.carrying_out import Carrier
from project_svc.domain import marketplace as deciding
from project_svc.domain.errors import (
    BuyerForgotten,
    OrderExists,
    ProductNotListed,
    ProductOffline,
    ProjectEnded,
    ProjectError,
    ProjectUnknown,
)
from project_svc.domain.order import Order, OrderContact
from project_svc.domain.project import Project
from project_svc.domain.refusals import Refusals, refused

REASONS: Final[dict[type[ProjectError], str]] = {
    OrderExists: "order-exists",
    ProductNotListed: "product-not-listed",
    ProductOffline: "product-offline",
    ProjectEnded: "project-ended",
    ProjectUnknown: "project-unknown",
}
"""What a refusal is called: the type of the problem that the same refusal is over HTTP."""

MAY_PASS = (ProductNotListed, ProjectUnknown)
"""Refusals for something that may be on its way here."""


class Marketplace:
    """Messages of intake, each about one order."""

    def __init__(self, carrier: Carrier) -> None:
        self.carrier = carrier
        self.clock = carrier.clock

    def when_order_received_then_start(self, unit: UnitOfWork, c: OrderReceived, message: Message) -> None:
        """The project of the order starts, as if it had been sent to ``POST orders``."""
        if unit.get(Project, c.project_id) is None:
            taking = commands.take_order(order=order_of(c))
            self._do(unit, c, message, c.received_at, lambda: self.carrier.decide(unit, taking))

    def when_term_extended_then_move_it(self, unit: UnitOfWork, c: TermExtended, message: Message) -> None:
        """The order runs longer, and one that had expired goes on."""

        def decide() -> None:
            project = self._project(unit, c.project_id)
            deciding.extend_term(
                project,
                self.carrier.flows.of(project),
                valid_until=c.valid_until,
                said_at=c.extended_at,
                calendar=self._calendar(),
                at=self.clock.now(),
            )

        self._do(unit, c, message, c.extended_at, decide)

    def when_edition_changed_then_show_it(self, unit: UnitOfWork, c: EditionChanged, message: Message) -> None:
        """Something else was bought."""

        def decide() -> None:
            deciding.change_edition(
                self._project(unit, c.project_id),
                sku=c.sku,
                edition=c.edition,
                quantity=c.quantity,
                said_at=c.changed_at,
                at=self.clock.now(),
            )

        self._do(unit, c, message, c.changed_at, decide)

    def when_contact_changed_then_name_him(self, unit: UnitOfWork, c: ContactChanged, message: Message) -> None:
        """Somebody else is told and asked for the buyer, unless somebody was named later, or the buyer is forgotten."""

        def decide() -> None:
            project, contact = self._project(unit, c.project_id), contact_of(c.contact)
            if contact is None:
                return
            work = self.carrier.work(unit)
            with suppress(BuyerForgotten):
                commands.name_contact(work, project, contact=contact, by=deciding.MARKETPLACE, said_at=c.changed_at)

        self._do(unit, c, message, c.changed_at, decide)

    def when_frozen_then_hold(self, unit: UnitOfWork, c: Frozen, message: Message) -> None:
        """Nothing is to be delivered meanwhile."""

        def decide() -> None:
            project = self._project(unit, c.project_id)
            deciding.freeze(project, expired=c.expired, said_at=c.frozen_at, at=self.clock.now())

        self._do(unit, c, message, c.frozen_at, decide)

    def when_thawed_then_go_on(self, unit: UnitOfWork, c: Thawed, message: Message) -> None:
        """Delivery goes on."""

        def decide() -> None:
            project = self._project(unit, c.project_id)
            flow = self.carrier.flows.of(project)
            deciding.thaw(project, flow, said_at=c.thawed_at, calendar=self._calendar(), at=self.clock.now())

        self._do(unit, c, message, c.thawed_at, decide)

    def when_ended_then_cancel(self, unit: UnitOfWork, c: Ended, message: Message) -> None:
        """The order is over, and the project with it."""

        def decide() -> None:
            project = self._project(unit, c.project_id)
            deciding.end_order(project, refund=c.refund, said_at=c.ended_at, at=self.clock.now())

        self._do(unit, c, message, c.ended_at, decide)

    def _project(self, unit: UnitOfWork, project_id: UUID) -> Project:
        project = unit.get(Project, project_id)
        if project is None:
            raise ProjectUnknown
        return project

    def _calendar(self) -> Calendar:
        return self.carrier.store.calendar.current().calendar

    def _do(self, unit: UnitOfWork, c: Any, message: Message, said_at: datetime, decide: Callable[[], object]) -> None:
        try:
            decide()
        except tuple(REASONS) as refusal:
            if isinstance(refusal, MAY_PASS) and not message.last_try and not self._is_refused(unit, c):
                raise NotYet(f"{REASONS[type(refusal)]}: project {c.project_id}") from refusal
            self._refuse(unit, c, said_at, REASONS[type(refusal)])

    def _is_refused(self, unit: UnitOfWork, c: Any) -> bool:
        """Whether there is no project of this order since the order itself was refused."""
        known = unit.get(Refusals, Refusals.create_id(c.project_id))
        return known is not None and c.TYPE != OrderReceived.TYPE and known.order_refused(OrderReceived.TYPE)

    def _refuse(self, unit: UnitOfWork, c: Any, said_at: datetime, reason: str) -> None:
        known = unit.get(Refusals, Refusals.create_id(c.project_id))
        told = refused(
            known,
            project_id=c.project_id,
            asked=c.TYPE,
            notice=said_at.isoformat(),
            reason=reason,
            at=self.clock.now(),
        )
        if known is None:
            unit.add(told)


def order_of(c: OrderReceived) -> Order:
    """What was bought, in the words of this service."""
    return Order(
        project_id=c.project_id,
        vendor_id=c.vendor_id,
        order_number=c.order_number,
        business_number=c.business_number,
        product_id=c.product_id,
        customer_id=party_id_of(c.customer_number, c.customer_marketplace),
        customer_number=c.customer_number,
        customer_marketplace=c.customer_marketplace,
        customer_name=c.customer_name,
        edition=c.edition,
        sales_channel=c.sales_channel,
        valid_until=c.valid_until,
        quantity=c.quantity,
        sku=c.sku,
        trial=c.trial,
        test=c.test,
        parameters=c.parameters,
        declared=msgspec.to_builtins(c.declared),
        contact=contact_of(c.contact),
    )


def contact_of(contact: Contact | None) -> OrderContact | None:
    """Whom the order names, None if it says nothing of anybody."""
    said = {} if contact is None else {k: v for k, v in msgspec.structs.asdict(contact).items() if v}
    return OrderContact(**said) if said else None


def of_order(c: Any) -> Iterable[UUID]:
    """The streams a message of intake touches."""
    return (c.project_id, Refusals.create_id(c.project_id))


def policies(carrier: Carrier) -> list[Policy]:
    """What is done with intake's messages."""
    marketplace = Marketplace(carrier)
    done: dict[type[Contract], Callable[[UnitOfWork, Any, Message], None]] = {
        OrderReceived: marketplace.when_order_received_then_start,
        TermExtended: marketplace.when_term_extended_then_move_it,
        EditionChanged: marketplace.when_edition_changed_then_show_it,
        ContactChanged: marketplace.when_contact_changed_then_name_him,
        Frozen: marketplace.when_frozen_then_hold,
        Thawed: marketplace.when_thawed_then_go_on,
        Ended: marketplace.when_ended_then_cancel,
    }
    return [Policy(contract=contract, then=then, streams=of_order) for contract, then in done.items()]
