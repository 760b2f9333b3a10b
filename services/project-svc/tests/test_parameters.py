"""订单参数: orders held against what their product declares, and shown by it. ``World.hear`` delivers twice."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from delivery_shared.contracts import project, template
from delivery_shared.contracts.identity import PartyErased, party_id_of
from delivery_shared.contracts.template import OrderParameter

from .conftest import BY_VENDOR, MARKET, Http, World, product_of
from .people import at
from .test_http import problem, purchase
from .test_market import Script
from .test_marketplace import received, started, told

pytestmark = pytest.mark.integration

REGION = OrderParameter(key="region", label="地域", type="choice", required=True, options=["north", "south"])
BEGIN = OrderParameter(key="begin", label="开始日期", type="date", searchable=True)


def declare(world: World, *parameters: OrderParameter) -> None:
    world.hear(
        template.ParametersDeclared(product_id=product_of("website"), parameters=list(parameters), declared_at=at(0))
    )


@pytest.fixture
def declared(world: World) -> Any:
    """The product declares a region, which every order has, and a date."""
    declare(world, REGION, BEGIN)
    yield
    declare(world)


def order(http: Http, **parameters: str) -> Any:
    return http.of(MARKET)("POST", "orders", purchase(parameters=parameters), Idempotency_Key=uuid4().hex)


def shown(http: Http, project_id: Any) -> Any:
    return http.of(BY_VENDOR)("GET", f"projects/{project_id}").get_json()["business"]["parameters"]


@pytest.mark.usefixtures("declared")
def test_an_order_that_fits_is_taken_and_shown_with_labels_and_types(http: Http, world: World) -> None:
    taken = order(http, else_="x", begin="2026-12-01", region="south")
    assert taken.status_code == 201
    id = UUID(taken.get_json()["project_id"])
    assert shown(http, id) == [
        {"name": "region", "label": "地域", "type": "choice", "value": "south"},
        {"name": "begin", "label": "开始日期", "type": "date", "value": "2026-12-01"},
        {"name": "else_", "label": "else_", "type": "text", "value": "x"},
    ]
    said = next(t for t in told(world, id) if isinstance(t, project.ProjectStarted))
    assert said.declared == [REGION, BEGIN]


@pytest.mark.usefixtures("declared")
@pytest.mark.parametrize(
    ("parameters", "fields"),
    [
        ({}, {"parameters.region"}),
        ({"region": ""}, {"parameters.region"}),
        ({"region": "west", "begin": "1.12.2026"}, {"parameters.region", "parameters.begin"}),
        ({"region": "north", "begin": "2026-02-29"}, {"parameters.begin"}),
    ],
)
def test_one_that_does_not_is_refused_at_the_field(
    http: Http, world: World, parameters: dict[str, str], fields: set[str]
) -> None:
    before = world.outbox.last()
    refused = order(http, **parameters)
    assert problem(refused)[0] == 422
    errors = refused.get_json()["errors"]
    assert {error["field"] for error in errors} == fields
    assert all(error["zh"] and error["en"] for error in errors)
    assert world.outbox.last() == before


def test_an_order_from_before_the_declaration_stays_as_it_is(http: Http, world: World) -> None:
    taken = order(http, region="west")
    id = UUID(taken.get_json()["project_id"])
    declare(world, REGION, BEGIN)
    assert shown(http, id) == [{"name": "region", "label": "region", "type": "text", "value": "west"}]
    declare(world, OrderParameter(key="region", label="区域", type="text"))
    later = UUID(order(http, region="west").get_json()["project_id"])
    declare(world)
    assert [p["label"] for p in shown(http, later)] == ["区域"]


@pytest.mark.usefixtures("declared")
def test_what_a_marketplace_sent_was_held_against_the_declaration_it_brings(http: Http, world: World) -> None:
    """Intake has looked already, by the declaration it knew: here nothing is refused any more."""
    c = received(parameters={"size": "3"}, declared=[OrderParameter(key="size", label="规模", type="integer")])
    world.hear(c)
    assert shown(http, c.project_id) == [{"name": "size", "label": "规模", "type": "integer", "value": "3"}]
    older = received(parameters={"size": "x"})
    world.hear(older)
    assert [p["label"] for p in shown(http, older.project_id)] == ["size"]


@pytest.mark.usefixtures("declared")
def test_a_test_order_brings_none_and_is_taken_all_the_same(http: Http) -> None:
    body = {"product_id": str(product_of("website"))}
    taken = http.of(BY_VENDOR)("POST", "orders/test", body)
    assert taken.status_code == 201
    assert shown(http, taken.get_json()["project_id"]) == []


@pytest.mark.requirement("U-21")
@pytest.mark.usefixtures("declared")
@pytest.mark.parametrize("name", ["赵忘名", None])
def test_what_an_erased_buyer_wrote_freely_is_neither_shown_nor_told(
    http: Http, world: World, name: str | None
) -> None:
    """Given an order with a choice and a text, of a buyer it names or does not name, when he is forgotten, then only
    the choice is left, on the pages, in the public API and in what is published anew."""
    said = {"region": "south", "note": "门口放李某某的桌上"}
    order = received(parameters=said, declared=[REGION, BEGIN], customer_name=name)
    world.hear(order)
    assert started(world, order.project_id).parameters == said
    world.hear(PartyErased(party_id=party_id_of(order.customer_number)))
    assert [p["value"] for p in shown(http, order.project_id)] == ["south"]
    told_now = Script(http, BY_VENDOR)("DescribeOrderForIsv", OrderId=order.order_number).json["Components"]
    assert [p["value"] for p in told_now.values()] == ["south"]
    assert started(world, order.project_id).parameters == {"region": "south"}
