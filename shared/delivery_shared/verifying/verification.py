"""What a service says of its own rows: from which events they follow, and what follows from none."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow

from delivery_shared.contracts import Contract
from delivery_shared.eventstore import EventStore, RowChange
from delivery_shared.facts import Aggregate, folded
from delivery_shared.messaging.envelope import Message
from delivery_shared.messaging.process_manager import ProcessManager
from delivery_shared.service import Service
from delivery_shared.verifying.beside import Beside
from delivery_shared.verifying.moment import Moment
from delivery_shared.verifying.stored import Stored

UNTOLD_OF_FEEDS: Final[Mapping[str, str]] = {
    "feed_position.stream_offset": "where the broker keeps the message; a wrong one is noticed by the feed, which"
    " begins at the stream's first message instead",
    "unfinished_upgrade": "that the service's schema was brought to another version and is to be finished; no event",
}
"""Of the tables of every service: all follow others."""

UNTOLD_OF_STORES: Final[Mapping[str, str]] = {
    "command": "what a command answered, for whoever repeats it within seven days; no event keeps an answer, and those"
    " that stored nothing have none",
    "outbox_position.at": "when the relay was last at work",
    "outbox_renewal.asked": "counts the renewals of the stream; only one that is asked for and not done matters",
    "outbox_renewal.done": "see outbox_renewal.asked",
}
"""Of the tables of every service that keeps events."""

UNUSED: Final = "made by the event store's library, which nobody here uses that way"


class Verification(ABC):
    """One service at one moment. It is told every message its feeds have applied and every fact of its own, in order,
    and says then what of its rows is not as it must be.

    ``untold`` is reviewed: tables (``command``) and columns (``party.revision``) that are not compared, each with the
    reason. All others are; a test changes every one of them.
    """

    untold: ClassVar[Mapping[str, str]]
    copies: ClassVar[Sequence[str]]
    """Tables its feeds write without deciding anything."""
    keys: ClassVar[Mapping[str, str]] = {}
    """Columns of its other tables (``product.code_key``) that hold the :func:`~delivery_shared.texts.key` of another
    one; processes of a version that did not know them leave them empty."""

    def __init__(self, beside: Beside) -> None:
        self.beside = beside
        self.service = beside.service
        self.lines: list[str] = []
        """What was found wrong on the way."""

    def publishing(self, store: EventStore) -> Mapping[type, Callable[[Any], Contract]]:
        """What its facts say to others, at this moment."""
        return store.publishing

    @abstractmethod
    def hear(self, source: str, messages: Sequence[Message]) -> None:
        """Messages of ``source`` the feed has applied, the next in order. :raises Exception: they cannot be applied;
        what was done for them is undone."""

    @abstractmethod
    def tell(self, stored: Stored) -> None:
        """The next of the service's own facts. :raises Exception: it does not fit what came before in its stream."""

    @abstractmethod
    def differences(self) -> Iterator[str]:
        """What of the service's rows is not as it must be, once everything was heard and told."""

    def mechanism(self, feeds: Mapping[str, str]) -> Iterator[str]:
        """What of the rows that feeds and relay leave is not as it must be.

        :param feeds: the name of each feed by its source.
        """
        known = " OR ".join(f"(feed = '{feed}' AND source = '{source}')" for source, feed in feeds.items()) or "false"
        for table in ("feed_position", "parked"):
            yield from self.beside.rows_where(
                table, "belongs to no feed", f"NOT ({known})", key=[*self.beside.key_of(table), "feed", "source"]
            )

    def compared(self, *tables: str) -> Iterator[str]:
        """Lines for these tables, as far as they are not equal to those beside."""
        for table in tables:
            yield from self.beside.differences(table, but=self.left_out(table))

    def left_out(self, table: str) -> list[str]:
        """The columns of a table that are not compared."""
        return [name.partition(".")[2] for name in self.untold if name.startswith(f"{table}.")]


class StoreVerification(Verification):
    """Of a service that keeps events."""

    rows: ClassVar[Sequence[str]] = ()
    """Tables that follow from its own facts."""

    def __init__(self, service: Service, moment: Moment) -> None:
        assert service.store is not None
        self.store = service.store
        self.connection: Connection[DictRow] = moment.connection(self.store.schema)
        super().__init__(Beside(self.connection, service=service.name, schema=self.store.schema))
        self.feeds = {feed.source: feed for feed in service.consumers if isinstance(feed, ProcessManager)}
        self.beside.open(*self.copies, *self.rows)

    def hear(self, source: str, messages: Sequence[Message]) -> None:
        self.write(self.feeds[source].copies(messages))

    def write(self, changes: Sequence[RowChange]) -> None:
        """Run statements of saves, beside."""
        if changes:
            with self.beside.tentatively():
                for change in changes:
                    self.connection.execute(change.sql, change.params)

    def differences(self) -> Iterator[str]:
        yield from self.lines
        yield from self.compared(*self.copies, *self.rows)

    def mechanism(self, feeds: Mapping[str, str]) -> Iterator[str]:
        """Also commands whose last event is not there, and positions of a relay nobody runs."""
        yield from super().mechanism(feeds)
        for table in ("outbox_position", "outbox_renewal"):
            yield from self.beside.rows_where(
                table, "belongs to no relay", f"relay <> '{self.store.name}'", key=["relay"]
            )
        events = self.beside.live(self.store.events_recorder.events_table_name)
        yield from self.beside.rows_where(
            "command",
            "has stored an event that is not there",
            f"stream IS NOT NULL AND NOT EXISTS (SELECT FROM {events} e WHERE e.originator_id = stream"
            " AND e.originator_version = version)",
            key=["id"],
        )


class FoldingVerification(StoreVerification):
    """Of a service whose aggregates all fit into memory: folds every one, and writes the row of its last state."""

    def __init__(self, service: Service, moment: Moment) -> None:
        super().__init__(service, moment)
        self.aggregates: dict[UUID, Aggregate[Any]] = {}
        self.broken: set[UUID] = set()
        """Streams that do not fold: what follows from them is not known."""

    def tell(self, stored: Stored) -> None:
        if stored.stream in self.broken:
            return
        try:
            self.aggregates[stored.stream] = folded(self.aggregates.get(stored.stream), stored.fact)
        except Exception:
            self.broken.add(stored.stream)
            raise

    @abstractmethod
    def rows_of(self, aggregate: Any) -> Sequence[RowChange]:
        """What writes the rows of an aggregate as it is."""

    def differences(self) -> Iterator[str]:
        for stream, aggregate in self.aggregates.items():
            try:
                self.write(self.rows_of(aggregate))
            except Exception as error:
                self.lines.append(f"{self.service}: what follows from stream {stream} cannot be written: {error!r}")
        yield from super().differences()
