"""The tables of the inbox as SQL: what asks and projects put in, and what a dispatcher reads and writes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from uuid import UUID

from delivery_shared.eventstore import OTHER, WAKE, RowChange, WorkChanged
from delivery_shared.tracing import Trace
from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from dispatch_svc.domain.asks import Asked
from dispatch_svc.domain.keys import PoolKey, StaffClass

RAISE_WAKE = (
    "INSERT INTO wake (pool, seq) VALUES (%(pool)s, nextval('wake_seq'))"
    " ON CONFLICT (pool) DO UPDATE SET seq = excluded.seq RETURNING seq"
)
"""``at`` stays that of the first of several: the age of a wake is how long its pool was not looked at."""

BEHIND = 2**52
"""Added to the arrivals of trial and test orders: their places lie behind those of all paid ones, whenever these come
(S-07)."""

INSERT = """
INSERT INTO pool_inbox (
    arrival, pool, kind, class, ask, request_id, project_id, run, vendor_id, customer_id, product_id, order_number,
    provider_id, role, department_id, person_id, suspended, queued_at, correlation_id, causation_id, traceparent)
SELECT nextval('arrival_seq') + r.behind, pool, kind, class, ask, request_id, project_id, run, vendor_id, customer_id,
    product_id, order_number, provider_id, role, department_id, person_id, suspended, queued_at, correlation_id,
    causation_id, traceparent
FROM jsonb_to_recordset(%(rows)s) AS r (
    behind bigint, pool text, kind text, class text, ask text, request_id uuid, project_id uuid, run int,
    vendor_id uuid, customer_id uuid, product_id uuid, order_number text, provider_id uuid, role text,
    department_id uuid, person_id uuid, suspended boolean, queued_at timestamptz, correlation_id text,
    causation_id text, traceparent text)
"""

WITHDRAW = """
WITH gone AS (
    SELECT i.arrival FROM pool_inbox i
    JOIN unnest(%(projects)s::uuid[], %(before)s::int[]) AS p (project_id, before) USING (project_id)
    WHERE i.run < p.before AND i.kind <> 'release' ORDER BY i.arrival FOR UPDATE OF i)
DELETE FROM pool_inbox USING gone WHERE pool_inbox.arrival = gone.arrival
"""

ANSWERED = """
WITH gone AS (SELECT arrival FROM pool_inbox WHERE ask = ANY(%(asks)s) ORDER BY arrival FOR UPDATE)
DELETE FROM pool_inbox USING gone WHERE pool_inbox.arrival = gone.arrival
"""

SUSPEND = """
WITH changed AS (
    SELECT i.arrival, p.suspended FROM pool_inbox i
    JOIN unnest(%(projects)s::uuid[], %(flags)s::boolean[]) AS p (project_id, suspended) USING (project_id)
    WHERE i.kind = 'ask' AND i.suspended <> p.suspended ORDER BY i.arrival FOR UPDATE OF i)
UPDATE pool_inbox SET suspended = changed.suspended FROM changed WHERE pool_inbox.arrival = changed.arrival
"""

ATTEMPTS = 5
"""How often the decision of a row may raise before the row is parked."""

COLUMNS = (
    "arrival, pool, kind, class, ask, request_id, project_id, run, vendor_id, provider_id, role, person_id,"
    " queued_at, reason, attempts, holders, correlation_id, causation_id, traceparent"
)
DUE = "parked_at IS NULL AND (next_try IS NULL OR next_try <= now())"

READ_WAKE = "SELECT seq, extract(epoch FROM clock_timestamp() - at)::float AS age FROM wake WHERE pool = %(pool)s"

URGENT = f"""
SELECT {COLUMNS} FROM pool_inbox WHERE pool = %(pool)s AND kind <> 'ask' AND {DUE}
ORDER BY kind = 'release' DESC, kind = 'claim' DESC, arrival LIMIT %(limit)s
"""  # noqa: S608
"""Releases, then claims, then wanted candidates."""

ASKS = f"""
WITH RECURSIVE classes AS (
    (SELECT class FROM pool_inbox WHERE pool = %(pool)s AND kind = 'ask' AND NOT suspended AND parked_at IS NULL
     AND EXISTS (SELECT 1 FROM wake WHERE pool = %(pool)s) ORDER BY class LIMIT 1)
    UNION ALL
    SELECT (SELECT i.class FROM pool_inbox i WHERE i.pool = %(pool)s AND i.kind = 'ask' AND NOT i.suspended
            AND i.parked_at IS NULL AND i.class > c.class ORDER BY i.class LIMIT 1)
    FROM classes c WHERE c.class IS NOT NULL)
SELECT r.* FROM classes c CROSS JOIN LATERAL (
    SELECT {COLUMNS} FROM pool_inbox
    WHERE pool = %(pool)s AND class = c.class AND kind = 'ask' AND NOT suspended AND {DUE}
    ORDER BY arrival LIMIT %(heads)s) r
WHERE c.class IS NOT NULL ORDER BY r.arrival
"""  # noqa: S608
"""The first asks of every class of the pool, however many wait behind them; none without a wake."""

UNTOLD = f"""
SELECT {COLUMNS} FROM pool_inbox
WHERE pool = %(pool)s AND class = %(class)s AND kind = 'ask' AND NOT suspended AND {DUE}
AND (reason < %(reason)s OR reason > %(reason)s) ORDER BY arrival LIMIT %(limit)s
"""  # noqa: S608
"""Asks of a class that were not told its present reason."""

UNLEARNT = f"""
SELECT {COLUMNS} FROM pool_inbox
WHERE pool = %(pool)s AND class = %(class)s AND kind = 'ask' AND NOT suspended AND {DUE}
AND reason <> '' AND holders IS NULL ORDER BY arrival LIMIT %(limit)s
"""  # noqa: S608
"""Asks of a class that were told why they wait by a version that did not write down who holds their project."""

HELD = f"""
WITH held AS MATERIALIZED (
    SELECT DISTINCT one.arrival AS held FROM unnest(%(people)s::uuid[]) AS p (person) CROSS JOIN LATERAL (
        SELECT arrival FROM pool_inbox WHERE holders <> '{{}}' AND holders @> ARRAY[p.person] OFFSET 0) AS one)
SELECT {COLUMNS} FROM held CROSS JOIN LATERAL (
    SELECT * FROM pool_inbox WHERE arrival = held OFFSET 0) AS asks
WHERE pool = %(pool)s AND class = %(class)s AND kind = 'ask' AND NOT suspended AND {DUE}
ORDER BY arrival LIMIT %(limit)s
"""  # noqa: S608
"""Asks of a class whose project is held by one of these people: few, found person by person in their index, however
many wait (with one condition for all of them PostgreSQL reads the whole table)."""


@dataclass(frozen=True, kw_only=True)
class InboxRow:
    """What waits for a dispatcher: an ``ask``, somebody ``wanted``, a ``claim``, or a ``release`` of what a project no
    longer holds, which has no ask."""

    arrival: int
    pool: PoolKey
    kind: str
    cls: StaffClass
    ask: str
    request_id: UUID
    project_id: UUID
    run: int
    vendor_id: UUID
    provider_id: UUID | None
    role: str | None
    person_id: UUID | None
    queued_at: datetime
    reason: str
    attempts: int
    holders: frozenset[str] | None
    """Who held the project when that was last written down, see :func:`held_by`; None if it never was."""
    trace: Trace

    @staticmethod
    def read(row: DictRow) -> InboxRow:
        values = dict(row)
        return InboxRow(
            pool=PoolKey(values.pop("pool")),
            cls=StaffClass(values.pop("class")),
            holders=None if (held := values.pop("holders")) is None else frozenset(map(str, held)),
            trace=Trace(values.pop("correlation_id"), values.pop("causation_id"), values.pop("traceparent") or ""),
            **values,
        )

    @property
    def asked(self) -> Asked:
        """What its decision names."""
        return Asked(
            request_id=self.request_id,
            project_id=self.project_id,
            run=self.run,
            arrival=self.arrival,
            attempts=self.attempts,
        )


@dataclass(frozen=True)
class Work:
    """What a pool has for its dispatcher. ``seq`` names the state of the wake it was read under."""

    seq: int
    urgent: list[InboxRow]
    asks: dict[StaffClass, list[InboxRow]]
    """The first asks by class."""
    age: float
    """Seconds for which the pool was not looked at."""

    @property
    def rows(self) -> Iterator[InboxRow]:
        """All rows read, the urgent ones first."""
        return chain(self.urgent, *self.asks.values())


def read_work(connection: Connection[DictRow], pool: PoolKey, limit: int, heads: int) -> Work | None:
    """The wake, then the rows – in this order, so that whatever is stored later leaves the wake changed –, in one
    round trip: at most ``limit`` urgent ones, and ``heads`` asks of every class; None without a wake."""
    params = {"pool": pool, "limit": limit, "heads": heads}
    with connection.pipeline():
        wake = connection.execute(READ_WAKE, params)
        urgent = connection.execute(URGENT, params)
        asks = connection.execute(ASKS, params)
    found = wake.fetchone()
    if found is None:
        return None
    by_class: dict[StaffClass, list[InboxRow]] = {}
    for row in map(InboxRow.read, asks):
        by_class.setdefault(row.cls, []).append(row)
    return Work(found["seq"], [InboxRow.read(row) for row in urgent], by_class, found["age"])


def read_untold(
    connection: Connection[DictRow], pool: PoolKey, cls: StaffClass, reason: str, limit: int
) -> list[InboxRow]:
    """Asks of a class to be told ``reason``, oldest first."""
    params = {"pool": pool, "class": cls, "reason": reason, "limit": limit}
    return [InboxRow.read(row) for row in connection.execute(UNTOLD, params)]


def read_unlearnt(connection: Connection[DictRow], pool: PoolKey, cls: StaffClass, limit: int) -> list[InboxRow]:
    """Asks of a class that wait and do not know who holds their project, oldest first."""
    params = {"pool": pool, "class": cls, "limit": limit}
    return [InboxRow.read(row) for row in connection.execute(UNLEARNT, params)]


def read_held(
    connection: Connection[DictRow], pool: PoolKey, cls: StaffClass, people: Sequence[str], limit: int
) -> list[InboxRow]:
    """Asks of a class whose project is held by one of ``people``, oldest first."""
    params = {"pool": pool, "class": cls, "people": list(people), "limit": limit}
    return [InboxRow.read(row) for row in connection.execute(HELD, params)]


def done(arrivals: Sequence[int]) -> RowChange:
    """The rows are served. :raises WorkChanged: (at the save) one of them was taken or came to rest."""
    return RowChange(
        rank=OTHER,
        key="done",
        or_else=WorkChanged,
        sql="WITH mine AS (SELECT arrival FROM pool_inbox WHERE arrival = ANY(%(arrivals)s) AND NOT suspended"
        " ORDER BY arrival FOR UPDATE),"
        " gone AS (DELETE FROM pool_inbox USING mine WHERE pool_inbox.arrival = mine.arrival RETURNING 1)"
        " SELECT 1 FROM gone HAVING count(*) = %(count)s",
        params={"arrivals": list(arrivals), "count": len(arrivals)},
    )


def told(reasons: Mapping[int, str]) -> RowChange:
    """These asks were told why they wait, and that nobody holds their project unless :func:`held_by` says otherwise; a
    retry that was due is done.
    :raises WorkChanged: (at the save) one of them was taken or came to rest."""
    return RowChange(
        rank=OTHER,
        key="told",
        or_else=WorkChanged,
        sql="WITH mine AS (SELECT i.arrival, t.reason FROM pool_inbox i"
        " JOIN unnest(%(arrivals)s::bigint[], %(reasons)s::text[]) AS t (arrival, reason) USING (arrival)"
        " WHERE NOT i.suspended ORDER BY i.arrival FOR UPDATE OF i),"
        " written AS (UPDATE pool_inbox SET reason = mine.reason, next_try = NULL,"
        " holders = coalesce(pool_inbox.holders, '{}')"
        " FROM mine WHERE pool_inbox.arrival = mine.arrival RETURNING 1)"
        " SELECT 1 FROM written HAVING count(*) = %(count)s",
        params={"arrivals": list(reasons), "reasons": list(reasons.values()), "count": len(reasons)},
    )


def attempted(pool: PoolKey, classes: Mapping[StaffClass, str], at: datetime, seq: int) -> RowChange:
    """These classes found nobody at ``at``: reason and last attempt (D-16), and the wake it answers."""
    return RowChange(
        rank=OTHER,
        key="attempted",
        sql="INSERT INTO pool_class (pool, class, reason, last_attempt, seq)"
        " SELECT %(pool)s, c.class, c.reason, %(at)s, %(seq)s"
        " FROM unnest(%(classes)s::text[], %(reasons)s::text[]) AS c (class, reason) ORDER BY c.class"
        " ON CONFLICT (pool, class) DO UPDATE SET reason = excluded.reason, last_attempt = excluded.last_attempt,"
        " seq = excluded.seq",
        params={
            "pool": pool,
            "classes": list(classes),
            "reasons": list(classes.values()),
            "at": at,
            "seq": seq,
        },
    )


def held_by(pool: PoolKey, holders: Mapping[UUID, Collection[str]]) -> RowChange:
    """The asks of these projects learn who holds their project: written when an ask is told to wait, and when that
    changes while it waits, so that a pass finds those its holder can take (D-28)."""
    return RowChange(
        rank=OTHER,
        key="held",
        sql="WITH mine AS (SELECT i.arrival, p.people FROM pool_inbox i"
        " JOIN jsonb_to_recordset(%(holders)s) AS p (project_id uuid, people uuid[]) USING (project_id)"
        " WHERE i.pool = %(pool)s AND i.kind = 'ask' ORDER BY i.arrival FOR UPDATE OF i)"
        " UPDATE pool_inbox SET holders = mine.people FROM mine WHERE pool_inbox.arrival = mine.arrival",
        params={
            "pool": pool,
            "holders": Jsonb([{"project_id": str(p), "people": sorted(people)} for p, people in holders.items()]),
        },
    )


def decided(decisions: Sequence[Mapping[str, object]]) -> RowChange:
    """Which event of which pool decided an ask."""
    return RowChange(
        rank=OTHER,
        key="decided",
        sql="INSERT INTO decision SELECT * FROM jsonb_populate_recordset(NULL::decision, %(decisions)s)",
        params={"decisions": Jsonb(list(decisions))},
    )


def answer_wake(pool: PoolKey, seq: int) -> RowChange:
    """Everything the wake called for is done: delete it, unless it was raised again meanwhile."""
    return RowChange(
        rank=WAKE,
        key=pool,
        sql="WITH gone AS (DELETE FROM wake WHERE pool = %(pool)s AND seq = %(seq)s RETURNING 1)"
        " UPDATE wake SET at = now() WHERE pool = %(pool)s AND seq <> %(seq)s",
        params={"pool": pool, "seq": seq},
    )


def keep_wake(pool: PoolKey) -> RowChange:
    """There is more to do: the wake stays, but the pool was looked at."""
    return RowChange(
        rank=WAKE,
        key=pool,
        sql="UPDATE wake SET at = now() WHERE pool = %(pool)s",
        params={"pool": pool},
    )


POSTPONE = """
UPDATE pool_inbox SET attempts = attempts + 1, error = %(error)s,
    next_try = now() + interval '1 second' * power(2, attempts),
    parked_at = CASE WHEN attempts + 1 >= %(most)s THEN now() END
WHERE arrival = %(arrival)s
"""


def postpone(connection: Connection[DictRow], row: InboxRow, error: Exception) -> bool:
    """The decision of this row raised: try again later, at last park it. Returns whether it was parked."""
    connection.execute(POSTPONE, {"arrival": row.arrival, "error": repr(error)[:2000], "most": ATTEMPTS})
    return row.attempts + 1 >= ATTEMPTS


def retry(connection: Connection[DictRow], pool: PoolKey, arrival: int) -> int:
    """Wake the pool, and have it try a row it had put aside after failures; returns what the wake is to be answered
    with."""
    with connection.transaction():
        row = connection.execute(RAISE_WAKE, {"pool": pool}).fetchone()
        connection.execute(
            "UPDATE pool_inbox SET next_try = NULL, parked_at = NULL WHERE arrival = %s AND next_try IS NOT NULL",
            (arrival,),
        )
    assert row is not None
    return int(row["seq"])
