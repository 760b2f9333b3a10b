"""Project lists in the order asked for, cut by (value, id): new rows neither repeat nor hide others."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from delivery_shared.http.fields import usable
from delivery_shared.http.paging import Page
from sqlalchemy import ColumnElement, Connection, Select, Subquery, func, select, tuple_

from reporting_svc.read_model import Condition, Row, projects_shown
from reporting_svc.tables import project

COLUMNS: Final = {
    "created_at": project.c.created_at,
    "order_number": project.c.order_number,
    "product_name": project.c.name_key,
}
"""By what a project list can be sorted; every one has a value in every row. Names by :mod:`delivery_shared.pinyin`."""

NEWEST_FIRST: Final = "-created_at"
"""The order of the manual (R-18)."""

SORTS: Final = tuple(f"{sign}{name}" for name in COLUMNS for sign in ("", "-"))
"""The allow-list; ``-`` is descending."""

BLOCK: Final = 1000
"""Rows fetched at a time where all are wanted."""


@dataclass(frozen=True)
class Place:
    """The last row of the page before, and by what the list is sorted."""

    sort: str
    value: Any
    id: UUID

    def __str__(self) -> str:
        value = self.value.isoformat() if isinstance(self.value, datetime) else self.value
        body = json.dumps([self.sort, value, str(self.id)], ensure_ascii=False)
        return base64.urlsafe_b64encode(body.encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str, *, sort: str) -> Place:
        """:raises ValueError: not a cursor of ours, or one of another order."""
        try:
            padded = text.encode("ascii") + b"=" * (-len(text) % 4)
            of, value, id = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
            place = cls(of, _value(sort, value), UUID(id))
        except (binascii.Error, UnicodeError, ValueError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError("no such cursor") from error
        if place.sort != sort:
            raise ValueError("a cursor of another order")
        return place


def _value(sort: str, text: Any) -> Any:
    if not isinstance(text, str) or "\x00" in text:
        raise ValueError("no text")
    text.encode()
    if not sort.endswith("created_at"):
        return text
    return usable(datetime.fromisoformat(text))


def ordered(sort: str) -> tuple[list[ColumnElement[Any]], bool]:
    """The columns to sort by, and whether descending."""
    return [COLUMNS[sort.lstrip("-")], project.c.project_id], sort.startswith("-")


def cut(where: Sequence[Condition], *, sort: str, after: Place | None = None, limit: int | None = None) -> Select[Any]:
    """The rows of ``project`` under ``where``, sorted, from after a place on."""
    keys, descending = ordered(sort)
    query = select(project).where(*where).order_by(*(key.desc() if descending else key.asc() for key in keys))
    if limit is not None:
        query = query.limit(limit)
    if after is None:
        return query
    row, place = tuple_(*keys), tuple_(after.value, after.id)
    return query.where(row < place if descending else row > place)


def all_rows(connection: Connection, where: Sequence[Condition], *, sort: str) -> Iterator[Row]:
    """All projects under ``where``, sorted, through a server-side cursor."""
    page = cut(where, sort=sort).subquery("page")
    shown = _shown(page, sort)
    stream = connection.execution_options(yield_per=BLOCK)
    return (dict(row) for row in stream.execute(shown).mappings())


def _shown(page: Subquery, sort: str) -> Select[Any]:
    """What the lists show of the rows of ``page``, sorted again: a join keeps no order."""
    keys, descending = ordered(sort)
    order = [page.c[key.key or ""] for key in keys]
    return projects_shown(page).order_by(*(key.desc() if descending else key.asc() for key in order))


def sorted_page(
    connection: Connection, where: Sequence[Condition], *, sort: str, after: Place | None, limit: int
) -> Page:
    """A page of the projects under ``where``; what else is shown is joined to its rows only."""
    total = connection.execute(select(func.count()).select_from(project).where(*where)).scalar_one()
    page = cut(where, sort=sort, after=after, limit=limit + 1).subquery("page")
    rows = [dict(row) for row in connection.execute(_shown(page, sort)).mappings()]
    more, rows = len(rows) > limit, rows[:limit]
    by = COLUMNS[sort.lstrip("-")].key
    last = Place(sort, rows[-1][by], rows[-1]["project_id"]) if more else None
    return Page(items=rows, total=total, next=str(last) if last else None)
