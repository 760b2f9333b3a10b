"""Templates over HTTP, from creation to publication."""

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
from template_svc.commands.templates import create_template
from template_svc.domain.errors import NameTaken
from template_svc.seeding import preset_template_id

pytestmark = pytest.mark.integration

PUBLIC = preset_template_id("information_website")

NODES: list[dict[str, Any]] = [
    {"id": "start", "type": "assign_provider", "name": "分配服务商"},
    {"id": "claim", "type": "claim_order", "name": "认领订单", "timeout": 0.1},
    {"id": "work", "type": "general", "name": "设计", "side": "provider", "role": "account_manager", "upload": True},
    {"id": "end", "type": "complete_project", "name": "完成项目", "timeout": "2.0", "advance_on_timeout": True},
]


def create(user: Any, name: str = "网站设计") -> str:
    created = user("POST", "templates", {"name": name})
    assert created.status_code == 201
    return str(created.json["id"])


def save(user: Any, template: str, nodes: list[dict[str, Any]] = NODES, version: int = 1, **more: Any) -> Any:
    return user(
        "PUT", f"templates/{template}/content", {"name": "网站设计", "nodes": nodes, **more}, If_Match=f'"{version}"'
    )


def create_published(user: Any) -> str:
    template = create(user)
    assert save(user, template).status_code == 200
    assert user("POST", f"templates/{template}/publication").status_code == 200
    return template


def problem(response: Any) -> tuple[int, str]:
    assert response.content_type == "application/problem+json"
    return response.status_code, response.json["type"].removeprefix("urn:delivery-center:problem:")


def test_its_owner_switches_the_default_messages_of_a_published_template(vendor: Any, operator: Any) -> None:
    template = create_published(vendor)
    path = f"templates/{template}/default-messages"
    assert vendor("GET", f"templates/{template}").json["default_messages"] is True
    for _ in range(2):
        assert vendor("PUT", path, {"offered": False}).status_code == 200
    assert vendor("GET", f"templates/{template}").json["default_messages"] is False
    assert problem(operator("PUT", path, {"offered": True})) == (403, "not-the-owner")
    assert problem(vendor("PUT", path, {"offered": "maybe"})) == (422, "invalid")
    assert vendor("GET", f"templates/{template}").json["default_messages"] is False


@pytest.mark.requirement("T-07", "T-08", "T-11", "T-14")
def test_a_new_template(vendor: Any) -> None:
    created = vendor("POST", "templates", {"name": " 网站设计 ", "description": "说明\n二"})
    assert created.status_code == 201
    body = created.json
    assert body == {
        "id": body["id"],
        "serial": body["serial"],
        "name": "网站设计",
        "state": "unpublished",
        "version": 1,
    }
    assert created.headers["Location"] == f"/api/v1/templates/{body['id']}"
    assert "Delivery-Position" not in created.headers
    seen = vendor("GET", f"templates/{body['id']}")
    assert seen.headers["ETag"] == '"1"'
    assert seen.json["description"] == "说明\n二"
    assert seen.json["owner_id"] == str(vendor.party_id)
    assert [node["type"] for node in seen.json["nodes"]] == ["assign_provider", "complete_project"]
    other = vendor("POST", "templates", {"name": "另一个"})
    assert other.json["serial"] > body["serial"]


@pytest.mark.requirement("T-09", "T-10")
@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "  "}, {"name": "名" * 51}, {"name": None}, {"name": 5}])
def test_a_bad_name_creates_nothing(vendor: Any, events: Callable[[], int], body: Any) -> None:
    before = events()
    assert vendor("POST", "templates", body).status_code == 422
    assert events() == before
    assert vendor("GET", "templates?scope=private").json["total"] == 0


@pytest.mark.parametrize("field", ["owner_id", "state", "serial", "nodes"])
def test_fields_that_are_not_the_callers_are_refused(vendor: Any, events: Callable[[], int], field: str) -> None:
    before = events()
    refused = vendor("POST", "templates", {"name": "网站设计", field: "1"})
    assert problem(refused) == (422, "invalid")
    assert refused.json["errors"] == [
        {"field": field, "message": "Unknown field.", "zh": "未知字段", "en": "Unknown field."}
    ]
    assert events() == before


@pytest.mark.requirement("T-10")
def test_names_are_unique_among_the_vendors_templates(
    vendor: Any, sign_in: Callable[..., Any], events: Callable[[], int]
) -> None:
    create(vendor)
    second = create(vendor, "第二个")
    create(sign_in("vendor_admin"))
    before = events()
    assert problem(vendor("POST", "templates", {"name": " 网站设计"})) == (409, "name-taken")
    assert problem(save(vendor, second)) == (409, "name-taken")
    assert problem(vendor("POST", f"templates/{PUBLIC}/copies", {"name": "网站设计"})) == (409, "name-taken")
    assert events() == before
    assert vendor("DELETE", f"templates/{second}").status_code == 204
    create(vendor, "第二个")


@pytest.mark.requirement("T-10")
def test_of_two_at_the_same_time_one_gets_the_name(application: TemplateApplication) -> None:
    owner_id = uuid4()

    def create_one(_: int) -> int:
        try:
            operation = create_template(owner_id=owner_id, name="同名", description="")
            return application.carry_out(Command(), operation).status
        except NameTaken:
            return 409

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(create_one, range(8))) == [201, *[409] * 7]


@pytest.mark.requirement("T-13", "T-96", "T-97", "T-98")
def test_saving_unfinished_content_again_and_again(vendor: Any) -> None:
    template = create(vendor)
    unfinished = [NODES[0], {"id": "c", "type": "confirm"}]
    first = save(vendor, template, unfinished, description="说明")
    assert (first.status_code, first.json["version"], first.headers["ETag"]) == (200, 2, '"2"')
    second = save(vendor, template, NODES, version=2)
    assert (second.json["version"], second.json["state"], second.json["warnings"]) == (3, "unpublished", [])
    seen = vendor("GET", f"templates/{template}").json
    assert seen["name"] == "网站设计"
    assert seen["nodes"][1] == {
        "id": "claim",
        "type": "claim_order",
        "name": "认领订单",
        "role": "account_manager",
        "timeout": 0.1,
        "reminders": [],
    }
    assert seen["nodes"][3]["timeout"] == 2.0
    assert save(vendor, template, seen["nodes"], version=3).json["version"] == 3


def test_saving_needs_the_version_edited(vendor: Any, events: Callable[[], int]) -> None:
    template = create(vendor)
    save(vendor, template)
    before = events()
    without = vendor("PUT", f"templates/{template}/content", {"name": "x", "nodes": NODES})
    assert problem(without) == (428, "precondition-required")
    assert problem(save(vendor, template, [NODES[0]])) == (412, "changed-meanwhile")
    assert problem(vendor("POST", f"templates/{template}/publication", If_Match='"1"')) == (412, "changed-meanwhile")
    assert problem(vendor("DELETE", f"templates/{template}", If_Match='"1"')) == (412, "changed-meanwhile")
    assert events() == before


@pytest.mark.requirement("T-19", "T-20")
def test_the_built_in_node_cannot_be_deleted_or_moved(vendor: Any, events: Callable[[], int]) -> None:
    template = create(vendor)
    before = events()
    refused = save(vendor, template, NODES[1:])
    assert problem(refused) == (422, "built-in-node-missing")
    assert [(e["node_id"], e["code"]) for e in refused.json["errors"]] == [("claim", "first_not_assign_provider")]
    assert events() == before


def test_bad_nodes_are_refused_with_their_place(vendor: Any, events: Callable[[], int]) -> None:
    template = create(vendor)
    before = events()
    refused = save(vendor, template, [*NODES[:2], {"type": "general", "timeout": -1, "colour": "red"}])
    assert problem(refused) == (422, "invalid")
    assert {e["field"] for e in refused.json["errors"]} == {"nodes.2.timeout", "nodes.2.colour"}
    assert events() == before


@pytest.mark.requirement("T-99", "T-100", "T-105")
def test_publishing_tells_the_others_and_ends_editing(
    vendor: Any, application: TemplateApplication, events: Callable[[], int]
) -> None:
    template = create(vendor)
    save(vendor, template)
    before = events()
    done = vendor("POST", f"templates/{template}/publication")
    assert (done.status_code, done.json["state"], done.json["version"]) == (200, "published", 3)
    assert done.headers["Delivery-Position"] == f"template:{events()}"
    [outgoing] = Outbox(application.store).read(after=before, limit=10)
    message: Any = open_message(outgoing.body).contract
    assert (message.TYPE, str(message.template_id), message.version) == ("template.template_published", template, 1)
    assert (message.serial, message.name, message.owner_id) == (done.json["serial"], "网站设计", vendor.party_id)
    assert [(n.id, n.type, n.timeout) for n in message.nodes] == [
        ("start", "assign_provider", 0),
        ("claim", "claim_order", 1),
        ("work", "general", 0),
        ("end", "complete_project", 20),
    ]
    assert message.nodes[2].upload_button == "上传内容"
    assert vendor("GET", f"templates/{template}").json["published_at"] is not None
    before = events()
    assert problem(save(vendor, template, version=3)) == (409, "template-published")
    assert problem(vendor("POST", f"templates/{template}/publication")) == (409, "template-published")
    assert problem(vendor("DELETE", f"templates/{template}")) == (409, "template-published")
    assert events() == before


@pytest.mark.requirement("T-98")
def test_publishing_lists_every_violation(vendor: Any, events: Callable[[], int]) -> None:
    template = create(vendor)
    save(
        vendor,
        template,
        [NODES[0], {"id": "w", "type": "general", "name": "设计", "side": "provider", "role": "pilot"}],
    )
    before = events()
    hindrances = vendor("GET", f"templates/{template}/publication").json["items"]
    refused = vendor("POST", f"templates/{template}/publication")
    assert problem(refused) == (422, "template-incomplete")
    assert hindrances == [{name: one[name] for name in one if name != "message"} for one in refused.json["errors"]]
    assert refused.json["errors"] == [
        {
            "node_id": "w",
            "field": None,
            "code": "last_not_complete_project",
            "zh": "节点“设计”：最后一个节点必须是完成项目节点",
            "en": "Node “设计”: the last node must be a complete-project node",
            "message": "节点“设计”：最后一个节点必须是完成项目节点",
        },
        {
            "node_id": "w",
            "field": "role",
            "code": "unknown_role",
            "zh": "节点“设计”：角色“pilot”不存在或已停用",
            "en": "Node “设计”: there is no active role 'pilot'",
            "message": "节点“设计”：角色“pilot”不存在或已停用",
        },
    ]
    assert events() == before
    assert vendor("GET", f"templates/{template}").json["state"] == "unpublished"


@pytest.mark.requirement("T-94")
def test_a_message_template_for_another_receiver_is_warned_of(vendor: Any) -> None:
    template = create(vendor)
    row = {"receiver": "assignee", "trigger": "entered", "message_template": "complete_project_customer"}
    nodes = [*NODES[:2], {**NODES[2], "reminders": [row]}, {**NODES[3], "reminders": [row]}]
    [warning] = save(vendor, template, nodes).json["warnings"]
    assert (warning["node_id"], warning["field"]) == ("work", "reminders.0.message_template")
    published = vendor("POST", f"templates/{template}/publication")
    assert (published.status_code, published.json["warnings"]) == (200, [warning])
    assert vendor("GET", f"templates/{template}").json["warnings"] == [warning]


@pytest.mark.requirement("T-04", "T-05")
def test_a_copy_of_a_public_template_is_the_vendors_own(vendor: Any) -> None:
    public = vendor("GET", f"templates/{PUBLIC}").json
    copied = vendor("POST", f"templates/{PUBLIC}/copies", {"name": "我的模板"})
    assert (copied.status_code, copied.json["state"], copied.json["version"]) == (201, "unpublished", 1)
    seen = vendor("GET", copied.headers["Location"].removeprefix("/api/v1/")).json
    assert (seen["nodes"], seen["owner_id"]) == (public["nodes"], str(vendor.party_id))
    assert seen["copied_from"] == str(PUBLIC)
    start = {**seen["nodes"][0], "name": "改"}
    assert save(vendor, seen["id"], [start, *seen["nodes"][1:]]).status_code == 200
    assert vendor("POST", f"templates/{seen['id']}/publication").status_code == 200
    assert vendor("GET", f"templates/{PUBLIC}").json == public


@pytest.mark.requirement("T-105")
def test_an_unpublished_template_can_be_deleted(vendor: Any) -> None:
    template = create(vendor)
    assert vendor("DELETE", f"templates/{template}").status_code == 204
    assert vendor("GET", f"templates/{template}").status_code == 404
    assert vendor("DELETE", f"templates/{template}").status_code == 404
    assert vendor("GET", "templates?scope=private").json == {"items": [], "total": 0, "next": None}


@pytest.mark.requirement("T-06")
def test_another_vendors_templates_do_not_exist_for_it(
    vendor: Any, sign_in: Callable[..., Any], events: Callable[[], int]
) -> None:
    draft, published = create(vendor, "草稿"), create_published(vendor)
    other = sign_in("vendor_admin")
    before = events()
    for template in (draft, published, str(uuid4())):
        for response in (
            other("GET", f"templates/{template}"),
            save(other, template),
            other("POST", f"templates/{template}/publication"),
            other("POST", f"templates/{template}/copies", {"name": "偷"}),
            other("DELETE", f"templates/{template}"),
        ):
            assert problem(response) == (404, "not-found")
    assert other("GET", "templates?scope=private").json["total"] == 0
    assert events() == before


@pytest.mark.requirement("T-06", "T-110")
def test_a_vendor_sees_public_templates_but_does_not_change_them(vendor: Any, events: Callable[[], int]) -> None:
    before = events()
    assert vendor("GET", f"templates/{PUBLIC}").status_code == 200
    assert problem(save(vendor, str(PUBLIC), version=3)) == (403, "not-the-owner")
    assert problem(vendor("DELETE", f"templates/{PUBLIC}")) == (403, "not-the-owner")
    assert events() == before


@pytest.mark.requirement("T-06", "G-12")
def test_public_templates_are_made_by_the_operator_and_seen_once_published(operator: Any, vendor: Any) -> None:
    name = f"公共{uuid4().hex[:8]}"
    template = create(operator, name)
    assert operator("GET", f"templates/{template}").json["owner_id"] is None
    assert vendor("GET", f"templates/{template}").status_code == 404
    assert vendor("GET", f"templates?name={name}").json["total"] == 0
    body = {"name": name, "nodes": NODES}
    assert operator("PUT", f"templates/{template}/content", body, If_Match='"1"').status_code == 200
    assert operator("POST", f"templates/{template}/publication").status_code == 200
    [seen] = vendor("GET", f"templates?name={name}").json["items"]
    assert (seen["id"], seen["state"], seen["owner_id"]) == (template, "published", None)
    own = create(vendor, "私有")
    assert operator("GET", f"templates/{own}").json["owner_id"] == str(vendor.party_id)
    assert problem(operator("DELETE", f"templates/{own}")) == (403, "not-the-owner")


@pytest.mark.requirement("T-06", "T-07", "G-31")
def test_the_list_is_paged_newest_first_with_a_total(vendor: Any) -> None:
    ids = [create(vendor, f"模板{n}") for n in range(5)]
    seen: list[str] = []
    cursor = None
    for expected in (2, 2, 1):
        page = vendor("GET", f"templates?scope=private&limit=2{f'&cursor={cursor}' if cursor else ''}").json
        assert (page["total"], len(page["items"])) == (5, expected)
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
    assert cursor is None
    assert seen == ids[::-1]
    assert vendor("GET", "templates?name=板3").json["total"] == 1
    assert vendor("GET", "templates?scope=private&state=published").json["total"] == 0
    everything = vendor("GET", "templates?limit=100").json["items"]
    assert {item["owner_id"] for item in everything} == {None, str(vendor.party_id)}


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=201", "limit=x", "scope=all", "state=x", "sort=name", "cursor=x", "cursor=eA==", "name=%00"],
)
def test_bad_queries_are_refused(vendor: Any, query: str) -> None:
    assert vendor("GET", f"templates?{query}").status_code in (400, 422)


def test_an_idempotency_key_makes_one_template(vendor: Any, events: Callable[[], int]) -> None:
    first = vendor("POST", "templates", {"name": "一次"}, Idempotency_Key="k1")
    before = events()
    again = vendor("POST", "templates", {"name": "一次"}, Idempotency_Key="k1")
    assert (again.status_code, again.json) == (201, first.json)
    assert problem(vendor("POST", "templates", {"name": "两次"}, Idempotency_Key="k1")) == (
        422,
        "idempotency-key-reused",
    )
    assert events() == before


@pytest.mark.requirement("T-15")
def test_a_published_template_is_read_with_every_value_of_every_node(vendor: Any) -> None:
    reminder = {"receiver": "provider_admin", "trigger": "overdue", "message_template": "claim_order_provider_admin"}
    nodes = [NODES[0], {**NODES[1], "reminders": [reminder]}, *NODES[2:]]
    template = create(vendor)
    assert save(vendor, template, nodes).status_code == 200
    assert vendor("POST", f"templates/{template}/publication").status_code == 200
    page = vendor("GET", f"templates/{template}").json
    assert (page["name"], page["state"]) == ("网站设计", "published")
    assert page["nodes"] == [
        {**nodes[0], "reminders": []},
        {**nodes[1], "role": "account_manager", "timeout": 0.1},
        {
            **nodes[2],
            "upload_button": "上传内容",
            "view_button": "查看内容",
            "confirm_button": "确认",
            "timeout": 0,
            "reminders": [],
        },
        {
            **nodes[3],
            "timeout": 2,
            "confirm_button": "确认",
            "rejectable": False,
            "reject_button": "驳回",
            "reminders": [],
        },
    ]
