"""How much an installation holds, how fast that grows, and how long it fits: what ``dc capacity`` shows and the
benchmark measures.

Growth is read from what is there, not from earlier looks: events carry their time, so how many came in the last days is
known, and everything else follows from events – rows of read models and messages too – at the size it has had so far.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from delivery_shared.eventstore import EventStore
from delivery_shared.messaging.outbox import Outbox
from delivery_shared.messaging.retention import SEGMENT_BYTES

Read = Callable[[str, Mapping[str, Any]], list[dict[str, Any]]]

SAMPLE: Final = 500
"""Messages whose size is taken for that of all."""

TABLES: Final = """
SELECT c.relname AS name, pg_total_relation_size(c.oid) AS bytes, greatest(s.n_live_tup, c.reltuples::bigint, 0) AS rows
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_stat_user_tables s ON s.relid = c.oid
WHERE n.nspname = %(schema)s AND c.relkind IN ('r', 'm')
"""


@dataclass(frozen=True, kw_only=True)
class Tables:
    """Tables of a service that serve the same end: bytes with their indexes, rows as the database estimates them."""

    service: str
    group: str
    rows: int
    bytes: int


def tables_of(service: str, read: Read) -> list[Tables]:
    """What each group of a service's tables takes."""
    found: dict[str, tuple[int, int]] = {}
    for row in read(TABLES, {"schema": service}):
        group = group_of(row["name"])
        rows, size = found.get(group, (0, 0))
        found[group] = rows + int(row["rows"]), size + int(row["bytes"])
    return [Tables(service=service, group=name, rows=rows, bytes=size) for name, (rows, size) in sorted(found.items())]


def group_of(table: str) -> str:
    """What a table is for."""
    if table.endswith(("_events", "_snapshots")):
        return "events"
    return {"audit_chain": "audit chain", "command": "commands"}.get(table, "rows")


@dataclass(frozen=True, kw_only=True)
class Rate:
    """Events of a store: all there are, and how many a day over the ``days`` looked at."""

    events: int
    a_day: float
    days: float


def rate_of(store: EventStore, *, days: float, now: datetime | None = None) -> Rate:
    """Over the last ``days``, or since the first event where that is later."""
    now = now or datetime.now(UTC)
    last = store.recorder.max_notification_id() or 0
    if not last:
        return Rate(events=0, a_day=0.0, days=days)
    first = _time_of(store, 1) or now
    since = max(now - timedelta(days=days), first)
    looked_at = max((now - since).total_seconds() / 86400, 1 / 1440)
    return Rate(events=last, a_day=(last - _last_before(store, since, last)) / looked_at, days=looked_at)


def _last_before(store: EventStore, since: datetime, last: int) -> int:
    """The id of the last event before ``since``, by halves: ids and times rise together."""
    low, high = 0, last
    while low < high:
        middle = (low + high + 1) // 2
        told = _time_of(store, middle)
        if told is not None and told < since:
            low = middle
        else:
            high = middle - 1
    return low


def _time_of(store: EventStore, id: int) -> datetime | None:
    """When the event of that id, or the next there is, was stored; None behind the last."""
    found = store.recorder.select_notifications(id, 1)
    told: Any = store.mapper.to_domain_event(found[0]) if found else None
    return told.timestamp if told is not None else None


def message_bytes(outbox: Outbox) -> float:
    """The mean size of what is published, of the last messages; 0 without any."""
    sizes = [len(one.body) for one in outbox.read(after=max(0, outbox.last() - SAMPLE), limit=SAMPLE)]
    return sum(sizes) / len(sizes) if sizes else 0.0


def published(store: EventStore, *, after: int) -> int:
    """How many published events have ids above ``after``; counts them, which takes a second for each few millions."""
    with store.connection() as connection:
        row = connection.execute(
            f"SELECT count(*) AS n FROM {store.events_recorder.events_table_name}"  # noqa: S608 - our own name
            " WHERE notification_id > %s AND topic = ANY(%s)",
            (after, store.publishable_topics),
        ).fetchone()
    return int(row["n"]) if row else 0


@dataclass(frozen=True, kw_only=True)
class Growth:
    """``bytes`` now and what comes to them ``a_day``; ``most``: where it ends, None: nowhere."""

    bytes: float
    a_day: float
    most: float | None = None

    def days_left(self, free: float | None) -> float | None:
        """For how long ``free`` further bytes are enough; None: for ever, or it is not known how many there are."""
        if free is None or self.a_day <= 0 or (self.most is not None and self.most - self.bytes <= free):
            return None
        return max(free, 0.0) / self.a_day


def stream_growth(*, events: int, published_a_day: float, size: float, kept_days: float | None) -> Growth:
    """Of a stream that holds ``events`` messages of ``size`` bytes: it ends at what comes while it is kept, and the
    segments that are not cut yet."""
    a_day = published_a_day * size
    most = None if kept_days is None else a_day * kept_days + 2 * SEGMENT_BYTES
    return Growth(bytes=events * size, a_day=a_day, most=most)


UNITS: Final = {"Y": 365.25, "M": 30.4, "D": 1.0, "h": 1 / 24, "m": 1 / 1440, "s": 1 / 86400}


def days_of(age: str) -> float | None:
    """RabbitMQ's ``max-age`` in days; None where there is none: for ever."""
    return int(age[:-1]) * UNITS[age[-1]] if age else None


SIZES: Final = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
SIZES_2: Final = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}


def bytes_of(text: str) -> int:
    """``100G``, ``100Gi``, ``100GiB``. :raises ValueError: it is no size."""
    number = text.strip().removesuffix("B")
    for unit, factor in sorted({**SIZES, **SIZES_2}.items(), key=lambda one: -len(one[0])):
        if unit and number.endswith(unit):
            return int(float(number.removesuffix(unit)) * factor)
    return int(number)


def size_text(size: float) -> str:
    """For a person."""
    for unit in ("B", "kB", "MB", "GB"):
        if abs(size) < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def total(found: Sequence[Tables]) -> int:
    return sum(one.bytes for one in found)
