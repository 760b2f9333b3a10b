"""What only identity-svc can tell of how it is doing: how old the last backup is that an operator has made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from delivery_shared.http.tokens import real_now
from eventsourcing.utils import get_topic
from prometheus_client import Gauge

from identity_svc.domain import facts
from identity_svc.domain.operator_action import OperatorAction
from identity_svc.store import IdentityStore

GAUGES = {
    "backup_age_seconds": Gauge(
        "delivery_identity_backup_age_seconds", "Age of the last `dc backup`, before the first one of the installation"
    ),
}

BACKUP = "backup"
"""How the command is called in the operators' log."""


@dataclass(frozen=True, kw_only=True)
class BackupStatus:
    """``backup_age_seconds``: since the end of the last `dc backup` that went well; without any, since the first
    event of the installation. Copies made by other means are not known here."""

    backup_age_seconds: float


class BackupWatch:
    """Follows the operators' log from where it has read: events of years are read once a process."""

    def __init__(self, store: IdentityStore, *, now: Callable[[], datetime] = real_now) -> None:
        self._store = store
        self._now = now
        self._read_to = 0
        self._last: datetime | None = None

    def status(self) -> BackupStatus:
        """The age now; 0 while nothing at all has happened."""
        table = self._store.events_recorder.events_table_name
        with self._store.connection() as connection:
            ended = connection.execute(
                f"SELECT notification_id, originator_id FROM {table}"  # noqa: S608 - our own name
                " WHERE notification_id > %s AND topic = %s ORDER BY notification_id",
                (self._read_to, get_topic(facts.ActionEnded)),
            ).fetchall()
        for action in self._store.find(OperatorAction, *(row["originator_id"] for row in ended)).values():
            if action.action == BACKUP and action.outcome == "done" and action.ended_at is not None:
                self._last = max(self._last or action.ended_at, action.ended_at)
        if ended:
            self._read_to = ended[-1]["notification_id"]
        since = self._last or self._first()
        return BackupStatus(backup_age_seconds=max((self._now() - since).total_seconds(), 0.0) if since else 0.0)

    def _first(self) -> datetime | None:
        """When the installation began."""
        for stored in self._store.recorder.select_notifications(1, 1):
            happened: Any = self._store.mapper.to_domain_event(stored)
            return cast("datetime", happened.timestamp)
        return None
