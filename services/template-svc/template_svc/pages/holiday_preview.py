"""What a file of holidays would change, before anybody saves it (H-08)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from delivery_shared.working_time import Calendar

from template_svc.domain.calendar import Holiday
from template_svc.domain.timekeeping import YEARS, checked
from template_svc.holiday_files import holidays_of
from template_svc.pages.calendar import CalendarPages, entry

Years = Mapping[int, Sequence[Holiday]]


def preview(pages: CalendarPages, content: str) -> tuple[list[dict[str, Any]], list[str]]:
    """Each year of a file as it would be saved – with the version to save it at, whether it lacks make-up days, and the
    days that would change –, and what of the file was left out.

    :raises FileUnreadable: :raises HolidaysInvalid: the holidays contradict each other.
    """
    proposed, ignored = holidays_of(content)
    known = pages.years(limit=len(YEARS)).items
    versions = {year["year"]: year["version"] for year in known}
    before: Years = {year["year"]: [Holiday.of(holiday) for holiday in year["holidays"]] for year in known}
    years = []
    for year, holidays in sorted(proposed.items()):
        stored = checked(year, holidays)
        provisional = not any(holiday.make_up_days for holiday in holidays)
        after = {**before, year: holidays}
        years.append(
            {**entry(year, provisional, stored, versions.get(year, 0)), "changes": changes(year, before, after)}
        )
        before = after
    return years, ignored


def changes(year: int, before: Years, after: Years) -> list[dict[str, Any]]:
    """The days around ``year`` that are worked in one of two calendars only, and by which holiday."""
    first, last = date(year, 1, 1) - timedelta(days=31), date(year, 12, 31) + timedelta(days=31)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    old, new = (Calendar.of(holiday for year in years.values() for holiday in year) for years in (before, after))
    return [
        {"date": day.isoformat(), "working": new.is_working(day), "name": _naming(day, after) or _naming(day, before)}
        for day in days
        if old.is_working(day) != new.is_working(day)
    ]


def _naming(day: date, years: Years) -> str:
    """The holiday that speaks of ``day``."""
    spoken = (h.name for year in years.values() for h in year if h.first <= day <= h.last or day in h.make_up_days)
    return next(spoken, "")
