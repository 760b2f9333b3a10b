"""Queue and staff loads in pages, and what settings never take away."""

from __future__ import annotations

from typing import Any

import pytest
from delivery_shared.contracts import identity, project
from dispatch_svc import inbox_sql
from dispatch_svc.dispatcher import HEADS
from dispatch_svc.domain import employing

from .conftest import NOON, id_of

pytestmark = pytest.mark.integration


def pages(account: Any, path: str, column: str, limit: int) -> list[list[Any]]:
    """The column of every page."""
    found, cursor = [], ""
    while True:
        page = account("GET", f"{path}&limit={limit}{cursor}").json
        found.append([row[column] for row in page["items"]])
        if page["next"] is None:
            return found
        cursor = f"&cursor={page['next']}"


@pytest.mark.requirement("G-31", "D-13", "D-40", "D-37")
def test_the_queue_in_pages_of_the_order_of_arrival(shop: Any, sign_in: Any) -> None:
    numbers = [f"{n:03}" for n in range(1, 8)]
    for number in numbers:
        shop.ask(number, "architect")
    shop.serve()
    vendor, admin = sign_in("main", "vendor"), sign_in("main", "provider")
    for account, entrance in ((vendor, "vendor"), (admin, "provider")):
        path = f"queue?entrance={entrance}"
        assert pages(account, path, "order_number", 3) == [numbers[:3], numbers[3:6], numbers[6:]]
        assert pages(account, path, "order_number", 7) == [numbers]
        assert account("GET", f"{path}&limit=1").json["total"] == 7
        assert account("GET", f"{path}&order_number=00&limit=2").json["total"] == 7
        assert account("GET", f"{path}&order_number=007").json["total"] == 1
    first = vendor("GET", "queue?entrance=vendor&limit=3").json
    shop.cancel("001")
    shop.ask("008", "architect")
    shop.serve()
    rest = vendor("GET", f"queue?entrance=vendor&cursor={first['next']}").json
    assert [row["order_number"] for row in rest["items"]] == [*numbers[3:], "008"]
    for query in ("limit=0", "limit=201", "limit=x", "cursor=x", "cursor=-1", f"cursor={2**63}", "page=2"):
        assert vendor("GET", f"queue?entrance=vendor&{query}").status_code == 422


@pytest.mark.requirement("G-31", "D-57")
def test_staff_loads_in_pages_by_name(shop: Any, sign_in: Any) -> None:
    names = ["丙", "丁", "甲", "乙"]
    for name in reversed(names):
        shop.person(name, "designer", provider="provider", maximum=5)
    shop.person("twin of 甲", "engineer", provider="provider")
    admin = sign_in("main", "provider")
    listed = [*names, "twin of 甲"]
    path = "staff-loads?name="
    assert [row for page in pages(admin, path, "name", 2) for row in page] == listed
    assert [len(page) for page in pages(admin, path, "name", 2)] == [2, 2, 1]
    assert admin("GET", "staff-loads?role=designer&limit=1").json["total"] == 4
    assert pages(admin, "staff-loads?role=designer", "name", 3) == [names[:3], names[3:]]
    for query in ("limit=0", "limit=201", "cursor=x", "cursor=W10=", "cursor=WzEsMl0=", "page=2"):
        assert admin("GET", f"staff-loads?{query}").status_code == 422


@pytest.mark.requirement("G-31", "R-48", "R-53")
def test_candidates_for_a_change_in_pages_own_department_first(shop: Any, sign_in: Any) -> None:
    shop.person("present", "designer", provider="provider", department="d", maximum=5)
    shop.order("A")
    shop.ask("A")
    shop.serve()
    for name, department in (("a", None), ("b", "d"), ("c", "other"), ("d", "d"), ("e", None)):
        shop.person(name, "designer", provider="provider", department=department, maximum=5)
    admin = sign_in("main", "provider")
    path = f"assignments/{id_of('A')}/candidates?role=designer"
    whole = [row["name"] for row in admin("GET", path).json["items"]]
    assert whole == ["b", "d", "a", "c", "e"]
    assert pages(admin, path, "name", 2) == [["b", "d"], ["a", "c"], ["e"]]
    assert admin("GET", f"{path}&limit=1").json["total"] == 5
    for query in ("limit=0", "limit=201", "cursor=x", "cursor=WyJhIiwiYiJd", "page=2"):
        assert admin("GET", f"{path}&{query}").status_code == 422


@pytest.mark.requirement("D-64", "D-67", "D-68", "D-60")
def test_closing_and_lowering_take_nothing_away_and_give_nothing_more(shop: Any, sign_in: Any) -> None:
    people = [shop.person(name, "designer", provider="provider", maximum=2) for name in ("伍三一", "徐富贵")]
    for n in range(4):
        shop.ask(f"held {n}")
    shop.serve()
    admin = sign_in("main", "provider")
    ids = [str(person) for person in people]
    saved = admin("POST", "staff-loads/batch", {"person_ids": ids, "maximum": 1, "receiving": False})
    assert [(row["load"], row["maximum"], row["receiving"]) for row in saved.json["items"]] == [(2, 1, False)] * 2
    for n in range(4):
        assert shop.assignment(f"held {n}").roles["designer"][0] in ids
    shop.ask("late")
    shop.serve()
    assert shop.waiting() == {"late": "no_staff"}
    admin("POST", "staff-loads/batch", {"person_ids": ids, "receiving": True})
    shop.serve()
    assert shop.waiting() == {"late": "staff_full"}
    shop.complete("held 0", "held 1", "held 2", "held 3")
    shop.serve()
    assert shop.waiting() == {}


@pytest.mark.requirement("R-31", "R-42")
def test_a_project_of_a_product_with_a_single_provider_cannot_change_it(shop: Any) -> None:
    shop.order("A")
    shop.serve()
    shop.isv("other")
    before = shop.assignment("A").version
    shop.order("A", request_id=id_of("change"), wanted=id_of("other"))
    shop.serve()
    assert [(a.request_id, a.reason) for a in shop.answers()[1:]] == [(id_of("change"), "provider_not_configured")]
    assert shop.assignment("A").provider_id == str(id_of("provider"))
    assert shop.configuration().load == {str(id_of("provider")): 1}
    assert shop.assignment("A").version > before
    shop.configure("product", provider=(10, 100), other=(10, 100))
    shop.order("A", request_id=id_of("again"), wanted=id_of("other"), requested_at=NOON)
    shop.serve()
    assert shop.answers()[-1].provider_id == id_of("other")


@pytest.mark.requirement("D-13", "S-07")
def test_the_customer_of_a_test_order_is_the_account_that_placed_it(shop: Any, sign_in: Any) -> None:
    buyer = shop.person("李四", "engineer", provider="provider")
    shop.ask("TEST-1", "architect", customer_id=buyer)
    shop.serve()
    (row,) = sign_in("main", "vendor")("GET", "queue?entrance=vendor").json["items"]
    assert row["customer_name"] == "李四"


def started(name: str, **more: Any) -> project.ProjectStarted:
    return project.ProjectStarted(
        project_id=id_of(name), run=1, order_number=name, business_number=name, vendor_id=id_of("vendor"),
        customer_id=id_of("customer"), product_id=id_of("product"), product_name="product then", edition=None,
        sales_channel=None, template_id=id_of("t"), template_version=1, valid_until=None, started_at=NOON, **more,
    )  # fmt: skip


@pytest.mark.requirement("D-13", "D-40", "U-21")
def test_the_queue_calls_the_customer_what_the_order_called_it(shop: Any, sign_in: Any) -> None:
    """On both sides, whoever is registered; until the buyer is to be forgotten."""
    said = {"customer_name": "新客户有限公司", "customer_number": "N-1"}
    for _ in range(2):
        shop.tell(started("A", **said), started("B"))
    for name in ("A", "B"):
        shop.ask(name, "architect")
    shop.tell(identity.PartyRegistered(party_id=id_of("customer"), name="注册名", kind="customer"))
    shop.serve()
    pages = [(sign_in("main", "vendor"), "vendor"), (sign_in("main", "provider"), "provider")]

    def shown() -> list[list[tuple[str, str | None]]]:
        found = [by("GET", f"queue?entrance={entrance}").json["items"] for by, entrance in pages]
        return [[(row["order_number"], row["customer_name"]) for row in rows] for rows in found]

    assert shown() == [[("A", "新客户有限公司"), ("B", "注册名")]] * 2
    rows = sign_in("main", "vendor")("GET", "queue?entrance=vendor").json["items"]
    assert {row["product_name"] for row in rows} == {"product then"}
    for _ in range(2):
        shop.tell(project.BuyerErased(project_id=id_of("A"), run=1, erased_at=NOON))
        shop.tell(identity.PartyErased(party_id=id_of("customer")))
    assert shown() == [[("A", None), ("B", None)]] * 2


@pytest.mark.requirement("D-14")
def test_the_queue_finds_an_order_however_its_number_is_written(shop: Any, sign_in: Any) -> None:
    shop.tell(started("No-Ab1"))
    for name in ("No-Ab1", "before"):
        shop.ask(name, "architect")
    shop.serve()
    vendor = sign_in("main", "vendor")
    for written, found in [("AB1", ["No-Ab1"]), ("ａｂ1", ["No-Ab1"]), ("befo", ["before"]), ("x", [])]:
        rows = vendor("GET", f"queue?entrance=vendor&order_number={written}").json["items"]
        assert [row["order_number"] for row in rows] == found, written


@pytest.mark.requirement("D-57", "R-48", "P-20")
def test_people_and_providers_are_listed_by_the_sound_of_their_names(shop: Any, sign_in: Any) -> None:
    """However their ids compare, and whatever their case; page by page."""
    names = ["重庆", "李四", "Bob", "alice", "阿明", "单雄", "123", "张三"]
    order = ["123", "阿明", "重庆", "单雄", "李四", "张三", "alice", "Bob"]
    for name in names:
        shop.person(name, "engineer", provider="provider")
    admin, vendor = sign_in("main", "provider"), sign_in("main", "vendor")
    listed = [name for page in pages(admin, "staff-loads?role=engineer", "name", 3) for name in page]
    assert [name for name in listed if name in names] == order
    shop.order("A")
    shop.ask("A", "engineer")
    shop.serve()
    offered = admin("GET", f"assignments/{id_of('A')}/candidates?role=engineer").json["items"]
    holder = (set(names) - {row["name"] for row in offered}).pop()
    assert [row["name"] for row in offered if row["name"] in names] == [name for name in order if name != holder]
    for name in names:
        shop.isv(name)
    shop.configure("product", provider=(10, 100), **dict.fromkeys(names, (10, 100)))
    path = f"provider-configurations/{id_of('product')}"
    configured = [row["name"] for row in vendor("GET", path).json["providers"]]
    assert configured == [*order, "provider"]


@pytest.mark.requirement("D-31", "D-37")
def test_a_decision_reads_a_few_of_those_that_wait_and_many_are_served_in_order(
    shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many wait, a pass that can place one reads the first few; where there is room for all, all are placed
    in the order of arrival."""
    read: list[int] = []

    def read_work(*arguments: Any) -> Any:
        work = original(*arguments)
        if work is not None:
            read.append(sum(map(len, work.asks.values())))
        return work

    numbers = [f"{n:03}" for n in range(3 * HEADS)]
    for number in numbers:
        shop.ask(number)
    shop.serve()
    assert set(shop.waiting().values()) == {"no_staff"}
    original = inbox_sql.read_work
    monkeypatch.setattr(inbox_sql, "read_work", read_work)
    people = [shop.person(name, "designer", provider="provider", maximum=1) for name in ("甲", "乙")]
    shop.serve()
    assert list(shop.waiting()) == numbers[2:]
    assert set(shop.waiting().values()) == {"staff_full"}
    assert max(read[:1]) == HEADS
    read.clear()
    for person in people:
        shop.change(shop.staff(), lambda p, person=person: employing.set_load(p, person_id=person, maximum=50, at=NOON))
    shop.serve()
    assert shop.waiting() == {}
    assert read[0] == HEADS
    assigned = [a for a in shop.answers() if hasattr(a, "person_id")]
    assert [a.project_id for a in assigned] == [id_of(number) for number in numbers]
    read.clear()
    for number in numbers:
        shop.ask(f"more {number}")
    shop.serve()
    assert len(shop.waiting()) == 2 * 3 * HEADS - 100
    read.clear()
    shop.complete(numbers[0])
    shop.serve()
    assert len(shop.waiting()) == 2 * 3 * HEADS - 101
    assert max(read) == HEADS
