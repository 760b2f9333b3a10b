"""节假日 and the platform's clock: what all timeouts count by. Kept by the platform operator (H-08); vendor admins read
the calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Self, assert_never
from uuid import UUID

from delivery_shared.facts import Aggregate, stored_as

from template_svc.domain import facts
from template_svc.domain.facts import StoredHoliday
from template_svc.domain.reference import reference_id


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

    def stored(self) -> StoredHoliday:
        """As facts keep it."""
        return {
            "name": self.name,
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "make_up_days": [day.isoformat() for day in self.make_up_days],
        }

    @classmethod
    def of(cls, stored: StoredHoliday) -> Self:
        """The holiday facts keep as ``stored``."""
        return cls(
            name=stored["name"],
            first=date.fromisoformat(stored["first"]),
            last=date.fromisoformat(stored["last"]),
            make_up_days=tuple(date.fromisoformat(day) for day in stored["make_up_days"]),
        )


@stored_as("template", facts.HolidayYearFact)
class HolidayYear(Aggregate[facts.HolidayYearFact]):
    """The holidays of one year, all of them. ``provisional``: make-up days are not published yet."""

    year: int
    holidays: list[StoredHoliday]
    provisional: bool

    @staticmethod
    def create_id(year: int) -> UUID:
        return reference_id("holidays", str(year))

    def change(self, fact: facts.HolidayYearFact, at: datetime) -> None:
        match fact:
            case facts.HolidaysDefined() | facts.HolidaysChanged():
                self.year = fact.year
                self.holidays = fact.holidays
                self.provisional = fact.provisional
            case _:
                assert_never(fact)


@stored_as("template", facts.ClockFact)
class PlatformClock(Aggregate[facts.ClockFact]):
    """How far the time of timers and dashboards is ahead of the database's; there is one."""

    ID: ClassVar[UUID] = reference_id("clock", "platform")

    offset_seconds: int

    def change(self, fact: facts.ClockFact, at: datetime) -> None:
        match fact:
            case facts.ClockMoved() | facts.ClockMovedAgain():
                self.offset_seconds = fact.offset_seconds
            case _:
                assert_never(fact)
