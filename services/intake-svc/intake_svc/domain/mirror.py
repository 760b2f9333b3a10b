"""镜像: a project as the marketplace's own delivery center is to be told of it, report after report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, assert_never
from uuid import UUID, uuid5

from delivery_shared.facts import Aggregate, stored_as

from intake_svc.domain import facts

ReportState = Literal["waiting", "told", "seen", "parked", "dismissed"]
"""``told`` by us, ``seen`` as already so there, ``dismissed`` by hand: these three are ends."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What the marketplace's current node was just before it was told."""

    node_id: int
    entered: int | None


@dataclass(kw_only=True)
class Report:
    """One thing the marketplace is to be told. ``node_id``: the node there, named by hand; ``version``: of the fact
    that asked for it, which knows what it came of."""

    number: int
    act: facts.ReportAct
    step: int | None
    name: str | None
    remark: str | None
    asked_at: datetime
    version: int
    state: ReportState = "waiting"
    reason: str | None = None
    node_id: int | None = None
    attempt: Attempt | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A node of the provider's side that is open."""

    visit: int
    step: int
    name: str


def mirror_id_of(project_id: UUID) -> UUID:
    """The mirror of a project."""
    return uuid5(project_id, "mirror")


def report_id_of(mirror_id: UUID, number: int) -> UUID:
    """A report of it."""
    return uuid5(mirror_id, f"report {number}")


@stored_as("intake", facts.MirrorFact)
class Mirror(Aggregate[facts.MirrorFact]):
    """The reports of one project, in order: the next one is told once the one before has ended."""

    project_id: UUID
    connection_id: UUID
    instance_id: str
    order_number: str
    visit: int
    """The last node of the provider's side that was opened; 0: none was."""
    at: Standing | None
    """That node, until it is left."""
    paused: bool
    reports: dict[int, Report]

    def change(self, fact: facts.MirrorFact, at: datetime) -> None:
        match fact:
            case facts.MirrorBegun():
                self.project_id = fact.project_id
                self.connection_id = fact.connection_id
                self.instance_id = fact.instance_id
                self.order_number = fact.order_number
                self.visit, self.at, self.paused = 0, None, False
                self.reports = {}
            case facts.NodeOpened():
                self.visit = fact.visit
                self.at = Standing(visit=fact.visit, step=fact.step, name=fact.name)
            case facts.ReportAsked():
                if fact.act in ("pause", "resume"):
                    self.paused = fact.act == "pause"
                else:
                    self.at = None
                self.reports[fact.number] = Report(
                    number=fact.number, act=fact.act, step=fact.step, name=fact.name, remark=fact.remark, asked_at=at,
                    version=fact.originator_version,
                )  # fmt: skip
            case facts.ReportAttempted():
                self.reports[fact.number].attempt = Attempt(node_id=fact.node_id, entered=fact.entered)
            case facts.ReportTold():
                self._now(fact.number, "told", ended_at=at)
            case facts.ReportSeen():
                self._now(fact.number, "seen", ended_at=at)
            case facts.ReportParked():
                self._now(fact.number, "parked", reason=fact.reason)
            case facts.ReportReplayed():
                self._now(fact.number, "waiting")
                self.reports[fact.number].node_id = fact.node_id
                self.reports[fact.number].attempt = None
            case facts.ReportDismissed():
                self._now(fact.number, "dismissed", reason=self.reports[fact.number].reason, ended_at=at)
            case _:
                assert_never(fact)

    def _now(
        self, number: int, state: ReportState, *, reason: str | None = None, ended_at: datetime | None = None
    ) -> None:
        report = self.reports[number]
        report.state, report.reason, report.ended_at = state, reason, ended_at
