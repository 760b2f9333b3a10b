"""Nodes of a service flow template (服务流程模板节点): what is preset, and the order they run in.

A node goes into facts as it is: a dict of ``id``, ``type``, ``name`` and exactly the fields of its kind
(:data:`~template_svc.domain.kinds.KINDS`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict, cast

from template_svc.domain.kinds import KINDS, FormField, Side

START = "assign_provider"
START_ID = "start"
END = "complete_project"
END_ID = "end"


class Reminder(TypedDict):
    """A row of 消息提醒设置 (T-88)."""

    receiver: str
    trigger: str
    message_template: str


class Node(TypedDict):
    """A node. Of the fields below the three each has those of its kind are there; one that was left empty is None, or
    an empty text."""

    id: str
    type: str
    name: str
    side: NotRequired[Side | None]
    role: NotRequired[str | None]
    rule: NotRequired[str | None]
    form: NotRequired[str | None]
    submit_button: NotRequired[str | None]
    view_button: NotRequired[str | None]
    upload: NotRequired[bool]
    upload_button: NotRequired[str | None]
    confirm_button: NotRequired[str | None]
    rejectable: NotRequired[bool]
    reject_button: NotRequired[str | None]
    timeout: NotRequired[int]
    advance_on_timeout: NotRequired[bool]
    reminders: NotRequired[list[Reminder]]
    children: NotRequired[list[Node]]


def value_of(node: Node, field: str) -> Any:
    """What a node has in a field of a form, by its name; None where its kind has no such field."""
    return cast(Mapping[str, Any], node).get(field)


def built_in_start() -> Node:
    """The assign-provider node every template has from its creation (T-18)."""
    return with_presets({"id": START_ID, "type": START, "name": KINDS[START].name.zh})


def usual_end() -> Node:
    """The complete-project node a new template ends with: every one needs it (T-22). Unlike the first it may go."""
    return with_presets({"id": END_ID, "type": END, "name": KINDS[END].name.zh})


def with_presets(form: Mapping[str, Any]) -> Node:
    """The whole node of a form in which fields were left out, with what its choices preselect (T-59)."""
    kind = KINDS[form["type"]]
    node: dict[str, Any] = {**{field.name: _preset(field) for field in kind.form}, **form}
    for field in kind.fields:
        for choice in field.choices:
            if choice.value == node[field.name]:
                node.update({name: value for name, value in choice.sets.items() if node[name] is None})
        if field.control == "nodes":
            node[field.name] = [with_presets(child) for child in node[field.name]]
    return cast(Node, node)


def _preset(field: FormField) -> Any:
    return list(field.preset) if isinstance(field.preset, tuple) else field.preset


def reminders_of(node: Node) -> Sequence[Reminder]:
    """The rows of 消息提醒设置, none where the kind has none."""
    return node.get("reminders", ())


def side_of(node: Node) -> Side | None:
    """Who operates the node: its kind says it, or its form; None as long as that is open."""
    return KINDS[node["type"]].side or node.get("side")


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
