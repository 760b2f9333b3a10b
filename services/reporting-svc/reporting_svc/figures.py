"""数据看板: the figures, as of 0:00 of today in Shanghai, today not included (B-01 … B-21).

Each function reads the rows that stood at that moment, so a late start or a rebuild gives the same; each figure names
the filter of ``project-list`` that lists the projects behind it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final, Literal
from urllib.parse import urlencode
from uuid import UUID

from delivery_shared.working_time import DAY, Calendar
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
        """The projects as they stood."""
        return as_of.stood(self.at)

    def counted(self, then: Any) -> Condition:
        """The condition on ``then``."""
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


Figure = Callable[[Connection, Scope], Any]


# 平均项目完成周期


def average_cycle(connection: Connection, scope: Scope) -> dict[str, Any]:
    """The average whole cycle, in working days to one decimal, of the projects finished in the last 365 days (B-05,
    B-06); None without any (B-07)."""
    begin, p = scope.at - FINISHED_WITHIN, project.c
    finished = [
        p.state == "completed",
        p.ended_at >= begin,
        p.ended_at < scope.at,
        (p.vendor_id if scope.entrance == "vendor" else p.provider_id) == scope.party_id,
        as_of.counted(project),
    ]
    working = as_of.calendar_at(connection, scope.at)
    count, started = _passed(connection, p.created_at, finished, working)
    _, ended = _passed(connection, p.ended_at, finished, working)
    days = None
    if count:
        average = (ended - started) / (count * Decimal(DAY.total_seconds()))
        days = str(average.quantize(TENTH, ROUND_HALF_UP))
    return {
        "days": days,
        "finished": count,
        "filter": scope.filter(completed_from=begin, completed_to=scope.at, state_then="delivered"),
    }


def _passed(
    connection: Connection, at: Column[datetime], where: list[Condition], working: Calendar
) -> tuple[int, Decimal]:
    """How many rows, and the working seconds passed from a fixed beginning until ``at``, summed over them.

    The database sums by day, in whole microseconds: exact, whatever the order, and three times as quick as with
    intervals and decimals.
    """
    local = cast(func.date_part(literal_column("'epoch'"), at) * SECOND, BigInteger) + SHANGHAI_AHEAD * SECOND
    day, in_day = local // (DAY_SECONDS * SECOND), func.sum(local % (DAY_SECONDS * SECOND))
    total, passed = 0, Decimal(0)
    for number, count, rest in connection.execute(select(day, func.count(), in_day).where(*where).group_by(day)):
        of_day = date(1970, 1, 1) + timedelta(days=number)
        before = working.between(EPOCH, midnight(of_day)) // timedelta(seconds=1)
        total += count
        passed += Decimal(count * before) + (Decimal(rest) / SECOND if working.is_working(of_day) else 0)
    return total, passed


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


def new_by_day(connection: Connection, scope: Scope) -> dict[str, Any]:
    days = [scope.last_day - timedelta(days=n) for n in range(DAYS - 1, -1, -1)]
    return _new(connection, scope, "day", [(day.isoformat(), day, day + timedelta(days=1)) for day in days])


def new_by_month(connection: Connection, scope: Scope) -> dict[str, Any]:
    last = scope.last_day
    spans = []
    for back in range(MONTHS - 1, -1, -1):
        year, month = divmod(last.year * 12 + last.month - 1 - back, 12)
        first, next_year, next_month = date(year, month + 1, 1), *divmod(year * 12 + month + 1, 12)
        spans.append((first.isoformat()[:7], first, min(date(next_year, next_month + 1, 1), last + timedelta(days=1))))
    return _new(connection, scope, "month", spans)


def _new(connection: Connection, scope: Scope, unit: str, spans: list[tuple[str, date, date]]) -> dict[str, Any]:
    """Points (label, first day, the day after the last) with the number of projects started in each, 0 as well."""
    then = scope.then
    day = _day(then.c.created_at)
    query = (
        select(day, func.count())
        .where(scope.counted(then), then.c.created_at >= midnight(spans[0][1]), then.c.created_at < scope.at)
        .group_by(day)
    )
    started: dict[date, int] = {of_day: number for of_day, number in connection.execute(query)}  # noqa: C416
    return {
        "unit": unit,
        "points": [
            {
                "label": label,
                "number": sum(number for day, number in started.items() if first <= day < end),
                "filter": scope.filter(created_from=midnight(first), created_to=midnight(end)),
            }
            for label, first, end in spans
        ],
    }


# 项目状态


def project_states(window: int) -> Figure:
    """项目状态 of the projects newly started in the last ``window`` days (B-11 … B-15)."""

    def figure(connection: Connection, scope: Scope) -> dict[str, Any]:
        begin, then, p = scope.at - timedelta(days=window), scope.then, project.c
        started = [p.created_at >= begin, p.created_at < scope.at]
        own = [p.vendor_id == scope.party_id] if scope.entrance == "vendor" else []
        since = as_of.overdue_since(connection, scope.at, [*started, *own])
        state: Label[str] = as_of.state_then(then, since).label("state_then")
        query = (
            select(state, func.count())
            .where(scope.counted(then), then.c.created_at >= begin, then.c.created_at < scope.at)
            .group_by(state)
        )
        numbers: dict[str, int] = {name: number for name, number in connection.execute(query)}  # noqa: C416
        span = {"created_from": begin, "created_to": scope.at}
        return {
            "window": window,
            "total": sum(numbers.values()),
            "filter": scope.filter(**span),
            "states": [
                {"state": name, "number": numbers.get(name, 0), "filter": scope.filter(**span, state_then=name)}
                for name in SHOWN
            ],
        }

    return figure


SHOWN: Final = ("delivered", "running", "overdue", "paused", "cancelled")
"""The order of the manual (B-12)."""


# 服务商饱和度


def saturation(connection: Connection, scope: Scope) -> dict[str, Any]:
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
