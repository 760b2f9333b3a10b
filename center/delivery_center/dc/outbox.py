"""``dc outbox``: what the relays publish, and having it published again."""

from __future__ import annotations

from typing import Annotated

import typer
from delivery_shared.messaging.topology import Broker

from delivery_center.dc.failure import Failure, misused
from delivery_center.dc.installation import Dc, of
from delivery_center.dc.output import DryRun, Json, put
from delivery_center.dc.status import outboxes

app = typer.Typer(help="What the relays publish.")

RELAYS = """
SELECT application_name AS name, count(*) AS connections FROM pg_stat_activity
WHERE datname = current_database() AND application_name LIKE 'delivery-%%-relay' GROUP BY application_name
"""


@app.command()
def status(context: typer.Context, json: Json = False) -> None:
    """How much the broker has not confirmed, and whether a relay is connected."""
    dc = of(context)
    _published(dc)
    with dc.stores["identity"].connection() as connection:
        active = {row["name"] for row in connection.execute(RELAYS).fetchall()}
    rows = [{**row, "relay": f"delivery-{row['service']}-relay" in active} for row in outboxes(dc)]
    put(rows, as_json=json)


@app.command()
def rewind(
    context: typer.Context,
    service: Annotated[str, typer.Argument(help="Whose messages.")],
    to: Annotated[int | None, typer.Option(min=0, help="Publish everything after this id again; 0: all.")] = None,
    by: Annotated[int | None, typer.Option(min=1, help="Step back by so many ids.")] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh-stream", help="Empty the stream first: after a restore it holds what never was.")
    ] = False,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Have the relay publish again; consumers skip what they have. A running relay notices within a second. It also
    steps back by 1,000 events of its own."""
    dc = of(context)
    broker = _published(dc)
    if (to is None) == (by is None):
        raise misused("give --to or --by")
    if service not in dc.stores:
        raise misused(f"{service} publishes nothing; these do: {', '.join(dc.stores)}")
    store = dc.stores[service]
    with store.connection() as connection:
        row = connection.execute("SELECT position FROM outbox_position WHERE relay = %s", (service,)).fetchone()
    present = int(row["position"]) if row else 0
    target = to if to is not None else max(0, present - (by or 0))
    if target > present:
        raise Failure(f"the outbox of {service} is at {present}; it goes back only")
    if fresh and target != 0:
        raise misused("--fresh-stream needs --to 0: an emptied stream must hold everything")
    plan = {"service": service, "from": present, "to": target, "fresh_stream": fresh, "dry_run": dry_run}
    if not dry_run:
        with dc.audited("outbox rewind", service=service, to=target, fresh_stream=fresh) as action:
            if fresh:
                broker.empty_stream(service)
            with store.connection() as connection:
                connection.execute(
                    "UPDATE outbox_position SET position = %s, at = now() WHERE relay = %s", (target, service)
                )
            action.detail = f"from {present} to {target}"
    put(plan, as_json=json)


def _published(dc: Dc) -> Broker:
    """The broker. :raises Failure: this installation has none."""
    if dc.settings.broker is None:
        raise misused("without AMQP_URL there is no broker: feeds read the outbox itself")
    return dc.settings.broker
