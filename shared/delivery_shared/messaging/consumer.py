"""What is done with another service's messages: a named position in a source, moved in the transaction of the effect.

A batch is applied as a whole; when it fails, one by one; what fails alone for good is parked (or stops a projection).
Two kinds exist: :class:`~delivery_shared.messaging.process_manager.ProcessManager` (events in, commands out, in an
event-sourced service) and :class:`~delivery_shared.projection.Projection` (events in, rows out). A
:class:`~delivery_shared.messaging.feed.Feed` keeps either supplied.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import structlog
from eventsourcing.persistence import InterfaceError, OperationalError
from prometheus_client import Counter, Histogram
from psycopg import OperationalError as PsycopgOperationalError
from sqlalchemy.exc import OperationalError as AlchemyOperationalError

from delivery_shared import telemetry
from delivery_shared.contracts import Contract
from delivery_shared.eventstore import FEED, Conflict, PositionMoved, RowChange, WorkChanged
from delivery_shared.messaging.envelope import Message, open_message
from delivery_shared.tracing import traced

log = structlog.get_logger()

ATTEMPTS = 5
"""How often a message that fails alone is tried before it is parked (or stops a projection)."""

RETRIES = 8
"""How often a parked message is tried again by itself before its last try, each time after twice as long: the last one
comes about four minutes after the first."""

DATABASE_DOWN = (OperationalError, InterfaceError, PsycopgOperationalError, AlchemyOperationalError)
"""Failures that pass by themselves: never the message's fault."""

applied = Counter("delivery_feed_messages_total", "Messages applied or parked", ["feed", "source", "outcome"])
delay = Histogram(
    "delivery_feed_delay_seconds",
    "From what has happened in the source to its effect here: of reporting, until lists show it",
    ["feed", "source"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
)


class NotYet(Exception):
    """What the message refers to is not known here yet (another source lags): transient, tried again."""


class Stopped(Exception):
    """A projection met a message it cannot apply; it stands until an operator skips the message."""


@dataclass(frozen=True)
class Position:
    """``id`` of the last message applied, and where in the stream it stood (None = unknown)."""

    id: int
    offset: int | None


class Consumer(ABC):
    """A named position in a source, and what is done with its messages."""

    linger: float = 0.01
    """Seconds from one batch to the next at least (:class:`~delivery_shared.messaging.pace.Pace`): longer for consumers
    nobody waits for, whose transactions would else be as many as the commands of a busy system."""
    parks: bool
    """Whether a poisoned message is put aside (with later ones of its subject) or stops the feed."""

    def __init__(self, *, name: str, source: str, contracts: Iterable[type[Contract]]) -> None:
        self.name = name
        self.source = source
        self.types = frozenset(contract.TYPE for contract in contracts)

    @abstractmethod
    def rows(self, sql: str, params: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Run a statement on the service's database; returns its rows (empty for none)."""

    @abstractmethod
    def commit(self, messages: Sequence[Message], receipts: Sequence[RowChange]) -> None:
        """Apply ``messages`` and run ``receipts`` in one transaction. :raises Conflict: nothing was stored."""

    def position(self) -> Position:
        """Where this feed stands; its row is made on first use."""
        key = {"feed": self.name, "source": self.source}
        select = "SELECT position, stream_offset FROM feed_position WHERE feed = %(feed)s AND source = %(source)s"
        found = self.rows(select, key)
        if not found:  # the insert would wait for a batch under way, so it is tried only where it is needed
            self.rows(
                "INSERT INTO feed_position (feed, source) VALUES (%(feed)s, %(source)s)"
                " ON CONFLICT DO NOTHING RETURNING 1",
                key,
            )
            found = self.rows(select, key)
        (row,) = found
        return Position(row["position"], row["stream_offset"])

    def advance(self, old: Position, new: Position) -> RowChange:
        """The receipt of a batch: compare-and-set of the position."""
        return RowChange(
            rank=FEED,
            key=f"{self.name}/{self.source}",
            or_else=PositionMoved,
            sql="UPDATE feed_position SET position = %(new)s, stream_offset = %(offset)s"
            " WHERE feed = %(feed)s AND source = %(source)s AND position = %(old)s RETURNING 1",
            params={
                "feed": self.name,
                "source": self.source,
                "old": old.id,
                "new": new.id,
                "offset": new.offset,
            },
        )

    def move(self, old: Position, new: Position) -> None:
        """Go past what is not for this consumer: a statement, no transaction around it. :raises PositionMoved"""
        change = self.advance(old, new)
        if not self.rows(change.sql, change.params):
            raise PositionMoved(change.key)

    def parked_subjects(self) -> set[str]:
        """Subjects with a parked message: later ones must wait behind it."""
        found = self.rows(
            "SELECT DISTINCT subject FROM parked WHERE feed = %(feed)s AND source = %(source)s"
            " AND message_id IS NOT NULL",
            {"feed": self.name, "source": self.source},
        )
        return {row["subject"] for row in found}

    def parking(
        self, *, message_id: int | None, subject: str, type: str, body: bytes, error: str, retry: bool = False
    ) -> RowChange:
        """The row that keeps a message aside. ``retry``: tried again by itself, else only by an operator."""
        return RowChange(
            key=f"parked {message_id or 0:020d}",
            sql="INSERT INTO parked (feed, source, message_id, subject, type, body, error, next_try)"
            " VALUES (%(feed)s, %(source)s, %(message_id)s, %(subject)s, %(type)s, %(body)s, %(error)s,"
            " CASE WHEN %(retry)s THEN now() + interval '1 second' END)"
            " ON CONFLICT (feed, source, message_id) DO NOTHING",
            params={
                "feed": self.name,
                "source": self.source,
                "message_id": message_id,
                "subject": subject,
                "type": type,
                "body": body,
                "error": error[:2000],
                "retry": retry,
            },
        )

    def apply(self, messages: Sequence[Message], old: Position, new: Position) -> None:
        """Apply a batch and move from ``old`` to ``new``; fall back to one by one when it fails."""
        if not messages:
            self.move(old, new)
            return
        parked = self.parked_subjects() if self.parks else set()
        free = [message for message in messages if message.subject not in parked]
        behind = [self._behind(message) for message in messages if message.subject in parked]
        try:
            with telemetry.applying(free, feed=self.name) as followed:
                self.commit(followed, [*behind, self.advance(old, new)])
        except PositionMoved:
            raise
        except DATABASE_DOWN:
            raise
        except Exception as error:
            if len(messages) == 1:
                self._single(messages[0], old, new, error)
                return
            log.info("batch failed, applying one by one", feed=self.name, source=self.source, error=repr(error))
            at = old
            for message in messages:
                then = Position(message.id, old.offset)
                self.apply([message], at, then)
                at = then
            if at.id != new.id or at.offset != new.offset:
                self.move(at, new)
        else:
            self._measure(free)
            if behind:
                applied.labels(self.name, self.source, "parked").inc(len(behind))

    def _single(self, message: Message, old: Position, new: Position, error: Exception) -> None:
        for attempt in range(1, ATTEMPTS):
            time.sleep(0.02 * 2**attempt)
            try:
                self.commit([message], [self.advance(old, new)])
            except (PositionMoved, *DATABASE_DOWN):
                raise
            except Exception as again:
                error = again
            else:
                self._measure([message])
                return
        with traced(message.trace):
            if not self.parks:
                log.error("projection stopped", feed=self.name, message=f"{message.source}:{message.id}",
                          type=message.type, error=repr(error))  # fmt: skip
                raise Stopped(f"{message.type} {message.source}:{message.id}: {error!r}") from error
            row = self.parking(
                message_id=message.id,
                subject=message.subject,
                type=message.type,
                body=message.body,
                error=repr(error),
                retry=isinstance(error, NotYet | Conflict),
            )
            self.commit([], [row, self.advance(old, new)])
            applied.labels(self.name, self.source, "parked").inc()
            log.error("message parked", feed=self.name, message=f"{message.source}:{message.id}",
                      type=message.type, subject=message.subject, error=repr(error))  # fmt: skip

    def _measure(self, messages: Sequence[Message]) -> None:
        applied.labels(self.name, self.source, "applied").inc(len(messages))
        delays, now = delay.labels(self.name, self.source), datetime.now(UTC)
        for message in messages:
            delays.observe(max((now - message.time).total_seconds(), 0.0))

    def _behind(self, message: Message) -> RowChange:
        return self.parking(
            message_id=message.id,
            subject=message.subject,
            type=message.type,
            body=message.body,
            error="waits behind an earlier parked message of its subject",
        )

    def set_aside(self, body: bytes, error: Exception, old: Position, offset: int | None) -> Position:
        """Keep bytes that are no message, found at ``offset``, and go past them; the ``prev`` chain tells whether a
        message was lost with them."""
        new = Position(old.id, old.offset if offset is None else offset)
        row = self.parking(message_id=None, subject="", type="", body=body, error=repr(error))
        self.commit([], [row, self.advance(old, new)])
        applied.labels(self.name, self.source, "malformed").inc()
        log.error("malformed message parked", feed=self.name, source=self.source, error=repr(error))
        return new

    def skip(self, message_id: int) -> None:
        """An operator's way past a message that stops a projection: move from just before it to just behind it.

        :raises PositionMoved: the feed does not stand before ``message_id`` (any more).
        """
        old = self.position()
        if message_id <= old.id:
            raise PositionMoved(f"{self.name} is already at {old.id}")
        self.move(old, Position(message_id, old.offset))
        log.warning("message skipped by an operator", feed=self.name, message=f"{self.source}:{message_id}")

    def retry_parked(self) -> int:
        """Apply parked messages whose next try is due, and those waiting behind them, in order; returns how many
        were applied."""
        due = self.rows(
            "SELECT DISTINCT subject FROM parked WHERE feed = %(feed)s AND source = %(source)s AND next_try <= now()",
            {"feed": self.name, "source": self.source},
        )
        return sum(self._retry_subject(row["subject"]) for row in due)

    @staticmethod
    def due(consumers: Sequence[Consumer]) -> list[Consumer]:
        """Those of one service's consumers that have parked messages to try again: one question for all of them."""
        if not consumers:
            return []
        found = consumers[0].rows("SELECT DISTINCT feed, source FROM parked WHERE next_try <= now()", {})
        waiting = {(row["feed"], row["source"]) for row in found}
        return [consumer for consumer in consumers if (consumer.name, consumer.source) in waiting]

    def _retry_subject(self, subject: str) -> int:
        done = 0
        for row in self.rows(
            "SELECT id, body, attempts FROM parked WHERE feed = %(feed)s AND source = %(source)s"
            " AND subject = %(subject)s AND message_id IS NOT NULL ORDER BY message_id",
            {"feed": self.name, "source": self.source, "subject": subject},
        ):
            receipt = RowChange(
                key=f"parked {row['id']:020d}",
                or_else=WorkChanged,
                sql="DELETE FROM parked WHERE id = %(id)s RETURNING 1",
                params={"id": row["id"]},
            )
            try:
                message = open_message(bytes(row["body"]))
                self.commit([replace(message, last_try=row["attempts"] >= RETRIES)], [receipt])
            except Exception as error:
                self.rows(
                    "UPDATE parked SET attempts = attempts + 1, error = %(error)s, next_try = CASE WHEN"
                    " attempts < %(retries)s THEN now() + interval '1 second' * 2 ^ attempts END"
                    " WHERE id = %(id)s RETURNING 1",
                    {"id": row["id"], "error": repr(error)[:2000], "retries": RETRIES},
                )
                break
            done += 1
        return done
