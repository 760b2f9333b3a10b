"""What the details page tells of time: when the open node is due, the overdue mark with its details, past timeouts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from delivery_shared.working_time import Calendar, days_text

from project_svc.domain.clock import CUSTOMER_SIDE, SERVER_SIDE, overdue_side
from project_svc.domain.facts import NodeOverdue, OverdueWithdrawn, ProjectFact
from project_svc.domain.flow import FlowNode
from project_svc.domain.project import PAUSED, Project
from project_svc.pages.flow_log import time_text

SIDE_NAMES: Final = {SERVER_SIDE: "服务端超时", CUSTOMER_SIDE: "客户端超时"}


class Timing:
    """The times of one project at ``now``, by ``calendar``."""

    def __init__(self, *, project: Project, history: Sequence[ProjectFact], calendar: Calendar, now: datetime) -> None:
        self.project = project
        self.history = history
        self.calendar = calendar
        self.now = now

    def limit(self, node: FlowNode) -> dict[str, Any] | None:
        """Time limit and due time of the open node; None without a timeout (T-84). In a project that is paused (R-58)
        or held nothing is counted: no due time. ``remaining_seconds`` of working time, below 0 when overdue;
        ``stands``: why the clock stands still, ``held``, ``paused`` or ``day_off``."""
        clock = self.project.node_clock
        if clock is None or self.project.ended:
            return None
        due = self._due()
        return {
            "timeout_days": days_text(clock.timeout),
            "advances": node.advance_on_timeout,
            "counted_from": time_text(clock.since),
            "due_at": time_text(due) if due else None,
            "remaining_seconds": int(self.calendar.between(self.now, due).total_seconds()) if due else None,
            "stands": self._rests() if due is None else self.calendar.stands(self.now),
        }

    def mark(self, node: FlowNode, operator: str) -> dict[str, Any] | None:
        """The overdue mark with what hovering shows (R-24, R-27), None while nothing is overdue (R-29)."""
        clock, due = self.project.node_clock, self._due()
        at = self.now
        if self._rests() is not None and clock is not None and clock.overdue is not None:
            due, at = clock.overdue, self._stopped_at()
        if clock is None or self.project.ended or due is None or due > at:
            return None
        side = overdue_side(node.side)
        return {
            "side": side,
            "side_text": SIDE_NAMES[side],
            "node": node.name,
            "operator": operator,
            "timeout_days": days_text(clock.timeout),
            "entered_at": time_text(self.project.entered_at),
            "due_at": time_text(due),
            "overdue_days": days_text(self.calendar.tenths(due, at)),
        }

    def past(self, node_id: str) -> list[dict[str, str]]:
        """The times the node was overdue in this run, also those over (A-30), each visit with its last due time."""
        found: dict[tuple[int, datetime], dict[str, str]] = {}
        for fact in self.history:
            if not isinstance(fact, NodeOverdue | OverdueWithdrawn):
                continue
            if fact.node != node_id or fact.run != self.project.run:
                continue
            if isinstance(fact, NodeOverdue):
                found[(fact.visit, fact.counted_from)] = {
                    "side": fact.side,
                    "due_at": time_text(fact.due_at),
                    "overdue_at": time_text(fact.timestamp),
                }
            elif fact.reason == "calendar":
                del found[max(key for key in found if key[0] == fact.visit)]
        return list(found.values())

    def _rests(self) -> str | None:
        if self.project.holds:
            return "held"
        return "paused" if self.project.state == PAUSED else None

    def _stopped_at(self) -> datetime:
        """Since when it is paused or held."""
        since = [self.project.stopped_at, self.project.paused_at if self.project.state == PAUSED else None]
        return min((at for at in since if at is not None), default=self.now)

    def _due(self) -> datetime | None:
        clock = self.project.running_clock
        return self.calendar.due(clock.since, clock.timeout) if clock else None
