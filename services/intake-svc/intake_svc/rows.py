"""The rows of connections, orders and notices, written in the save of their facts with absolute values. Nothing secret
stands in them unsealed, and nothing of a buyer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

import msgspec
from delivery_shared.copying import copy_of, upsert
from delivery_shared.eventstore import RowChange, WorkChanged

from intake_svc.domain.connection import Connection
from intake_svc.domain.mirror import Mirror, report_id_of
from intake_svc.domain.order import Order


def connection_row(connection: Connection) -> RowChange:
    columns = (
        "vendor_id", "kind", "name", "token", "stage", "ready_when", "front_url", "opened_at", "version",
    )  # fmt: skip
    return copy_of(
        connection, "connection", key="id", columns=columns, secrets=connection.secrets, mirror=connection.mirror
    )


def sku_rows(connection: Connection) -> list[RowChange]:
    """The whole map: the one before goes."""
    entries = [{**entry, "connection_id": connection.id, "place": place} for place, entry in enumerate(connection.skus)]
    return [
        RowChange(
            key=f"sku {connection.id} 1",
            sql="DELETE FROM sku WHERE connection_id = %(id)s",
            params={"id": connection.id},
        ),
        RowChange(
            key=f"sku {connection.id} 2",
            sql="INSERT INTO sku SELECT * FROM jsonb_populate_recordset(NULL::sku, CAST(%(rows)s AS jsonb))",
            params={"rows": msgspec.json.encode(entries).decode()},
        ),
    ]


def order_row(order: Order) -> RowChange:
    columns = (
        "connection_id", "vendor_id", "kind", "order_number", "business_number", "product_id", "sku", "edition",
        "quantity", "trial", "test", "valid_until", "state", "frozen", "expired", "seen_at", "ready_at", "version",
    )  # fmt: skip
    return copy_of(order, "marketplace_order", key="id", columns=columns, order_key=order.order)


def notice_rows(order: Order, ids: Iterable[UUID]) -> list[RowChange]:
    """A key another order's notice has taken meanwhile makes the save a conflict."""
    rows = [
        upsert(
            "notice",
            key="id",
            values={
                "id": id,
                "connection_id": order.connection_id,
                "order_id": order.id,
                "order_key": order.order,
                "parameter": order.unfit.get(id),
                **{
                    name: getattr(order.notices[id], name)
                    for name in ("key", "number", "verb", "state", "reason", "effect", "received_at")
                },
            },
        )
        for id in ids
    ]
    same_order = " WHERE notice.order_id = excluded.order_id RETURNING id"
    return [replace(row, sql=row.sql + same_order, or_else=WorkChanged) for row in rows]


def rows_of(order: Order) -> list[RowChange]:
    """The rows of what has just happened to an order."""
    named = (getattr(fact, "notice_id", None) for fact in order.facts)
    touched = dict.fromkeys(id for id in named if id is not None)
    return [order_row(order), *notice_rows(order, touched)]


def report_rows(mirror: Mirror, numbers: Iterable[int]) -> list[RowChange]:
    """What is to be told of a project, without the remarks."""
    columns = ("number", "act", "step", "name", "node_id", "state", "reason", "asked_at", "ended_at")
    return [
        upsert(
            "report",
            key="id",
            values={
                "id": report_id_of(mirror.id, number),
                "project_id": mirror.project_id,
                "connection_id": mirror.connection_id,
                **{name: getattr(mirror.reports[number], name) for name in columns},
            },
        )
        for number in numbers
    ]


def mirror_rows(mirror: Mirror) -> list[RowChange]:
    """The rows of what has just happened to a mirror."""
    named = (getattr(fact, "number", None) for fact in mirror.facts)
    return report_rows(mirror, dict.fromkeys(number for number in named if number is not None))
