"""Test orders (S-07): whose products an account may try, and how many it has open.

A row per open test order, in one of the account's :data:`MOST` slots: the constraint keeps two that come at the same
time from taking the last one both. It goes in the save that ends the project.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from delivery_shared.eventstore import RowChange, WorkChanged
from delivery_shared.pinyin import sort_key
from eventsourcing.domain import Aggregate
from psycopg import Connection
from psycopg.rows import DictRow

from project_svc.domain import facts
from project_svc.domain.project import Project

MOST: Final = 10
"""Open test orders of an account."""


def serves(connection: Connection[DictRow], provider_id: UUID, vendor_id: UUID) -> bool:
    """Whether the provider is configured for a product of the vendor."""
    row = connection.execute(
        "SELECT 1 FROM product JOIN configured USING (product_id) WHERE vendor_id = %s AND %s = ANY(providers) LIMIT 1",
        (vendor_id, provider_id),
    ).fetchone()
    return row is not None


def products(connection: Connection[DictRow], party_id: UUID) -> list[dict[str, Any]]:
    """The listed products that people of a company may try, by vendor and code: its own, and those of the vendors it
    serves."""
    found = connection.execute(
        "SELECT product_id, code, product.name, vendor_id, party.name AS vendor_name"
        " FROM product JOIN party ON party_id = vendor_id"
        " WHERE NOT offline AND (vendor_id = %(party)s OR vendor_id IN (SELECT vendor_id FROM product"
        " JOIN configured USING (product_id) WHERE %(party)s = ANY(providers)))",
        {"party": party_id},
    )
    return sorted(found, key=lambda row: (sort_key(row["vendor_name"]), row["vendor_id"], sort_key(row["code"])))


def open_of(connection: Connection[DictRow], account_id: UUID) -> int:
    """How many test orders of the account are open."""
    row = connection.execute("SELECT count(*) AS n FROM test_order WHERE account_id = %s", (account_id,)).fetchone()
    assert row is not None
    return int(row["n"])


def opened(*, project_id: UUID, account_id: UUID) -> RowChange:
    """The test order takes a free slot. :raises WorkChanged: (at the save) the last one was taken meanwhile."""
    return RowChange(
        key=f"test_order {account_id}",
        or_else=WorkChanged,
        sql="INSERT INTO test_order (project_id, account_id, slot)"
        " SELECT %(project_id)s, %(account_id)s, slot FROM generate_series(1, %(most)s) AS s (slot)"
        " WHERE slot NOT IN (SELECT slot FROM test_order WHERE account_id = %(account_id)s)"
        " ORDER BY slot LIMIT 1 ON CONFLICT DO NOTHING RETURNING 1",
        params={"project_id": project_id, "account_id": account_id, "most": MOST},
    )


def closed(aggregates: Iterable[Aggregate]) -> list[RowChange]:
    """The slots that fall free with what these projects tell."""
    ended = sorted(
        project.id
        for project in aggregates
        if isinstance(project, Project)
        and project.is_test
        and any(isinstance(fact, facts.Completed | facts.Cancelled) for fact in project.facts)
    )
    if not ended:
        return []
    return [
        RowChange(
            key="test_order",
            sql="DELETE FROM test_order WHERE project_id IN"
            " (SELECT project_id FROM test_order WHERE project_id = ANY(%(ids)s) ORDER BY project_id FOR UPDATE)",
            params={"ids": ended},
        )
    ]
