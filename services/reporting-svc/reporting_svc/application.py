"""What the lists show to whom. Reads only: nobody changes anything here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from delivery_shared.http import Caller
from delivery_shared.http.paging import Cursor, Page
from sqlalchemy import Engine, text

from reporting_svc import read_model
from reporting_svc.read_model import Condition
from reporting_svc.tables import product, project

Entrance = Literal["vendor", "provider"]
"""厂商入口 or 服务商入口; a main account has both (G-17)."""

VENDORS = ("vendor_admin", "vendor_project_manager")


class EntranceClosed(Exception):
    """The caller does not have the entrance asked for."""


class ReportingApplication:
    """Lists and counts. Which rows a caller sees follows from the caller alone, never from a filter."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def ready(self) -> None:
        """:raises sqlalchemy.exc.OperationalError: the database is away."""
        with self.engine.connect() as connection:
            connection.execute(text("SELECT 1 FROM feed_position LIMIT 1"))

    def projects(
        self,
        *,
        by: Caller,
        tab: str,
        entrance: Entrance | None,
        filters: Mapping[str, Any],
        after: Cursor | None,
        limit: int,
    ) -> Page:
        """项目管理 (R-05, R-19). :raises EntranceClosed: see :meth:`_visible`."""
        where = [*self._visible(by, entrance), project.c.state == tab, *read_model.project_filters(filters)]
        with self.engine.connect() as connection:
            return read_model.project_page(connection, where, after=after, limit=limit)

    def project_counts(self, *, by: Caller, entrance: Entrance | None) -> dict[str, int]:
        """How many projects each tab holds. :raises EntranceClosed: see :meth:`_visible`."""
        with self.engine.connect() as connection:
            return read_model.project_counts(connection, self._visible(by, entrance))

    def my_projects(
        self,
        *,
        by: Caller,
        view: Literal["pending", "handled"],
        filters: Mapping[str, Any],
        after: Cursor | None,
        limit: int,
    ) -> Page:
        """我的项目 (R-128); a project that went to another provider is gone from it (R-41)."""
        mine = read_model.pending_for if view == "pending" else read_model.handled_by
        where = [
            project.c.provider_id == by.party_id,
            mine(by.user_id),
            *read_model.project_filters(filters),
        ]
        with self.engine.connect() as connection:
            return read_model.project_page(connection, where, after=after, limit=limit)

    def purchased_services(self, *, by: Caller, after: Cursor | None, limit: int) -> Page:
        """已购服务: what the caller's party bought (S-01, S-10)."""
        where = [project.c.customer_id == by.party_id]
        with self.engine.connect() as connection:
            return read_model.project_page(connection, where, after=after, limit=limit)

    def products(self, *, by: Caller, filters: Mapping[str, Any], after: Cursor | None, limit: int) -> Page:
        """产品中心: a vendor's own products (P-07), all for the operator."""
        own: list[Condition] = [] if by.is_a("platform_operator") else [product.c.vendor_id == by.party_id]
        where = [*own, *read_model.product_filters(filters)]
        with self.engine.connect() as connection:
            return read_model.product_page(connection, where, after=after, limit=limit)

    def _visible(self, by: Caller, entrance: Entrance | None) -> list[Condition]:
        """A vendor sees the projects of its products (R-05), a provider those it holds now (R-22), the operator all.

        Without ``entrance`` the first one the caller has. :raises EntranceClosed: an entrance the caller lacks.
        """
        if by.is_a("platform_operator"):
            return []
        chosen = entrance or ("vendor" if by.is_a(*VENDORS) else "provider")
        if chosen == "vendor" and by.is_a(*VENDORS):
            return [project.c.vendor_id == by.party_id]
        if chosen == "provider" and by.is_a("provider_admin"):
            return [project.c.provider_id == by.party_id]
        raise EntranceClosed
