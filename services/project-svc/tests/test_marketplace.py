"""What a marketplace says of orders, as intake tells it. ``World.hear`` delivers everything twice."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from delivery_shared.contracts import intake, project, template
from delivery_shared.contracts.identity import PartyErased, UserDeleted, UserSaved, party_id_of
from delivery_shared.http import Caller
from delivery_shared.messaging.envelope import open_message
from project_svc import commands, timers
from project_svc.domain.facts import Started
from project_svc.domain.order import OrderContact

from .conftest import (
    BY_ADMIN,
    BY_CUSTOMER,
    BY_LISI,
    BY_MANAGER,
    BY_VENDOR,
    BY_VPM,
    MARKET,
    OPERATOR,
    Http,
    World,
    caller_of,
    product_of,
)
from .people import PROVIDER, VENDOR, at, id_of
from .test_http import fields, problem, purchase
from .test_policies import batch

pytestmark = pytest.mark.integration


def received(**more: Any) -> intake.OrderReceived:
    """An order as a marketplace sends it; each call makes another one."""
    number = uuid4().hex[:12].upper()
    said: dict[str, Any] = {
        "project_id": uuid4(),
        "connection_id": id_of("connection"),
        "vendor_id": VENDOR,
        "kind": "generic",
        "product_id": product_of("website"),
        "order_number": f"M-{number}",
        "business_number": f"B-{number}",
        "customer_number": f"C-{number}",
        "customer_name": "市场买家",
        "received_at": at(0),
        **more,
    }
    return intake.OrderReceived(**said)


def told(world: World, project_id: UUID) -> list[Any]:
    """What the service has published about the project."""
    found = world.outbox.read(after=0, limit=100_000)
    messages = [open_message(message.body).contract for message in found]
    return [c for c in messages if getattr(c, "project_id", None) == project_id]


def refusals(world: World, project_id: UUID) -> list[tuple[str, str]]:
    return [(c.asked, c.reason) for c in told(world, project_id) if isinstance(c, project.OrderRefused)]


def started(world: World, project_id: UUID) -> project.ProjectStarted:
    (found,) = (c for c in told(world, project_id) if isinstance(c, project.ProjectStarted))
    return found


def parked(world: World) -> list[str]:
    return world.parked("intake")


def last_try(world: World) -> None:
    """Have what is parked tried as it is the last time it is tried by itself."""
    feed = world.feeds["intake"]
    feed.rows("UPDATE parked SET attempts = 8, next_try = now() WHERE source = 'intake' RETURNING 1", {})
    feed.retry_parked()


@pytest.mark.requirement("R-01")
def test_an_order_of_a_marketplace_is_a_project_once(world: World) -> None:
    order = received(
        contact=intake.Contact(name="王经理", mobile="+8613900000001", email="wang@example.com", locale="zh-CN"),
        sku="yuncode-1",
        edition="旗舰版",
        quantity=3,
        trial=True,
        parameters={"地域": "华东", "账号": "a-1"},
        valid_until=date(2027, 1, 31),
        sales_channel="云市场",
    )
    world.hear(order)
    found = world.project(order.project_id)
    assert (found.business_number, found.vendor_id, found.customer_id, found.node) == (
        order.business_number, VENDOR, party_id_of(order.customer_number), "provider"
    )  # fmt: skip
    assert (found.quantity, found.sku, found.trial, found.test, found.edition, found.valid_until) == (
        3, "yuncode-1", True, False, "旗舰版", "2027-01-31"
    )  # fmt: skip
    assert found.parameters == {"地域": "华东", "账号": "a-1"}
    said = started(world, order.project_id)
    assert (said.quantity, said.sku, said.trial, said.test, said.parameters, said.customer_name) == (
        3, "yuncode-1", True, False, {"地域": "华东", "账号": "a-1"}, "市场买家"
    )  # fmt: skip
    (asked,) = (c for c in told(world, order.project_id) if isinstance(c, project.ProviderRequested))
    assert asked.unpaid is True
    world.hear(order, msgspec.structs.replace(order, received_at=at(600)))
    assert world.versions(order.project_id) == found.version
    assert (refusals(world, order.project_id), parked(world)) == ([], [])


def test_an_order_that_is_paid_says_so_to_dispatch(world: World) -> None:
    order = received()
    world.hear(order)
    (asked,) = (c for c in told(world, order.project_id) if isinstance(c, project.ProviderRequested))
    assert asked.unpaid is False


@pytest.mark.requirement("S-07")
def test_an_order_over_a_connection_that_is_not_live_is_a_test(world: World) -> None:
    order = received(test=True)
    world.hear(order)
    assert world.project(order.project_id).is_test
    assert world.application.details(by=BY_VENDOR, project_id=order.project_id)["actions"] == ["cancel"]


def test_the_contact_is_stored_sealed_only_and_told_until_it_is_erased_with_the_name(world: World) -> None:
    contact = intake.Contact(name="李采购", mobile="+8613900000002")
    order = received(contact=contact, customer_name=None)
    world.hear(order)
    fact = world.application.store.history(order.project_id)[0]
    assert isinstance(fact, Started)
    assert fact.contact is not None
    assert "李采购" not in fact.contact
    buyers = world.application.store.buyers
    assert buyers.contact_in(fact) == OrderContact(name="李采购", mobile="+8613900000002")
    assert "李采购" in repr(told(world, order.project_id))
    world.hear(PartyErased(party_id=party_id_of(order.customer_number)))
    assert buyers.contact_in(fact) is None
    assert "李采购" not in repr(told(world, order.project_id))


def test_a_business_number_that_is_taken_is_refused_once(world: World) -> None:
    first, number = received(), f"B-{uuid4().hex[:8]}"
    world.hear(first)
    over_http = world.order(business_number=number)
    same = received(business_number=first.business_number.lower())
    taken = received(business_number=number)
    world.hear(same, taken)
    for order in (same, taken):
        assert refusals(world, order.project_id) == [("intake.order_received", "order-exists")]
        assert world.application.store.history(order.project_id) == []
    again = msgspec.structs.replace(same, received_at=at(60))
    world.hear(again)
    assert refusals(world, same.project_id) == [("intake.order_received", "order-exists")] * 2
    assert {world.project(i).state for i in (first.project_id, over_http)} == {"running"}
    assert parked(world) == []


@pytest.mark.requirement("F-05")
def test_a_product_that_is_offline_is_refused_and_an_order_repeated_later_is_taken(world: World) -> None:
    product_id = id_of("product going offline")
    listed = template.ProductListed(
        product_id=product_id, code="57001", name="name_57", vendor_id=VENDOR, template_id=id_of("template website"),
        template_version=1, template_name="website", listed_at=at(0),
    )  # fmt: skip
    world.hear(listed, template.ProductTakenOffline(product_id=product_id, taken_offline_at=at(1)), twice=False)
    order = received(product_id=product_id)
    world.hear(order)
    assert refusals(world, order.project_id) == [("intake.order_received", "product-offline")]
    world.hear(listed, twice=False)
    world.hear(msgspec.structs.replace(order, received_at=at(30)))
    assert world.project(order.project_id).state == "running"
    assert len(refusals(world, order.project_id)) == 1


def test_an_order_waits_for_its_product_as_long_as_it_may_come(world: World) -> None:
    product_id = uuid4()
    order = received(product_id=product_id)
    world.hear(order, twice=False)
    assert parked(world) == [f"NotYet('product-not-listed: project {order.project_id}')"]
    world.hear(template.ProductListed(
        product_id=product_id, code="57002", name="name_57", vendor_id=VENDOR, template_id=id_of("template website"),
        template_version=1, template_name="website", listed_at=at(0),
    ))  # fmt: skip
    world.feeds["intake"].rows("UPDATE parked SET next_try = now() RETURNING 1", {})
    assert world.feeds["intake"].retry_parked() == 1
    assert (world.project(order.project_id).state, parked(world)) == ("running", [])


def test_an_order_of_a_product_that_does_not_come_is_refused_at_its_last_try(world: World) -> None:
    unknown, others = received(product_id=uuid4()), received(vendor_id=PROVIDER)
    for order in (unknown, others):
        world.hear(order, twice=False)
        assert refusals(world, order.project_id) == []
        last_try(world)
        assert refusals(world, order.project_id) == [("intake.order_received", "product-not-listed")]
    assert parked(world) == []


def test_orders_of_one_batch_with_one_number_are_one_project(world: World) -> None:
    first = received()
    second = received(business_number=first.business_number)
    batch(world, "intake", first, second, received())
    assert world.project(first.project_id).state == "running"
    assert refusals(world, second.project_id) == [("intake.order_received", "order-exists")]
    assert (refusals(world, first.project_id), parked(world)) == ([], [])


def test_a_project_cancelled_meanwhile_stays_so_when_its_order_comes_again(world: World) -> None:
    order = received()
    world.hear(order)
    world.do(commands.cancel(by=OPERATOR, project_id=order.project_id, remark="取消"))
    before = world.versions(order.project_id)
    world.hear(order)
    assert (world.versions(order.project_id), refusals(world, order.project_id)) == (before, [])


CONTACT = {"name": "王经理", "mobile": "139 0000 0003", "email": "Wang@Example.COM", "locale": "zh-CN"}
SHOWN = {"name": "王经理", "mobile": "+8613900000003", "email": "Wang@example.com", "locale": "zh-CN"}


def contact_seen(world: World, by: Caller, project_id: UUID, **more: Any) -> dict[str, Any] | None:
    found: dict[str, Any] | None = world.application.details(by=by, project_id=project_id, **more)["contact"]
    return found


@pytest.mark.requirement("R-01", "R-79")
def test_an_order_over_http_says_the_same(http: Http, world: World) -> None:
    sent = purchase(sku="yuncode-2", quantity=2, trial=True, parameters={"地域": " 华北 "}, contact=CONTACT)
    made = http.of(MARKET)("POST", "orders", sent, Idempotency_Key=uuid4().hex)
    assert made.status_code == 201, made.get_data(as_text=True)
    project_id = UUID(made.get_json()["project_id"])
    page = http.of(BY_VENDOR)("GET", f"projects/{project_id}").get_json()
    shown = {name: page["business"][name] for name in ("sku", "quantity", "trial", "test", "parameters")}
    assert shown == {
        "sku": "yuncode-2", "quantity": 2, "trial": True, "test": False,
        "parameters": [{"name": "地域", "label": "地域", "type": "text", "value": "华北"}],
    }  # fmt: skip
    assert page["contact"] == {**SHOWN, "reachable": True, "changeable": True}
    assert started(world, project_id).quantity == 2


def test_what_an_order_says_wrongly_is_named_by_field_and_nothing_is_kept(http: Http) -> None:
    def refused(**more: Any) -> set[str]:
        return fields(http.of(MARKET)("POST", "orders", purchase(**more), Idempotency_Key=uuid4().hex))

    assert refused(quantity=0) == refused(quantity=1_000_001) == refused(quantity="2") == {"quantity"}
    assert refused(trial="maybe") == {"trial"}
    assert refused(contact={}) == {"contact.name"}
    wrong = {"name": "x" * 101, "mobile": "call me", "email": "nowhere", "locale": "中文", "fax": "1"}
    assert refused(contact=wrong) == {f"contact.{name}" for name in wrong}
    assert refused(parameters={str(n): "x" for n in range(51)}) == {"parameters"}
    assert {field.split(".")[0] for field in refused(parameters={"a": "x" * 501})} == {"parameters"}
    most = purchase(quantity=1_000_000, parameters={str(n): "x" * 500 for n in range(50)})
    made = http.of(MARKET)("POST", "orders", most, Idempotency_Key=uuid4().hex)
    assert made.status_code == 201, made.get_data(as_text=True)


def test_the_contact_is_shown_to_those_who_may_see_contacts_and_to_nobody_else(world: World) -> None:
    customer_id = uuid4()
    buyer = caller_of(uuid4(), customer_id, "customer", roles=("customer",))
    project_id = world.at_submit(customer_id=customer_id, contact=OrderContact(**SHOWN))
    world.fill(project_id, buyer)
    world.confirm(project_id, buyer)
    for by in (BY_VENDOR, OPERATOR, BY_LISI):
        assert contact_seen(world, by, project_id) == {**SHOWN, "reachable": True, "changeable": by is not BY_LISI}
    for by in (BY_VPM, BY_ADMIN, buyer):
        assert contact_seen(world, by, project_id) is None
    world.confirm(project_id, BY_LISI)
    world.confirm(project_id, BY_LISI)
    assert contact_seen(world, BY_LISI, project_id) is None, "the open node is the customer's"
    world.hear(PartyErased(party_id=customer_id))
    nobody = {"name": "--", "mobile": "--", "email": "--", "locale": "--", "reachable": False, "changeable": False}
    assert contact_seen(world, BY_VENDOR, project_id) == nobody


def test_a_customer_is_reached_by_his_contact_or_by_an_account_of_his(world: World) -> None:
    number = f"C-{uuid4().hex[:8].upper()}"
    customer_id = party_id_of(number)
    by = {"customer_number": number, "customer_id": customer_id}

    def reachable(project_id: UUID) -> bool:
        seen = contact_seen(world, BY_VENDOR, project_id)
        assert seen is not None
        return bool(seen["reachable"])

    silent = world.order(**by)
    named = world.order(**by, contact=OrderContact(name="只有名字"))
    mailed = world.order(**by, contact=OrderContact(email="a@example.com"))
    assert [reachable(i) for i in (silent, named, mailed)] == [False, False, True]
    person = UserSaved(
        user_id=uuid4(), party_id=customer_id, side="customer", main=False, login_name="买家", name="买家",
        roles=["customer"], saved_at=at(0),
    )  # fmt: skip
    for mobile, email, there in ((None, None, False), ("13900000004", None, True), (None, "b@example.com", True)):
        world.hear(msgspec.structs.replace(person, mobile=mobile, email=email))
        assert [reachable(i) for i in (silent, named, mailed)] == [there, there, True]
    world.hear(UserDeleted(user_id=person.user_id, party_id=customer_id))
    assert reachable(silent) is False


# What comes after the order


def log_of(world: World, project_id: UUID) -> list[tuple[str, str, str]]:
    """The marketplace's rows of the log, oldest first."""
    rows = world.application.flow_log(by=BY_VENDOR, project_id=project_id)["items"][::-1]
    return [(r["event"], r["actor"], r["remark"]) for r in rows if r["actor"] == "云市场"]


def types(world: World, project_id: UUID) -> list[str]:
    return [c.TYPE for c in told(world, project_id)]


def frozen(project_id: UUID, minutes: float = 10, *, expired: bool = False) -> intake.Frozen:
    return intake.Frozen(project_id=project_id, expired=expired, frozen_at=at(minutes))


def extended(project_id: UUID, minutes: float = 10, until: date = date(2027, 1, 31)) -> intake.TermExtended:
    return intake.TermExtended(project_id=project_id, order_number="M-2", valid_until=until, extended_at=at(minutes))


def test_a_renewal_and_another_edition_are_shown_logged_and_told(world: World) -> None:
    project_id = world.order()
    bought = intake.EditionChanged(
        project_id=project_id, order_number="M-3", sku="yuncode-9", edition="旗舰版", quantity=5, changed_at=at(11)
    )
    world.hear(extended(project_id), bought)
    before = world.versions(project_id)
    world.hear(bought, extended(project_id), extended(project_id, 9, date(2026, 1, 1)))
    assert world.versions(project_id) == before
    business = world.application.details(by=BY_VENDOR, project_id=project_id)["business"]
    assert (business["valid_until"], business["edition"], business["sku"], business["quantity"]) == (
        "2027-01-31", "旗舰版", "yuncode-9", 5
    )  # fmt: skip
    assert log_of(world, project_id) == [
        ("订单续费", "云市场", "有效期限延至2027-01-31"),
        ("变更规格", "云市场", "产品规格由尊享版 (自营)变更为旗舰版，数量由1变更为5"),
    ]
    term, edition = told(world, project_id)[-2:]
    assert (term.valid_until, term.run) == (date(2027, 1, 31), 1)
    assert (edition.sku, edition.edition, edition.quantity) == ("yuncode-9", "旗舰版", 5)


@pytest.mark.requirement("R-64")
def test_a_frozen_order_rests_and_goes_on_with_what_remains(http: Http, world: World) -> None:
    project_id = world.order("timed")
    world.hear(world.provider(project_id))
    timer = timer_due(world, project_id)
    assert timer is not None
    world.clock.time = at(20)
    world.hear(frozen(project_id, 20), frozen(project_id, 21, expired=True))
    assert timer_due(world, project_id) is None
    page = world.application.details(by=BY_VENDOR, project_id=project_id)
    assert page["holds"] == [
        {"reason": "frozen", "reason_text": "订单冻结", "since": "2019-10-18 14:20:00"},
        {"reason": "expired", "reason_text": "订单到期", "since": "2019-10-18 14:21:00"},
    ]
    assert (page["state"], page["current"]["limit"]["stands"], page["current"]["limit"]["due_at"]) == (
        "running", "held", None
    )  # fmt: skip
    assert "remind" not in page["actions"]
    claimed = http.of(BY_MANAGER)("POST", f"projects/{project_id}/claim", None)
    assert problem(claimed) == (409, "project-frozen")
    world.clock.time = at(50)
    world.hear(extended(project_id, 50))
    assert timer_due(world, project_id) is None
    world.clock.time = at(80)
    world.hear(intake.Thawed(project_id=project_id, thawed_at=at(80)))
    assert timer_due(world, project_id) == timer + timedelta(minutes=60)
    assert log_of(world, project_id) == [
        ("订单冻结", "云市场", ""),
        ("订单到期", "云市场", ""),
        ("订单续费", "云市场", "有效期限延至2027-01-31"),
        ("到期解除", "云市场", ""),
        ("订单解冻", "云市场", ""),
    ]
    line = world.application.timeline(by=BY_VENDOR, project_id=project_id)
    assert [(s["reason"], s["from"], s["to"]) for s in line["holds"]] == [
        ("frozen", at(20), at(80)), ("expired", at(20), at(50))
    ]  # fmt: skip
    assert line["nodes"][-1]["paused"] == [{"from": at(20), "to": at(80)}]
    assert line["nodes"][-1]["working_seconds"] == 20 * 60
    assert http.of(BY_VENDOR)("GET", f"projects/{project_id}/timeline").status_code == 200
    lifted = [c for c in told(world, project_id) if isinstance(c, project.HoldLifted)]
    assert [(c.reason, c.holds, c.counted_from) for c in lifted] == [
        ("expired", ["frozen"], None), ("frozen", [], at(60))
    ]  # fmt: skip
    claimed = http.of(BY_MANAGER)("POST", f"projects/{project_id}/claim", None)
    assert claimed.status_code == 202


def timer_due(world: World, project_id: UUID) -> datetime | None:
    with world.application.store.connection() as connection:
        found = timers.timer_of(connection, project_id)
    return found.due_at if found else None


def test_an_expired_order_is_refused_with_its_reason(http: Http, world: World) -> None:
    project_id = world.at_check()
    world.hear(frozen(project_id, expired=True))
    path = f"projects/{project_id}/visits/4/confirmation"
    assert problem(http.of(BY_LISI)("POST", path)) == (409, "term-expired")
    assert world.application.details(by=BY_LISI, project_id=project_id)["current"]["operations"] == []
    world.hear(extended(project_id, 12))
    assert http.of(BY_LISI)("POST", path).status_code == 200


@pytest.mark.requirement("R-139")
def test_the_end_of_an_order_cancels_its_project_and_the_refund_is_told(http: Http, world: World) -> None:
    project_id, done = world.at_check(), world.at_design()
    world.confirm(done, BY_LISI)
    world.confirm(done, BY_CUSTOMER)
    ended = [intake.Ended(project_id=i, refund=True, ended_at=at(30)) for i in (project_id, done)]
    world.hear(*ended)
    page = http.of(BY_VENDOR)("GET", f"projects/{project_id}").get_json()
    assert (page["state"], page["refund"]) == ("cancelled", True)
    assert log_of(world, project_id) == [("取消项目", "云市场", "云市场订单已退款")]
    (cancelled,) = (c for c in told(world, project_id) if isinstance(c, project.ProjectCancelled))
    assert (cancelled.refund, cancelled.by) == (True, project.Actor(kind="marketplace"))
    page = http.of(BY_VENDOR)("GET", f"projects/{done}").get_json()
    assert (page["state"], page["refund"]) == ("completed", True)
    assert log_of(world, done) == [("订单已退款", "云市场", "")]
    assert types(world, done)[-1] == "project.order_ended"
    world.hear(extended(project_id), frozen(project_id))
    assert refusals(world, project_id) == [("intake.term_extended", "project-ended")]
    assert refusals(world, done) == []


def test_what_people_cancel_says_nothing_of_a_refund(world: World) -> None:
    project_id = world.order()
    world.do(commands.cancel(by=OPERATOR, project_id=project_id, remark="取消"))
    (cancelled,) = (c for c in told(world, project_id) if isinstance(c, project.ProjectCancelled))
    assert cancelled.refund is None
    assert b"refund" not in msgspec.json.encode(cancelled)


def test_what_is_said_of_an_order_before_it_waits_and_of_a_refused_one_is_refused_at_once(world: World) -> None:
    order = received()
    world.hear(extended(order.project_id), twice=False)
    assert parked(world) == [f"NotYet('project-unknown: project {order.project_id}')"]
    world.feeds["intake"].rows("UPDATE parked SET subject = 'another', next_try = now() RETURNING 1", {})
    world.hear(order)
    assert world.feeds["intake"].retry_parked() == 1
    assert (world.project(order.project_id).valid_until, parked(world)) == ("2027-01-31", [])
    taken = received(business_number=order.business_number)
    world.hear(
        taken, extended(taken.project_id), intake.Ended(project_id=taken.project_id, refund=True, ended_at=at(3))
    )
    assert refusals(world, taken.project_id) == [
        ("intake.order_received", "order-exists"),
        ("intake.term_extended", "project-unknown"),
        ("intake.ended", "project-unknown"),
    ]
    never = uuid4()
    world.hear(frozen(never), twice=False)
    last_try(world)
    assert (refusals(world, never), parked(world)) == ([("intake.frozen", "project-unknown")], [])
