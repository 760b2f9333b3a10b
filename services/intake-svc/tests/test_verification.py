"""Verify holds a bounded number of orders at once, whatever the order in which their facts were stored, and finds all
the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4
from weakref import WeakValueDictionary

import pytest
from delivery_shared.contracts import identity
from delivery_shared.contracts.identity import party_id_of
from delivery_shared.facts import Aggregate, Fact, OutOfPlace, folded
from delivery_shared.service import Service
from delivery_shared.testing.messages import Feeds
from delivery_shared.verifying import beside
from delivery_shared.verifying.moment import Moment
from delivery_shared.verifying.stored import Stored, stored
from intake_svc import verification
from intake_svc.domain import facts
from intake_svc.domain.acts import Contact, Freeze, Renew, Thaw
from intake_svc.domain.order import project_id_of
from intake_svc.publishing import order_received
from intake_svc.store import IntakeStore
from intake_svc.verification import IntakeVerification

from .conftest import NOON, Marketplace

pytestmark = pytest.mark.integration

Connect = Callable[..., Marketplace]

MANY = 7
SPOILT = {
    "marketplace_order.frozen": ("NOT frozen", "has another frozen than the events say"),
    "marketplace_order.valid_until": ("NULL", "has another valid_until than the events say"),
    "notice.verb": ("verb || 'x'", "has another verb than the events say"),
    "order_key.customer_number_key": (
        "split_part(customer_number_key, E'\\t', 1)",
        "has another customer_number_key than the events say",
    ),
    "order_key.customer_id": ("gen_random_uuid()", "has another customer_id than the events say"),
    "order_key.key": ("key || '\\x00'", "has another key than one that seals"),
}
KEYS = {"marketplace_order": "id", "notice": "id", "order_key": "project_id"}
OF_ORDER = {**KEYS, "notice": "order_id"}


@pytest.fixture(autouse=True)
def every_row_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other tests leave orders in the same database."""
    monkeypatch.setattr(beside, "EXAMPLES", 100_000)


@pytest.fixture
def several(connect: Connect, feeds: Feeds) -> list[UUID]:
    """Orders whose notices came in turns: each is told of again when all others were; the last one's buyer was erased
    in the end."""
    market = connect("generic")
    contact = Contact(name="王五", email="wang@example.com")
    numbers = [f"91{uuid4().int % 10**14:014}" for _ in range(MANY)]
    orders = [market.order(customer_number=n, customer_name="王五", contact=contact) for n in numbers]
    for order in orders:
        assert market.send(order).status_code == 200
    acts = {
        "order.frozen": Freeze(),
        "order.thawed": Thaw(),
        "order.renewed": Renew(valid_until=NOON.date() + timedelta(400)),
    }
    for verb, act in acts.items():
        for order in orders:
            market.send(market.about(order, verb, act, "1"))
    space = f"generic:{market.connection_id}"
    party = party_id_of(numbers[-1], space)
    feeds(
        identity.PartyRegistered(
            party_id=party, name="王五", kind="customer", customer_number=numbers[-1], marketplace=space
        ),
        identity.PartyErased(party_id=party),
    )
    return [project_id_of(market.connection_id, order.order) for order in orders]


@contextmanager
def verifying(service: Service, database_url: str) -> Iterator[tuple[IntakeVerification, list[Stored]]]:
    """A verification at this moment, and all there is to tell it."""
    store = service.store
    assert isinstance(store, IntakeStore)
    with Moment({store.schema: database_url}) as moment:
        yield (
            IntakeVerification(service, moment),
            list(stored(store, moment.connection(store.schema), lambda line, _: pytest.fail(line))),
        )


def lines_of(found: IntakeVerification, orders: list[UUID]) -> list[str]:
    return [line for line in found.differences() if any(str(id) in line for id in orders)]


@pytest.fixture
def alive(monkeypatch: pytest.MonkeyPatch) -> Mapping[int, Any]:
    """What the verification has folded, as far as it is in memory still."""
    found: WeakValueDictionary[int, Any] = WeakValueDictionary()

    def remembered(aggregate: Aggregate[Any] | None, fact: Fact) -> Aggregate[Any]:
        now = folded(aggregate, fact)
        found[id(now)] = now
        return now

    monkeypatch.setattr(verification, "folded", remembered)
    return found


@pytest.mark.parametrize("at_once", [1, 2, MANY - 1, MANY, 1000])
def test_no_more_orders_are_held_than_a_piece(
    service: Service,
    database_url: str,
    several: list[UUID],
    alive: Mapping[int, Any],
    at_once: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(verification, "AT_ONCE", at_once)
    with verifying(service, database_url) as (found, told):
        facts_of = [one for one in told if one.stream in several]
        most = 0
        for one in facts_of:
            found.tell(one)
            most = max(most, len(alive))
        assert most == min(at_once, MANY)
        assert (len(found.held), found.connections) == (len(alive), {})
        lines = [line for line in lines_of(found, several) if "table connection" not in line]
        assert (lines, found.held) == ([], {})
        assert len(alive) == 0
        names = {order_received(one.fact, found.vault).customer_name for one in facts_of if received(one)}
        assert names == {"王五", ""}


def received(one: Stored) -> bool:
    return isinstance(one.fact, facts.OrderReceived)


@pytest.mark.parametrize("place", SPOILT)
def test_a_row_of_an_order_that_made_room_is_compared_as_well(
    service: Service, database_url: str, several: list[UUID], place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification, "AT_ONCE", 2)
    with spoiling(service, place, several[0]) as ids, verifying(service, database_url) as (found, told):
        for one in told:
            if one.stream in several:
                found.tell(one)
        lines = [line for line in found.differences() if line.startswith(f"intake: table {place.partition('.')[0]}: ")]
    said = SPOILT[place][1]
    assert [id for id in ids if not any(f"={id} {said}" in line for line in lines)] == []


@contextmanager
def spoiling(service: Service, place: str, order: UUID) -> Iterator[list[UUID]]:
    """The ids of the rows of an order in which a column says something else, until the end."""
    store = service.store
    assert store is not None
    table, _, column = place.partition(".")
    key, of_order = KEYS[table], OF_ORDER[table]
    with store.connection() as connection:
        kept = connection.execute(
            f"SELECT {key} AS id, {column} AS value FROM {table} WHERE {of_order} = %s",
            (order,),
        ).fetchall()
        assert kept != []
        connection.execute(f"UPDATE {table} SET {column} = {SPOILT[place][0]} WHERE {of_order} = %s", (order,))
    try:
        yield [row["id"] for row in kept]
    finally:
        with store.connection() as connection:
            for row in kept:
                connection.execute(f"UPDATE {table} SET {column} = %(value)s WHERE {key} = %(id)s", row)


def test_what_does_not_fit_breaks_its_stream_alone(
    service: Service, database_url: str, several: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where its order had made room before."""
    monkeypatch.setattr(verification, "AT_ONCE", 1)
    with verifying(service, database_url) as (found, told):
        mine = [one for one in told if one.stream in several]
        for one in mine:
            found.tell(one)
        (first, *_) = [one for one in mine if one.stream == several[0]]
        assert first.stream not in found.held
        again = replace(mine[-1], stream=first.stream, fact=first.fact, version=2, id=mine[-1].id + 1)
        with pytest.raises(OutOfPlace):
            found.tell(again)
        found.tell(again)
        assert found.broken == {first.stream}
        assert [line for line in lines_of(found, several) if "table connection" not in line] == []
