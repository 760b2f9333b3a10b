"""Notices over HTTP: stored once, answered from what is stored, however often, late or at once they come."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID, uuid4

import pytest
from delivery_shared.contracts import identity, intake, project
from delivery_shared.contracts.identity import party_id_of
from delivery_shared.service import Service, Settings
from intake_svc.application import IntakeApplication
from intake_svc.domain.acts import (
    Change,
    ChangeContact,
    Contact,
    Create,
    Expire,
    Freeze,
    Inquiry,
    Nothing,
    Notice,
    Probe,
    Release,
    Renew,
    Thaw,
)
from intake_svc.domain.order import Order, project_id_of
from intake_svc.kinds import KINDS
from intake_svc.kinds.aliyun_spi import token_of
from intake_svc.kinds.huawei import body_sign_of
from intake_svc.kinds.kind import Incoming, Reply
from intake_svc.main import service as compose
from intake_svc.receiving import Receiver

from .conftest import NOON, Feeds, Marketplace, Published, User

pytestmark = pytest.mark.integration

Connect = Callable[..., Marketplace]
ALL = sorted(KINDS)


def started(project_id: UUID, **changes: Any) -> project.ProjectStarted:
    told = {
        "project_id": project_id, "run": 1, "order_number": "O1", "business_number": "B1", "vendor_id": uuid4(),
        "customer_id": uuid4(), "product_id": uuid4(), "product_name": "建站", "edition": None,
        "sales_channel": None, "template_id": uuid4(), "template_version": 1, "valid_until": None, "started_at": NOON,
    }  # fmt: skip
    return project.ProjectStarted(**{**told, **changes})


def instance(market: Marketplace, answer: Any) -> str | None:
    return market.kind.instance_in(Reply(status=answer.status_code, body=answer.data))


@pytest.mark.parametrize("kind", ALL)
def test_an_order_is_not_ready_until_its_project_has_started_and_then_for_ever(
    kind: str, connect: Connect, feeds: Feeds, published: Published, application: IntakeApplication
) -> None:
    market = connect(kind)
    order = market.order(valid_until=date(2027, 1, 31), quantity=3)
    project_id = project_id_of(market.connection_id, order.order)
    for _ in range(120):
        answer = market.send(order)
        assert (answer.status_code, instance(market, answer)) == (200, None)
    (told,) = published()
    assert isinstance(told, intake.OrderReceived)
    assert (told.project_id, told.vendor_id, told.product_id) == (project_id, market.vendor.party_id, market.product_id)
    assert (told.order_number, told.business_number) == (order.act.order_number, order.order)  # type: ignore[union-attr]
    assert (told.sku, told.edition, told.quantity, told.test) == ("pro", "专业版", 3, False)
    assert told.valid_until == date(2027, 1, 31)
    feeds(started(project_id), twice=True)
    for _ in range(3):
        assert instance(market, market.send(order)) == order.order
    assert [(n["state"], n["effect"]) for n in market.notices()] == [("applied", "intake.order_received")]
    assert len(published()) == 1


@pytest.mark.parametrize("kind", ALL)
def test_a_repeat_a_year_later_gets_the_stored_answer(
    kind: str, connect: Connect, feeds: Feeds, application: IntakeApplication, published: Published
) -> None:
    market = connect(kind)
    order = market.order()
    market.send(order)
    feeds(started(project_id_of(market.connection_id, order.order)))
    in_a_year = application.means.real_now() + timedelta(days=365)
    later = Receiver(replace(application.means, real_now=lambda: in_a_year))
    token = market.address.rpartition("/")[2]
    reply = later.receive(kind=market.kind, token=token, incoming=market.kind.write(order, market.secret, in_a_year))
    assert market.kind.instance_in(reply) == order.order
    assert len(published()) == 1


def test_create_beside_create_in_two_processes_is_one_order(
    connect: Connect, published: Published, service: Service, database_url: str, issuer: Any
) -> None:
    market = connect("aliyun-spi")
    other = compose(Settings(database_url=database_url, broker=None, public_keys=json.dumps(issuer.public_jwks)))
    receivers = [s.create_api().extensions["application"].receiver for s in (service, other)]
    order = market.order()
    incoming, token = market.kind.write(order, market.secret, NOON), market.address.rpartition("/")[2]
    gate, answers = threading.Barrier(8), []

    def send(receiver: Receiver) -> None:
        gate.wait()
        answers.append(receiver.receive(kind=market.kind, token=token, incoming=incoming).body)

    threads = [threading.Thread(target=send, args=(receivers[n % 2],)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    other.close()
    assert answers == [b'{"instanceId": "0"}'] * 8
    assert [type(told) for told in published()] == [intake.OrderReceived]
    assert len(market.notices()) == 1


def test_another_contact_is_told_once_in_the_order_of_the_marketplace(
    connect: Connect, published: Published, feeds: Feeds
) -> None:
    market = connect("generic")
    order = market.order(contact=Contact(name="麦家", email="m@example.com"))
    market.send(order)
    second = ChangeContact(contact=Contact(name="余华", mobile="13912345678", email="yu@example.com", locale="en"))
    third = ChangeContact(contact=Contact(name="莫言", email="mo@example.com"))
    said = [
        market.about(order, "order.contact_changed", act, "1", key=f"{n} {order.order}")
        for n, act in enumerate((second, third))
    ]
    for one in (*said, said[0]):
        assert market.send(one).status_code == 200
    _, *told = published()
    assert [(type(c), c.contact and (c.contact.name, c.contact.mobile, c.contact.email)) for c in told] == [
        (intake.ContactChanged, ("余华", "+8613912345678", "yu@example.com")),
        (intake.ContactChanged, ("莫言", None, "mo@example.com")),
    ]
    assert told[0].changed_at < told[1].changed_at
    assert [n["effect"] for n in market.notices()].count("intake.contact_changed") == 2
    number = order.act.customer_number  # type: ignore[union-attr]
    space = f"generic:{market.connection_id}"
    party = party_id_of(number, space)
    feeds(
        identity.PartyRegistered(
            party_id=party, name="麦家", kind="customer", customer_number=number, marketplace=space
        ),
        identity.PartyErased(party_id=party),
    )
    assert [c.contact for c in published()] == [None] * 3


def test_a_contact_that_says_nothing_is_malformed(connect: Connect, published: Published) -> None:
    market = connect("generic")
    order = market.order()
    market.send(order)
    nobody = market.about(order, "order.contact_changed", ChangeContact(contact=Contact(mobile="1")), "1", key="c")
    assert market.send(nobody).status_code == 400
    assert len(published()) == 1


def test_all_verbs_of_aliyun_in_their_order(connect: Connect, published: Published) -> None:
    market = connect("aliyun-spi", ready_when="received")
    order = market.order(valid_until=date(2026, 12, 31))
    assert market.send(order).json == {"instanceId": order.order}
    said = [
        market.about(order, "renewInstance", Renew(valid_until=date(2027, 12, 31)), "R1"),
        market.about(order, "upgradeInstance", Change(sku="max"), key=f"upgradeInstance {order.order} max"),
        market.about(order, "expiredInstance", Expire()),
        market.about(order, "renewInstance", Renew(valid_until=date(2028, 12, 31)), "R2"),
        market.about(order, "expiredInstance", Expire()),
        Notice(key="message m1", order=order.order, verb="orderPay", act=Nothing()),
        market.about(order, "releaseInstance", Release(refund=True), "X1"),
    ]
    for notice in said:
        for _ in range(3):
            assert market.send(notice).json == {"success": "true"}
    told = published()
    assert [type(t).__name__ for t in told] == [
        "OrderReceived", "TermExtended", "EditionChanged", "Frozen", "TermExtended", "Frozen", "Ended",
    ]  # fmt: skip
    changed, ended = told[2], told[-1]
    assert isinstance(changed, intake.EditionChanged)
    assert (changed.sku, changed.edition, changed.quantity) == ("max", "旗舰版", 1)
    assert isinstance(ended, intake.Ended)
    assert ended.refund
    late = market.about(order, "renewInstance", Renew(valid_until=date(2029, 12, 31)), "R3")
    assert market.send(late).json == {"success": "true"}
    assert market.notices()[-1]["state"] == "refused"
    assert market.notices()[-1]["reason"] == "order-ended"
    assert len(published()) == len(told)


def test_a_term_extended_beside_a_freeze(connect: Connect, published: Published) -> None:
    market = connect("generic")
    order = market.order()
    market.send(order)
    for key, verb, act in (
        ("f", "order.frozen", Freeze()), ("f2", "order.frozen", Freeze()), ("t", "order.thawed", Thaw())
    ):  # fmt: skip
        answer = market.send(market.about(order, verb, act, "n", key=key))
        assert answer.json["state"] == "applied"
    assert [type(t).__name__ for t in published()] == ["OrderReceived", "Frozen", "Thawed"]


def test_renew_before_create_waits_for_it_and_keeps_the_order(connect: Connect, published: Published) -> None:
    market = connect("generic")
    order = market.order()
    first = market.about(order, "order.renewed", Renew(valid_until=date(2027, 1, 1)), "1", key="r1")
    second = market.about(order, "order.renewed", Renew(valid_until=date(2028, 1, 1)), "2", key="r2")
    assert market.send(first).json == {
        "order": order.order, "ready": False, "instance_id": None, "state": "parked", "reason": "order-unknown",
    }  # fmt: skip
    assert market.send(second).json["state"] == "parked"
    assert published() == []
    assert market.send(order).json["state"] == "applied"
    told = published()
    assert [type(t).__name__ for t in told] == ["OrderReceived", "TermExtended", "TermExtended"]
    assert [t.valid_until for t in told if isinstance(t, intake.TermExtended)] == [date(2027, 1, 1), date(2028, 1, 1)]
    assert [n["state"] for n in market.notices()] == ["applied"] * 3


def test_an_unknown_sku_is_parked_mended_and_replayed_and_what_waits_behind_follows(
    connect: Connect, published: Published
) -> None:
    market = connect("generic")
    order = market.order()
    market.send(order)
    upgrade = market.about(order, "order.changed", Change(sku="ultra"), "1", key="u")
    renewal = market.about(order, "order.renewed", Renew(valid_until=date(2027, 1, 1)), "1", key="r")
    assert market.send(upgrade).json["reason"] == "sku-unknown"
    assert market.send(renewal).json["reason"] == "behind-parked"
    path = f"connections/{market.connection_id}"
    parked = market.notices(state="parked")
    assert [n["verb"] for n in parked] == ["order.changed", "order.renewed"]
    behind = market.vendor("POST", f"{path}/notices/{parked[1]['id']}/replay", {})
    assert (behind.status_code, behind.json["type"].rpartition(":")[2]) == (409, "notice-behind-another")
    again = market.vendor("POST", f"{path}/notices/{parked[0]['id']}/replay", {})
    assert (again.status_code, again.json["state"]) == (200, "parked")
    assert len(published()) == 1
    mended = market.vendor("POST", f"{path}/notices/{parked[0]['id']}/replay", {"sku": "max"})
    assert (mended.json["state"], mended.json["effect"]) == ("applied", "intake.edition_changed")
    assert [type(t).__name__ for t in published()] == ["OrderReceived", "EditionChanged", "TermExtended"]
    detail = market.vendor("GET", f"{path}/notices/{parked[0]['id']}").json
    assert detail["changes"] == {"sku": "max"}
    assert detail["translated"] == {"act": "change", "sku": "ultra"}
    assert market.vendor("POST", f"{path}/notices/{parked[0]['id']}/replay", {}).status_code == 409


def test_an_upgrade_means_what_the_map_says_when_it_comes(connect: Connect, published: Published) -> None:
    market = connect("generic")
    order = market.order()
    market.send(order)
    entries = [{"product_code": "cmgj01", "sku": "max", "product_id": str(market.product_id), "edition": "新旗舰版"}]
    assert market.vendor("PUT", f"connections/{market.connection_id}/sku-map", {"entries": entries}).status_code == 200
    market.send(market.about(order, "order.changed", Change(sku="max"), "1", key="u"))
    changed = published()[-1]
    assert isinstance(changed, intake.EditionChanged)
    assert changed.edition == "新旗舰版"


def test_an_order_of_an_unknown_sku_comes_in_once_the_map_knows_it(connect: Connect, published: Published) -> None:
    market = connect("aliyun-spi", ready_when="received")
    order = market.order(sku="ultra")
    assert market.send(order).json == {"instanceId": "0"}
    (parked,) = market.notices(state="parked")
    path = f"connections/{market.connection_id}"
    content = "product_code,sku,product,edition,档期\ncmgj01,ultra,66001,至尊版,夜间\n"
    assert market.vendor("PUT", f"{path}/sku-map/file", {"content": content}).status_code == 200
    assert market.vendor("POST", f"{path}/notices/{parked['id']}/replay", {}).json["state"] == "applied"
    (told,) = published()
    assert isinstance(told, intake.OrderReceived)
    assert (told.edition, told.parameters) == ("至尊版", {"档期": "夜间"})
    assert market.send(order).json == {"instanceId": order.order}


def test_an_unknown_verb_is_parked_and_refused_by_hand(connect: Connect, published: Published) -> None:
    market = connect("generic")
    order = market.order()
    market.send(order)
    assert market.send(market.about(order, "order.praised", None, "1", key="p")).json["reason"] == "verb-unknown"
    market.send(market.about(order, "order.renewed", Renew(valid_until=date(2027, 1, 1)), "1", key="r"))
    (strange, _) = market.notices(state="parked")
    path = f"connections/{market.connection_id}/notices/{strange['id']}/refusal"
    assert market.vendor("POST", path).json == {
        "id": strange["id"], "state": "refused", "reason": "by-hand", "parameter": None, "effect": None,
    }  # fmt: skip
    assert [type(t).__name__ for t in published()] == ["OrderReceived", "TermExtended"]


def test_a_draft_takes_nothing_and_a_test_marks_its_orders(connect: Connect, published: Published) -> None:
    market = connect("generic", stage="draft")
    order = market.order()
    refused = market.send(order)
    assert (refused.status_code, refused.json) == (403, {"error": "not open"})
    assert market.notices() == []
    path = f"connections/{market.connection_id}"
    market.vendor("PUT", f"{path}/stage", {"stage": "test"})
    made = market.vendor("POST", f"{path}/test-orders", {"product_code": "cmgj01", "sku": "pro"})
    assert (made.status_code, made.json["status"], made.json["instance_id"]) == (201, 200, None)
    (told,) = published()
    assert isinstance(told, intake.OrderReceived)
    assert (told.test, told.order_number) == (True, made.json["order"])
    market.vendor("PUT", f"{path}/stage", {"stage": "live"})
    assert market.vendor("POST", f"{path}/test-orders", {"product_code": "cmgj01"}).status_code == 409


@pytest.mark.parametrize("kind", ALL)
def test_a_wrong_signature_stores_nothing_but_a_count(kind: str, connect: Connect, published: Published) -> None:
    market = connect(kind)
    order = market.order()
    answer = market.send(order, secret=KINDS["generic"].new_secret() if kind == "generic" else "another-secret")
    assert answer.status_code == 401
    assert (market.notices(), published()) == ([], [])
    health = market.health()
    assert (health["signature_errors"], health["answered"], health["last_notice_at"]) == (1, 0, None)


@pytest.mark.parametrize("kind", ["generic", "huawei", "tencent"])
@pytest.mark.parametrize("direction", [1, -1])
def test_clocks_that_are_apart(kind: str, direction: int, connect: Connect, published: Published) -> None:
    market = connect(kind)
    tolerance = {"generic": 300, "huawei": 60, "tencent": 30}[kind]
    order = market.order()
    beyond = market.send(order, ahead=direction * timedelta(seconds=tolerance + 5))
    assert beyond.status_code == 401
    assert market.notices() == []
    assert market.health()["clock_errors"] == 1
    within = market.send(order, ahead=direction * timedelta(seconds=tolerance - 5))
    assert within.status_code == 200
    assert market.health()["skew_ms"] == pytest.approx(-direction * (tolerance - 5) * 1000, abs=2500)
    assert len(published()) == 1


@pytest.mark.parametrize("kind", ["generic", "huawei", "aliyun-spi"])
def test_an_altered_notice_is_refused(kind: str, connect: Connect, application: IntakeApplication) -> None:
    market = connect(kind)
    incoming = market.kind.write(market.order(quantity=1), market.secret, application.means.real_now())
    altered = Incoming(
        method=incoming.method,
        query=incoming.query.replace("accountQuantity=1", "accountQuantity=9"),
        headers=incoming.headers,
        body=incoming.body.replace(b'"quantity": 1', b'"quantity": 9').replace(b'"amount": 1', b'"amount": 9'),
    )
    assert (altered.query, altered.body) != (incoming.query, incoming.body)
    assert market.call(altered).status_code == 401
    assert market.notices() == []
    assert market.call(incoming).status_code == 200


def test_the_secret_is_rotated_in_the_middle_of_retries(
    connect: Connect, published: Published, application: IntakeApplication
) -> None:
    market = connect("generic")
    order = market.order()
    assert market.send(order).status_code == 200
    path = f"connections/{market.connection_id}/secret"
    given = market.vendor("PUT", path, {"overlap_hours": 1})
    new = given.json["secret"]
    assert new != market.secret
    assert market.send(order).status_code == 200
    assert market.send(order, secret=new).status_code == 200
    assert len(published()) == 1
    shown = market.vendor("GET", f"connections/{market.connection_id}")
    assert new not in shown.text
    assert shown.json["former_secret_until"] is not None
    given = market.vendor("PUT", path, {"overlap_hours": 0})
    assert market.send(order, secret=new).status_code == 401
    assert market.send(order, secret=given.json["secret"]).status_code == 200


def test_unknown_parameters_verify(connect: Connect) -> None:
    market = connect("aliyun-spi")
    incoming = market.kind.write(market.order(), market.secret, NOON)
    said = dict(parse_qsl(incoming.query, keep_blank_values=True)) | {"newField": "新 值&=", "empty": ""}
    said["token"] = token_of(said, market.secret)
    assert market.call(Incoming(method="GET", query=urlencode(said))).json == {"instanceId": "0"}
    assert market.call(Incoming(method="GET", query=urlencode(said) + "&newField=2")).status_code == 401


def test_what_is_malformed_is_answered_in_the_kinds_own_shape(connect: Connect, vendor: User) -> None:
    market = connect("aliyun-spi")
    for changes in ({"expiredOn": "soon"}, {"aliUid": ""}, {"orderId": "x" * 201}, {"aliUid": "a\tb"}):
        said = {
            "action": "createInstance", "orderBizId": "B", "orderId": "O", "aliUid": "1", "productCode": "c", **changes,
        }  # fmt: skip
        said["token"] = token_of(said, market.secret)
        answer = market.call(Incoming(method="GET", query=urlencode(said)))
        assert answer.status_code == 400
        assert answer.json["instanceId"] == "0"
    assert (market.notices(), market.health()["malformed"]) == ([], 4)
    large = market.call(Incoming(method="POST", query="", body=b"x" * (64 * 1024 + 1)))
    assert (large.status_code, large.json["success"]) == (413, "false")
    client = vendor.client
    assert client.get("/intake/aliyun-spi/nobody").json == {
        "instanceId": "0", "success": "false", "message": "no such address",
    }  # fmt: skip
    assert client.get(market.address.replace("aliyun-spi", "generic")).status_code == 404
    assert client.get("/intake/strange/token").status_code == 404


def test_inquiries_and_probes_store_nothing(connect: Connect) -> None:
    market = connect("tencent")
    assert market.send(Probe(echo="回声")).json == {"echoback": "回声"}
    assert market.notices() == []
    cloud = connect("huawei", ready_when="received")
    assert cloud.send(Inquiry(order="unknown")).json["resultCode"] == "000003"
    order = cloud.order()
    cloud.send(order)
    answer = cloud.send(Inquiry(order=order.order))
    assert answer.json["info"] == [{"instanceId": order.order}]
    assert answer.headers["Body-Sign"] == body_sign_of(cloud.secret, answer.data)
    shop = connect("generic")
    assert shop.send(Inquiry(order="unknown")).status_code == 404


def test_a_contact_comes_with_the_order_and_what_is_none_is_left_out(connect: Connect, published: Published) -> None:
    market = connect("generic")
    contact = Contact(name="张 三", mobile="138 0013 8000", email="Zhang@EXAMPLE.com", locale="zh-CN")
    market.send(market.order(customer_name="张三", contact=contact))
    market.send(market.order(contact=Contact(mobile="12", email="nobody", locale="!")))
    told, without = published()
    assert isinstance(told, intake.OrderReceived)
    assert isinstance(without, intake.OrderReceived)
    assert told.customer_name == "张三"
    assert told.contact == intake.Contact(
        name="张 三", mobile="+8613800138000", email="Zhang@example.com", locale="zh-CN"
    )
    assert without.contact is None


def test_nothing_of_a_buyer_is_stored_in_the_clear(
    connect: Connect, application: IntakeApplication, published: Published
) -> None:
    market = connect("generic")
    contact = Contact(name="王五五", mobile="13900139000", email="wangwu@example.com")
    order = market.order(customer_name="王五公司", contact=contact)
    market.send(order)
    project_id = project_id_of(market.connection_id, order.order)
    with application.store.connection() as connection:
        events = connection.execute(
            "SELECT convert_from(state, 'UTF8') AS state FROM intake_events WHERE originator_id = %s", (project_id,)
        ).fetchall()
        rows = connection.execute(
            "SELECT to_jsonb(notice)::text AS state FROM notice WHERE order_id = %s", (project_id,)
        )
        texts = [row["state"] for row in [*events, *rows.fetchall()]]
    assert len(texts) == 4
    for text in texts:
        for secret in ("王五", "13900139000", "wangwu", market.secret):
            assert secret not in text
    assert application.store.find(Order, project_id)[project_id].customer_number == "1744526877246715"


def test_the_order_of_a_create_that_came_twice_under_other_numbers(connect: Connect, published: Published) -> None:
    market = connect("aliyun-spi", ready_when="received")
    order = market.order("B77")
    market.send(order)
    other = market.kind.new_order(
        order="B77",
        create=Create(
            order_number="another", business_number="B77", customer_number="1", product_code="cmgj01", sku="pro"
        ),
    )
    assert market.send(other).json == {"instanceId": "B77"}
    assert [n["state"] for n in market.notices()] == ["applied", "refused"]
    assert len(published()) == 1
