"""Orders whose parameters do not fit what their product declares: parked, put right, replayed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from delivery_shared.contracts import intake, template
from delivery_shared.contracts.template import OrderParameter
from delivery_shared.testing.messages import Feeds
from intake_svc.domain.acts import Freeze

from .conftest import NOON, Marketplace, Published, listed

pytestmark = pytest.mark.integration

Connect = Callable[..., Marketplace]

REGION = OrderParameter(key="region", label="地域", type="choice", required=True, options=["north", "south"])
SEATS = OrderParameter(key="seats", label="席位", type="integer", searchable=True)


@pytest.fixture
def declare(feeds: Feeds) -> Callable[..., None]:
    """Delivers a declaration, as any message: twice."""

    def declare(product_id: UUID, *parameters: OrderParameter) -> None:
        told = template.ParametersDeclared(product_id=product_id, parameters=list(parameters), declared_at=NOON)
        feeds(told, told)

    return declare


Declare = Callable[..., None]


def replay(market: Marketplace, notice: Any, **changes: Any) -> Any:
    return market.vendor("POST", f"connections/{market.connection_id}/notices/{notice['id']}/replay", changes)


def test_an_order_that_fits_brings_the_declaration_along(
    connect: Connect, declare: Declare, published: Published
) -> None:
    market = connect("generic")
    declare(market.product_id, REGION, SEATS)
    assert market.send(market.order(parameters={"region": "north", "seats": "12", "else": "x"})).status_code == 200
    (told,) = published()
    assert isinstance(told, intake.OrderReceived)
    assert told.parameters == {"region": "north", "seats": "12", "else": "x"}
    assert told.declared == [REGION, SEATS]


def test_one_that_does_not_is_parked_by_its_parameter_put_right_piece_by_piece_and_taken(
    connect: Connect, declare: Declare, published: Published
) -> None:
    market = connect("generic")
    declare(market.product_id, REGION, SEATS)
    order = market.order(parameters={"seats": "many"})
    assert market.send(order).json["reason"] == "parameter-missing"
    assert market.send(order).json["reason"] == "parameter-missing"  # the same again is the same notice
    (parked,) = market.notices(state="parked")
    assert (parked["reason"], parked["parameter"]) == ("parameter-missing", "region")
    again = replay(market, parked)
    assert (again.json["state"], again.json["parameter"]) == ("parked", "region")
    first = replay(market, parked, parameters={"region": "south"})
    assert (first.json["state"], first.json["reason"], first.json["parameter"]) == (
        "parked",
        "parameter-wrong",
        "seats",
    )
    assert published() == []
    second = replay(market, parked, parameters={"seats": "12"})
    assert (second.json["state"], second.json["reason"], second.json["parameter"]) == ("applied", None, None)
    (told,) = published()
    assert isinstance(told, intake.OrderReceived)
    assert told.parameters == {"seats": "12", "region": "south"}
    detail = market.vendor("GET", f"connections/{market.connection_id}/notices/{parked['id']}").json
    assert detail["changes"] == {"parameters.region": "south", "parameters.seats": "12"}
    assert detail["translated"]["parameters"] == {"seats": "many"}
    market.send(order)
    assert len(published()) == 1


def test_an_optional_one_that_cannot_be_read_is_put_right_as_not_given(
    connect: Connect, declare: Declare, published: Published
) -> None:
    market = connect("generic")
    declare(market.product_id, SEATS)
    market.send(market.order(parameters={"seats": "12.5"}))
    (parked,) = market.notices(state="parked")
    assert replay(market, parked, parameters={"seats": ""}).json["state"] == "applied"
    assert len(published()) == 1


def test_a_replay_goes_by_the_declaration_of_now(connect: Connect, declare: Declare, published: Published) -> None:
    market = connect("generic")
    declare(market.product_id, REGION)
    market.send(market.order(parameters={"region": "west"}))
    (parked,) = market.notices(state="parked")
    west = OrderParameter(key="region", label="地域", type="choice", required=True, options=["west"])
    declare(market.product_id, west)
    assert replay(market, parked).json["state"] == "applied"
    (told,) = published()
    assert told.declared == [west]


def test_what_waits_behind_it_follows(connect: Connect, declare: Declare, published: Published) -> None:
    market = connect("generic")
    declare(market.product_id, REGION)
    order = market.order()
    market.send(order)
    market.send(market.about(order, "order.frozen", Freeze(), "1", key="f"))
    (parked, _) = market.notices(state="parked")
    assert replay(market, parked, parameters={"region": "north"}).json["state"] == "applied"
    assert [type(t).__name__ for t in published()] == ["OrderReceived", "Frozen"]


def test_what_the_map_says_of_a_sku_counts_as_brought(connect: Connect, declare: Declare, published: Published) -> None:
    market = connect("aliyun-spi")
    declare(market.product_id, REGION)
    path = f"connections/{market.connection_id}/sku-map"
    entry = {"product_code": "cmgj01", "sku": "pro", "product_id": str(market.product_id), "facts": {"region": "north"}}
    assert market.vendor("PUT", path, {"entries": [entry]}).status_code == 200
    market.send(market.order())
    (told,) = published()
    assert told.parameters == {"region": "north"}


def test_an_order_from_before_the_declaration_stays_as_it_is(
    connect: Connect, declare: Declare, published: Published, feeds: Feeds
) -> None:
    market = connect("generic")
    order = market.order(parameters={"region": "west"})
    market.send(order)
    declare(market.product_id, REGION)
    market.send(order)
    (told,) = published()
    assert told.declared == []
    assert [n["state"] for n in market.notices()] == ["applied"]
    feeds(listed(market.product_id, market.vendor.party_id))  # listed again: what was declared holds on
    market.send(market.order())
    assert [n["parameter"] for n in market.notices(state="parked")] == ["region"]


@pytest.mark.parametrize(
    "body",
    [{"parameters": {"": "x"}}, {"parameters": {"k": "v" * 501}}, {"parameters": {str(n): "" for n in range(51)}}],
)
def test_nonsense_is_not_put_right(connect: Connect, declare: Declare, body: Any) -> None:
    market = connect("generic")
    declare(market.product_id, REGION)
    market.send(market.order())
    (parked,) = market.notices(state="parked")
    assert replay(market, parked, **body).status_code == 422
