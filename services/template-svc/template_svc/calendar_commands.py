"""Commands on the calendar and the platform's clock, their rows, and the preset years."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from delivery_shared.clock import Clock
from delivery_shared.commands import Command, Outcome, execute
from delivery_shared.eventstore import EventStore, RowChange, UnitOfWork, stored_as
from psycopg.types.json import Jsonb

from template_svc import holiday_presets
from template_svc.calendar import (
    OFFSET,
    ClockFixed,
    ClockOutOfRange,
    Holiday,
    HolidayYear,
    PlatformClock,
    checked,
)

for aggregate in (HolidayYear, PlatformClock):
    stored_as("template")(aggregate)


class CalendarCommands(EventStore):
    """The part of the application that keeps the calendar and the clock."""

    clock: Clock
    movable_clock = False
    """Whether the clock may be moved: demo and tests only (architecture 5)."""

    def set_holidays(
        self,
        *,
        command: Command,
        year: int,
        holidays: Sequence[Holiday],
        provisional: bool,
        at_version: Callable[[int], None] = lambda version: None,
    ) -> Outcome:
        """Replace the holidays of ``year`` (H-08). ``at_version`` gets 0 for a year without any.

        :raises HolidaysInvalid:
        """
        stored = checked(year, holidays)

        def decide(unit: UnitOfWork) -> tuple[int, dict[str, Any]]:
            known = unit.get(HolidayYear, HolidayYear.create_id(year))
            at_version(known.version if known else 0)
            if known:
                known.change(holidays=stored, provisional=provisional, now=self.clock.now())
            else:
                known = HolidayYear(year=year, holidays=stored, provisional=provisional, timestamp=self.clock.now())
                unit.add(known)
            unit.rows.append(year_row(known))
            return 200, entry(known.year, known.provisional, known.holidays, known.version)

        return execute(self, command, decide)

    def holiday_years(
        self, *, year: int | None = None, before: int | None = None, limit: int
    ) -> tuple[list[dict[str, Any]], int]:
        """Calendars of ``year`` or of all years before ``before``, newest first, and how many there are (H-03)."""
        with self.connection() as connection:
            rows = connection.execute(
                "SELECT *, count(*) OVER () AS total FROM holiday_year"
                " WHERE %(year)s::int IS NULL OR year = %(year)s ORDER BY year DESC",
                {"year": year},
            ).fetchall()
        shown = [row for row in rows if before is None or row["year"] < before][:limit]
        return [entry(r["year"], r["provisional"], r["holidays"], r["version"]) for r in shown], len(rows)

    def move_clock(self, *, command: Command, offset_seconds: int) -> Outcome:
        """Set how far the clock is ahead.

        :raises ClockFixed: this installation's clock cannot be moved.
        :raises ClockOutOfRange: below 0, or above ten years.
        """
        if not self.movable_clock:
            raise ClockFixed
        if not 0 <= offset_seconds <= OFFSET:
            raise ClockOutOfRange

        def decide(unit: UnitOfWork) -> tuple[int, dict[str, Any]]:
            known = unit.get(PlatformClock, PlatformClock.ID)
            if known:
                known.move(offset_seconds=offset_seconds, now=self.clock.now())
            else:
                unit.add(PlatformClock(offset_seconds=offset_seconds, timestamp=self.clock.now()))
            return 200, {"offset_seconds": offset_seconds, "movable": True}

        return execute(self, command, decide)

    def clock_offset(self) -> timedelta:
        """How far the clock is ahead; 0 where it cannot be moved."""
        found = self.find(PlatformClock, PlatformClock.ID).get(PlatformClock.ID) if self.movable_clock else None
        return timedelta(seconds=found.offset_seconds if found else 0)

    def seed_calendar(self, *, now: datetime | None = None) -> int:
        """Add the years that are missing, from the first one the platform knows to the next one; years the operator
        has kept since stay. A provisional year is replaced once its make-up days are known and nobody has touched it.
        Returns how many years were added or replaced."""
        last = (now or datetime.now(UTC)).year + 1
        years = range(holiday_presets.FIRST_YEAR, last + 1)

        def decide(unit: UnitOfWork) -> tuple[int, dict[str, Any]]:
            unit.preload(HolidayYear.create_id(year) for year in years)
            changed = 0
            for year in years:
                known = unit.get(HolidayYear, HolidayYear.create_id(year))
                if known is not None and (known.version > 1 or not known.provisional):
                    continue
                stored = checked(year, holiday_presets.of_year(year))
                provisional = not holiday_presets.is_published(year)
                if known is None:
                    known = HolidayYear(year=year, holidays=stored, provisional=provisional, timestamp=self.clock.now())
                    unit.add(known)
                else:
                    known.change(holidays=stored, provisional=provisional, now=self.clock.now())
                if known.pending_events:
                    unit.rows.append(year_row(known))
                    changed += 1
            return 200, {"changed": changed}

        return int(execute(self, Command(route="seed calendar"), decide).body["changed"])


def year_row(year: HolidayYear) -> RowChange:
    """The row behind the list, with absolute values."""
    return RowChange(
        key=f"holiday_year:{year.year}",
        sql="INSERT INTO holiday_year (year, holidays, provisional, version)"
        " VALUES (%(year)s, %(holidays)s, %(provisional)s, %(version)s) ON CONFLICT (year) DO UPDATE"
        " SET holidays = excluded.holidays, provisional = excluded.provisional, version = excluded.version",
        params={
            "year": year.year,
            "holidays": Jsonb(year.holidays),
            "provisional": year.provisional,
            "version": year.version,
        },
    )


def entry(year: int, provisional: bool, holidays: Sequence[dict[str, Any]], version: int) -> dict[str, Any]:
    """A year as answered: its holidays with 假期时间, 放假天数 and 调休情况."""
    return {
        "year": year,
        "provisional": provisional,
        "version": version,
        "holidays": [{**holiday, "days": holiday_of(holiday).days} for holiday in holidays],
    }


def holiday_of(stored: dict[str, Any]) -> Holiday:
    """A holiday as events keep it."""
    return Holiday(
        name=stored["name"],
        first=date.fromisoformat(stored["first"]),
        last=date.fromisoformat(stored["last"]),
        make_up_days=tuple(date.fromisoformat(day) for day in stored["make_up_days"]),
    )
