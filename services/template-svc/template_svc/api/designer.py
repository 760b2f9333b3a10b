"""What the designer of templates offers: every kind of node with its form, and what reminders can say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from typing import Any

from delivery_shared.http import allow
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from template_svc.api.node_forms import dump_node
from template_svc.domain.kinds import KINDS, RECEIVERS, TRIGGERS, Control, Kind, Place, Side
from template_svc.domain.nodes import with_presets

blp = Blueprint("node-forms", __name__, description="节点表单: the kinds of nodes and their forms")


class Wording(Schema):
    zh = fields.String(required=True)
    en = fields.String(required=True)


def _wording(description: str) -> fields.Nested:
    return fields.Nested(Wording, required=True, allow_none=True, metadata={"description": description})


def _one_of(literal: Any, **more: Any) -> fields.String:
    return fields.String(required=True, validate=validate.OneOf(literal.__args__), **more)


class ChoiceOut(Schema):
    value = fields.String(required=True)
    text = fields.Nested(Wording, required=True)
    sets = fields.Dict(
        keys=fields.String(),
        values=fields.String(allow_none=True),
        required=True,
        metadata={"description": "what choosing it puts into other fields"},
    )
    after = fields.String(
        required=True, allow_none=True, metadata={"description": "a node of this type must stand before"}
    )
    why = _wording("why it cannot be chosen without")


class FormFieldOut(Schema):
    name = fields.String(required=True)
    label = fields.Nested(Wording, required=True)
    control = _one_of(Control)
    preset = fields.Raw(
        required=True,
        metadata={"type": ["string", "number", "boolean", "array", "null"], "items": {"type": "string"}},
    )
    required = fields.Boolean(required=True, metadata={"description": "publishing needs it, where it is shown"})
    shown_with = fields.String(
        required=True, allow_none=True, metadata={"description": "shown only while this switch is on"}
    )
    needs = fields.String(
        required=True, allow_none=True, metadata={"description": "can be filled in only once this field is"}
    )
    why = _wording("why it cannot be filled in before")
    hint = _wording("beside the field")
    choices = fields.List(fields.Nested(ChoiceOut), required=True)
    roles = fields.List(
        fields.String(), required=True, metadata={"description": "the only roles to choose from, if any are named"}
    )
    longest = fields.Integer(required=True, allow_none=True)
    pattern = fields.String(required=True, allow_none=True, metadata={"description": "of the whole trimmed text"})
    wrong = _wording("where the pattern does not fit")


class KindOut(Schema):
    type = fields.String(required=True)
    name = fields.Nested(Wording, required=True)
    purpose = fields.Nested(Wording, required=True)
    place = _one_of(Place)
    side = _one_of(Side, allow_none=True)
    fields_ = fields.List(fields.Nested(FormFieldOut), required=True, data_key="fields")


class TriggerOut(Schema):
    value = fields.String(required=True)
    text = fields.Nested(Wording, required=True)
    needs = fields.String(
        required=True, allow_none=True, metadata={"description": "can happen only where this field is filled in"}
    )


class ReceiverOut(Schema):
    value = fields.String(required=True)
    text = fields.Nested(Wording, required=True)


class NodeForms(Schema):
    kinds = fields.List(fields.Nested(KindOut), required=True)
    triggers = fields.List(fields.Nested(TriggerOut), required=True)
    receivers = fields.List(fields.Nested(ReceiverOut), required=True)


@blp.route("/api/v1/node-forms")
class NodeFormsView(MethodView):
    @allow("vendor_admin", "platform_operator")
    @blp.response(200, NodeForms)
    def get(self) -> Mapping[str, Any]:
        """The kinds of nodes in the order they are offered, with the fields of their forms (T-17, T-36 … T-95)."""
        return _offered()


@cache
def _offered() -> Mapping[str, Any]:
    return {
        "kinds": [_kind(node_type, kind) for node_type, kind in KINDS.items()],
        "triggers": [asdict(trigger) for trigger in TRIGGERS],
        "receivers": [asdict(receiver) for receiver in RECEIVERS],
    }


def _kind(node_type: str, kind: Kind) -> Mapping[str, Any]:
    presets = dump_node(with_presets({"type": node_type}))
    return {
        "type": node_type,
        "name": kind.name,
        "purpose": kind.purpose,
        "place": kind.place,
        "side": kind.side,
        "fields_": [{**asdict(field), "preset": presets[field.name]} for field in kind.form],
    }
