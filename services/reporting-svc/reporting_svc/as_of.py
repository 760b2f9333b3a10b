"""Projects as they stood at a 0:00 in Shanghai (B-03, B-04): what the figures count and what lists them again."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from delivery_shared.contracts.template import Holiday
from delivery_shared.working_time import Calendar
from sqlalchemy import (
    Connection,
    FromClause,
    SQLColumnExpression,
    Subquery,
    and_,
    case,
    false,
    func,
    literal,
    or_,
    select,
    union,
    union_all,
)
from sqlalchemy.dialects.postgresql import distinct_on

from reporting_svc.history import STOOD
from reporting_svc.read_model import Condition
from reporting_svc.tables import calendar, configuration_history, project, project_history, provider_configuration

THEN: Final = ("cancelled", "delivered", "paused", "overdue", "running")
"""已取消, 已交付, 已暂停, 已超时, 执行中 (B-12): exclude each other, in this order of precedence (B-15)."""


FACTS: Final = ("vendor_id", "product_id", "created_at", "trial", "test")
"""What figures ask of a project besides how it stood."""


def calendar_at(connection: Connection, at: datetime) -> Calendar:
    """The working-day calendar that was known at ``at``: of each year the last revision before, or its first."""
    c = calendar.c
    known = c.changed_at < at
    latest = (
        select(c.holidays)
        .ext(distinct_on(c.year))
        .order_by(c.year, known.desc(), case((known, c.revision)).desc(), c.revision)
    )
    years = connection.execute(latest).scalars()
    return Calendar.of(holiday for year in years for holiday in msgspec.convert(year, list[Holiday]))


def _at(present: FromClause | Any, former: FromClause | Any, at: datetime) -> tuple[Condition, Condition]:
    """Whether the present row stood at ``at`` already, and whether a former one did."""
    return present.c.since < at, and_(former.c.since < at, former.c.until >= at)


def under_way(at: datetime) -> Subquery:
    """How every project that had started before ``at`` and not ended stood then: project_id, state, provider_id,
    timeout, clock_from; with the :data:`FACTS` that never change."""
    now, former = _at(project, project_history, at)
    asked = (*STOOD, *FACTS)
    return union_all(
        select(*(project.c[name] for name in asked)).where(now, project.c.state.in_(("running", "paused"))),
        select(*(project_history.c[name] for name in asked)).where(former),
    ).subquery("under_way")


def overdue_since(connection: Connection, at: datetime, where: Sequence[Condition]) -> dict[int, datetime]:
    """Before which moment the clock of a node must have begun to be due before ``at``, for each timeout in use.

    The later a clock began, the later it is due, so there is one such moment: the database compares, and the due times
    are those of the calendar of ``at``, whenever a message about them came. ``where`` narrows the projects.
    """
    now, former = _at(project, project_history, at)
    running = project.c.state == "running", project.c.timeout > 0
    was_running = project_history.c.state == "running", project_history.c.timeout > 0
    in_use = union(
        select(project.c.timeout).where(now, *running, *where),
        select(project_history.c.timeout)
        .join_from(project_history, project, project.c.project_id == project_history.c.project_id)
        .where(former, *was_running, *where),
    )
    timeouts = sorted(connection.execute(in_use).scalars())
    working = calendar_at(connection, at) if timeouts else Calendar()
    return {timeout: _latest(timeout, at, working) for timeout in timeouts}


def _latest(timeout: int, at: datetime, working: Calendar) -> datetime:
    """The first beginning whose due time lies not before ``at``."""
    low = at - timedelta(days=timeout * 4 // 10 + 800)  # no year has fewer than a hundred working days
    moments = range((at - low) // timedelta(microseconds=1) + 1)

    def due(moment: int) -> datetime:
        return working.due(low + timedelta(microseconds=moment), timeout)

    return low + timedelta(microseconds=bisect_left(moments, at, key=due))


def state_then(then: FromClause | Any, since: Mapping[int, datetime]) -> SQLColumnExpression[str]:
    """One of :data:`THEN` for a row of ``then``; ``since`` is of :func:`overdue_since`. 执行中 does not include the
    overdue ones (B-14)."""
    late: SQLColumnExpression[bool] = false()
    if since:
        begun = case(*((then.c.timeout == timeout, literal(moment)) for timeout, moment in since.items()))
        late = func.coalesce(then.c.clock_from < begun, false())
    return case(
        (then.c.state == "cancelled", "cancelled"),
        (then.c.state == "completed", "delivered"),
        (then.c.state == "paused", "paused"),
        (late, "overdue"),
        else_="running",
    )


def counted(then: FromClause | Any) -> Condition:
    """Figures count what was sold: neither trials nor tests."""
    return and_(~then.c.trial, ~then.c.test)


def of_provider(then: FromClause | Any, provider_id: UUID) -> Condition:
    """The provider held the project then, or delivered it last (B-21)."""
    return then.c.provider_id == provider_id


def held(then: FromClause | Any) -> Condition:
    """The project counted in its provider's load then: from assignment to end or replacement, also while paused."""
    return and_(then.c.provider_id.is_not(None), then.c.state.in_(("running", "paused")))


def configurations(at: datetime) -> Subquery:
    """The configuration of every product as it stood at ``at``: product_id, providers."""
    now, former = provider_configuration.c, configuration_history.c
    return union_all(
        select(now.product_id, now.providers).where(now.since < at),
        select(former.product_id, former.providers).where(former.since < at, former.until >= at),
    ).subquery("configuration")


NOW: Final = "now"
"""In place of a moment: the present one."""

THEN_FILTERS: Final = ("as_of", "state_then", "provider_then", "held_by")
"""The filters by which the projects behind a figure are listed."""


def taken_out(filters: dict[str, Any]) -> dict[str, Any]:
    """Take the filters of :data:`THEN_FILTERS` out of others."""
    return {name: filters.pop(name) for name in THEN_FILTERS if name in filters}


def then_filters(connection: Connection, wanted: Mapping[str, Any], where: Sequence[Condition]) -> list[Condition]:
    """The conditions on ``project`` of ``wanted``: those of ``as_of``, which the others need. ``where`` are the
    conditions they will be used with. Only rows that changed since are looked up in the history."""
    if "as_of" not in wanted:
        return []
    at: datetime = wanted["as_of"]
    since = overdue_since(connection, at, where) if "state_then" in wanted else {}

    def met(then: FromClause | Any) -> list[Condition]:
        conditions: list[Condition] = []
        if "state_then" in wanted:
            conditions.append(state_then(then, since) == wanted["state_then"])
        if "provider_then" in wanted:
            conditions.append(of_provider(then, wanted["provider_then"]))
        if "held_by" in wanted:
            conditions.append(and_(of_provider(then, wanted["held_by"]), held(then)))
        return conditions

    now, former = _at(project, project_history, at)
    changed = select(project_history.c.project_id).where(former, *met(project_history))
    return [or_(and_(now, *met(project)), and_(project.c.since >= at, project.c.project_id.in_(changed)))]
