"""The project as spans of time: runs, visits of nodes with who operated them, pauses, holds, overdue times.

One pass over the project's facts, shown to a caller by the rules of the flow log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, assert_never
from uuid import UUID

from delivery_shared.working_time import Calendar, days_text

from project_svc.access import View
from project_svc.domain import facts
from project_svc.domain.kinds import CUSTOMER, KINDS
from project_svc.domain.project import Project
from project_svc.pages.flow_log import HOLD_NAMES, LogWriter
from project_svc.read_model import Names

Span = dict[str, Any]
"""``from`` and ``to`` – None while it goes on –, and what it is of."""


class Timeline:
    """The timeline of one project for one caller."""

    def __init__(
        self,
        *,
        project: Project,
        history: Sequence[facts.ProjectFact],
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
        self.writer = LogWriter(names, project.customer_id, view)
        self.runs: list[Span] = []
        self.nodes: list[Span] = []
        self.pauses: list[Span] = []
        self.holds: list[Span] = []
        for fact in history:
            self._tell(fact)

    def _tell(self, fact: facts.ProjectFact) -> None:
        match fact:
            case facts.Started():
                self._run(fact)
            case facts.Restarted():
                self._ended(fact, "restarted")
                self._run(fact)
            case facts.ProviderSet():
                self.runs[-1]["provider"] = self.names.party(fact.provider_id)
            case facts.NodeEntered():
                self._entered(fact)
            case facts.NodeCompleted():
                self._left(fact, "timed_out" if fact.timed_out else "completed", None)
            case facts.NodeRejected():
                self._left(fact, "rejected", fact.reason)
            case facts.AssigneeChanged():
                self._changed(fact)
            case facts.NodeOverdue():
                self._overdue(fact)
            case facts.OverdueWithdrawn():
                self._withdrawn(fact)
            case facts.Paused():
                self._paused(fact)
            case facts.Resumed():
                self.pauses[-1]["to"] = fact.timestamp
                self._rested(fact.timestamp)
            case facts.HoldSet():
                self._held(fact)
            case facts.HoldLifted():
                for span in self._open_holds(fact.reason):
                    span["to"] = fact.timestamp
                self._rested(fact.timestamp)
            case facts.Cancelled():
                self._ended(fact, "cancelled")
            case facts.Completed():
                self._over(fact.timestamp)
            case (
                facts.NodeDueSoon()
                | facts.ProviderRequested()
                | facts.StaffRequested()
                | facts.RequestRefused()
                | facts.RoleFilled()
                | facts.AssigneeChosen()
                | facts.OrderClaimed()
                | facts.TermExtended()
                | facts.EditionChanged()
                | facts.OrderEnded()
                | facts.BuyerErased()
                | facts.ContactChanged()
                | facts.Aside()
            ):
                pass  # no span of time begins or ends with them
            case _:
                assert_never(fact)

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
            "holds": [span for span in self.holds if span["to"] is None or span["to"] > runs[0]["from"]],
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

    def _run(self, fact: facts.Started | facts.Restarted) -> None:
        self.runs.append({"run": fact.run, "provider": None, "from": fact.timestamp, "to": None})

    def _ended(self, fact: facts.Restarted | facts.Cancelled, outcome: str) -> None:
        """The run is over, and with it whatever is open."""
        if self.nodes and self.nodes[-1]["to"] is None:
            _close(self.nodes[-1], fact.timestamp, outcome)
            remark = self.writer.inner(fact.remark) if isinstance(fact, facts.Restarted) else fact.remark
            self.nodes[-1] |= {"by": self.writer.actor(fact.by, fact.timestamp), "remark": remark}
        if isinstance(fact, facts.Cancelled):
            self._over(fact.timestamp)
        else:
            self._run_ended(fact.timestamp)

    def _over(self, at: datetime) -> None:
        """The project has ended, and with it what the marketplace held of it."""
        self._run_ended(at)
        for span in self._open_holds():
            span["to"] = at

    def _run_ended(self, at: datetime) -> None:
        """Of a run its pause ends with it; a hold is of the order and goes on."""
        for span in (self.runs[-1], *self.pauses[-1:]):
            span["to"] = span["to"] or at

    def _open_holds(self, reason: facts.HoldReason | None = None) -> list[Span]:
        return [span for span in self.holds if span["to"] is None and reason in (None, span["reason"])]

    def _entered(self, fact: facts.NodeEntered) -> None:
        """While a node waits for dispatch or a claimer, nobody operates it."""
        span: Span = {
            "run": fact.run,
            "visit": fact.visit,
            "node": fact.node,
            "name": fact.name,
            "type": fact.type,
            "step": fact.step,
            "role": None,
            "from": fact.timestamp,
            "to": None,
            "waiting": not KINDS[fact.type].operated,
            "outcome": None,
            "by": None,
            "remark": None,
            "timeout_days": days_text(fact.timeout) if fact.timeout and fact.side else None,
            "operators": [],
            "paused": [{"from": fact.timestamp, "to": None}] if self._open_holds() else [],
            "overdue": [],
        }
        self.nodes.append(span)
        if fact.side == CUSTOMER:
            customer = self.writer.customer(fact.timestamp)
            span["operators"].append({"operator": customer, "from": fact.timestamp, "to": None})
        elif fact.assignee_id is not None:
            self._operated(span, fact.assignee_id, fact.role, fact.timestamp)

    def _changed(self, fact: facts.AssigneeChanged) -> None:
        """The open node has another operator, if it has one of that role."""
        span = self.nodes[-1]
        if span["operators"] and span["role"] == fact.role:
            span["operators"][-1]["to"] = fact.timestamp
            self._operated(span, fact.person_id, fact.role, fact.timestamp)

    def _operated(self, span: Span, person_id: UUID, role: str | None, at: datetime) -> None:
        span["role"] = role
        span["operators"].append({"operator": self.writer.staff(person_id, role, at), "from": at, "to": None})

    def _left(self, fact: facts.NodeCompleted | facts.NodeRejected, outcome: str, remark: str | None) -> None:
        span = self.nodes[-1]
        _close(span, fact.timestamp, outcome)
        span |= {"by": self.writer.actor(fact.by, fact.timestamp), "remark": remark}

    def _overdue(self, fact: facts.NodeOverdue) -> None:
        """Overdue from its due time on; told again of the same clock, that time has moved (H-09)."""
        overdue = self.nodes[-1]["overdue"]
        if overdue and overdue[-1]["to"] is None:
            overdue.pop()
        overdue.append({"side": fact.side, "from": fact.due_at, "to": None})

    def _withdrawn(self, fact: facts.OverdueWithdrawn) -> None:
        overdue = self.nodes[-1]["overdue"]
        if not overdue:
            return
        if fact.reason == "calendar":
            overdue.pop()
        else:
            overdue[-1]["to"] = fact.timestamp

    def _paused(self, fact: facts.Paused) -> None:
        by, at, remark = self.writer.actor(fact.by, fact.timestamp), fact.timestamp, self.writer.inner(fact.remark)
        self.pauses.append({"run": fact.run, "from": at, "to": None, "remark": remark, "by": by})
        self._rests(at)

    def _held(self, fact: facts.HoldSet) -> None:
        text = HOLD_NAMES[fact.reason]
        self.holds.append({"reason": fact.reason, "reason_text": text, "from": fact.timestamp, "to": None})
        self._rests(fact.timestamp)

    def _rests(self, at: datetime) -> None:
        """The open node rests, for one reason or several."""
        if self.nodes and not any(span["to"] is None for span in self.nodes[-1]["paused"]):
            self.nodes[-1]["paused"].append({"from": at, "to": None})

    def _rested(self, at: datetime) -> None:
        """One reason is gone; it goes on when there is none left."""
        paused = bool(self.pauses) and self.pauses[-1]["to"] is None
        if self.nodes and self.nodes[-1]["paused"] and not paused and not self._open_holds():
            self.nodes[-1]["paused"][-1]["to"] = at


def _close(span: Span, at: datetime, outcome: str) -> None:
    span |= {"to": at, "outcome": outcome}
    for part in (*span["operators"], *span["paused"], *span["overdue"]):
        part["to"] = part["to"] or at
