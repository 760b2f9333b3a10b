"""``dc outbox``: what the relays publish, and having it published again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from delivery_center.dc.confirming import Yes, sure
from delivery_center.dc.failure import Failure, misused
from delivery_center.dc.installation import Dc, of
from delivery_center.dc.output import DryRun, Json, put
from delivery_center.dc.status import outboxes

if TYPE_CHECKING:
    from delivery_shared.eventstore import EventStore

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
    yes: Yes = False,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Have the relay publish again; consumers skip what they have. A running relay notices within a second. It also
    steps back by 1,000 events of its own."""
    dc = of(context)
    _published(dc)
    if (to is None) == (by is None):
        raise misused("give --to or --by")
    store = _store(dc, service)
    with store.connection() as connection:
        row = connection.execute("SELECT position FROM outbox_position WHERE relay = %s", (service,)).fetchone()
    present = int(row["position"]) if row else 0
    target = to if to is not None else max(0, present - (by or 0))
    if target > present:
        raise Failure(f"the outbox of {service} is at {present}; it goes back only")
    plan = {"service": service, "from": present, "to": target, **_again(dc, store, target), "dry_run": dry_run}
    if not dry_run:
        sure(f"{plan['messages']} messages of {service} are published again to {plan['consumers']}", yes)
        with dc.audited("outbox rewind", service=service, to=target) as action:
            with store.connection() as connection:
                connection.execute(
                    "UPDATE outbox_position SET position = %s, at = now() WHERE relay = %s", (target, service)
                )
            action.detail = f"from {present} to {target}"
    put(plan, as_json=json)


@app.command()
def renew(
    context: typer.Context,
    service: Annotated[str, typer.Argument(help="Whose stream.")],
    yes: Yes = False,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Have the relay empty the stream and publish everything anew: after a restore it holds what never was. Its
    consumers attach again by themselves. A relay that does not run does it when it starts."""
    dc = of(context)
    _published(dc)
    store = _store(dc, service)
    last = dc.outboxes[service].last()
    plan = {"service": service, "up_to": last, **_again(dc, store, 0), "dry_run": dry_run}
    if not dry_run:
        sure(f"the stream of {service} is emptied, {plan['messages']} messages are published again", yes)
        with dc.audited("outbox renew", service=service) as action:
            dc.renew(service)
            action.detail = f"everything up to {last} is to be published again"
    put(plan, as_json=json)


def _again(dc: Dc, store: EventStore, after: int) -> dict[str, Any]:
    """How many messages that is (at most those counted cheaply), and which services read them."""
    from delivery_shared.status import backlog

    services = dc.center.services.items()
    readers = [name for name, service in services if store.name in {c.source for c in service.consumers}]
    return {"messages": backlog(store, after=after).messages, "consumers": ", ".join(readers)}


def _store(dc: Dc, service: str) -> EventStore:
    """:raises Failure: it publishes nothing."""
    if service not in dc.stores:
        raise misused(f"{service} publishes nothing; these do: {', '.join(dc.stores)}")
    return dc.stores[service]


def _published(dc: Dc) -> None:
    """:raises Failure: this installation has no broker."""
    if dc.settings.broker is None:
        raise misused("without AMQP_URL there is no broker: feeds read the outbox itself")
