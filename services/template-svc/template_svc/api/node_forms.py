"""The forms of nodes (T-36 … T-82): each type takes exactly its own fields; any other is refused.

Saving asks for the right types, not for completeness (T-98): an empty or missing field is stored as its preset or as
empty, and publishing complains. Timeouts are days with one decimal here and tenths inside.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any
from uuid import uuid4

from apispec.ext.marshmallow.openapi import OpenAPIConverter
from delivery_shared.http.fields import Switch
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from template_svc.api.fields import Text
from template_svc.nodes import FIELDS, Node, in_order, with_presets

NAME_LENGTH = 50
BUTTON_LENGTH = 20
MOST_NODES = 200
DEEPEST = 3
"""Levels of containers that can be saved; publishing allows one (T-29)."""

TRIGGERS = ("entered", "rejected", "passed_on", "overdue")
RECEIVER = re.compile(r"(customer|assignee|provider_admin|vendor_admin|vendor_project_manager|role:[a-z][a-z0-9_]*)\Z")


class Days(fields.Field[int]):
    """超时时间(天): 0 to 999.9 with at most one decimal, as a number or a decimal text; empty means none (T-83, T-84).
    Loads to tenths of a day."""

    FORM = re.compile(r"(\d{1,3})(?:\.(\d))?\Z", re.ASCII)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            metadata={"type": ["number", "string", "null"], "minimum": 0, "maximum": 999.9, "multipleOf": 0.1}, **kwargs
        )

    def deserialize(
        self, value: Any, attr: str | None = None, data: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> Any:
        if value is None or value == "":
            return 0
        return super().deserialize(value, attr, data, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        text = value.strip() if isinstance(value, str) else repr(value)
        found = None if isinstance(value, bool) else self.FORM.match(text)
        if found is None or not isinstance(value, int | float | str):
            raise ValidationError("请填写0-999.9天，最多一位小数 / days from 0 to 999.9 with at most one decimal")
        return int(found[1]) * 10 + int(found[2] or 0)

    def _serialize(self, value: int | None, attr: str | None, obj: Any, **kwargs: Any) -> float | None:
        return None if value is None else value / 10


class ReminderForm(Schema):
    """A row of 消息提醒设置; a row with an unset choice cannot be saved (T-88, T-90)."""

    receiver = fields.String(required=True, validate=validate.Regexp(RECEIVER))
    trigger = fields.String(required=True, validate=validate.OneOf(TRIGGERS))
    message_template = Text(required=True, shortest=1, longest=50)


class NodeField(fields.Field[Node]):
    """One node, by the form of its type."""

    def __init__(self, depth: int = 0, **kwargs: Any) -> None:
        self.depth = depth
        super().__init__(**kwargs)

    def described(self, converter: OpenAPIConverter) -> dict[str, Any]:
        """One of the types' forms."""
        return {"anyOf": [converter.resolve_nested_schema(form) for form in _documented().values()]}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Node:
        if not isinstance(value, dict):
            raise ValidationError("A node is an object.")
        form = node_forms(self.depth).get(value["type"] if isinstance(value.get("type"), str) else "")
        if form is None:
            raise ValidationError({"type": [f"One of {', '.join(FIELDS)}."]})
        loaded = form.load({field: given for field, given in value.items() if field != "type"})
        assert isinstance(loaded, dict)
        return with_presets({**loaded, "type": value["type"]})

    def _serialize(self, value: Node | None, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else dump_node(value)


def _button() -> Text:
    return Text(longest=BUTTON_LENGTH, allow_none=True)


def _choice(*values: str) -> fields.String:
    return fields.String(allow_none=True, validate=validate.OneOf(values))


FORMS: Mapping[str, Callable[[], fields.Field[Any]]] = {
    "side": lambda: _choice("provider", "customer"),
    "role": lambda: Text(longest=50, allow_none=True),
    "rule": lambda: _choice("provider_first", "department_first"),
    "form": lambda: Text(longest=50, allow_none=True),
    "submit_button": _button,
    "view_button": _button,
    "upload": Switch,
    "upload_button": _button,
    "confirm_button": _button,
    "rejectable": Switch,
    "reject_button": _button,
    "timeout": Days,
    "advance_on_timeout": Switch,
    "reminders": lambda: fields.List(fields.Nested(ReminderForm)),
}
"""How each field of a node form is entered; ``children`` depends on the depth."""


_FORMS: dict[int, dict[str, Schema]] = {}


def node_forms(depth: int) -> dict[str, Schema]:
    """The form of every type at a depth of containers."""
    if depth not in _FORMS:
        _FORMS[depth] = {
            node_type: Schema.from_dict(
                {
                    "id": Text(shortest=1, longest=64, load_default=lambda: uuid4().hex),
                    "name": Text(longest=NAME_LENGTH, load_default=""),
                    **{field: _form_field(field, depth) for field in own},
                },
                name=f"Node_{node_type}_{depth}",
            )()
            for node_type, own in FIELDS.items()
            if node_type != "container" or depth < DEEPEST
        }
    return _FORMS[depth]


@cache
def _documented() -> dict[str, type[Schema]]:
    """The form of every type for the OpenAPI document, where containers hold nodes without end."""
    return {
        node_type: Schema.from_dict(
            {
                "id": Text(shortest=1, longest=64),
                "type": fields.String(required=True, validate=validate.OneOf([node_type])),
                "name": Text(longest=NAME_LENGTH),
                **{field: _form_field(field, 0) for field in own},
            },
            name="".join(word.capitalize() for word in node_type.split("_")) + "Node",
        )
        for node_type, own in FIELDS.items()
    }


def _form_field(field: str, depth: int) -> fields.Field[Any]:
    if field == "children":
        return fields.List(NodeField(depth + 1), validate=validate.Length(max=MOST_NODES))
    return FORMS[field]()


def dump_node(node: Node) -> dict[str, Any]:
    """A node as the API shows it."""
    shown = dict(node)
    if "timeout" in shown:
        shown["timeout"] = shown["timeout"] / 10
    if "children" in shown:
        shown["children"] = [dump_node(child) for child in shown["children"]]
    return shown


class Nodes(Schema):
    """The nodes of a template, in order."""

    nodes = fields.List(NodeField(), required=True, validate=validate.Length(max=MOST_NODES))

    @validates_schema
    def ids_are_unique(self, data: dict[str, Any], **kwargs: Any) -> None:
        ids = [placed.node["id"] for placed in in_order(data.get("nodes", ()))]
        if len(ids) != len(set(ids)):
            raise ValidationError("节点编号在模板内不能重复 / node ids are unique within a template", "nodes")
        if len(ids) > MOST_NODES:
            raise ValidationError(f"最多{MOST_NODES}个节点 / at most {MOST_NODES} nodes", "nodes")
