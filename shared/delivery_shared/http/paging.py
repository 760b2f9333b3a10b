"""Lists in pages: cursors cut by (time, id), so rows that arrive meanwhile neither repeat nor hide others."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marshmallow import Schema, ValidationError, fields, validate
from sqlalchemy import Column, ColumnElement, Connection, Select, Subquery, func, select, tuple_

from delivery_shared.http.fields import usable

MAX_PAGE = 200
"""Rows of the largest page."""


@dataclass(frozen=True)
class Cursor:
    """The last row of the page before: its time and, among equal times, its id."""

    at: datetime
    id: UUID

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(f"{self.at.isoformat()} {self.id}".encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """:raises ValueError: not a cursor of ours."""
        try:
            padded = text.encode("ascii") + b"=" * (-len(text) % 4)
            at, _, id = base64.b64decode(padded, altchars=b"-_", validate=True).decode().partition(" ")
            return cls(usable(datetime.fromisoformat(at)), UUID(id))
        except (binascii.Error, UnicodeError, ValueError) as error:
            raise ValueError("no such cursor") from error


class CursorField(fields.Field[Cursor]):
    """``next`` of the page before."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Cursor:
        try:
            return Cursor.parse(str(value))
        except ValueError as error:
            raise ValidationError(str(error)) from error


class PlaceField(fields.String):
    """A place in a list that is a number inside and an opaque text outside: as ``next`` of an answer it tells how to
    go on, as ``cursor`` of a query where."""

    PREFIX = b"at:"
    LARGEST = 2**63 - 1

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else base64.urlsafe_b64encode(self.PREFIX + b"%d" % value).decode().rstrip("=")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            padded = str(value).encode("ascii") + b"=" * (-len(str(value)) % 4)
            text = base64.b64decode(padded, altchars=b"-_", validate=True)
            digits = text.removeprefix(self.PREFIX)
            if digits == text or not digits.isdigit() or int(digits) > self.LARGEST:
                raise ValueError("no such cursor")
        except (binascii.Error, ValueError) as error:
            raise ValidationError("翻页标记无效 / not a cursor") from error
        return int(digits)


class PageQuery(Schema):
    """Where in a list."""

    cursor = CursorField(load_default=None, metadata={"type": "string"})
    limit = fields.Integer(
        load_default=20, validate=validate.Range(1, MAX_PAGE), metadata={"description": "rows of a page"}
    )


class PlaceQuery(Schema):
    """Where in a list whose places are numbers."""

    cursor = PlaceField(load_default=None)
    limit = fields.Integer(
        load_default=20, validate=validate.Range(1, MAX_PAGE), metadata={"description": "rows of a page"}
    )


def page_schema(item: type[Schema], next: type[fields.String] = fields.String) -> type[Schema]:
    """The answer of a list of ``item``; ``next`` is :class:`PlaceField` where its places are numbers."""
    return Schema.from_dict(
        {
            "items": fields.List(fields.Nested(item), required=True),
            "total": fields.Integer(required=True, metadata={"description": "rows of the whole list (G-31)"}),
            "next": next(required=True, allow_none=True),
        },
        name=f"{item.__name__}Page",
    )


@dataclass(frozen=True)
class Page:
    """Some rows of a list; ``total`` counts the whole list (G-31), ``next`` is None on the last page, and a number
    where the schema's :class:`PlaceField` makes it opaque."""

    items: Sequence[Mapping[str, Any]]
    total: int
    next: str | int | None


def page_of(
    connection: Connection,
    listed: Callable[[Subquery], Select[Any]],
    *,
    keys: tuple[Column[Any], Column[Any]],
    where: Sequence[ColumnElement[bool]],
    after: Cursor | None,
    limit: int,
) -> Page:
    """A page of the rows under ``where`` of the table of ``keys`` (time, id), newest first.

    ``listed`` joins what else is shown to the rows of the page only: the planner then never has to guess whether
    to join first and cut later.
    """
    at, id = keys
    table = at.table
    total = connection.execute(select(func.count()).select_from(table).where(*where)).scalar_one()
    cut = select(table).where(*where).order_by(at.desc(), id.desc()).limit(limit + 1)
    if after is not None:
        cut = cut.where(tuple_(at, id) < tuple_(after.at, after.id))
    page = cut.subquery("page")
    query = listed(page).order_by(page.c[at.name].desc(), page.c[id.name].desc())
    rows = [dict(row) for row in connection.execute(query).mappings()]
    more = len(rows) > limit
    rows = rows[:limit]
    last = str(Cursor(rows[-1][at.name], rows[-1][id.name])) if more else None
    return Page(items=rows, total=total, next=last)
