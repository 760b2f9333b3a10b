"""Commands that arrive at the same time are decided one after the other and saved together.

A transaction, its commit, the table lock, a batch of the relay and a transaction in every feed cost the same for one
command and for thirty. So whoever finds nobody at work leads: takes what waits, decides it on one unit of work, saves
it, hands each its own outcome, and hands the lead to the first who has come meanwhile. Nobody waits for more to come:
alone, a command takes the way it always took.

Each command keeps its own row, position, trace and refusal. Two that change the same aggregate never travel together:
the later would decide on rows of the former that are not stored yet. When the save meets a conflict, or anything goes
wrong, each goes on alone, as if it had never met the others.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Sequence
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from eventsourcing.domain import Aggregate
from prometheus_client import Histogram

from delivery_shared import telemetry
from delivery_shared.commands import Command, Decide, Outcome, Receipt, execute, outcome, outcome_of, remembered
from delivery_shared.eventstore import EventStore, Saved, UnitOfWork
from delivery_shared.failpoints import failpoint
from delivery_shared.tracing import current_trace

A = TypeVar("A", bound=Aggregate)

MOST = 32
"""Commands of one save at most."""

saved_together = Histogram(
    "delivery_commands_of_a_save", "Commands that were saved together", ["service"], buckets=(1, 2, 4, 8, 16, 32)
)


class TakenByAnother(Exception):
    """The aggregate was changed by an earlier command of the same save."""


class SharedUnit(UnitOfWork):
    """A unit of work of several commands: none of them gets an aggregate that another one has changed."""

    def __init__(self, store: EventStore, preload: Iterable[UUID] = ()) -> None:
        self._of_others: set[UUID] = set()
        super().__init__(store, preload)

    def get(self, cls: type[A], stream: UUID) -> A | None:
        if stream in self._of_others:
            raise TakenByAnother(stream)
        return super().get(cls, stream)

    def add(self, aggregate: Aggregate) -> None:
        if aggregate.id in self._of_others:
            raise TakenByAnother(aggregate.id)
        super().add(aggregate)

    def own(self) -> list[Aggregate]:
        """What was changed since :meth:`close`."""
        return [a for a in self.pending() if a.id not in self._of_others]

    def close(self) -> None:
        """The command has been decided; the next one begins."""
        self._of_others.update(a.id for a in self.own())


@dataclass(eq=False, kw_only=True)
class Waiting:
    """A command on its way, and what has become of it: an answer, a refusal, or nothing – then it goes alone."""

    command: Command
    decide: Decide
    streams: Sequence[UUID]
    context: Context = field(default_factory=copy_context)
    turn: threading.Event = field(default_factory=threading.Event)
    """It was carried out, is to go alone, or is to lead."""
    leads: bool = False
    answer: tuple[int, dict[str, Any]] | None = None
    written: tuple[UUID, ...] = ()
    """The streams it changed."""
    receipt: Receipt | None = None
    saved: Saved | None = None
    refusal: Exception | None = None


class Together:
    """The commands of one process on one store."""

    def __init__(self, store: EventStore, *, most: int = MOST) -> None:
        self._store = store
        self._most = most
        self._lock = threading.Lock()
        self._queue: deque[Waiting] = deque()
        self._led = False
        self._many = 0
        """Commands of the save under way; of whoever leads."""

    def execute(self, command: Command, decide: Decide, *, streams: Sequence[UUID] = ()) -> Outcome:
        """Like :func:`~delivery_shared.commands.execute`, in one save with whatever comes at the same time.

        ``decide`` runs in the thread of one of them, with the context variables of its own. It must tell its facts
        after its last refusal, and rest on nothing but aggregates, and rows that a constraint guards.

        :param streams: the aggregates it will need, as far as they are known: those of all are loaded at once.
        """
        if command.keyed and (known := outcome_of(self._store, command)) is not None:
            return known
        done = self._carry_out(command, decide, streams)
        if done.refusal is not None:
            raise done.refusal
        if done.saved is None or done.answer is None:
            return execute(self._store, command, decide, tried=True)
        status, body = done.answer
        return outcome(self._store, status, body, done.saved.position_of(done.written))

    def _carry_out(self, command: Command, decide: Decide, streams: Sequence[UUID]) -> Waiting:
        own = Waiting(command=command, decide=decide, streams=streams)
        with self._lock:
            self._queue.append(own)
            own.leads = not self._led
            self._led = True
        if not own.leads:
            own.turn.wait()
        if own.leads:
            self._lead()
        return own

    def _lead(self) -> None:
        with self._lock:
            batch = [self._queue.popleft() for _ in range(min(self._most, len(self._queue)))]
        late: list[Waiting] = []
        try:
            late = self._save(batch)
        finally:
            with self._lock:
                self._queue.extendleft(reversed(late))
                following = self._queue[0] if self._queue else None
                self._led = following is not None
            for waiting in batch:
                if waiting not in late:
                    waiting.turn.set()
            if following is not None:
                following.leads = True
                following.turn.set()

    def _save(self, batch: Sequence[Waiting]) -> list[Waiting]:
        """Returns those that are to wait for the next save, since they need what an earlier one of this has changed."""
        late: list[Waiting] = []
        try:
            unit = SharedUnit(self._store, [stream for waiting in batch for stream in waiting.streams])
            self._many = len(batch)
            decided = [waiting for waiting in batch if self._decided(unit, waiting, late)]
            if decided:
                names = ["command", "together"] if len(decided) > 1 else ["command"]
                for name in names:
                    failpoint(f"{name}.before_commit")
                saved = unit.commit([remembered([w.receipt for w in decided if w.receipt is not None])])
                for name in names:
                    failpoint(f"{name}.after_commit")
                for waiting in decided:
                    waiting.saved = saved
                saved_together.labels(self._store.name).observe(len(decided))
        except Exception:
            for waiting in batch:
                waiting.saved = waiting.refusal = None
            return []
        return late

    def _decided(self, unit: SharedUnit, waiting: Waiting, late: list[Waiting]) -> bool:
        rows, hints = len(unit.rows), len(unit.after_commit)
        try:
            waiting.context.run(self._decide, unit, waiting)
        except Exception as error:
            if unit.own():
                raise  # facts were told before it was refused: what they changed cannot be taken back
            del unit.rows[rows:], unit.after_commit[hints:]
            if isinstance(error, TakenByAnother):
                late.append(waiting)
            else:
                waiting.refusal = error
            return False
        return True

    def _decide(self, unit: SharedUnit, waiting: Waiting) -> None:
        waiting.answer = status, body = waiting.decide(unit)
        if self._many > 1:
            # The save belongs to the trace of whoever leads; its facts belong to their own all the same.
            with telemetry.saving(self._store.name, together=self._many):
                unit.stamp(current_trace())
        changed = unit.own()
        waiting.written = tuple(aggregate.id for aggregate in changed)
        waiting.receipt = Receipt.of(waiting.command, status, body, changed)
        unit.close()
