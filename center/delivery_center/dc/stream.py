"""``dc stream``: the events of one aggregate, and its state then and now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from delivery_center.dc.failure import Failure, misused
from delivery_center.dc.installation import Dc, of
from delivery_center.dc.output import Json, Personal, put
from delivery_center.dc.redacting import Reader, differences

if TYPE_CHECKING:
    from delivery_shared.eventstore import EventStore
    from eventsourcing.domain import Aggregate

app = typer.Typer(help="One aggregate: its events, its state, what changed.")

Stream = Annotated[str, typer.Argument(help="Id of the aggregate, or the number of an order.")]
Service = Annotated[
    str | None, typer.Option(help="Of this service; without it an order is its project, not what intake has of it.")
]


@app.command()
def show(
    context: typer.Context, stream: Stream, service: Service = None, personal: Personal = False, json: Json = False
) -> None:
    """All its events, readable."""
    from eventsourcing.utils import get_topic

    dc = of(context)
    store, id = found(dc, stream, service)
    with reading(dc, "stream show", stream, personal) as reader:
        rows = [
            {
                "version": event.originator_version,
                "at": event.timestamp,
                "event": get_topic(type(event)).partition(":")[2],
                "says": reader.event(event),
                "correlation_id": vars(event).get("trace", {}).get("correlation_id"),
            }
            for event in _events(store, id)
        ]
        shown = [{name: value for name, value in row.items() if name != "correlation_id"} for row in rows]
        put(rows if json else shown, as_json=json)


@app.command("as-of")
def as_of(
    context: typer.Context,
    stream: Stream,
    version: Annotated[int | None, typer.Option(min=1, help="Its state at this version.")] = None,
    at: Annotated[datetime | None, typer.Option(help="Its state at this time (yours, unless it names a zone).")] = None,
    service: Service = None,
    personal: Personal = False,
    json: Json = False,
) -> None:
    """Its state at a version or a time; as it is now if neither is given."""
    if version is not None and at is not None:
        raise misused("give --version or --at, not both")
    dc = of(context)
    store, id = found(dc, stream, service)
    if at is not None:
        version = _version_at(store, id, at.astimezone())
    with reading(dc, "stream as-of", stream, personal) as reader:
        aggregate = _load(store, id, version)
        put({"aggregate": type(aggregate).__name__, **reader.state(aggregate)}, as_json=json)


@app.command()
def diff(
    context: typer.Context,
    stream: Stream,
    old: Annotated[int, typer.Option("--from", min=1, help="A version.")],
    new: Annotated[int | None, typer.Option("--to", min=1, help="A later one; default: the last.")] = None,
    service: Service = None,
    personal: Personal = False,
    json: Json = False,
) -> None:
    """What changed between two versions."""
    dc = of(context)
    store, id = found(dc, stream, service)
    with reading(dc, "stream diff", stream, personal) as reader:
        before, after = reader.state(_load(store, id, old)), reader.state(_load(store, id, new))
        put(differences(before, after), as_json=json, empty="no difference")


@contextmanager
def reading(dc: Dc, action: str, subject: str, personal: bool) -> Iterator[Reader]:
    """A reader; one that shows personal data leaves an audit event."""
    if not personal:
        yield Reader(dc.identity.vault, dc.intake.vault, dc.project.buyers, personal=False)
        return
    with dc.audited(f"{action} --personal", subject=subject) as action_:
        yield Reader(dc.identity.vault, dc.intake.vault, dc.project.buyers, personal=True)
        action_.detail = "personal data shown"


def found(dc: Dc, stream: str, service: str | None = None) -> tuple[EventStore, UUID]:
    """The store that has the aggregate, and its id: of an order and its project, which share it, the project's.

    :raises Failure: nobody has it, or several orders do.
    """
    if service is not None and service not in dc.stores:
        raise misused(f"{service} stores no events; these do: {', '.join(dc.stores)}")
    names = [service] if service else sorted(dc.stores, key=lambda name: name != "project")
    for id in _ids(dc, stream):
        for store in (dc.stores[name] for name in names):
            with store.connection() as connection:
                table = store.events_recorder.events_table_name
                if connection.execute(f"SELECT 1 FROM {table} WHERE originator_id = %s LIMIT 1", (id,)).fetchone():  # noqa: S608
                    return store, id
    raise Failure(f"no aggregate or order {stream}")


def _ids(dc: Dc, stream: str) -> list[UUID]:
    """:raises Failure: vendors may give the same number to different orders."""
    try:
        return [UUID(stream)]
    except ValueError:
        ids = orders(dc, stream)
    if not ids:
        raise Failure(f"no aggregate or order {stream}")
    if len(ids) > 1:
        raise Failure(f"{len(ids)} orders have the number {stream}: {', '.join(map(str, ids))}")
    return ids


def orders(dc: Dc, number: str) -> list[UUID]:
    """The projects of an order number or business number."""
    from delivery_shared.texts import key

    with dc.stores["project"].connection() as connection:
        rows = connection.execute(
            "SELECT project_id FROM purchase WHERE order_key = %(key)s OR business_key = %(key)s ORDER BY project_id",
            {"key": key(number)},
        ).fetchall()
    return [row["project_id"] for row in rows]


def _events(store: EventStore, id: UUID) -> Iterator[Any]:
    yield from store.events.get(id)


def _load(store: EventStore, id: UUID, version: int | None) -> Aggregate:
    """:raises Failure: it never had that version."""
    aggregate: Aggregate = store.repository.get(id, version=version)
    if version is not None and aggregate.version != version:
        raise Failure(f"{id} has {aggregate.version} versions, not {version}")
    return aggregate


def _version_at(store: EventStore, id: UUID, at: datetime) -> int:
    """:raises Failure: it did not exist yet."""
    versions = [event.originator_version for event in _events(store, id) if event.timestamp <= at]
    if not versions:
        raise Failure(f"{id} did not exist at {at.isoformat()}")
    return int(max(versions))
