"""Chinese holidays with their make-up days, from the ``holidays`` library (H-03, H-04)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, Final

import holidays as library

from template_svc.domain.calendar import Holiday

FIRST_YEAR: Final = 2018
ONE: Final = timedelta(days=1)
SUBSTITUTED: Final = re.compile(r"\d{4}-\d\d-\d\d")
"""In the name of a day off that a make-up day was exchanged for: 休息日（由 2019-09-29 调休）."""


def is_published(year: int) -> bool:
    """Whether the library knows the year's make-up days, published late in the year before."""
    return any(day.year == year for day in library.country_holidays("CN", years=year).weekend_workdays)


def of_year(year: int) -> list[Holiday]:
    """The holidays of ``year``: days off in a row, weekends between them included, are one holiday; one that crosses
    New Year is of the year it ends in, as in the State Council's papers."""
    known: Any = library.country_holidays("CN", years=[year - 1, year, year + 1], language="zh_CN")
    worked = set(known.weekend_workdays)
    found = []
    for run in _runs(known, worked, year):
        names = [known[day] for day in run if day in known]
        plain = [name for name in names if not SUBSTITUTED.search(name)]
        exchanged = [SUBSTITUTED.search(known[day]) for day in run if day in known]
        found.append(
            Holiday(
                name="、".join(_without_repeats(plain)) or "休息日",
                first=run[0],
                last=run[-1],
                make_up_days=tuple(sorted(date.fromisoformat(match.group()) for match in exchanged if match)),
            )
        )
    return found


def _runs(known: Any, worked: set[date], year: int) -> Iterator[Sequence[date]]:
    """Runs of days off that end in ``year`` and hold a holiday."""
    day, run = date(year - 1, 12, 1), []
    while day <= date(year + 1, 1, 31):
        if day in known or (day.isoweekday() > 5 and day not in worked):
            run.append(day)
        else:
            if run and run[-1].year == year and any(d in known for d in run):
                yield run
            run = []
        day += ONE


def _without_repeats(names: Sequence[str]) -> list[str]:
    """劳动节, 劳动节（补假） → 劳动节; 农历除夕 belongs to 春节."""
    short = [name.partition("（")[0].replace("农历除夕", "春节") for name in names]
    return list(dict.fromkeys(part for name in short for part in re.split("[;；] ?", name)))
