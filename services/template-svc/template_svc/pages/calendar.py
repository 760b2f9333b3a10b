"""节假日 and the clock as read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from operator import itemgetter
from typing import Any

from delivery_shared.eventstore import EventStore
from delivery_shared.http.paging import Page

from template_svc.domain.calendar import Holiday, PlatformClock
from template_svc.domain.facts import StoredHoliday


class CalendarPages:
    """The calendar in ``store``, and its clock."""

    def __init__(self, store: EventStore) -> None:
        self._store = store

    def years(self, *, year: int | None = None, cursor: int | None = None, limit: int = 20) -> Page:
        """Calendars of ``year`` or of all years before ``cursor``, newest first (H-03)."""
        with self._store.connection() as connection:
            rows = connection.execute(
                "SELECT * FROM holiday_year WHERE %(year)s::int IS NULL OR year = %(year)s ORDER BY year DESC",
                {"year": year},
            ).fetchall()
        left = [row for row in rows if cursor is None or row["year"] < cursor]
        page = Page.cut(left, total=len(rows), limit=limit, place=itemgetter("year"))
        return page.showing(lambda r: entry(r["year"], r["provisional"], r["holidays"], r["version"]))

    def clock_offset(self) -> timedelta:
        """How far the platform's clock is ahead."""
        found = self._store.find(PlatformClock, PlatformClock.ID).get(PlatformClock.ID)
        return timedelta(seconds=found.offset_seconds if found else 0)


def entry(year: int, provisional: bool, holidays: Sequence[StoredHoliday], version: int) -> dict[str, Any]:
    """A year as answered: its holidays with 假期时间, 放假天数 and 调休情况."""
    return {
        "year": year,
        "provisional": provisional,
        "version": version,
        "holidays": [{**holiday, "days": Holiday.of(holiday).days} for holiday in holidays],
    }
