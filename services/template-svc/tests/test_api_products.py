"""Products over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from delivery_shared.commands import Command
from delivery_shared.messaging.envelope import open_message
from delivery_shared.messaging.outbox import Outbox
from template_svc.application import TemplateApplication
from template_svc.commands import products
from template_svc.domain.errors import CodeTaken
from template_svc.seeding import preset_template_id

pytestmark = pytest.mark.integration

PUBLIC = preset_template_id("information_website")
OTHER = preset_template_id("mini_program_design_dispatch")

NODES = [
    {"id": "start", "type": "assign_provider", "name": "分配服务商"},
    {"id": "end", "type": "complete_project", "name": "完成项目"},
]


def list_product(user: Any, code: str = "56001", name: str = "name_56", template: Any = PUBLIC) -> Any:
    return user("POST", "products", {"code": code, "name": name, "template_id": str(template)})


def own_template(user: Any, name: str, publish: bool = True) -> str:
    template = user("POST", "templates", {"name": name}).json["id"]
    user("PUT", f"templates/{template}/content", {"name": name, "nodes": NODES}, If_Match='"1"')
    if publish:
        assert user("POST", f"templates/{template}/publication").status_code == 200
    return str(template)


@pytest.mark.requirement("T-01", "T-02", "P-08", "P-12")
def test_listing_a_product_with_a_public_template(
    vendor: Any, application: TemplateApplication, events: Callable[[], int]
) -> None:
    before = events()
    listed = list_product(vendor)
    assert listed.status_code == 201
    body = listed.json
    assert body == {
        "id": body["id"],
        "code": "56001",
        "name": "name_56",
        "template_id": str(PUBLIC),
        "template_name": "信息类网站建设模板",
        "state": "listed",
        "version": 1,
    }
    assert listed.headers["Location"] == f"/api/v1/products/{body['id']}"
    assert listed.headers["Delivery-Position"] == f"template:{events()}"
    [outgoing] = Outbox(application.store).read(after=before, limit=10)
    message: Any = open_message(outgoing.body).contract
    assert (message.TYPE, str(message.product_id), message.code) == ("template.product_listed", body["id"], "56001")
    assert (message.vendor_id, message.template_id, message.template_version) == (vendor.party_id, PUBLIC, 1)
    seen = vendor("GET", f"products/{body['id']}").json
    assert seen["vendor_id"] == str(vendor.party_id)
    assert seen["template_name"] == "信息类网站建设模板"
    assert seen["listed_at"] == message.listed_at.isoformat()


@pytest.mark.requirement("P-08", "X-104", "F-03")
@pytest.mark.parametrize(
    "body",
    [
        {"code": "1", "name": "n"},
        {"code": "1", "name": "n", "template_id": None},
        {"code": "", "name": "n", "template_id": str(PUBLIC)},
        {"code": "1", "name": " ", "template_id": str(PUBLIC)},
        {"code": "1", "name": "n", "template_id": "x"},
        {"code": "1", "name": "n", "template_id": str(PUBLIC), "vendor_id": str(uuid4())},
        {"code": "1" * 65, "name": "n", "template_id": str(PUBLIC)},
        {"code": "1", "name": "n" * 101, "template_id": str(PUBLIC)},
    ],
)
def test_a_listing_without_all_it_needs_is_refused(vendor: Any, events: Callable[[], int], body: Any) -> None:
    before = events()
    assert vendor("POST", "products", body).status_code == 422
    assert events() == before
    assert vendor("GET", "products").json["total"] == 0


@pytest.mark.requirement("T-03", "T-104", "P-09")
def test_only_published_templates_the_vendor_sees_can_be_bound(
    vendor: Any, operator: Any, sign_in: Callable[..., Any], events: Callable[[], int]
) -> None:
    own, draft = own_template(vendor, "自己的"), own_template(vendor, "草稿", publish=False)
    foreign = own_template(sign_in("vendor_admin"), "别人的")
    draft_public = own_template(operator, f"公共{uuid4().hex[:8]}", publish=False)
    product = list_product(vendor, template=own).json["id"]
    before = events()
    for template, status in ((draft, 409), (foreign, 404), (draft_public, 404), (uuid4(), 404)):
        assert list_product(vendor, "2", template=template).status_code == status
        replaced = vendor("PUT", f"products/{product}/template", {"template_id": str(template)})
        assert replaced.status_code == status
    assert events() == before
    assert vendor("GET", "products").json["total"] == 1


def test_a_code_is_used_once_per_vendor(vendor: Any, sign_in: Callable[..., Any], events: Callable[[], int]) -> None:
    list_product(vendor)
    assert list_product(sign_in("vendor_admin")).status_code == 201
    before = events()
    assert list_product(vendor).status_code == 409
    assert events() == before


def test_of_two_listings_at_the_same_time_one_gets_the_code(application: TemplateApplication) -> None:
    vendor_id = uuid4()

    def list_one(_: int) -> int:
        try:
            operation = products.list_product(vendor_id=vendor_id, code="1", name="n", template_id=PUBLIC)
            return application.carry_out(Command(), operation).status
        except CodeTaken:
            return 409

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(list_one, range(8))) == [201, *[409] * 7]


@pytest.mark.requirement("P-11", "P-14")
def test_the_template_is_replaced_for_later_projects(
    vendor: Any, application: TemplateApplication, events: Callable[[], int]
) -> None:
    product = list_product(vendor).json["id"]
    before = events()
    replaced = vendor("PUT", f"products/{product}/template", {"template_id": str(OTHER)})
    assert (replaced.status_code, replaced.json["template_id"], replaced.json["version"]) == (200, str(OTHER), 2)
    [outgoing] = Outbox(application.store).read(after=before, limit=10)
    message: Any = open_message(outgoing.body).contract
    assert message.TYPE == "template.product_template_changed"
    assert (str(message.product_id), message.template_id, message.template_version, message.template_name) == (
        product,
        OTHER,
        1,
        "小程序设计模板子账号自动分单",
    )
    assert vendor("GET", f"products/{product}").json["template_name"] == "小程序设计模板子账号自动分单"
    before = events()
    again = vendor("PUT", f"products/{product}/template", {"template_id": str(OTHER)})
    assert (again.status_code, again.json["version"]) == (200, 2)
    assert events() == before


@pytest.mark.requirement("P-07")
def test_another_vendors_products_do_not_exist_for_it(
    vendor: Any, sign_in: Callable[..., Any], events: Callable[[], int]
) -> None:
    product = list_product(vendor).json["id"]
    other = sign_in("vendor_admin")
    before = events()
    for path in (product, str(uuid4())):
        assert other("GET", f"products/{path}").status_code == 404
        assert other("PUT", f"products/{path}/template", {"template_id": str(OTHER)}).status_code == 404
    assert other("GET", "products").json == {"items": [], "total": 0, "next": None}
    assert events() == before


@pytest.mark.requirement("P-13", "P-33", "P-35")
def test_the_operator_replaces_and_the_project_manager_reads(
    vendor: Any, operator: Any, sign_in: Callable[..., Any]
) -> None:
    product = list_product(vendor).json["id"]
    own = own_template(vendor, "自己的")
    assert operator("PUT", f"products/{product}/template", {"template_id": own}).status_code == 200
    manager = sign_in("vendor_project_manager", vendor.party_id)
    assert manager("GET", f"products/{product}").json["template_id"] == own
    assert manager("GET", "products").json["total"] == 1
    assert operator("GET", f"products/{product}").json["vendor_id"] == str(vendor.party_id)


@pytest.mark.requirement("P-03", "P-06", "G-31")
def test_the_list_is_filtered_paged_and_newest_first(vendor: Any) -> None:
    ids = [list_product(vendor, f"5600{n}", f"名称_{n}", PUBLIC if n % 2 else OTHER).json["id"] for n in range(5)]
    seen: list[str] = []
    cursor = None
    for expected in (2, 2, 1):
        page = vendor("GET", f"products?limit=2{f'&cursor={cursor}' if cursor else ''}").json
        assert (page["total"], len(page["items"])) == (5, expected)
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
    assert (cursor, seen) == (None, ids[::-1])

    def found(query: str) -> list[str]:
        return [item["code"] for item in vendor("GET", f"products?{query}").json["items"]]

    assert found("code=56003") == ["56003"]
    assert found("name=名称_1") == ["56001"]
    assert found("template_name=小程序") == ["56004", "56002", "56000"]
    assert found("template_name=小程序&code=2") == ["56002"]
    assert found("name=%25") == []


@pytest.mark.parametrize("query", ["limit=0", "vendor_id=x", "cursor=x", "cursor=MjAxOQ==", "code=%00"])
def test_bad_queries_are_refused(vendor: Any, query: str) -> None:
    assert vendor("GET", f"products?{query}").status_code in (400, 422)
