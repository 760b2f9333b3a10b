"""What callers may see of this service's lists."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from operator import itemgetter
from typing import Any
from uuid import UUID

from delivery_shared.http import Caller
from delivery_shared.http.paging import Page
from delivery_shared.http.tokens import real_now
from delivery_shared.pinyin import sort_key
from delivery_shared.rows import Row
from psycopg import Connection

from identity_svc import access_keys, families, read_model
from identity_svc.domain.errors import NotFound


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

    def access_keys(self, *, by: Caller) -> list[Row]:
        """The access keys of the caller's party, without their secrets."""
        with self._connection() as connection:
            return access_keys.of_party(connection, by.party_id)

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
        cursor: tuple[datetime, UUID] | None,
        limit: int,
    ) -> Page:
        """A page of the sub-accounts of one side of the caller's party (U-11, U-12, U-16); of a department those of
        the departments below, too, marked as ``below``.

        :raises NotFound: the caller does not manage that side, or has no such department.
        """
        if not manages(by, by.party_id, side):
            raise NotFound
        with self._connection() as connection:
            if department_id and not read_model.has_department(connection, by.party_id, department_id):
                raise NotFound
            rows, total = read_model.users(
                connection, party_id=by.party_id, side=side, login=login_name, name=name,
                department_id=department_id, after=cursor, limit=limit + 1,
            )  # fmt: skip
        page = Page.cut(rows, total=total, limit=limit, place=itemgetter("created_at", "user_id"))
        return page.showing(lambda row: row | {"below": department_id not in (None, row["department_id"])})

    def deletion(self, *, user_id: UUID) -> Row | None:
        """A user whose deletion was asked for, as it stands; None once it is gone."""
        with self._connection() as connection:
            return read_model.user(connection, user_id)

    def departments(self, *, by: Caller) -> Row:
        """企业架构: the caller's party and its departments (U-10)."""
        with self._connection() as connection:
            party = _found(read_model.party(connection, by.party_id))
            return {**party, "items": read_model.departments(connection, by.party_id)}

    def party(self, *, party_id: UUID) -> Row:
        """:raises NotFound: there is no such party."""
        with self._connection() as connection:
            return _found(read_model.party(connection, party_id))

    def link_hours(self, *, party_id: UUID) -> int:
        """How long links of a vendor's customers live. :raises NotFound: there is no such party."""
        with self._connection() as connection:
            row = connection.execute("SELECT link_hours FROM party WHERE party_id = %s", (party_id,)).fetchone()
            return int(_found(row)["link_hours"])

    def parties(self, *, kind: str | None, name: str | None, cursor: tuple[datetime, UUID] | None, limit: int) -> Page:
        """A page of all parties, oldest first; ``name``: with this in their name, account or customer's number."""
        with self._connection() as connection:
            rows, total = read_model.parties(connection, kind=kind, name=name, after=cursor, limit=limit + 1)
        return Page.cut(rows, total=total, limit=limit, place=itemgetter("registered_at", "party_id"))

    def party_users(self, *, party_id: UUID) -> list[Row]:
        """All users of a customer or of the operator; of an ISV, which keeps its own, the main account, which only the
        operator can help. :raises NotFound: there is no such party, or it is the marketplace.
        """
        with self._connection() as connection:
            party = _found(read_model.party(connection, party_id))
            if party["kind"] == "marketplace":
                raise NotFound
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
