"""What callers may see of this service's lists."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from delivery_shared.http import Caller
from delivery_shared.http.tokens import real_now
from delivery_shared.pinyin import sort_key
from psycopg import Connection

from identity_svc import families, read_model
from identity_svc.domain.errors import NotFound
from identity_svc.domain.organising import users_kept_by_operator
from identity_svc.read_model import Row

Place = tuple[datetime, UUID]
"""Where in a list a page ends: the columns the list is ordered by."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """Rows of a list, how many the whole list has, and where the next page starts (None: nowhere)."""

    items: list[Row]
    total: int
    next: Place | None


class Lists:
    """Reads of the rows behind ``connection``."""

    def __init__(self, connection: Callable[[], AbstractContextManager[Connection[Any]]]) -> None:
        self._connection = connection

    def me(self, *, by: Caller) -> Row:
        """The caller's own data. :raises NotFound: deleted meanwhile."""
        with self._connection() as connection:
            return _found(read_model.user(connection, by.user_id))

    def sessions(self, *, by: Caller, session_id: UUID) -> list[Row]:
        """The caller's own sessions; ``session_id`` is the one that asks."""
        with self._connection() as connection:
            found = families.of_user(connection, by.user_id, real_now())
        return [{**session, "current": session["session_id"] == session_id} for session in found]

    def user(self, *, by: Caller, user_id: UUID) -> Row:
        """A user the caller manages. :raises NotFound: also for users of others."""
        with self._connection() as connection:
            found = _found(read_model.user(connection, user_id))
        if not manages(by, found["party_id"], found["side"]):
            raise NotFound
        return found

    def users(
        self,
        *,
        by: Caller,
        side: str,
        login_name: str | None,
        name: str | None,
        department_id: UUID | None,
        cursor: Place | None,
        limit: int,
    ) -> Page:
        """A page of the sub-accounts of one side of the caller's party (U-11, U-12, U-16).

        :raises NotFound: the caller does not manage that side, or has no such department.
        """
        if not manages(by, by.party_id, side):
            raise NotFound
        with self._connection() as connection:
            if department_id and not read_model.has_department(connection, by.party_id, department_id):
                raise NotFound
            rows, total = read_model.users(
                connection, party_id=by.party_id, side=side, login=login_name, name=name,
                department_id=department_id, after=cursor, limit=limit,
            )  # fmt: skip
        return _page(rows, total, limit, "created_at", "user_id")

    def departments(self, *, by: Caller) -> Row:
        """企业架构: the caller's party and its departments (U-10)."""
        with self._connection() as connection:
            party = _found(read_model.party(connection, by.party_id))
            return {**party, "items": read_model.departments(connection, by.party_id)}

    def party(self, *, party_id: UUID) -> Row:
        """:raises NotFound: there is no such party."""
        with self._connection() as connection:
            return _found(read_model.party(connection, party_id))

    def parties(self, *, kind: str | None, cursor: Place | None, limit: int) -> Page:
        """A page of all parties, oldest first."""
        with self._connection() as connection:
            rows, total = read_model.parties(connection, kind=kind, after=cursor, limit=limit)
        return _page(rows, total, limit, "registered_at", "party_id")

    def party_users(self, *, party_id: UUID) -> list[Row]:
        """All users of a customer or of the operator. :raises NotFound, IsvManagesItself:"""
        with self._connection() as connection:
            party = _found(read_model.party(connection, party_id))
            users_kept_by_operator(party["kind"])
            rows, _ = read_model.users(
                connection, party_id=party_id, side=party["kind"], login=None, name=None, department_id=None,
                after=None, limit=1000,
            )  # fmt: skip
        return rows

    def views(self, *, by: Caller, page: str | None) -> list[dict[str, Any]]:
        """The caller's own views, then those others of the party share; each part by name."""
        with self._connection() as connection:
            found = connection.execute(
                "SELECT v.view_id, v.page, v.name, v.filters, v.shared, v.user_id = %(user)s AS own,"
                " u.name AS owner_name FROM saved_view v JOIN user_account u USING (user_id)"
                " WHERE (v.user_id = %(user)s OR v.shared AND v.party_id = %(party)s)"
                " AND (%(page)s::text IS NULL OR v.page = %(page)s)",
                {"user": by.user_id, "party": by.party_id, "page": page},
            ).fetchall()
        return sorted(found, key=lambda view: (not view["own"], sort_key(view["name"]), view["view_id"]))


def manages(by: Caller, party_id: UUID, side: str) -> bool:
    """Whether ``by`` manages users of ``side`` in the party: the vendor admin the vendor's, the provider admin the
    provider's, the platform operator those who have no admin above them."""
    if by.is_a("platform_operator"):
        return side in ("isv", "customer", "operator")
    admin = {"vendor": "vendor_admin", "provider": "provider_admin"}.get(side)
    return admin is not None and by.party_id == party_id and by.is_a(admin)


def _found(row: Row | None) -> Row:
    if row is None:
        raise NotFound
    return row


def _page(rows: list[Row], total: int, limit: int, at: str, id: str) -> Page:
    last = rows[-1] if len(rows) == limit else None
    return Page(items=rows, total=total, next=(last[at], last[id]) if last else None)
