"""What intake-svc does when it hears of other services' events."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import cast
from uuid import UUID

import msgspec
from delivery_shared.contracts.identity import PartyErased, PartyRegistered, buyer_key
from delivery_shared.contracts.project import (
    NodeCompleted,
    NodeEntered,
    NodeRejected,
    OrderRefused,
    ProjectCompleted,
    ProjectPaused,
    ProjectResumed,
    ProjectStarted,
)
from delivery_shared.contracts.template import ParametersDeclared, ProductListed, ProductTakenOffline
from delivery_shared.copying import copy_of
from delivery_shared.eventstore import EventStore, RowChange, UnitOfWork
from delivery_shared.http.revocation import REVOCATION
from delivery_shared.messaging.envelope import Message
from delivery_shared.messaging.outbox import renewal_asked
from delivery_shared.messaging.process_manager import Policy, ProcessManager
from delivery_shared.platform_clock import MOVED

from intake_svc import lookups, vault
from intake_svc.domain import mirroring, receiving
from intake_svc.domain.mirror import Mirror, mirror_id_of
from intake_svc.domain.order import Order
from intake_svc.rows import mirror_rows, rows_of
from intake_svc.store import IntakeStore

OfProject = (
    ProjectStarted
    | NodeEntered
    | NodeCompleted
    | NodeRejected
    | ProjectPaused
    | ProjectResumed
    | ProjectCompleted
    | OrderRefused
)


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


def when_parameters_declared_then_hold_orders_against_them(said: ParametersDeclared) -> RowChange:
    """Of orders that come, or are replayed, from now on."""
    return RowChange(
        key=f"product {said.product_id}",
        sql="UPDATE product SET parameters = CAST(%(parameters)s AS jsonb) WHERE product_id = %(id)s",
        params={"id": said.product_id, "parameters": msgspec.json.encode(said.parameters).decode()},
    )


def when_party_registered_then_copy_it(said: PartyRegistered) -> RowChange:
    """The operator sees connections by the vendor's name; a buyer is found by the number and the
    marketplace it was registered under."""
    number = said.customer_number or said.account
    compared = None if number is None else buyer_key(number, said.marketplace)
    return copy_of(said, "party", key="party_id", columns=("name", "kind"), number_key=compared)


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


def when_project_started_then_answer_so_and_mirror_it(unit: UnitOfWork, said: ProjectStarted, message: Message) -> None:
    """Mirrored is what was bought while the connection has a mirror; tests are none of the marketplace's projects."""
    _of_order(unit, said.project_id, lambda order: receiving.project_started(order, at=message.time))
    order = unit.get(Order, said.project_id)
    if order is None or said.test or unit.get(Mirror, mirror_id_of(said.project_id)) is not None:
        return
    with unit.store.connection() as reads:
        if not lookups.is_mirrored(reads, order.connection_id):
            return
    unit.add(
        mirroring.begin(
            project_id=said.project_id,
            connection_id=order.connection_id,
            instance_id=said.business_number,
            order_number=said.order_number,
            at=message.time,
        )
    )


def when_node_entered_then_know_where_it_stands(unit: UnitOfWork, said: NodeEntered, message: Message) -> None:
    if said.side == "provider":

        def stand(mirror: Mirror) -> None:
            mirroring.stand_at(mirror, visit=said.visit, step=said.step, name=said.name, at=message.time)

        _of_mirror(unit, said.project_id, stand)


def when_node_completed_then_answer_so_and_report_it(unit: UnitOfWork, said: NodeCompleted, message: Message) -> None:
    """The first node a person has done counts; what the system does by itself does not, nor is it reported."""
    if said.by.kind == "system":
        return
    _of_order(unit, said.project_id, lambda order: receiving.person_has_done_a_node(order, at=message.time))

    def leave(mirror: Mirror) -> None:
        mirroring.leave(mirror, act="finish", visit=said.visit, remark=None, at=message.time)

    _of_mirror(unit, said.project_id, leave)


def when_node_rejected_then_report_it(unit: UnitOfWork, said: NodeRejected, message: Message) -> None:
    def leave(mirror: Mirror) -> None:
        remark = _remark(unit, mirror, said.reason)
        mirroring.leave(mirror, act="rollback", visit=said.visit, remark=remark, at=message.time)

    _of_mirror(unit, said.project_id, leave)


def when_project_paused_then_report_it(unit: UnitOfWork, said: ProjectPaused, message: Message) -> None:
    def interrupt(mirror: Mirror) -> None:
        mirroring.interrupt(mirror, act="pause", remark=_remark(unit, mirror, said.remark), at=message.time)

    _of_mirror(unit, said.project_id, interrupt)


def when_project_resumed_then_report_it(unit: UnitOfWork, said: ProjectResumed, message: Message) -> None:
    def interrupt(mirror: Mirror) -> None:
        mirroring.interrupt(mirror, act="resume", remark=None, at=message.time)

    _of_mirror(unit, said.project_id, interrupt)


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


def _of_mirror(unit: UnitOfWork, project_id: UUID, decide: Callable[[Mirror], None]) -> None:
    """Few projects have one."""
    mirror = unit.get(Mirror, mirror_id_of(project_id))
    if mirror is not None:
        before = len(mirror.facts)
        decide(mirror)
        if len(mirror.facts) > before:
            unit.rows += mirror_rows(mirror)


def _remark(unit: UnitOfWork, mirror: Mirror, text: str) -> str | None:
    """Of the next report, as it may be kept: people write names into remarks. None: the buyer was erased."""
    key = cast(IntakeStore, unit.store).vault.key_of_order(mirror.project_id)
    field = vault.remark_field(len(mirror.reports) + 1)
    return None if key is None else vault.sealed(key, mirror.project_id, field, text)


def of_project(said: OfProject) -> Iterable[UUID]:
    """The streams a message of project touches."""
    return (said.project_id, mirror_id_of(said.project_id))


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
                Policy(contract=ParametersDeclared, copy=when_parameters_declared_then_hold_orders_against_them),
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
                Policy(
                    contract=ProjectStarted,
                    then=when_project_started_then_answer_so_and_mirror_it,
                    streams=of_project,
                ),
                Policy(contract=NodeEntered, then=when_node_entered_then_know_where_it_stands, streams=of_project),
                Policy(
                    contract=NodeCompleted, then=when_node_completed_then_answer_so_and_report_it, streams=of_project
                ),
                Policy(contract=NodeRejected, then=when_node_rejected_then_report_it, streams=of_project),
                Policy(contract=ProjectPaused, then=when_project_paused_then_report_it, streams=of_project),
                Policy(contract=ProjectResumed, then=when_project_resumed_then_report_it, streams=of_project),
                Policy(contract=ProjectCompleted, then=when_project_completed_then_answer_so, streams=of_project),
                Policy(contract=OrderRefused, then=when_order_refused_then_show_it, streams=of_project),
            ],
        ),
    ]
