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
from delivery_shared.http.texts import Text
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from template_svc.domain.kinds import KINDS, NAME, RECEIVERS, TIMEOUT, TRIGGERS, Control, FormField
from template_svc.domain.nodes import Node, in_order, with_presets

MOST_NODES = 200
DEEPEST = 3
"""Levels of containers that can be saved; publishing allows one (T-29)."""

RECEIVER = re.compile(rf"({'|'.join(receiver.value for receiver in RECEIVERS)}|role:[a-z][a-z0-9_]*)\Z")
"""Who can receive a reminder: one of the receivers, or a role."""


class Days(fields.Field[int]):
    """超时时间(天): 0 to 999.9 with at most one decimal, as a number or a decimal text; empty means none (T-83, T-84).
    Loads to tenths of a day."""

    FORM = re.compile(str(TIMEOUT.pattern))

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
        fits = isinstance(value, int | float | str) and not isinstance(value, bool) and self.FORM.fullmatch(text)
        if not fits:
            raise ValidationError(" / ".join(TIMEOUT.wrong or ()))
        days, _, tenths = text.partition(".")
        return int(days) * 10 + int(tenths or 0)

    def _serialize(self, value: int | None, attr: str | None, obj: Any, **kwargs: Any) -> float | None:
        return None if value is None else value / 10


class ReminderForm(Schema):
    """A row of 消息提醒设置; a row with an unset choice cannot be saved (T-88, T-90)."""

    receiver = fields.String(required=True, validate=validate.Regexp(RECEIVER))
    trigger = fields.String(required=True, validate=validate.OneOf([trigger.value for trigger in TRIGGERS]))
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
            raise ValidationError({"type": [f"One of {', '.join(KINDS)}."]})
        loaded = form.load({field: given for field, given in value.items() if field != "type"})
        assert isinstance(loaded, dict)
        return with_presets({**loaded, "type": value["type"]})

    def _serialize(self, value: Node | None, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else dump_node(value)


def _text(field: FormField) -> fields.Field[Any]:
    assert field.longest is not None
    return Text(longest=field.longest, allow_none=True)


def _choice(field: FormField) -> fields.Field[Any]:
    return fields.String(allow_none=True, validate=validate.OneOf([choice.value for choice in field.choices]))


ENTERED: Mapping[Control, Callable[[FormField], fields.Field[Any]]] = {
    "text": _text,
    "role": _text,
    "demand_form": _text,
    "choice": _choice,
    "switch": lambda _: Switch(),
    "days": lambda _: Days(),
    "reminders": lambda _: fields.List(fields.Nested(ReminderForm)),
}
"""How each field of a node form is entered; ``nodes`` depends on the depth."""


_LONGEST_NAME = NAME.longest or 0
_FORMS: dict[int, dict[str, Schema]] = {}


def node_forms(depth: int) -> dict[str, Schema]:
    """The form of every type at a depth of containers."""
    if depth not in _FORMS:
        _FORMS[depth] = {
            node_type: Schema.from_dict(
                {
                    "id": Text(shortest=1, longest=64, load_default=lambda: uuid4().hex),
                    "name": Text(longest=_LONGEST_NAME, load_default=""),
                    **{field.name: _form_field(field, depth) for field in kind.fields},
                },
                name=f"Node_{node_type}_{depth}",
            )()
            for node_type, kind in KINDS.items()
            if depth < DEEPEST or not any(field.control == "nodes" for field in kind.fields)
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
                "name": Text(longest=_LONGEST_NAME),
                **{field.name: _form_field(field, 0) for field in kind.fields},
            },
            name="".join(word.capitalize() for word in node_type.split("_")) + "Node",
        )
        for node_type, kind in KINDS.items()
    }


def _form_field(field: FormField, depth: int) -> fields.Field[Any]:
    if field.control == "nodes":
        return fields.List(NodeField(depth + 1), validate=validate.Length(max=MOST_NODES))
    return ENTERED[field.control](field)


def dump_node(node: Node) -> dict[str, Any]:
    """A node as the API shows it."""
    shown: dict[str, Any] = {**node}
    for field in KINDS[node["type"]].fields:
        if field.control == "days":
            shown[field.name] = shown[field.name] / 10
        elif field.control == "nodes":
            shown[field.name] = [dump_node(child) for child in shown[field.name]]
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
