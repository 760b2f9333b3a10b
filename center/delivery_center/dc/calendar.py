"""``dc calendar``: whether the working days are known, everywhere the same."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import typer

from delivery_center.dc.failure import Failure
from delivery_center.dc.installation import Dc, of
from delivery_center.dc.output import Json, put

app = typer.Typer(help="The calendar of working days.")


@app.command()
def check(context: typer.Context, json: Json = False) -> None:
    """The year that runs must be published, project-svc and reporting-svc must know every year as template-svc has it,
    and no timer be set by an older calendar."""
    from delivery_shared.working_time import SHANGHAI
    from template_svc.status import calendar_status

    dc = of(context)
    rows, late = years(dc), outdated_timers(dc)
    settled = calendar_status(dc.stores["template"]).calendar_days
    put({"settled_days": settled, "timers_by_an_older_calendar": late, "years": rows} if json else rows, as_json=json)
    wrong = [f"{row['year']} differs in {row['differs_in']}" for row in rows if row["differs_in"]]
    this_year = datetime.now(UTC).astimezone(SHANGHAI).year
    if this_year not in {row["year"] for row in rows if row["state"] == "published"}:
        wrong.append(f"the holidays of {this_year} are not published here")
    if late:
        wrong.append(f"{late} timers are set by an older calendar")
    if wrong:
        raise Failure("; ".join(wrong))


def years(dc: Dc) -> list[dict[str, Any]]:
    """Every year, and which copies do not know its last revision."""
    from template_svc.domain.calendar import HolidayYear

    with dc.stores["template"].connection() as connection:
        rows = connection.execute("SELECT year, provisional, holidays FROM holiday_year ORDER BY year").fetchall()
    truth = {row["year"]: row for row in rows}
    streams = {HolidayYear.create_id(year): year for year in truth}
    revisions = {streams[id]: found.version for id, found in dc.stores["template"].load_all(streams).items()}
    copies = {
        "project": "SELECT year, revision FROM holiday_year",
        "reporting": "SELECT year, max(revision) AS revision FROM calendar GROUP BY year",
    }
    known = {
        service: {row["year"]: row["revision"] for row in dc.consumers(service)[0].rows(sql, {})}
        for service, sql in copies.items()
    }
    return [
        {
            "year": year,
            "state": "provisional" if row["provisional"] else "published",
            "days_off": sum(_days(holiday) for holiday in row["holidays"]),
            "make_up_days": sum(len(holiday["make_up_days"]) for holiday in row["holidays"]),
            "differs_in": [service for service, at in known.items() if at.get(year) != revisions[year]],
        }
        for year, row in truth.items()
    ]


def outdated_timers(dc: Dc) -> int:
    """Timers whose due time follows from a calendar that has changed since; the scheduler sets them again within
    seconds."""
    (row,) = dc.consumers("project")[0].rows(
        "SELECT count(*) AS late FROM timer WHERE generation <> (SELECT coalesce(sum(revision), 0) FROM holiday_year)",
        {},
    )
    return int(row["late"])


def _days(holiday: dict[str, Any]) -> int:
    return (date.fromisoformat(holiday["last"]) - date.fromisoformat(holiday["first"])).days + 1
