"""Pages of what only grows: rows of the log, files, comments, notes. A cursor names the last row seen by its place,
counted from the oldest, so rows that come meanwhile neither repeat nor hide others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

PAGE: Final = 500
"""Rows of a page unless asked for fewer, and at most."""


def page_of(
    rows: Sequence[Any], *, cursor: int | None, limit: int, newest_first: bool = False
) -> tuple[list[Any], dict[str, Any]]:
    """The rows of the page after ``cursor``, and ``total`` and ``next`` of the list.

    :param rows: in the order shown.
    """
    total = len(rows)
    start = 0 if cursor is None else (total - cursor + 1 if newest_first else cursor)
    start = max(start, 0)
    found = list(rows[start : start + limit])
    end = start + len(found)
    place = total - end + 1 if newest_first else end
    return found, {"total": total, "next": place if found and end < total else None}
