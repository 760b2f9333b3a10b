"""数据看板: the figures, as of 0:00 of today in Shanghai, today not included (B-01 … B-21).

Each function reads the rows that stood at that moment, so a late start or a rebuild gives the same: those under way,
and of the ended ones what no daily row has (:mod:`reporting_svc.past`). Each figure names the filter of
``project-list`` that lists the projects behind it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final, Literal
from urllib.parse import urlencode
from uuid import UUID

from delivery_shared.working_time import Calendar
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Date,
    Label,
    Select,
    and_,
    cast,
    func,
    literal_column,
    select,
)

from reporting_svc import as_of
from reporting_svc.history import day_of, midnight
from reporting_svc.past import Past, Sums, summed
from reporting_svc.read_model import Condition
from reporting_svc.tables import product, project

Entrance = Literal["vendor", "provider"]

FINISHED_WITHIN: Final = timedelta(days=365)
"""Projects of the average cycle finished in the last 365 days (B-05)."""

DAYS: Final = 7
MONTHS: Final = 6
"""Points of 新增项目数 (B-08, B-09)."""

GREEN_BELOW: Final = 40
BLUE_UP_TO: Final = 80
"""Percent: green below 40, blue from 40 to 80 with both limits, red above (B-17 … B-19)."""

TENTH: Final = Decimal("0.1")


@dataclass(frozen=True)
class Scope:
    """Whose projects are counted: the vendor's or, at the entrance of the provider, the provider's (B-21)."""

    entrance: Entrance
    party_id: UUID
    at: datetime
    live: bool = False
    """``at`` is now, not a 0:00: the lists behind the figure are those of whenever they are asked for."""

    @property
    def last_day(self) -> date:
        """The last day anything of is counted: yesterday at 0:00, else today."""
        return day_of(self.at - timedelta(microseconds=1))

    @property
    def then(self) -> Any:
        """The projects under way, as they stood."""
        return as_of.under_way(self.at)

    def counted(self, then: Any) -> Condition:
        """The condition on ``then``, or on the projects."""
        own = then.c.vendor_id == self.party_id if self.entrance == "vendor" else as_of.of_provider(then, self.party_id)
        return and_(own, as_of.counted(then))

    def filter(self, **query: Any) -> str:
        """A query string for ``GET /api/v1/project-list``."""
        more = {"provider_then": self.party_id} if self.entrance == "provider" else {}
        values = {
            "entrance": self.entrance,
            "tab": "all",
            "as_of": as_of.NOW if self.live else self.at,
            "unpaid": "false",
            **more,
            **query,
        }
        said = {k: v for k, v in values.items() if v is not None}
        return urlencode({k: v.isoformat() if isinstance(v, datetime) else str(v) for k, v in said.items()})


def of_today(now: datetime) -> datetime:
    """0:00 of the day of Shanghai that ``now`` lies in (B-03)."""
    return midnight(day_of(now))


Figure = Callable[[Connection, Scope, Past], Any]


# 平均项目完成周期


def average_cycle(connection: Connection, scope: Scope, past: Past) -> dict[str, Any]:
    """The average whole cycle, in working days to one decimal, of the projects finished in the last 365 days (B-05,
    B-06); None without any (B-07)."""
    begin = scope.at - FINISHED_WITHIN
    first, working = day_of(begin), as_of.calendar_at(connection, scope.at)

    def read(since: datetime | None, until: datetime) -> Sums:
        return _finished(connection, scope, since or midnight(first), until, working)

    sums = past.sums("finished", scope.at, read, first=first, version=working.digest)
    if begin > midnight(first):  # of that day only the rest counts
        sums = {**_after(first, sums), **read(begin, midnight(first + A_DAY))}
    count, passed = (sum(numbers[n] for numbers in sums.values()) for n in range(2))
    days = None
    if count:
        average = Decimal(passed) / (count * Decimal(DAY_SECONDS * SECOND))
        days = str(average.quantize(TENTH, ROUND_HALF_UP))
    return {
        "days": days,
        "finished": count,
        "filter": scope.filter(completed_from=begin, completed_to=scope.at, state_then="delivered"),
    }


def _finished(connection: Connection, scope: Scope, since: datetime, until: datetime, working: Calendar) -> Sums:
    """By the day of completion: how many projects, and the working microseconds all their cycles took.

    The database sums by day, in whole microseconds: exact, whatever the order, and three times as quick as with
    intervals and decimals.
    """
    p = project.c
    (started, in_start), (ended, in_end) = _split(p.created_at), _split(p.ended_at)
    query = (
        select(started, ended, func.count(), func.sum(in_start), func.sum(in_end))
        .where(p.state == "completed", p.ended_at >= since, p.ended_at < until, scope.counted(project))
        .group_by(started, ended)
    )
    rows = []
    for start, end, count, of_start, of_end in connection.execute(query):
        passed = _passed(end, count, int(of_end), working) - _passed(start, count, int(of_start), working)
        rows.append((_date(end).isoformat(), (count, passed)))
    return summed(rows)


def _split(at: Column[datetime]) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """The day of Shanghai, counted from 1970, and the microseconds since its 0:00."""
    local = cast(func.date_part(literal_column("'epoch'"), at) * SECOND, BigInteger) + SHANGHAI_AHEAD * SECOND
    return local // (DAY_SECONDS * SECOND), local % (DAY_SECONDS * SECOND)


def _date(number: int) -> date:
    return date(1970, 1, 1) + timedelta(days=number)


def _passed(number: int, count: int, in_day: int, working: Calendar) -> int:
    """The working microseconds from a fixed beginning until moments of one day, summed over them."""
    day = _date(number)
    before = working.between(EPOCH, midnight(day)) // timedelta(microseconds=1)
    return count * before + (in_day if working.is_working(day) else 0)


def _after(day: date, sums: Sums) -> Sums:
    return {key: numbers for key, numbers in sums.items() if key[:10] > day.isoformat()}


A_DAY: Final = timedelta(days=1)
EPOCH: Final = midnight(date(2000, 1, 1))

SECOND: Final = 1_000_000
"""Microseconds."""
DAY_SECONDS: Final = 86_400
SHANGHAI_AHEAD: Final = 8 * 3600

_SHANGHAI: Final[ColumnElement[Any]] = literal_column("interval '8 hours'")
_UTC: Final[ColumnElement[Any]] = literal_column("'UTC'")


def _local(at: Any) -> Any:
    """``at`` as a time without zone in Shanghai; no time zones of the server are needed."""
    return func.timezone(_UTC, at) + _SHANGHAI


def _day(at: Any) -> Any:
    """The day of Shanghai ``at`` lies in."""
    return cast(_local(at), Date)


# 新增项目数


def new_projects(unit: Literal["day", "month"]) -> Figure:
    """新增项目数 of each of the last 7 days or 6 calendar months, up to yesterday or now (B-08 … B-10)."""
    return new_by_day if unit == "day" else new_by_month


def new_by_day(connection: Connection, scope: Scope, past: Past) -> dict[str, Any]:
    days = [scope.last_day - timedelta(days=n) for n in range(DAYS - 1, -1, -1)]
    return _new(connection, scope, past, "day", [(day.isoformat(), day, day + timedelta(days=1)) for day in days])


def new_by_month(connection: Connection, scope: Scope, past: Past) -> dict[str, Any]:
    last = scope.last_day
    spans = []
    for back in range(MONTHS - 1, -1, -1):
        year, month = divmod(last.year * 12 + last.month - 1 - back, 12)
        first, next_year, next_month = date(year, month + 1, 1), *divmod(year * 12 + month + 1, 12)
        spans.append((first.isoformat()[:7], first, min(date(next_year, next_month + 1, 1), last + timedelta(days=1))))
    return _new(connection, scope, past, "month", spans)


def _new(
    connection: Connection, scope: Scope, past: Past, unit: str, spans: list[tuple[str, date, date]]
) -> dict[str, Any]:
    """Points (label, first day, the day after the last) with the number of projects started in each, 0 as well."""
    then, begin = scope.then, midnight(spans[0][1])
    day = _day(then.c.created_at)
    query = select(day, func.count()).where(scope.counted(then), then.c.created_at >= begin).group_by(day)
    started = [(of_day, number) for of_day, number in connection.execute(query)]
    started += [(date.fromisoformat(key[:10]), n) for key, (n,) in _ended_of(connection, scope, past, begin).items()]
    return {
        "unit": unit,
        "points": [
            {
                "label": label,
                "number": sum(number for day, number in started if first <= day < end),
                "filter": scope.filter(created_from=midnight(first), created_to=midnight(end)),
            }
            for label, first, end in spans
        ],
    }


LONGEST: Final = timedelta(days=190)
"""From the first day of six months, or the longest window, until today."""


def _ended_of(connection: Connection, scope: Scope, past: Past, begin: datetime) -> Sums:
    """How many of the projects started since ``begin`` had ended, by day of their start and state."""
    first, earliest = day_of(begin), day_of(scope.at - LONGEST)
    started = project.c.created_at

    def read(since: datetime | None, until: datetime) -> Sums:
        where = started >= midnight(earliest) if since is None else project.c.since >= since
        return _ended(connection, scope, until, where)

    sums = past.sums("ended", scope.at, read, first=earliest)
    if begin == midnight(first):
        return _after(first - A_DAY, sums)
    of_first = and_(started >= begin, started < midnight(first + A_DAY))  # of that day only the rest counts
    return {**_after(first, sums), **_ended(connection, scope, scope.at, of_first)}


def _ended(connection: Connection, scope: Scope, until: datetime, where: Condition) -> Sums:
    p, day = project.c, _day(project.c.created_at)
    query = (
        select(day, p.state, func.count())
        .where(p.ended_at.is_not(None), p.since < until, where, scope.counted(project))
        .group_by(day, p.state)
    )
    return summed([(f"{of_day} {state}", (number,)) for of_day, state, number in connection.execute(query)])


# 项目状态


def project_states(window: int) -> Figure:
    """项目状态 of the projects newly started in the last ``window`` days (B-11 … B-15)."""

    def figure(connection: Connection, scope: Scope, past: Past) -> dict[str, Any]:
        begin, then, p = scope.at - timedelta(days=window), scope.then, project.c
        started = [p.created_at >= begin, p.created_at < scope.at]
        own = [p.vendor_id == scope.party_id] if scope.entrance == "vendor" else []
        since = as_of.overdue_since(connection, scope.at, [*started, *own])
        state: Label[str] = as_of.state_then(then, since).label("state_then")
        query = select(state, func.count()).where(scope.counted(then), then.c.created_at >= begin).group_by(state)
        numbers: Counter[str] = Counter({name: number for name, number in connection.execute(query)})  # noqa: C416
        for key, (number,) in _ended_of(connection, scope, past, begin).items():
            numbers["delivered" if key.endswith("completed") else "cancelled"] += number
        span = {"created_from": begin, "created_to": scope.at}
        return {
            "window": window,
            "total": sum(numbers.values()),
            "filter": scope.filter(**span),
            "states": [
                {"state": name, "number": numbers[name], "filter": scope.filter(**span, state_then=name)}
                for name in SHOWN
            ],
        }

    return figure


SHOWN: Final = ("delivered", "running", "overdue", "paused", "cancelled")
"""The order of the manual (B-12)."""


# 服务商饱和度


def saturation(connection: Connection, scope: Scope, past: Past) -> dict[str, Any]:
    """Load and maximum of every provider of each of the vendor's products (B-16), both as of 0:00 (A-67). Trials and
    tests are part of the load: they take the place of others."""
    loads = {(product_id, provider_id): number for product_id, provider_id, number in connection.execute(_loads(scope))}
    settings = as_of.configurations(scope.at)
    query = (
        select(product.c.product_id, settings.c.providers)
        .join_from(product, settings, settings.c.product_id == product.c.product_id)
        .where(product.c.vendor_id == scope.party_id)
        .order_by(product.c.listed_at.desc(), product.c.product_id.desc())
    )
    pairs = []
    for product_id, providers in connection.execute(query):
        for setting in providers:
            provider_id = UUID(setting["provider_id"])
            load, maximum = loads.get((product_id, provider_id), 0), setting["maximum"]
            pairs.append(
                {
                    "product_id": str(product_id),
                    "provider_id": str(provider_id),
                    "load": load,
                    "maximum": maximum,
                    "percent": percent(load, maximum),
                    "colour": colour(load, maximum),
                    "filter": scope.filter(product_id=product_id, held_by=provider_id, unpaid=None),
                }
            )
    return {"pairs": pairs}


def _loads(scope: Scope) -> Select[Any]:
    then = scope.then
    return (
        select(then.c.product_id, then.c.provider_id, func.count())
        .where(then.c.vendor_id == scope.party_id, as_of.held(then))
        .group_by(then.c.product_id, then.c.provider_id)
    )


def percent(load: int, maximum: int) -> str | None:
    """``load`` of ``maximum`` in percent to one decimal; None for a maximum of 0, shown as “--” (B-20)."""
    if maximum == 0:
        return None
    return str((Decimal(load) * 100 / maximum).quantize(TENTH, ROUND_HALF_UP))


def colour(load: int, maximum: int) -> str | None:
    """The bar's colour, by the exact ratio, not the rounded one (B-17 … B-20)."""
    if maximum == 0:
        return None
    if load * 100 < GREEN_BELOW * maximum:
        return "green"
    return "blue" if load * 100 <= BLUE_UP_TO * maximum else "red"
