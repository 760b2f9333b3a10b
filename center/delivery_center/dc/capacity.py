"""``dc capacity``: what is held, how fast it grows, and for how long it fits (docs/capacity.md)."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from delivery_center.dc.failure import misused
from delivery_center.dc.installation import Dc, of
from delivery_center.dc.output import Json, put, say

if TYPE_CHECKING:
    from delivery_center.growth import Growth, Rate, Tables

DAYS = 28
"""Over which growth is looked at: four weeks, with all their weekends."""


def capacity(
    context: typer.Context,
    disk: Annotated[
        list[str] | None,
        typer.Option(help="Size of each database's disk, 100Gi; of one service's: dispatch=50Gi. May be repeated."),
    ] = None,
    days: Annotated[float, typer.Option(min=0.01, help="Over how many of the last days growth is looked at.")] = DAYS,
    json: Json = False,
) -> None:
    """Rows and bytes, growth a day and days left, of databases, streams and the broker's disks. PostgreSQL does not
    tell how large its disk is: --disk does."""
    dc = of(context)
    sizes = _sizes(dc, disk or [])
    found = _measured(dc, sizes, days)
    if json:
        put(found, as_json=True)
        return
    put(found["projects"], as_json=False)
    for name in ("databases", "tables", "streams", "brokers"):
        if found[name]:
            say(f"\n{name}")
            put([_for_people(row) for row in found[name]], as_json=False)


def _measured(dc: Dc, sizes: dict[str, int], days: float) -> dict[str, Any]:
    from delivery_center.growth import rate_of, tables_of

    tables = {name: tables_of(name, dc.consumers(name)[0].rows) for name in dc.databases}
    rates = {name: rate_of(store, days=days) for name, store in dc.stores.items()}
    counted = "SELECT count(*) AS projects, count(*) FILTER (WHERE created_at > now() - interval '1 day' * %(days)s) AS"
    looked_at = rates["project"].days
    (row,) = dc.consumers("reporting")[0].rows(f"{counted} lately FROM project", {"days": looked_at})
    projects = {"projects": row["projects"], "a_day": row["lately"] / looked_at, "days_looked_at": looked_at}
    streams = _streams(dc, rates) if dc.settings.broker else []
    return {
        "projects": projects,
        "databases": _databases(dc, tables, rates, sizes),
        "tables": [_told(group, row["projects"]) for groups in tables.values() for group in groups],
        "streams": [shown for shown, _ in streams],
        "brokers": _brokers(dc, [growth for _, growth in streams]) if dc.settings.broker else [],
    }


def _told(group: Tables, projects: int) -> dict[str, Any]:
    each = {"per_project_bytes": group.bytes / projects} if projects else {}
    return {"service": group.service, "tables": group.group, "rows": group.rows, "bytes": group.bytes, **each}


def _databases(
    dc: Dc, tables: dict[str, list[Tables]], rates: dict[str, Rate], sizes: dict[str, int]
) -> list[dict[str, Any]]:
    """Each database, growing by what its services' events bring; those without events grow with projects'."""
    from delivery_center.growth import Growth, total

    rows = []
    for names, read in dc.each_database():
        (row,) = read(SIZE, {})
        a_day = 0.0
        for name in names:
            rate = rates.get(name, rates["project"])
            a_day += total(tables[name]) / rate.events * rate.a_day if rate.events else 0.0
        size = next((sizes[name] for name in names if name in sizes), None)
        growth = Growth(bytes=row["bytes"], a_day=a_day)
        rows.append(
            {
                "services": ", ".join(names),
                "bytes": row["bytes"],
                "a_day_bytes": a_day,
                "free_bytes": size - row["bytes"] if size is not None else None,
                "days_left": growth.days_left(size - row["bytes"] if size is not None else None),
                "connections": row["connections"],
                "of": row["most"],
            }
        )
    return rows


SIZE = """
SELECT pg_database_size(current_database()) AS bytes, current_setting('max_connections')::int AS most,
    (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections
"""


def _streams(dc: Dc, rates: dict[str, Rate]) -> list[tuple[dict[str, Any], Growth]]:
    import httpx
    from delivery_shared.messaging.retention import begins_after

    from delivery_center.growth import days_of, message_bytes, published, stream_growth

    broker = dc.settings.broker
    assert broker is not None
    names = {source: broker.stream_name(source) for source in dc.stores}
    kept: dict[str, str] | None = None
    with suppress(httpx.HTTPError, KeyError, ValueError):  # where its management API is not reached, it is not known
        kept = broker.cluster.kept([*names.values()])
    rows = []
    for source, outbox in dc.outboxes.items():
        begins, store, rate = begins_after(dc.center.transport, source), dc.stores[source], rates[source]
        all_of_them = published(store, after=0)
        held = 0 if begins is None else all_of_them if begins == 0 else published(store, after=begins)
        growth = stream_growth(
            events=held,
            published_a_day=rate.a_day * all_of_them / rate.events if rate.events else 0.0,
            size=message_bytes(outbox),
            kept_days=days_of(kept[names[source]]) if kept else None,
        )
        row = {
            "stream": names[source],
            "kept": "not told" if kept is None else kept[names[source]] or "for ever",
            "messages": held,
            "bytes": growth.bytes,
            "a_day_bytes": growth.a_day,
            "most_bytes": growth.most,
        }
        rows.append((row, growth))
    return rows


def _brokers(dc: Dc, streams: list[Growth]) -> list[dict[str, Any]]:
    """The nodes: each has a copy of every stream."""
    import httpx

    from delivery_center.growth import Growth

    ends = [growth.most for growth in streams if growth.most is not None]
    whole = Growth(
        bytes=sum(growth.bytes for growth in streams),
        a_day=sum(growth.a_day for growth in streams),
        most=sum(ends) if len(ends) == len(streams) else None,
    )
    broker = dc.settings.broker
    assert broker is not None
    try:
        disks = broker.cluster.disks()
    except (httpx.HTTPError, KeyError, ValueError):
        return []
    return [
        {"node": node, "free_bytes": free - limit, "days_left": whole.days_left(free - limit)}
        for node, (free, limit) in disks.items()
    ]


def _sizes(dc: Dc, given: list[str]) -> dict[str, int]:
    """The size of the disk of each service's database, as far as it was said."""
    from delivery_center.growth import bytes_of

    sizes: dict[str, int] = {}
    for one in sorted(given, key=lambda text: "=" in text):
        service, equals, text = one.rpartition("=")
        if equals and service not in dc.databases:
            raise misused(f"--disk {one}: no service is called {service}")
        try:
            size = bytes_of(text)
        except ValueError:
            raise misused(f"--disk {one}: give a size as 100Gi") from None
        sizes |= dict.fromkeys([service] if equals else dc.databases, size)
    return sizes


def _for_people(row: dict[str, Any]) -> dict[str, Any]:
    from delivery_center.growth import size_text

    shown: dict[str, Any] = {}
    for name, value in row.items():
        is_size = name.endswith("bytes") and value is not None
        shown[name.removesuffix("_bytes")] = size_text(value) if is_size else value
    return shown
