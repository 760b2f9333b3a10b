"""The clock of the open node, and what its running out does (超时). Pure.

Counting working time is not done here: due times come in as data, from the calendar of the moment.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from project_svc.flow import CUSTOMER, Flow
from project_svc.management import Managed
from project_svc.values import RUNNING, SYSTEM

SERVER_SIDE: Final = "server"
CUSTOMER_SIDE: Final = "customer"


def overdue_side(side: str | None) -> str:
    """服务端超时 or 客户端超时, by who operates the node – a claim-order node is the provider's (R-26)."""
    return CUSTOMER_SIDE if side == CUSTOMER else SERVER_SIDE


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeClock:
    """The clock of one visit of a node with a timeout. ``timeout`` in tenths of a working day; ``since`` is what it
    counts from; ``overdue``: the due time that passed, None while it has not."""

    visit: int
    timeout: int
    since: datetime
    overdue: datetime | None = None

    def resumed(self, at: datetime) -> NodeClock:
        """What a pause does to the clock – the one place that says so (A-03): it counts from zero from the moment of
        resuming, and an overdue mark disappears (R-59)."""
        return replace(self, since=at, overdue=None)


class Timed(Managed):
    """What time does to a project."""

    @property
    def running_clock(self) -> NodeClock | None:
        """The clock of the open node while it counts: not in a paused project (R-58)."""
        return self.node_clock if self.state == RUNNING else None

    def time_out(self, flow: Flow, *, visit: int, due_at: datetime, at: datetime) -> None:
        """The timeout of ``visit`` passed: the node is overdue (R-23); with 超时进入下一步 the system confirms it and
        the flow goes on (T-65, T-82), else it stays with its operator (T-41, T-66). Changes nothing if the visit is
        over, paused, or overdue already: once per entry (N-09)."""
        clock = self.running_clock
        if clock is None or clock.visit != visit or clock.overdue is not None or due_at > at:
            return
        self._mark(flow, clock, due_at, at)
        node = flow.node(self.node)
        if node.advance_on_timeout:
            self._complete(flow, node, SYSTEM, at, timed_out=True)

    def due_moved(self, flow: Flow, *, visit: int, due_at: datetime, at: datetime) -> None:
        """A new calendar gave the overdue node of ``visit`` another due time (H-09): the mark is withdrawn, or
        carries the new time."""
        clock = self.running_clock
        if clock is None or clock.visit != visit or clock.overdue is None or clock.overdue == due_at:
            return
        if due_at > at:
            self._overdue_withdrawn(run=self.run, visit=visit, node=self.node, reason="calendar", timestamp=at)
        else:
            self._mark(flow, clock, due_at, at)

    def _mark(self, flow: Flow, clock: NodeClock, due_at: datetime, at: datetime) -> None:
        node = flow.node(self.node)
        self._node_overdue(
            run=self.run,
            visit=clock.visit,
            node=node.id,
            name=node.name,
            side=overdue_side(node.side),
            role=node.role,
            assignee_id=self.roles.get(node.role or "") if node.operated else None,
            timeout=clock.timeout,
            entered_at=self.entered_at,
            counted_from=clock.since,
            due_at=due_at,
            reminders=node.on_overdue,
            timestamp=at,
        )
