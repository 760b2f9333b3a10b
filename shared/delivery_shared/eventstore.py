"""The event store of a service: new events, feed position, command id and own rows in one transaction.

Built on the ``eventsourcing`` library's PostgreSQL module (architecture 2). What is added here:

* :class:`~delivery_shared.saving.RowChange` – a statement that belongs to a save, run in the same transaction as the
  events, before the library's table lock;
* :class:`EventStore` – the library's ``Application`` with bulk loading, correlation ids stored beside every event,
  and a ``save`` that tells the position of its last published event.
"""

from __future__ import annotations

import select
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar, cast
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate
from eventsourcing.persistence import (
    InfrastructureFactory,
    IntegrityError,
    Mapper,
    OperationalError,
    ProcessRecorder,
    StoredEvent,
)
from eventsourcing.postgres import PostgresFactory
from eventsourcing.utils import Environment, EnvType, get_topic
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import DictRow
from psycopg.sql import SQL, Identifier
from psycopg_pool import ConnectionPool

from delivery_shared import telemetry
from delivery_shared.contracts import Contract
from delivery_shared.metrics import count_psycopg, pools
from delivery_shared.saving import (
    COMMAND,
    FEED,
    OTHER,
    WAKE,
    CommandDone,
    Conflict,
    DeliveryRecorder,
    PositionMoved,
    RowChange,
    TimerMoved,
    VersionConflict,
    WorkChanged,
)
from delivery_shared.tracing import Trace, current_trace, traced

A = TypeVar("A", bound=Aggregate)

IDLE = 15.0
"""Seconds after which a pooled connection nobody uses is closed, down to one: PostgreSQL allows few in all."""

ONLY_WHERE_ASKED: Final = 2**31
"""Executions after which psycopg prepares a statement by itself; those that are carried out all the time ask for it
(ADR 0025)."""

TRY_AGAIN = 1.0
"""Seconds between two attempts to reach a database or broker that is away, at most."""

REACHABLE: Final = {
    "connect_timeout": 3,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""How soon a database is given up whose machine answers nothing; in seconds, the last in milliseconds. Of every
connection, or one to a machine that is gone would wait for as long as the network does: minutes."""

AUDITED = """
CREATE TABLE IF NOT EXISTS audit_chain (
    last_id bigint PRIMARY KEY, previous_id bigint NOT NULL UNIQUE, ids bigint[] NOT NULL, hashes bytea NOT NULL);
ALTER TABLE audit_chain ALTER hashes SET STORAGE EXTERNAL;
CREATE TABLE IF NOT EXISTS outbox_renewal (
    relay text PRIMARY KEY, asked bigint NOT NULL, done bigint NOT NULL DEFAULT 0);
CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'table % is append-only', TG_TABLE_NAME; END $$;
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON {events}
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_chain
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
"""
"""What goes with an event table; making it again changes nothing. A link of ``audit_chain`` is keyed by the one before
it, so that the chain cannot fork."""


@dataclass(frozen=True, kw_only=True)
class Saved:
    """What a save stored: ``published`` – by stream, the id of its last event that is published – and the last
    ``(stream, version)`` written, None when only rows changed."""

    published: Mapping[UUID, int]
    last: tuple[UUID, int] | None

    @property
    def position(self) -> int | None:
        """The id of its last event that is published, None if none is."""
        return self.position_of(self.published)

    def position_of(self, streams: Iterable[UUID]) -> int | None:
        """As ``position``, of some of its streams."""
        return max((self.published[stream] for stream in streams if stream in self.published), default=None)


class TracingMapper(Mapper[UUID]):
    """Stores correlation and causation ids beside the fields of an event, under ``trace``."""

    def to_stored_event(self, domain_event: Any) -> StoredEvent:
        fields = vars(domain_event)
        if "trace" not in fields:
            fields["trace"] = current_trace().as_dict()
        return super().to_stored_event(domain_event)


def postgres_environment(database_url: str, schema: str) -> dict[str, str]:
    """The library's settings for a database address (URL or conninfo string) and a schema."""
    parts = conninfo_to_dict(database_url)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "PROCESS_RECORDER_TOPIC": "delivery_shared.saving:DeliveryRecorder",
        "MAPPER_TOPIC": "delivery_shared.eventstore:TracingMapper",
        "TRANSCODER_TOPIC": "delivery_shared.transcoding:FastTranscoder",
        "POSTGRES_DBNAME": str(parts.get("dbname") or "postgres"),
        "POSTGRES_HOST": str(parts.get("host") or "127.0.0.1"),
        "POSTGRES_PORT": str(parts.get("port") or "5432"),
        "POSTGRES_USER": str(parts.get("user") or "postgres"),
        "POSTGRES_PASSWORD": str(parts.get("password") or ""),
        "POSTGRES_SCHEMA": schema,
        "POSTGRES_LOCK_TIMEOUT": "1",
        "POSTGRES_CONNECT_TIMEOUT": "5",
        "POSTGRES_PRE_PING": "y",
        "POSTGRES_POOL_SIZE": "1",
        "POSTGRES_MAX_OVERFLOW": "4",
        "POSTGRES_IDLE_IN_TRANSACTION_SESSION_TIMEOUT": "30",
        "CREATE_TABLE": "n",
    }


class EventStore(Application[UUID]):
    """Base of every event-sourced service's application: loads aggregates and saves decisions.

    ``name`` is the service (``project``), also its schema unless given. ``publishing`` is the service's table
    from domain events to contracts: an event class in it is published, any other is private.
    """

    publishing: Mapping[type, Callable[[Any], Contract]] = {}
    aggregates: Sequence[type[Aggregate]] = ()
    """What is stored here: named, so that whoever has the store knows all facts in it."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """A class derived from a service's store keeps its name; the library would take the name of the class."""
        cls.name = cls.name
        super().__init_subclass__(**kwargs)

    def __init__(self, *, database_url: str, schema: str | None = None) -> None:
        self.schema = schema or self.name
        self.on_saved: list[Callable[[], None]] = []
        self._address = conninfo_to_dict(database_url)
        try:
            super().__init__(env=postgres_environment(database_url, self.schema))
        except OperationalError:
            self.factory.close()  # its pool would keep on trying
            raise
        self.publishable_topics = [get_topic(cls) for cls in self.publishing]

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        """The settings given, never the process environment: several services may share a process."""
        settings = dict(env or {})
        if type(self).snapshotting_intervals:
            settings["IS_SNAPSHOTTING_ENABLED"] = "y"
        return Environment(name, settings)

    def construct_factory(self, env: Environment) -> InfrastructureFactory[Any]:
        factory = super().construct_factory(env)
        assert isinstance(factory, PostgresFactory)
        factory.datastore.pool.max_idle = IDLE
        factory.datastore.pool._check = still_open
        _keep_trying(factory.datastore.pool)
        pools.watch(self.name, factory.datastore.pool, count_psycopg)
        kwargs = cast(dict[str, Any], factory.datastore.pool.kwargs)
        # What the library does not know of an address: sslmode, sslrootcert, target_session_attrs, …
        kwargs.update({name: value for name, value in self._address.items() if name not in kwargs})
        kwargs["options"] = f'-c search_path="{self.schema}" -c jit=off'
        kwargs["prepare_threshold"] = ONLY_WHERE_ASKED
        kwargs["application_name"] = f"delivery-{self.name}"
        kwargs.update(REACHABLE)
        return factory

    def construct_recorder(self) -> ProcessRecorder:
        return self.factory.process_recorder()

    @property
    def events_recorder(self) -> DeliveryRecorder:
        return cast(DeliveryRecorder, self.recorder)

    @contextmanager
    def connection(self) -> Iterator[Connection[DictRow]]:
        """A pooled connection in autocommit mode with the service's schema as search path, for reads."""
        with self.events_recorder.datastore.get_connection() as connection:
            yield connection

    def create_tables(self) -> None:
        """Create the event table (and snapshots) and what goes with it: append-only triggers, the audit chain, the
        renewals of the stream. Called by ``migrate`` only: concurrent creation fails."""
        for recorder in [self.recorder, *([self.snapshots.recorder] if self.snapshots else [])]:
            cast(DeliveryRecorder, recorder).create_table()
        with self.connection() as connection:
            connection.execute(SQL(AUDITED).format(events=Identifier(self.events_recorder.events_table_name)))

    def find(self, cls: type[A], *ids: UUID) -> dict[UUID, A]:
        """The aggregates that exist among ``ids``, rebuilt from their snapshots and events in at most two
        statements however many they are."""
        return {k: v for k, v in self.load_all(ids).items() if isinstance(v, cls)}

    def load_all(self, ids: Iterable[UUID]) -> dict[UUID, Aggregate]:
        """Like :meth:`find` for aggregates of any class."""
        wanted = list(dict.fromkeys(ids))
        if not wanted:
            return {}
        with self.connection() as connection:
            return self.brought_up(connection, wanted, self._snapshots_of(connection, wanted))

    def _snapshots_of(self, connection: Connection[DictRow], ids: Sequence[UUID]) -> dict[UUID, Aggregate]:
        if self.snapshots is None:
            return {}
        statement = SQL(
            "SELECT s.* FROM unnest(%s::uuid[]) AS w (id) CROSS JOIN LATERAL (SELECT * FROM {}.{}"
            " WHERE originator_id = w.id ORDER BY originator_version DESC LIMIT 1) AS s"
        ).format(Identifier(self.schema), Identifier(cast(DeliveryRecorder, self.snapshots.recorder).events_table_name))
        return {
            row["originator_id"]: self.folded(None, row)
            for row in connection.execute(statement, (list(ids),), prepare=True)
        }

    def brought_up(
        self, connection: Connection[DictRow], ids: Sequence[UUID], known: dict[UUID, Aggregate]
    ) -> dict[UUID, Aggregate]:
        """``known`` with the events stored since, and those of ``ids`` it lacks, if they exist.

        Each is read by its index: of a join the database made a scan of the whole table as long as it had no
        statistics of it, 42 ms instead of 2 for 100 aggregates among 160,000 events.
        """
        statement = SQL(
            "SELECT e.* FROM unnest(%s::uuid[], %s::bigint[]) AS w (id, version) CROSS JOIN LATERAL"
            " (SELECT * FROM {}.{} WHERE originator_id = w.id AND originator_version > w.version"
            " ORDER BY originator_version OFFSET 0) AS e"
        ).format(Identifier(self.schema), Identifier(self.events_recorder.events_table_name))
        versions = [known[i].version if i in known else 0 for i in ids]
        for row in connection.execute(statement, (list(ids), versions), prepare=True):
            known[row["originator_id"]] = self.folded(known.get(row["originator_id"]), row)
        return known

    def folded(self, aggregate: Aggregate | None, row: DictRow) -> Aggregate:
        """``aggregate`` – None before the first – after a stored event or snapshot."""
        stored = StoredEvent(
            originator_id=row["originator_id"],
            originator_version=row["originator_version"],
            topic=row["topic"],
            state=bytes(row["state"]),
        )
        event: Any = self.mapper.to_domain_event(stored)
        return cast(Aggregate, event.mutate(aggregate))

    def save_all(self, aggregates: Iterable[Aggregate] = (), rows: Sequence[RowChange] = ()) -> Saved:
        """Store the pending events of ``aggregates`` and the row changes, all or nothing.

        :raises Conflict: another transaction was faster; the subclass says how. Nothing was stored – except
            when a connection was lost at commit, where a repeated save reports the conflict with itself; so
            commands look up their command id and feeds their position before they decide again.
        """
        try:
            with telemetry.saving(self.name), traced(current_trace()):
                recordings = self.save(*aggregates, rows=tuple(rows))
        except IntegrityError as error:
            raise VersionConflict(str(error)) from error
        for notify in self.on_saved:
            notify()
        published = {
            recording.domain_event.originator_id: recording.notification.id
            for recording in recordings
            if type(recording.domain_event) in self.publishing
        }
        last = recordings[-1].domain_event if recordings else None
        return Saved(published=published, last=(last.originator_id, last.originator_version) if last else None)


def has_spoken(socket: int) -> bool:
    """Whether there is something to read from a connection that nobody has asked anything: a farewell, an end, an error
    – or but a notice. A server that is gone without a word is found by the kernel (:data:`REACHABLE`) and told here the
    same way."""
    waiting = select.poll()
    waiting.register(socket, select.POLLIN)
    return bool(waiting.poll(0))


def still_open(connection: Connection[Any]) -> None:
    """Before a pooled connection is used: the server is asked only if it :func:`has_spoken`.

    :raises OperationalError: it has closed the connection; the pool takes another one.
    """
    if has_spoken(connection.fileno()):
        ConnectionPool.check_connection(connection)


def _keep_trying(pool: ConnectionPool[Any]) -> None:
    """Make ``pool`` look for its database every :data:`TRY_AGAIN` seconds while that is away. By itself it waits twice
    as long each time, and after an outage for as long again as that has lasted."""
    known = weakref.ref(pool)

    def again() -> None:
        if (still := known()) is not None:
            still.check()

    pool.reconnect_timeout = TRY_AGAIN
    pool.reconnect_failed = again  # type: ignore[method-assign]


class UnitOfWork:
    """What one command, or one batch of messages, changes: aggregates, rows, and things to do after the save
    (which must not matter if they are lost: hints to others, waking a thread)."""

    def __init__(self, store: EventStore, preload: Iterable[UUID] = ()) -> None:
        self.store = store
        self.rows: list[RowChange] = []
        self.after_commit: list[Callable[[], None]] = []
        self._known: dict[UUID, Aggregate | None] = {}
        self._touched: dict[UUID, Aggregate] = {}
        self.preload(preload)

    def preload(self, streams: Iterable[UUID]) -> None:
        """Load many aggregates in one statement, before they are asked for one by one."""
        missing = [stream for stream in dict.fromkeys(streams) if stream not in self._known]
        loaded = self.store.load_all(missing)
        for stream in missing:
            self._known[stream] = loaded.get(stream)

    def get(self, cls: type[A], stream: UUID) -> A | None:
        """The aggregate of ``stream`` – stored, or added in this unit –, None if there is none of that class."""
        if stream not in self._known:
            self.preload([stream])
        found = self._known[stream]
        if not isinstance(found, cls):
            return None
        self._touched[stream] = found
        return found

    def add(self, aggregate: Aggregate) -> None:
        """A new aggregate; later messages of the same batch see it."""
        self._known[aggregate.id] = self._touched[aggregate.id] = aggregate

    def stamp(self, trace: Trace) -> None:
        """Mark the events that came up since the last call as caused by ``trace``."""
        for aggregate in self._touched.values():
            for pending in aggregate.pending_events:
                vars(pending).setdefault("trace", trace.as_dict())
        self._touched.clear()

    def pending(self) -> list[Aggregate]:
        """The aggregates with new events, in the order they were first asked for."""
        return [a for a in self._known.values() if a is not None and a.pending_events]

    def commit(self, receipts: Sequence[RowChange] = ()) -> Saved:
        """Save everything in one transaction, then run ``after_commit``.

        :raises Conflict: nothing was stored; decide again.
        """
        saved = self.store.save_all(self.pending(), [*receipts, *self.rows])
        for hint in self.after_commit:
            hint()
        return saved


__all__ = [
    "COMMAND",
    "FEED",
    "IDLE",
    "OTHER",
    "REACHABLE",
    "TRY_AGAIN",
    "WAKE",
    "CommandDone",
    "Conflict",
    "DeliveryRecorder",
    "EventStore",
    "PositionMoved",
    "RowChange",
    "Saved",
    "TimerMoved",
    "TracingMapper",
    "UnitOfWork",
    "VersionConflict",
    "WorkChanged",
    "has_spoken",
    "postgres_environment",
]
