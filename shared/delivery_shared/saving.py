"""One save: row changes and events in one transaction, and what may be in their way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from eventsourcing.persistence import InterfaceError, OperationalError, StoredEvent
from eventsourcing.postgres import PostgresProcessRecorder
from eventsourcing.utils import retry
from psycopg import Connection, Cursor, Pipeline
from psycopg import Error as PsycopgError
from psycopg.errors import UniqueViolation
from psycopg.rows import DictRow

LOCK_TIMEOUT_MS = 300
"""How long a statement of a save waits for a row another transaction holds; then the whole save is repeated."""


class Conflict(Exception):
    """Another transaction was faster. Nothing was stored; decide again on fresh state."""


class VersionConflict(Conflict):
    """An aggregate has events the decision did not know."""


class PositionMoved(Conflict):
    """The feed position is not the one this batch started from: another consumer applied it."""


class CommandDone(Conflict):
    """The command id is already stored: this very command was carried out before."""


class WorkChanged(Conflict):
    """A row this decision rests on (wake, work, parked message) was changed or taken."""


class TimerMoved(Conflict):
    """The timer is no longer due at the time it was leased for."""


FEED, COMMAND, WAKE, OTHER = range(4)
"""Ranks of row changes: rows are always touched in this order, within a rank by key, so that saves cannot
deadlock with each other."""


@dataclass(frozen=True, kw_only=True)
class RowChange:
    """One statement of a save. With ``or_else`` the statement must return a row (``… RETURNING``), else that
    exception ends the save and nothing is stored. With ``unless`` it need not, since it breaks the unique constraint of
    that name instead: then nobody waits for its answer. Parameters are named (``%(name)s``)."""

    sql: str
    params: Mapping[str, Any]
    rank: int = OTHER
    key: str = ""
    or_else: type[Conflict] | None = None
    unless: str = ""


class DeliveryRecorder(PostgresProcessRecorder):
    """Stores the row changes of a save and its events in one transaction, in as few round trips as can be: one, or two
    where a row change has an answer that decides whether there is a save at all (ADR 0025).

    From the table lock to the commit nothing is waited for: both go to the server in one piece, so that the lock is
    held for as long as the server takes, not for as long as this process needs to be scheduled again.

    Found by experiment: in a psycopg pipeline ``rowcount`` is meaningless, so a compare-and-set is ``… RETURNING``, on
    a cursor of its own: the server sends answers to a pipeline whenever 8 kB are full, and a cursor that has several
    under way shows the one that arrived last, not the one just asked for.
    """

    @retry((InterfaceError, OperationalError), max_attempts=10, wait=0.2)
    def insert_events(
        self, stored_events: Sequence[StoredEvent], *, rows: Sequence[RowChange] = (), **_: Any
    ) -> Sequence[int] | None:
        """:raises Conflict: a row is not as expected. :raises IntegrityError: a constraint is broken."""
        with self.datastore.get_connection() as connection:
            saving = Saving(self, connection, sorted(rows, key=lambda change: (change.rank, change.key)))
            return saving.save(stored_events)


class Saving:
    """One save on one connection."""

    def __init__(
        self, recorder: DeliveryRecorder, connection: Connection[DictRow], changes: Sequence[RowChange]
    ) -> None:
        self._recorder = recorder
        self._connection = connection
        self._changes = changes
        self._asked: list[tuple[type[Conflict], str, Cursor[DictRow]]] = []
        """Whose answers must be rows, in order."""

    def save(self, stored_events: Sequence[StoredEvent]) -> Sequence[int]:
        """The ids of the events."""
        inserted: Cursor[DictRow] | None = None
        error: Exception | None = None
        with self._connection.pipeline() as pipeline:
            try:
                self._begin(pipeline)
                if stored_events:
                    inserted = self._insert(stored_events)
                self._connection.execute("COMMIT", prepare=True)
                pipeline.sync()
            except (PsycopgError, Conflict) as raised:
                # Kept until the pipeline has ended: that must end well, or it would tell of an aborted pipeline
                # instead, be taken for a lost connection and be repeated.
                error = raised
                with suppress(PsycopgError):
                    pipeline.sync()
        if error is not None:
            self._undo()
            raise self._told(error)
        return [row["notification_id"] for row in inserted] if inserted is not None else []

    def _begin(self, pipeline: Pipeline) -> None:
        """The rows, and whether they are as expected. Before an answer is waited for, the server is told that no more
        comes for now: only then it counts how long the transaction is idle, and ends that of a process that stalls."""
        self._connection.execute("BEGIN", prepare=True)
        if self._changes:
            self._connection.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_MS}ms'", prepare=True)
        for change in self._changes:
            cursor = self._connection.execute(change.sql, change.params, prepare=True)
            if change.or_else is not None and not change.unless:
                self._asked.append((change.or_else, change.key, cursor))
        if self._asked:
            pipeline.sync()
        for or_else, key, cursor in self._asked:
            if cursor.fetchone() is None:
                raise or_else(key)

    def _insert(self, stored_events: Sequence[StoredEvent]) -> Cursor[DictRow]:
        recorder = self._recorder
        cursor = self._connection.cursor()
        recorder._lock_table(cursor)
        recorder._notify_channel(cursor)
        events = [
            recorder.construct_pg_stored_event(e.originator_id, e.originator_version, e.topic, e.state)
            for e in stored_events
        ]
        return self._connection.execute(recorder.insert_events_statement, (events,), prepare=True)

    def _undo(self) -> None:
        """Psycopg forgets here what it has prepared, and the server with it (ADR 0025)."""
        with suppress(PsycopgError):
            self._connection.rollback()

    def _told(self, error: Exception) -> Exception:
        """What went wrong first: a later statement may have failed because an earlier one did nothing."""
        for or_else, key, cursor in self._asked:
            if cursor.pgresult is not None and cursor.pgresult.ntuples == 0:
                return or_else(key)
        if isinstance(error, UniqueViolation):
            for change in self._changes:
                if change.or_else is not None and change.unless and change.unless == error.diag.constraint_name:
                    return change.or_else(change.key)
        return error
