"""The projection of this service: batches of one source folded into the tables."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from uuid import UUID

import msgspec
from delivery_shared.contracts.template import CalendarChanged
from delivery_shared.messaging.envelope import Message
from delivery_shared.projection import Projection
from delivery_shared.rows import Row, Rows, key_of
from delivery_shared.tracing import traced
from sqlalchemy import Connection, Engine, text
from sqlalchemy.dialects.postgresql import insert

from reporting_svc import history_rows, worked
from reporting_svc.announcing import announce
from reporting_svc.history import days_touched
from reporting_svc.projections import READ_FIRST, SOURCES, UNDATED, WRITERS
from reporting_svc.tables import freshness, occurrence, project

FEED_NAME = "reporting"

_TOUCH = text(
    "INSERT INTO touched_day (source, day, position) SELECT source, day, position FROM"
    " jsonb_populate_recordset(NULL::touched_day, CAST(:rows AS jsonb)) ON CONFLICT (source, day)"
    " DO UPDATE SET position = greatest(touched_day.position, excluded.position)"
)
"""One statement however many days a batch speaks of: a feed that catches up meets months at once."""


class ReadModel(Projection):
    """Keeps the tables of one source. Never parks: a wrong list is worse than a late one, so a message that cannot
    be applied stops the feed and alarms."""

    linger = 0.1

    def __init__(self, *, source: str, engine: Engine) -> None:
        folds = SOURCES[source]
        super().__init__(name=FEED_NAME, source=source, engine=engine, contracts=folds)
        self._folds = {contract.TYPE: fold for contract, fold in folds.items()}

    def write(self, connection: Connection, messages: Sequence[Message]) -> None:
        """Read the rows the batch touches, fold its messages in memory, write what changed."""
        rows = Rows(connection)
        for table in READ_FIRST[self.source]:
            keys = (key_of(table, message.contract) for message in messages)
            rows.load(table, {key for key in keys if key is not None})
        rows.load(occurrence, history_rows.told_again(messages))
        projects = {m.contract.project_id for m in messages if hasattr(m.contract, "project_id")}
        before = self._projects(rows, projects)
        for message in messages:
            with traced(message.trace):
                self._fold(rows, message)
        self._write(connection, rows, messages)
        history_rows.log(connection, self.source, messages)
        self._touch(connection, messages)
        if projects:
            after = self._projects(rows, projects)
            announce(connection, source=self.source, position=messages[-1].id, before=before, after=after)

    def _fold(self, rows: Rows, message: Message) -> None:
        fold = self._folds[message.type]
        if type(message.contract) in UNDATED:
            fold = partial(fold, at=message.time)
        fold(rows, message.contract)

    def _write(self, connection: Connection, rows: Rows, messages: Sequence[Message]) -> None:
        """Write what changed, and what follows of rows of another source."""
        if any(isinstance(message.contract, CalendarChanged) for message in messages):
            before = worked.present_calendar(connection)
            rows.write()
            worked.reckon_again(connection, before)
            return
        worked.reckon(connection, rows)
        rows.write()
        history_rows.forget_reasons(connection, messages)

    def _projects(self, rows: Rows, ids: set[UUID]) -> dict[UUID, Row | None]:
        """The rows of projects; only their own source has read them."""
        return {id: rows.get(project, id) if project in WRITERS[self.source] else None for id in ids}

    def _touch(self, connection: Connection, messages: Sequence[Message]) -> None:
        """Figures of the days after those the batch speaks of are void (:mod:`reporting_svc.figures`); the source is
        known up to the last message."""
        if messages:
            sent = insert(freshness).values(source=self.source, at=messages[-1].time)
            connection.execute(sent.on_conflict_do_update(index_elements=["source"], set_={"at": sent.excluded.at}))
        days = days_touched({message.id: message.contract for message in messages})
        if days:
            rows = [{"source": self.source, "day": day.isoformat(), "position": days[day]} for day in sorted(days)]
            connection.execute(_TOUCH, {"rows": msgspec.json.encode(rows).decode()})


def read_models(engine: Engine) -> list[ReadModel]:
    """One feed per source."""
    return [ReadModel(source=source, engine=engine) for source in SOURCES]
