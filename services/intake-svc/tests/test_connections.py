"""Connections over HTTP: whose they are, what they need, what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from delivery_shared.http import declarations
from intake_svc.application import IntakeApplication
from intake_svc.status import intake_status

from .conftest import Feeds, Marketplace, User, listed

pytestmark = pytest.mark.integration
Connect = Callable[..., Marketplace]


def slug(answer: Any) -> str:
    return str(answer.json["type"].rpartition(":")[2])


def test_every_route_is_declared(api: Any) -> None:
    assert len(declarations(api)) == 24


def test_a_connection_is_a_draft_with_an_address_nobody_guesses(vendor: User) -> None:
    made = vendor("POST", "connections", {"kind": "huawei", "name": "云商店"})
    assert (made.status_code, made.json["stage"]) == (201, "draft")
    other = vendor("POST", "connections", {"kind": "huawei", "name": "云商店"})
    assert made.json["address"] != other.json["address"]
    assert len(made.json["address"].rpartition("/")[2]) >= 32
    shown = vendor("GET", f"connections/{made.json['id']}").json
    assert (shown["ready_when"], shown["has_secret"], shown["former_secret_until"]) == ("started", False, None)
    assert vendor("POST", "connections", {"kind": "strange", "name": "x"}).status_code == 422
    page = vendor("GET", "connections?limit=1").json
    assert (page["total"], [item["id"] for item in page["items"]]) == (2, [other.json["id"]])
    rest = vendor("GET", f"connections?limit=1&cursor={page['next']}").json
    assert ([item["id"] for item in rest["items"]], rest["next"]) == ([made.json["id"]], None)


def test_secrets_are_of_the_kind_and_shown_once_where_they_are_made_here(vendor: User) -> None:
    shop = vendor("POST", "connections", {"kind": "generic", "name": "商城"}).json["id"]
    given = vendor("PUT", f"connections/{shop}/secret", {}, Idempotency_Key="k")
    again = vendor("PUT", f"connections/{shop}/secret", {}, Idempotency_Key="k")
    assert given.json["secret"].startswith("whsec_")
    assert "secret" not in again.json
    cloud = vendor("POST", "connections", {"kind": "huawei", "name": "云商店"}).json["id"]
    for body in ({}, {"secret": "short"}):
        assert slug(vendor("PUT", f"connections/{cloud}/secret", body)) == "secret-unusable"
    taken = vendor("PUT", f"connections/{cloud}/secret", {"secret": "long-enough-1"})
    assert (taken.status_code, "secret" in taken.json) == (200, False)


def test_stages_need_what_they_need(vendor: User) -> None:
    made = vendor("POST", "connections", {"kind": "generic", "name": "商城"}).json["id"]
    path = f"connections/{made}"
    assert slug(vendor("PUT", f"{path}/stage", {"stage": "test"})) == "connection-not-prepared"
    vendor("PUT", f"{path}/secret", {})
    assert slug(vendor("PUT", f"{path}/stage", {"stage": "live"})) == "connection-not-prepared"
    assert vendor("PUT", f"{path}/stage", {"stage": "test"}).json["stage"] == "test"
    assert vendor("PUT", f"{path}/stage", {"stage": "open"}).status_code == 422


def test_another_vendors_connection_does_not_exist(connect: Connect, sign_in: Callable[..., User]) -> None:
    market, stranger = connect("generic"), sign_in("vendor_admin")
    path = f"connections/{market.connection_id}"
    for method, route, body in (
        ("GET", path, None), ("GET", f"{path}/health", None), ("GET", f"{path}/notices", None),
        ("GET", f"{path}/sku-map", None), ("PUT", f"{path}/secret", {}), ("PUT", path, {"name": "x"}),
        ("POST", f"{path}/test-orders", {"product_code": "cmgj01"}), ("PUT", f"{path}/stage", {"stage": "draft"}),
    ):  # fmt: skip
        assert stranger(method, route, body).status_code == 404, route
    manager = sign_in("vendor_project_manager", market.vendor.party_id)
    assert manager("GET", path).status_code == 200
    assert manager("PUT", f"{path}/secret", {}).status_code == 403
    assert sign_in("staff")("GET", path).status_code == 403


@pytest.mark.parametrize(
    ("content", "fields"),
    [
        ("", ["content"]),
        ("sku,edition\na,b\n", ["content"]),
        ("product_code,product\n,66001\nc,\n", ["entries.0.product_code", "entries.1.product"]),
        ("product_code,product\nc,66001,more\n", ["entries.0"]),
        ('product_code,product\n"c,66001\n', ["content"]),
        (f"product_code,product\n{'x' * 201},66001\n", ["entries.0.product_code"]),
        ("product_code,product\nc,unknown\n", ["entries.0.product"]),
        ("product_code,sku,product\nc,a,66001\nc,a,66001\n", ["entries.1.sku"]),
    ],
)
def test_a_file_is_taken_as_a_whole_or_not_at_all(connect: Connect, content: str, fields: list[str]) -> None:
    market = connect("generic")
    path = f"connections/{market.connection_id}"
    before = market.vendor("GET", f"{path}/sku-map").json
    answer = market.vendor("PUT", f"{path}/sku-map/file", {"content": content or " "})
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json["errors"]] == fields
    assert market.vendor("GET", f"{path}/sku-map").json == before


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_files_of_spreadsheets(connect: Connect, separator: str) -> None:
    market = connect("generic")
    path = f"connections/{market.connection_id}"
    rows = [
        ["product_code", "sku", "product", "edition", "档期"],
        ["c", "a", "66001", "专业版", "夜间"],
        ["c", "", "66001", "", ""],
    ]
    content = "\ufeff" + "\r\n".join(separator.join(row) for row in rows) + "\r\n"
    assert market.vendor("PUT", f"{path}/sku-map/file", {"content": content}).status_code == 200
    product = {"product_id": str(market.product_id), "product": "66001", "product_name": "建站"}
    assert market.vendor("GET", f"{path}/sku-map").json["entries"] == [
        {**product, "product_code": "c", "sku": "a", "edition": "专业版", "facts": {"档期": "夜间"}},
        {**product, "product_code": "c", "sku": "", "edition": None, "facts": {}},
    ]


def test_a_map_names_own_products_only(connect: Connect, feeds: Feeds) -> None:
    market, others = connect("generic"), uuid4()
    feeds(listed(others, uuid4()))
    entries = [{"product_code": "c", "product_id": str(others)}]
    answer = market.vendor("PUT", f"connections/{market.connection_id}/sku-map", {"entries": entries})
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "entries.0.product_id")


def test_orders_nobody_was_told_are_ready_are_counted_after_an_hour(
    connect: Connect, application: IntakeApplication
) -> None:
    def overdue(after: timedelta) -> int:
        return intake_status(application.store, now=application.means.now() + after).overdue_orders

    before = overdue(timedelta(minutes=61))
    market, patient, tested = connect("huawei"), connect("generic"), connect("huawei", stage="test")
    for one in (market, patient, tested):
        one.send(one.order())
    known = overdue(timedelta(0))
    assert overdue(timedelta(minutes=61)) == before + 1
    assert overdue(timedelta(minutes=59)) >= known


def test_health_tells_what_came(connect: Connect) -> None:
    market = connect("generic")
    for _ in range(3):
        market.send(market.order())
    market.send(market.order(sku="unknown"))
    health = market.health()
    assert (health["answered"], health["parked"], health["refused"], health["unready"]) == (4, 1, 0, 4)
    assert health["last_notice_at"] is not None
    assert abs(health["skew_ms"]) < 3000
