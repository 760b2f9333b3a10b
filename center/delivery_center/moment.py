"""One moment of an installation whose services have databases of their own.

A snapshot of each database is taken; they are some hundredths of a second apart. That is a moment of the whole if no
service has read, in its snapshot, an event its source does not have in that of the source: messages are all that goes
from one to another, so whatever lies between the two is merely under way – as it always is. Where a feed was faster
than that, the snapshots are taken again.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing

from delivery_shared.eventstore import EventStore
from delivery_shared.verifying.moment import Moment
from psycopg import sql

from delivery_center.composition import Center

PATIENCE = 10.0
"""Seconds in which it is tried again. Between two snapshots pass a few milliseconds; an event takes longer to become a
message, to be read and to be applied."""


def moment_of(center: Center, *, patience: float = PATIENCE) -> Moment:
    """A moment of the installation. Where feeds stand beyond their source after ``patience`` seconds too, it is not
    the snapshots: a database was restored without the others, which whoever looks will see."""
    until = time.monotonic() + patience
    while True:
        moment = Moment(center.databases)
        if len(moment.snapshots) < 2 or time.monotonic() > until:
            return moment
        try:
            fits = not any(_beyond(center, moment))
        except BaseException:
            moment.close()
            raise
        if fits:
            return moment
        moment.close()


def _beyond(center: Center, moment: Moment) -> Iterator[str]:
    """Feeds that have read more than their source has, as the moment shows both."""
    last = {name: _last(moment, service.store) for name, service in center.services.items() if service.store}
    for name, service in center.services.items():
        with closing(moment.connection(name)) as connection:
            rows = connection.execute("SELECT feed, source, position FROM feed_position").fetchall()
        stands = {(row["feed"], row["source"]): row["position"] for row in rows}
        for consumer in service.consumers:
            if stands.get((consumer.name, consumer.source), 0) > last[consumer.source]:
                yield f"{consumer.name} of {consumer.source}"


def _last(moment: Moment, store: EventStore) -> int:
    """The id of the last event of a service, published or not: ids are given in the order of the commits."""
    table = sql.Identifier(store.schema, store.events_recorder.events_table_name)
    with closing(moment.connection(store.schema)) as connection:
        row = connection.execute(sql.SQL("SELECT max(notification_id) AS last FROM {}").format(table)).fetchone()
    return int(row["last"] or 0) if row else 0
