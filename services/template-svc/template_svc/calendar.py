"""The working-day calendar (节假日) and the platform's clock: what all timeouts count by. Kept by the platform operator
(H-08); vendor admins read the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from template_svc.reference import reference_id

YEARS: Final = range(2000, 2101)
"""Years that can have a calendar."""

DAYS_OFF: Final = 120
"""Days off of a year at most: more is a slip of the keyboard."""

MAKE_UP_REACH: Final = timedelta(days=60)
"""A make-up day lies at most this far from its holiday; it may fall into the neighbouring year."""

OFFSET: Final = 10 * 366 * 86400
"""Seconds the clock can be moved at most."""


class HolidaysInvalid(Exception):
    """Holidays that contradict each other or their year; ``fields`` say where and why."""

    def __init__(self, fields: Sequence[dict[str, str]]) -> None:
        super().__init__("holidays invalid")
        self.fields = list(fields)


class ClockFixed(Exception):
    """This installation's clock cannot be moved (production)."""


class ClockOutOfRange(Exception):
    """The clock is moved back before the present, or by more than ten years."""


@dataclass(frozen=True, kw_only=True)
class Holiday:
    """A holiday: all days from ``first`` to ``last`` are off (假期时间), ``make_up_days`` (调休) are worked. One over
    New Year is one holiday, of one of its two years."""

    name: str
    first: date
    last: date
    make_up_days: tuple[date, ...] = ()

    @property
    def days(self) -> int:
        """放假天数."""
        return (self.last - self.first).days + 1

    def stored(self) -> dict[str, Any]:
        """As events keep it."""
        return {
            "name": self.name,
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "make_up_days": [day.isoformat() for day in self.make_up_days],
        }


class HolidayYear(Aggregate):
    """The holidays of one year, all of them. ``provisional``: make-up days are not published yet."""

    @event("Defined")
    def __init__(self, *, year: int, holidays: list[dict[str, Any]], provisional: bool, timestamp: datetime) -> None:
        self.year = year
        self.holidays = holidays
        self.provisional = provisional

    @staticmethod
    def create_id(year: int) -> UUID:
        return reference_id("holidays", str(year))

    def change(self, *, holidays: list[dict[str, Any]], provisional: bool, now: datetime) -> None:
        """Replace the year's holidays; the same again records nothing."""
        if (holidays, provisional) != (self.holidays, self.provisional):
            self._change(year=self.year, holidays=holidays, provisional=provisional, timestamp=now)

    @event("Changed")
    def _change(self, *, year: int, holidays: list[dict[str, Any]], provisional: bool, timestamp: datetime) -> None:
        self.holidays = holidays
        self.provisional = provisional


class PlatformClock(Aggregate):
    """How far the time of timers and dashboards is ahead of the database's; there is one."""

    ID: Final = reference_id("clock", "platform")

    @event("Moved")
    def __init__(self, *, offset_seconds: int, timestamp: datetime) -> None:
        self.offset_seconds = offset_seconds

    @staticmethod
    def create_id() -> UUID:
        return PlatformClock.ID

    def move(self, *, offset_seconds: int, now: datetime) -> None:
        """Set the offset; the same again records nothing."""
        if offset_seconds != self.offset_seconds:
            self._move(offset_seconds=offset_seconds, timestamp=now)

    @event("MovedAgain")
    def _move(self, *, offset_seconds: int, timestamp: datetime) -> None:
        self.offset_seconds = offset_seconds


def checked(year: int, holidays: Sequence[Holiday]) -> list[dict[str, Any]]:
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
