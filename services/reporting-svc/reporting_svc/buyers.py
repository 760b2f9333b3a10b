"""Buyers who ordered and are not registered: nobody can act for them (G-10), so what waits for them waits until the
platform operator has registered them."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import Any
from uuid import UUID

from delivery_shared.contracts.identity import HOME
from delivery_shared.http.paging import Page, Place
from delivery_shared.rows import Row
from sqlalchemy import Connection, and_, func, select, tuple_

from reporting_svc.read_model import WAITS_FOR_CUSTOMER, projects_shown
from reporting_svc.tables import party, person, project

c = project.c

LIVE = c.state.in_(("running", "paused"))

UNKNOWN = and_(
    LIVE,
    ~select(party.c.party_id).where(party.c.party_id == c.customer_id).exists(),
    ~select(person.c.user_id).where(person.c.user_id == c.customer_id).exists(),
)
"""An unfinished project of a customer who is no party, and no account that tries a product (S-07)."""

SHOWN = 5
"""Projects a row names, those that wait for the buyer first."""

BUYERS = (
    select(
        c.customer_id,
        func.max(c.created_at).label("last_order_at"),
        func.count().label("projects"),
        func.count().filter(WAITS_FOR_CUSTOMER).label("waiting"),
    )
    .where(UNKNOWN)
    .group_by(c.customer_id)
)


def unregistered(connection: Connection, *, after: Place | None, limit: int) -> Page:
    """A page of them, whoever ordered last first, each with the projects that are not finished."""
    buyers = BUYERS.subquery("buyers")
    at, id = buyers.c.last_order_at, buyers.c.customer_id
    total = connection.execute(select(func.count()).select_from(buyers)).scalar_one()
    cut = select(buyers).order_by(at.desc(), id.desc()).limit(limit + 1)
    if after is not None:
        cut = cut.where(tuple_(at, id) < tuple_(*after))
    rows = [dict(row) for row in connection.execute(cut).mappings()]
    page = Page.cut(rows, total=total, limit=limit, place=itemgetter("last_order_at", "customer_id"))
    projects = _projects(connection, [row["customer_id"] for row in page.items])
    return page.showing(lambda row: {**row, **_named(projects[row["customer_id"]])})


def _projects(connection: Connection, customers: Sequence[UUID]) -> dict[UUID, list[Row]]:
    """The unfinished projects of each, those that wait for the buyer first, the newest of these first."""
    page = select(project, WAITS_FOR_CUSTOMER.label("waits")).where(LIVE, c.customer_id.in_(customers)).subquery("page")
    query = projects_shown(page).order_by(page.c.created_at.desc(), page.c.project_id)
    found: dict[UUID, list[Row]] = {customer: [] for customer in customers}
    for row in connection.execute(query).mappings():
        found[row["customer_id"]].append(dict(row))
    return {customer: sorted(rows, key=lambda row: not row["waits"]) for customer, rows in found.items()}


def _named(projects: Sequence[Row]) -> dict[str, Any]:
    """Name and number as an order told them, the number with its marketplace, and the first projects."""
    numbered = next((row for row in projects if row["customer_number"]), None)
    return {
        "customer_name": next((row["customer_name"] for row in projects if row["customer_name"]), None),
        "customer_number": numbered and numbered["customer_number"],
        "customer_marketplace": (numbered and numbered["customer_marketplace"]) or HOME,
        "orders": projects[:SHOWN],
    }
