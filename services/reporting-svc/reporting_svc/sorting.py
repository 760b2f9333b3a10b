"""Project lists in the order asked for, cut by (value, id): new rows neither repeat nor hide others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final
from uuid import UUID

from delivery_shared.http.paging import NO_CURSOR, Page, Place, place_of
from delivery_shared.projection import unhurried
from delivery_shared.rows import Row
from sqlalchemy import ColumnElement, Connection, Select, Subquery, func, select, tuple_

from reporting_svc.read_model import Condition, projects_shown
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


def place_in(sort: str, cursor: str) -> Place:
    """The place ``cursor`` names in a list sorted so: order, value, id. :raises ValueError: it names none, or one in a
    list of another order."""
    kind = COLUMNS[sort.lstrip("-")].type.python_type
    place = place_of(cursor, (str, kind, UUID))
    if place[0] != sort:
        raise ValueError(NO_CURSOR)
    return place


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
    row, place = tuple_(*keys), tuple_(*after[1:])
    return query.where(row < place if descending else row > place)


def all_rows(connection: Connection, where: Sequence[Condition], *, sort: str) -> Iterator[Row]:
    """All projects under ``where``, sorted, through a server-side cursor. Whoever reads them may take a rest."""
    unhurried(connection)
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
    by = COLUMNS[sort.lstrip("-")].key
    return Page.cut(rows, total=total, limit=limit, place=lambda row: (sort, row[by], row["project_id"]))
