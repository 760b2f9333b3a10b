"""The project as spans of time: runs, visits of nodes with who operated them, pauses, overdue times.

Pure: one pass over the project's events, shown to a caller by the rules of the flow log."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from delivery_shared.working_time import Calendar, days_text

from project_svc.access import View
from project_svc.domain import Project
from project_svc.flow import ASSIGN_ORDER, ASSIGN_PROVIDER, CLAIM_ORDER
from project_svc.flow_log import LogWriter
from project_svc.read_model import Names

WAITING: Final = frozenset({ASSIGN_PROVIDER, ASSIGN_ORDER, CLAIM_ORDER})
"""Types of nodes at which the project waits for dispatch or a claimer."""

Span = dict[str, Any]
"""``from`` and ``to`` – None while it goes on –, and what it is of."""


class Timeline:
    """The timeline of one project for one caller."""

    def __init__(
        self,
        *,
        project: Project,
        history: Sequence[Any],
        names: Names,
        view: View,
        calendar: Calendar,
        now: datetime,
    ) -> None:
        self.project = project
        self.names = names
        self.view = view
        self.calendar = calendar
        self.now = now
        self.writer = LogWriter(names, project.customer_id)
        self.runs: list[Span] = []
        self.nodes: list[Span] = []
        self.pauses: list[Span] = []
        tell: Mapping[str, Callable[[Any], None]] = {
            "Started": lambda e: self._run(e),
            "Restarted": self._restarted,
            "ProviderSet": self._provider_set,
            "NodeEntered": self._entered,
            "NodeCompleted": lambda e: self._left(e, "timed_out" if e.timed_out else "completed", None),
            "NodeRejected": lambda e: self._left(e, "rejected", e.reason),
            "AssigneeChanged": lambda e: self._operated(e, e.person_id, e.role),
            "NodeOverdue": self._overdue,
            "OverdueWithdrawn": self._withdrawn,
            "Paused": self._paused,
            "Resumed": self._resumed,
            "Cancelled": lambda e: self._ended(e, "cancelled"),
            "Completed": lambda e: self._ended(e, "completed"),
        }
        for e in history:
            if (told := tell.get(type(e).__name__)) is not None:
                told(e)

    def page(self) -> dict[str, Any]:
        """What the caller may see: the present run, or all (A-68); overdue times for those who supervise (R-28)."""
        shown = {span["run"] for span in self.runs if span["run"] == self.project.run or self.view.earlier_runs}
        runs = [span for span in self.runs if span["run"] in shown]
        return {
            "now": self.now,
            "from": runs[0]["from"],
            "to": runs[-1]["to"],
            "runs": runs,
            "nodes": [self._shown(span) for span in self.nodes if span["run"] in shown],
            "pauses": [span for span in self.pauses if span["run"] in shown],
        }

    def _shown(self, span: Span) -> Span:
        end = span["to"] or self.now
        spent = self._worked(span["from"], end) - sum(
            (self._worked(pause["from"], pause["to"] or end) for pause in span["paused"]), timedelta(0)
        )
        overdue = span["overdue"] if self.view.overdue_marks else []
        return {**span, "working_seconds": spent // timedelta(seconds=1), "overdue": overdue}

    def _worked(self, start: datetime, end: datetime) -> timedelta:
        return self.calendar.between(start, end)

    def _run(self, e: Any) -> None:
        self.runs.append({"run": e.run, "provider": None, "from": e.timestamp, "to": None})

    def _restarted(self, e: Any) -> None:
        self._ended(e, "restarted")
        self._run(e)

    def _ended(self, e: Any, outcome: str) -> None:
        """The run is over, and with it whatever is open."""
        if self.nodes and self.nodes[-1]["to"] is None:
            self._close(self.nodes[-1], e.timestamp, outcome)
            self.nodes[-1] |= {"by": self.writer.actor(e.by), "remark": e.remark}
        for span in (self.runs[-1], *self.pauses[-1:]):
            span["to"] = span["to"] or e.timestamp

    def _provider_set(self, e: Any) -> None:
        self.runs[-1]["provider"] = self.names.party(e.provider_id)

    def _entered(self, e: Any) -> None:
        waiting = e.type in WAITING
        span: Span = {
            "run": e.run,
            "visit": e.visit,
            "node": e.node,
            "name": e.name,
            "type": e.type,
            "step": e.step,
            "role": None,
            "from": e.timestamp,
            "to": None,
            "waiting": waiting,
            "outcome": None,
            "by": None,
            "remark": None,
            "timeout_days": days_text(e.timeout) if e.timeout and e.side else None,
            "operators": [],
            "paused": [],
            "overdue": [],
        }
        self.nodes.append(span)
        if e.side == "customer":
            operator = self.writer.actor({"kind": "customer"})
            span["operators"].append({"operator": operator, "from": e.timestamp, "to": None})
        elif e.assignee_id is not None:
            self._operated(e, e.assignee_id, e.role)

    def _operated(self, e: Any, person_id: Any, role: str | None) -> None:
        """From now on the person operates the open node, if it has an operator of that role."""
        span = self.nodes[-1]
        changed = type(e).__name__ == "AssigneeChanged"
        if changed and not (span["operators"] and span["role"] == role):
            return
        span["role"] = role
        if span["operators"]:
            span["operators"][-1]["to"] = e.timestamp
        actor = self.writer.actor({"kind": "staff", "user_id": person_id, "role": role})
        span["operators"].append({"operator": actor, "from": e.timestamp, "to": None})

    def _left(self, e: Any, outcome: str, remark: str | None) -> None:
        span = self.nodes[-1]
        self._close(span, e.timestamp, outcome)
        span |= {"by": self.writer.actor(e.by), "remark": remark}

    def _close(self, span: Span, at: datetime, outcome: str) -> None:
        span |= {"to": at, "outcome": outcome}
        for part in (*span["operators"], *span["paused"], *span["overdue"]):
            part["to"] = part["to"] or at

    def _overdue(self, e: Any) -> None:
        """Overdue from its due time on; told again of the same clock, that time has moved (H-09)."""
        overdue = self.nodes[-1]["overdue"]
        if overdue and overdue[-1]["to"] is None:
            overdue.pop()
        overdue.append({"side": e.side, "from": e.due_at, "to": None})

    def _withdrawn(self, e: Any) -> None:
        overdue = self.nodes[-1]["overdue"]
        if not overdue:
            return
        if e.reason == "calendar":
            overdue.pop()
        else:
            overdue[-1]["to"] = e.timestamp

    def _paused(self, e: Any) -> None:
        by = self.writer.actor(e.by)
        self.pauses.append({"run": e.run, "from": e.timestamp, "to": None, "remark": e.remark, "by": by})
        if self.nodes:
            self.nodes[-1]["paused"].append({"from": e.timestamp, "to": None})

    def _resumed(self, e: Any) -> None:
        self.pauses[-1]["to"] = e.timestamp
        if self.nodes and self.nodes[-1]["paused"]:
            self.nodes[-1]["paused"][-1]["to"] = e.timestamp
