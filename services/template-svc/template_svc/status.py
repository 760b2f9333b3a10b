"""What only template-svc can tell of how it is doing: for how long the calendar of working days is settled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from delivery_shared.eventstore import EventStore
from delivery_shared.working_time import SHANGHAI
from prometheus_client import Gauge

GAUGES = {
    "calendar_days": Gauge("delivery_template_calendar_days", "Days ahead whose holidays are published"),
}


@dataclass(frozen=True, kw_only=True)
class CalendarStatus:
    """``calendar_days``: from today to the end of the last year whose holidays and make-up days are published, without
    a provisional year in between; 0 when the present year is provisional."""

    calendar_days: int


def calendar_status(store: EventStore, *, now: datetime | None = None) -> CalendarStatus:
    """The coverage at ``now``; due times beyond it may still move when the holidays are published (H-04)."""
    with store.connection() as connection:
        rows = connection.execute("SELECT year FROM holiday_year WHERE NOT provisional").fetchall()
    settled = {row["year"] for row in rows}
    today = (now or datetime.now(UTC)).astimezone(SHANGHAI).date()
    year = today.year
    while year in settled:
        year += 1
    return CalendarStatus(calendar_days=max((date(year, 1, 1) - today).days, 0) if year > today.year else 0)
