"""The forms of nodes as the API takes them: right types, nothing a type does not have, presets filled in."""

from __future__ import annotations

import typing
from typing import Any

import msgspec
import pytest
from delivery_shared.contracts.template import Node, NodeType
from marshmallow import ValidationError
from template_svc.api.node_forms import MOST_NODES, Nodes, dump_node
from template_svc.domain import nodes
from template_svc.domain.kinds import KINDS

ROW = {"receiver": "customer", "trigger": "entered", "message_template": "note"}


def load(*nodes: Any) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = Nodes().load({"nodes": list(nodes)})["nodes"]
    return loaded


def refused(*nodes: Any) -> Any:
    with pytest.raises(ValidationError) as error:
        load(*nodes)
    messages: Any = error.value.messages
    return messages["nodes"]


@pytest.mark.requirement("T-17")
def test_the_types_are_those_of_the_contract() -> None:
    assert set(KINDS) == set(typing.get_args(NodeType))
    assert refused({"type": "script"}) == {0: {"type": [f"One of {', '.join(KINDS)}."]}}
    assert refused({}) == {0: {"type": [f"One of {', '.join(KINDS)}."]}}
    assert refused("general") == {0: ["A node is an object."]}


def test_the_fields_of_a_node_are_those_of_the_kinds_and_of_the_contract() -> None:
    """What the type of a node declares is what a form can fill, and what other services are told."""
    declared = set(nodes.Node.__annotations__)
    assert declared == {"id", "type", *(field.name for kind in KINDS.values() for field in kind.form)}
    assert declared == {field.name for field in msgspec.structs.fields(Node)}


@pytest.mark.requirement("T-37", "T-47", "T-52", "T-74", "T-75", "T-84")
def test_what_is_preset() -> None:
    presets: dict[str, dict[str, Any]] = {
        "assign_provider": {},
        "claim_order": {"role": "account_manager", "timeout": 0},
        "assign_order": {"role": None, "rule": "provider_first"},
        "submit_requirement": {"form": None, "submit_button": "提交需求", "view_button": "查看需求", "timeout": 0},
        "confirm": {
            "side": "customer",
            "role": "customer",
            "confirm_button": "确认",
            "rejectable": False,
            "reject_button": "驳回",
            "timeout": 0,
            "advance_on_timeout": False,
        },
        "general": {
            "side": "provider",
            "role": None,
            "upload": False,
            "upload_button": "上传内容",
            "view_button": "查看内容",
            "confirm_button": "确认",
            "timeout": 0,
        },
        "complete_project": {
            "confirm_button": "确认",
            "rejectable": False,
            "reject_button": "驳回",
            "timeout": 0,
            "advance_on_timeout": False,
        },
    }
    assert {*presets, "container"} == set(KINDS), "a kind whose presets nobody has written down"
    for node_type, expected in presets.items():
        common = {"id": "n", "type": node_type, "name": "", "reminders": []}
        assert load({"id": "n", "type": node_type}) == [{**common, **expected}]
    assert load({"id": "n", "type": "container"}) == [{"id": "n", "type": "container", "name": "", "children": []}]


@pytest.mark.requirement("T-59")
def test_the_customer_is_preselected_on_the_customer_side() -> None:
    [node] = load({"type": "confirm", "side": "customer"})
    assert node["role"] == "customer"
    [node] = load({"type": "confirm", "side": "provider"})
    assert node["role"] is None


@pytest.mark.requirement("T-41", "T-45", "T-54", "T-55", "T-70", "T-77", "T-79")
@pytest.mark.parametrize(
    ("node_type", "field", "value"),
    [
        ("claim_order", "advance_on_timeout", True),
        ("claim_order", "side", "provider"),
        ("assign_order", "timeout", 1),
        ("submit_requirement", "side", "customer"),
        ("submit_requirement", "role", "customer"),
        ("submit_requirement", "rejectable", True),
        ("submit_requirement", "advance_on_timeout", True),
        ("container", "timeout", 1),
        ("container", "role", "designer"),
        ("container", "confirm_button", "确认"),
        ("container", "reminders", []),
        ("general", "rejectable", True),
        ("general", "advance_on_timeout", True),
        ("complete_project", "side", "customer"),
        ("complete_project", "role", "customer"),
        ("assign_provider", "role", "designer"),
        ("general", "children", []),
        ("general", "colour", "red"),
    ],
)
def test_a_field_the_type_does_not_have_is_refused(node_type: str, field: str, value: Any) -> None:
    assert refused({"type": node_type, field: value}) == {0: {field: ["Unknown field."]}}


@pytest.mark.requirement("T-39", "T-83", "T-84")
@pytest.mark.parametrize(
    ("days", "tenths"),
    [(0, 0), (0.1, 1), ("0.5", 5), (2, 20), ("2.0", 20), (999.9, 9999), (None, 0), ("", 0), (" 1.5 ", 15)],
)
def test_a_timeout_in_days_with_one_decimal(days: Any, tenths: int) -> None:
    [node] = load({"type": "claim_order", "timeout": days})
    assert node["timeout"] == tenths
    assert dump_node(node)["timeout"] == tenths / 10


@pytest.mark.requirement("T-39", "T-83")
@pytest.mark.parametrize(
    "days",
    [-0.1, "-1", 0.15, "0.55", "2.00", "一天", "1e1", 1000, "999.95", True, [1], float("nan"), float("inf"), "٣"],
)
def test_other_timeouts_are_refused(days: Any) -> None:
    assert refused({"type": "claim_order", "timeout": days}) == {
        0: {"timeout": ["请填写0-999.9天，最多一位小数 / days from 0 to 999.9 with at most one decimal"]}
    }


@pytest.mark.parametrize(
    ("node", "field"),
    [
        ({"type": "confirm", "side": "vendor"}, "side"),
        ({"type": "assign_order", "rule": "random"}, "rule"),
        ({"type": "general", "upload": "yes"}, "upload"),
        ({"type": "general", "upload": 1}, "upload"),
        ({"type": "general", "name": 5}, "name"),
        ({"type": "general", "name": "名" * 51}, "name"),
        ({"type": "general", "name": "a\u0000b"}, "name"),
        ({"type": "general", "name": "\ud800"}, "name"),
        ({"type": "general", "confirm_button": "确" * 21}, "confirm_button"),
        ({"type": "general", "id": ""}, "id"),
        ({"type": "general", "id": "x" * 65}, "id"),
        ({"type": "container", "children": {}}, "children"),
        ({"type": "general", "reminders": [{}]}, "reminders"),
    ],
)
@pytest.mark.requirement("T-44", "T-58")
def test_wrong_types_and_lengths_are_refused(node: dict[str, Any], field: str) -> None:
    assert list(refused(node)[0]) == [field]


def test_longest_texts_are_taken() -> None:
    [node] = load({"type": "general", "id": "x" * 64, "name": f" {'名' * 50} ", "confirm_button": "确" * 20})
    assert (len(node["id"]), len(node["name"]), len(node["confirm_button"])) == (64, 50, 20)


@pytest.mark.requirement("T-87", "T-88", "T-90", "T-91")
def test_a_reminder_row_is_whole_or_refused() -> None:
    [node] = load({"type": "assign_provider", "reminders": [ROW, {**ROW, "receiver": "role:designer"}]})
    assert node["reminders"][0] == ROW
    for field in ROW:
        unset = {key: value for key, value in ROW.items() if key != field}
        assert list(refused({"type": "general", "reminders": [unset]})[0]["reminders"][0]) == [field]
    for field, value in (("trigger", "exploded"), ("receiver", "everybody"), ("receiver", "role:"), ("extra", 1)):
        assert list(refused({"type": "general", "reminders": [{**ROW, field: value}]})[0]["reminders"][0]) == [field]
    for trigger in ("entered", "rejected", "passed_on", "overdue"):
        load({"type": "confirm", "reminders": [{**ROW, "trigger": trigger}]})


@pytest.mark.requirement("T-92")
def test_a_node_has_any_number_of_reminder_rows() -> None:
    [node] = load({"type": "general", "reminders": [ROW] * 500})
    assert node["reminders"] == [ROW] * 500


def test_ids_are_unique_in_the_template_and_made_where_missing() -> None:
    twins = {"type": "general", "id": "same"}
    assert refused(twins, {"type": "container", "children": [twins]}) == [
        "节点编号在模板内不能重复 / node ids are unique within a template"
    ]
    first, second = load({"type": "general"}, {"type": "general"})
    assert first["id"] != second["id"]


def test_the_number_and_depth_of_nodes_is_limited() -> None:
    many = [{"type": "general"}] * (MOST_NODES - 1)
    assert len(load({"type": "container", "children": many})[0]["children"]) == MOST_NODES - 1
    assert refused({"type": "container", "children": [*many, {"type": "general"}]}) == [
        f"最多{MOST_NODES}个节点 / at most {MOST_NODES} nodes"
    ]
    nested: dict[str, Any] = {"type": "container"}
    for _ in range(2):
        nested = {"type": "container", "children": [nested]}
    load(nested)
    refused({"type": "container", "children": [nested]})


def test_whatever_can_be_saved_fits_the_contract() -> None:
    everything = [
        {
            "type": node_type,
            "name": "n",
            **({"children": [{"type": "general", "side": "customer"}]} if kind.field("children") else {}),
        }
        for node_type, kind in KINDS.items()
    ]
    nodes = msgspec.convert(load(*everything), list[Node])
    assert [node.type for node in nodes] == list(KINDS)
