"""``dc timers``: which clocks run out."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, cast

import typer

from delivery_center.dc.installation import of
from delivery_center.dc.output import Json, Limit, put

app = typer.Typer(help="The clocks of open nodes.")

DUE = """
SELECT t.project_id, p.order_number, t.visit, round(t.timeout / 10.0, 1) AS limit_days, t.counted_from, t.due_at,
    greatest(round(extract(epoch FROM %(now)s - t.due_at)), 0)::bigint AS late_seconds,
    coalesce(t.leased_until > clock_timestamp(), false) AS leased, t.attempts
FROM timer t LEFT JOIN purchase p USING (project_id)
WHERE NOT t.overdue AND t.due_at <= %(until)s ORDER BY t.due_at, t.project_id LIMIT %(limit)s
"""


@app.command()
def due(
    context: typer.Context,
    within: Annotated[float, typer.Option(min=0, help="Also those due within so many hours.")] = 0,
    limit: Limit = 100,
    json: Json = False,
) -> None:
    """Timers due and not fired yet, earliest first: normally none is late by more than seconds."""
    from project_svc.main import clock_of
    from project_svc.store import ProjectStore

    dc = of(context)
    project = cast(ProjectStore, dc.stores["project"])
    now = clock_of(project, dc.settings).now()
    with project.connection() as connection:
        given = {"now": now, "until": now + timedelta(hours=within), "limit": limit}
        rows = connection.execute(DUE, given).fetchall()
    put([dict(row) for row in rows], as_json=json, empty="no timer is due")
