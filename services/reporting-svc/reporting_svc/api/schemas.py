"""Fields and schemas that several lists share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from delivery_shared.contracts.dispatch import QUEUE_REASONS
from delivery_shared.http.texts import Text
from delivery_shared.order_parameters import TYPES
from delivery_shared.working_time import days_text
from marshmallow import Schema, fields, validate

from reporting_svc.tables import SHOWN, project


def text() -> Text:
    """A text to filter by: 1 to 100 characters."""
    return Text(shortest=1, longest=100)


NOBODY_NAMED = {"system": "系统", "customer": "顾客"}
"""操作人 where it is no person of the provider (R-09)."""


class OperatorOut(Schema):
    """操作人/角色 of the current node; ``name`` is None at a claim-order node nobody claimed yet (A-44)."""

    kind = fields.String(required=True, validate=validate.OneOf(("system", "customer", "staff")))
    user_id = fields.UUID(required=True, allow_none=True)
    name = fields.String(required=True, allow_none=True)
    role = fields.String(required=True, allow_none=True)
    role_name = fields.String(required=True, allow_none=True)


def _operator(row: Any) -> dict[str, Any] | None:
    if row["operator"] is None:
        return None
    return {
        "kind": row["operator"],
        "user_id": row["assignee_id"],
        "name": NOBODY_NAMED.get(row["operator"], row["assignee_name"]),
        "role": row["role"],
        "role_name": row["role_name"],
    }


SIDES = {"server": "服务端超时", "customer": "客户端超时"}
"""The two marks of the legend (R-25)."""


class OverdueOut(Schema):
    """The overdue mark and what it shows when hovered over (R-23 … R-27). Days are working days with one decimal."""

    side = fields.String(required=True, validate=validate.OneOf(tuple(SIDES)))
    side_text = fields.String(required=True)
    node = fields.String(required=True)
    operator = fields.String(required=True, allow_none=True)
    role_name = fields.String(required=True, allow_none=True)
    timeout_days = fields.String(required=True)
    entered_at = fields.AwareDateTime(required=True)
    counted_from = fields.AwareDateTime(required=True)
    due_at = fields.AwareDateTime(required=True)
    overdue_days = fields.String(required=True)


def _overdue(row: Any) -> dict[str, Any] | None:
    told = row["overdue"]
    if told is None:
        return None
    operator = _operator(row) or {}
    return {
        "side": row["overdue_side"],
        "side_text": SIDES[row["overdue_side"]],
        "node": told["name"],
        "operator": operator.get("name"),
        "role_name": operator.get("role_name"),
        "timeout_days": days_text(told["timeout"]),
        **{name: datetime.fromisoformat(told[name]) for name in ("entered_at", "counted_from", "due_at")},
        "overdue_days": days_text(row["overdue_tenths"]),
    }


class LimitOut(Schema):
    """The time limit of the current node (T-84): ``remaining_seconds`` of working time, below 0 when overdue.
    ``stands``: why the clock stands still; of a paused project it will count anew, of one the marketplace holds it goes
    on."""

    timeout_days = fields.Function(
        lambda limit: days_text(limit["timeout"]), required=True, metadata={"type": "string"}
    )
    due_at = fields.AwareDateTime(required=True, allow_none=True)
    remaining_seconds = fields.Integer(required=True, allow_none=True)
    stands = fields.String(required=True, allow_none=True, validate=validate.OneOf(("held", "paused", "day_off")))


PLAIN: Final[Mapping[type, type[fields.Field[Any]]]] = {
    UUID: fields.UUID,
    str: fields.String,
    int: fields.Integer,
    bool: fields.Boolean,
    datetime: fields.AwareDateTime,
}
"""How a column is shown, by the type of its values."""


class ChosenOut(Schema):
    """A parameter of the order that its product declares."""

    name = fields.String(required=True)
    label = fields.String(required=True)
    type = fields.String(required=True, validate=validate.OneOf(TYPES))
    value = fields.String(required=True)


ProjectOut = Schema.from_dict(
    {
        "parameters": fields.List(fields.Nested(ChosenOut), required=True),
        **{
            str(column.name): PLAIN[column.type.python_type](required=True, allow_none=column.nullable)
            for column in project.columns
            if column.info == SHOWN
        },
        "product_code": fields.String(required=True, allow_none=True),
        "customer_name": fields.String(required=True, allow_none=True),
        "customer_number": fields.String(required=True, allow_none=True),
        "vendor_name": fields.String(required=True, allow_none=True),
        "provider_name": fields.String(required=True, allow_none=True),
        "several_providers": fields.Boolean(
            required=True,
            allow_none=True,
            metadata={"description": "whether another provider is configured to change to (R-31); null for a provider"},
        ),
        "operator": fields.Nested(OperatorOut, required=True, allow_none=True, attribute="operator_shown"),
        "queue_reason": fields.String(required=True, allow_none=True),
        "queue_reason_text": fields.String(required=True, allow_none=True),
        "overdue": fields.Nested(OverdueOut, required=True, allow_none=True, attribute="overdue_shown"),
        "limit": fields.Nested(LimitOut, required=True, allow_none=True),
    },
    name="ProjectOut",
)
"""A row of a project list: the columns of R-07 and R-20 – those of the table that are
:data:`~reporting_svc.tables.SHOWN`, and what is joined to them. An empty sales channel is null (R-11)."""


def shown(row: Any) -> dict[str, Any]:
    """A row of the read model with the texts the lists print."""
    return {
        **row,
        "operator_shown": _operator(row),
        "sales_channel": row["sales_channel"] or None,
        "queue_reason_text": QUEUE_REASONS[row["queue_reason"]].chinese if row["queue_reason"] else None,
        "overdue_shown": _overdue(row),
    }
