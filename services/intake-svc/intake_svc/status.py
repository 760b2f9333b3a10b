"""What only intake-svc can tell of how it is doing: orders nobody was told are ready, and notices put aside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from delivery_shared.eventstore import EventStore
from prometheus_client import Gauge

from intake_svc.kinds import KINDS

GAUGES = {
    "overdue_orders": Gauge(
        "delivery_intake_overdue_orders", "Live orders that were not answered as ready for as long as their kind allows"
    ),
    "parked_notices": Gauge("delivery_intake_parked_notices", "Notices of marketplaces put aside until put right"),
    "waiting_reports": Gauge("delivery_intake_waiting_reports", "What a marketplace's delivery center is to be told"),
    "oldest_report_seconds": Gauge(
        "delivery_intake_oldest_report_seconds", "For how long the report waits that was asked for first"
    ),
    "parked_reports": Gauge("delivery_intake_parked_reports", "Reports to a marketplace's delivery center put aside"),
}


@dataclass(frozen=True, kw_only=True)
class IntakeStatus:
    """``overdue_orders``: orders of live connections that wait to be answered as ready for longer than their
    marketplace should be kept waiting (of Huawei an hour: after three it refunds).
    ``waiting_reports``: what mirrors that are on are still to tell."""

    overdue_orders: int
    parked_notices: int
    waiting_reports: int
    oldest_report_seconds: float
    parked_reports: int


def intake_status(store: EventStore, *, now: datetime) -> IntakeStatus:
    """The figures at ``now``."""
    patient = {kind.name: now - kind.alarm_after for kind in KINDS.values() if kind.alarm_after is not None}
    with store.connection() as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM marketplace_order o"
            " JOIN connection c ON c.id = o.connection_id AND c.stage = 'live'"
            " JOIN unnest(%(kinds)s::text[], %(since)s::timestamptz[]) AS k (kind, since) ON k.kind = o.kind"
            " WHERE ready_at IS NULL AND NOT test AND state <> 'ended'"
            " AND seen_at < k.since) AS overdue, (SELECT count(*) FROM notice WHERE state = 'parked') AS parked,"
            " w.*, (SELECT count(*) FROM report WHERE state = 'parked') AS parked_reports"
            " FROM (SELECT count(*) AS waiting, coalesce(extract(epoch FROM %(now)s - min(asked_at)), 0) AS oldest"
            " FROM report r JOIN connection c ON c.id = r.connection_id AND (c.mirror->>'enabled')::boolean"
            " WHERE r.state = 'waiting') AS w",
            {"now": now, "kinds": list(patient), "since": list(patient.values())},
        ).fetchone()
    assert row is not None
    return IntakeStatus(
        overdue_orders=row["overdue"],
        parked_notices=row["parked"],
        waiting_reports=row["waiting"],
        oldest_report_seconds=max(float(row["oldest"]), 0.0),
        parked_reports=row["parked_reports"],
    )
