"""Saved views: the filters of a list under a name, kept per user and shared within the party if wanted. Rows of their
own, no facts: nobody else hears of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from delivery_shared.eventstore import RowChange, UnitOfWork, WorkChanged
from delivery_shared.http import Caller
from psycopg.types.json import Jsonb

from identity_svc.carrying_out import Answer, Means, Operation
from identity_svc.domain.errors import NotFound

MOST = 100
"""Views of a user at most."""


class TooManyViews(Exception):
    """The user has :data:`MOST` views."""


def save(*, by: Caller, view_id: UUID, page: str, name: str, filters: dict[str, Any], shared: bool) -> Operation:
    """Create the view, or replace it. The id is the client's.

    :raises NotFound: the view is another user's. :raises TooManyViews:
    """

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        with means.store.connection() as connection:
            known = connection.execute("SELECT user_id FROM saved_view WHERE view_id = %s", (view_id,)).fetchone()
            held = connection.execute(
                "SELECT count(*) AS n FROM saved_view WHERE user_id = %s", (by.user_id,)
            ).fetchone()
        if known is not None and known["user_id"] != by.user_id:
            raise NotFound
        assert held is not None
        if known is None and held["n"] >= MOST:
            raise TooManyViews
        unit.rows.append(
            RowChange(
                key=f"saved_view {view_id}",
                or_else=WorkChanged,
                sql="INSERT INTO saved_view AS v (view_id, user_id, party_id, page, name, filters, shared)"
                " VALUES (%(id)s, %(user)s, %(party)s, %(page)s, %(name)s, %(filters)s, %(shared)s)"
                " ON CONFLICT (view_id) DO UPDATE SET page = excluded.page, name = excluded.name,"
                " filters = excluded.filters, shared = excluded.shared WHERE v.user_id = excluded.user_id"
                " RETURNING 1",
                params={
                    "id": view_id,
                    "user": by.user_id,
                    "party": by.party_id,
                    "page": page,
                    "name": name,
                    "filters": Jsonb(filters),
                    "shared": shared,
                },
            )
        )
        return (200 if known else 201), {"view_id": str(view_id)}

    return Operation(decide=decide)


def delete(*, by: Caller, view_id: UUID) -> Operation:
    """:raises NotFound: there is none, or it is another user's."""

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        params = {"id": view_id, "user": by.user_id}
        with means.store.connection() as connection:
            if not connection.execute(
                "SELECT 1 FROM saved_view WHERE view_id = %(id)s AND user_id = %(user)s", params
            ).fetchone():
                raise NotFound
        unit.rows.append(
            RowChange(
                key=f"saved_view {view_id}",
                sql="DELETE FROM saved_view WHERE view_id = %(id)s AND user_id = %(user)s",
                params=params,
            )
        )
        return 204, {}

    return Operation(decide=decide)


def forgotten(user_id: UUID) -> RowChange:
    """The views of a user who is gone, with the user."""
    return RowChange(
        key=f"saved_view of {user_id}",
        sql="DELETE FROM saved_view WHERE user_id = %(user)s",
        params={"user": user_id},
    )
