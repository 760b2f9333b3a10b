"""Messages of other services, each also delivered twice, of an older run, and after the end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import msgspec
import pytest
from delivery_shared.contracts import dispatch, identity, template
from dispatch_svc.domain import employing
from dispatch_svc.domain.keys import PoolKey
from dispatch_svc.verify import verify

pytestmark = pytest.mark.integration
NOON = datetime(2019, 10, 16, 4, 0, tzinfo=UTC)


def id_of(name: str) -> UUID:
    return uuid5(NAMESPACE_OID, name)


PRODUCT_POOL, STAFF_POOL = PoolKey.of_product(id_of("product")), PoolKey.of_provider(id_of("provider"))


def state(world: Any) -> Any:
    """Everything policies write, but for wakes' numbers and arrivals."""
    return (
        world.count(),
        world.rows("SELECT pool, kind, class, ask, suspended FROM pool_inbox ORDER BY arrival"),
        [world.rows(f"SELECT * FROM {t} ORDER BY 1") for t in ("party", "department", "person", "product", "role")],
    )


def ask_wanted(shop: Any) -> None:
    shop.ask("A", kind="replace", wanted=id_of("p"), request_id=id_of("replace"))


STEPS: dict[str, Callable[[Any], Any]] = {
    "provider_requested": lambda shop: shop.order("A"),
    "provider_wanted": lambda shop: shop.order("A", wanted=id_of("provider"), request_id=id_of("w")),
    "staff_requested": lambda shop: shop.ask("A"),
    "claim": lambda shop: shop.ask("A", kind="claim", wanted=id_of("p")),
    "replace": ask_wanted,
    "paused": lambda shop: shop.pause("A"),
    "resumed": lambda shop: shop.resume("A"),
    "held": lambda shop: shop.hold("A", "frozen"),
    "lifted": lambda shop: shop.hold("A"),
    "restarted": lambda shop: shop.restart("A", "other"),
    "completed": lambda shop: shop.complete("A"),
    "cancelled": lambda shop: shop.cancel("A"),
    "party_registered": lambda shop: shop.isv("new"),
    "user_saved": lambda shop: shop.person("p", "designer", provider="provider"),
    "department_saved": lambda shop: shop.tell(
        identity.DepartmentSaved(department_id=id_of("d"), party_id=id_of("provider"), name="d")
    ),
    "department_deleted": lambda shop: shop.tell(
        identity.DepartmentDeleted(department_id=id_of("d"), party_id=id_of("provider"))
    ),
    "deletion": lambda shop: shop.tell(identity.UserDeletionRequested(user_id=id_of("p"), party_id=id_of("provider"))),
    "product_listed": lambda shop: shop.product("another"),
    "role_defined": lambda shop: shop.tell(template.RoleDefined(role="designer", name="设计师", side="provider")),
}
ABOUT_PROJECTS = list(STEPS)[:12]


@pytest.mark.parametrize("name", STEPS)
def test_a_second_delivery_changes_nothing(shop: Any, name: str) -> None:
    shop.order("A", request_id=id_of("before"))
    if name == "resumed":
        shop.pause("A")
    if name == "lifted":
        shop.hold("A", "frozen")
    STEPS[name](shop)
    once = state(shop)
    STEPS[name](shop)
    assert state(shop) == once
    shop.serve()
    assert verify(shop.store, older_than=0) == []


@pytest.mark.requirement("D-38")
@pytest.mark.parametrize("name", ABOUT_PROJECTS)
def test_messages_of_an_older_run_change_nothing(shop: Any, name: str) -> None:
    if name == "restarted":
        shop.order("A", run=3)
    else:
        shop.order("A", request_id=id_of("before"))
        shop.restart("A", "other")
    if name in ("completed", "cancelled"):
        return  # the end is an end whatever the run it names
    before = state(shop)
    STEPS[name](shop)
    assert state(shop) == before


@pytest.mark.requirement("R-139")
@pytest.mark.parametrize("name", ABOUT_PROJECTS)
def test_messages_after_the_end_change_nothing(shop: Any, name: str) -> None:
    shop.order("A", request_id=id_of("before"))
    shop.complete("A")
    before = state(shop)
    STEPS[name](shop)
    assert state(shop) == before


def test_an_end_before_the_first_ask_is_remembered(shop: Any) -> None:
    shop.cancel("A")
    shop.order("A")
    assert shop.waiting() == {}
    shop.serve()
    assert shop.answers() == []


def test_an_ask_wakes_its_pool_and_hints_after_the_save(shop: Any) -> None:
    shop.hinted.clear()
    shop.order("A")
    shop.ask("B")
    assert [row["pool"] for row in shop.rows("SELECT pool FROM wake ORDER BY pool")] == [PRODUCT_POOL, STAFF_POOL]
    assert shop.hinted == [PRODUCT_POOL, STAFF_POOL]


def test_asks_paused_and_cancelled_within_one_batch(shop: Any) -> None:
    """What one batch of messages adds, rests and withdraws comes out as if they had come one by one."""
    told: list[Any] = []
    tell, shop.tell = shop.tell, lambda *contracts: told.extend(contracts)
    for name in "ABCD":
        shop.order(name)
    shop.pause("A")
    shop.pause("B")
    shop.resume("B")
    shop.cancel("C")
    shop.order("D", wanted=id_of("other"), request_id=id_of("w"))
    shop.restart("D", "other")
    shop.ask("D", run=2)
    tell(*told)
    rows = shop.rows("SELECT order_number, kind, suspended, class FROM pool_inbox ORDER BY arrival")
    assert [tuple(row.values()) for row in rows] == [
        ("A", "ask", True, ""),
        ("B", "ask", False, ""),
        ("D", "ask", False, "designer"),
    ]
    assert verify(shop.store) == []


@pytest.mark.requirement("D-32", "D-65")
def test_a_new_person_joins_the_pool_and_is_told_to_others(shop: Any) -> None:
    shop.hinted.clear()
    shop.person("p", "designer", provider="provider")
    assert shop.published(dispatch.MemberSet) == [
        dispatch.MemberSet(provider_id=id_of("provider"), person_id=id_of("p"), maximum=10, receiving=True)
    ]
    assert shop.hinted == [STAFF_POOL]
    shop.hinted.clear()
    shop.person("p", "designer", "engineer", provider="provider")
    assert shop.hinted == [STAFF_POOL]
    assert len(shop.published(dispatch.MemberSet)) == 1


@pytest.mark.requirement("D-55", "D-65")
def test_a_new_person_begins_with_what_was_said_when_he_was_created(shop: Any) -> None:
    """Before any order can come; what is set later stays."""
    shop.ask("A", "designer")
    shop.serve()
    saved = identity.UserSaved(
        user_id=id_of("new"), party_id=id_of("provider"), side="provider", main=False, login_name="x", name="x",
        roles=["designer"], saved_at=NOON, maximum=3, receiving=False,
    )  # fmt: skip
    shop.tell(saved)
    shop.serve()
    assert shop.waiting() == {"A": "no_staff"}
    joined = dispatch.MemberSet(provider_id=id_of("provider"), person_id=id_of("new"), maximum=3, receiving=False)
    assert shop.published(dispatch.MemberSet)[-1] == joined
    shop.change(shop.staff(), lambda p: employing.set_load(p, person_id=id_of("new"), maximum=5, at=NOON))
    shop.tell(msgspec.structs.replace(saved, roles=["designer", "engineer"]))
    member = shop.staff().members[str(id_of("new"))]
    assert (member["maximum"], member["receiving"], member["roles"]) == (5, False, ["designer", "engineer"])


@pytest.mark.parametrize("side", ["vendor", "customer", "operator", "marketplace"])
def test_people_of_other_sides_are_no_staff(shop: Any, side: Any) -> None:
    shop.tell(
        identity.UserSaved(
            user_id=id_of("x"),
            party_id=id_of("provider"),
            side=side,
            main=False,
            login_name="x",
            name="x",
            roles=[],
            saved_at=NOON,
        )
    )
    assert shop.staff().members == {}


@pytest.mark.requirement("U-21")
def test_a_deletion_is_answered(shop: Any) -> None:
    shop.person("p", "designer", provider="provider")
    shop.ask("A")
    shop.serve()
    STEPS["deletion"](shop)
    kept = dispatch.MemberCloseRefused(provider_id=id_of("provider"), person_id=id_of("p"), held=1, orders=[held("A")])
    assert shop.published()[-1] == kept
    shop.complete("A")
    shop.serve()
    STEPS["deletion"](shop)
    assert shop.published()[-1] == dispatch.MemberClosed(provider_id=id_of("provider"), person_id=id_of("p"))


@pytest.mark.requirement("U-21")
def test_a_deletion_is_refused_while_an_ask_names_the_person(shop: Any) -> None:
    shop.person("p", "account_manager", provider="provider")
    shop.ask("A", "account_manager", kind="claim", wanted=id_of("p"))
    STEPS["deletion"](shop)
    assert shop.published()[-1] == dispatch.MemberCloseRefused(
        provider_id=id_of("provider"), person_id=id_of("p"), asks=1, orders=[held("A")]
    )
    shop.serve()
    assert shop.load("p") == 1


def held(name: str) -> dispatch.HeldOrder:
    return dispatch.HeldOrder(project_id=id_of(name), order_number=name)


@pytest.mark.requirement("U-21")
def test_a_refused_deletion_lists_the_orders_the_person_holds(shop: Any) -> None:
    """Not those that are over or with others by now; the first twenty, and how many there are."""
    shop.person("p", "designer", provider="provider", maximum=30)
    names = [f"{n:02}" for n in range(24)]
    for name in names:
        shop.ask(name)
    shop.serve()
    shop.person("q", "designer", provider="provider")
    shop.complete("23")
    shop.ask("22", kind="replace", wanted=id_of("q"), request_id=id_of("replace"))
    shop.serve()
    assert (shop.load("p"), shop.load("q")) == (22, 1)
    STEPS["deletion"](shop)
    said = shop.published()[-1]
    assert isinstance(said, dispatch.MemberCloseRefused)
    assert (said.held, said.asks, len(said.orders)) == (22, 0, 20)
    assert {order.order_number for order in said.orders} < set(names[:22])
    assert said.orders[0] == held(said.orders[0].order_number)
    shop.complete(*names[3:22])
    shop.serve()
    STEPS["deletion"](shop)
    left = shop.published()[-1]
    assert (left.held, sorted(left.orders, key=lambda o: o.order_number)) == (3, [held(n) for n in names[:3]])
    assert verify(shop.store, older_than=0) == []


def test_a_member_closed_while_a_claim_comes_is_unknown_to_it(shop: Any) -> None:
    shop.person("p", "account_manager", provider="provider")
    STEPS["deletion"](shop)
    shop.ask("A", "account_manager", kind="claim", wanted=id_of("p"))
    shop.serve()
    assert shop.answers()[-1].reason == "person_unknown"


@pytest.mark.requirement("D-38")
def test_an_ask_of_a_paused_project_rests_from_the_start(shop: Any) -> None:
    shop.order("A")
    shop.pause("A")
    shop.ask("A")
    assert shop.rows("SELECT DISTINCT suspended FROM pool_inbox") == [{"suspended": True}]
    shop.serve()
    assert shop.answers() == []
    shop.resume("A")
    shop.serve()
    assert len(shop.answers()) == 2


@pytest.mark.requirement("U-21")
def test_an_erased_person_has_neither_name_nor_login_name(shop: Any) -> None:
    shop.person("p", "designer", provider="provider")
    shop.person("q", "designer", provider="provider")
    before = shop.rows("SELECT * FROM person WHERE user_id <> %s ORDER BY user_id", id_of("p"))
    for _ in range(2):
        shop.tell(identity.PersonErased(user_id=id_of("p"), party_id=id_of("provider")))
    assert shop.rows("SELECT name, login_name FROM person WHERE user_id = %s", id_of("p")) == [
        {"name": "", "login_name": ""}
    ]
    assert shop.rows("SELECT * FROM person WHERE user_id <> %s ORDER BY user_id", id_of("p")) == before
