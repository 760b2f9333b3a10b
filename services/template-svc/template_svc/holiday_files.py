"""A year's holidays out of a file: iCalendar, or JSON in which NateScarlet/holiday-cn publishes the official papers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

import icalendar

from template_svc.domain.calendar import Holiday
from template_svc.domain.timekeeping import MAKE_UP_REACH, YEARS

MOST: Final = 2000
"""Days or events of a file at most."""

ONE: Final = timedelta(days=1)
NAME: Final = 50

_DECORATION: Final = re.compile(r"上班|补班|调休|放假|假期|[（(]?[补休班][)）]?|[()（）]|第\d+天.*")
"""What calendars put around the name of a holiday: 上班(补春节假期), 春节（休）, 国庆节 第3天/共7天."""


class FileUnreadable(Exception):
    """The file holds no holidays that can be read; ``zh`` and ``en`` say why."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


@dataclass
class Days:
    """Days named in a file: ``off`` and ``worked`` with their names; ``year`` where it says whose they are; ``ignored``
    is what could not be used."""

    off: dict[date, str] = field(default_factory=dict)
    worked: dict[date, str] = field(default_factory=dict)
    year: int | None = None
    ignored: list[str] = field(default_factory=list)

    def add(self, day: date, name: str, *, is_off: bool) -> None:
        """:raises FileUnreadable: a day that no calendar can have."""
        if not YEARS[0] - 1 <= day.year <= YEARS[-1] + 1:
            raise _unsettable(day)
        (self.off if is_off else self.worked)[day] = name


def holidays_of(content: str) -> tuple[dict[int, list[Holiday]], list[str]]:
    """The holidays in a file by the year they end in – by the file's own where it names one –, and what was left out.

    :raises FileUnreadable:
    """
    text = content.lstrip("\ufeff").strip()
    days = _from_ical(text) if text.upper().startswith("BEGIN:VCALENDAR") else _from_json(text)
    if not days.off:
        raise FileUnreadable("文件中没有假期", "There are no holidays in the file")
    found: dict[int, list[Holiday]] = {}
    runs = [*_runs(days.off, days.worked)]
    made_up = _made_up(days, runs)
    for (name, first, last), make_up_days in zip(runs, made_up, strict=True):
        year = days.year or last.year
        if year not in YEARS:
            raise _unsettable(first)
        found.setdefault(year, []).append(Holiday(name=name, first=first, last=last, make_up_days=make_up_days))
    return found, days.ignored


def _unsettable(day: date) -> FileUnreadable:
    return FileUnreadable(f"{day}不在可设置的年份内", f"{day} is in no year that can be set")


def _from_json(text: str) -> Days:
    try:
        read = json.loads(text)
        days = Days(year=read.get("year"))
        if isinstance(days.year, bool) or not isinstance(days.year, int | None) or len(read["days"]) > MOST:
            raise ValueError(days.year)
        for entry in read["days"]:
            if not isinstance(entry["isOffDay"], bool):
                raise TypeError(entry)
            days.add(date.fromisoformat(entry["date"]), _name(str(entry["name"])), is_off=entry["isOffDay"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        form = '{"year", "days": [{"name", "date", "isOffDay"}]}'
        raise FileUnreadable(
            f"既不是iCalendar，也不是{form}形式的JSON", f"Neither iCalendar nor JSON of the form {form}"
        ) from None
    return days


def _from_ical(text: str) -> Days:
    days = Days()
    try:
        events = icalendar.Calendar.from_ical(text).walk("VEVENT")
        if len(events) > MOST:
            raise ValueError(len(events))
        for event in events:
            _add_event(days, event)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError) as error:
        reason = str(error)[:100]
        raise FileUnreadable(f"iCalendar文件有误：{reason}", f"The iCalendar file is faulty: {reason}") from None
    return days


def _add_event(days: Days, event: Any) -> None:
    """The days of one event: of whole days, its end not among them (RFC 5545)."""
    summary = str(event.get("SUMMARY", "")).strip()
    first: Any = event.decoded("DTSTART")
    if isinstance(first, datetime) or "RRULE" in event:
        days.ignored.append(f"{first:%Y-%m-%d} {summary}".strip())
        return
    last = event.decoded("DTEND") - ONE if "DTEND" in event else first
    if not 0 <= (last - first).days < 366:
        raise ValueError(f"{first} {summary}")
    for number in range((last - first).days + 1):
        days.add(first + number * ONE, _name(summary), is_off="班" not in summary)


def _name(text: str) -> str:
    """The bare name of a holiday."""
    return (_DECORATION.sub("", text).strip() or text.strip() or "假期")[:NAME]


def _runs(off: Mapping[date, str], worked: Mapping[date, str]) -> Iterator[tuple[str, date, date]]:
    """Name, first and last day of each holiday: days off of one name in a row, with the weekends they touch."""
    for block in _blocks(off, worked):
        names = [off.get(day, "") for day in block]
        current = next(filter(None, names))
        first = block[0]
        for before, day, name in zip(block, block[1:], names[1:], strict=False):
            if name and name != current:
                yield current, first, before
                current, first = name, day
        yield current, first, block[-1]


def _blocks(off: Mapping[date, str], worked: Mapping[date, str]) -> Iterator[list[date]]:
    """Days without work in a row that hold a day off."""
    free = {day for day in off if day not in worked}
    reached = {day + n * ONE for day in free for n in (-2, -1, 1, 2)}
    free |= {day for day in reached if day.isoweekday() > 5 and day not in worked}
    block: list[date] = []
    for day in sorted(free):
        if block and day - block[-1] > ONE:
            if any(known in off for known in block):
                yield block
            block = []
        block.append(day)
    if any(known in off for known in block):
        yield block


def _made_up(days: Days, runs: Sequence[tuple[str, date, date]]) -> list[tuple[date, ...]]:
    """The make-up days of each run: those of its name, else those nearest to it. A worked weekday is none."""
    found: list[list[date]] = [[] for _ in runs]
    for day, name in sorted(days.worked.items()):
        away = [max(first - day, day - last) for _, first, last in runs]
        named = [place for place, run in enumerate(runs) if run[0] == name]
        nearest = min(named or range(len(runs)), key=away.__getitem__)
        if day.isoweekday() > 5 and away[nearest] <= MAKE_UP_REACH:
            found[nearest].append(day)
        else:
            days.ignored.append(f"{day} {name}")
    return [tuple(found_days) for found_days in found]
