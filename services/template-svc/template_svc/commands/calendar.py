"""Commands on the calendar of working days and the platform's clock."""

from __future__ import annotations

from collections.abc import Sequence

from delivery_shared.eventstore import UnitOfWork

from template_svc.carrying_out import Answer, Check, Means, Operation, any_version
from template_svc.domain import timekeeping
from template_svc.domain.calendar import Holiday, HolidayYear, PlatformClock
from template_svc.domain.errors import ClockFixed
from template_svc.pages.calendar import entry
from template_svc.rows import row_of


def set_holidays(
    *, year: int, holidays: Sequence[Holiday], provisional: bool, at_version: Check = any_version
) -> Operation:
    """Replace the holidays of ``year`` (H-08). ``at_version`` gets 0 for a year without any.

    :raises HolidaysInvalid:
    """
    stored = timekeeping.checked(year, holidays)

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        known = unit.get(HolidayYear, HolidayYear.create_id(year))
        at_version(known.version if known else 0)
        if known:
            timekeeping.change_year(known, holidays=stored, provisional=provisional, at=means.now())
        else:
            known = timekeeping.define_year(year=year, holidays=stored, provisional=provisional, at=means.now())
            unit.add(known)
        unit.rows.append(row_of(known))
        return 200, entry(known.year, known.provisional, known.holidays, known.version)

    return Operation(decide=decide)


def move_clock(*, offset_seconds: int) -> Operation:
    """Set how far the clock is ahead.

    :raises ClockFixed: this installation's clock cannot be moved.
    :raises ClockOutOfRange: below 0, or above ten years.
    """

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        if not means.movable_clock:
            raise ClockFixed
        known = unit.get(PlatformClock, PlatformClock.ID)
        if known:
            timekeeping.move_clock(known, offset_seconds=offset_seconds, at=means.now())
        else:
            unit.add(timekeeping.begin_clock(offset_seconds=offset_seconds, at=means.now()))
        return 200, {"offset_seconds": offset_seconds, "movable": True}

    return Operation(decide=decide)
