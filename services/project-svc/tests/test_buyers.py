"""What an order says of its buyer stays with it until the buyer is forgotten; numbers however they are written."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from delivery_shared.contracts import identity, project
from delivery_shared.contracts.identity import party_id_of
from delivery_shared.messaging.envelope import open_message
from delivery_shared.texts import canonical
from project_svc import commands
from project_svc.domain.errors import OrderExists
from project_svc.domain.facts import Started
from project_svc.domain.order import Order
from project_svc.domain.project import Project

from .conftest import BY_MANAGER, BY_VENDOR, MARKET, Http, World, caller_of, product_of
from .people import VENDOR
from .test_http import problem, purchase
from .test_marketplace import received

pytestmark = pytest.mark.integration


def published(world: World, project_id: UUID) -> list[Any]:
    """What the relay would say of the project now, from the first message on."""
    found = world.outbox.read(after=0, limit=100_000)
    messages = [open_message(message.body).contract for message in found]
    return [contract for contract in messages if getattr(contract, "project_id", None) == project_id]


def started(world: World, project_id: UUID) -> project.ProjectStarted:
    (found,) = (c for c in published(world, project_id) if isinstance(c, project.ProjectStarted))
    return found


def customer_name(world: World, project_id: UUID) -> str:
    page = world.application.details(by=BY_VENDOR, project_id=project_id)
    found: str = page["business"]["customer_name"]
    return found


def renewals(world: World) -> int:
    with world.application.store.connection() as connection:
        row = connection.execute("SELECT coalesce(sum(asked), 0) AS n FROM outbox_renewal").fetchone()
    assert row is not None
    return int(row["n"])


@pytest.mark.requirement("R-07", "R-79")
def test_an_order_keeps_what_it_called_its_buyer(world: World) -> None:
    """Whoever is registered under the number, and whatever a later order says."""
    number = f"C-{uuid4().hex[:8].upper()}"
    customer_id = party_id_of(number)
    first = world.order(customer_id=customer_id, customer_number=number, customer_name="新客户有限公司")
    assert customer_name(world, first) == "新客户有限公司"
    world.hear(identity.PartyRegistered(
        party_id=customer_id, name="注册的名称", kind="customer", account=number, customer_number=number
    ))  # fmt: skip
    second = world.order(customer_id=customer_id, customer_number=number, customer_name="改名后的公司")
    assert [customer_name(world, one) for one in (first, second)] == ["新客户有限公司", "改名后的公司"]
    told = [started(world, one) for one in (first, second)]
    assert [(c.customer_number, c.customer_name) for c in told] == [
        (number, "新客户有限公司"),
        (number, "改名后的公司"),
    ]
    silent = world.order(customer_id=customer_id)
    assert customer_name(world, silent) == "注册的名称"
    assert (started(world, silent).customer_number, started(world, silent).customer_name) == (None, None)


@pytest.mark.requirement("S-01", "S-10")
def test_a_buyer_who_claimed_an_account_sees_what_was_ordered_before_and_after(http: Http, world: World) -> None:
    """He is a party without a number: the orders have his id."""
    number = f"C-{uuid4().hex[:8].upper()}"
    customer_id = party_id_of(number)
    bought = {"customer_id": customer_id, "customer_number": number, "customer_name": "麦家"}
    first, second = world.order(**bought), world.order(**bought)
    told = identity.PartyRegistered(party_id=customer_id, name="麦家的公司", kind="customer")
    world.hear(told, told)
    later, other = world.order(**bought), world.order(customer_number="O-2", customer_name="别人")
    buyer = http.of(caller_of(uuid4(), customer_id, "customer", roles=("customer",)))
    assert [buyer("GET", f"projects/{one}").status_code for one in (first, second, later, other)] == [
        200,
        200,
        200,
        404,
    ]
    assert [customer_name(world, one) for one in (first, later)] == ["麦家", "麦家"]
    with world.application.store.connection() as connection:
        row = connection.execute("SELECT * FROM party WHERE party_id = %s", (customer_id,)).fetchone()
    assert row is not None
    assert (row["account"], row["customer_number"], row["number_key"]) == (None, None, None)


@pytest.mark.requirement("U-21")
def test_nothing_stored_or_published_names_a_buyer_who_is_forgotten(world: World) -> None:
    number = f"C-{uuid4().hex[:8].upper()}"
    customer_id = party_id_of(number)
    told = identity.PartyRegistered(
        party_id=customer_id, name="赵忘名", kind="customer", account=number, customer_number=number
    )
    world.hear(told)
    by = {"customer_id": customer_id, "customer_number": number, "customer_name": "赵忘名"}
    first, second, other = (
        world.order(**by),
        world.order(**by),
        world.order(customer_name="别人", customer_number="O-1"),
    )
    before = renewals(world)
    world.hear(identity.PartyErased(party_id=customer_id))
    assert renewals(world) == before + 1, "events.project is published anew, once"
    assert [customer_name(world, one) for one in (first, second, other)] == ["--", "--", "别人"]
    for one in (first, second):
        said = published(world, one)
        assert started(world, one).customer_name == ""
        (gone,) = (c for c in said if isinstance(c, project.BuyerErased))
        assert (gone.project_id, gone.run) == (one, 1)
        assert "赵忘名" not in repr(said)
        log = world.application.flow_log(by=BY_VENDOR, project_id=one)
        assert "赵忘名" not in repr(log)
    with world.application.store.connection() as connection:
        dumped = connection.execute(
            "SELECT (SELECT string_agg(convert_from(state, 'UTF8'), '') FROM project_events) AS facts,"
            " (SELECT string_agg(p::text, '') FROM party p) AS parties"
        ).fetchone()
    assert dumped is not None
    assert "赵忘名" not in dumped["facts"] + dumped["parties"]
    again = world.order(**{**by, "customer_name": "新的名字"})
    assert (customer_name(world, again), customer_name(world, first)) == ("新的名字", "--")


def test_a_name_sealed_for_one_order_opens_for_no_other(world: World) -> None:
    project_id = world.order(customer_name="甲", customer_number="S-1")
    fact = world.application.store.history(project_id)[0]
    assert isinstance(fact, Started)
    assert fact.customer_name is not None
    assert "甲" not in fact.customer_name
    assert world.application.store.buyers.name_in(fact) == "甲"


@pytest.mark.requirement("S-10", "R-12")
@pytest.mark.parametrize("written", ["c-ab1", "Ｃ－ａｂ１", " C-AB1 "])
def test_a_customers_number_is_the_customer_however_it_is_written(http: Http, world: World, written: str) -> None:
    """The account of a customer registered by an id of before sees the project."""
    suffix = uuid4().hex[:6].upper()
    number, customer_id = f"C-AB1{suffix}", uuid4()
    world.hear(identity.PartyRegistered(
        party_id=customer_id, name="甲公司", kind="customer", account=number, customer_number=number
    ))  # fmt: skip
    sent = purchase(customer={"number": f"{written.strip()}{suffix}", "name": "甲公司"})
    made = http.of(MARKET)("POST", "orders", sent, Idempotency_Key=uuid4().hex)
    assert made.status_code == 201, made.get_data(as_text=True)
    buyer = caller_of(uuid4(), customer_id, "customer", roles=("customer",))
    assert http.of(buyer)("GET", f"projects/{made.get_json()['project_id']}").status_code == 200
    assert party_id_of(f"{written.strip()}{suffix}") == party_id_of(number)


SHOPS = [f"generic:{uuid4()}" for _ in range(2)]


def bought(world: World, number: str, marketplace: str) -> UUID:
    """The project of an order that a marketplace told of."""
    order = received(customer_number=number, customer_marketplace=marketplace, customer_name=f"买家 {marketplace}")
    world.hear(order)
    return order.project_id


def registered(number: str, marketplace: str, party_id: UUID | None = None) -> identity.PartyRegistered:
    return identity.PartyRegistered(
        party_id=party_id or party_id_of(number, marketplace), name="注册的名称", kind="customer", account=number,
        customer_number=number, marketplace=marketplace,
    )  # fmt: skip


@pytest.mark.requirement("S-10")
@pytest.mark.parametrize("spaces", [SHOPS, ["huawei", ""], ["tencent", SHOPS[0]]])
@pytest.mark.parametrize("when", ["before", "after", "by another id", "never"])
def test_equal_numbers_of_two_marketplaces_are_two_buyers(
    http: Http, world: World, spaces: list[str], when: str
) -> None:
    """Whether and whenever one of them was registered: an account sees what it bought itself."""
    number = f"c-{uuid4().hex[:8]}"
    party = uuid4() if when == "by another id" else party_id_of(number, spaces[0])
    told = registered(number.upper(), spaces[0], party)
    if when in ("before", "by another id"):
        world.hear(told)
    projects = [bought(world, number, space) for space in spaces]
    if when == "after":
        world.hear(told)
    customers = [world.project(project).customer_id for project in projects]
    assert customers == [party, party_id_of(number, spaces[1])]
    assert [started(world, project).customer_marketplace for project in projects] == spaces
    for customer, own, other in ((customers[0], *projects), (customers[1], *reversed(projects))):
        buyer = http.of(caller_of(uuid4(), customer, "customer", roles=("customer",)))
        assert buyer("GET", f"projects/{own}").status_code == 200
        assert buyer("GET", f"projects/{other}").status_code == 404


@pytest.mark.requirement("U-21")
def test_forgetting_a_buyer_leaves_the_one_of_equal_number_elsewhere(world: World) -> None:
    number = f"C-{uuid4().hex[:8]}"
    projects = [bought(world, number, space) for space in (*SHOPS, "")]
    world.hear(registered(number, SHOPS[0]), identity.PartyErased(party_id=party_id_of(number, SHOPS[0])))
    assert [customer_name(world, one) for one in projects] == ["--", f"买家 {SHOPS[1]}", "买家 "]
    assert [started(world, one).customer_name for one in projects] == ["", f"买家 {SHOPS[1]}", "买家 "]


@pytest.mark.requirement("S-10")
def test_what_is_sold_at_home_is_sold_to_those_who_are_registered_there(http: Http, world: World) -> None:
    number = f"C-{uuid4().hex[:8]}"
    world.hear(registered(number, "huawei"))
    sent = purchase(customer={"number": number, "name": "甲公司"})
    made = http.of(MARKET)("POST", "orders", sent, Idempotency_Key=uuid4().hex).get_json()
    assert world.project(UUID(made["project_id"])).customer_id == party_id_of(number)


@pytest.mark.requirement("R-01")
def test_an_order_is_one_project_however_its_number_is_written(http: Http, world: World) -> None:
    number = f"Ab-{uuid4().hex[:8]}"
    first = http.of(MARKET)("POST", "orders", purchase(business_number=number), Idempotency_Key=uuid4().hex)
    assert first.status_code == 201
    wide = "".join(chr(ord(c) + 0xFEE0) for c in number)
    for written in (number.upper(), number.lower(), wide):
        again = http.of(MARKET)("POST", "orders", purchase(business_number=written), Idempotency_Key=uuid4().hex)
        assert problem(again) == (409, "order-exists")
        assert again.headers["Location"] == first.headers["Location"]
        assert Project.create_id(VENDOR, written) == UUID(first.get_json()["project_id"])


def test_an_order_of_before_stays_the_project_it_is(world: World) -> None:
    """Its id followed from the number as it was written then."""
    project_id, number = world.order(), f"old-{uuid4().hex[:8]}"
    with world.application.store.connection() as connection:
        connection.execute(
            "UPDATE purchase SET business_number = %s, business_key = %s WHERE project_id = %s",
            (number, number, project_id),
        )
    order = Order(
        order_number=number, business_number=number.upper(), product_id=product_of("website"), customer_id=uuid4()
    )
    with pytest.raises(OrderExists) as refused:
        world.do(commands.take_order(order=order))
    assert refused.value.project_id == project_id


@pytest.mark.requirement("D-50")
def test_an_order_is_claimed_by_its_number_however_it_is_written(http: Http, world: World) -> None:
    number = f"Cl-{uuid4().hex[:8]}"
    project_id = world.order("outsourced", order_number=number)
    world.hear(world.provider(project_id))
    for written in (number.upper(), f" {number.lower()} ", "".join(chr(ord(c) + 0xFEE0) for c in number)):
        assert [p.id for p in world.application.claimable(by=BY_MANAGER, order_number=written)] == [project_id]


def test_products_are_named_by_code_and_account_however_they_are_written(world: World) -> None:
    found = world.application.product_id_of(code="５５００１", vendor_account="1744526877246715")
    assert found == product_of("website")


def test_ids_follow_from_one_writing() -> None:
    for number in ("ab-1", "AB-1", "ＡＢ－１"):
        assert Project.create_id(VENDOR, number) == Project.create_id(VENDOR, canonical(number))
