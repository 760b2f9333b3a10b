"""Commands on mirrors: the settings of a connection's, and what to do of reports that were put aside."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from delivery_shared.eventstore import RowChange, UnitOfWork

from intake_svc import lookups
from intake_svc.carrying_out import Answer, Means, Operation
from intake_svc.commands.connections import body_of, visible
from intake_svc.domain import connecting, mirroring
from intake_svc.domain.errors import NotMirrored, NotVisible
from intake_svc.domain.mirror import Mirror, mirror_id_of
from intake_svc.kinds import KINDS
from intake_svc.rows import connection_row, mirror_rows
from intake_svc.vault import MIRROR_SECRET, sealed


def set_mirror(
    *, vendor_id: UUID, connection_id: UUID, endpoint: str, access_key_id: str, secret: str | None, enabled: bool
) -> Operation:
    """``secret`` None: the one there is. What waits is told at once, by what is given now.

    :raises NotVisible: :raises NotMirrored: this kind of marketplace has none, or the installation does not allow the
        address. :raises MirrorIncomplete: there is no secret yet.
    """

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        connection = visible(unit, connection_id, vendor_id)
        if not KINDS[connection.kind].mirrored or endpoint not in means.endpoints:
            raise NotMirrored
        key = means.store.vault.key_of_connection(connection.id)
        connecting.set_mirror(
            connection,
            endpoint=endpoint,
            access_key_id=access_key_id,
            sealed=None if secret is None else sealed(key, connection.id, MIRROR_SECRET, secret),
            enabled=enabled,
            at=means.now(),
        )
        unit.rows += [connection_row(connection), _at_once(connection.id)]
        return 200, body_of(connection)

    return Operation(decide=decide)


def replay_report(*, vendor_id: UUID, connection_id: UUID, report_id: UUID, node_id: int | None) -> Operation:
    """Tell a parked report after all; those behind it follow. ``node_id``: the node there that is meant, where it is
    not found by itself. :raises NotVisible, ReportNotParked:"""

    def replay(mirror: Mirror, number: int, at: datetime) -> None:
        mirroring.replay(mirror, number, node_id=node_id, at=at)

    return _on_report(vendor_id, connection_id, report_id, replay)


def dismiss_report(*, vendor_id: UUID, connection_id: UUID, report_id: UUID) -> Operation:
    """A parked report is not to be told; those behind it follow. :raises NotVisible, ReportNotParked:"""

    def dismiss(mirror: Mirror, number: int, at: datetime) -> None:
        mirroring.dismiss(mirror, number, at=at)

    return _on_report(vendor_id, connection_id, report_id, dismiss)


def _on_report(
    vendor_id: UUID, connection_id: UUID, report_id: UUID, act: Callable[[Mirror, int, datetime], Any]
) -> Operation:
    def decide(unit: UnitOfWork, means: Means) -> Answer:
        visible(unit, connection_id, vendor_id)
        with means.store.connection() as reads:
            found = lookups.report_of(reads, connection_id, report_id)
        if found is None:
            raise NotVisible
        project_id, number = found
        mirror = unit.get(Mirror, mirror_id_of(project_id))
        assert mirror is not None
        act(mirror, number, means.now())
        unit.rows += mirror_rows(mirror)
        report = mirror.reports[number]
        return 200, {"id": str(report_id), "state": report.state, "reason": report.reason}

    return Operation(decide=decide)


def _at_once(connection_id: UUID) -> RowChange:
    """Nothing that was wrong with the former settings holds up the new ones."""
    return RowChange(
        key=f"mirror_line {connection_id}",
        sql="UPDATE mirror_line SET failures = 0, next_at = NULL, error = NULL WHERE connection_id = %(id)s",
        params={"id": connection_id},
    )
