"""How things stood at midnight (architecture 7).

Every figure of the dashboards is asked as of a 0:00 in Shanghai (B-03), so of the former states of a project or a
configuration only those are kept that stood at some midnight: one row per interval ``since`` < midnight <= ``until``.
The present state is the row of the table itself, from its own ``since`` on. What happens at 0:00 sharp belongs to the
day that begins. The times are those of the events: a late start or a rebuild writes the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from delivery_shared.contracts import Contract
from delivery_shared.contracts import dispatch as d
from delivery_shared.contracts import project as p
from delivery_shared.contracts import template as t
from delivery_shared.rows import Row, Rows
from delivery_shared.working_time import SHANGHAI

from reporting_svc.tables import configuration_history, project, project_history, provider_configuration

STOOD = ("project_id", "state", "provider_id", "timeout", "clock_from")
"""What the figures ask of a project."""

WRITTEN_DOWN = (*STOOD, "vendor_id", "product_id", "created_at", "trial", "test")


def midnight(day: date) -> datetime:
    """0:00 of ``day`` in Shanghai."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


def day_of(at: datetime) -> date:
    """The day of Shanghai ``at`` lies in."""
    return at.astimezone(SHANGHAI).date()


def _stood_at_midnight(since: datetime, until: datetime) -> bool:
    return since < midnight(day_of(until))


def moved(rows: Rows, row: Row, *, at: datetime, **changes: Any) -> None:
    """Change a project's row at ``at``, keeping how it stood at the last midnight. A time before the last change –
    clocks of two processes differ – counts as the same moment."""
    at = max(at, row["since"])
    if _stood_at_midnight(row["since"], at):
        former = {name: row[name] for name in WRITTEN_DOWN}
        rows.put(project_history, {**former, "since": row["since"], "until": at})
    rows.put(project, {**row, **changes, "since": at})


def configured(rows: Rows, product_id: UUID, providers: list[dict[str, Any]], *, at: datetime) -> None:
    """Set a product's configuration at ``at``, keeping the one that stood at the last midnight."""
    row = rows.get(provider_configuration, product_id)
    if row is not None:
        at = max(at, row["since"])
        if _stood_at_midnight(row["since"], at):
            rows.put(configuration_history, {**row, "until": at})
    rows.put(provider_configuration, {"product_id": product_id, "providers": providers, "since": at})


SINCE_EVER = date.min

TIMES: Mapping[type[Contract], Callable[[Any], datetime | None]] = {
    t.ProductListed: lambda c: c.listed_at,
    t.CalendarChanged: lambda c: None,
    d.ProvidersConfigured: lambda c: c.configured_at,
    p.ProjectStarted: lambda c: c.started_at,
    p.ProviderSet: lambda c: c.set_at,
    p.NodeEntered: lambda c: c.entered_at,
    p.ProjectRestarted: lambda c: c.restarted_at,
    p.ProjectPaused: lambda c: c.paused_at,
    p.ProjectResumed: lambda c: c.resumed_at,
    p.HoldSet: lambda c: c.held_at,
    p.HoldLifted: lambda c: c.lifted_at,
    p.ProjectCompleted: lambda c: c.completed_at,
    p.ProjectCancelled: lambda c: c.cancelled_at,
}
"""Messages the figures depend on, and when what they say happened; None: figures of any day may change."""


def days_touched(contracts: Mapping[int, Contract]) -> dict[date, int]:
    """The days about which messages (id → contract) say something the figures count, each with the last such id."""
    days: dict[date, int] = {}
    for id, contract in contracts.items():
        time = TIMES.get(type(contract))
        if time is not None:
            at = time(contract)
            day = day_of(at) if at else SINCE_EVER
            days[day] = max(id, days.get(day, 0))
    return days
