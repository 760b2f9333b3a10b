"""When things happen in the past of the demo data: by the calendar of the system."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta

import pytest
from delivery_center.past.rhythm import OFFICE, Rhythm
from delivery_shared.working_time import DAY, SHANGHAI, Calendar

NATIONAL_DAY = [date(2026, 10, 1) + timedelta(days=n) for n in range(7)]
CALENDAR = Calendar(days_off=NATIONAL_DAY, make_up_days=[date(2026, 10, 10)])
SINCE, UNTIL = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 11, 27, 4, tzinfo=UTC)


@pytest.fixture
def rhythm() -> Rhythm:
    return Rhythm(CALENDAR, random.Random(1))


def test_people_work_on_working_days_in_office_hours(rhythm: Rhythm) -> None:
    for n in range(4000):
        since = SINCE + timedelta(hours=n)
        done = rhythm.staff(since, DAY * rhythm.draw.uniform(0, 3)).astimezone(SHANGHAI)
        assert done >= since
        assert CALENDAR.is_working(done.date()), done
        assert OFFICE[0] <= done.time() <= OFFICE[1] or done.time() < time(13), done


def test_buyers_are_awake_and_some_of_them_use_the_weekend(rhythm: Rhythm) -> None:
    times = [rhythm.buyer(SINCE + timedelta(hours=n), DAY * rhythm.draw.uniform(0, 3)) for n in range(4000)]
    assert all(at >= SINCE + timedelta(hours=n) for n, at in enumerate(times))
    local = [at.astimezone(SHANGHAI) for at in times]
    assert {at.hour for at in local} <= set(range(8, 23))
    off = sum(not CALENDAR.is_working(at.date()) for at in local)
    assert 0 < off < len(local) / 10


def test_orders_come_in_the_span_most_of_them_on_working_days_and_more_and_more(rhythm: Rhythm) -> None:
    orders = rhythm.orders(2000, since=SINCE, until=UNTIL)
    assert orders == sorted(orders)
    assert SINCE <= orders[0] <= orders[-1] <= UNTIL
    days = [at.astimezone(SHANGHAI).date() for at in orders]
    working = Counter(map(CALENDAR.is_working, days))
    assert working[True] > 6 * working[False] > 0
    months = Counter((day.year, day.month) for day in days)
    assert months[2026, 11] > months[2026, 6] > 0
    assert len(set(days)) > 120, "on every working day"
