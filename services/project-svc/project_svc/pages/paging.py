"""Lists of what only grows: rows of the log, files, comments, notes. The place of a row is its number, counted from the
oldest, so rows that come meanwhile neither repeat nor hide others."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from delivery_shared.http.paging import Page

from project_svc.access import View
from project_svc.domain.facts import ProjectFact
from project_svc.domain.project import Project
from project_svc.read_model import Names

PAGE: Final = 500
"""Rows of a page unless asked for fewer, and at most."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One reading of a project's stream for a caller: what rows about it are made of."""

    project: Project
    history: Sequence[ProjectFact]
    view: View
    names: Names
    removable: Container[UUID] = frozenset()
    """Files the caller can take away again."""


def page_of(rows: Sequence[dict[str, Any]], *, cursor: int | None, limit: int, newest_first: bool = False) -> Page:
    """The page of ``rows``, which are in the order shown, after the place ``cursor``."""
    total = len(rows)
    start = 0 if cursor is None else (total - cursor + 1 if newest_first else cursor)
    start = max(start, 0)
    found = rows[start : start + limit]
    end = start + len(found)
    place = total - end + 1 if newest_first else end
    return Page(items=found, total=total, next=place if found and end < total else None)
