"""The outbox over HTTP: for the platform operator, filtered, in pages; parked deliveries can be tried anew."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import msgspec
import pytest
from delivery_shared.contracts import identity
from notify_svc.channels import Refused
from notify_svc.sender import Sender
from sqlalchemy import Engine, text

from .conftest import BOTH, As, Feeds, Session, World, feeds_of, id_of, to
from .test_sending import Fake, rows

pytestmark = pytest.mark.integration

OUTBOX = "/api/v1/outbox"


@pytest.fixture
def operator(sign_in: As) -> Session:
    return sign_in(id_of("小二"), "operator")


def people(feeds: Feeds, world: World) -> Feeds:
    feeds(*world.people(), world.template())
    for name in "12":
        feeds(world.started(name), world.provider_set(name))
    return feeds


@pytest.fixture
def told(feeds: Feeds, world: World) -> Feeds:
    """Nothing is configured. 李四, without a mobile number, is told of two orders, two users of the customer of one."""
    people(feeds, world)(world.user(world.lisi, world.provider, "provider", "designer", name="李四", mobile=None))
    feeds(world.design(1, to("assignee")), world.design(2, to("assignee"), name="2"), world.design(3, to("customer")))
    return feeds


def test_the_outbox_finds_an_order_however_its_number_is_written(feeds: Feeds, world: World, operator: Session) -> None:
    people(feeds, world)
    feeds(msgspec.structs.replace(world.started("9"), order_number="No-Ab9"), world.provider_set("9"))
    feeds(world.user(world.lisi, world.provider, "provider", "designer", name="李四", mobile=None))
    feeds(world.design(1, to("assignee"), name="9"))
    for written in ("No-Ab9", "NO-AB9", "ｎｏ-ａｂ９"):
        assert operator.get(OUTBOX, channel="email", order_number=written).json["total"] == 1
    assert operator.get(OUTBOX, order_number="No-Ab").json["total"] == 0


@pytest.mark.requirement("N-15", "N-17")
def test_messages_that_could_not_be_sent_can_be_read(told: Feeds, operator: Session) -> None:
    page = operator.get(OUTBOX).json
    assert (page["total"], page["next"]) == (8, None)
    assert [row["created_at"] for row in page["items"]] == sorted(
        (row["created_at"] for row in page["items"]), reverse=True
    )
    (email,) = operator.get(OUTBOX, channel="email", order_number="802").json["items"]
    assert email == {
        "delivery_id": email["delivery_id"],
        "message_id": email["message_id"],
        "channel": "email",
        "state": "not_configured",
        "attempts": 0,
        "next_try": None,
        "result": None,
        "sent_at": None,
        "created_at": "2019-10-16T04:02:00+00:00",
        "project_id": str(id_of("2")),
        "order_number": "802",
        "node_name": "节点2",
        "trigger": "entered",
        "receiver_name": "李四",
        "party_name": "河北服务商",
        "address": "x@example.com",
        "title": "订单 802",
        "body": "客户甲乙丙：name_80 到 节点2（河北服务商，2019-10-16 12:02:00）",
    }
    (sms,) = operator.get(OUTBOX, channel="sms", order_number="802").json["items"]
    assert (sms["state"], sms["result"], sms["address"]) == ("skipped", "no_mobile", None)
    assert sms["message_id"] == email["message_id"] != email["delivery_id"]


@pytest.mark.requirement("N-17")
def test_filters_and_pages(told: Feeds, operator: Session) -> None:
    def total(**query: str) -> Any:
        return operator.get(OUTBOX, **query).json["total"]

    assert (total(order_number="801"), total(order_number="80"), total(order_number="none")) == (6, 0, 0)
    assert (total(channel="sms"), total(channel="sms", state="skipped"), total(state="not_configured")) == (4, 2, 6)
    assert (total(state="sent"), total(state="waiting"), total(state="parked")) == (0, 0, 0)
    whole = [row["delivery_id"] for row in operator.get(OUTBOX, limit=200).json["items"]]
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 3}
    while "cursor" not in query or query["cursor"]:
        page = operator.get(OUTBOX, **query).json
        assert page["total"] == 8
        seen += [row["delivery_id"] for row in page["items"]]
        query["cursor"] = page["next"]
    assert seen == whole


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "201"},
        {"channel": "in_site"},
        {"state": "lost"},
        {"order_number": ""},
        {"order_number": "8" * 101},
        {"cursor": "x"},
        {"party_id": "x"},
    ],
)
def test_bad_queries_are_refused_by_field(engine: Engine, operator: Session, query: dict[str, str]) -> None:
    response = operator.get(OUTBOX, **query)
    assert (response.status_code, response.content_type) == (422, "application/problem+json")
    assert [error["field"].rpartition(".")[2] for error in response.json["errors"]] == list(query)


@pytest.mark.parametrize("side", ["vendor", "provider", "customer", "marketplace"])
def test_it_is_the_operators_alone(told: Feeds, world: World, sign_in: As, client: Any, side: str) -> None:
    other = sign_in(world.lisi, side)
    assert other.get(OUTBOX).status_code == 403
    assert other.post(f"{OUTBOX}/{uuid4()}/retry").status_code == 403
    assert client.get(OUTBOX).status_code == 401


def test_the_address_of_a_deleted_user_is_gone(told: Feeds, world: World, operator: Session) -> None:
    told(identity.UserDeleted(user_id=world.lisi, party_id=world.provider))
    (email,) = operator.get(OUTBOX, channel="email", order_number="802").json["items"]
    assert email["address"] is None


@pytest.mark.requirement("N-16")
def test_a_parked_delivery_can_be_tried_anew(engine: Engine, world: World, operator: Session) -> None:
    feeds = people(feeds_of(engine, BOTH), world)
    feeds(world.template(channels=["email"]), world.design(1, to("assignee")))
    (key,) = feeds.keys
    id = key.partition("/")[2]
    sender = Sender(engine, {"email": Fake(raises=[Refused("550 no such user")])})
    assert operator.get(OUTBOX).json["items"][0]["next_try"] is not None
    untouched = rows(engine, "state, attempts, next_try")
    assert operator.post(f"{OUTBOX}/{id}/retry").json["state"] == "waiting"
    assert rows(engine, "state, attempts, next_try") == untouched
    sender.handle(key)
    assert operator.get(OUTBOX, state="parked").json["items"][0]["result"] == "550 no such user"
    anew = operator.post(f"{OUTBOX}/{id}/retry")
    assert (anew.status_code, anew.json["state"], anew.json["attempts"]) == (200, "waiting", 0)
    again = operator.post(f"{OUTBOX}/{id}/retry")
    assert (again.status_code, again.json) == (200, anew.json)
    sender.handle(key)
    assert rows(engine) == [("email", "sent", 1, "OK")]
    (sent,) = operator.get(OUTBOX, state="sent").json["items"]
    assert sent["sent_at"] is not None
    assert operator.post(f"{OUTBOX}/{id}/retry").json == sent
    assert rows(engine) == [("email", "sent", 1, "OK")]


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_what_was_never_to_be_sent_cannot_be_tried_anew(
    told: Feeds, operator: Session, engine: Engine, channel: str
) -> None:
    (delivery,) = operator.get(OUTBOX, channel=channel, order_number="802").json["items"]
    before = rows(engine)
    refused = operator.post(f"{OUTBOX}/{delivery['delivery_id']}/retry")
    assert (refused.status_code, refused.content_type) == (409, "application/problem+json")
    assert refused.json["type"] == "urn:delivery-center:problem:delivery-not-parked"
    assert {"只有发送失败的消息可以重新发送", "Only a delivery that was given up can be tried anew"} <= set(
        refused.json["messages"].values()
    )
    assert rows(engine) == before


def test_an_unknown_delivery_is_404_and_changes_nothing(told: Feeds, operator: Session, engine: Engine) -> None:
    for path in (f"{OUTBOX}/{uuid4()}/retry", f"{OUTBOX}/1/retry"):
        assert operator.post(path).status_code == 404
    with engine.connect() as connection:
        query = "SELECT count(*) FROM delivery WHERE state IN ('waiting', 'sent')"
        assert connection.execute(text(query)).scalar_one() == 0
