"""The lists over HTTP: who sees what, filters, pages."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from delivery_shared.contracts import Contract, dispatch, identity, project, template
from delivery_shared.contracts.identity import party_id_of
from delivery_shared.http import declarations
from reporting_svc.rebuild import rebuild
from reporting_svc.tables import metadata
from sqlalchemy import Engine, text

from .conftest import NOON, As, Feeds, World, id_of, standing

pytestmark = pytest.mark.integration

LISTS = (
    "project-list",
    "project-list/export",
    "project-list/providers",
    "project-list/values",
    "my-projects",
    "project-counts",
    "product-list",
    "purchased-services",
    "unregistered-buyers",
    "dashboards/average-cycle",
    "dashboards/new-projects",
    "dashboards/project-states",
    "dashboards/saturation",
)


def design(world: World, name: str, *, provider: UUID, assignee: UUID | None = None, **more: Any) -> list[Contract]:
    """A running project of ``provider`` at the node 设计."""
    return [
        world.started(name, **more),
        world.provider_set(name, provider),
        world.entered(name, 1, "general", "设计", side="provider", role="designer", assignee_id=assignee or world.lisi),
    ]


@pytest.mark.requirement("R-05", "R-07", "R-09", "R-10", "R-11", "R-20")
def test_a_row_has_the_columns_of_the_list(feeds: Feeds, world: World, sign_in: As) -> None:
    feeds(*world.products(), *design(world, "660012", provider=world.rival))
    feeds(*world.parties())
    (row,) = sign_in(world.vendor, "isv", main=True).get("/api/v1/project-list").json["items"]
    assert row == {
        "project_id": str(id_of("660012")),
        "order_number": "660012",
        "business_number": "660012001",
        "product_id": str(world.product),
        "product_code": "56001",
        "product_name": "name_56001",
        "edition": "尊贵版 (自营)",
        "sales_channel": None,
        "created_at": "2019-10-16T04:00:00+00:00",
        "customer_id": str(world.customer),
        "customer_name": "客户甲乙丙",
        "customer_number": "C1001",
        "vendor_id": str(world.vendor),
        "vendor_name": "河北服务商",
        "provider_id": str(world.rival),
        "provider_name": "北京服务商",
        "several_providers": False,
        "operator": {
            "kind": "staff",
            "user_id": str(world.lisi),
            "name": "李四",
            "role": "designer",
            "role_name": "设计师",
        },
        "stage": "设计",
        "state": "running",
        "visit": 1,
        "queue_reason": None,
        "queue_reason_text": None,
        "overdue": None,
        "limit": None,
        "sku": None,
        "quantity": 1,
        "trial": False,
        "test": False,
        "hold": None,
        "refund": None,
        "parameters": [],
    }


@pytest.mark.requirement("R-09")
def test_the_operator_may_be_the_customer_the_system_or_nobody_yet(feeds: Feeds, world: World, sign_in: As) -> None:
    vendor = sign_in(world.vendor, "isv", main=True)
    feeds(*world.products(), world.started("1"))
    assert vendor.items("/api/v1/project-list", "operator") == [None]
    feeds(world.entered("1", 1, "assign_order", "分配订单", role="designer"))
    assert [o["name"] for o in vendor.items("/api/v1/project-list", "operator")] == ["系统"]
    feeds(world.entered("1", 2, "confirm", "整站确认", side="customer", role="customer"))
    assert [o["name"] for o in vendor.items("/api/v1/project-list", "operator")] == ["顾客"]
    feeds(world.entered("1", 3, "claim_order", "认领", side="provider", role="account_manager"))
    (operator,) = vendor.items("/api/v1/project-list", "operator")
    assert (operator["name"], operator["role_name"]) == (None, "客户经理")


@pytest.mark.requirement("R-12")
def test_the_providers_to_filter_by(feeds: Feeds, world: World, sign_in: As) -> None:
    """Configured for a product of the vendor, or holding a project of it; nobody else's."""
    path = "/api/v1/project-list/providers"
    idle = id_of("上海服务商")
    feeds(
        *world.parties(),
        *world.products(),
        identity.PartyRegistered(party_id=idle, name="上海服务商", kind="isv"),
        *design(world, "outsourced", provider=world.rival),
        *design(world, "rival's", provider=world.rival, vendor_id=world.rival, product_id=world.rival_product),
    )
    vendor, rival = sign_in(world.vendor, "isv", main=True), sign_in(world.rival, "isv", main=True)
    assert vendor.get(path).json == {"items": [{"provider_id": str(world.rival), "name": "北京服务商"}], "total": 1}
    feeds(world.configured(idle, world.vendor))
    assert set(vendor.items(path, "name")) == {"上海服务商", "北京服务商", "河北服务商"}
    assert vendor.items(path, "name", entrance="provider") == []
    assert rival.items(path, "name", entrance="vendor") == ["北京服务商"]
    assert rival.items(path, "name", entrance="provider") == ["北京服务商"]
    operator = sign_in(id_of("platform"), "operator", roles=("platform_operator",))
    assert set(operator.items(path, "name")) == {"上海服务商", "北京服务商", "河北服务商"}


@pytest.mark.requirement("R-13")
def test_the_values_to_filter_by(feeds: Feeds, world: World, sign_in: As) -> None:
    """Those of the caller's own projects, sorted; nobody else's."""
    path = "/api/v1/project-list/values"
    feeds(
        *world.parties(),
        *world.products(),
        template.RoleDefined(role="customer", name="顾客", side="customer"),
        *design(world, "own", provider=world.vendor, edition="标准版", sales_channel="直销"),
        *design(world, "outsourced", provider=world.rival, edition="尊贵版", sku="S-1"),
        *design(world, "again", provider=world.rival, edition="尊贵版"),
        *design(
            world, "rival's", provider=world.rival, vendor_id=world.rival, product_id=world.rival_product,
            edition="别家的版本",
        ),
        world.started("asked", edition=None),
        world.entered("asked", 1, "confirm", "整站确认", side="customer", role="customer"),
    )  # fmt: skip
    vendor, rival = sign_in(world.vendor, "isv", main=True), sign_in(world.rival, "isv", main=True)
    assert vendor.get(path, entrance="vendor").json == {
        "editions": ["标准版", "尊贵版"],
        "sales_channels": ["直销"],
        "skus": ["S-1"],
        "parameters": [],
        "stages": ["设计", "整站确认"],
        "roles": [{"role": "customer", "name": "顾客"}, {"role": "designer", "name": "设计师"}],
    }
    assert vendor.get(path, entrance="provider").json["editions"] == ["标准版"]
    assert rival.get(path, entrance="vendor").json["editions"] == ["别家的版本"]
    assert set(rival.get(path, entrance="provider").json["editions"]) == {"别家的版本", "尊贵版"}


@pytest.mark.requirement("R-31")
def test_a_row_tells_whether_the_provider_can_be_changed(feeds: Feeds, world: World, sign_in: As) -> None:
    feeds(*world.parties(), *world.products(), *design(world, "1", provider=world.vendor))
    vendor = sign_in(world.vendor, "isv", main=True, user=world.main)

    def several(path: str = "project-list", **query: Any) -> list[Any]:
        return vendor.items(f"/api/v1/{path}", "several_providers", **query)

    assert several(entrance="vendor") == [False]
    feeds(world.configured(world.vendor))
    assert several(entrance="vendor") == [False]
    feeds(world.configured(world.vendor, world.rival))
    assert several(entrance="vendor") == [True]
    assert several(entrance="provider") == [None]
    lisi = sign_in(world.vendor, "provider", user=world.lisi, roles=("designer",))
    assert lisi.items("/api/v1/my-projects", "several_providers") == [None]


@pytest.mark.requirement("R-06", "R-61", "S-09")
def test_tabs_and_counts_follow_the_state(feeds: Feeds, world: World, sign_in: As) -> None:
    for name in ("run", "pause", "cancel", "complete"):
        feeds(*design(world, name, provider=world.vendor))
    feeds(world.ended("pause", "paused"), world.ended("cancel", "cancelled"), world.ended("complete", "completed"))
    vendor = sign_in(world.vendor, "isv", main=True)
    for tab, name in (("running", "run"), ("paused", "pause"), ("cancelled", "cancel"), ("completed", "complete")):
        assert vendor.items("/api/v1/project-list", tab=tab) == [name]
    assert vendor.get("/api/v1/project-counts").json == {"running": 1, "paused": 1, "cancelled": 1, "completed": 1}
    feeds(world.ended("pause", "resumed"))
    assert vendor.get("/api/v1/project-counts").json == {"running": 2, "paused": 0, "cancelled": 1, "completed": 1}


@pytest.mark.requirement("R-05", "R-17", "R-19", "R-22", "R-41", "X-326")
def test_each_party_sees_its_own_projects_only(feeds: Feeds, world: World, sign_in: As) -> None:
    feeds(
        *world.parties(),
        *design(world, "own", provider=world.vendor),
        *design(world, "outsourced", provider=world.rival),
        *design(world, "rival's", provider=world.rival, vendor_id=world.rival, product_id=world.rival_product),
    )
    path = "/api/v1/project-list"
    vendor, rival = sign_in(world.vendor, "isv", main=True), sign_in(world.rival, "isv", main=True)
    assert set(vendor.items(path, entrance="vendor")) == {"own", "outsourced"}
    assert vendor.items(path, entrance="provider") == ["own"]
    assert rival.items(path, entrance="vendor") == ["rival's"]
    assert set(rival.items(path, entrance="provider")) == {"outsourced", "rival's"}
    assert set(sign_in(world.vendor, "vendor").items(path)) == {"own", "outsourced"}
    assert set(sign_in(id_of("小二"), "operator").items(path)) == {"own", "outsourced", "rival's"}
    assert sign_in(id_of("stranger"), "isv", main=True).items(path) == []

    feeds(world.restarted("own", 2, world.rival, world.vendor))
    assert vendor.items(path, entrance="provider") == []
    assert set(rival.items(path, entrance="provider")) == {"own", "outsourced", "rival's"}
    # a filter narrows what one may see, it never widens it
    assert rival.items(path, entrance="vendor", vendor_name="河北") == []
    assert vendor.items(path, entrance="provider", provider_id=str(world.rival)) == []


@pytest.mark.requirement("G-20", "G-24", "S-02")
def test_an_entrance_or_a_list_one_does_not_have_is_refused(world: World, sign_in: As) -> None:
    manager = sign_in(world.vendor, "vendor")
    refused = manager.get("/api/v1/project-list", entrance="provider")
    assert (refused.status_code, refused.json["type"]) == (403, "urn:delivery-center:problem:entrance-closed")
    allowed = {
        "project-list": {"main", "vendor", "operator"},
        "project-list/export": {"main", "vendor", "operator"},
        "project-list/providers": {"main", "vendor", "operator"},
        "project-list/values": {"main", "vendor", "operator"},
        "dashboards/average-cycle": {"main", "vendor"},
        "dashboards/new-projects": {"main", "vendor"},
        "dashboards/project-states": {"main", "vendor"},
        "dashboards/saturation": {"main", "vendor"},
        "project-counts": {"main", "vendor", "operator"},
        "my-projects": {"main", "staff"},
        "product-list": {"main", "vendor", "operator"},
        "purchased-services": {"main", "vendor", "staff", "customer"},
        "unregistered-buyers": {"operator"},
    }
    callers = {
        "main": sign_in(world.vendor, "isv", main=True),
        "vendor": manager,
        "staff": sign_in(world.vendor, "provider", roles=["designer"]),
        "customer": sign_in(world.customer, "customer"),
        "operator": sign_in(id_of("小二"), "operator"),
        "marketplace": sign_in(id_of("market"), "marketplace"),
    }
    for route in LISTS:
        answers = {kind: who.get(f"/api/v1/{route}").status_code for kind, who in callers.items()}
        assert answers == {kind: 200 if kind in allowed[route] else 403 for kind in callers}, route
        assert callers["main"].client.get(f"/api/v1/{route}").status_code == 401


def test_all_routes_declare_who_may_call(client: Any) -> None:
    declared = declarations(client.application)
    assert set(declared) == {("GET", f"/api/v1/{route}") for route in (*LISTS, "live", "reporting-status")}
    assert all(declared.values())


@pytest.mark.requirement("R-12", "R-13", "R-14", "R-21")
def test_filters_narrow_the_tab(feeds: Feeds, world: World, sign_in: As) -> None:
    feeds(
        *world.parties(),
        *world.products(),
        *design(world, "660012", provider=world.rival, started_at=NOON),
        *design(
            world,
            "210018",
            provider=world.vendor,
            assignee=world.wangwu,
            customer_id=world.other_customer,
            product_name="100%_name",
            sales_channel="销售渠道丁",
            edition="尊享版 (自营)",
            started_at=NOON + timedelta(days=1),
        ),
        world.entered("210018", 2, "confirm", "整站确认", side="customer", role="customer"),
    )
    vendor = sign_in(world.vendor, "isv", main=True)

    def found(**filters: str) -> list[str]:
        return vendor.items("/api/v1/project-list", **filters)

    everything = ["210018", "660012"]
    assert found() == everything
    first, second = ["660012"], ["210018"]
    for expected, filters in [
        (first, {"order_number": "6600"}),
        ([], {"order_number": "0012"}),
        (second, {"business_number": "210018001"}),
        (first, {"provider_name": "北京"}),
        (second, {"provider_id": str(world.vendor)}),
        (second, {"customer_name": "丁"}),
        (first, {"customer_number": "C1001"}),
        (second, {"product_name": "0%_N"}),
        ([], {"product_name": "0__n"}),
        (everything, {"product_code": "56001"}),
        ([], {"product_code": "5600"}),
        (second, {"sales_channel": "丁"}),
        (first, {"edition": "尊贵"}),
        (everything, {"vendor_name": "河北"}),
        (first, {"operator_name": "李四"}),
        ([], {"operator_name": "王五"}),
        (first, {"role": "designer"}),
        (second, {"role": "customer"}),
        (second, {"stage": "整站"}),
        (second, {"created_from": (NOON + timedelta(days=1)).isoformat()}),
        (first, {"created_to": (NOON + timedelta(days=1)).isoformat()}),
        (everything, {"product_id": str(world.product)}),
        ([], {"product_id": str(world.rival_product)}),
        (first, {"order_number": "66", "stage": "设计", "tab": "running"}),
        ([], {"order_number": "66", "stage": "整站"}),
    ]:
        assert found(**filters) == expected, filters
        counts = {k: v for k, v in filters.items() if k != "tab"}
        assert vendor.get("/api/v1/project-counts", **counts).json["running"] == len(expected), filters


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "201"},
        {"limit": "x"},
        {"tab": "everything"},
        {"entrance": "customer"},
        {"vendor_id": str(id_of("x"))},
        {"sort": "1"},
        {"order_number": ""},
        {"order_number": "x" * 101},
        {"order_number": "a\x01b"},
        {"provider_id": "1"},
        {"created_from": "2019-10-16"},
        {"created_from": "2019-10-16T00:00:00"},
        {"cursor": "x"},
        {"cursor": "MjAxOS0xMC0xNiB4"},
        {"cursor": "ä"},
    ],
)
def test_bad_queries_are_refused_by_field(world: World, sign_in: As, query: dict[str, str]) -> None:
    response = sign_in(world.vendor, "isv", main=True).get("/api/v1/project-list", **query)
    assert (response.status_code, response.content_type) == (422, "application/problem+json")
    assert [error["field"].rpartition(".")[2] for error in response.json["errors"]] == list(query)


@pytest.mark.requirement("R-18", "G-31")
def test_pages_join_without_gap_or_repetition_even_at_equal_times(feeds: Feeds, world: World, sign_in: As) -> None:
    names = [f"o{number:03}" for number in range(25)]
    for number, name in enumerate(names):
        feeds(world.started(name, started_at=NOON + timedelta(seconds=number // 10)))
    vendor = sign_in(world.vendor, "isv", main=True)
    whole = vendor.items("/api/v1/project-list", limit="200")
    assert sorted(whole) == names
    assert set(whole[:5]) == set(names[20:])
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = vendor.get("/api/v1/project-list", limit="7", **cursor).json
        assert page["total"] == 25
        seen += [row["order_number"] for row in page["items"]]
        if page["next"] is None:
            break
        if len(seen) == 7:  # a newer project does not shift the next page
            feeds(world.started("newer", started_at=NOON + timedelta(days=1)))
            feeds(world.ended("newer", "cancelled"))
        cursor = {"cursor": page["next"]}
    assert seen == whole


@pytest.mark.parametrize("sort", ["created_at", "-created_at", "order_number", "-order_number", "product_name"])
def test_a_list_is_sorted_by_what_is_allowed(feeds: Feeds, world: World, sign_in: As, sort: str) -> None:
    for number in range(9):
        started = {"started_at": NOON + timedelta(seconds=(number * 5) % 9), "product_name": f"name_{number // 3}"}
        feeds(world.started(f"o{number}", **started))
    vendor = sign_in(world.vendor, "isv", main=True)
    whole = vendor.get("/api/v1/project-list", sort=sort).json["items"]
    values = [row[sort.lstrip("-")] for row in whole]
    assert len(whole) == 9
    assert values == sorted(values, reverse=sort.startswith("-"))
    seen, cursor = [], {}
    while True:
        page = vendor.get("/api/v1/project-list", sort=sort, limit="2", **cursor).json
        seen += [row["order_number"] for row in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert seen == [row["order_number"] for row in whole]
    other = vendor.get("/api/v1/project-list", sort="-product_name", **cursor)
    assert (other.status_code, other.json["errors"][0]["field"].rpartition(".")[2]) == (422, "cursor")


def test_the_filters_of_a_figure_do_not_widen_what_one_sees(feeds: Feeds, world: World, sign_in: As) -> None:
    feeds(*design(world, "own", provider=world.vendor))
    midnight = "2019-10-17T00:00:00+08:00"
    query = {"tab": "all", "as_of": midnight, "provider_then": str(world.vendor)}
    assert sign_in(world.vendor, "isv", main=True).items("/api/v1/project-list", **query) == ["own"]
    assert sign_in(world.rival, "isv", main=True).items("/api/v1/project-list", **query) == []
    assert sign_in(world.rival, "isv", main=True).items("/api/v1/project-list", entrance="provider", **query) == []


def test_a_page_that_ends_with_the_list_has_no_next(feeds: Feeds, world: World, sign_in: As) -> None:
    feeds(*(world.started(f"{number}") for number in range(4)))
    vendor = sign_in(world.vendor, "isv", main=True)
    assert vendor.get("/api/v1/project-list", limit="4").json["next"] is None
    first = vendor.get("/api/v1/project-list", limit="3").json
    assert len(vendor.items("/api/v1/project-list", cursor=first["next"], limit="1")) == 1


@pytest.mark.requirement("D-15", "D-18", "D-34", "D-38")
def test_the_reason_of_waiting_is_shown_while_the_project_waits(feeds: Feeds, world: World, sign_in: As) -> None:
    vendor = sign_in(world.vendor, "isv", main=True)

    def shown() -> list[tuple[str | None, str | None]]:
        rows = vendor.get("/api/v1/project-list").json["items"]
        return [(row["queue_reason"], row["queue_reason_text"]) for row in rows]

    feeds(world.queued("1", "no_provider_configured"))  # dispatch may be heard before project
    feeds(world.started("1"), world.entered("1", 1, "assign_provider", "分配服务商"))
    assert shown() == [("no_provider_configured", "产品未配置服务商")]
    feeds(world.queued("1", "providers_full"))
    assert shown() == [("providers_full", "服务商持单量已满")]
    request = id_of("1 ask 1 None")
    feeds(
        dispatch.ProviderAssigned(
            project_id=id_of("1"), run=1, request_id=request, provider_id=world.vendor, assigned_at=NOON
        ),
        times=2,
    )
    assert shown() == [(None, None)]
    feeds(world.queued("1", "staff_full", role="designer", provider_id=world.vendor))
    assert shown() == [("staff_full", "所有服务商员工持单量已满")]
    feeds(world.restarted("1", 2, world.rival, world.vendor))
    assert shown() == [(None, None)]
    assert vendor.items("/api/v1/project-list", queue_reason="staff_full") == []
    feeds(world.queued("1", "no_staff", 2, role="designer", provider_id=world.rival))
    assert shown() == [("no_staff", "没有找到可接单的服务商员工")]
    assert vendor.items("/api/v1/project-list", queue_reason="no_staff") == ["1"]
    assert vendor.items("/api/v1/project-list", queue_reason="providers_full") == []
    feeds(world.ended("1", "cancelled", 2))
    assert vendor.items("/api/v1/project-list", "queue_reason", tab="cancelled") == [None]


@pytest.mark.requirement("R-128", "R-129", "R-130", "R-133")
def test_my_projects_are_those_that_wait_for_me_and_those_i_handled(feeds: Feeds, world: World, sign_in: As) -> None:
    feeds(*world.parties(), *world.products(), *design(world, "1", provider=world.vendor))
    lisi = sign_in(world.vendor, "provider", user=world.lisi, roles=["designer"])
    wangwu = sign_in(world.vendor, "provider", user=world.wangwu, roles=["designer"])
    path = "/api/v1/my-projects"
    assert (lisi.items(path), lisi.items(path, view="handled")) == (["1"], [])
    assert (wangwu.items(path), wangwu.items(path, view="handled")) == ([], [])
    assert lisi.items(path, customer_number="C1001", product_code="56001", order_number="1") == ["1"]
    assert lisi.items(path, customer_number="C1002") == []

    feeds(world.ended("1", "paused"))
    assert lisi.items(path) == []
    feeds(world.ended("1", "resumed"))
    feeds(
        world.completed("1", 1, world.staff(world.lisi)),
        world.entered("1", 2, "confirm", "确认", side="provider", role="designer", assignee_id=world.wangwu),
        times=2,
    )
    assert (lisi.items(path), lisi.items(path, view="handled")) == ([], ["1"])
    assert (wangwu.items(path), wangwu.items(path, view="handled")) == (["1"], [])

    feeds(world.ended("1", "completed"))
    assert (wangwu.items(path), lisi.items(path, view="handled")) == ([], ["1"])


@pytest.mark.requirement("R-41", "R-133")
def test_every_former_relation_to_a_project_is_in_no_list(feeds: Feeds, world: World, sign_in: As) -> None:
    """Replaced before handling anything, of an earlier provider, a colleague of whoever placed a test order: the same
    as project-svc opens by address."""
    feeds(
        *world.parties(),
        *world.products(),
        *design(world, "1", provider=world.vendor, assignee=world.lisi),
        project.AssigneeChanged(
            project_id=id_of("1"), run=1, visit=1, role="designer", person_id=world.wangwu, former_id=world.lisi,
            remark=None, by=world.staff(world.main), changed_at=NOON,
        ),
    )  # fmt: skip
    lisi = sign_in(world.vendor, "provider", user=world.lisi, roles=["designer"])
    wangwu = sign_in(world.vendor, "provider", user=world.wangwu, roles=["designer"])

    def lists(by: Any) -> list[list[str]]:
        mine = [by.items("/api/v1/my-projects", view=view) for view in ("pending", "handled", "claimable")]
        return [*mine, by.items("/api/v1/purchased-services")]

    assert lists(lisi) == [[], [], [], []]
    assert lists(wangwu) == [["1"], [], [], []]
    feeds(world.completed("1", 1, world.staff(world.wangwu)))
    feeds(world.restarted("1", 2, world.rival, world.vendor))
    main = sign_in(world.vendor, "isv", user=world.main, main=True)
    assert lists(wangwu) == lists(lisi) == lists(main) == [[], [], [], []]
    assert main.items("/api/v1/project-list", entrance="provider", tab="all") == []
    assert main.items("/api/v1/project-list", entrance="vendor", tab="all") == ["1"]
    feeds(world.restarted("1", 3, world.vendor, world.rival))
    assert (lists(wangwu), lists(lisi)) == ([[], ["1"], [], []], [[], [], [], []])


@pytest.mark.requirement("R-41", "S-04")
def test_a_project_handed_to_another_provider_and_one_handled_as_customer_are_not_mine(
    feeds: Feeds, world: World, sign_in: As
) -> None:
    acting = world.staff(world.lisi)
    feeds(
        *design(world, "gone", provider=world.vendor),
        world.completed("gone", 1, acting),
        *design(world, "bought", provider=world.vendor, assignee=world.wangwu),
        world.completed("bought", 1, type(acting)(kind="customer", user_id=world.lisi, party_id=world.vendor)),
    )
    lisi = sign_in(world.vendor, "provider", user=world.lisi, roles=["designer"])
    assert lisi.items("/api/v1/my-projects", view="handled") == ["gone"]
    feeds(world.restarted("gone", 2, world.rival, world.vendor))
    assert lisi.items("/api/v1/my-projects", view="handled") == []


@pytest.mark.requirement("P-01", "P-02", "P-03", "P-04", "P-05", "P-06", "P-07", "P-28", "P-29", "P-33")
def test_products_with_template_and_state_of_the_providers(feeds: Feeds, world: World, sign_in: As) -> None:
    feeds(world.configured(world.vendor, world.rival), *world.products(), *world.parties())
    path = "/api/v1/product-list"
    vendor = sign_in(world.vendor, "isv", main=True)
    (row,) = vendor.get(path).json["items"]
    assert row == {
        "product_id": str(world.product),
        "code": "56001",
        "name": "name_56001",
        "listed_at": "2019-10-16T04:00:00+00:00",
        "taken_offline_at": None,
        "vendor_id": str(world.vendor),
        "vendor_name": "河北服务商",
        "template_id": str(id_of("t")),
        "template_version": 1,
        "template_name": "小程序设计模板",
        "provider_state": "configured",
        "operations": ["view", "edit"],
        "providers": [
            {"provider_id": str(world.rival), "name": "北京服务商", "weight": 10, "maximum": 1000},
            {"provider_id": str(world.vendor), "name": "河北服务商", "weight": 10, "maximum": 1000},
        ],
    }
    operator = sign_in(id_of("小二"), "operator")
    assert operator.items(path, "code") == ["113001", "56001"]
    assert operator.items(path, "provider_state") == ["unconfigured", "configured"]
    assert operator.items(path, "operations") == [["configure"], ["view", "edit"]]
    assert operator.items(path, "code", code="560") == ["56001"]
    assert operator.items(path, "code", name="_113") == ["113001"]
    assert operator.items(path, "code", template_name="网站") == []
    assert sign_in(world.rival, "vendor").items(path, "code") == ["113001"]
    feeds(world.configured(), times=2)
    assert vendor.items(path, "provider_state") == ["unconfigured"]
    feeds(template.ProductTakenOffline(product_id=world.product, taken_offline_at=NOON), times=2)
    assert operator.items(path, "taken_offline_at") == [None, "2019-10-16T04:00:00+00:00"]
    page = operator.get(path, limit="1").json
    assert (page["total"], len(page["items"])) == (2, 1)
    assert operator.items(path, "code", cursor=page["next"]) == ["56001"]


@pytest.mark.requirement("S-01", "S-02", "S-03", "S-08", "S-09", "S-10")
def test_purchased_services_are_those_of_the_own_party(feeds: Feeds, world: World, sign_in: As) -> None:
    feeds(*world.parties(), world.started("1"), world.started("2", customer_id=world.vendor))
    path = "/api/v1/purchased-services"
    (row,) = sign_in(world.customer, "customer").get(path).json["items"]
    assert row == {
        "project_id": str(id_of("1")),
        "order_number": "1",
        "product_name": "name_56001",
        "edition": "尊贵版 (自营)",
        "created_at": "2019-10-16T04:00:00+00:00",
        "vendor_id": str(world.vendor),
        "vendor_name": "河北服务商",
        "valid_until": None,
        "state": "running",
        "stage": None,
    }
    assert sign_in(world.vendor, "provider", roles=["designer"]).items(path) == ["2"]
    assert sign_in(world.other_customer, "customer").items(path) == []


@pytest.mark.requirement("S-01")
def test_a_customer_finds_what_waits_for_him_and_what_he_looks_for(feeds: Feeds, world: World, sign_in: As) -> None:
    """Given projects whose open node is his, one of them held by the marketplace, one paused and one that somebody else
    works at, when he asks for what waits for him, then he gets the one he can go on with."""
    by = project.Actor(kind="operator")
    feeds(
        *world.parties(),
        *(world.started(name) for name in ("101", "102", "201", "202", "203")),
        world.started("901", customer_id=world.other_customer),
        *(world.entered(name, 1, "submit_requirement", "提交需求", role="customer") for name in ("101", "201", "202")),
        world.entered("102", 1, "confirm", "需求确认", role="designer"),
        world.entered("901", 1, "submit_requirement", "提交需求", role="customer"),
        project.ProjectPaused(project_id=id_of("201"), run=1, remark="r", by=by, paused_at=NOON),
        project.HoldSet(project_id=id_of("202"), run=1, reason="frozen", holds=["frozen"], held_at=NOON),
    )
    path = "/api/v1/purchased-services"
    buyer = sign_in(world.customer, "customer")
    assert buyer.items(path, waiting="true") == ["101"]
    assert sorted(buyer.items(path, waiting="false")) == ["102", "201", "202", "203"]
    assert sorted(buyer.items(path, order_number="20")) == ["201", "202", "203"]
    assert buyer.items(path, order_number="10", waiting="true", product_name="NAME_56") == ["101"]
    assert buyer.items(path, product_name="nothing like it") == []
    assert buyer.get(path, waiting="yes").status_code == buyer.get(path, order_number="").status_code == 422
    assert buyer.items(path, order_number="9") == []


@pytest.mark.requirement("G-10", "R-07")
def test_the_operator_sees_who_ordered_and_is_not_registered_with_what_waits_for_them(
    feeds: Feeds, world: World, sign_in: As
) -> None:
    new, other, by = id_of("new buyer"), id_of("other buyer"), project.Actor(kind="operator")
    orders = {"1": new, "2": other, "3": new, "4": new, "5": world.customer, "6": world.lisi, "7": other}
    said = {new: {"customer_name": "新买家", "customer_number": "N-9", "customer_marketplace": "huawei"}}
    feeds(
        *world.parties(),
        *world.products(),
        *(
            world.started(name, customer_id=buyer, started_at=NOON + timedelta(hours=int(name)), **said.get(buyer, {}))
            for name, buyer in orders.items()
        ),
        world.entered("3", 1, "submit_requirement", "提交需求", role="customer"),
        world.entered("7", 1, "submit_requirement", "提交需求", role="customer"),
        project.ProjectPaused(project_id=id_of("7"), run=1, remark="r", by=by, paused_at=NOON),
        project.ProjectCancelled(project_id=id_of("4"), run=1, remark="r", by=by, cancelled_at=NOON),
    )
    operator, path = sign_in(id_of("小二"), "operator"), "/api/v1/unregistered-buyers"

    def rows(page: Any) -> list[tuple[Any, ...]]:
        return [
            (
                row["customer_id"],
                row["projects"],
                row["waiting"],
                [(o["order_number"], o["waits"]) for o in row["orders"]],
            )
            for row in page["items"]
        ]

    whole = operator.get(path).json
    assert (whole["total"], whole["next"]) == (2, None)
    assert rows(whole) == [
        (str(other), 2, 0, [("7", False), ("2", False)]),
        (str(new), 2, 1, [("3", True), ("1", False)]),
    ]
    told = [(row["customer_name"], row["customer_number"], row["customer_marketplace"]) for row in whole["items"]]
    assert told == [(None, None, ""), ("新买家", "N-9", "huawei")]
    assert (whole["items"][1]["orders"][0]["stage"], whole["items"][1]["orders"][0]["vendor_name"]) == (
        "提交需求",
        "河北服务商",
    )
    first = operator.get(path, limit="1").json
    assert rows(first) + rows(operator.get(path, limit="1", cursor=first["next"]).json) == rows(whole)
    feeds(identity.PartyRegistered(party_id=new, name="新客户", kind="customer", account="C9", customer_number="C9"))
    assert rows(operator.get(path).json) == rows(whole)[:1]
    feeds(identity.PartyRegistered(party_id=other, name="自助开通的客户", kind="customer"))
    assert rows(operator.get(path).json) == [], "who claimed an account is a party, without a number"
    buyer = sign_in(other, "customer")
    assert sorted(buyer.items("/api/v1/purchased-services")) == ["2", "7"]


@pytest.mark.requirement("S-01", "S-10", "R-129")
def test_equal_numbers_of_two_marketplaces_are_two_buyers(feeds: Feeds, world: World, sign_in: As) -> None:
    """Whoever may see both finds both by the number; each buyer sees, and finds, his own."""
    shops = [f"generic:{uuid4()}" for _ in range(2)]
    buyers = {name: party_id_of("1001", shop) for name, shop in zip("12", shops, strict=True)}
    feeds(
        *world.parties(),
        *world.products(),
        identity.PartyRegistered(
            party_id=buyers["1"], name="甲店的客户", kind="customer", account="1001.1", customer_number="1001",
            marketplace=shops[0],
        ),
        *(
            world.started(name, customer_id=buyers[name], customer_number="1001", customer_name=f"买家{name}",
                          customer_marketplace=shop)
            for name, shop in zip("12", shops, strict=True)
        ),
    )  # fmt: skip
    vendor = sign_in(world.vendor, "isv", main=True)
    assert sorted(vendor.items("/api/v1/project-list", customer_number="1001")) == ["1", "2"]
    for name, customer in buyers.items():
        buyer = sign_in(customer, "customer", roles=["customer"])
        assert buyer.items("/api/v1/purchased-services") == [name]
        assert "买家" + {"1": "2", "2": "1"}[name] not in buyer.get("/api/v1/purchased-services").text
    operator = sign_in(id_of("小二"), "operator")
    (row,) = operator.get("/api/v1/unregistered-buyers").json["items"]
    assert (row["customer_id"], row["customer_marketplace"]) == (str(buyers["2"]), shops[1])


@pytest.mark.requirement("S-01", "S-07", "S-10")
def test_a_test_order_is_a_purchase_of_the_account_that_placed_it_and_of_nobody_else(
    feeds: Feeds, world: World, sign_in: As
) -> None:
    feeds(*world.parties(), world.started("1", customer_id=world.lisi), world.started("2", customer_id=world.vendor))
    path = "/api/v1/purchased-services"
    own = sign_in(world.vendor, "provider", user=world.lisi, roles=["designer"])
    assert sorted(own.items(path)) == ["1", "2"]
    assert sign_in(world.vendor, "provider", roles=["designer"]).items(path) == ["2"]
    assert sign_in(world.rival, "isv", main=True).items(path) == []


def test_a_read_waits_for_the_position_it_names(feeds: Feeds, world: World, sign_in: As, engine: Engine) -> None:
    feeds(world.started("1"))
    vendor = sign_in(world.vendor, "isv", main=True)

    def get(position: str) -> Any:
        headers = {"Authorization": f"Bearer {vendor.token}", "Delivery-Min-Position": position}
        return vendor.client.get("/api/v1/project-list", headers=headers)

    assert [row["order_number"] for row in get("project:1, notify:9").json["items"]] == ["1"]
    before = standing(engine)
    behind = get("project:2")
    assert (behind.status_code, behind.headers["Retry-After"]) == (503, "1")
    assert standing(engine) == before


@pytest.mark.requirement("S-07", "R-07")
def test_the_customer_of_a_test_order_is_the_account_that_placed_it(feeds: Feeds, world: World, sign_in: As) -> None:
    feeds(*world.products(), *world.parties())
    feeds(world.started("1"), world.started("2", customer_id=world.lisi))
    vendor = sign_in(world.vendor, "isv", main=True)
    path = "/api/v1/project-list"
    assert vendor.items(path, "customer_name", sort="order_number") == ["客户甲乙丙", "李四"]
    assert vendor.items(path, customer_name="李") == ["2"]
    assert vendor.items(path, customer_name="甲乙") == ["1"]


@pytest.mark.requirement("U-21")
def test_an_erased_person_is_named_nowhere(feeds: Feeds, world: World, sign_in: As) -> None:
    feeds(*world.products(), *world.parties(), *design(world, "1", provider=world.vendor))
    feeds(world.started("2", customer_id=world.lisi))
    feeds(identity.PersonErased(user_id=world.lisi, party_id=world.vendor), times=2)
    vendor = sign_in(world.vendor, "isv", main=True)
    answer = vendor.get("/api/v1/project-list")
    assert "李四" not in answer.text
    assert {row["order_number"]: row["customer_name"] for row in answer.json["items"]} == {"1": "客户甲乙丙", "2": None}
    assert vendor.items("/api/v1/project-list", operator_name="李四") == []


@pytest.mark.requirement("R-14")
def test_without_filters_the_full_tab_is_shown_again(feeds: Feeds, world: World, sign_in: As) -> None:
    """重置 sends no filter: each one narrows, and leaving it out gives exactly the page from before."""
    feeds(*world.parties(), *world.products(), *design(world, "1", provider=world.rival), world.started("2"))
    vendor = sign_in(world.vendor, "isv", main=True)
    path = "/api/v1/project-list"
    full = vendor.get(path).json
    assert sorted(row["order_number"] for row in full["items"]) == ["1", "2"]
    for filters in (
        {"order_number": "9"},
        {"stage": "设计"},
        {"provider_name": "北京"},
        {"created_to": NOON.isoformat()},
    ):
        narrowed = vendor.get(path, **filters).json
        assert narrowed["total"] < full["total"]
        assert vendor.get(path).json == full


@pytest.mark.requirement("R-130")
def test_the_provider_admin_filters_his_own_projects_by_the_columns_of_the_list(
    feeds: Feeds, world: World, sign_in: As
) -> None:
    feeds(
        *world.parties(),
        *world.products(),
        *design(world, "1", provider=world.vendor, assignee=world.main, edition="甲版", sales_channel="渠道一"),
        *design(
            world, "2", provider=world.vendor, assignee=world.main, vendor_id=world.rival,
            customer_id=world.other_customer, product_name="另一个", started_at=NOON + timedelta(days=1),
        ),
    )  # fmt: skip
    admin = sign_in(world.vendor, "isv", main=True, user=world.main)
    path = "/api/v1/my-projects"
    assert admin.items(path) == ["2", "1"]
    for expected, filters in [
        (["1"], {"order_number": "1"}),
        (["2"], {"business_number": "2001"}),
        (["2"], {"product_name": "另"}),
        (["1"], {"edition": "甲"}),
        (["1"], {"sales_channel": "渠道"}),
        (["2"], {"customer_name": "丁"}),
        (["2"], {"vendor_name": "北京"}),
        (["2", "1"], {"provider_name": "河北"}),
        (["2", "1"], {"operator_name": "河北主"}),
        ([], {"operator_name": "李四"}),
        (["2", "1"], {"role": "designer", "stage": "设计"}),
        (["2"], {"created_from": (NOON + timedelta(days=1)).isoformat()}),
    ]:
        assert admin.items(path, **filters) == expected, filters


def test_orders_to_be_claimed_are_listed_to_those_who_may_claim_them(feeds: Feeds, world: World, sign_in: As) -> None:
    feeds(*world.parties(), *world.products())
    role = {"side": "provider", "role": "account_manager"}
    for name, provider in (("1", world.vendor), ("2", world.vendor), ("3", world.rival), ("4", world.vendor)):
        feeds(world.started(name), world.provider_set(name, provider))
        feeds(world.entered(name, 1, "claim_order", "认领订单", **role), times=2)
    feeds(world.role_filled("2", "account_manager", world.lisi), world.ended("4", "paused"))
    feeds(world.started("5"), world.provider_set("5", world.vendor))
    feeds(world.entered("5", 1, "assign_order", "分单", role="account_manager"))

    def claimable(party: UUID, *roles: str) -> list[str]:
        session = sign_in(party, "provider", roles=roles)
        return sorted(session.items("/api/v1/my-projects", view="claimable"))

    assert claimable(world.vendor, "account_manager", "designer") == ["1"]
    assert claimable(world.rival, "account_manager") == ["3"]
    assert claimable(world.vendor, "designer") == []
    assert claimable(world.vendor) == []
    feeds(world.ended("4", "resumed"))
    assert claimable(world.vendor, "account_manager") == ["1", "4"]
    assert sign_in(world.customer, "customer").get("/api/v1/my-projects", view="claimable").status_code == 403


@pytest.mark.requirement("R-07", "R-13", "R-129")
def test_the_customer_is_called_what_the_order_called_it(feeds: Feeds, world: World, sign_in: As) -> None:
    """From the first second, whoever is registered under the number, and whatever another order says."""
    nobody = id_of("not registered")
    new = {"customer_id": nobody, "customer_number": "N-77", "customer_name": "新客户有限公司"}
    feeds(*world.products(), world.started("1", **new), times=2)
    vendor = sign_in(world.vendor, "isv", main=True)
    path = "/api/v1/project-list"

    def shown() -> list[tuple[str, str, str]]:
        rows = vendor.get(path, sort="order_number").json["items"]
        return [(row["order_number"], row["customer_name"], row["customer_number"]) for row in rows]

    assert shown() == [("1", "新客户有限公司", "N-77")]
    feeds(identity.PartyRegistered(party_id=nobody, name="注册名", kind="customer", customer_number="N-77"))
    feeds(world.started("2", **new | {"customer_name": "改名公司"}), world.started("3", customer_id=nobody))
    feeds(*world.parties())
    assert shown() == [("1", "新客户有限公司", "N-77"), ("2", "改名公司", "N-77"), ("3", "注册名", "N-77")]
    for filters, found in [
        ({"customer_name": "新客户"}, ["1"]),
        ({"customer_name": "改名"}, ["2"]),
        ({"customer_name": "注册"}, ["3"]),
        ({"customer_number": "ｎ－７７"}, ["1", "2", "3"]),
    ]:
        assert vendor.items(path, sort="order_number", **filters) == found, filters


@pytest.mark.requirement("U-21")
def test_a_forgotten_buyer_is_named_nowhere(feeds: Feeds, world: World, sign_in: As, engine: Engine) -> None:
    """Neither by his orders nor by the party; what is read anew says the same."""
    buyer = id_of("赵忘名")
    party = identity.PartyRegistered(party_id=buyer, name="赵忘名", kind="customer", customer_number="Z-1")
    order = world.started("1", customer_id=buyer, customer_number="Z-1", customer_name="赵忘名")
    silent = world.started("2", customer_id=buyer)
    forgotten = [
        identity.PartyErased(party_id=buyer),
        project.BuyerErased(project_id=id_of("1"), run=1, erased_at=NOON),
    ]
    feeds(*world.products(), party, order, silent)
    vendor = sign_in(world.vendor, "isv", main=True)
    path = "/api/v1/project-list"
    assert sorted(vendor.items(path, customer_name="赵忘")) == ["1", "2"]
    feeds(*forgotten, times=2)
    answer = vendor.get(path)
    assert "赵忘名" not in answer.text
    assert [row["customer_name"] for row in answer.json["items"]] == [None, None]
    assert vendor.items(path, customer_name="赵忘名") == []
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            held = connection.execute(text(f"SELECT string_agg(t::text, '') FROM {table.name} t")).scalar()
            assert "赵忘名" not in (held or ""), table.name
    before = standing(engine)
    rebuild(engine)
    feeds.ids.clear()
    again = [msgspec.structs.replace(party, name=""), msgspec.structs.replace(order, customer_name=""), silent]
    feeds(*world.products(), *again, *forgotten)
    assert standing(engine) == before


@pytest.mark.requirement("R-12", "R-13")
def test_numbers_match_however_they_are_written(feeds: Feeds, world: World, sign_in: As) -> None:
    feeds(*world.products(), world.started("Ab-660012", business_number="Ｎｏ-9"))
    vendor = sign_in(world.vendor, "isv", main=True)
    path = "/api/v1/project-list"
    for written in ("ab-66", "AB-66", "Ａｂ－６６"):
        assert vendor.items(path, order_number=written) == ["Ab-660012"]
    for written in ("no-9", "NO-9", "Ｎｏ-９"):
        assert vendor.items(path, business_number=written) == ["Ab-660012"]
    assert vendor.items(path, order_number="b-66") == []
    listed = world.products()[2]
    feeds(msgspec.structs.replace(listed, product_id=id_of("lettered"), code="Web-1"))
    feeds(world.started("lettered", product_id=id_of("lettered")))
    for written in ("Web-1", "WEB-1", "ｗｅｂ－1"):
        assert vendor.items(path, product_code=written) == ["lettered"]
        assert vendor.items("/api/v1/product-list", "code", code=written) == ["Web-1"]
    feeds(msgspec.structs.replace(listed, product_id=id_of("wide"), code="Ｗｅｂ－2"))
    feeds(world.started("wide", product_id=id_of("wide")))
    assert vendor.items(path, product_code="web-2") == ["wide"]
    assert vendor.items("/api/v1/product-list", "code", code="web-2") == ["Ｗｅｂ－2"]


@pytest.mark.requirement("R-12", "P-29")
def test_providers_are_listed_by_the_sound_of_their_names(feeds: Feeds, world: World, sign_in: As) -> None:
    names = ["重庆公司", "阿里云", "Bob", "alice", "123公司", "上海"]
    ids = [id_of(name) for name in names]
    parties = [identity.PartyRegistered(party_id=id_of(name), name=name, kind="isv") for name in names]
    feeds(*world.products(), *parties, world.configured(*ids))
    vendor = sign_in(world.vendor, "isv", main=True)
    order = ["123公司", "阿里云", "重庆公司", "上海", "alice", "Bob"]
    assert vendor.items("/api/v1/project-list/providers", "name") == order
    (product,) = (row for row in vendor.get("/api/v1/product-list").json["items"] if row["providers"])
    assert [entry["name"] for entry in product["providers"]] == order


@pytest.mark.requirement("R-18")
def test_products_are_sorted_by_the_sound_of_their_names_page_by_page(feeds: Feeds, world: World, sign_in: As) -> None:
    order = ["123建站", "阿明建站", "长城建站", "重庆建站", "重庆建站", "张三建站", "Alpha", "beta", "Beta"]
    mixed = [order[n] for n in (8, 2, 5, 0, 7, 4, 1, 6, 3)]
    feeds(*world.products(), *(world.started(f"{n}", product_name=name) for n, name in enumerate(mixed)))
    vendor = sign_in(world.vendor, "isv", main=True)

    def all_pages(sort: str) -> list[str]:
        found: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = vendor.get("/api/v1/project-list", sort=sort, limit=2, **cursor).json
            found += [row["product_name"] for row in page["items"]]
            if page["next"] is None:
                return found
            cursor = {"cursor": page["next"]}

    ascending = all_pages("product_name")
    assert [name.lower() for name in ascending] == [name.lower() for name in order]
    assert sorted(ascending) == sorted(order)
    assert all_pages("-product_name") == ascending[::-1]


def after(world: World, name: str, *contracts: Any, **started: Any) -> list[Any]:
    """A project at a node of 李四's with a timeout, and what comes after."""
    node: dict[str, Any] = {"side": "provider", "role": "designer", "assignee_id": world.lisi, "timeout": 10}
    return [
        world.started(name, **started),
        world.provider_set(name, world.vendor),
        world.entered(name, 1, "general", "设计", **node),
        *contracts,
    ]


def held(name: str, *holds: Any, reason: Any = "frozen") -> project.HoldSet:
    return project.HoldSet(project_id=id_of(name), run=1, reason=reason, holds=list(holds), held_at=NOON)


def lifted(name: str, *holds: Any, reason: Any = "frozen", counted_from: Any = None) -> project.HoldLifted:
    return project.HoldLifted(
        project_id=id_of(name), run=1, reason=reason, holds=list(holds), counted_from=counted_from, lifted_at=NOON
    )


def test_a_row_says_what_was_bought_and_what_the_marketplace_made_of_it(
    feeds: Feeds, world: World, sign_in: As
) -> None:
    feeds(*world.parties(), *world.products())
    bought = {"sku": "yuncode-1", "quantity": 3, "trial": True, "test": True, "parameters": {"地域": "华东"}}
    changed = project.EditionChanged(
        project_id=id_of("A"), run=1, sku="yuncode-2", edition="旗舰版", quantity=5, changed_at=NOON
    )
    end: dict[str, Any] = {"by": project.Actor(kind="marketplace"), "remark": "r", "cancelled_at": NOON}
    feeds(*after(world, "A", changed, **bought))
    feeds(*after(world, "B", project.ProjectCancelled(project_id=id_of("B"), run=1, refund=True, **end)))
    feeds(*after(
        world, "C", world.ended("C", "completed"),
        project.OrderEnded(project_id=id_of("C"), run=1, refund=False, ended_at=NOON),
        project.TermExtended(project_id=id_of("C"), run=1, valid_until=date(2027, 1, 31), extended_at=NOON),
    ))  # fmt: skip
    session = sign_in(world.vendor, "isv", main=True)
    rows = {r["order_number"]: r for r in session.get("/api/v1/project-list", tab="all").json["items"]}
    names = ("edition", "sku", "quantity", "trial", "test", "hold", "refund", "state")
    assert {name: tuple(row[n] for n in names) for name, row in rows.items()} == {
        "A": ("旗舰版", "yuncode-2", 5, True, True, None, None, "running"),
        "B": ("尊贵版 (自营)", None, 1, False, False, None, True, "cancelled"),
        "C": ("尊贵版 (自营)", None, 1, False, False, None, False, "completed"),
    }
    path = "/api/v1/project-list"
    assert session.items(path, tab="all", sku="CODE-2") == ["A"]
    assert sorted(session.items(path, tab="all", unpaid="false")) == ["B", "C"]
    bought_by = sign_in(world.customer, "customer")
    shown = {r["order_number"]: r["valid_until"] for r in bought_by.get("/api/v1/purchased-services").json["items"]}
    assert shown["C"] == "2027-01-31"


@pytest.mark.requirement("R-64", "R-128")
def test_a_held_project_waits_for_nobody_until_its_last_hold_is_lifted(
    feeds: Feeds, world: World, sign_in: As, engine: Any
) -> None:
    feeds(*world.parties(), *world.products())
    feeds(*after(world, "A"), *after(world, "B", held("B", "frozen"), held("B", "frozen", "expired")))
    session = sign_in(world.vendor, "provider", user=world.lisi, roles=["designer"])
    admin = sign_in(world.vendor, "isv", main=True)

    def seen() -> Any:
        (row,) = admin.get("/api/v1/project-list", order_number="B").json["items"]
        return row["hold"], row["limit"]["stands"], row["limit"]["due_at"]

    assert session.items("/api/v1/my-projects") == ["A"]
    assert seen() == ("frozen", "held", None)
    assert admin.items("/api/v1/project-list", hold="any") == ["B"]
    assert admin.items("/api/v1/project-list", hold="expired") == []
    feeds(lifted("B", "expired"))
    assert seen() == ("expired", "held", None)
    assert admin.items("/api/v1/project-list", hold="expired") == ["B"]
    feeds(world.ended("B", "paused"), world.ended("B", "resumed"))
    assert seen() == ("expired", "held", None)
    feeds(lifted("B", reason="expired", counted_from=NOON - timedelta(hours=1)))
    assert sorted(session.items("/api/v1/my-projects")) == ["A", "B"]
    hold, stands, due_at = seen()
    assert (hold, stands, due_at) == (None, None, (NOON + timedelta(hours=23)).isoformat())
    assert admin.items("/api/v1/project-list", hold="any") == []


def test_a_project_cancelled_while_it_is_held_leaves_its_node_and_its_hold(
    feeds: Feeds, world: World, engine: Any
) -> None:
    feeds(*world.parties(), *world.products(), *after(world, "A", held("A", "expired", reason="expired")))
    feeds(world.ended("A", "cancelled"), lifted("A"))
    with engine.connect() as connection:
        row = connection.execute(text("SELECT state, hold FROM project")).one()
        left = connection.execute(text("SELECT outcome, clock_from, entered_at FROM node_visit")).one()
    assert tuple(row) == ("cancelled", None)
    assert (left.outcome, left.clock_from) == ("cancelled", left.entered_at)
