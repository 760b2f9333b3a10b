"""Every choice made again comes out the same; one that nobody could have made so is told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import pytest
from delivery_shared.verifying.stored import stored
from dispatch_svc.deciding_again import DecidingAgain
from dispatch_svc.domain import employing
from dispatch_svc.domain.facts import PersonChosen, ProviderChosen

pytestmark = pytest.mark.integration
NOON = datetime(2019, 10, 16, 4, 0, tzinfo=UTC)


def id_of(name: str) -> UUID:
    return uuid5(NAMESPACE_OID, name)


def again(shop: Any) -> DecidingAgain:
    made = DecidingAgain()
    with shop.store.connection() as connection, connection.transaction():
        for told in stored(shop.store, connection, lambda line, _: pytest.fail(line)):
            made.add(told.fact)
    return made


@pytest.fixture
def busy(shop: Any) -> Any:
    """Two providers with staff, projects whose roles are filled, one of them twice by the same person."""
    for provider in ("provider", "other"):
        shop.isv(provider)
        for n in range(3):
            shop.person(f"{provider} {n}", "designer", "engineer", provider=provider, maximum=4)
    shop.configure("product", provider=(20, 50), other=(30, 50))
    for n in range(8):
        shop.order(f"P{n}")
        shop.serve()
        shop.ask(f"P{n}")
        shop.ask(f"P{n}", "engineer")
        shop.serve()
    return shop


def choice(kind: type[Any], **more: Any) -> Any:
    values = {"request_id": id_of("x"), "project_id": id_of("x"), "run": 1, "arrival": 10_000, "attempts": 0}
    return kind(**values, **{"seed": 1, "tied": [], "excluded": {}, **more})


@pytest.mark.requirement("D-03", "D-21", "D-22", "D-28")
def test_all_come_out_the_same(busy: Any) -> None:
    made = again(busy)
    chosen = busy.rows(
        "SELECT count(*) AS n FROM dispatch_events WHERE topic LIKE '%%.ProviderChosen' OR topic LIKE '%%.PersonChosen'"
    )[0]["n"]
    assert chosen >= 16
    assert (made.same, made.differing, made.unseeded, made.unknown) == (chosen, [], 0, 0)
    assert made.figure == f"{chosen} of {chosen} decisions came out the same"


def test_a_person_who_has_more_to_do_than_another_was_not_chosen(busy: Any) -> None:
    pool = busy.staff("provider")
    busy.change(pool, lambda p: employing.set_load(p, person_id=id_of("provider 1"), maximum=50, at=NOON))
    before = again(busy).same
    pool = busy.staff("provider")
    person = max(pool.members, key=lambda one: pool.members[one]["load"] / pool.members[one]["maximum"])
    told = choice(PersonChosen, cls="designer", how="assign", person_id=UUID(person), counted=True)
    pool.tell(told, at=NOON)
    busy.store.save_all([pool])
    made = again(busy)
    assert made.same == before
    (line,) = made.differing
    assert line.startswith(
        f"dispatch: decision {pool.version} of pool {pool.id}, request {id_of('x')}, chose {person};"
    )
    assert made.figure == f"{before} of {before + 1} decisions came out the same"


def test_what_was_stored_without_its_seed_is_counted_apart(busy: Any) -> None:
    before = again(busy).same
    configuration = busy.configuration("product")
    told = choice(ProviderChosen, how="draw", provider_id=id_of("provider"), seed=None)
    configuration.tell(told, at=NOON)
    busy.store.save_all([configuration])
    made = again(busy)
    assert (made.same, made.differing, made.unseeded) == (before, [], 1)
    assert made.figure == (
        f"{before} of {before} decisions came out the same; 1 older ones were stored without their seed and were not"
        " made again"
    )
