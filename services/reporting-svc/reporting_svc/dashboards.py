"""Figures computed once a day (architecture 7).

A figure is kept with the day it is of and the feed positions it was computed at. It is void as soon as a feed has
applied, after that position, a message about an earlier day: a feed that was late at midnight, a late start and a
rebuild end with the same figures. Messages of today change none (B-04). What of it nothing changes any more is kept
from one day to the next in the same way (:mod:`reporting_svc.past`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, bindparam, delete, func, select, text
from sqlalchemy.dialects.postgresql import JSONB, insert

from reporting_svc.figures import Figure, Scope
from reporting_svc.history import day_of
from reporting_svc.past import Kept, Past, plain
from reporting_svc.projections import SOURCES
from reporting_svc.tables import figure, touched_day

_POSITIONS = text("SELECT source, position FROM feed_position WHERE feed = :feed")


class Dashboards:
    """Figures by name and scope. Safe for threads and processes."""

    def __init__(self, engine: Engine, *, feed: str) -> None:
        self.engine = engine
        self.snapshot = engine.execution_options(isolation_level="REPEATABLE READ")
        self.feed = feed

    def value(self, name: str, compute: Figure, scope: Scope) -> Any:
        """The figure ``name`` of ``scope``, computed if none is kept that still holds; a live one always."""
        day = day_of(scope.at)
        with self.snapshot.connect() as connection:
            if not scope.live:
                kept = self._kept(connection, _key(name, scope), day)
                if kept is not None and kept[0] == day:
                    return kept[1]
            seen: dict[str, int] = dict.fromkeys(SOURCES, 0)
            seen |= {s: n for s, n in connection.execute(_POSITIONS, {"feed": self.feed})}  # noqa: C416
            past = self._past(connection, scope)
            value = msgspec.to_builtins(compute(connection, scope, past))
        for name_of, renewed in past.renewed.items():
            self._keep(_key(name_of, scope), renewed.until, seen, plain(renewed))
        if not scope.live:
            self._keep(_key(name, scope), day, seen, value)
        return value

    def _past(self, connection: Connection, scope: Scope) -> Past:
        def kept(name: str, day: date) -> Kept | None:
            found = self._kept(connection, _key(name, scope), day)
            return found and Kept(until=found[0], **found[1])

        return Past(kept=kept)

    def _kept(self, connection: Connection, key: str, day: date) -> tuple[date, Any] | None:
        """The last one kept of ``day`` or an earlier day, if it still holds, and of which day it is."""
        query = select(figure.c.day, figure.c.seen, figure.c.value).where(figure.c.day <= day, figure.c.name == key)
        row = connection.execute(query.order_by(figure.c.day.desc()).limit(1)).one_or_none()
        if row is None:
            return None
        latest = (
            select(touched_day.c.source, func.max(touched_day.c.position))
            .where(touched_day.c.day < row.day)
            .group_by(touched_day.c.source)
        )
        touched = connection.execute(latest)
        void = any(position > row.seen.get(source, 0) for source, position in touched)
        return None if void else (row.day, row.value)

    def _keep(self, key: str, day: date, seen: Mapping[str, int], value: Any) -> None:
        new = insert(figure).values(
            day=day, name=key, seen=bindparam("seen", seen, JSONB), value=bindparam("value", value, JSONB)
        )
        with self.engine.begin() as connection:
            connection.execute(
                new.on_conflict_do_update(
                    index_elements=["day", "name"], set_={"seen": new.excluded.seen, "value": new.excluded.value}
                )
            )
            connection.execute(delete(figure).where(figure.c.name == key, figure.c.day != day))


def _key(name: str, scope: Scope) -> str:
    return f"{name} {scope.entrance} {scope.party_id}"
