"""Decisions of the pools: settings, choices, counts."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import pytest
from delivery_shared.testing.bdd import given
from dispatch_svc.domain import configuring, drawing, employing, facts, staffing
from dispatch_svc.domain.asks import Asked
from dispatch_svc.domain.configuration import ProviderConfiguration
from dispatch_svc.domain.errors import ConfiguredTwice, NotHeld, NotRelated, OutOfRange, UnknownMember
from dispatch_svc.domain.keys import StaffClass
from dispatch_svc.domain.pool import ProviderPool

NOON = datetime(2019, 10, 16, 4, 0, tzinfo=UTC)


def id_of(name: str) -> UUID:
    return uuid5(NAMESPACE_OID, name)


def configuration(**providers: tuple[int, int]) -> ProviderConfiguration:
    found = configuring.begin(product_id=id_of("product"), vendor_id=id_of("vendor"), at=NOON)
    for provider in providers:
        configuring.relate(found, provider_id=id_of(provider), related=True, at=NOON)
    configuring.configure(found, providers=[(id_of(p), w, m) for p, (w, m) in providers.items()], at=NOON)
    return found


def pool(*people: tuple[str, str, int]) -> ProviderPool:
    """``(name, roles, maximum)``."""
    found = employing.begin(provider_id=id_of("provider"), at=NOON)
    for name, roles, maximum in people:
        employing.enlist(found, person_id=id_of(name), roles=roles.split(), department_id=None, at=NOON)
        employing.set_load(found, person_id=id_of(name), maximum=maximum, at=NOON)
    return found


def ask(name: str) -> Asked:
    return Asked(request_id=id_of(f"request {name}"), project_id=id_of(name), run=1, arrival=1, attempts=0)


def drawn(of: ProviderConfiguration, name: str, *, seed: int = 7) -> UUID:
    return drawing.choose(of, ask(name), seed=seed, at=NOON).provider_id


def chosen(of: ProviderPool, name: str, *, holders: Collection[str] = (), seed: int = 1, cls: str = "designer") -> UUID:
    role = StaffClass(cls)
    return staffing.choose(of, of.able(role), ask(name), cls=role, holders=holders, seed=seed, at=NOON).person_id


def blocked(of: ProviderPool, cls: str) -> str | None:
    return of.able(StaffClass(cls)).blocked()


# ProviderConfiguration


@pytest.mark.requirement("P-15", "P-17", "G-09")
def test_the_vendor_itself_and_related_providers_are_candidates() -> None:
    fresh = configuring.begin(product_id=id_of("product"), vendor_id=id_of("vendor"), at=NOON)
    assert fresh.candidates == [str(id_of("vendor"))]
    given(fresh).when(lambda c: configuring.relate(c, provider_id=id_of("a"), related=True, at=NOON)).then(
        (facts.RelationSet, {"provider_id": id_of("a"), "related": True})
    ).when(lambda c: configuring.relate(c, provider_id=id_of("a"), related=True, at=NOON)).then()
    assert fresh.candidates == [str(id_of("vendor")), str(id_of("a"))]


@pytest.mark.requirement("P-15", "G-06")
def test_providers_without_relation_are_refused() -> None:
    given(configuration()).refuses(
        NotRelated, lambda c: configuring.configure(c, providers=[(id_of("a"), 10, 10)], at=NOON)
    ).when(lambda c: configuring.configure(c, providers=[(id_of("vendor"), 10, 1000)], at=NOON)).then(
        facts.ProvidersConfigured
    )


@pytest.mark.requirement("P-22", "P-23")
@pytest.mark.parametrize(("weight", "maximum"), [(0, 10), (101, 10), (10, -1), (10, 2001)])
def test_values_out_of_range_are_refused(weight: int, maximum: int) -> None:
    given(configuration()).refuses(
        OutOfRange, lambda c: configuring.configure(c, providers=[(id_of("vendor"), weight, maximum)], at=NOON)
    )


@pytest.mark.requirement("P-22", "P-23")
@pytest.mark.parametrize(("weight", "maximum"), [(1, 0), (100, 2000)])
def test_values_at_the_limits_are_accepted(weight: int, maximum: int) -> None:
    given(configuration()).when(
        lambda c: configuring.configure(c, providers=[(id_of("vendor"), weight, maximum)], at=NOON)
    ).then(facts.ProvidersConfigured)


def test_a_provider_stands_once_in_a_configuration() -> None:
    twice = [(id_of("vendor"), 10, 10), (id_of("vendor"), 20, 10)]
    given(configuration()).refuses(ConfiguredTwice, lambda c: configuring.configure(c, providers=twice, at=NOON))


def test_saving_the_same_changes_nothing() -> None:
    given(configuration(a=(10, 10))).when(
        lambda c: configuring.configure(c, providers=[(id_of("a"), 10, 10)], at=NOON)
    ).then()


@pytest.mark.requirement("G-06", "P-27")
def test_a_relation_that_ends_takes_the_provider_out_but_not_its_projects() -> None:
    of = configuration(a=(10, 10), b=(10, 10))
    given(of, lambda c: drawn(c, "A", seed=1)).when(
        lambda c: configuring.relate(c, provider_id=id_of("a"), related=False, at=NOON)
    ).then(
        facts.RelationSet,
        (facts.ProvidersConfigured, {"providers": [{"provider_id": id_of("b"), "weight": 10, "maximum": 10}]}),
    )
    assert sum(of.load.values()) == 1


@pytest.mark.requirement("D-02", "D-11", "P-31")
def test_a_choice_counts_and_a_release_gives_back() -> None:
    of = configuration(a=(10, 1))
    given(of).when(lambda c: drawn(c, "A")).then(
        (
            facts.ProviderChosen,
            {
                "how": "draw",
                "provider_id": id_of("a"),
                "seed": 7,
                "tied": [str(id_of("a"))],
                "excluded": {},
                "arrival": 1,
                "request_id": id_of("request A"),
            },
        )
    ).refuses(ValueError, lambda c: drawn(c, "B")).when(
        lambda c: drawing.release(c, provider_id=id_of("a"), project_id=id_of("A"), at=NOON)
    ).then(facts.ProviderReleased).refuses(
        NotHeld, lambda c: drawing.release(c, provider_id=id_of("a"), project_id=id_of("A"), at=NOON)
    )
    assert of.load == {}


def test_a_choice_tells_who_was_left_out() -> None:
    of = configuration(a=(10, 0), b=(10, 5))
    given(of).when(lambda c: drawn(c, "A")).then((facts.ProviderChosen, {"excluded": {"full": 1}}))
    assert [(row["load"], row["excluded"]) for row in of.listing()] == [(0, "full"), (1, None)]


@pytest.mark.requirement("D-04")
def test_shares_of_many_orders_follow_the_weights() -> None:
    """20 against 30 over 2,000 orders: 40 % and 60 % within four standard deviations (4.4 %)."""
    of = configuration(a=(20, 2000), b=(30, 2000))
    for n in range(2000):
        drawn(of, f"order {n}", seed=n)
    assert abs(of.load[str(id_of("a"))] / 2000 - 0.4) < 0.044


# ProviderPool


@pytest.mark.requirement("D-65")
def test_a_new_person_receives_at_once_and_has_maximum_10() -> None:
    given(employing.begin(provider_id=id_of("provider"), at=NOON)).when(
        lambda p: employing.enlist(p, person_id=id_of("a"), roles=["designer"], department_id=None, at=NOON)
    ).then((facts.MemberJoined, {"maximum": 10, "receiving": True, "provider_id": id_of("provider")}))


def test_other_roles_or_department_are_told_once() -> None:
    given(pool(("a", "designer", 3))).when(
        lambda p: employing.enlist(p, person_id=id_of("a"), roles=["engineer"], department_id=id_of("d"), at=NOON)
    ).then((facts.MemberMoved, {"roles": ["engineer"], "department_id": id_of("d")})).when(
        lambda p: employing.enlist(p, person_id=id_of("a"), roles=["engineer"], department_id=id_of("d"), at=NOON)
    ).then()


@pytest.mark.requirement("D-56")
@pytest.mark.parametrize("maximum", [-1, 51])
def test_a_maximum_out_of_range_is_refused(maximum: int) -> None:
    given(pool(("a", "designer", 3))).refuses(
        OutOfRange, lambda p: employing.set_load(p, person_id=id_of("a"), maximum=maximum, at=NOON)
    ).refuses(UnknownMember, lambda p: employing.set_load(p, person_id=id_of("b"), maximum=1, at=NOON))


@pytest.mark.requirement("D-55", "D-56", "D-67")
def test_settings_tell_whether_they_free_anything() -> None:
    of = pool(("a", "designer", 3))
    assert employing.set_load(of, person_id=id_of("a"), maximum=50, at=NOON) is True
    assert employing.set_load(of, person_id=id_of("a"), maximum=0, at=NOON) is False
    assert employing.set_load(of, person_id=id_of("a"), receiving=False, at=NOON) is False
    assert employing.set_load(of, person_id=id_of("a"), maximum=9, at=NOON) is False
    assert employing.set_load(of, person_id=id_of("a"), receiving=True, at=NOON) is True
    given(of).when(lambda p: employing.set_load(p, person_id=id_of("a"), maximum=9, receiving=True, at=NOON)).then()


@pytest.mark.requirement("D-19", "D-20", "D-21")
def test_the_person_with_the_smallest_ratio_is_chosen() -> None:
    of = pool(("small", "designer", 2), ("large", "designer", 5), ("other", "engineer", 50))
    given(of, lambda p: chosen(p, "A", seed=1), lambda p: chosen(p, "B", seed=1)).when(lambda p: chosen(p, "C")).then(
        (
            facts.PersonChosen,
            {"person_id": id_of("large"), "counted": True, "how": "assign", "excluded": {"lacks_role": 1}},
        )
    )
    assert {n: of.members[str(id_of(n))]["load"] for n in ("small", "large", "other")} == {
        "small": 1,
        "large": 2,
        "other": 0,
    }


@pytest.mark.requirement("D-22")
def test_equals_are_named_and_one_of_them_is_chosen_at_random() -> None:
    people = [(f"p{n}", "designer", 10) for n in range(30)]
    picked = {chosen(pool(*people), "A", seed=seed) for seed in range(200)}
    assert len(picked) > 25
    of = pool(*people)
    chosen(of, "A")
    event = of.facts[-1]
    assert isinstance(event, facts.PersonChosen)
    assert len(event.tied) == 20
    assert event.tied == sorted(event.tied)


@pytest.mark.requirement("D-23", "D-24", "D-68")
def test_paused_and_full_people_are_never_chosen() -> None:
    of = pool(("paused", "designer", 10), ("zero", "designer", 0), ("free", "designer", 1))
    employing.set_load(of, person_id=id_of("paused"), receiving=False, at=NOON)
    given(of).when(lambda p: chosen(p, "A")).then(
        (facts.PersonChosen, {"person_id": id_of("free"), "excluded": {"paused": 1, "full": 1}})
    ).refuses(ValueError, lambda p: chosen(p, "B"))
    assert blocked(of, "designer") == "staff_full"


@pytest.mark.requirement("D-35")
def test_reasons_of_a_class() -> None:
    of = pool(("a", "designer", 1))
    assert blocked(of, "designer") is None
    assert blocked(of, "engineer") == "no_staff"
    employing.set_load(of, person_id=id_of("a"), receiving=False, at=NOON)
    assert blocked(of, "designer") == "no_staff"


@pytest.mark.requirement("D-28")
def test_whoever_holds_the_project_already_is_not_counted_again() -> None:
    of = pool(("a", "designer engineer", 5))
    chosen(of, "A")
    given(of).when(lambda p: chosen(p, "A", holders={str(id_of("a"))}, cls="engineer")).then(
        (facts.PersonChosen, {"counted": False})
    )
    assert of.members[str(id_of("a"))]["load"] == 1


@pytest.mark.requirement("D-24", "D-28")
def test_a_full_person_who_holds_the_project_can_get_a_further_role_of_it() -> None:
    of = pool(("a", "designer engineer", 1), ("b", "engineer", 1))
    a = str(id_of("a"))
    given(of, lambda p: chosen(p, "B", cls="engineer", seed=3), lambda p: chosen(p, "A")).when(
        lambda p: chosen(p, "A", holders={a}, cls="engineer")
    ).then(
        (facts.PersonChosen, {"person_id": id_of("a"), "counted": False, "tied": [a], "excluded": {"full": 1}})
    ).refuses(ValueError, lambda p: chosen(p, "C", holders={str(id_of("stranger"))}, cls="engineer"))
    assert of.members[a]["load"] == 1
    taking = of.able(StaffClass("engineer")).taking
    assert [[person for person, _ in taking(holders)] for holders in (set(), {a}, {"stranger"})] == [[], [a], []]
    assert [row["excluded"] for row in of.listing(StaffClass("engineer"), {a})] == [None, "full"]


@pytest.mark.requirement("D-21", "D-28")
def test_who_has_free_load_comes_before_a_full_one_who_holds_the_project() -> None:
    of = pool(("a", "designer engineer", 1), ("b", "engineer", 50))
    a = str(id_of("a"))
    chosen(of, "A")
    for n in range(49):
        assert chosen(of, f"order {n}", cls="engineer") == id_of("b")
    assert {chosen(of, "A", holders={a}, cls="engineer", seed=seed) for seed in range(2)} == {id_of("b"), id_of("a")}
    employing.set_load(of, person_id=id_of("a"), maximum=0, at=NOON)
    assert chosen(of, "A", holders={a}, cls="engineer") == id_of("a")


@pytest.mark.requirement("D-28")
def test_a_paused_person_gets_no_further_role() -> None:
    of = pool(("a", "designer engineer", 1))
    chosen(of, "A")
    employing.set_load(of, person_id=id_of("a"), receiving=False, at=NOON)
    assert of.able(StaffClass("engineer")).taking({str(id_of("a"))}) == []
    assert blocked(of, "engineer") == "no_staff"


@pytest.mark.requirement("D-28", "R-49")
def test_a_full_person_who_holds_the_project_can_take_over_a_role_of_it() -> None:
    def replace(holders: set[str]) -> Any:
        return lambda p: staffing.take(
            p, ask("A"), how="replace", wanted=id_of("a"), role="engineer", holders=holders, present=None, at=NOON
        )

    of = pool(("a", "designer engineer", 1))
    chosen(of, "A")
    assert replace(set())(of) == "person_full"
    given(of).when(replace({str(id_of("a"))})).then((facts.PersonChosen, {"counted": False, "how": "replace"}))


@pytest.mark.requirement("D-25")
def test_a_department_includes_those_below_and_no_others() -> None:
    of = pool()
    for name, parent in (("top", None), ("mid", "top"), ("low", "mid"), ("far", None)):
        employing.place_department(of, department_id=id_of(name), parent_id=id_of(parent) if parent else None, at=NOON)
        employing.enlist(of, person_id=id_of(f"in {name}"), roles=["designer"], department_id=id_of(name), at=NOON)

    def within(name: str) -> set[str]:
        return set(of.able(StaffClass.of("designer", id_of(name))).members)

    assert within("top") == {str(id_of(f"in {n}")) for n in ("top", "mid", "low")}
    assert within("low") == {str(id_of("in low"))}
    employing.place_department(of, department_id=id_of("low"), parent_id=id_of("far"), at=NOON)
    assert within("top") == {str(id_of(f"in {n}")) for n in ("top", "mid")}


@pytest.mark.requirement("D-26", "D-54")
def test_of_a_department_that_is_gone_the_one_above_is_meant_and_above_all_the_whole_provider() -> None:
    of = pool(("free", "designer", 5))
    for name, parent in (("top", None), ("mid", "top"), ("low", "mid"), ("far", None)):
        employing.place_department(of, department_id=id_of(name), parent_id=id_of(parent) if parent else None, at=NOON)
    for name in ("top", "far"):
        employing.enlist(of, person_id=id_of(f"in {name}"), roles=["designer"], department_id=id_of(name), at=NOON)
    low, everybody = StaffClass.of("designer", id_of("low")), {str(id_of(n)) for n in ("free", "in top", "in far")}
    assert not of.able(low).members
    employing.remove_department(of, department_id=id_of("low"), at=NOON)
    assert not of.able(low).members
    employing.remove_department(of, department_id=id_of("mid"), at=NOON)
    assert set(of.able(low).members) == {str(id_of("in top"))}
    employing.enlist(of, person_id=id_of("in top"), roles=["designer"], department_id=id_of("far"), at=NOON)
    employing.remove_department(of, department_id=id_of("top"), at=NOON)
    assert set(of.able(low).members) == everybody
    assert not of.able(StaffClass.of("engineer", id_of("low"))).members
    del vars(of)["gone"]  # as a snapshot of an earlier version has it
    assert set(of.able(low).members) == everybody


@pytest.mark.requirement("U-21")
def test_a_member_is_closed_only_when_it_holds_nothing() -> None:
    of, person = pool(("a", "designer", 5)), id_of("a")

    def closing(asks: int) -> Callable[[ProviderPool], object]:
        return lambda p: employing.close(p, person_id=person, asks=asks, orders=[], at=NOON)

    given(of, lambda p: chosen(p, "A")).when(closing(0)).then((facts.MemberCloseRefused, {"person_id": person})).when(
        lambda p: staffing.release(p, person_id=person, project_id=id_of("A"), at=NOON)
    ).then(facts.PersonReleased).when(closing(1)).then((facts.MemberCloseRefused, {"asks": 1})).when(closing(0)).then(
        facts.MemberClosed
    ).when(closing(0)).then().when(
        lambda p: employing.enlist(p, person_id=person, roles=["designer"], department_id=None, at=NOON)
    ).then()


def test_nothing_is_given_back_that_is_not_held() -> None:
    given(pool(("a", "designer", 5))).refuses(
        NotHeld, lambda p: staffing.release(p, person_id=id_of("a"), project_id=id_of("A"), at=NOON)
    ).refuses(NotHeld, lambda p: staffing.release(p, person_id=id_of("b"), project_id=id_of("A"), at=NOON))
