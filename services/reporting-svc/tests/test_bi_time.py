"""Working time in SQL equals the reference, whatever the calendar and the moments."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from delivery_shared.contracts import template
from delivery_shared.working_time import Calendar
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reporting_svc import as_of
from reporting_svc.history import day_of, midnight
from sqlalchemy import Connection, Engine, text

from .conftest import NOON, Feeds

pytestmark = pytest.mark.integration

days = st.dates(date(2018, 12, 1), date(2021, 2, 1))
moments = st.integers(0, 800 * 86400 * 10**6).map(
    lambda passed: datetime(2018, 12, 1, tzinfo=UTC) + timedelta(microseconds=passed)
)
RELAXED = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def ask(connection: Connection, sql: str, **values: Any) -> Any:
    return connection.execute(text(sql), values).one()


@RELAXED
@given(off=st.lists(days, max_size=30), make_up=st.lists(days, max_size=15), first=moments, last=moments)
@pytest.mark.requirement("H-05", "H-06", "B-06")
def test_working_seconds_equal_the_reference(
    engine: Engine, off: list[date], make_up: list[date], first: datetime, last: datetime
) -> None:
    working = Calendar(days_off=off, make_up_days=make_up)
    made_up, left_out = set(make_up), set(off) - set(make_up)
    worked = sorted(day for day in made_up if day.isoweekday() > 5)
    not_worked = sorted(day for day in left_out if day.isoweekday() < 6)
    with engine.connect() as connection:
        (seconds,) = ask(
            connection,
            "SELECT bi_v1.working_seconds(:first, :last, CAST(:worked AS date[]), CAST(:off AS date[]))",
            first=first, last=last, worked=worked, off=not_worked,
        )  # fmt: skip
    assert seconds * 1_000_000 == working.between(first, last) // timedelta(microseconds=1)


@RELAXED
@given(
    off=st.lists(days, max_size=30), make_up=st.lists(days, max_size=15), begin=moments,
    tenths=st.integers(1, 120), shift=st.sampled_from([-1, 0, 1, None]), other=moments,
)  # fmt: skip
@pytest.mark.requirement("H-10")
def test_what_was_due_before_a_moment_equals_the_reference(
    engine: Engine,
    off: list[date],
    make_up: list[date],
    begin: datetime,
    tenths: int,
    shift: int | None,
    other: datetime,
) -> None:
    """Around the due time itself, to the microsecond, and anywhere; also at the end of a day before days off."""
    working = Calendar(days_off=off, make_up_days=make_up)
    due = working.due(begin, tenths)
    for at in (other, midnight(day_of(other)), due + timedelta(microseconds=shift or 0), midnight(day_of(due))):
        worked = sorted(day for day in set(make_up) if day.isoweekday() > 5)
        not_worked = sorted(day for day in set(off) - set(make_up) if day.isoweekday() < 6)
        with engine.connect() as connection:
            (before,) = ask(
                connection,
                "SELECT bi_v1.due_before(:begin, :tenths, :at, CAST(:worked AS date[]), CAST(:off AS date[]))",
                begin=begin, tenths=tenths, at=at, worked=worked, off=not_worked,
            )  # fmt: skip
        assert before == (due < at)


@pytest.mark.requirement("H-08", "H-09")
def test_the_calendar_of_a_moment_is_the_one_known_then(engine: Engine, feeds: Feeds) -> None:
    def changed(
        year: int, revision: int, changed_at: datetime, *holidays: template.Holiday
    ) -> template.CalendarChanged:
        return template.CalendarChanged(
            year=year, revision=revision, provisional=False, holidays=list(holidays), changed_at=changed_at
        )

    def holiday(first: date, last: date, *make_up: date) -> template.Holiday:
        return template.Holiday(name="国庆节", first=first, last=last, make_up_days=list(make_up))

    national = holiday(date(2019, 10, 1), date(2019, 10, 7), date(2019, 9, 29), date(2019, 10, 12))
    feeds(
        changed(2019, 1, NOON, national),
        changed(2019, 2, NOON + timedelta(days=2)),
        changed(2020, 1, NOON + timedelta(days=1), holiday(date(2020, 1, 1), date(2020, 1, 1))),
        changed(2020, 2, NOON + timedelta(days=9), holiday(date(2020, 1, 1), date(2020, 1, 2), date(2020, 1, 2))),
    )
    for after in (-1, 0, 1, 1.5, 2, 3, 8, 10):
        at = NOON + timedelta(days=after)
        with engine.connect() as connection:
            expected = as_of.calendar_at(connection, at)
            worked, off = ask(connection, "SELECT worked, off FROM bi_v1.calendar_at(:at)", at=at)
        assert Calendar(days_off=off, make_up_days=worked)._more == expected._more
        assert Calendar(days_off=off, make_up_days=worked)._less == expected._less
    with engine.connect() as connection:
        (worked, off) = ask(connection, "SELECT worked, off FROM bi_v1.calendar_at('infinity')")
        assert (worked, off) == ([], [date(2020, 1, 1)])
        row = ask(connection, "SELECT is_working_day, holiday FROM bi_v1.dim_date WHERE day = '2020-01-01'")
        assert tuple(row) == (False, "国庆节")
