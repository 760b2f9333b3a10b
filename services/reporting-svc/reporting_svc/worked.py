"""Working time of visits that were left, reckoned when they are left and again when the calendar changes.

Two sources meet here: visits are the project's, the calendar is the template's. Whichever comes first, the rows come
out the same, since each side reckons with what the other has stored: a batch with visits holds the calendar still until
it is stored, and a new calendar goes over the visits there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

import msgspec
from delivery_shared.contracts.template import Holiday
from delivery_shared.rows import Row, Rows
from delivery_shared.working_time import TENTH, Calendar
from sqlalchemy import Connection, RowMapping, Select, select, text, tuple_
from sqlalchemy.dialects.postgresql import distinct_on

from reporting_svc.history import midnight
from reporting_svc.tables import calendar, node_visit

PART: Final = 5_000
"""Visits reckoned again at a time."""

_SET = text(
    "UPDATE node_visit AS v SET worked_seconds = n.worked_seconds, overdue_seconds = n.overdue_seconds"
    " FROM jsonb_populate_recordset(NULL::node_visit, CAST(:rows AS jsonb)) AS n"
    " WHERE v.project_id = n.project_id AND v.visit = n.visit"
    " AND (v.worked_seconds, v.overdue_seconds) IS DISTINCT FROM (n.worked_seconds, n.overdue_seconds)"
)


def present_calendar(connection: Connection) -> Calendar:
    """The calendar by which facts are reckoned: of each year the last revision."""
    c = calendar.c
    last = select(c.holidays).ext(distinct_on(c.year)).order_by(c.year, c.revision.desc())
    years = connection.execute(last).scalars()
    return Calendar.of(holiday for year in years for holiday in msgspec.convert(year, list[Holiday]))


def reckon(connection: Connection, rows: Rows) -> None:
    """Complete the visits among ``rows`` before they are written. No calendar changes until the batch is stored."""
    visits = rows.changed(node_visit)
    if visits:
        connection.execute(text("LOCK TABLE calendar IN SHARE MODE"))
        working = present_calendar(connection)
        for visit in visits:
            visit.update(seconds_of(visit, working))


def reckon_again(connection: Connection, before: Calendar) -> None:
    """Correct the visits that the present calendar counts otherwise than ``before`` did."""
    working = present_calendar(connection)
    days = sorted(working.differing_days(before))
    if not days:
        return
    c = node_visit.c
    first, beyond = midnight(days[0]), midnight(days[-1] + timedelta(days=1))
    query = (
        select(c.project_id, c.visit, c.entered_at, c.clock_from, c.left_at, c.timeout)
        .where(c.left_at > first, c.entered_at < beyond)
        .order_by(c.project_id, c.visit)
        .limit(PART)
    )
    after: Sequence[Any] = ()
    while True:
        part = connection.execute(_following(query, after)).mappings().all()
        if not part:
            return
        changed = [{"project_id": row["project_id"], "visit": row["visit"], **seconds_of(row, working)} for row in part]
        connection.execute(_SET, {"rows": msgspec.json.encode(changed).decode()})
        after = (part[-1]["project_id"], part[-1]["visit"])


def _following(query: Select[Any], after: Sequence[Any]) -> Select[Any]:
    return query.where(tuple_(node_visit.c.project_id, node_visit.c.visit) > tuple(after)) if after else query


def seconds_of(visit: Row | RowMapping, working: Calendar) -> dict[str, Decimal | None]:
    """``worked_seconds`` and ``overdue_seconds`` of a visit, to the microsecond."""
    entered, clock_from, left = visit["entered_at"], visit["clock_from"], visit["left_at"]
    late = visit["timeout"] > 0 and working.due(clock_from, visit["timeout"]) < left
    return {
        "worked_seconds": _seconds(working.between(entered, left)),
        "overdue_seconds": _seconds(working.between(clock_from, left) - visit["timeout"] * TENTH) if late else None,
    }


def _seconds(time: timedelta) -> Decimal:
    return Decimal(time // timedelta(microseconds=1)) / 1_000_000
