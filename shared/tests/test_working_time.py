"""Working time against a slow, obvious reference that walks minute by minute, and the examples of the requirements."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from delivery_shared.contracts.template import Holiday
from delivery_shared.working_time import DAY, SHANGHAI, TENTH, WEEKENDS_ONLY, Calendar, days_text
from hypothesis import example, given, settings
from hypothesis import strategies as st

MINUTE = timedelta(minutes=1)


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


class Reference:
    """The rule as it reads: every minute of a worked day counts."""

    def __init__(self, days_off: Iterable[date], make_up_days: Iterable[date]) -> None:
        self.days_off, self.make_up_days = set(days_off), set(make_up_days)

    def works(self, at: datetime) -> bool:
        day = (at + timedelta(hours=8)).date()
        if day in self.make_up_days:
            return True
        return day not in self.days_off and day.isoweekday() <= 5

    def due(self, start: datetime, tenths: int) -> datetime:
        left, at = tenths * 144, start
        while left:
            if self.works(at):
                left -= 1
            at += MINUTE
        return at

    def between(self, start: datetime, end: datetime) -> timedelta:
        at, minutes = start, 0
        while at < end:
            minutes += self.works(at)
            at += MINUTE
        return minutes * MINUTE


FIRST = datetime(2019, 9, 20, tzinfo=UTC)
days = st.integers(0, 25).map(lambda n: FIRST.date() + timedelta(days=n))
moments = st.integers(0, 20 * 24 * 60).map(lambda n: FIRST + n * MINUTE)
exact = st.integers(0, 45 * 86_400 * 10**6).map(lambda n: FIRST + timedelta(days=-20, microseconds=n))
calendars = st.tuples(st.sets(days, max_size=12), st.sets(days, max_size=6))


def both(calendar: Any) -> tuple[Calendar, Reference]:
    off, make_up = calendar
    return Calendar(days_off=off, make_up_days=make_up), Reference(off, make_up)


@pytest.mark.requirement("H-01", "H-02", "H-04", "H-05", "H-06", "H-10", "T-85")
@settings(max_examples=60, deadline=None)
@given(calendars, moments, st.integers(0, 50))
@example((set(), set()), datetime(2019, 9, 26, 16, tzinfo=UTC), 10)  # Friday 0:00 → Saturday 0:00, not Monday
@example((set(), set()), datetime(2019, 9, 27, 16, tzinfo=UTC), 1)  # from Saturday 0:00
def test_due_times_equal_the_reference(calendar: Any, start: datetime, tenths: int) -> None:
    fast, slow = both(calendar)
    assert fast.due(start, tenths) == slow.due(start, tenths)


@pytest.mark.requirement("H-01", "H-02", "H-04", "H-05", "H-06")
@settings(max_examples=60, deadline=None)
@given(calendars, moments, moments)
def test_working_time_between_two_moments_equals_the_reference(calendar: Any, one: datetime, other: datetime) -> None:
    fast, slow = both(calendar)
    start, end = sorted((one, other))
    assert fast.between(start, end) == slow.between(start, end)
    assert fast.between(end, start) == -fast.between(start, end)


@settings(max_examples=200, deadline=None)
@given(calendars, exact, st.integers(1, 99))
def test_a_due_time_is_the_first_moment_at_which_the_time_has_passed(
    calendar: Any, start: datetime, tenths: int
) -> None:
    fast, _ = both(calendar)
    due = fast.due(start, tenths)
    assert fast.between(start, due) == tenths * TENTH
    assert fast.between(start, due - timedelta(microseconds=1)) < tenths * TENTH


@settings(max_examples=100, deadline=None)
@given(calendars, moments, st.integers(0, 30), st.integers(0, 30))
def test_amounts_add_up(calendar: Any, start: datetime, one: int, other: int) -> None:
    fast, _ = both(calendar)
    assert fast.due(fast.due(start, one), other) == fast.due(start, one + other)


@pytest.mark.requirement("H-10")
def test_one_day_from_friday_afternoon_is_monday_afternoon_or_tuesday_after_a_holiday() -> None:
    friday = shanghai("2019-10-18 15:00")
    assert WEEKENDS_ONLY.due(friday, 10) == shanghai("2019-10-21 15:00")
    assert Calendar(days_off=[date(2019, 10, 21)]).due(friday, 10) == shanghai("2019-10-22 15:00")


@pytest.mark.requirement("H-06", "T-39", "T-83", "X-314")
def test_a_tenth_of_a_day_is_two_hours_and_twenty_four_minutes() -> None:
    assert 10 * TENTH == DAY
    assert WEEKENDS_ONLY.due(shanghai("2019-10-18 09:00"), 1) == shanghai("2019-10-18 11:24")
    assert WEEKENDS_ONLY.due(shanghai("2019-10-18 23:00"), 1) == shanghai("2019-10-21 01:24")
    assert WEEKENDS_ONLY.due(shanghai("2019-10-18 21:36"), 1) == shanghai("2019-10-19 00:00")


@pytest.mark.requirement("H-02", "H-04")
def test_national_day_2019_with_its_make_up_days() -> None:
    """1st to 7th off; Sunday 29 September and Saturday 12 October worked."""
    holiday = Holiday(
        name="国庆节",
        first=date(2019, 10, 1),
        last=date(2019, 10, 7),
        make_up_days=[date(2019, 9, 29), date(2019, 10, 12)],
    )
    calendar = Calendar.of([holiday])
    september = [d for d in range(23, 31) if calendar.is_working(date(2019, 9, d))]
    october = [d for d in range(1, 15) if calendar.is_working(date(2019, 10, d))]
    assert september == [23, 24, 25, 26, 27, 29, 30]
    assert october == [8, 9, 10, 11, 12, 14]
    assert calendar.due(shanghai("2019-09-30 15:00"), 10) == shanghai("2019-10-08 15:00")
    assert calendar.due(shanghai("2019-09-27 15:00"), 10) == shanghai("2019-09-29 15:00")
    assert calendar.between(shanghai("2019-09-28 00:00"), shanghai("2019-10-13 00:00")) == 7 * DAY


def test_a_day_starts_at_midnight_in_shanghai_also_where_the_clock_was_once_changed() -> None:
    """No daylight saving time: also in the summers of 1986 to 1991 a day has 24 hours."""
    for year in (1988, 2019, 2026):
        monday = next(date(year, 7, d) for d in range(1, 8) if date(year, 7, d).isoweekday() == 1)
        start = datetime(monday.year, monday.month, monday.day, tzinfo=UTC) - timedelta(hours=8)
        assert WEEKENDS_ONLY.due(start, 20) == start + 2 * DAY


@pytest.mark.requirement("T-84")
def test_edges() -> None:
    start = shanghai("2019-10-19 12:00")
    assert WEEKENDS_ONLY.due(start, 0) == start
    assert WEEKENDS_ONLY.due(start, 99_999) > start
    with pytest.raises(ValueError, match="negative"):
        WEEKENDS_ONLY.due(start, -1)
    with pytest.raises(ValueError, match="zone"):
        WEEKENDS_ONLY.due(datetime(2019, 10, 19), 1)  # noqa: DTZ001
    with pytest.raises(ValueError, match="zone"):
        WEEKENDS_ONLY.between(start, datetime(2019, 10, 19))  # noqa: DTZ001


@pytest.mark.requirement("R-27")
def test_overdue_days_are_full_tenths() -> None:
    due = shanghai("2019-10-18 12:00")
    assert WEEKENDS_ONLY.tenths(due, due + timedelta(hours=2, minutes=23)) == 0
    assert WEEKENDS_ONLY.tenths(due, due + timedelta(hours=2, minutes=24)) == 1
    assert WEEKENDS_ONLY.tenths(due, shanghai("2019-10-21 12:00")) == 10
    assert (days_text(0), days_text(1), days_text(23)) == ("0.0", "0.1", "2.3")
