"""The part of the figures that nothing changes any more, as daily rows: so a figure costs what a day costs and what is
under way, however long the history is.

A project that has ended stays as it ended. Sums over ended projects are therefore kept from one day to the next, up to
:data:`SETTLED` days before the day asked for; only what ended since is read. A message about a day before that voids
them, like a figure: they are read again from the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from reporting_svc.history import day_of, midnight

SETTLED: Final = 2
"""Days before the last one that are read anew each time, since late messages are mostly about these."""

Sums = dict[str, list[int]]
"""By a key that begins with a day: numbers that are added up."""

Read = Callable[[datetime | None, datetime], Sums]
"""Sums of what ended from the first moment (None: ever) until before the second."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Sums of what had ended before 0:00 of ``until``; ``version`` names what else they follow from."""

    until: date
    version: str
    sums: Sums


@dataclass(kw_only=True)
class Past:
    """What is kept for one scope. ``renewed`` gathers what is to be kept instead."""

    kept: Callable[[str, date], Kept | None]
    """By name, up to a day at most; None if nothing holds."""
    renewed: dict[str, Kept] = field(default_factory=dict)

    def sums(self, name: str, at: datetime, read: Read, *, first: date, version: str = "") -> Sums:
        """Sums of what ended before ``at``, for keys from the day ``first`` on."""
        settled = day_of(at) - timedelta(days=SETTLED)
        known = self.kept(name, settled)
        if known is None or known.version != version:
            sums = _from(first, read(None, midnight(settled)))
            self.renewed[name] = Kept(until=settled, version=version, sums=sums)
        elif known.until < settled:
            sums = _from(first, _added(known.sums, read(midnight(known.until), midnight(settled))))
            self.renewed[name] = Kept(until=settled, version=version, sums=sums)
        else:
            sums = known.sums
        return _added(sums, read(midnight(settled), at))


def summed(rows: Sequence[tuple[str, Sequence[int]]]) -> Sums:
    """Rows of a key and numbers, added up by key."""
    sums: Sums = {}
    for key, numbers in rows:
        sums[key] = [a + b for a, b in zip(sums[key], numbers, strict=True)] if key in sums else list(numbers)
    return sums


def _added(some: Mapping[str, Sequence[int]], more: Mapping[str, Sequence[int]]) -> Sums:
    return summed([*some.items(), *more.items()])


def _from(first: date, sums: Sums) -> Sums:
    return {key: numbers for key, numbers in sums.items() if key[:10] >= first.isoformat()}


def plain(kept: Kept) -> dict[str, Any]:
    """As it is stored."""
    return {"version": kept.version, "sums": kept.sums}
