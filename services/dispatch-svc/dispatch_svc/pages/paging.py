"""Pages of lists that are sorted in memory: the members of a pool, who are at most some thousands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

Place = tuple[str, ...]
"""Where a row stands in a list: what it is sorted by, the id last."""


class PageOf(NamedTuple):
    """A page of a list; ``total`` counts all of it, ``last`` is the place of the last row if more follow."""

    items: list[dict[str, Any]]
    total: int
    last: Any


def page_of(
    listed: list[dict[str, Any]], place: Callable[[dict[str, Any]], Place], cursor: Place | None, limit: int
) -> PageOf:
    """The rows behind ``cursor`` in the order of ``place``."""
    rest = sorted((row for row in listed if cursor is None or place(row) > cursor), key=place)
    items = rest[:limit]
    return PageOf(items=items, total=len(listed), last=place(items[-1]) if len(rest) > limit else None)
