"""The box over HTTP: one's own messages only, in pages, read once."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from delivery_shared.http import declarations
from sqlalchemy import Engine, text

from .conftest import As, Feeds, World, id_of, to

pytestmark = pytest.mark.integration

BOX = "/api/v1/messages"


@pytest.fixture
def told(feeds: Feeds, world: World) -> Feeds:
    """李四 has five messages of equal pairs of times, the customer's two users one each."""
    feeds(*world.people(), world.template(), world.template("other"), world.started(), world.provider_set())
    for visit in (1, 2):
        feeds(world.design(visit, to("assignee"), to("assignee", message_template="other")))
    feeds(world.design(3, to("assignee"), to("customer")))
    return feeds


@pytest.mark.requirement("N-04")
def test_the_box_holds_the_own_messages_newest_first(told: Feeds, world: World, sign_in: As) -> None:
    lisi = sign_in(world.lisi)
    page = lisi.get(BOX).json
    assert (page["total"], page["next"]) == (5, None)
    assert [row["node_name"] for row in page["items"]] == ["节点3", "节点2", "节点2", "节点1", "节点1"]
    assert page["items"][0] == {
        "message_id": page["items"][0]["message_id"],
        "project_id": str(id_of("1")),
        "order_number": "801",
        "node_name": "节点3",
        "trigger": "entered",
        "title": "订单 801",
        "body": "客户甲乙丙：name_80 到 节点3（河北服务商，2019-10-16 12:03:00）",
        "created_at": "2019-10-16T04:03:00+00:00",
        "read_at": None,
    }
    assert sign_in(world.buyer).get(BOX).json["total"] == 1
    assert sign_in(world.zhao).get(BOX).json == {"items": [], "total": 0, "next": None}


def test_pages_join_at_equal_times(told: Feeds, world: World, sign_in: As) -> None:
    lisi = sign_in(world.lisi)
    whole = [row["message_id"] for row in lisi.get(BOX, limit=200).json["items"]]
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 2}
    while "cursor" not in query or query["cursor"]:
        page = lisi.get(BOX, **query).json
        assert page["total"] == 5
        seen += [row["message_id"] for row in page["items"]]
        query["cursor"] = page["next"]
    assert seen == whole


def test_reading_a_message_counts_once(told: Feeds, world: World, sign_in: As) -> None:
    lisi = sign_in(world.lisi)
    assert lisi.get(f"{BOX}/unread-count").json == {"unread": 5}
    message_id = lisi.get(BOX).json["items"][0]["message_id"]
    first = lisi.put(f"{BOX}/{message_id}/read")
    assert (first.status_code, first.json["read_at"]) == (200, "2019-10-16T04:01:00+00:00")
    assert lisi.put(f"{BOX}/{message_id}/read").json == first.json
    assert lisi.get(f"{BOX}/unread-count").json == {"unread": 4}
    assert [row["message_id"] for row in lisi.get(BOX, unread="false").json["items"]] == [message_id]
    unread = lisi.get(BOX, unread="true").json
    assert (unread["total"], message_id in [row["message_id"] for row in unread["items"]]) == (4, False)


def test_another_ones_message_does_not_exist(told: Feeds, world: World, sign_in: As, engine: Engine) -> None:
    message_id = sign_in(world.lisi).get(BOX).json["items"][0]["message_id"]
    for path in (f"{BOX}/{message_id}/read", f"{BOX}/{uuid4()}/read"):
        response = sign_in(world.buyer).put(path)
        assert (response.status_code, response.json["type"]) == (404, "urn:delivery-center:problem:message-unknown")
    assert sign_in(world.buyer).put(f"{BOX}/1/read").status_code == 404
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM message WHERE read_at IS NOT NULL")).scalar() == 0


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "201"},
        {"unread": "maybe"},
        {"person_id": "x"},
        {"cursor": "x"},
        {"cursor": "MjAxOS0xMC0xNiB4"},
    ],
)
def test_bad_queries_are_refused_by_field(world: World, sign_in: As, query: dict[str, str]) -> None:
    response = sign_in(world.lisi).get(BOX, **query)
    assert (response.status_code, response.content_type) == (422, "application/problem+json")
    assert [error["field"].rpartition(".")[2] for error in response.json["errors"]] == list(query)


def test_every_route_says_who_may_call_it(client: Any) -> None:
    assert declarations(client.application) == {
        ("GET", BOX): {"signed_in"},
        ("GET", f"{BOX}/unread-count"): {"signed_in"},
        ("PUT", f"{BOX}/<uuid:message_id>/read"): {"signed_in"},
        ("GET", f"{BOX}/preferences"): {"signed_in"},
        ("PUT", f"{BOX}/preferences"): {"signed_in"},
        ("GET", "/api/v1/outbox"): {"platform_operator"},
        ("POST", "/api/v1/outbox/<uuid:delivery_id>/retry"): {"platform_operator"},
        ("GET", "/api/v1/notify-status"): {"platform_operator"},
    }
    assert client.get(BOX).status_code == 401
    assert client.put(f"{BOX}/{uuid4()}/read").status_code == 401
