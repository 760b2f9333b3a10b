"""``dc status``: how far everything has got, as each service tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from delivery_center.dc.installation import Dc, of
from delivery_center.dc.output import Json, put, say

if TYPE_CHECKING:
    from delivery_shared.status import ServiceStatus


def status(context: typer.Context, json: Json = False) -> None:
    """Outboxes, feeds, what is put aside, the queue, timers, messages, the calendar."""
    dc = of(context)
    found = {"outboxes": outboxes(dc), "feeds": feeds(dc), "work": work(dc)}
    if json:
        put(found, as_json=True)
        return
    say("outboxes" if dc.settings.broker else "outboxes: none, the services of this installation share a process")
    if found["outboxes"]:
        put(found["outboxes"], as_json=False)
    say("\nfeeds")
    put(found["feeds"], as_json=False)
    say("\nwork")
    put(found["work"], as_json=False)


def outboxes(dc: Dc) -> list[dict[str, Any]]:
    """What the broker has not confirmed yet. Without a broker there is nothing to drain."""
    import msgspec

    return [{"service": told.service, **msgspec.to_builtins(told.outbox)} for told in _told(dc) if told.outbox]


def feeds(dc: Dc) -> list[dict[str, Any]]:
    """Where each feed stands, and how far it is behind its source. One that stands beyond its source has read events
    that are not there (any more): the source was restored to an earlier time."""
    from delivery_shared.status import backlog

    told_first = _told(dc)  # what is published meanwhile must not look as if a feed had read what is not there
    stores, lasts, rows = dc.stores, {name: outbox.last() for name, outbox in dc.outboxes.items()}, []
    for told in told_first:
        for feed in told.feeds:
            behind = backlog(stores[feed.source], after=feed.position)
            rows.append(
                {
                    "service": told.service,
                    "source": feed.source,
                    "position": feed.position,
                    "behind": behind.messages,
                    "behind_seconds": round(behind.oldest_seconds, 1),
                    "beyond": max(0, feed.position - lasts[feed.source]),
                    "parked": feed.parked,
                    "retrying": feed.retrying,
                }
            )
    return rows


def work(dc: Dc) -> dict[str, float]:
    """The figures only one service has."""
    return {f"{told.service}.{name}": round(value, 1) for told in _told(dc) for name, value in told.own.items()}


def _told(dc: Dc) -> list[ServiceStatus]:
    return [service.status() for service in dc.center.services.values() if service.status is not None]
