"""Lists in pages. A page begins behind the place where the one before ended – by what the list is sorted by –, so rows
that arrive meanwhile neither repeat nor hide others."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from marshmallow import Schema, ValidationError, fields, validate
from sqlalchemy import Column, ColumnElement, Connection, Select, Subquery, func, select, tuple_

from delivery_shared.http.bodies import storable
from delivery_shared.http.fields import usable

MAX_PAGE = 200
"""Rows of the largest page."""


Place = Any
"""Where a row stands in a list: the values the list is sorted by, the last of them the row's alone; a tuple where they
are several. Outside it is an opaque text."""

TIME_AND_ID: Final = (datetime, UUID)
"""By what most lists are sorted."""

LARGEST: Final = 2**63 - 1

NO_CURSOR: Final = "翻页标记无效 / not a cursor"


def cursor_of(place: Place) -> str:
    """``place`` as a text for the client to hand back."""
    values = list(place) if isinstance(place, tuple) else [place]
    body = json.dumps([v if isinstance(v, int | str) else READERS[type(v)][0](v) for v in values], ensure_ascii=False)
    return base64.urlsafe_b64encode(body.encode()).decode().rstrip("=")


def place_of(cursor: str, kinds: Sequence[type]) -> Place:
    """What :func:`cursor_of` made a text of. Whoever forged one gets a list from another place, nothing worse: each
    value is of its kind, and one that the database takes. :raises ValueError: no such text."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if not isinstance(values, list):
            raise ValueError("not a list")
        place = tuple(READERS[kind][1](value) for kind, value in zip(kinds, values, strict=True))
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(NO_CURSOR) from error
    return place if len(place) > 1 else place[0]


def _number(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= LARGEST:
        raise ValueError("no place")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or not storable(value):
        raise ValueError("no text")
    return value


READERS: Final[Mapping[type, tuple[Callable[[Any], Any], Callable[[Any], Any]]]] = {
    int: (int, _number),
    str: (str, _text),
    datetime: (datetime.isoformat, lambda value: usable(datetime.fromisoformat(value))),
    UUID: (str, UUID),
}
"""Kind of value → how it is written and how it is read."""


class CursorField(fields.String):
    """The place where a page ended: as ``next`` of an answer it tells how to go on, as ``cursor`` of a query where."""

    def __init__(self, *kinds: type, **more: Any) -> None:
        super().__init__(**more)
        self.kinds = kinds

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else cursor_of(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            return place_of(str(value), self.kinds)
        except ValueError as error:
            raise ValidationError(str(error)) from error


class LimitField(fields.Integer):
    """How many rows of a list are wanted at once."""

    def __init__(self, usual: int = 20, *, most: int = MAX_PAGE) -> None:
        rows = validate.Range(1, most)
        super().__init__(load_default=usual, validate=rows, metadata={"description": "rows of a page"})


class PageQuery(Schema):
    """Where in a list; lists sorted by something else have a ``cursor`` of other kinds."""

    cursor = CursorField(*TIME_AND_ID, load_default=None)
    limit = LimitField()


def page_schema(item: type[Schema], **more: fields.Field[Any]) -> type[Schema]:
    """The answer of a list of ``item``; ``more`` is told of the list as a whole."""
    return Schema.from_dict(
        {
            "items": fields.List(fields.Nested(item), required=True),
            "total": fields.Integer(required=True, metadata={"description": "rows of the whole list (G-31)"}),
            "next": CursorField(required=True, allow_none=True),
            **more,
        },
        name=f"{item.__name__}Page",
    )


@dataclass(frozen=True, kw_only=True)
class Page:
    """Some rows of a list; ``total`` counts the whole list (G-31), ``next`` is the place of the last row if more
    follow."""

    items: Sequence[Mapping[str, Any]]
    total: int
    next: Place | None

    @classmethod
    def cut(cls, rows: Sequence[dict[str, Any]], *, total: int, limit: int, place: Callable[[Any], Place]) -> Page:
        """Of rows of which one more than ``limit`` was asked for, to see whether there is one."""
        items = rows[:limit]
        return cls(items=items, total=total, next=place(items[-1]) if len(rows) > limit else None)

    def showing(self, shown: Callable[[Any], Mapping[str, Any]]) -> Page:
        """The page with every row as ``shown`` shows it."""
        return replace(self, items=[shown(row) for row in self.items])


def page_of(
    connection: Connection,
    listed: Callable[[Subquery], Select[Any]],
    *,
    keys: tuple[Column[Any], Column[Any]],
    where: Sequence[ColumnElement[bool]],
    after: Place | None,
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
        cut = cut.where(tuple_(at, id) < tuple_(*after))
    page = cut.subquery("page")
    query = listed(page).order_by(page.c[at.name].desc(), page.c[id.name].desc())
    rows = [dict(row) for row in connection.execute(query).mappings()]
    return Page.cut(rows, total=total, limit=limit, place=lambda row: (row[at.name], row[id.name]))
