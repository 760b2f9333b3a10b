"""Decisions on the calendar of working days and on the platform's clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from template_svc.domain import facts
from template_svc.domain.calendar import Holiday, HolidayYear, PlatformClock
from template_svc.domain.errors import ClockOutOfRange, HolidaysInvalid
from template_svc.domain.facts import StoredHoliday

YEARS: Final = range(2000, 2101)
"""Years that can have a calendar."""

DAYS_OFF: Final = 120
"""Days off of a year at most: more is a slip of the keyboard."""

MAKE_UP_REACH: Final = timedelta(days=60)
"""A make-up day lies at most this far from its holiday; it may fall into the neighbouring year."""

OFFSET: Final = 10 * 366 * 86400
"""Seconds the clock can be moved at most."""


def define_year(*, year: int, holidays: list[StoredHoliday], provisional: bool, at: datetime) -> HolidayYear:
    """The first calendar of a year (H-08)."""
    defined = facts.HolidaysDefined(year=year, holidays=holidays, provisional=provisional)
    return HolidayYear.begun(defined, id=HolidayYear.create_id(year), at=at)


def change_year(year: HolidayYear, *, holidays: list[StoredHoliday], provisional: bool, at: datetime) -> None:
    """Replace the year's holidays (H-08); the same again records nothing."""
    if (holidays, provisional) != (year.holidays, year.provisional):
        year.tell(facts.HolidaysChanged(year=year.year, holidays=holidays, provisional=provisional), at=at)


def begin_clock(*, offset_seconds: int, at: datetime) -> PlatformClock:
    """The clock is moved for the first time. :raises ClockOutOfRange: below 0, or above ten years."""
    _within_reach(offset_seconds)
    return PlatformClock.begun(facts.ClockMoved(offset_seconds=offset_seconds), id=PlatformClock.ID, at=at)


def move_clock(clock: PlatformClock, *, offset_seconds: int, at: datetime) -> None:
    """Set the offset; the same again records nothing. :raises ClockOutOfRange: below 0, or above ten years."""
    _within_reach(offset_seconds)
    if offset_seconds != clock.offset_seconds:
        clock.tell(facts.ClockMovedAgain(offset_seconds=offset_seconds), at=at)


def _within_reach(offset_seconds: int) -> None:
    if not 0 <= offset_seconds <= OFFSET:
        raise ClockOutOfRange


def checked(year: int, holidays: Sequence[Holiday]) -> list[StoredHoliday]:
    """The holidays of ``year`` in order, as stored.

    :raises HolidaysInvalid: naming every contradiction.
    """
    wrong = [
        {"field": f"holidays.{place}.{field}", "message": f"{zh} / {en}"}
        for place, holiday in enumerate(holidays)
        for field, zh, en in _contradictions(year, holiday, holidays[:place])
    ]
    if sum(max(holiday.days, 0) for holiday in holidays) > DAYS_OFF:
        text = f"全年放假不能超过{DAYS_OFF}天 / A year has at most {DAYS_OFF} days off"
        wrong.append({"field": "holidays", "message": text})
    if wrong:
        raise HolidaysInvalid(wrong)
    return [holiday.stored() for holiday in sorted(holidays, key=lambda holiday: holiday.first)]


def _contradictions(year: int, holiday: Holiday, earlier: Sequence[Holiday]) -> list[tuple[str, str, str]]:
    """What is wrong with one holiday: field, Chinese and English text."""
    found = []
    if year not in (holiday.first.year, holiday.last.year):
        found.append(("first", f"假期须有一天在{year}年内", f"No day of the holiday is in {year}"))
    if holiday.last < holiday.first:
        found.append(("last", "结束日期不能早于开始日期", "It ends before it begins"))
    if any(holiday.first <= other.last and other.first <= holiday.last for other in earlier):
        found.append(("first", "与其他假期重叠", "It overlaps another holiday"))
    taken = [day for other in earlier for day in other.make_up_days]
    for place, day in enumerate(holiday.make_up_days):
        field = f"make_up_days.{place}"
        if day.isoweekday() < 6:
            found.append((field, "调休日须为周六或周日", "A make-up day is a Saturday or Sunday"))
        if day in taken:
            found.append((field, "调休日重复", "The make-up day is named twice"))
        if any(h.first <= day <= h.last for h in (holiday, *earlier)):
            found.append((field, "调休日不能在假期内", "A make-up day is not a day off"))
        if not holiday.first - MAKE_UP_REACH <= day <= holiday.last + MAKE_UP_REACH:
            found.append((field, "调休日距假期过远", "The make-up day is too far from its holiday"))
        taken.append(day)
    if any(holiday.first <= day <= holiday.last for other in earlier for day in other.make_up_days):
        found.append(("first", "包含其他假期的调休日", "It covers a make-up day of another holiday"))
    return found
