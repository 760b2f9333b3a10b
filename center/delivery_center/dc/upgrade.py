"""``dc upgrade``: what is to be done once the processes of the version before are gone (docs/operations.md)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from delivery_center.dc import projection
from delivery_center.dc.failure import Failure, explained
from delivery_center.dc.installation import Dc, of
from delivery_center.dc.output import DryRun, Json, put

if TYPE_CHECKING:
    from datetime import datetime

app = typer.Typer(help="The second half of an upgrade.")

PAUSE: Final = 2.0
"""Seconds between looks."""


@app.command()
def status(context: typer.Context, json: Json = False) -> None:
    """Of which services it is due, and since when."""
    from delivery_center.finishing import unfinished

    found = unfinished(of(context).center)
    put([{"service": name, "since": since} for name, since in found.items()], as_json=json, empty="finished")


@app.command()
def finish(
    context: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Of every service, due or not: an older version was back for a while.")
    ] = False,
    wait: Annotated[
        float, typer.Option("--wait", min=0, help="Seconds to wait for `prepare`, and for those processes to be gone.")
    ] = 0,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Make whole what processes of the version before have written since `prepare`: copies of other services' data,
    keys, the read model. Give it once they are gone; the new ones go on meanwhile. Repeating it does no harm."""
    from delivery_center.finishing import unfinished

    dc = of(context)
    if newer := _prepared(dc, wait):
        put([], as_json=json, empty=f"of a newer version, whose dc finishes it: {', '.join(newer)}")
        return
    due = unfinished(dc.center)
    services = list(dc.center.services) if everything else list(due)
    found = [_finish(dc, name, due.get(name), dry_run=dry_run) for name in services]
    put(found, as_json=json, empty="finished before")
    twice = [line for row in found for line in row["left"]]
    if twice:
        raise Failure(f"take one of each off the list, then finish again: {'; '.join(twice)}")


def _prepared(dc: Dc, wait: float) -> list[str]:
    """Wait until the schemas are of this version and nothing of the version before is connected. Returns the schemas of
    a newer version: that one's processes were there since, and what it knows is its own ``dc`` to make whole.

    :param wait: for how many seconds.
    :raises Failure: it is not so; what is lacking.
    """
    end = time.monotonic() + wait
    while True:
        newer, lacking = _lacking(dc)
        if not lacking:
            return newer
        if time.monotonic() >= end:
            raise Failure(lacking)
        time.sleep(min(PAUSE, wait))


def _lacking(dc: Dc) -> tuple[list[str], str]:
    """The schemas of a newer version; else what is lacking, empty if nothing is."""
    from delivery_shared.migrate import fits
    from sqlalchemy.exc import SQLAlchemyError

    from delivery_center.finishing import connected_before, gone_back, unfinished

    newer: list[str] = []
    for name, url in dc.databases.items():
        try:
            fit = fits(url, schema=name, package=f"{name}_svc")
        except SQLAlchemyError as error:
            return [], explained(error)
        if fit.state == "older":
            return [], f"the schema of {name} is older than this code: run prepare"
        if fit.state == "newer":
            newer.append(name)
    if newer:
        return newer, ""
    if back := gone_back(dc.center):
        return [], f"an older version of {', '.join(back)} is back: run prepare of this one before its processes"
    before = [
        name
        for service, since in unfinished(dc.center).items()
        for name in connected_before(dc.center.services[service], since)
    ]
    if before:
        return [], f"replace the processes of the version before first; connected: {', '.join(before)}"
    return [], ""


def _finish(dc: Dc, name: str, since: datetime | None, *, dry_run: bool) -> dict[str, Any]:
    from delivery_center.finishing import READ_MODEL, Moved, Unreadable, finish, note_finished

    if dry_run:
        if name == READ_MODEL:
            return {"service": name, "changed": "not told: it is rebuilt", "left": [], "dry_run": True}
        told = finish(dc.center, name, dry_run=True)
        return {"service": name, "changed": told.changed, "left": told.twice, "dry_run": True}
    with dc.audited("upgrade finish", service=name) as action:
        try:
            changed: dict[str, Any] = {}
            twice: list[str] = []
            if name == READ_MODEL:
                changed |= projection.anew(dc)
            else:
                done = finish(dc.center, name)
                changed |= done.changed
                twice += done.twice
        except (Moved, Unreadable) as error:
            raise Failure(f"{name}: {error}") from error
        if since is not None and not twice:
            note_finished(dc.center.services[name], since)
        action.detail = f"rows that were not whole: {changed}"
    return {"service": name, "changed": changed, "left": twice, "dry_run": False}
