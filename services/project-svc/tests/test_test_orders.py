"""Test orders: on whose products, how many, and who ends them (S-07)."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from delivery_shared.commands import Command
from delivery_shared.contracts import dispatch, project
from delivery_shared.http import Caller
from project_svc import commands, trying
from project_svc.domain import order
from project_svc.domain.errors import ManagerMissing, TooManyTestOrders
from project_svc.domain.flow import Flow
from project_svc.domain.order import Order
from project_svc.verify import verify

from .conftest import (
    BY_ADMIN,
    BY_CUSTOMER,
    BY_LISI,
    BY_MANAGER,
    BY_VENDOR,
    BY_VPM,
    FOREIGN_ADMIN,
    MARKET,
    OPERATOR,
    Http,
    World,
    caller_of,
    product_of,
)
from .flows import website
from .people import OTHER_PROVIDER, PROVIDER, VENDOR, at
from .steps import started
from .test_buyers import published
from .test_http import problem, purchase

pytestmark = [pytest.mark.integration, pytest.mark.requirement("S-07")]

BODY = {"product_id": str(product_of("website"))}


def configured(world: World, *providers: UUID) -> None:
    world.hear(
        dispatch.ProvidersConfigured(
            product_id=product_of("website"),
            providers=[dispatch.ConfiguredProvider(provider_id=p, weight=1, maximum=1) for p in providers],
            configured_at=at(0),
        )
    )


@pytest.fixture(autouse=True)
def _served(world: World) -> Iterator[None]:
    configured(world, PROVIDER)
    yield
    with world.application.store.connection() as connection:
        connection.execute("DELETE FROM configured")


def an_account() -> Caller:
    """An account of the vendor without test orders."""
    return caller_of(uuid4(), VENDOR, "vendor_project_manager", roles=("vendor_project_manager",))


def placed(world: World, by: Caller, command: Command | None = None) -> UUID:
    number = f"{order.TEST}{uuid4().hex[:16].upper()}"
    wanted = Order(
        order_number=number, business_number=number, product_id=product_of("website"), customer_id=by.user_id,
        placed_by=by,
    )  # fmt: skip
    outcome = world.application.carry_out(command or Command(), commands.take_order(order=wanted))
    return UUID(outcome.body["project_id"])


def slots(world: World, by: Caller) -> int:
    with world.application.store.connection() as connection:
        return trying.open_of(connection, by.user_id)


def test_vendors_and_those_who_serve_them_try_a_product_as_their_own_customer(http: Http, world: World) -> None:
    for by in (BY_VENDOR, BY_VPM, BY_ADMIN, BY_LISI):
        response = http.of(by)("POST", "orders/test", BODY)
        assert response.status_code == 201, response.get_json()
        found = world.project(UUID(response.get_json()["project_id"]))
        assert (found.customer_id, found.is_test) == (by.user_id, True)
        world.do(commands.cancel(by=OPERATOR, project_id=found.id, remark="x"))
    for by in (BY_CUSTOMER, FOREIGN_ADMIN, OPERATOR, MARKET):
        assert problem(http.of(by)("POST", "orders/test", BODY)) == (403, "test-order-refused")
    configured(world, OTHER_PROVIDER)
    assert problem(http.of(BY_LISI)("POST", "orders/test", BODY)) == (403, "test-order-refused")


def test_what_can_be_tried_is_listed_by_vendor(http: Http, world: World) -> None:
    def offered(by: Caller) -> set[tuple[str, str]]:
        items = http.of(by)("GET", "orders/test/products").get_json()["items"]
        assert all(row["code"] and row["name"] and row["vendor_name"] for row in items)
        return {(row["vendor_id"], row["product_id"]) for row in items}

    website_of_vendor = (str(VENDOR), BODY["product_id"])
    assert website_of_vendor in offered(BY_VENDOR)
    assert website_of_vendor in offered(BY_LISI)
    assert {vendor for vendor, _ in offered(BY_LISI)} == {str(VENDOR)}
    for by in (BY_CUSTOMER, FOREIGN_ADMIN, OPERATOR, MARKET):
        assert website_of_vendor not in offered(by)
    configured(world, OTHER_PROVIDER)
    assert website_of_vendor not in offered(BY_LISI)


def test_ten_are_open_at_most_and_each_that_ends_makes_room(http: Http, world: World) -> None:
    by = an_account()
    projects = [placed(world, by) for _ in range(10)]
    assert problem(http.of(by)("POST", "orders/test", BODY)) == (409, "too-many-test-orders")
    with pytest.raises(TooManyTestOrders):
        placed(world, by)
    assert slots(world, by) == 10
    placed(world, an_account())
    world.do(commands.cancel(by=BY_VENDOR, project_id=projects[3], remark="x"))
    assert slots(world, by) == 9
    placed(world, by)
    with pytest.raises(TooManyTestOrders):
        placed(world, by)
    assert list(verify(world.application.store, now=at(0))) == []


def test_the_same_command_twice_takes_one_place(world: World) -> None:
    by, command = an_account(), Command()
    placed(world, by, command)
    assert slots(world, by) == 1


def test_many_at_the_same_time_are_ten(world: World) -> None:
    by = an_account()

    def attempt(_: int) -> bool:
        try:
            placed(world, by)
        except TooManyTestOrders:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        taken = list(pool.map(attempt, range(14)))
    assert (taken.count(True), slots(world, by)) == (10, 10)


def test_the_vendor_cancels_a_test_order_and_no_paid_one(http: Http, world: World) -> None:
    tried, paid = placed(world, an_account()), world.order()
    body = {"remark": "测试结束"}
    assert "cancel" in http.of(BY_VENDOR)("GET", f"projects/{tried}").get_json()["actions"]
    assert "cancel" not in http.of(BY_VENDOR)("GET", f"projects/{paid}").get_json()["actions"]
    before = world.versions(tried), world.versions(paid)
    assert problem(http.of(FOREIGN_ADMIN)("POST", f"projects/{tried}/cancellation", body)) == (404, "project-unknown")
    for by in (BY_VPM, BY_MANAGER):
        assert problem(http.of(by)("POST", f"projects/{tried}/cancellation", body))[0] == 403
    with pytest.raises(ManagerMissing):
        world.do(commands.cancel(by=BY_VENDOR, project_id=paid, remark="x"))
    assert (world.versions(tried), world.versions(paid)) == before
    assert http.of(BY_VENDOR)("POST", f"projects/{tried}/cancellation", body).status_code == 200
    assert (world.project(tried).state, world.project(paid).state) == ("cancelled", "running")


def test_a_paid_order_whose_number_looks_like_that_of_a_test_order_is_none(http: Http, world: World) -> None:
    bought: dict[str, Any] = purchase(order_number="TEST-1", business_number="TEST-2")
    response = http.of(MARKET)("POST", "orders", bought, Idempotency_Key=uuid4().hex)
    assert response.status_code == 201
    paid = UUID(response.get_json()["project_id"])
    tried = placed(world, an_account())
    assert (world.project(paid).is_test, world.project(tried).is_test) == (False, True)
    for project_id, test in ((paid, False), (tried, True)):
        asked = [c for c in published(world, project_id) if isinstance(c, project.ProviderRequested)]
        assert [c.unpaid for c in asked] == [test]
    assert "cancel" not in http.of(BY_VENDOR)("GET", f"projects/{paid}").get_json()["actions"]


def test_an_order_older_than_the_word_for_it_is_known_by_its_number() -> None:
    def begun(number: str, customer_number: str | None = None) -> bool:
        return started(Flow(website()), order_number=number, customer_number=customer_number).is_test

    assert begun("TEST-1") is True
    assert begun("TEST-1", customer_number="C1") is False
    assert begun("20261129") is False
