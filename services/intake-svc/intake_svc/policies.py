"""What intake-svc does when it hears of other services' events."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from delivery_shared.contracts.identity import PartyErased, PartyRegistered
from delivery_shared.contracts.project import NodeCompleted, OrderRefused, ProjectCompleted, ProjectStarted
from delivery_shared.contracts.template import ProductListed, ProductTakenOffline
from delivery_shared.copying import copy_of
from delivery_shared.eventstore import EventStore, RowChange, UnitOfWork
from delivery_shared.http.revocation import REVOCATION
from delivery_shared.messaging.envelope import Message
from delivery_shared.messaging.outbox import renewal_asked
from delivery_shared.messaging.process_manager import Policy, ProcessManager
from delivery_shared.platform_clock import MOVED
from delivery_shared.texts import key

from intake_svc import vault
from intake_svc.domain import receiving
from intake_svc.domain.order import Order
from intake_svc.rows import rows_of

OfProject = ProjectStarted | NodeCompleted | ProjectCompleted | OrderRefused


def when_product_listed_then_copy_it(said: ProductListed) -> RowChange:
    """SKU maps name products out of this copy."""
    return copy_of(said, "product", key="product_id", columns=("vendor_id", "code", "name"), offline=False)


def when_product_taken_offline_then_show_it(said: ProductTakenOffline) -> RowChange:
    """Orders are still taken: the project refuses them, and says so."""
    return RowChange(
        key=f"product {said.product_id}",
        sql="UPDATE product SET offline = true WHERE product_id = %(id)s",
        params={"id": said.product_id},
    )


def when_party_registered_then_copy_it(said: PartyRegistered) -> RowChange:
    """The operator sees connections by the vendor's name; a buyer is found by the number it was registered under."""
    number = said.customer_number or said.account
    return copy_of(
        said, "party", key="party_id", columns=("name", "kind"), number_key=None if number is None else key(number)
    )


def when_party_erased_then_forget_the_name(said: PartyErased) -> RowChange:
    """The copy keeps the id only."""
    return RowChange(
        key=f"party {said.party_id}",
        sql="UPDATE party SET name = '' WHERE party_id = %(party_id)s",
        params={"party_id": said.party_id},
    )


def when_party_erased_then_forget_the_buyer(unit: UnitOfWork, said: PartyErased, message: Message) -> None:
    """What the party's orders brought of it goes – name, contact, raw notices –: their keys are destroyed, and
    ``events.intake`` is published anew, with blanks."""
    with unit.store.connection() as connection:
        ids = vault.orders_of(connection, said.party_id)
    if not ids:
        return
    unit.preload(ids)
    for order in (unit.get(Order, id) for id in ids):
        if order is not None:
            receiving.forget_buyer(order, at=message.time)
            unit.rows += rows_of(order)
    unit.rows += [vault.keys_destroyed(ids), renewal_asked(unit.store.name)]


def when_project_started_then_answer_so(unit: UnitOfWork, said: ProjectStarted, message: Message) -> None:
    _of_order(unit, said.project_id, lambda order: receiving.project_started(order, at=message.time))


def when_node_completed_then_answer_so(unit: UnitOfWork, said: NodeCompleted, message: Message) -> None:
    """The first node a person has done counts; what the system does by itself does not."""
    if said.by.kind != "system":
        _of_order(unit, said.project_id, lambda order: receiving.person_has_done_a_node(order, at=message.time))


def when_project_completed_then_answer_so(unit: UnitOfWork, said: ProjectCompleted, message: Message) -> None:
    """At the latest: a flow may have no node for a person."""
    _of_order(unit, said.project_id, lambda order: receiving.person_has_done_a_node(order, at=message.time))


def when_order_refused_then_show_it(unit: UnitOfWork, said: OrderRefused, message: Message) -> None:
    """The notice it came of is refused, with the project's reason."""

    def refuse(order: Order) -> None:
        receiving.project_refused(order, asked=said.asked, reason=said.reason, at=message.time)

    _of_order(unit, said.project_id, refuse)


def _of_order(unit: UnitOfWork, project_id: UUID, decide: Callable[[Order], None]) -> None:
    """Most projects are not of the intake."""
    order = unit.get(Order, project_id)
    if order is not None:
        before = len(order.facts)
        decide(order)
        if len(order.facts) > before:
            unit.rows += rows_of(order)


def of_project(said: OfProject) -> Iterable[UUID]:
    """The stream a message of project touches."""
    return (said.project_id,)


def consumers(store: EventStore) -> list[ProcessManager]:
    """The feeds of the service, one per source."""
    return [
        ProcessManager(
            name="intake",
            source="template",
            store=store,
            policies=[
                Policy(contract=ProductListed, copy=when_product_listed_then_copy_it),
                Policy(contract=ProductTakenOffline, copy=when_product_taken_offline_then_show_it),
                MOVED,
            ],
        ),
        ProcessManager(
            name="intake",
            source="identity",
            store=store,
            policies=[
                Policy(contract=PartyRegistered, copy=when_party_registered_then_copy_it),
                Policy(
                    contract=PartyErased,
                    copy=when_party_erased_then_forget_the_name,
                    then=when_party_erased_then_forget_the_buyer,
                ),
                REVOCATION,
            ],
        ),
        ProcessManager(
            name="intake",
            source="project",
            store=store,
            linger=0.1,
            policies=[
                Policy(contract=ProjectStarted, then=when_project_started_then_answer_so, streams=of_project),
                Policy(contract=NodeCompleted, then=when_node_completed_then_answer_so, streams=of_project),
                Policy(contract=ProjectCompleted, then=when_project_completed_then_answer_so, streams=of_project),
                Policy(contract=OrderRefused, then=when_order_refused_then_show_it, streams=of_project),
            ],
        ),
    ]
