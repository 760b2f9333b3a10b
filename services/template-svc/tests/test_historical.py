"""Products from before the Delivery Center, and taking products offline (P-13, P-35, F-03 … F-06)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from delivery_shared.contracts import Contract, identity
from delivery_shared.contracts.template import ProductListed, ProductTakenOffline, ProductTemplateChanged
from delivery_shared.messaging.envelope import encode, open_message
from delivery_shared.messaging.outbox import Outbox
from template_svc.application import TemplateApplication
from template_svc.policies import consumers
from template_svc.seeding import preset_template_id

from .test_api_products import list_product, own_template
from .test_api_templates import problem

pytestmark = pytest.mark.integration

PUBLIC = preset_template_id("information_website")


def deliver(application: TemplateApplication, *contracts: Contract) -> None:
    """Every message twice."""
    [feed] = consumers(application.store)
    for contract in contracts:
        message = open_message(
            encode(contract, notification_id=1, prev=0, subject="1", subject_version=1,
                   time=application.means.now(), correlation_id="test", causation_id="test")
        )  # fmt: skip
        feed.commit([message, message], [])


@pytest.fixture
def account(vendor: Any, application: TemplateApplication) -> str:
    """The vendor is known by name and account."""
    number = str(uuid4().int)[:16]
    deliver(
        application,
        identity.PartyRegistered(party_id=vendor.party_id, name="旧名", kind="isv", account=number),
        identity.PartyRegistered(party_id=vendor.party_id, name="河北服务商", kind="isv", account=number),
    )
    return number


@pytest.fixture
def serial(operator: Any) -> int:
    return int(operator("GET", f"templates/{PUBLIC}").json["serial"])


def row(account: str, **changes: Any) -> dict[str, Any]:
    return {"provider_name": "河北服务商", "account": account, "code": "CmjjXXX", "name": "建站", **changes}


def outgoing(application: TemplateApplication, after: int) -> list[Any]:
    return [open_message(out.body).contract for out in Outbox(application.store).read(after=after, limit=100)]


@pytest.mark.requirement("P-35", "F-04", "F-05", "F-06")
def test_a_product_is_recorded_listed_as_not_switched_and_switched_by_table(
    vendor: Any, operator: Any, application: TemplateApplication, account: str, serial: int, events: Callable[[], int]
) -> None:
    start = events()
    recorded = operator("POST", "historical-products", {"rows": [row(account), row(account, code="2", name="二")]})
    assert recorded.json == {
        "items": [
            {"code": "CmjjXXX", "product_id": None, "state": "unswitched"},
            {"code": "2", "product_id": None, "state": "unswitched"},
        ],
        "total": 2,
    }
    assert outgoing(application, start) == [], "orders on it go the earlier way"
    assert vendor("GET", "products").json["total"] == 0
    open_ = operator("GET", "historical-products?state=unswitched&code=cmjj&limit=200").json["items"]
    [seen] = [item for item in open_ if item["vendor_id"] == str(vendor.party_id)]
    assert (seen["provider_name"], seen["account"], seen["code"], seen["name"], seen["template_serial"]) == (
        "河北服务商", account, "CmjjXXX", "建站", None,
    )  # fmt: skip
    table = {"rows": [row(account, template_serial=serial, template_name="信息类网站建设模板")]}
    switched = operator("POST", "historical-products", table).json["items"][0]
    assert (switched["state"], switched["code"]) == ("switched", "CmjjXXX")
    [listed] = outgoing(application, start)
    assert isinstance(listed, ProductListed)
    assert (str(listed.product_id), listed.vendor_id, listed.template_id) == (
        switched["product_id"], vendor.party_id, PUBLIC,
    )  # fmt: skip
    again = operator("POST", "historical-products", table).json["items"][0]
    assert again == switched, "the same table again changes nothing"
    assert len(outgoing(application, start)) == 1
    of_vendor = [i for i in operator("GET", "historical-products?limit=200").json["items"] if i["account"] == account]
    assert {i["code"]: (i["state"], i["template_serial"], i["template_name"]) for i in of_vendor} == {
        "CmjjXXX": ("switched", serial, "信息类网站建设模板"),
        "2": ("unswitched", None, None),
    }
    own = own_template(vendor, "自有")
    own_serial = vendor("GET", f"templates/{own}").json["serial"]
    rows = [row(account, template_serial=own_serial, template_name="自有")]
    assert operator("POST", "historical-products", {"rows": rows}).json["items"] == [switched]
    said = outgoing(application, start)[-1]
    assert isinstance(said, ProductTemplateChanged)
    assert str(said.template_id) == own


@pytest.mark.requirement("P-13", "F-04")
def test_the_vendor_does_not_replace_the_template_of_a_historical_product(
    vendor: Any, operator: Any, account: str, serial: int, events: Callable[[], int]
) -> None:
    table = {"rows": [row(account, template_serial=serial, template_name="信息类网站建设模板")]}
    product = operator("POST", "historical-products", table).json["items"][0]["product_id"]
    other = str(preset_template_id("logistics_website"))
    before = events()
    refused = vendor("PUT", f"products/{product}/template", {"template_id": other})
    assert problem(refused) == (403, "operators-to-replace")
    assert problem(list_product(vendor, "CmjjXXX")) == (409, "code-taken")
    assert events() == before
    assert vendor("GET", f"products/{product}").json["historical"] is True
    assert operator("PUT", f"products/{product}/template", {"template_id": other}).status_code == 200


@pytest.mark.requirement("P-35", "F-04")
def test_a_table_with_anything_wrong_changes_nothing(
    vendor: Any, operator: Any, sign_in: Callable[..., Any], account: str, serial: int, events: Callable[[], int]
) -> None:
    rival = sign_in("vendor_admin")
    foreign = own_template(rival, "别人的")
    draft = own_template(vendor, "草稿", publish=False)
    serials = [rival("GET", f"templates/{foreign}").json["serial"], vendor("GET", f"templates/{draft}").json["serial"]]
    assert (
        operator("POST", "historical-products", {"rows": [row(account, code="known", name="已知")]}).status_code == 200
    )
    before = events()
    right = {"template_serial": serial, "template_name": "信息类网站建设模板"}
    wrong = [
        (row("0000"), ["rows.1.account"]),
        (row(account, provider_name="别的"), ["rows.1.provider_name"]),
        (row(account, code="good", **right), ["rows.1.code"]),
        (row(account, code="known", name="别的", **right), ["rows.1.name"]),
        (row(account, template_serial=10**9, template_name="x"), ["rows.1.template_serial"]),
        (row(account, template_serial=serials[0], template_name="别人的"), ["rows.1.template_serial"]),
        (row(account, template_serial=serials[1], template_name="草稿"), ["rows.1.template_serial"]),
        (row(account, template_serial=serial, template_name="x"), ["rows.1.template_name"]),
        (row(account, provider_name="别的", **{**right, "template_name": "x"}),
         ["rows.1.provider_name", "rows.1.template_name"]),
    ]  # fmt: skip
    for bad, fields in wrong:
        refused = operator("POST", "historical-products", {"rows": [row(account, code="good", **right), bad]})
        assert problem(refused) == (422, "table-refused"), bad
        assert [error["field"] for error in refused.json["errors"]] == fields
        assert all(error["zh"] and error["en"] for error in refused.json["errors"])
    rows: list[Any]
    for rows in ([], [{}], [row(account, template_serial=serial)], [row(account)] * 201, [row(account, vendor_id="1")],
                 [row(account, template_serial="x", template_name="x")]):  # fmt: skip
        assert problem(operator("POST", "historical-products", {"rows": rows})) == (422, "invalid")
    assert events() == before
    assert operator("GET", "historical-products?cursor=x").status_code == 422
    assert operator("GET", "historical-products?foo=1").status_code == 422


@pytest.mark.requirement("F-05")
def test_a_product_not_switched_in_time_is_taken_offline(
    operator: Any, application: TemplateApplication, account: str, serial: int, events: Callable[[], int]
) -> None:
    operator("POST", "historical-products", {"rows": [row(account)]})
    [seen] = [i for i in operator("GET", "historical-products?limit=200").json["items"] if i["account"] == account]
    start = events()
    path = f"historical-products/{seen['id']}/offline"
    for _ in range(2):
        assert operator("POST", path, {"reason": "2020-03-31 到期"}).json["state"] == "offline"
    assert events() == start + 1
    assert outgoing(application, start) == []
    [seen] = [i for i in operator("GET", "historical-products?limit=200").json["items"] if i["account"] == account]
    assert (seen["state"], seen["offline_at"] is not None) == ("offline", True)
    table = {"rows": [row(account, template_serial=serial, template_name="信息类网站建设模板")]}
    refused = operator("POST", "historical-products", table)
    assert [error["code"] for error in refused.json["errors"]] == ["product_offline"]
    assert operator("POST", f"historical-products/{uuid4()}/offline", {}).status_code == 404
    operator("POST", "historical-products", {"rows": [{**table["rows"][0], "code": "3"}]})
    [other] = [i for i in operator("GET", "historical-products?state=switched&limit=200").json["items"]
               if i["account"] == account]  # fmt: skip
    refused = operator("POST", f"historical-products/{other['id']}/offline", {})
    assert problem(refused) == (409, "already-switched")


@pytest.mark.requirement("F-05")
def test_a_listed_product_is_taken_offline(
    vendor: Any, operator: Any, application: TemplateApplication, events: Callable[[], int]
) -> None:
    product = list_product(vendor).json["id"]
    start = events()
    assert vendor("POST", f"products/{product}/offline", {}).status_code == 403
    assert operator("POST", f"products/{product}/offline", {"reason": "因" * 501}).status_code == 422
    assert operator("POST", f"products/{uuid4()}/offline", {}).status_code == 404
    assert events() == start
    for _ in range(2):
        assert operator("POST", f"products/{product}/offline", {"reason": "停售"}).json["state"] == "offline"
    [said] = outgoing(application, start)
    assert isinstance(said, ProductTakenOffline)
    assert said.product_id == UUID(product)
    assert vendor("GET", f"products/{product}").json["state"] == "offline"
    other = {"template_id": str(preset_template_id("logistics_website"))}
    assert problem(vendor("PUT", f"products/{product}/template", other)) == (409, "product-offline")


@pytest.mark.requirement("P-09", "P-10", "P-12", "P-24", "F-03", "F-07")
def test_the_listing_form_offers_all_that_can_be_bound(vendor: Any, sign_in: Callable[..., Any]) -> None:
    own_template(sign_in("vendor_admin"), "别人的")
    own_template(vendor, "草稿", publish=False)
    own = own_template(vendor, "自有")
    form = vendor("GET", "products/listing-form").json
    assert [field["name"] for field in form["fields"]] == ["产品编号", "产品名称", "服务流程模板"]
    assert all(field["required"] for field in form["fields"])
    offered = {template["id"]: template["public"] for template in form["templates"]}
    assert form["templates"][0]["id"] == own
    assert [t for t, public in offered.items() if not public] == [own]
    assert str(PUBLIC) in offered
    assert form["providers"] == {
        "weight": {"preset": 10, "least": 1, "most": 100},
        "maximum": {"preset": 1000, "least": 0, "most": 2000},
    }
    for template in offered:
        assert list_product(vendor, template[:8] + template[9:12], "一", template).status_code == 201


@pytest.mark.requirement("F-05", "P-08")
def test_a_product_taken_offline_is_listed_again_through_the_same_form(
    vendor: Any, operator: Any, sign_in: Callable[..., Any], application: TemplateApplication,
    events: Callable[[], int],
) -> None:  # fmt: skip
    """The manual does not say how a product comes back: as it came, with its number, as the same product."""
    product = list_product(vendor).json["id"]
    assert problem(list_product(vendor)) == (409, "code-taken"), "still listed"
    operator("POST", f"products/{product}/offline", {"reason": "停售"})
    assert list_product(sign_in("vendor_admin")).json["id"] != product, "another vendor's number is another product"
    before = events()
    assert list_product(vendor, template=uuid4()).status_code == 404
    assert vendor("GET", f"products/{product}").json["state"] == "offline"
    assert events() == before
    other = preset_template_id("logistics_website")
    again = list_product(vendor, name="重新上架", template=other)
    assert (again.status_code, again.json["id"], again.json["state"]) == (201, product, "listed")
    assert events() == before + 1
    [said] = outgoing(application, before)
    assert isinstance(said, ProductListed)
    assert (said.product_id, said.name, said.template_id) == (UUID(product), "重新上架", other)
    seen = vendor("GET", f"products/{product}").json
    assert (seen["name"], seen["template_id"], seen["offline_at"]) == ("重新上架", str(other), None)
    assert problem(list_product(vendor)) == (409, "code-taken")


@pytest.mark.requirement("F-05", "P-13")
def test_a_historical_product_comes_back_with_the_template_the_operator_chose(
    vendor: Any, operator: Any, account: str, serial: int, events: Callable[[], int]
) -> None:
    switched = row(account, template_serial=serial, template_name="信息类网站建设模板")
    operator("POST", "historical-products", {"rows": [switched, row(account, code="2")]})
    [item] = vendor("GET", "products").json["items"]
    operator("POST", f"products/{item['id']}/offline", {})
    before = events()
    refused = list_product(vendor, item["code"], template=preset_template_id("logistics_website"))
    assert problem(refused) == (403, "operators-to-replace")
    assert events() == before
    again = list_product(vendor, item["code"], template=item["template_id"])
    assert (again.status_code, again.json["id"]) == (201, item["id"])
    [historical] = [i for i in operator("GET", "historical-products?limit=200").json["items"]
                    if (i["account"], i["code"]) == (account, "2")]  # fmt: skip
    assert problem(list_product(vendor, "2")) == (409, "code-taken")
    operator("POST", f"historical-products/{historical['id']}/offline", {})
    assert list_product(vendor, "2").status_code == 201, "a new product like any other"


@pytest.mark.requirement("U-21")
def test_the_copy_of_a_forgotten_customer_keeps_the_id_only(application: TemplateApplication) -> None:
    party_id = uuid4()
    deliver(
        application,
        identity.PartyRegistered(party_id=party_id, name="赵忘名", kind="customer", account="Z1", customer_number="Z1"),
        identity.PartyErased(party_id=party_id),
    )
    with application.store.connection() as connection:
        kept = connection.execute("SELECT name, kind FROM party WHERE party_id = %s", (party_id,)).fetchone()
    assert kept == {"name": "", "kind": "customer"}


@pytest.mark.requirement("P-35", "F-04")
def test_accounts_and_codes_are_one_however_they_are_written(
    vendor: Any, operator: Any, application: TemplateApplication, serial: int, events: Callable[[], int]
) -> None:
    account = f"Hebei-{uuid4().hex[:12]}"
    deliver(
        application,
        identity.PartyRegistered(party_id=vendor.party_id, name="河北服务商", kind="isv", account=account),
    )
    for written in (account, account.upper(), account.replace("Hebei", "ｈｅｂｅｉ")):
        recorded = operator("POST", "historical-products", {"rows": [row(written, code="Cmjj-9")]})
        assert recorded.status_code == 200, recorded.json
    before = events()
    again = operator("POST", "historical-products", {"rows": [row(account, code="ＣＭＪＪ－9")]})
    assert again.json["items"] == [{"code": "ＣＭＪＪ－9", "product_id": None, "state": "unswitched"}]
    twice = operator("POST", "historical-products", {"rows": [row(account, code="a"), row(account.upper(), code="A")]})
    assert [(e["field"], e["code"]) for e in twice.json["errors"]] == [("rows.1.code", "row_twice")]
    assert problem(list_product(vendor, "cmjj-9")) == (409, "code-taken"), "it is to be switched by the operator"
    assert events() == before
    found = operator("GET", "historical-products?code=ｃｍｊｊ－9&limit=200").json["items"]
    assert [(item["code"], item["account"]) for item in found if item["vendor_id"] == str(vendor.party_id)] == [
        ("Cmjj-9", account)
    ]
    right = {"template_serial": serial, "template_name": "信息类网站建设模板"}
    switched = operator("POST", "historical-products", {"rows": [row(account, code="CMJJ-9", **right)]}).json
    [product] = vendor("GET", "products").json["items"]
    assert (product["code"], product["id"]) == ("Cmjj-9", switched["items"][0]["product_id"])
    assert operator("POST", "historical-products", {"rows": [row(account, code="cmjj-9", **right)]}).json["items"] == [
        {**switched["items"][0], "code": "cmjj-9"}
    ]


@pytest.mark.requirement("P-08", "F-05")
def test_a_vendor_lists_a_product_once_however_its_number_is_written(
    vendor: Any, operator: Any, events: Callable[[], int]
) -> None:
    product = list_product(vendor, "Ab-1").json["id"]
    before = events()
    for written in ("AB-1", "ab-1", "Ａｂ－１"):
        assert problem(list_product(vendor, written)) == (409, "code-taken")
    assert events() == before
    assert vendor("GET", "products?code=ａＢ－").json["total"] == 1
    operator("POST", f"products/{product}/offline", {"reason": "停售"})
    again = list_product(vendor, "ab-1")
    assert (again.status_code, again.json["id"], again.json["code"]) == (201, product, "Ab-1")
