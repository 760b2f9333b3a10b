"""The working-day calendar, as copied from template-svc."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

import msgspec
from delivery_shared.contracts.template import CalendarChanged, Holiday
from delivery_shared.copying import fields_of, upsert
from delivery_shared.eventstore import RowChange
from delivery_shared.working_time import WEEKENDS_ONLY, Calendar
from psycopg import Connection
from psycopg.rows import DictRow

from project_svc.read_model import Connect

FRESH = 1.0
"""Seconds the calendar in memory is used without asking; timers set by an old one are found and set again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedCalendar:
    """A calendar and its ``generation``, which every change raises; 0 before any holiday is known."""

    generation: int
    calendar: Calendar


UNKNOWN = DatedCalendar(generation=0, calendar=WEEKENDS_ONLY)


class CalendarCopy:
    """The calendar as this service knows it, kept in memory. Safe for threads."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._lock = threading.Lock()
        self._current = UNKNOWN
        self._read_at: float | None = None

    def current(self, *, fresh: bool = False) -> DatedCalendar:
        """The calendar, at most :data:`FRESH` seconds old, or as it is now."""
        with self._lock:
            recent = self._read_at is not None and time.monotonic() - self._read_at < FRESH
            if fresh or not recent:
                self._current = self._read()
                self._read_at = time.monotonic()
            return self._current

    def _read(self) -> DatedCalendar:
        with self._connect() as connection:
            return self.read(connection, known=self._current)

    @staticmethod
    def read(connection: Connection[DictRow], known: DatedCalendar = UNKNOWN) -> DatedCalendar:
        """The calendar as ``connection`` sees it: ``known`` itself if that is the one."""
        rows = connection.execute("SELECT revision, holidays FROM holiday_year").fetchall()
        generation = sum(row["revision"] for row in rows)
        if generation == known.generation:
            return known
        holidays = [holiday for row in rows for holiday in msgspec.convert(row["holidays"], list[Holiday])]
        return DatedCalendar(generation=generation, calendar=Calendar.of(holidays))


def year_copied(c: CalendarChanged) -> RowChange:
    """A year's holidays, unless a later revision is known."""
    return upsert("holiday_year", key="year", values=fields_of(c, ("year", "revision", "holidays")), newer="revision")
