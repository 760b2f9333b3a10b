"""``dc projection``: read models rebuilt beside the live one and switched without a pause (ADR 0018).

Only reporting-svc has one: what stands in notify-svc is its own record of what was sent and read, and the copies in
event-sourced services belong to decisions.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from delivery_center.dc.confirming import Yes, sure
from delivery_center.dc.failure import Failure, misused
from delivery_center.dc.installation import Dc, of
from delivery_center.dc.output import DryRun, Json, progress, put

if TYPE_CHECKING:
    from reporting_svc.feed import ReadModel
    from reporting_svc.rebuilt_model import Taken
    from rich.progress import Progress
    from sqlalchemy import Engine

NAME = "reporting"
"""The one read model there is, that of reporting-svc."""

app = typer.Typer(help="Read models.")

Name = Annotated[str, typer.Argument(help="Which read model.")]


@app.command()
def status(context: typer.Context, name: Name = NAME, json: Json = False) -> None:
    """Where the live one stands, and the one beside if there is one."""
    from reporting_svc import rebuilt_model

    dc = of(context)
    with _live(dc, name) as live:
        rows = _positions(dc, live, "live")
        if rebuilt_model.exists(live):
            with _way(dc, rebuilt_model.NEXT) as engine:
                rows += _positions(dc, engine, "beside")
    put(rows, as_json=json)


@app.command()
def rebuild(
    context: typer.Context,
    name: Name = NAME,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin at the first event again.")] = False,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Build it anew from the first event, beside the live one, which goes on serving. An interrupted rebuild goes on
    where it stopped. `dc projection switch` takes it over."""
    from reporting_svc import rebuilt_model

    dc = of(context)
    with _live(dc, name) as live:
        there = rebuilt_model.exists(live)
        plan: dict[str, Any] = {"projection": name, "resumed": there and not fresh, "dry_run": dry_run}
        if not dry_run:
            with dc.audited("projection rebuild", projection=name, fresh=fresh) as action, progress() as bars:
                if fresh:
                    rebuilt_model.drop(live)
                engine = rebuilt_model.create(dc.databases[NAME])
                try:
                    plan["positions"] = _catch_up(dc, engine, bars)
                finally:
                    engine.dispose()
                action.detail = f"up to {plan['positions']}"
    put(plan, as_json=json)


@app.command()
def switch(
    context: typer.Context, name: Name = NAME, yes: Yes = False, dry_run: DryRun = False, json: Json = False
) -> None:
    """Have the live one become what was built beside it, in one transaction; readers wait for nothing. The one beside
    is removed."""
    from reporting_svc import rebuilt_model

    dc = of(context)
    with _live(dc, name) as live:
        if not rebuilt_model.exists(live):
            raise Failure("nothing is built beside the live one: run `dc projection rebuild`")
        if not dry_run:
            sure(f"the live {name} is given up for what was built beside it", yes)
        plan: dict[str, Any] = {"projection": name, "dry_run": dry_run}
        with _way(dc, rebuilt_model.NEXT) as engine:
            if dry_run:
                plan["behind"] = {row["source"]: row["behind"] for row in _positions(dc, engine, "beside")}
            else:
                with dc.audited("projection switch", projection=name) as action, progress() as bars:
                    taken = _take_over(dc, live, engine, bars)
                    plan["changed"] = _changed(taken)
                    plan["positions"] = taken.positions
                    action.detail = f"rows gone and come: {plan['changed']}, up to {taken.positions}"
        if not dry_run:
            rebuilt_model.drop(live)
    put(plan, as_json=json)


@app.command()
def verify(context: typer.Context, name: Name = NAME, json: Json = False) -> None:
    """Whether the live one equals a replay of the events it has applied into an empty one."""
    from delivery_center.verify import read_model_equals_replay

    dc = of(context)
    _known(name)
    wrong = list(read_model_equals_replay(dc.center))
    put({"projection": name, "equal": not wrong}, as_json=json)
    if wrong:
        raise Failure("; ".join(wrong))


@app.command()
def skip(
    context: typer.Context,
    source: Annotated[str, typer.Argument(help="Whose message.")],
    message: Annotated[int, typer.Argument(min=1, help="Its id.")],
    name: Annotated[str, typer.Option("--projection", help="Which read model.")] = NAME,
    yes: Yes = False,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Go past the message a read model has stopped at. It lacks what the message says until it is rebuilt by code that
    can apply it."""
    from delivery_shared.eventstore import Conflict

    dc = of(context)
    _known(name)
    feeds = {consumer.source: consumer for consumer in dc.consumers(name)}
    if source not in feeds:
        raise misused(f"{name} reads nothing of {source}; it reads {', '.join(feeds)}")
    stands = feeds[source].position().id
    following = dc.outboxes[source].read(after=stands, limit=1)
    if not following or following[0].id != message:
        raise Failure(f"{name} stands at {source}:{stands}, not just before {source}:{message}")
    if not dry_run:
        sure(f"{name} will lack what {source}:{message} says until it is rebuilt", yes)
        with dc.audited("projection skip", projection=name, message=f"{source}:{message}") as action:
            try:
                feeds[source].skip(message)
            except Conflict as moved:
                raise Failure(str(moved)) from moved
            action.detail = "skipped"
    put({"projection": name, "skipped": f"{source}:{message}", "dry_run": dry_run}, as_json=json)


def fill(dc: Dc, database_url: str) -> None:
    """Fill the live read model while nobody serves it, as the role it belongs to."""
    from delivery_shared.projection import connect

    engine = connect(database_url, NAME)
    try:
        with progress() as bars:
            _catch_up(dc, engine, bars)
    finally:
        engine.dispose()


def anew(dc: Dc) -> dict[str, list[int]]:
    """Rebuild the read model from the first event and take it over; returns how many rows are gone and come, by
    table."""
    from reporting_svc import rebuilt_model

    with _live(dc, NAME) as live, progress() as bars:
        rebuilt_model.drop(live)
        engine = rebuilt_model.create(dc.databases[NAME])
        try:
            _catch_up(dc, engine, bars)
            changed = _changed(_take_over(dc, live, engine, bars))
        finally:
            engine.dispose()
        rebuilt_model.drop(live)
    return changed


def _take_over(dc: Dc, live: Engine, engine: Engine, bars: Progress) -> Taken:
    from reporting_svc import rebuilt_model

    _catch_up(dc, engine, bars)
    return rebuilt_model.take_over(live, lambda: _caught_up(dc, engine, bars))


def _changed(taken: Taken) -> dict[str, list[int]]:
    changed = {table: [taken.gone[table], taken.come[table]] for table in taken.gone}
    return {table: rows for table, rows in changed.items() if any(rows)}


def _known(name: str) -> None:
    if name != NAME:
        raise misused(f"{name} has no read model that could be rebuilt; {NAME} has")


@contextmanager
def _live(dc: Dc, name: str) -> Iterator[Engine]:
    _known(name)
    with _way(dc, NAME) as engine:
        yield engine


@contextmanager
def _way(dc: Dc, schema: str) -> Iterator[Engine]:
    from delivery_shared.projection import connect

    engine = connect(dc.databases[NAME], schema)
    try:
        yield engine
    finally:
        engine.dispose()


def _positions(dc: Dc, engine: Engine, which: str) -> list[dict[str, Any]]:
    from delivery_shared.status import backlog
    from reporting_svc.feed import read_models

    rows = []
    for model in read_models(engine):
        position = model.position().id
        behind = backlog(dc.stores[model.source], after=position).messages
        rows.append({"which": which, "source": model.source, "position": position, "behind": behind})
    return rows


def _catch_up(dc: Dc, engine: Engine, bars: Progress) -> dict[str, int]:
    """Apply what has been published so far; returns the positions."""
    from reporting_svc.feed import read_models

    return {model.source: _one(dc, model, bars) for model in read_models(engine)}


def _caught_up(dc: Dc, engine: Engine, bars: Progress) -> None:
    _catch_up(dc, engine, bars)


def _one(dc: Dc, model: ReadModel, bars: Progress) -> int:
    from delivery_center.replay import replay

    outbox = dc.outboxes[model.source]
    last, start = outbox.last(), model.position().id
    task = bars.add_task(model.source, total=last, completed=start)
    return replay(model, outbox, up_to=last, applied=lambda position: bars.update(task, completed=position))
