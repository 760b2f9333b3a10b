"""Commands on a real database: orders, batches, aggregates kept in memory, what is published."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from delivery_shared.commands import Command
from delivery_shared.contracts import project as contracts
from delivery_shared.contracts import template
from delivery_shared.eventstore import Conflict, UnitOfWork
from delivery_shared.messaging.consumer import NotYet
from delivery_shared.messaging.envelope import open_message
from project_svc import commands
from project_svc.application import ProjectApplication
from project_svc.domain import operating
from project_svc.domain.errors import (
    ClaimPending,
    NodePassed,
    NotOperator,
    OrderExists,
    ProductNotListed,
    ProductOffline,
    ProjectError,
    ProjectUnknown,
)
from project_svc.domain.order import Order
from project_svc.domain.project import Project
from project_svc.store import ProjectStore

from .conftest import BY_CUSTOMER, BY_LISI, BY_MANAGER, FOREIGN_ADMIN, World, product_of
from .people import BUYER, LISI, PROVIDER, VENDOR, id_of

pytestmark = pytest.mark.integration


def new_order(**more: object) -> Order:
    number = uuid4().hex
    values = {
        "order_number": number,
        "business_number": number,
        "product_id": product_of("website"),
        "customer_id": BUYER,
        **more,
    }
    return Order(**values)  # type: ignore[arg-type]


@pytest.mark.requirement("R-01", "R-02", "R-03")
def test_an_order_is_unique_for_ever_by_vendor_and_business_number(world: World) -> None:
    order = new_order(order_number="660012", business_number=f"660012001-{uuid4().hex[:6]}")
    first = world.do(commands.take_order(order=order))
    with pytest.raises(OrderExists) as refused:
        world.do(commands.take_order(order=order))
    assert str(refused.value.project_id) == first.body["project_id"]
    sibling = new_order(order_number="660012")
    second = world.do(commands.take_order(order=sibling))
    assert second.body["project_id"] != first.body["project_id"]
    assert world.project(refused.value.project_id).version == 3


def test_an_order_of_a_product_not_listed_is_refused(world: World) -> None:
    with pytest.raises(ProductNotListed):
        world.do(commands.take_order(order=new_order(product_id=uuid4())))


@pytest.mark.requirement("F-05")
def test_a_product_taken_offline_takes_no_orders_and_its_projects_go_on(world: World) -> None:
    listed = template.ProductListed(
        product_id=uuid4(),
        code="56001",
        name="name_56",
        vendor_id=VENDOR,
        template_id=id_of("template website"),
        template_version=1,
        template_name="website",
        listed_at=world.clock.now(),
    )
    world.hear(listed)
    kept = world.order(product_id=listed.product_id)
    world.hear(template.ProductTakenOffline(product_id=listed.product_id, taken_offline_at=world.clock.now()))
    with pytest.raises(ProductOffline):
        world.order(product_id=listed.product_id)
    assert not world.project(kept).ended
    world.hear(listed)
    again = world.order(product_id=listed.product_id)
    assert not world.project(again).ended, "listed again, it takes orders again"


def test_the_same_command_is_carried_out_once(world: World) -> None:
    command = Command(id=uuid4(), caller="m", route="r", fingerprint="f", keyed=True)
    order = new_order()
    first = world.application.carry_out(command, commands.take_order(order=order))
    again = world.application.carry_out(command, commands.take_order(order=order))
    assert (again.body, again.replayed, again.position) == (first.body, True, first.position)


def test_a_flow_that_has_not_arrived_is_not_known_yet(world: World) -> None:
    with pytest.raises(NotYet):
        world.application.flows.version(uuid4(), 1)


def test_a_batch_carries_out_many_commands_and_refuses_single_ones(world: World) -> None:
    app = world.application
    orders = [new_order() for _ in range(4)]
    batch = app.operate_many(
        [commands.take_order(order=o) for o in [*orders, orders[0], new_order(product_id=uuid4())]]
    )
    assert [r[0] if isinstance(r, tuple) else type(r) for r in batch.results] == [
        201,
        201,
        201,
        201,
        OrderExists,
        ProductNotListed,
    ]
    assert batch.position is not None
    ids = [Project.create_id(VENDOR, o.business_number) for o in orders]
    for project_id in ids:
        world.hear(world.provider(project_id), twice=False)
        world.hear(world.staff(project_id), twice=False)
    filled = app.operate_many(
        [commands.submit_requirement(by=BY_CUSTOMER, project_id=i, visit=3, data={"site": "x"}) for i in ids]
    )
    assert [r[0] for r in filled.results if isinstance(r, tuple)] == [200] * 4
    passed = app.operate_many(
        [commands.confirm(by=BY_CUSTOMER, project_id=i, visit=3) for i in ids]
        + [
            commands.confirm(by=BY_LISI, project_id=ids[0], visit=3),
            commands.confirm(by=BY_CUSTOMER, project_id=ids[1], visit=4),
            commands.confirm(by=FOREIGN_ADMIN, project_id=ids[2], visit=4),
            commands.confirm(by=BY_CUSTOMER, project_id=uuid4(), visit=1),
        ]
    )
    assert [r[0] if isinstance(r, tuple) else type(r) for r in passed.results] == [
        200,
        200,
        200,
        200,
        NodePassed,
        NotOperator,
        ProjectUnknown,
        ProjectUnknown,
    ]
    assert [world.project(i).node for i in ids] == ["check"] * 4
    assert app.operate_many([]).results == []


def test_a_batch_that_meets_a_conflict_is_carried_out_one_by_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    app = world.application
    ids = [world.at_check(), world.at_check()]
    saves = []
    save_all = ProjectStore.save_all

    def losing(self, aggregates=(), rows=()):  # type: ignore[no-untyped-def]
        changed = list(aggregates)
        saves.append(len(changed))
        if len(changed) == 2:
            raise Conflict
        return save_all(self, changed, rows)

    monkeypatch.setattr(ProjectStore, "save_all", losing)
    batch = app.operate_many([commands.confirm(by=BY_LISI, project_id=i, visit=4) for i in ids])
    assert [r[0] for r in batch.results if isinstance(r, tuple)] == [200, 200]
    assert saves == [2, 1, 1]
    assert [world.project(i).node for i in ids] == ["design"] * 2


def test_projects_kept_in_memory_are_as_stored_also_when_another_process_writes(
    world: World, database_url: str
) -> None:
    project_id = world.at_check()
    kept = world.application.store.load_all([project_id])[project_id]
    assert vars(kept) == vars(world.project(project_id))
    world.application.store._memory.put([kept])
    other = ProjectApplication(ProjectStore(database_url=database_url, memory=0), clock=world.clock)
    other.carry_out(Command(), commands.confirm(by=BY_LISI, project_id=project_id, visit=4))
    other.store.close()
    caught_up = world.application.store.load_all([project_id])[project_id]
    assert caught_up is kept
    assert vars(caught_up) == vars(world.project(project_id))


def test_a_decision_that_was_not_saved_leaves_no_trace_in_memory(world: World) -> None:
    app = world.application
    project_id = world.at_check()
    unit = UnitOfWork(app.store)
    project = unit.get(Project, project_id)
    assert project is not None
    operating.confirm(project, app.flows.of(project), visit=4, person=LISI, at=world.clock.now())
    app.carry_out(Command(), commands.confirm(by=BY_LISI, project_id=project_id, visit=4))
    with pytest.raises(Conflict):
        unit.commit()
    assert vars(app.store.load_all([project_id])[project_id]) == vars(world.project(project_id))


def test_everything_published_opens_as_its_contract(world: World) -> None:
    project_id = world.at_design()
    world.confirm(project_id, BY_LISI)
    world.confirm(project_id, BY_CUSTOMER)
    after = 0
    types: list[str] = []
    last: list[object] = []
    while batch := world.outbox.read(after=after, limit=500):
        for outgoing in batch:
            message = open_message(outgoing.body)
            assert message.prev == outgoing.prev
            if message.subject == str(project_id):
                types.append(message.type.removeprefix("project."))
                last.append(message.contract)
        after = batch[-1].id
    assert types == [
        "project_started", "node_entered", "provider_requested",
        "provider_set", "node_completed", "node_entered", "staff_requested",
        "role_filled", "node_completed", "node_entered",
        *["node_completed", "node_entered"] * 3,
        "node_completed", "project_completed",
    ]  # fmt: skip
    by = contracts.Actor(kind="staff", user_id=LISI.user_id, party_id=PROVIDER, role="designer")
    completed = [m for m in last if isinstance(m, contracts.NodeCompleted) and m.node == "design"]
    assert [m.by for m in completed] == [by]
    assert isinstance(last[0], contracts.ProjectStarted)
    assert (last[0].vendor_id, last[0].edition, UUID(str(last[0].customer_id))) == (VENDOR, "尊享版 (自营)", BUYER)


def at_once(*calls: Callable[[], object]) -> list[object]:
    """The results, or refusals, of calls made by as many threads at the same moment."""
    together = threading.Barrier(len(calls))

    def run(call: Callable[[], object]) -> object:
        together.wait()
        try:
            return call()
        except ProjectError as refusal:
            return type(refusal)

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@pytest.mark.requirement("R-127")
def test_of_many_who_confirm_the_same_visit_at_once_one_succeeds(world: World) -> None:
    project_id = world.at_check()
    app = world.application
    results = at_once(
        *[lambda: app.carry_out(Command(), commands.confirm(by=BY_LISI, project_id=project_id, visit=4)).status] * 5
    )
    assert sorted(results, key=str) == [200, *[NodePassed] * 4]
    assert (world.project(project_id).node, world.project(project_id).visit) == ("design", 5)


@pytest.mark.requirement("R-01")
def test_of_many_orders_with_one_business_number_at_once_one_becomes_a_project(world: World) -> None:
    order = new_order()
    app = world.application
    results = at_once(*[lambda: app.carry_out(Command(), commands.take_order(order=order)).status] * 5)
    assert sorted(results, key=str) == [201, *[OrderExists] * 4]


@pytest.mark.requirement("D-51")
def test_of_two_who_claim_at_once_one_succeeds(world: World) -> None:
    project_id = world.order("outsourced")
    world.hear(world.provider(project_id))
    app = world.application
    results = at_once(
        *[lambda: app.carry_out(Command(), commands.claim(by=BY_MANAGER, project_id=project_id)).status] * 2
    )
    assert sorted(results, key=str) == [202, ClaimPending]
