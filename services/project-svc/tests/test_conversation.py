"""Comments, notes and files in one thread: who reads what, what is new to whom, who can be mentioned."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from delivery_shared.contracts import identity
from delivery_shared.contracts.project import Talked
from delivery_shared.http import Caller
from project_svc import commands
from project_svc.domain import facts
from project_svc.domain.errors import MentionRefused
from project_svc.publishing import PUBLISHING

from .conftest import BY_ADMIN, BY_CUSTOMER, BY_LISI, BY_VPM, FOREIGN_ADMIN, OPERATOR, Http, World
from .people import ADMIN, BUYER, CUSTOMER, LISI, MANAGER, VENDOR, WANGWU, at

pytestmark = pytest.mark.integration

VPM = BY_VPM.user_id


@pytest.fixture
def talking(world: World) -> UUID:
    """A project in which the customer, then 李四 have said something, and 李四 something to his colleagues."""
    saved = [(CUSTOMER.user_id, BUYER, "小王", ["customer"]), (VPM, VENDOR, "陈经理", ["vendor_project_manager"])]
    world.hear(
        *(
            identity.UserSaved(
                user_id=user_id, party_id=party_id, side="customer" if party_id == BUYER else "vendor", main=False,
                login_name=name, name=name, roles=roles, mobile=None, landline=None, saved_at=at(0),
            )
            for user_id, party_id, name, roles in saved
        )
    )  # fmt: skip
    project_id = world.at_check()
    say(world, project_id, commands.comment, BY_CUSTOMER, "请先看参考网站")
    say(world, project_id, commands.comment, BY_LISI, "好的", CUSTOMER.user_id)
    say(world, project_id, commands.note, BY_LISI, "客户很急", ADMIN.user_id, VPM)
    return project_id


def say(world: World, project_id: UUID, what: Any, by: Caller, text: str, *mentions: UUID) -> None:
    world.clock.time += timedelta(minutes=1)
    world.do(what(by=by, project_id=project_id, text=text, mentions=mentions))


def read(world: World, project_id: UUID, by: Caller, **query: Any) -> dict[str, Any]:
    return world.application.conversation(by=by, project_id=project_id, **query)


@pytest.mark.requirement("R-87", "R-88", "R-93")
def test_one_thread_newest_first_in_which_the_customer_sees_no_notes(world: World, talking: UUID) -> None:
    said = [("note", "李四", "客户很急"), ("comment", "李四", "好的"), ("comment", "客户甲乙丙", "请先看参考网站")]
    for by, expected in ((BY_LISI, said), (BY_VPM, said), (BY_CUSTOMER, said[1:])):
        page = read(world, talking, by)
        assert [(one["kind"], one["author"], one["text"]) for one in page["items"]] == expected
        assert page["total"] == len(expected)
    assert [one["mentions"] for one in read(world, talking, BY_LISI)["items"]] == [
        ["河北服务商", "陈经理"],
        ["小王"],
        [],
    ]
    first = read(world, talking, BY_LISI, limit=1)
    second = read(world, talking, BY_LISI, limit=1, cursor=first["next"])
    assert [one["text"] for page in (first, second) for one in page["items"]] == ["客户很急", "好的"]


def test_what_others_said_is_new_until_it_is_read(world: World, talking: UUID) -> None:
    def unread(by: Caller) -> int:
        return int(read(world, talking, by)["unread"])

    assert {by.name: unread(by) for by in (BY_CUSTOMER, BY_LISI, BY_ADMIN)} == {
        "客户甲乙丙": 1,
        "李四": 1,
        "河北服务商": 3,
    }
    second = read(world, talking, BY_ADMIN)["items"][1]
    for _ in range(2):
        world.application.see_conversation(by=BY_ADMIN, project_id=talking, until=second["at"])
    assert (unread(BY_ADMIN), unread(BY_LISI)) == (1, 1)
    world.application.see_conversation(by=BY_ADMIN, project_id=talking, until=at(99))
    assert unread(BY_ADMIN) == 0
    world.application.see_conversation(by=BY_ADMIN, project_id=talking, until=second["at"])
    assert unread(BY_ADMIN) == 0
    say(world, talking, commands.comment, BY_CUSTOMER, "还有一个问题")
    assert (unread(BY_ADMIN), unread(BY_CUSTOMER)) == (1, 1)


def test_nothing_said_later_counts_as_read_by_who_claims_to_have_read_the_future(world: World, talking: UUID) -> None:
    world.application.see_conversation(by=BY_ADMIN, project_id=talking, until=at(99))
    say(world, talking, commands.comment, BY_CUSTOMER, "还有一个问题")
    assert read(world, talking, BY_ADMIN)["unread"] == 1


def test_those_can_be_mentioned_who_read_it(world: World, talking: UUID) -> None:
    def people(by: Caller) -> list[tuple[str, bool]]:
        return sorted((one["name"], one["customer"]) for one in read(world, talking, by)["people"])

    assert people(BY_LISI) == [("小王", True), ("河北服务商", False), ("陈经理", False)]
    assert people(BY_CUSTOMER) == [("李四", False), ("河北服务商", False)]
    before = world.versions(talking)
    for command, by, whom in (
        (commands.comment, BY_LISI, WANGWU.user_id),
        (commands.comment, BY_LISI, MANAGER.user_id),
        (commands.note, BY_LISI, CUSTOMER.user_id),
        (commands.comment, BY_CUSTOMER, VPM),
    ):
        with pytest.raises(MentionRefused):
            say(world, talking, command, by, "看一下", whom)
    assert world.versions(talking) == before


def test_what_is_told_of_it_carries_the_text_for_those_mentioned_only(world: World, talking: UUID) -> None:
    history = world.application.store.history(talking)
    said: list[Talked] = [
        PUBLISHING[type(fact)](fact) for fact in history if isinstance(fact, facts.CommentAdded | facts.NoteAdded)
    ]  # type: ignore[misc]
    assert [(one.kind, one.number, one.visit, one.name, one.text, one.mentions) for one in said] == [
        ("comment", 1, 4, "设计师确定需求", "", []),
        ("comment", 2, 4, "设计师确定需求", "好的", [CUSTOMER.user_id]),
        ("note", 3, 4, "设计师确定需求", "客户很急", [ADMIN.user_id, VPM]),
    ]


@pytest.mark.requirement("R-123", "R-124")
def test_files_stand_in_the_thread_for_those_who_may_see_them(http: Http, world: World, talking: UUID) -> None:
    post = http.of(BY_LISI)
    sent = post("POST", f"projects/{talking}/files", files=[("file", "草图.txt", b"x")], Idempotency_Key="k")
    assert sent.status_code == 201
    (shown,) = [one for one in read(world, talking, BY_LISI)["items"] if one["kind"] == "file"]
    assert (shown["file"]["name"], shown["author"], shown["new"]) == ("草图.txt", "李四 设计师", False)
    assert [one["kind"] for one in read(world, talking, BY_CUSTOMER)["items"]] == ["comment", "comment"]
    assert read(world, talking, BY_ADMIN)["unread"] == 3


def test_over_http(http: Http, talking: UUID) -> None:
    path = f"projects/{talking}/conversation"
    page = http.of(BY_ADMIN)("GET", path).get_json()
    assert {"items", "total", "next", "unread", "people"} == page.keys()
    assert http.of(BY_ADMIN)("PUT", f"{path}/seen", {"until": page["items"][0]["at"]}).status_code == 204
    assert http.of(BY_ADMIN)("GET", path).get_json()["unread"] == 0
    assert http.of(BY_ADMIN)("PUT", f"{path}/seen", {"until": "heute"}).status_code == 422
    assert http.of(FOREIGN_ADMIN)("GET", path).status_code == 404
    assert http.of(FOREIGN_ADMIN)("PUT", f"{path}/seen", {"until": "2019-10-18T06:00:00Z"}).status_code == 404
    refused = http.of(BY_LISI)("POST", f"projects/{talking}/comments", {"text": "x", "mentions": [str(WANGWU.user_id)]})
    assert (refused.status_code, refused.get_json()["type"].rpartition(":")[2]) == (422, "mention-refused")
    many = {"text": "x", "mentions": [str(LISI.user_id)] * 21}
    assert http.of(BY_LISI)("POST", f"projects/{talking}/comments", many).status_code == 422
    assert http.of(OPERATOR)("GET", path).get_json()["total"] == 3
