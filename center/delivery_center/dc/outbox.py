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

RELAY = """
SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'delivery-' || %s || '-relay'
LIMIT 1
"""


@app.command()
def status(context: typer.Context, json: Json = False) -> None:
    """How much the broker has not confirmed, and whether a relay is connected."""
    dc = of(context)
    _published(dc)
    put([{**row, "relay": is_relayed(dc.stores[row["service"]])} for row in outboxes(dc)], as_json=json)


def is_relayed(store: EventStore) -> bool:
    """Whether a relay of the service is connected to its database."""
    with store.connection() as connection:
        return connection.execute(RELAY, (store.name,)).fetchone() is not None


@app.command()
def rewind(
    context: typer.Context,
    service: Annotated[str, typer.Argument(help="Whose messages.")],
    to: Annotated[int | None, typer.Option(min=0, help="Publish everything after this id again; 0: all.")] = None,
    by: Annotated[int | None, typer.Option(min=1, help="Step back by so many ids.")] = None,
    behind: Annotated[
        bool, typer.Option("--behind", help="To where the feed stands that is behind most: its stream was cut.")
    ] = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Have the relay publish again; consumers skip what they have. A running relay notices within a second. It also
    steps back by 1,000 events of its own."""
    from delivery_center.supplying import positions
    from delivery_center.supplying import rewind as set_back

    dc = of(context)
    _published(dc)
    if [to is not None, by is not None, behind].count(True) != 1:
        raise misused("give --to, --by or --behind")
    store = _store(dc, service)
    with store.connection() as connection:
        row = connection.execute("SELECT position FROM outbox_position WHERE relay = %s", (service,)).fetchone()
    present = int(row["position"]) if row else 0
    target = max(0, present - (by or 0)) if to is None else to
    if behind:
        target = min(positions(dc.center, service).values(), default=present)
    if behind and target >= present:
        raise Failure(f"every feed of {service} stands at {present} or later, up to where it is published")
    if target > present:
        raise Failure(f"the outbox of {service} is at {present}; it goes back only")
    plan = {"service": service, "from": present, "to": target, **_again(dc, store, target), "dry_run": dry_run}
    if not dry_run:
        sure(f"{plan['messages']} messages of {service} are published again to {plan['consumers']}", yes)
        with dc.audited("outbox rewind", service=service, to=target) as action:
            set_back(store, to=target)
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
