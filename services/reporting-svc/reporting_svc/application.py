"""What the lists show to whom. Reads only: nobody changes anything here."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import IO, Any, Literal

from delivery_shared.clock import Clock, DatabaseClock
from delivery_shared.http import Caller
from delivery_shared.http.paging import Page, Place
from delivery_shared.rows import Row
from delivery_shared.working_time import Calendar
from sqlalchemy import Connection, Engine, text

from reporting_svc import as_of, audience, buyers, export, figures, read_model, sorting
from reporting_svc.dashboards import Dashboards
from reporting_svc.feed import FEED_NAME
from reporting_svc.figures import Entrance, Figure, Scope
from reporting_svc.read_model import Condition
from reporting_svc.tables import product, project

VENDORS = ("vendor_admin", "vendor_project_manager")

ALL_TABS = "all"
"""The projects of every state: what a figure counts stands in several tabs."""

EXPORTS_AT_ONCE = 2
"""Exports a process writes at the same time: each holds one of its five connections."""

CLOCK_EVERY = 1.0
"""Seconds until a moved clock is seen."""


class EntranceClosed(Exception):
    """The caller does not have the entrance asked for."""


class ExportsBusy(Exception):
    """As many exports as allowed are being written."""


class ReportingApplication:
    """Lists, counts and figures. Which rows a caller sees follows from the caller alone, never from a filter."""

    def __init__(self, engine: Engine, clock: Clock | None = None) -> None:
        self.engine = engine
        self.clock = clock or DatabaseClock(self._time, every=CLOCK_EVERY)
        self.dashboards = Dashboards(engine, feed=FEED_NAME)
        self._exports = threading.BoundedSemaphore(EXPORTS_AT_ONCE)

    def ready(self) -> None:
        """:raises sqlalchemy.exc.OperationalError: the database is away."""
        with self.engine.connect() as connection:
            connection.execute(text("SELECT 1 FROM feed_position LIMIT 1"))

    def _time(self) -> tuple[datetime, timedelta]:
        query = "SELECT clock_timestamp(), coalesce((SELECT offset_seconds FROM clock), 0)"
        with self.engine.connect() as connection:
            now, offset = connection.execute(text(query)).one()
        return now, timedelta(seconds=offset)

    def projects(
        self,
        *,
        by: Caller,
        tab: str,
        entrance: Entrance | None,
        filters: Mapping[str, Any],
        sort: str,
        after: Place | None,
        limit: int,
    ) -> Page:
        """项目管理 (R-05, R-19). A provider is not told how many providers a vendor has configured.

        :raises EntranceClosed: see :meth:`_entrance`.
        """
        now = self.clock.now()
        with self.engine.connect() as connection:
            where = self._listed(connection, by=by, tab=tab, entrance=entrance, filters=filters, now=now)
            page = sorting.sorted_page(connection, where, sort=sort, after=after, limit=limit)
            page = self._marked(connection, page, now)
            return _untold(page) if self._entrance(by, entrance) == "provider" else page

    def providers(self, *, by: Caller, entrance: Entrance | None) -> list[Row]:
        """全部服务商 (R-12): by whom 项目管理 can be filtered – who is configured for a product of the vendor or holds
        a project of it. A provider is alone in its lists. :raises EntranceClosed: see :meth:`_entrance`.
        """
        chosen = self._entrance(by, entrance)
        products: list[Condition] | None
        if chosen is None:
            where, products = list[Condition](), list[Condition]()
        elif chosen == "vendor":
            where, products = audience.supervised(by, chosen), [product.c.vendor_id == by.party_id]
        else:
            where, products = audience.supervised(by, chosen), None
        with self.engine.connect() as connection:
            return read_model.providers_of(connection, where, products)

    def values(self, *, by: Caller, entrance: Entrance | None) -> Row:
        """What 项目管理 can be filtered by in the columns with few values (R-13). :raises EntranceClosed: see
        :meth:`_entrance`."""
        where = audience.supervised(by, self._entrance(by, entrance))
        with self.engine.connect() as connection:
            return read_model.values_of(connection, where)

    def export(
        self,
        *,
        by: Caller,
        format: export.Format,
        tab: str,
        entrance: Entrance | None,
        filters: Mapping[str, Any],
        sort: str,
        shown: Callable[[Row], Row],
    ) -> IO[bytes]:
        """列表导出: all rows of :meth:`projects` as a file (R-15, R-16, R-21); ``shown`` adds the texts to a row.

        :raises EntranceClosed: see :meth:`_entrance`.
        :raises ExportsBusy: too many at once.
        :raises export.TooManyRows: more than a sheet can hold.
        """
        now = self.clock.now()
        columns = export.columns_of(self._entrance(by, entrance))
        if not self._exports.acquire(blocking=False):
            raise ExportsBusy
        try:
            with self.engine.connect() as connection:
                where = self._listed(connection, by=by, tab=tab, entrance=entrance, filters=filters, now=now)
                mark = self._marker(connection, now, limits=False)
                rows = (shown(mark(row)) for row in sorting.all_rows(connection, where, sort=sort))
                return export.write(rows, format=format, columns=columns)
        finally:
            self._exports.release()

    def project_counts(self, *, by: Caller, entrance: Entrance | None, filters: Mapping[str, Any]) -> dict[str, int]:
        """How many projects each tab holds under ``filters``. :raises EntranceClosed: see :meth:`_entrance`."""
        now = self.clock.now()
        with self.engine.connect() as connection:
            where = self._listed(connection, by=by, tab=ALL_TABS, entrance=entrance, filters=filters, now=now)
            return read_model.project_counts(connection, where)

    def my_projects(
        self,
        *,
        by: Caller,
        view: Literal["pending", "handled", "claimable"],
        filters: Mapping[str, Any],
        sort: str,
        after: Place | None,
        limit: int,
    ) -> Page:
        """我的项目 (R-128), and what the caller may claim now (D-46); a project that went to another provider is gone
        from it (R-41). Overdue marks are shown to the provider admin only, so whoever else looks is told how much time
        is left at his own nodes, not how late others are (R-28)."""
        now = self.clock.now()
        with self.engine.connect() as connection:
            where = [
                audience.own(by, view),
                *read_model.project_filters(connection, filters),
            ]
            page = sorting.sorted_page(connection, where, sort=sort, after=after, limit=limit)
            if not by.is_a("provider_admin"):
                page = page.showing(lambda row: {**row, "overdue": None})
                if view != "pending":
                    return _untold(page.showing(lambda row: {**row, "limit": None}))
            return _untold(self._marked(connection, page, now))

    def dashboard(
        self, name: str, compute: Figure, *, by: Caller, entrance: Entrance | None, live: bool = False
    ) -> dict[str, Any]:
        """A figure of the entrance, as of 0:00 of today (B-01 … B-04) or, ``live``, as of now.

        :raises EntranceClosed: see :meth:`_entrance`.
        """
        chosen = self._entrance(by, entrance)
        assert chosen is not None  # the platform operator has no dashboard
        now = self.clock.now()
        at = now if live else figures.of_today(now)
        scope = Scope(entrance=chosen, party_id=by.party_id, at=at, live=live)
        return {"as_of": scope.at, **self.dashboards.value(name, compute, scope)}

    def saturation(self, *, by: Caller, entrance: Entrance | None, live: bool = False) -> dict[str, Any]:
        """服务商饱和度, with the names as they are now; only vendors have it (B-02).

        :raises EntranceClosed: see :meth:`_entrance`, and for the entrance of the provider.
        """
        if self._entrance(by, entrance) != "vendor":
            raise EntranceClosed
        value = self.dashboard("saturation", figures.saturation, by=by, entrance="vendor", live=live)
        with self.engine.connect() as connection:
            return {"as_of": value["as_of"], "items": read_model.with_names(connection, value["pairs"])}

    def purchased_services(self, *, by: Caller, filters: Mapping[str, Any], after: Place | None, limit: int) -> Page:
        """已购服务: what the caller's party bought, and what the account itself ordered for a test (S-01, S-07,
        S-10)."""
        with self.engine.connect() as connection:
            where = [audience.bought(by), *read_model.project_filters(connection, filters)]
            return read_model.project_page(connection, where, after=after, limit=limit)

    def unregistered_buyers(self, *, after: Place | None, limit: int) -> Page:
        """Buyers who ordered and are not registered (G-10), for the operator."""
        with self.engine.connect() as connection:
            return buyers.unregistered(connection, after=after, limit=limit)

    def products(self, *, by: Caller, filters: Mapping[str, Any], after: Place | None, limit: int) -> Page:
        """产品中心: a vendor's own products (P-07), all for the operator."""
        own: list[Condition] = [] if by.is_a("platform_operator") else [product.c.vendor_id == by.party_id]
        where = [*own, *read_model.product_filters(filters)]
        with self.engine.connect() as connection:
            return read_model.product_page(connection, where, after=after, limit=limit)

    def _entrance(self, by: Caller, entrance: Entrance | None) -> Entrance | None:
        """The entrance asked for, else the first one the caller has; None for the operator, who needs none.

        :raises EntranceClosed: an entrance the caller lacks.
        """
        if by.is_a("platform_operator"):
            return None
        chosen = entrance or ("vendor" if by.is_a(*VENDORS) else "provider")
        if not by.is_a(*(VENDORS if chosen == "vendor" else ("provider_admin",))):
            raise EntranceClosed
        return chosen

    def _listed(
        self,
        connection: Connection,
        *,
        by: Caller,
        tab: str,
        entrance: Entrance | None,
        filters: Mapping[str, Any],
        now: datetime,
    ) -> list[Condition]:
        """The conditions of 项目管理: what the caller supervises there, the tab and the filters."""
        where = audience.supervised(by, self._entrance(by, entrance))
        if tab != ALL_TABS:
            where.append(project.c.state == tab)
        wanted = dict(filters)
        then = as_of.taken_out(wanted)
        if then.get("as_of") == as_of.NOW:
            then["as_of"] = now
        where += read_model.project_filters(connection, wanted)
        return where + as_of.then_filters(connection, then, where)

    def _marked(self, connection: Connection, page: Page, now: datetime) -> Page:
        """``page`` with how long the overdue ones are overdue (R-27), and how much time is left for the others."""
        return page.showing(self._marker(connection, now))

    def _marker(self, connection: Connection, now: datetime, *, limits: bool = True) -> Callable[[Row], Row]:
        """Adds ``overdue_tenths`` to a row that carries an overdue mark, and ``limit`` (None without a timeout).
        The calendar is read when first needed; the time before, since the clock may need a connection of its own."""
        known: list[Calendar] = []

        def working() -> Calendar:
            if not known:
                known.append(as_of.calendar_at(connection, now))
            return known[0]

        def mark(row: Row) -> Row:
            more: dict[str, Any] = {}
            if row["overdue"] is not None:
                due = datetime.fromisoformat(row["overdue"]["due_at"])
                more["overdue_tenths"] = max(0, working().tenths(due, now))
            if limits:
                more["limit"] = _limit(row, working(), now) if read_model.timed(row) else None
            return {**row, **more} if more else row

        return mark


def _untold(page: Page) -> Page:
    """``page`` without what is the vendor's own affair."""
    return page.showing(lambda row: {**row, "several_providers": None})


def _limit(row: Row, working: Calendar, now: datetime) -> Row:
    """When the node of a timed row is due; while the project is paused or held nothing is counted (R-58)."""
    if row["hold"] or row["state"] == "paused":
        stands = "held" if row["hold"] else "paused"
        return {"timeout": row["timeout"], "due_at": None, "remaining_seconds": None, "stands": stands}
    due = working.due(row["clock_from"], row["timeout"])
    remaining = int(working.between(now, due).total_seconds())
    return {
        "timeout": row["timeout"],
        "due_at": due,
        "remaining_seconds": remaining,
        "stands": working.stands(now),
    }
