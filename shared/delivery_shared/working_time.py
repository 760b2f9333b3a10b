"""Working time (工作日): the arithmetic behind every timeout and project cycle (H-01 … H-10, B-06). Pure.

A working day is 24 hours of clock time, 0:00 to 24:00 in Shanghai, on a day that is worked; 0.1 day is 2.4 hours
(H-06). Weekends are not worked unless they are make-up days (H-04, H-05), holidays are not. The same for providers
and customers (H-07).

The one piece of domain logic that services share: timers, overdue marks, cycle times and figures all count by it.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final, Literal, Protocol

SHANGHAI: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
"""No daylight saving time since 1991, so a fixed offset says all."""

DAY: Final = timedelta(days=1)
TENTH: Final = timedelta(minutes=144)
"""A tenth of a working day, the unit of timeouts (T-83)."""


class HolidayLike(Protocol):
    """A holiday as the contract ``template.calendar_changed`` carries it."""

    @property
    def first(self) -> date: ...
    @property
    def last(self) -> date: ...
    @property
    def make_up_days(self) -> Sequence[date]: ...


class Calendar:
    """Which days are worked. Immutable; asking costs the same however far apart two times are."""

    def __init__(self, *, days_off: Iterable[date] = (), make_up_days: Iterable[date] = ()) -> None:
        """A day that is both is worked: a make-up day (调休) is said of one day, a holiday of a range."""
        make_up = {day.toordinal() for day in make_up_days}
        off = {day.toordinal() for day in days_off} - make_up
        self._more = sorted(day for day in make_up if not _weekday(day))
        self._less = sorted(day for day in off if _weekday(day))

    @staticmethod
    def of(holidays: Iterable[HolidayLike]) -> Calendar:
        """The calendar of these holidays, of all years."""
        days_off: list[date] = []
        make_up_days: list[date] = []
        for holiday in holidays:
            days = (holiday.last - holiday.first).days + 1
            days_off += [holiday.first + timedelta(days=n) for n in range(days)]
            make_up_days += holiday.make_up_days
        return Calendar(days_off=days_off, make_up_days=make_up_days)

    @property
    def digest(self) -> str:
        """The same for calendars with the same days only."""
        return hashlib.sha256(repr((self._more, self._less)).encode()).hexdigest()

    def is_working(self, day: date) -> bool:
        """Whether the day, of Shanghai, is worked."""
        ordinal = day.toordinal()
        return self._days_before(ordinal + 1) > self._days_before(ordinal)

    def stands(self, at: datetime) -> Literal["day_off"] | None:
        """``day_off`` when no working time passes at ``at``. :raises ValueError: a time without time zone."""
        return None if self.is_working(_in_shanghai(at).date()) else "day_off"

    def due(self, start: datetime, tenths: int) -> datetime:
        """The first moment at which ``tenths`` tenths of a working day have passed since ``start`` (H-10), in UTC;
        ``start`` itself for 0. Starting on a day off counts from the next working day's 0:00.

        :raises ValueError: a negative amount, or ``start`` without time zone.
        """
        return self.after(start, tenths * TENTH)

    def after(self, start: datetime, worked: timedelta) -> datetime:
        """The same for any amount of working time."""
        if worked < timedelta(0):
            raise ValueError("a timeout is not negative")
        begin = _in_shanghai(start)
        if not worked:
            return start.astimezone(UTC)
        return self._when(self._passed(begin) + worked, begin.toordinal())

    def counting(self, end: datetime, passed: timedelta) -> datetime:
        """The first moment since which ``passed`` of working time has passed until ``end``, in UTC; ``end`` itself for
        0: the way back of :meth:`due`.

        :raises ValueError: a negative amount, or ``end`` without time zone.
        """
        if passed < timedelta(0):
            raise ValueError("no time passes backwards")
        until = _in_shanghai(end)
        if not passed:
            return end.astimezone(UTC)
        return self._when(self._passed(until) - passed, until.toordinal() - _reach(passed // DAY + 2))

    def _when(self, total: timedelta, low: int) -> datetime:
        """The first moment, not before the day of ordinal ``low``, at which so much working time has passed in all."""
        days, rest = divmod(total, DAY)
        # At the end of a day: its midnight, even if the next day is off. Else on the day the rest falls on.
        wanted = days if not rest else days + 1
        span = range(low, low + _reach(wanted - self._days_before(low)))
        ordinal = low + bisect_left(span, wanted, key=self._days_before)
        midnight = datetime.fromordinal(ordinal if not rest else ordinal - 1).replace(tzinfo=SHANGHAI)
        return (midnight + rest).astimezone(UTC)

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Working time from ``start`` to ``end``; negative when ``end`` lies before.

        :raises ValueError: a time without time zone.
        """
        return self._passed(_in_shanghai(end)) - self._passed(_in_shanghai(start))

    def tenths(self, start: datetime, end: datetime) -> int:
        """Full tenths of a working day from ``start`` to ``end``: 23 are 2.3 working days (R-27)."""
        return self.between(start, end) // TENTH

    def differing_days(self, other: Calendar) -> set[date]:
        """The days that are worked by one of both calendars only."""
        more = set(self._more) ^ set(other._more)
        less = set(self._less) ^ set(other._less)
        return {date.fromordinal(ordinal) for ordinal in more | less}

    def _passed(self, at: datetime) -> timedelta:
        """Working time since the beginning of time."""
        ordinal = at.toordinal()
        time_of_day = timedelta(hours=at.hour, minutes=at.minute, seconds=at.second, microseconds=at.microsecond)
        return self._days_before(ordinal) * DAY + (time_of_day if self.is_working(at.date()) else timedelta(0))

    def _days_before(self, ordinal: int) -> int:
        """Working days before the day of that ordinal."""
        weeks, rest = divmod(ordinal - 1, 7)
        return weeks * 5 + min(rest, 5) + bisect_left(self._more, ordinal) - bisect_left(self._less, ordinal)


WEEKENDS_ONLY: Final = Calendar()
"""Before any holiday is known."""


def days_text(tenths: int) -> str:
    """``tenths`` as days with one decimal: ``0.5``."""
    return f"{tenths / 10:.1f}"


def _weekday(ordinal: int) -> bool:
    """Monday to Friday; day 1 of the calendar was a Monday."""
    return (ordinal - 1) % 7 < 5


def _reach(days: int) -> int:
    """Calendar days among which that many working days lie for certain: no year has fewer than a hundred."""
    return days * 4 + 800


def _in_shanghai(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a time needs its zone")
    return at.astimezone(SHANGHAI)
