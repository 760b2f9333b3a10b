"""Asks are served, queued, refused and freed: messages in, decisions of a dispatcher, answers out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import pytest
from delivery_shared.contracts import dispatch, identity
from delivery_shared.messaging.envelope import open_message
from delivery_shared.messaging.outbox import Outbox
from delivery_shared.tracing import Trace
from dispatch_svc import inbox_sql
from dispatch_svc.dispatcher import HEADS
from dispatch_svc.domain import configuring, employing
from dispatch_svc.verify import verify
from prometheus_client import REGISTRY

pytestmark = pytest.mark.integration
NOON = datetime(2019, 10, 16, 4, 0, tzinfo=UTC)


def id_of(name: str) -> UUID:
    return uuid5(NAMESPACE_OID, name)


@pytest.fixture(autouse=True)
def _all_invariants(world: Any) -> Any:
    """Whatever a test does here, everything that must always be true holds afterwards."""
    yield
    assert verify(world.store, older_than=0) == [
        f"{row['kind']} {row['ask'] or ''} of {row['pool']} is parked: {row['error']}"
        for row in world.rows("SELECT * FROM pool_inbox WHERE parked_at IS NOT NULL")
    ]


def names(*answers: Any) -> list[str]:
    """Answers, briefly."""
    return [type(a).__name__ + (f" {a.reason}" if hasattr(a, "reason") else "") for a in answers]


@pytest.mark.requirement("D-01", "D-05", "D-11")
def test_an_order_gets_a_provider_and_gives_it_back(shop: Any) -> None:
    request_id = shop.order("A")
    shop.serve()
    (answer,) = shop.answers()
    assert (answer.project_id, answer.run, answer.request_id, answer.provider_id) == (
        id_of("A"),
        1,
        request_id,
        id_of("provider"),
    )
    assert shop.configuration().load == {str(id_of("provider")): 1}
    shop.complete("A")
    shop.serve()
    assert shop.configuration().load == {}


def test_answers_carry_the_trace_of_the_ask(shop: Any) -> None:
    shop.order("A")
    sent = shop.sent["project"]
    shop.serve()
    message = open_message(Outbox(shop.store).read(after=0, limit=1000)[-1].body)
    assert message.trace == Trace(f"correlation {sent}", message.trace.causation_id)
    caused = shop.rows("SELECT state FROM dispatch_events ORDER BY notification_id DESC LIMIT 1")[0]["state"]
    assert f'"causation_id":"project:{sent}"'.encode() in bytes(caused)


@pytest.mark.requirement("D-07", "D-28", "P-28")
def test_without_configuration_orders_wait_until_it_is_saved(world: Any) -> None:
    world.product("product")
    world.order("A")
    world.order("B")
    world.serve()
    assert world.waiting() == {"A": "no_provider_configured", "B": "no_provider_configured"}
    world.configure("product", provider=(10, 1))
    world.serve()
    assert names(*world.answers()) == [
        "RequestQueued no_provider_configured",
        "RequestQueued no_provider_configured",
        "ProviderAssigned",
        "RequestQueued providers_full",
    ]
    assert world.waiting() == {"B": "providers_full"}


@pytest.mark.requirement("S-07", "D-37")
def test_a_test_order_is_served_after_every_paid_one_whenever_that_comes(shop: Any) -> None:
    shop.configure("product", provider=(10, 0))
    for name in ("tried 1", "A", "tried 2", "B"):
        shop.order(name, unpaid=name.startswith("tried"))
    shop.serve()
    assert list(shop.waiting()) == ["A", "B", "tried 1", "tried 2"]
    shop.configure("product", provider=(10, 1))
    shop.serve()
    assert list(shop.waiting()) == ["B", "tried 1", "tried 2"]
    shop.configure("product", provider=(10, 3))
    shop.serve()
    assert list(shop.waiting()) == ["tried 2"]
    shop.order("C", unpaid=False)
    shop.serve()
    assert list(shop.waiting()) == ["C", "tried 2"]
    shop.complete("A")
    shop.serve()
    assert list(shop.waiting()) == ["tried 2"], "C came later and goes first"


@pytest.mark.requirement("S-07", "D-37")
def test_what_a_test_order_is_follows_from_what_was_said_and_not_from_its_number(shop: Any) -> None:
    """Of asks older than that word the number tells."""
    shop.configure("product", provider=(10, 0))
    shop.order("TEST-old")
    shop.order("tried", unpaid=True)
    shop.order("TEST-paid", unpaid=False)
    shop.serve()
    assert list(shop.waiting()) == ["TEST-paid", "TEST-old", "tried"]


@pytest.mark.requirement("S-07", "D-37")
def test_a_person_takes_paid_orders_before_test_orders_of_another_role(shop: Any) -> None:
    shop.ask("tried", "architect", unpaid=True)
    shop.ask("A", "designer")
    shop.serve()
    assert list(shop.waiting()) == ["A", "tried"]
    shop.person("li", "designer", "architect", provider="provider", maximum=1)
    shop.serve()
    assert list(shop.waiting()) == ["tried"]


@pytest.mark.requirement("D-08", "D-37", "P-32")
def test_full_providers_make_orders_wait_first_in_first_out(shop: Any) -> None:
    shop.configure("product", provider=(10, 2))
    for name in "ABCDE":
        shop.order(name)
    shop.serve()
    assert list(shop.waiting()) == ["C", "D", "E"]
    shop.complete("A")
    shop.serve()
    assert list(shop.waiting()) == ["D", "E"]
    shop.configure("product", provider=(10, 4))
    shop.serve()
    assert shop.waiting() == {}
    assigned = [a.project_id for a in shop.published(dispatch.ProviderAssigned)]
    assert assigned == [id_of(name) for name in "ABCDE"]


@pytest.mark.requirement("D-06")
def test_a_provider_with_maximum_0_gets_nothing(shop: Any) -> None:
    shop.configure("product", provider=(100, 0))
    shop.order("A")
    shop.serve()
    assert shop.waiting() == {"A": "providers_full"}


@pytest.mark.requirement("P-27")
def test_a_removed_provider_keeps_its_projects(shop: Any) -> None:
    shop.order("A")
    shop.serve()
    shop.configure("product", other=(10, 10))
    shop.serve()
    assert shop.configuration().load == {str(id_of("provider")): 1}
    shop.complete("A")
    shop.serve()
    assert shop.configuration().load == {}


@pytest.mark.requirement("D-19", "D-21", "D-24", "D-29", "D-30", "D-32", "D-34", "D-35", "T-42", "F-09", "F-10", "U-18")
def test_staff_are_chosen_by_role_and_ratio_and_reasons_change(shop: Any) -> None:
    shop.ask("A")
    shop.serve()
    assert shop.waiting() == {"A": "no_staff"}
    shop.person("engineer", "engineer", provider="provider")
    shop.serve()
    assert shop.waiting() == {"A": "no_staff"}
    shop.person("small", "designer", provider="provider", maximum=1)
    shop.person("large", "designer", provider="provider", maximum=4)
    shop.ask("B")
    shop.ask("C")
    shop.serve()
    assert (shop.load("small"), shop.load("large")) == (1, 2)
    shop.ask("D")
    shop.ask("E")
    shop.ask("F")
    shop.serve()
    assert shop.waiting() == {"F": "staff_full"}
    shop.change(
        shop.staff(),
        lambda p: [employing.set_load(p, person_id=id_of(n), receiving=False, at=NOON) for n in ("small", "large")],
    )
    shop.serve()
    assert shop.waiting() == {"F": "no_staff"}
    assert names(*[a for a in shop.answers() if a.project_id == id_of("F")]) == [
        "RequestQueued staff_full",
        "RequestQueued no_staff",
    ]


@pytest.mark.requirement("D-28", "D-66")
def test_several_roles_in_one_project_count_once(shop: Any) -> None:
    shop.person("p", "designer", "engineer", provider="provider", maximum=2)
    shop.ask("A", "designer")
    shop.ask("A", "engineer")
    shop.serve()
    assert shop.load("p") == 1
    shop.complete("A")
    shop.serve()
    assert shop.load("p") == 0


@pytest.mark.requirement("D-24", "D-28")
def test_a_full_person_gets_a_second_role_of_his_project_at_once_and_of_no_other(shop: Any) -> None:
    shop.person("p", "designer", "engineer", provider="provider", maximum=1)
    shop.ask("A", "designer")
    shop.serve()
    shop.ask("B", "engineer")
    shop.ask("A", "engineer")
    shop.serve()
    assert shop.waiting() == {"B": "staff_full"}
    assert (shop.answers()[-1].role, shop.answers()[-1].person_id) == ("engineer", id_of("p"))
    assert shop.load("p") == 1
    shop.complete("A")
    shop.serve()
    assert (shop.waiting(), shop.load("p")) == ({}, 1)


@pytest.mark.requirement("D-28", "D-37")
def test_however_many_wait_an_ask_its_holder_can_take_is_found(shop: Any) -> None:
    """Of one class, blocked, more wait than a pass reads; one far behind belongs to a project whose designer becomes an
    engineer: he gets it, the others go on waiting in their order."""
    shop.person("p", "designer", provider="provider", maximum=1)
    shop.person("full", "engineer", provider="provider", maximum=0)
    shop.ask("A", "designer")
    shop.serve()
    others = [f"order {n}" for n in range(HEADS + 5)]
    for name in [*others, "A", "last"]:
        shop.ask(name, "engineer")
    shop.serve()
    assert list(shop.waiting()) == [*others, "A", "last"]
    shop.person("p", "designer", "engineer", provider="provider")
    shop.serve()
    assert list(shop.waiting()) == [*others, "last"]
    assert shop.load("p") == 1
    shop.change(shop.staff(), lambda p: employing.set_load(p, person_id=id_of("full"), maximum=2, at=NOON))
    shop.serve()
    assert list(shop.waiting()) == [*others[2:], "last"]


@pytest.mark.requirement("D-28", "D-46", "D-52")
@pytest.mark.parametrize("receiving", [True, False])
def test_who_claims_a_project_that_waits_takes_its_further_role(shop: Any, receiving: bool) -> None:
    """He becomes a holder while the ask waits already, by a claim that his load does not hinder – unless he is paused;
    then he gets it when he receives again."""
    shop.person("cm", "account_manager", "designer", provider="provider", maximum=0)
    shop.person("full", "designer", provider="provider", maximum=0)
    for n in range(HEADS):
        shop.ask(f"order {n}")
    shop.ask("A")
    shop.serve()
    assert shop.waiting()["A"] == "staff_full"

    def set_receiving(value: bool) -> None:
        shop.change(shop.staff(), lambda p: employing.set_load(p, person_id=id_of("cm"), receiving=value, at=NOON))

    if not receiving:
        set_receiving(False)
    shop.ask("A", "account_manager", kind="claim", wanted=id_of("cm"))
    shop.serve()
    assert ("A" in shop.waiting()) is not receiving
    set_receiving(True)
    shop.serve()
    assert list(shop.waiting()) == [f"order {n}" for n in range(HEADS)]
    assert shop.load("cm") == 1


@pytest.mark.requirement("D-28", "D-38")
def test_a_paused_project_gets_its_full_holder_when_it_goes_on(shop: Any) -> None:
    shop.person("p", "designer", "engineer", provider="provider", maximum=1)
    shop.ask("A", "designer")
    shop.ask("B", "engineer")
    shop.serve()
    shop.pause("A")
    shop.ask("A", "engineer")
    shop.serve()
    assert shop.waiting() == {"B": "staff_full", "A": ""}
    shop.resume("A")
    shop.serve()
    assert (shop.waiting(), shop.load("p")) == ({"B": "staff_full"}, 1)


@pytest.mark.requirement("D-28", "R-41")
def test_who_held_a_role_in_an_earlier_run_holds_the_project_no_more(shop: Any) -> None:
    shop.person("p", "designer", "engineer", provider="provider", maximum=1)
    shop.ask("A", "designer")
    shop.serve()
    shop.restart("A", "provider")
    shop.ask("B", "designer")
    shop.serve()
    shop.ask("A", "engineer", run=2)
    shop.serve()
    assert (shop.waiting(), shop.load("p")) == ({"A": "staff_full"}, 1)


@pytest.mark.requirement("D-28")
def test_asks_of_several_holders_that_exceed_a_batch_are_all_served(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dispatch_svc.dispatcher.LIMIT", 3)
    people = [f"p{n}" for n in range(8)]
    for name in people:
        shop.person(name, "designer", provider="provider", maximum=1)
        shop.ask(f"order {name}")
    shop.person("full", "engineer", provider="provider", maximum=0)
    shop.serve()
    for name in ["other", *(f"order {name}" for name in people), "another"]:
        shop.ask(name, "engineer")
    shop.serve()
    assert set(shop.waiting().values()) == {"staff_full"}
    for name in people:
        shop.person(name, "designer", "engineer", provider="provider")
    shop.serve()
    assert shop.waiting() == {"other": "staff_full", "another": "staff_full"}
    assert {shop.load(name) for name in people} == {1}
    assigned = shop.published(dispatch.StaffAssigned)
    designers, engineers = (
        {a.project_id: a.person_id for a in assigned if a.role == role} for role in ("designer", "engineer")
    )
    assert designers == engineers
    assert set(designers) == {id_of(f"order {name}") for name in people}


@pytest.mark.requirement("D-28")
def test_asks_that_waited_before_holders_were_written_down_learn_them(shop: Any) -> None:
    """Of a role the last one counts, of an earlier run none."""
    shop.person("old", "designer", provider="provider", maximum=1)
    for name in ("A", "B"):
        shop.ask(name, "designer")
        shop.serve()
        shop.restart(name, "provider") if name == "A" else shop.person("new", "designer", provider="provider")
    shop.ask("B", "designer", kind="replace", wanted=id_of("new"), request_id=id_of("change"))
    shop.serve()
    for name, run in (("A", 2), ("B", 1), ("C", 1)):
        shop.ask(name, "engineer", run=run)
    shop.serve()
    waiting = "SELECT order_number, holders FROM pool_inbox ORDER BY arrival"
    written = shop.rows(waiting)
    assert [row["holders"] for row in written] == [[], [id_of("new")], []]
    shop.rows("UPDATE pool_inbox SET holders = DEFAULT")
    shop.person("somebody", provider="provider")
    shop.serve()
    assert shop.rows(waiting) == written


@pytest.mark.requirement("D-28")
@pytest.mark.parametrize("others", [0, 30])
def test_an_ask_that_was_told_by_a_dispatcher_of_the_version_before_finds_its_holder(shop: Any, others: int) -> None:
    """Such a one, still running after the migration, tells the reason and writes down nobody."""
    shop.person("p", "designer", provider="provider", maximum=1)
    shop.person("q", "engineer", provider="provider", maximum=0)
    shop.ask("A", "designer")
    shop.serve()
    for name in [*(f"other {n}" for n in range(others)), "A"]:
        shop.ask(name, "engineer")
    shop.serve()
    shop.rows("UPDATE pool_inbox SET holders = DEFAULT")
    shop.person("p", "designer", "engineer", provider="provider", maximum=1)
    shop.serve()
    assert "A" not in shop.waiting()
    assert set(shop.waiting().values()) <= {"staff_full"}


@pytest.mark.requirement("D-25", "D-26", "D-48")
def test_department_first_is_strict_and_includes_the_departments_below(shop: Any) -> None:
    for name, parent in (("d1", None), ("d1a", "d1"), ("d2", None)):
        department(shop, name, parent)
    shop.person("outside", "designer", provider="provider", department="d2", maximum=50)
    shop.ask("A", rule="department_first", department_id=id_of("d1"))
    shop.serve()
    assert shop.waiting() == {"A": "no_staff"}
    shop.person("below", "designer", provider="provider", department="d1a", maximum=1)
    shop.serve()
    assert shop.waiting() == {}
    assert shop.load("below") == 1
    shop.ask("B", rule="department_first", department_id=id_of("d1"))
    shop.ask("C")
    shop.serve()
    assert shop.waiting() == {"B": "staff_full"}
    assert shop.load("outside") == 1


@pytest.mark.requirement("D-26", "D-37", "U-22")
def test_what_waits_for_a_department_that_is_deleted_goes_on(shop: Any) -> None:
    """Also an order claimed there that comes to its assign-order node only afterwards."""
    department(shop, "firm")
    department(shop, "d1", "firm")
    department(shop, "d2")
    for name in ("A", "B"):
        shop.person("cm", "account_manager", provider="provider", department="d1")
        shop.ask(name, "account_manager", kind="claim", wanted=id_of("cm"))
    shop.person("outside", "designer", provider="provider", department="d2")
    shop.ask("A", rule="department_first", department_id=id_of("d1"))
    shop.serve()
    shop.person("cm", "account_manager", provider="provider", department="d2")
    shop.serve()
    assert shop.waiting() == {"A": "no_staff"}
    gone = identity.DepartmentDeleted(department_id=id_of("d1"), party_id=id_of("provider"))
    shop.tell(gone)
    shop.serve()
    assert shop.waiting() == {"A": "no_staff"}, "nobody in the firm, and no other firm gets it"
    shop.person("inside", "designer", provider="provider", department="firm", maximum=1)
    shop.serve()
    assert (shop.waiting(), shop.load("inside")) == ({}, 1)
    shop.ask("B", rule="department_first")
    shop.serve()
    assert shop.waiting() == {"B": "staff_full"}
    shop.person("inside", "designer", provider="provider", department="d2")
    shop.tell(identity.DepartmentDeleted(department_id=id_of("firm"), party_id=id_of("provider")))
    assert shop.hinted[-1] == f"provider:{id_of('provider')}"
    shop.serve()
    assert (shop.waiting(), shop.load("outside")) == ({}, 1)
    before = shop.count()
    shop.tell(gone)
    assert shop.count() == before


@pytest.mark.requirement("P-15", "P-27", "D-18", "D-38")
def test_what_waits_goes_on_when_the_relation_of_its_provider_ends(shop: Any) -> None:
    """An order the provider has stays with it and gets its person; one that waits for a provider waits for another,
    and says so."""
    shop.order("A")
    shop.serve()
    shop.ask("A")
    shop.configure("product", provider=(10, 1))
    shop.order("B")
    shop.serve()
    assert shop.waiting() == {"A": "no_staff", "B": "providers_full"}
    found = shop.configuration()
    shop.change(found, lambda c: configuring.relate(c, provider_id=id_of("provider"), related=False, at=NOON))
    shop.serve()
    assert shop.waiting() == {"A": "no_staff", "B": "no_provider_configured"}
    shop.person("li", "designer", provider="provider")
    shop.serve()
    assert (shop.waiting(), shop.load("li")) == ({"B": "no_provider_configured"}, 1)
    shop.isv("other")
    shop.configure("product", other=(10, 1))
    shop.serve()
    assert (shop.waiting(), shop.assignment("B").provider_id) == ({}, str(id_of("other")))


def department(world: Any, name: str, parent: str | None = None) -> None:
    world.tell(
        identity.DepartmentSaved(
            department_id=id_of(name),
            party_id=id_of("provider"),
            name=name,
            parent_id=id_of(parent) if parent else None,
        )
    )


@pytest.mark.requirement("D-54")
def test_a_claimer_without_department_makes_it_provider_first(shop: Any) -> None:
    shop.person("p", "designer", provider="provider", department="d2")
    shop.ask("A", rule="department_first", department_id=None)
    shop.serve()
    assert shop.load("p") == 1


@pytest.mark.requirement("D-37")
def test_a_blocked_class_does_not_hold_up_another(shop: Any) -> None:
    shop.person("e", "engineer", provider="provider")
    shop.ask("A", "designer")
    shop.ask("B", "engineer")
    shop.serve()
    assert shop.waiting() == {"A": "no_staff"}


@pytest.mark.requirement("D-46", "D-49", "D-52")
def test_a_claim_is_granted_whatever_load_and_receiving(shop: Any) -> None:
    shop.person("cm", "account_manager", provider="provider", department="d1", maximum=0)
    shop.change(shop.staff(), lambda p: employing.set_load(p, person_id=id_of("cm"), receiving=False, at=NOON))
    shop.ask("A", "account_manager", kind="claim", wanted=id_of("cm"))
    shop.serve()
    (answer,) = shop.answers()
    assert (answer.role, answer.person_id, answer.department_id) == ("account_manager", id_of("cm"), id_of("d1"))
    assert shop.load("cm") == 1


@pytest.mark.requirement("D-47", "D-50")
def test_claims_of_strangers_are_refused(shop: Any) -> None:
    shop.person("p", "designer", provider="provider")
    shop.ask("A", "account_manager", kind="claim", wanted=id_of("p"))
    shop.ask("B", "account_manager", kind="claim", wanted=id_of("nobody"))
    shop.serve()
    assert names(*shop.answers()) == ["RequestRefused person_lacks_role", "RequestRefused person_unknown"]
    assert shop.load("p") == 0
    assert shop.waiting() == {}


@pytest.mark.requirement("D-51")
def test_two_claims_of_one_order_are_each_answered_once(shop: Any) -> None:
    for name in ("one", "two"):
        shop.person(name, "account_manager", provider="provider")
        shop.ask("A", "account_manager", kind="claim", wanted=id_of(name), request_id=id_of(f"claim {name}"))
    shop.serve()
    assert len(shop.answers()) == 2
    assert (shop.load("one"), shop.load("two")) == (0, 1)


@pytest.mark.requirement("R-48", "R-49", "R-53", "R-54")
def test_a_change_of_assignee_moves_the_load_or_is_refused(shop: Any) -> None:
    shop.person("old", "designer", provider="provider")
    shop.ask("A")
    shop.serve()
    shop.person("new", "designer", provider="provider")
    shop.person("engineer", "engineer", provider="provider")
    shop.person("full", "designer", provider="provider", maximum=0)
    shop.person("paused", "designer", provider="provider")
    shop.change(shop.staff(), lambda p: employing.set_load(p, person_id=id_of("paused"), receiving=False, at=NOON))
    for name in ("old", "engineer", "full", "paused", "nobody", "new"):
        shop.ask("A", kind="replace", wanted=id_of(name), request_id=id_of(f"change to {name}"))
        shop.serve()
    assert names(*shop.answers()[1:]) == [
        "RequestRefused same_person",
        "RequestRefused person_lacks_role",
        "RequestRefused person_full",
        "RequestRefused person_paused",
        "RequestRefused person_unknown",
        "StaffAssigned",
    ]
    assert {n: shop.load(n) for n in ("old", "new", "full", "paused")} == {"old": 0, "new": 1, "full": 0, "paused": 0}


@pytest.mark.requirement("D-26", "R-48", "R-49", "R-53")
@pytest.mark.parametrize("paused", [False, True])
def test_the_admin_leads_an_order_on_that_waits_for_a_person(shop: Any, paused: bool) -> None:
    """Of whatever department; who cannot be had is refused and the order goes on waiting."""
    department(shop, "d1")
    shop.person("chosen", "designer", provider="provider", maximum=1)
    shop.person("other", "designer", provider="provider", maximum=1)
    shop.person("full", "designer", provider="provider", maximum=0)
    assigned = shop.ask("A", rule="department_first", department_id=id_of("d1"))
    shop.ask("B", rule="department_first", department_id=id_of("d1"))
    shop.serve()
    if paused:
        shop.pause("A")
    for name in ("full", "chosen", "other"):
        shop.ask("A", kind="replace", wanted=id_of(name), request_id=id_of(f"change to {name}"))
        shop.serve()
    assert shop.waiting() == {"B": "no_staff"}
    assert names(*shop.answers()[2:]) == ["RequestRefused person_full", *["StaffAssigned"] * 3]
    assert [(a.request_id, a.person_id) for a in shop.published(dispatch.StaffAssigned)] == [
        (id_of("change to chosen"), id_of("chosen")),
        (assigned, id_of("chosen")),
        (id_of("change to other"), id_of("other")),
    ]
    assert [shop.load(name) for name in ("chosen", "other")] == [0, 1]
    assert shop.assignment("A").open == {}
    if paused:
        shop.resume("A")
        shop.serve()
    assert len(shop.published(dispatch.StaffAssigned)) == 3
    shop.complete("A")
    shop.serve()
    assert shop.load("other") == 0


@pytest.mark.requirement("D-28")
def test_whoever_claimed_can_be_chosen_for_a_role_of_his_that_is_asked_for_anew(shop: Any) -> None:
    shop.person("cm", "account_manager", provider="provider", maximum=0)
    shop.ask("A", "account_manager", kind="claim", wanted=id_of("cm"))
    shop.serve()
    shop.change(shop.staff(), lambda p: employing.set_load(p, person_id=id_of("cm"), receiving=False, at=NOON))
    shop.ask("A", "account_manager")
    shop.serve()
    assert shop.waiting() == {"A": "no_staff"}
    shop.change(shop.staff(), lambda p: employing.set_load(p, person_id=id_of("cm"), receiving=True, at=NOON))
    shop.ask("A", "account_manager", kind="replace", wanted=id_of("cm"))
    shop.serve()
    assert (shop.waiting(), shop.load("cm")) == ({}, 1)


@pytest.mark.requirement("D-37")
@pytest.mark.parametrize("limit", [HEADS, 2])
def test_a_choice_and_the_dispatchers_own_decision_give_the_order_once(
    shop: Any, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    """Both come in one pass: the choice goes first, the others are served as if the order had never waited."""
    monkeypatch.setattr("dispatch_svc.dispatcher.HEADS", limit)
    for name in "ABCD":
        shop.ask(name)
    shop.serve()
    shop.person("one", "designer", provider="provider", maximum=3)
    shop.person("two", "designer", "engineer", provider="provider", maximum=1)
    shop.ask("A", kind="replace", wanted=id_of("two"), request_id=id_of("change"))
    shop.serve()
    given = {(a.project_id, a.person_id) for a in shop.published(dispatch.StaffAssigned)}
    assert given == {(id_of("A"), id_of("two")), *((id_of(name), id_of("one")) for name in "BCD")}
    assert (shop.waiting(), shop.load("one"), shop.load("two")) == ({}, 3, 1)


def test_a_choice_that_comes_after_the_dispatchers_own_decision_is_a_change(shop: Any) -> None:
    shop.ask("A")
    shop.serve()
    shop.person("one", "designer", provider="provider")
    shop.serve()
    shop.person("two", "designer", provider="provider")
    for name in ("one", "two"):
        shop.ask("A", kind="replace", wanted=id_of(name), request_id=id_of(f"change to {name}"))
    shop.serve()
    assert names(*shop.answers()[1:]) == ["StaffAssigned", "RequestRefused same_person", "StaffAssigned"]
    assert (shop.load("one"), shop.load("two")) == (0, 1)


@pytest.mark.requirement("R-54", "D-28")
def test_a_replaced_person_with_another_role_keeps_the_project(shop: Any) -> None:
    shop.person("old", "designer", "engineer", provider="provider")
    shop.ask("A", "designer")
    shop.ask("A", "engineer")
    shop.serve()
    shop.person("new", "designer", provider="provider")
    shop.ask("A", "designer", kind="replace", wanted=id_of("new"))
    shop.serve()
    assert (shop.load("old"), shop.load("new")) == (1, 1)


@pytest.mark.requirement("R-41", "R-42", "D-38")
def test_a_change_of_provider_reserves_first_and_frees_on_restart(shop: Any) -> None:
    shop.configure("product", provider=(10, 10), other=(10, 1), full=(10, 0))
    shop.seeds.seed(3)
    shop.configure("product", provider=(10, 10))
    shop.order("A")
    shop.serve()
    shop.configure("product", provider=(10, 10), other=(10, 1), full=(10, 0))
    shop.person("p", "designer", provider="provider")
    shop.ask("A", "designer")
    shop.ask("A", "engineer")
    shop.serve()
    for name in ("provider", "stranger", "full", "other"):
        shop.order("A", wanted=id_of(name), request_id=id_of(f"change to {name}"))
        shop.serve()
    assert names(*shop.answers()[-4:]) == [
        "RequestRefused same_provider",
        "RequestRefused provider_not_configured",
        "RequestRefused provider_full",
        "ProviderAssigned",
    ]
    assert shop.configuration().load == {str(id_of("provider")): 1, str(id_of("other")): 1}
    assert shop.waiting() == {"A": "no_staff"}
    shop.restart("A", "other")
    assert shop.waiting() == {}
    shop.serve()
    assert shop.configuration().load == {str(id_of("other")): 1}
    assert shop.load("p") == 0
    shop.cancel("A", run=2)
    shop.serve()
    assert shop.configuration().load == {}


@pytest.mark.requirement("D-43", "D-44", "D-45", "D-63")
def test_implicit_roles_are_asked_for_with_the_provider(shop: Any) -> None:
    shop.tell(
        identity.UserSaved(
            user_id=id_of("main"),
            party_id=id_of("provider"),
            side="isv",
            main=True,
            login_name="main",
            name="main",
            roles=["vendor_admin", "provider_admin"],
            saved_at=NOON,
        )
    )
    shop.change(shop.staff(), lambda p: employing.set_load(p, person_id=id_of("main"), maximum=1, at=NOON))
    first = shop.order("A", implicit_roles=["provider_admin"])
    second = shop.order("B", implicit_roles=["provider_admin"])
    shop.serve()
    assert [(type(a).__name__, a.request_id) for a in shop.answers()] == [
        ("ProviderAssigned", first),
        ("ProviderAssigned", second),
        ("StaffAssigned", first),
        ("RequestQueued", second),
    ]
    assert shop.answers()[-1].provider_id == id_of("provider")
    assert shop.waiting() == {"B": "staff_full"}
    shop.change(shop.staff(), lambda p: employing.set_load(p, person_id=id_of("main"), maximum=2, at=NOON))
    shop.serve()
    assert shop.waiting() == {}


def test_implicit_roles_of_a_wanted_provider_begin_with_its_run(shop: Any) -> None:
    shop.order("A")
    shop.serve()
    shop.configure("product", provider=(10, 10), other=(10, 10))
    request_id = shop.order("A", wanted=id_of("other"), implicit_roles=["provider_admin"], request_id=id_of("change"))
    shop.serve()
    assert shop.waiting() == {}
    shop.restart("A", "other")
    shop.serve()
    assert shop.waiting() == {"A": "no_staff"}
    shop.person("p", "provider_admin", provider="other")
    shop.serve()
    assert (shop.answers()[-1].request_id, shop.answers()[-1].run) == (request_id, 2)


@pytest.mark.requirement("D-38", "R-64")
def test_a_paused_project_rests_and_keeps_its_place(shop: Any) -> None:
    shop.configure("product", provider=(10, 0))
    for name in "ABC":
        shop.order(name)
    shop.serve()
    shop.pause("A")
    shop.configure("product", provider=(10, 1))
    shop.serve()
    assert list(shop.waiting()) == ["A", "C"]
    shop.resume("A")
    shop.serve()
    shop.complete("B")
    shop.serve()
    assert list(shop.waiting()) == ["C"]


@pytest.mark.requirement("D-38", "R-64")
def test_a_project_the_marketplace_holds_rests_beside_any_pause_and_over_a_change_of_provider(shop: Any) -> None:
    shop.configure("product", provider=(10, 0), other=(10, 0))
    for name in "ABC":
        shop.order(name)
    shop.hold("A", "frozen")
    shop.hold("A", "frozen", "expired")
    shop.pause("A")
    shop.configure("product", provider=(10, 3), other=(10, 3))
    shop.serve()
    assert list(shop.waiting()) == ["A"]
    shop.resume("A")
    shop.serve()
    shop.hold("A", "expired")
    shop.serve()
    assert list(shop.waiting()) == ["A"]
    shop.restart("A", "provider")
    shop.person("p", "designer", provider="provider")
    shop.ask("A", run=2)
    shop.serve()
    assert list(shop.waiting()) == ["A"], "the pause would be over, the hold is not"
    assert verify(shop.store) == []
    shop.pause("A", run=2)
    shop.hold("A", run=2)
    shop.serve()
    assert list(shop.waiting()) == ["A"]
    shop.resume("A", run=2)
    shop.serve()
    assert shop.waiting() == {}
    assert verify(shop.store) == []


@pytest.mark.requirement("S-07")
def test_trials_come_after_what_is_paid(shop: Any) -> None:
    shop.configure("product", provider=(10, 0))
    shop.order("trial", unpaid=True)
    shop.order("A")
    shop.order("another", unpaid=False)
    shop.serve()
    assert list(shop.waiting()) == ["A", "another", "trial"]
    assert verify(shop.store) == []


@pytest.mark.requirement("D-38", "R-139")
def test_a_cancelled_project_leaves_queue_and_load(shop: Any) -> None:
    shop.person("p", "designer", provider="provider", maximum=1)
    shop.order("A")
    shop.ask("A")
    shop.ask("B")
    shop.serve()
    shop.cancel("B")
    assert shop.waiting() == {}
    shop.cancel("A")
    shop.serve()
    assert (shop.load("p"), shop.configuration().load) == (0, {})


def test_more_asks_than_a_batch_are_all_served_in_order(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dispatch_svc.dispatcher.LIMIT", 7)
    shop.configure("product", provider=(10, 20))
    for n in range(50):
        shop.order(f"order {n}")
    shop.serve()
    assert [a.project_id for a in shop.published(dispatch.ProviderAssigned)] == [id_of(f"order {n}") for n in range(20)]
    assert list(shop.waiting().values()) == ["providers_full"] * 30
    shop.configure("product")
    shop.serve()
    assert list(shop.waiting().values()) == ["no_provider_configured"] * 30
    shop.configure("product", provider=(10, 60))
    shop.serve()
    assert shop.waiting() == {}
    assert len(shop.answers()) == 50 + 30 + 30


def test_a_poisoned_row_is_put_aside_alone(shop: Any) -> None:
    """Given an ask whose assignment does not know it, when its pool is served, then the others are served and it is
    tried again later, and parked at last."""
    poison, good = shop.order("bad"), shop.order("good")
    shop.rows("UPDATE pool_inbox SET project_id = %s WHERE ask = %s", id_of("nobody"), str(poison))
    for attempt in range(1, 6):
        shop.serve()
        assert [a.request_id for a in shop.answers()] == [good]
        (row,) = shop.rows("SELECT ask, attempts, parked_at, error FROM pool_inbox")
        assert (row["ask"], row["attempts"], row["parked_at"] is not None) == (str(poison), attempt, attempt == 5)
        assert "NotAsked" in row["error"]
        shop.rows("UPDATE pool_inbox SET next_try = now()")
        shop.configure("product", provider=(10, 100 - attempt))
    assert shop.configuration().load == {str(id_of("provider")): 1}
    shop.rows("DELETE FROM pool_inbox")
    shop.cancel("bad")
    shop.serve()


def test_what_cannot_be_stored_is_found_in_its_batch(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a row whose decision is taken but cannot be saved, when a batch of many fails, then only that row is put
    aside."""
    requests = [shop.order(f"order {n}") for n in range(9)]
    bad = str(requests[4])
    decided = inbox_sql.decided

    def failing(decisions: Any) -> Any:
        if any(d["ask"] == bad for d in decisions):
            raise ValueError("cannot be written")
        return decided(decisions)

    monkeypatch.setattr(inbox_sql, "decided", failing)
    shop.serve()
    assert list(shop.waiting()) == ["order 4"]
    assert [a.request_id for a in shop.answers()] == [r for r in requests if str(r) != bad]
    monkeypatch.setattr(inbox_sql, "decided", decided)
    shop.rows("UPDATE pool_inbox SET next_try = now()")
    shop.configure("product", provider=(10, 99))
    shop.serve()
    assert shop.waiting() == {}


def test_asks_of_several_classes_that_exceed_a_batch_are_all_served(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of each class fit a save of three, four do not: the wake stays for the rest, those that are told too."""
    monkeypatch.setattr("dispatch_svc.dispatcher.LIMIT", 3)
    shop.person("d", "designer", provider="provider", maximum=50)
    shop.person("e", "engineer", provider="provider", maximum=50)
    for n in range(2):
        for role in ("designer", "engineer", "architect", "writer"):
            shop.ask(f"order {n} {role}", role)
    shop.serve()
    assert shop.waiting() == {f"order {n} {role}": "no_staff" for n in range(2) for role in ("architect", "writer")}
    assert (shop.load("d"), shop.load("e")) == (2, 2)


def test_a_poisoned_release_is_put_aside_alone(shop: Any) -> None:
    """Something freed that nobody holds is tried again later, not at once; the asks behind it are served."""
    shop.order("A")
    shop.serve()
    shop.complete("A")
    shop.rows("UPDATE pool_inbox SET provider_id = %s", id_of("nobody"))
    shop.order("B")
    shop.serve()
    assert len(shop.published(dispatch.ProviderAssigned)) == 2
    (row,) = shop.rows("SELECT attempts, parked_at, error, next_try > now() AS later FROM pool_inbox")
    assert (row["attempts"], row["parked_at"], row["later"]) == (1, None, True)
    assert "NotHeld" in row["error"]
    shop.rows("UPDATE pool_inbox SET provider_id = %s, next_try = now()", id_of("provider"))
    shop.configure("product", provider=(10, 99))
    shop.serve()
    assert shop.configuration().load == {str(id_of("provider")): 1}


def measured(name: str, level: str) -> tuple[float, float]:
    """How many assignments were counted, and how many of them as prompt as is promised."""
    labels = {"level": level}
    count = REGISTRY.get_sample_value(f"{name}_count", labels)
    within = REGISTRY.get_sample_value(f"{name}_bucket", {**labels, "le": "5.0"})
    assert count is not None
    assert within is not None
    return count, within


@pytest.mark.requirement("D-07")
def test_how_prompt_assignments_are_is_counted(world: Any) -> None:
    """From the ask where somebody is free; where nobody was, from the moment a place became free, not from the ask."""
    world.product("product")
    world.configure("product", provider=(10, 1))
    before = measured("delivery_dispatch_assigned_seconds", "product")
    waited = measured("delivery_dispatch_refilled_seconds", "product")
    world.order("A")
    world.order("B")
    world.serve()
    assert list(world.waiting()) == ["B"]
    assert measured("delivery_dispatch_assigned_seconds", "product")[0] == before[0] + 1
    assert measured("delivery_dispatch_refilled_seconds", "product") == waited
    world.complete("A")
    world.rows("UPDATE wake SET at = at - interval '7 seconds' RETURNING pool")
    world.serve()
    assert world.waiting() == {}
    assert measured("delivery_dispatch_refilled_seconds", "product") == (waited[0] + 1, waited[1])
    assert measured("delivery_dispatch_assigned_seconds", "product")[0] == before[0] + 1
