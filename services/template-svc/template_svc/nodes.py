"""Nodes of a service flow template (服务流程模板节点): which types exist, which fields each form has, what is preset.

A node is a plain dict – it goes into events as it is – of ``id``, ``type``, ``name`` and exactly the fields of its
type. A timeout counts tenths of a working day, 0 = none (T-83, T-84).
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Node = dict[str, Any]

FIELDS: Mapping[str, Mapping[str, Any]] = {
    "assign_provider": {"reminders": []},
    "claim_order": {"role": "account_manager", "timeout": 0, "reminders": []},
    "assign_order": {"role": None, "rule": "provider_first", "reminders": []},
    "submit_requirement": {
        "form": None,
        "submit_button": "提交需求",
        "view_button": "查看需求",
        "timeout": 0,
        "reminders": [],
    },
    "confirm": {
        "side": None,
        "role": None,
        "confirm_button": "确认",
        "rejectable": False,
        "reject_button": None,
        "timeout": 0,
        "advance_on_timeout": False,
        "reminders": [],
    },
    "general": {
        "side": None,
        "role": None,
        "upload": False,
        "upload_button": "上传内容",
        "view_button": "查看内容",
        "confirm_button": "确认",
        "timeout": 0,
        "reminders": [],
    },
    "container": {"children": []},
    "complete_project": {
        "confirm_button": "确认",
        "rejectable": False,
        "reject_button": None,
        "timeout": 0,
        "advance_on_timeout": False,
        "reminders": [],
    },
}
"""Node type → the fields of its form besides the name, with their preset values (T-36 … T-82, A-22)."""

TYPE_NAMES: Mapping[str, str] = {
    "assign_provider": "分配服务商节点",
    "claim_order": "认领订单节点",
    "assign_order": "分配订单节点",
    "submit_requirement": "提交需求节点",
    "confirm": "确认节点",
    "general": "通用节点",
    "container": "容器节点",
    "complete_project": "完成项目节点",
}

CLAIM_ROLES = ("account_manager", "provider_admin")
"""Roles that may claim an order (T-38)."""

OPERATED = ("submit_requirement", "confirm", "general", "complete_project")
"""Types a person works on; a reject goes back to the nearest earlier of them (R-121, A-21)."""

START_ID = "start"


def built_in_start() -> Node:
    """The assign-provider node every template has from its creation (T-18)."""
    return with_presets({"id": START_ID, "type": "assign_provider", "name": TYPE_NAMES["assign_provider"]})


def with_presets(form: Mapping[str, Any]) -> Node:
    """The whole node of a form in which fields were left out. On the customer side 顾客 is preselected (T-59)."""
    node = {"name": "", **copy.deepcopy(dict(FIELDS[form["type"]])), **form}
    if node.get("side") == "customer" and node["role"] is None:
        node["role"] = "customer"
    if "children" in node:
        node["children"] = [with_presets(child) for child in node["children"]]
    return node


@dataclass(frozen=True)
class Placed:
    """A node at its place: ``containers`` says in how many containers it stands."""

    node: Node
    containers: int


def in_order(nodes: Iterable[Node], containers: int = 0) -> Iterator[Placed]:
    """All nodes in the order the flow runs through them; a container comes before its children (T-27)."""
    for node in nodes:
        yield Placed(node, containers)
        yield from in_order(node.get("children", ()), containers + 1)


def has_type(nodes: Sequence[Node], node_type: str) -> bool:
    """Whether a node of ``node_type`` stands anywhere in the flow."""
    return any(placed.node["type"] == node_type for placed in in_order(nodes))
