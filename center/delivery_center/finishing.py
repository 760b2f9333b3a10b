"""The second half of an upgrade. Between ``prepare`` and the end of the last process of the version before, that one
goes on writing rows as it knows them: without columns that are new, in none of the tables that are new, without keys.
What follows from messages is made whole here once it is gone: all messages are read again beside the live tables, as
``verify`` does, and what is others there is taken over. It loses nothing and may be repeated.

Nobody waits for the reading. Feeds are held for what came meanwhile, and for writing what differs.

Of reporting-svc, whose tables are large, ``dc projection rebuild`` and ``switch`` do the same (ADR 0018).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from delivery_shared.messaging.envelope import open_message
from delivery_shared.messaging.outbox import Outbox
from delivery_shared.service import Service
from delivery_shared.snapshots import outdated, renew
from delivery_shared.texts import key
from delivery_shared.verifying.beside import Beside
from psycopg.errors import UniqueViolation

from delivery_center.composition import Center
from delivery_center.moment import moment_of
from delivery_center.verifying.chains import stores_of
from delivery_center.verifying.replaying import BATCH, Listener, Replay

READ_MODEL: Final = "reporting"
"""The service whose tables are rebuilt instead."""

ATTEMPTS: Final = 5
"""How often it is begun again where messages put aside were applied meanwhile, or a feed was put back."""

BEFORE: Final = """
SELECT DISTINCT application_name AS name FROM pg_stat_activity
WHERE datname = current_database() AND application_name = ANY(%(names)s) AND backend_start < %(since)s ORDER BY 1
"""


class Unreadable(Exception):
    """Messages cannot be applied again, so that nobody knows what the rows should be."""


class Moved(Exception):
    """What the feeds have applied is not what was read beside."""


@dataclass(frozen=True, kw_only=True)
class Finished:
    """``changed``: rows that were not whole, by table, and of how many streams the ``snapshots`` were not. ``twice``:
    what has no key still, since another row has it; one of both has to go."""

    changed: Mapping[str, int]
    twice: Sequence[str]


def unfinished(center: Center) -> dict[str, datetime]:
    """The services whose upgrade is not finished, with the time at which it began."""
    found: dict[str, datetime] = {}
    for name, service in center.services.items():
        rows = service.consumers[0].rows
        if rows("SELECT to_regclass('unfinished_upgrade') IS NOT NULL AS there", {})[0]["there"]:
            for row in rows("SELECT since FROM unfinished_upgrade", {}):
                found[name] = row["since"]
    return found


def gone_back(center: Center) -> list[str]:
    """The services of which an older version was the last to prepare: its processes may come at any time."""
    back = "SELECT 1 FROM unfinished_upgrade mark WHERE (to_jsonb(mark) ->> 'back')::boolean"
    return [name for name in unfinished(center) if center.services[name].consumers[0].rows(back, {})]


def connected_before(service: Service, since: datetime) -> list[str]:
    """Names of connections of a service that are older than the upgrade: of processes of the version before."""
    names = [
        f"delivery-{service.name}",
        f"delivery-{service.name}-relay",
        *(f"delivery-{one}" for one in service.loops),
    ]
    return [row["name"] for row in service.consumers[0].rows(BEFORE, {"names": names, "since": since})]


def note_finished(service: Service, since: datetime) -> None:
    """The upgrade that began at ``since`` is finished; one that began later is not."""
    service.consumers[0].rows("DELETE FROM unfinished_upgrade WHERE since = %(since)s", {"since": since})


def finish(center: Center, name: str, *, dry_run: bool = False) -> Finished:
    """Make whole what a service keeps of others' messages, its keys, and its snapshots.

    :param dry_run: tell what would change, and change nothing.
    :raises Unreadable: see there; nothing was changed.
    :raises Moved: see there; it was so each time it was begun.
    """
    assert name != READ_MODEL, "dc projection rebuild"
    for _ in range(ATTEMPTS - 1):
        try:
            return _finish(center, name, dry_run=dry_run)
        except Moved:
            continue
    return _finish(center, name, dry_run=dry_run)


def _finish(center: Center, name: str, *, dry_run: bool) -> Finished:
    with moment_of(center) as moment:
        replay = Replay(center, moment, [name], telling=False)
        replay.run()
        verification, listener = replay.of(name), replay.listeners[name]
        _readable(replay.lines)
        beside = verification.beside
        beside.keep()
        _catch_up(center, listener, beside)
        _readable(listener.lines)
        changed = {table: beside.take_over(table, but=verification.left_out(table)) for table in verification.copies}
        twice: list[str] = []
        for column, number in verification.keys.items():
            changed[column] = _fill(beside, column, number, twice)
        if not dry_run:
            beside.keep()
    changed["snapshots"] = _renewed(center.services[name], dry_run=dry_run)
    return Finished(changed={table: rows for table, rows in changed.items() if rows}, twice=twice)


def _renewed(service: Service, *, dry_run: bool) -> int:
    """Take those snapshots anew that the version before took; returns of how many streams."""
    streams = outdated(service.store) if service.store is not None else []
    if streams and not dry_run:
        assert service.store is not None
        renew(service.store, streams)
    return len(streams)


def _readable(lines: Sequence[str]) -> None:
    if lines:
        raise Unreadable("; ".join(lines[:3]))


def _catch_up(center: Center, listener: Listener, beside: Beside) -> None:
    """Hold the feeds – also those that have not begun –, and hear what they have applied since."""
    for source, feed in listener.feeds.items():
        key = {"feed": feed, "source": source}
        beside.run("INSERT INTO feed_position (feed, source) VALUES (%(feed)s, %(source)s) ON CONFLICT DO NOTHING", key)
    held = beside.run("SELECT source, position FROM feed_position ORDER BY feed, source FOR UPDATE")
    stand = {row["source"]: row["position"] for row in held}
    if listener.put_aside() != listener.aside:
        raise Moved("messages were put aside, or those put aside applied")
    stores = stores_of(center)
    for source, read in list(listener.positions.items()):
        up_to = stand.get(source, 0)
        if up_to < read:
            raise Moved(f"the feed of {source} was put back")
        listener.positions[source] = up_to
        outbox, at = Outbox(stores[source]), read
        while at < up_to and (batch := outbox.read(after=at, limit=BATCH)):
            listener.hear(source, [open_message(outgoing.body) for outgoing in batch])
            at = batch[-1].id


def _fill(beside: Beside, column: str, number: str, twice: list[str]) -> int:
    """Give rows the key they lack, one by one: it may be taken. Returns how many got it."""
    table, _, name = column.partition(".")
    live, ids = beside.live(table), beside.key_of(table)
    lacking = beside.run(
        f"SELECT {', '.join(ids)}, {number} AS number FROM {live} WHERE {name} IS NULL AND {number} IS NOT NULL"  # noqa: S608 - our own names
    )
    same = " AND ".join(f"{id} = %({id})s" for id in ids)
    filled = 0
    for row in lacking:
        try:
            with beside.tentatively():
                beside.run(f"UPDATE {live} SET {name} = %(key)s WHERE {same}", {**row, "key": key(row["number"])})  # noqa: S608
        except UniqueViolation:
            twice.append(f"{table} {row['number']}: another one differs in writing only")
        else:
            filled += 1
    return filled
