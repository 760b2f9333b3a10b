"""Schemas used by several resources."""

from __future__ import annotations

from typing import Any

from delivery_shared.http.documentation import Messages
from delivery_shared.http.fields import QuerySwitch
from delivery_shared.http.paging import CursorField, LimitField
from delivery_shared.http.texts import Text
from marshmallow import RAISE, Schema, fields

from project_svc.domain.texts import TEXT_LIMIT
from project_svc.pages.paging import PAGE


class Strict(Schema):
    """Bodies and queries: unknown fields are refused."""

    class Meta:
        unknown = RAISE


class Prose(Text):
    """Free text of at most 500 characters, lines allowed."""

    def __init__(self, **more: Any) -> None:
        error = f"内容不超过{TEXT_LIMIT}字 / at most {TEXT_LIMIT} characters"
        super().__init__(longest=TEXT_LIMIT, lines=True, error=error, **more)


class Remark(Strict):
    remark = Prose(required=True)


class AsCustomer(Strict):
    as_customer = QuerySwitch(
        load_default=False,
        data_key="as_customer",
        metadata={"description": "以顾客角色查看: only what the buyer sees (S-04)"},
    )


class PageQuery(Strict):
    """Which page of a list: ``cursor`` is ``next`` of the page before."""

    cursor = CursorField(int, load_default=None)
    limit = LimitField(PAGE, most=PAGE)


class Named(Schema):
    """A party (or another thing) with the name to show."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)


class Standing(Schema):
    """Where the project stands after a command; ``visit`` names the open node for the next operation."""

    project_id = fields.UUID()
    state = fields.String()
    run = fields.Integer()
    visit = fields.Integer()
    node = fields.String()


class Asked(Standing):
    request_id = fields.UUID()


class RequestOutcome(Schema):
    """``outcome``: ``done``, ``withdrawn``, a reason, or null while open. ``text`` says in Chinese why it came
    to nothing, ``messages`` in both languages."""

    request_id = fields.UUID(required=True)
    outcome = fields.String(required=True, allow_none=True)
    text = fields.String(required=True, allow_none=True)
    messages = fields.Nested(Messages, required=True, allow_none=True)
