"""Decisions of an assignment: who holds a project, over its runs and to its end."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import pytest
from delivery_shared.testing.bdd import given
from dispatch_svc.domain import asking, asks, facts, following
from dispatch_svc.domain.asks import Freed, OrderShown
from dispatch_svc.domain.assignment import Assignment
from dispatch_svc.domain.errors import NotAsked

NOON = datetime(2019, 10, 16, 4, 0, tzinfo=UTC)


def id_of(name: str) -> UUID:
    return uuid5(NAMESPACE_OID, name)


PROJECT, PRODUCT, PROVIDER, OTHER = (id_of(n) for n in ("project", "product", "provider", "other"))
ORDER = OrderShown(vendor_id=id_of("v"), customer_id=id_of("c"), product_id=PRODUCT, order_number="1")


def fresh() -> Assignment:
    return asking.begin(project_id=PROJECT, run=1, at=NOON)


def ask_provider(name: str, *, run: int = 1, wanted: UUID | None = None, implicit: tuple[str, ...] = ()) -> Any:
    ask = asks.for_provider(
        request_id=id_of(name), run=run, product_id=PRODUCT, implicit_roles=list(implicit), wanted=wanted
    )
    return lambda a: asking.ask(a, ask, ORDER, at=NOON)


def ask_staff(name: str, role: str, *, run: int = 1, kind: str = "assign", provider: UUID = PROVIDER) -> Any:
    ask = asks.for_person(request_id=id_of(name), run=run, kind=kind, provider_id=provider, role=role)
    return lambda a: asking.ask(a, ask, ORDER, at=NOON)


def provider(name: str, provider_id: UUID = PROVIDER) -> Any:
    return lambda a: asking.assign_provider(a, str(id_of(name)), provider_id=provider_id, at=NOON)


def person(name: str, who: str, department: UUID | None = None) -> Any:
    return lambda a: asking.assign_person(a, str(id_of(name)), person_id=id_of(who), department_id=department, at=NOON)


def test_an_ask_is_accepted_once() -> None:
    given(fresh()).when(ask_provider("r")).then(facts.ProviderAsked).when(ask_provider("r")).then()


def test_an_answered_ask_is_neither_asked_nor_answered_again() -> None:
    given(fresh(), ask_provider("r")).when(provider("r")).then(
        (facts.ProviderAssigned, {"provider_id": PROVIDER, "request_id": id_of("r"), "run": 1})
    ).when(ask_provider("r")).then().refuses(NotAsked, provider("r"))


def test_asks_of_an_older_run_and_after_the_end_are_ignored() -> None:
    restarted = given(fresh(), ask_provider("r"), lambda a: following.restart(a, run=2, provider_id=OTHER, at=NOON))
    restarted.when(ask_staff("s", "designer", run=1)).then()
    restarted.when(lambda a: following.end(a, how="completed", at=NOON)).then(facts.Ended).when(
        ask_staff("t", "designer", run=2)
    ).then().when(lambda a: following.end(a, how="cancelled", at=NOON)).then()


def test_a_reason_is_told_when_it_is_new() -> None:
    def queue(reason: str) -> Any:
        return lambda a: asking.queue(a, str(id_of("r")), reason=reason, queued_at=NOON, at=NOON)

    given(fresh(), ask_provider("r")).when(queue("providers_full")).then(
        (facts.Queued, {"reason": "providers_full", "provider_id": None, "role": None})
    ).when(queue("providers_full")).then().when(queue("no_provider_configured")).then(facts.Queued)


@pytest.mark.requirement("D-28")
def test_a_person_is_freed_with_the_last_role() -> None:
    held = given(
        fresh(),
        ask_staff("d", "designer"),
        ask_staff("e", "engineer"),
        person("d", "p"),
        person("e", "p"),
        ask_staff("d2", "designer", kind="replace"),
        ask_staff("e2", "engineer", kind="replace"),
    ).aggregate
    assert person("d2", "q")(held) is None
    assert person("e2", "q")(held) == id_of("p")


@pytest.mark.requirement("D-44")
def test_implicit_roles_open_asks_of_their_own() -> None:
    asked = given(fresh(), ask_provider("r", implicit=("provider_admin",))).aggregate
    follow, freed = provider("r")(asked)
    assert [(f.key, f.role, f.provider_id, f.run) for f in follow] == [
        (f"{id_of('r')}/provider_admin", "provider_admin", PROVIDER, 1)
    ]
    assert freed == Freed(providers=[], persons=[])
    assert list(asked.open) == [f"{id_of('r')}/provider_admin"]


@pytest.mark.requirement("R-41", "R-44")
def test_a_restart_frees_the_old_and_keeps_the_reserved() -> None:
    before = given(
        fresh(),
        ask_provider("r"),
        provider("r"),
        ask_staff("d", "designer"),
        person("d", "p"),
        ask_staff("e", "engineer"),
        lambda a: following.suspend(a, run=1, at=NOON),
        ask_provider("change", wanted=OTHER),
        provider("change", OTHER),
    )
    follow, freed = following.restart(before.aggregate, run=2, provider_id=OTHER, at=NOON) or ([], None)
    assert follow == []
    assert freed == Freed(providers=[(PRODUCT, PROVIDER)], persons=[(PROVIDER, id_of("p"))])
    after = before.aggregate
    assert (after.run, after.provider_id, after.reserved, after.suspended) == (2, str(OTHER), None, False)
    assert (after.open, after.roles) == ({}, {})
    assert following.restart(after, run=2, provider_id=OTHER, at=NOON) is None
    assert following.end(after, how="completed", at=NOON) == Freed(providers=[(PRODUCT, OTHER)], persons=[])


def test_a_restart_with_another_provider_than_reserved_frees_both() -> None:
    reserved = given(
        fresh(), ask_provider("r"), provider("r"), ask_provider("change", wanted=OTHER), provider("change", OTHER)
    ).aggregate
    _, freed = following.restart(reserved, run=2, provider_id=id_of("third"), at=NOON) or ([], Freed())
    assert freed.providers == [(PRODUCT, PROVIDER), (PRODUCT, OTHER)]
    assert reserved.provider_id is None


def test_the_end_frees_what_is_reserved_too() -> None:
    reserved = given(
        fresh(), ask_provider("r"), provider("r"), ask_provider("change", wanted=OTHER), provider("change", OTHER)
    ).aggregate
    freed = following.end(reserved, how="cancelled", at=NOON)
    assert freed is not None
    assert freed.providers == [(PRODUCT, PROVIDER), (PRODUCT, OTHER)]


def test_a_second_reservation_frees_the_first() -> None:
    reserved = given(
        fresh(), ask_provider("a", wanted=OTHER), provider("a", OTHER), ask_provider("b", wanted=id_of("third"))
    ).aggregate
    _, freed = provider("b", id_of("third"))(reserved)
    assert freed.providers == [(PRODUCT, OTHER)]


def test_pauses_of_an_older_run_and_repetitions_change_nothing() -> None:
    given(fresh(), lambda a: following.restart(a, run=2, provider_id=OTHER, at=NOON)).when(
        lambda a: following.suspend(a, run=1, at=NOON)
    ).then().when(lambda a: following.suspend(a, run=2, at=NOON)).then(facts.Suspended).when(
        lambda a: following.suspend(a, run=2, at=NOON)
    ).then().when(lambda a: following.resume(a, run=2, at=NOON)).then(facts.Resumed).when(
        lambda a: following.resume(a, run=2, at=NOON)
    ).then()


@pytest.mark.requirement("D-25")
def test_the_department_of_the_claim_is_fixed_at_claiming() -> None:
    claimed = (
        given(fresh(), ask_staff("c", "account_manager", kind="claim"))
        .when(person("c", "cm", id_of("d")))
        .then((facts.StaffAssigned, {"department_id": id_of("d"), "claimed": True}))
    )
    assert claimed.aggregate.claim_department == str(id_of("d"))
