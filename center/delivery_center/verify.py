"""What must always be true of an installation (architecture 9), checked by reading only.

    python -m delivery_center.verify      # DATABASE_URL, AMQP_URL, … as for the services
        --heads FILE                      # check the audit chains against heads exported earlier
        --export FILE                     # then export the heads of now
        --restored                        # what was under way at the time of the backup is no violation

Meant for a quiet moment: with messages under way the outboxes are not drained and the feeds are behind.
"""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import cast

import dispatch_svc.verify
import notify_svc.verify
import project_svc.verify
import structlog
from delivery_shared.audit import AuditChain, Head
from delivery_shared.eventstore import EventStore
from delivery_shared.messaging.consumer import Consumer
from delivery_shared.messaging.outbox import RENEWAL, Outbox
from delivery_shared.migrate import migrate
from delivery_shared.projection import connect
from delivery_shared.service import Settings
from project_svc.main import clock_of
from project_svc.store import ProjectStore
from reporting_svc.feed import read_models
from reporting_svc.rebuild import state_hash
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from delivery_center.composition import Center
from delivery_center.replay import replay

log = structlog.get_logger()


AGES = 1e9
"""Seconds longer than anything waits."""

UNFINISHED = ("did not fire", "nobody sends it")
"""Ends of lines about what a running installation would have done by now, and one restored and not started has not."""


def verify(center: Center, exported: Mapping[str, Head] | None = None, *, restored: bool = False) -> list[str]:
    """Everything that is not as it must be, one line each; empty = all is well.

    :param exported: heads of the audit chains by service, as :func:`heads` gave them earlier.
    :param restored: a copy as a backup found it, with messages under way and work not yet done: that is no violation,
        unless a feed has read what its source does not have.
    """
    return [line for _, check in checks(center, exported, restored=restored) for line in check()]


Check = Callable[[], Iterable[str]]


def checks(
    center: Center, exported: Mapping[str, Head] | None = None, *, restored: bool = False
) -> list[tuple[str, Check]]:
    """What is checked, by name: each yields a line for everything that is not as it must be."""
    stores, outboxes = _stores(center), _outboxes(center)
    streams: list[tuple[str, Check]] = [
        (f"event streams of {name}", partial(event_streams, store)) for name, store in stores.items()
    ]
    waited = AGES if restored else dispatch_svc.verify.T
    found: list[tuple[str, Check]] = [
        *streams,
        ("audit chains", lambda: unchanged(stores, exported or {})),
        ("outboxes and feeds", lambda: beyond(center) if restored else quiet(center)),
        ("assignments, loads and queue", lambda: dispatch_svc.verify.verify(stores["dispatch"], waited)),
        ("flows and timers", lambda: _flows_and_timers(center, cast(ProjectStore, stores["project"]))),
        ("messages", lambda: notify_svc.verify.verify(center.settings.database_url)),
        ("read model of reporting", lambda: read_model_equals_replay(center, outboxes, as_far=restored)),
    ]
    return [(name, partial(_finished, check)) for name, check in found] if restored else found


def _finished(check: Check) -> Iterator[str]:
    yield from (line for line in check() if not line.endswith(UNFINISHED))


def beyond(center: Center) -> Iterator[str]:
    """Feeds that have read what their source does not have: it was restored to an earlier time than they were."""
    outboxes = _outboxes(center)
    for service in center.services.values():
        for consumer in service.consumers:
            last, position = outboxes[consumer.source].last(), consumer.position().id
            if position > last:
                yield f"feed {consumer.name} of {consumer.source} is at {position}, beyond the source's {last}"


def _flows_and_timers(center: Center, store: ProjectStore) -> Iterable[str]:
    return project_svc.verify.verify(store, now=clock_of(store, center.settings).now())


def quiet(center: Center) -> list[str]:
    """What is still under way or put aside: outboxes, feeds, parked messages (invariant 9), audit chains."""
    outboxes = _outboxes(center)
    return [
        *(line for service in center.services.values() for c in service.consumers for line in feed(c, outboxes)),
        *(line for outbox in outboxes.values() if center.settings.broker for line in drained(outbox)),
        *(line for store in _stores(center).values() for line in unsealed(store)),
    ]


def heads(center: Center) -> dict[str, Head]:
    """The end of each audit chain by service, to be kept where nobody of this installation can change it."""
    return {name: AuditChain(store).head() for name, store in _stores(center).items()}


def _stores(center: Center) -> dict[str, EventStore]:
    return {name: service.store for name, service in center.services.items() if service.store}


def _outboxes(center: Center) -> dict[str, Outbox]:
    return {name: Outbox(store) for name, store in _stores(center).items()}


def event_streams(store: EventStore) -> Iterator[str]:
    """Invariant 1: versions without gap, from 1."""
    table = store.events_recorder.events_table_name
    with store.connection() as connection:
        for row in connection.execute(
            f"SELECT originator_id, count(*) AS n, max(originator_version) AS last FROM {table}"  # noqa: S608
            " GROUP BY originator_id HAVING count(*) <> max(originator_version) OR min(originator_version) <> 1"
        ).fetchall():
            yield f"{store.name}: stream {row['originator_id']} has {row['n']} events up to version {row['last']}"


def feed(consumer: Consumer, outboxes: dict[str, Outbox]) -> Iterator[str]:
    """Invariant 9: the feed has applied everything its source has published, and put nothing aside."""
    last, position = outboxes[consumer.source].last(), consumer.position().id
    if position != last:
        yield f"feed {consumer.name} of {consumer.source} is at {position}, the source at {last}"
    for row in consumer.rows(
        "SELECT id, type, error FROM parked WHERE feed = %(feed)s AND source = %(source)s ORDER BY id",
        {"feed": consumer.name, "source": consumer.source},
    ):
        kept = f"{row['type'] or 'bytes'} ({row['id']}): {row['error']}"
        yield f"feed {consumer.name} of {consumer.source} has parked {kept}"


def drained(outbox: Outbox) -> Iterator[str]:
    """Invariant 9: the relay has published everything."""
    store = outbox.store
    with store.connection() as connection:
        row = connection.execute("SELECT position FROM outbox_position WHERE relay = %s", (store.name,)).fetchone()
        renewing = connection.execute(RENEWAL, (store.name,)).fetchone()
    position, last = (row["position"] if row else 0), outbox.last()
    if position < last:
        yield f"outbox of {store.name} is published up to {position} of {last}"
    if renewing:
        yield f"the stream of {store.name} is still to be published anew"


def unchanged(stores: Mapping[str, EventStore], exported: Mapping[str, Head]) -> Iterator[str]:
    """No event was changed, removed or inserted since it was sealed, and no chain made anew since its head was
    exported."""
    for name, store in stores.items():
        yield from AuditChain(store).broken([exported[name]] if name in exported else [])


def unsealed(store: EventStore) -> Iterator[str]:
    """The audit chain holds every event."""
    if waiting := AuditChain(store).waiting():
        yield f"{store.name}: {waiting} events are not in the audit chain yet"


def read_model_equals_replay(center: Center, outboxes: dict[str, Outbox], *, as_far: bool = False) -> Iterator[str]:
    """Invariant 7: reporting's tables equal a replay of all events into empty ones (in a scratch schema).

    :param as_far: of the events they have applied, instead of all.
    """
    url, schema = center.settings.database_url, f"verify_{os.getpid()}"
    live = connect(url, "reporting")
    migrate(database_url=url, schema=schema, package="reporting_svc", driver="psycopg2")
    scratch = connect(url, schema)
    try:
        reached = {consumer.source: consumer.position().id for consumer in read_models(live)}
        for consumer in read_models(scratch):
            replay(consumer, outboxes[consumer.source], up_to=reached[consumer.source] if as_far else None)
        if state_hash(live) != state_hash(scratch):
            yield "reporting: the read model differs from a replay of the events"
    finally:
        scratch.dispose()
        live.dispose()
        engine = create_engine(make_url(url).set(drivername="postgresql+psycopg2"), poolclass=NullPool)
        with engine.begin() as connection:
            connection.execute(text(f'DROP SCHEMA "{schema}" CASCADE'))
        engine.dispose()


def exported(file: Path) -> dict[str, Head]:
    """Heads read from a file of :func:`export`."""
    return {
        name: Head(id=head["id"], hash=bytes.fromhex(head["hash"]))
        for name, head in json.loads(file.read_text()).items()
    }


def export(chains: Mapping[str, Head], file: Path) -> None:
    """Write heads as JSON: service → id and hash."""
    file.write_text(json.dumps({name: {"id": h.id, "hash": h.hash.hex()} for name, h in chains.items()}, indent=2))


def main(arguments: Sequence[str] | None = None) -> None:
    """Print what is wrong; exit status 1 if anything is."""
    parser = ArgumentParser(prog="python -m delivery_center.verify", description=__doc__.partition("\n")[0])
    parser.add_argument("--heads", type=Path, help="heads of the audit chains exported earlier")
    parser.add_argument("--export", type=Path, help="where the heads of now go")
    parser.add_argument("--restored", action="store_true", help="a restored copy: what was under way does not count")
    options = parser.parse_args(arguments)
    center = Center(Settings.read(os.environ))
    try:
        wrong = verify(center, exported(options.heads) if options.heads else None, restored=options.restored)
        if options.export:
            export(heads(center), options.export)
    finally:
        center.stop()
    for line in wrong:
        print(line)  # noqa: T201 - the result
    print(f"{len(wrong)} violations")  # noqa: T201
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
