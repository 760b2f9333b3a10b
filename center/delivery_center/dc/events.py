"""``dc events``: what the services publish, as it comes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from fnmatch import fnmatchcase
from heapq import merge
from typing import TYPE_CHECKING, Annotated, Any

import typer

from delivery_center.dc.failure import misused
from delivery_center.dc.installation import Dc, of
from delivery_center.dc.output import Json, Personal, encoded, put_line
from delivery_center.dc.stream import reading

if TYPE_CHECKING:
    from delivery_shared.messaging.envelope import Envelope
    from delivery_shared.messaging.outbox import Outbox

app = typer.Typer(help="The messages of the services.")

EVERY = 0.3
"""Seconds between two looks at the outboxes while following."""

PAGE = 500
"""Messages read from an outbox at a time."""


@app.command()
def tail(
    context: typer.Context,
    service: Annotated[str | None, typer.Option(help="Of this service only.")] = None,
    type: Annotated[str, typer.Option(help="Only these types; * stands for anything: project.node_*")] = "*",
    subject: Annotated[str | None, typer.Option(help="Only of this stream.")] = None,
    last: Annotated[int, typer.Option("--last", "-n", min=0, help="Begin with the last so many of each service.")] = 10,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as more come, until Ctrl-C.")] = False,
    count: Annotated[int | None, typer.Option(min=1, help="End after so many.")] = None,
    data: Annotated[bool, typer.Option("--data", help="Show also what they say.")] = False,
    personal: Personal = False,
    json: Json = False,
) -> None:
    """Messages in the order in which each service publishes them, from its outbox: what the relay has yet to send is
    there, too. Services come side by side, by time."""
    import msgspec

    dc = of(context)
    outboxes = _chosen(dc, service)
    with reading(dc, "events tail", service or "all", personal) as reader, suppress(KeyboardInterrupt):
        shown = 0
        for envelope in _messages(outboxes, last=last, follow=follow):
            if not fnmatchcase(envelope.type, type) or (subject is not None and envelope.subject != subject):
                continue
            said = reader.message(envelope.source, envelope.type, msgspec.json.decode(envelope.data))
            line = _line(envelope) + (f"  {encoded(said).decode()}" if data else "")
            put_line({**_row(envelope), "data": said}, as_json=json, text=line)
            shown += 1
            if shown == count:
                return


def _row(envelope: Envelope) -> dict[str, Any]:
    return {
        "position": f"{envelope.source}:{envelope.id}",
        "time": envelope.time,
        "type": envelope.type,
        "subject": envelope.subject,
        "version": envelope.subjectversion,
        "correlation_id": envelope.correlationid,
        "causation_id": envelope.causationid,
    }


def _line(envelope: Envelope) -> str:
    at = envelope.time.isoformat(sep=" ", timespec="milliseconds")
    position = f"{envelope.source}:{envelope.id}"
    return f"{at}  {position:<18} {envelope.type:<34} {envelope.subject} v{envelope.subjectversion}"


def _chosen(dc: Dc, service: str | None) -> dict[str, Outbox]:
    outboxes = dc.outboxes
    if service is None:
        return outboxes
    if service not in outboxes:
        raise misused(f"{service} publishes nothing; these do: {', '.join(outboxes)}")
    return {service: outboxes[service]}


def _messages(outboxes: dict[str, Outbox], *, last: int, follow: bool) -> Iterator[Envelope]:
    from delivery_shared.messaging.envelope import open_envelope

    positions = {name: _begin(outbox, last) for name, outbox in outboxes.items()}
    while True:
        found: list[list[Envelope]] = []
        for name, outbox in outboxes.items():
            if page := outbox.read(after=positions[name], limit=PAGE):
                found.append([open_envelope(outgoing.body) for outgoing in page])
                positions[name] = page[-1].id
        yield from merge(*found, key=lambda envelope: envelope.time)  # each service's own order is kept
        if not found and not follow:
            return
        if not found:
            time.sleep(EVERY)


def _begin(outbox: Outbox, last: int) -> int:
    """The position before the last ``last`` messages."""
    store = outbox.store
    with store.connection() as connection:
        row = connection.execute(
            f"SELECT min(notification_id) AS first FROM (SELECT notification_id"  # noqa: S608
            f" FROM {store.events_recorder.events_table_name} WHERE topic = ANY(%s)"
            " ORDER BY notification_id DESC LIMIT %s) newest",
            (store.publishable_topics, last),
        ).fetchone()
    return row["first"] - 1 if row and row["first"] is not None else outbox.last()
