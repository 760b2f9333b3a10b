"""Decisions on mirrors: what is to be told, and what to do of a report as things stand at the marketplace.

Nodes there are found by the number of the step, which both sides count from 1, and within a step by their name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from intake_svc.domain import facts
from intake_svc.domain.errors import ReportNotParked
from intake_svc.domain.mirror import Mirror, Report, mirror_id_of

ANOTHER_ORDER: Final = "another-order"
ANOTHER_NODE: Final = "another-node"
NO_SUCH_NODE: Final = "no-such-node"
NOT_OURS: Final = "node-not-ours"
NOT_REJECTABLE: Final = "not-rejectable"
ENDED: Final = "ended-there"
"""Why a report does not fit what there is at the marketplace."""

BEHIND: Final = "behind"
PAUSED: Final = "paused-there"
"""What has to happen there first, by itself or by others."""


@dataclass(frozen=True, kw_only=True)
class Node:
    """A node there. ``role``: who operates it – Provider, Custom or System; ``entered`` in Unix milliseconds."""

    id: int
    name: str
    status: str
    step: int
    parent: int
    role: str
    rejectable: bool
    entered: int | None


@dataclass(frozen=True, kw_only=True)
class There:
    """A project at the marketplace, as it was read just now. ``nodes`` in the order of the flow."""

    order_number: str
    status: str
    current: Node
    nodes: Sequence[Node]

    @property
    def ended(self) -> bool:
        return self.status not in ("Starting", "Pause")

    def place(self, node: Node) -> int:
        return next((place for place, known in enumerate(self.nodes) if known.id == node.id), -1)

    def node_of(self, report: Report) -> Node | None:
        """The node a report is about; None: it is not clear which."""
        if report.node_id is not None:
            return next((node for node in self.nodes if node.id == report.node_id), None)
        containers = {node.parent for node in self.nodes}
        found = [node for node in self.nodes if node.step == report.step and node.id not in containers]
        if len(found) > 1:
            found = [node for node in found if node.name == report.name]
        return found[0] if len(found) == 1 else None


@dataclass(frozen=True, kw_only=True)
class Call:
    """It is to be told now, naming this node."""

    node: Node


@dataclass(frozen=True, kw_only=True)
class AlreadySo:
    """There is nothing left to tell."""


@dataclass(frozen=True, kw_only=True)
class NotYet:
    """Later, perhaps."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Drift:
    """The two no longer fit; somebody has to look at it."""

    reason: str


Judgement = Call | AlreadySo | NotYet | Drift


def judge(mirror: Mirror, report: Report, there: There) -> Judgement:
    """What to do of ``report``, the first of ``mirror`` that has not ended."""
    if there.order_number != mirror.order_number:
        return Drift(reason=ANOTHER_ORDER)
    if report.act in ("pause", "resume"):
        if there.ended:
            return Drift(reason=ENDED)
        so = (there.status == "Pause") == (report.act == "pause")
        return AlreadySo() if so else Call(node=there.current)
    if report.attempt and (report.attempt.node_id, report.attempt.entered) != (there.current.id, there.current.entered):
        return AlreadySo()
    node = there.node_of(report)
    if node is None:
        return Drift(reason=NO_SUCH_NODE)
    if there.ended:
        return AlreadySo() if report.act == "finish" and node.status == "Finish" else Drift(reason=ENDED)
    if there.current.id != node.id:
        return _elsewhere(report, there, node)
    if node.role != "Provider":
        return Drift(reason=NOT_OURS)
    if there.status == "Pause":
        return NotYet(reason=PAUSED)
    if report.act == "rollback" and not there.current.rejectable:
        return Drift(reason=NOT_REJECTABLE)
    return Call(node=node)


def _elsewhere(report: Report, there: There, node: Node) -> Judgement:
    """It stands at another node than the one the report is about."""
    if there.place(there.current) > there.place(node):
        done = report.act == "finish" and node.status == "Finish"
        return AlreadySo() if done else Drift(reason=ANOTHER_NODE)
    # Whoever else has to act there may do so any time; a node of ours was never told of, and never will be.
    return Drift(reason=ANOTHER_NODE) if there.current.role == "Provider" else NotYet(reason=BEHIND)


def begin(*, project_id: UUID, connection_id: UUID, instance_id: str, order_number: str, at: datetime) -> Mirror:
    """From now on the marketplace is told of the project."""
    begun = facts.MirrorBegun(
        project_id=project_id, connection_id=connection_id, instance_id=instance_id, order_number=order_number
    )
    return Mirror.begun(begun, id=mirror_id_of(project_id), at=at)


def stand_at(mirror: Mirror, *, visit: int, step: int, name: str, at: datetime) -> None:
    """A node of the provider's side is open. One that was left is not opened again: that is another visit."""
    if visit > mirror.visit:
        mirror.tell(facts.NodeOpened(visit=visit, step=step, name=name), at=at)


def leave(mirror: Mirror, *, act: facts.ReportAct, visit: int, remark: str | None, at: datetime) -> None:
    """A person has finished a node, or sent back from it. Nodes of the customer are the marketplace's own affair."""
    if mirror.at is not None and mirror.at.visit == visit:
        _ask(mirror, act=act, step=mirror.at.step, name=mirror.at.name, remark=remark, at=at)


def interrupt(mirror: Mirror, *, act: facts.ReportAct, remark: str | None, at: datetime) -> None:
    """The project was paused, or goes on; as it is already is nothing new."""
    if mirror.paused != (act == "pause"):
        _ask(mirror, act=act, step=None, name=None, remark=remark, at=at)


def _ask(
    mirror: Mirror, *, act: facts.ReportAct, step: int | None, name: str | None, remark: str | None, at: datetime
) -> None:
    number = len(mirror.reports) + 1
    mirror.tell(facts.ReportAsked(number=number, act=act, step=step, name=name, remark=remark), at=at)


def attempt(mirror: Mirror, number: int, node: Node, *, at: datetime) -> None:
    """Before the call: what is there now. Told before, it need not be told again."""
    known = mirror.reports[number].attempt
    if known is None or (known.node_id, known.entered) != (node.id, node.entered):
        mirror.tell(facts.ReportAttempted(number=number, node_id=node.id, entered=node.entered), at=at)


def replay(mirror: Mirror, number: int, *, node_id: int | None, at: datetime) -> None:
    """:raises ReportNotParked:"""
    _parked(mirror, number)
    mirror.tell(facts.ReportReplayed(number=number, node_id=node_id), at=at)


def dismiss(mirror: Mirror, number: int, *, at: datetime) -> None:
    """:raises ReportNotParked:"""
    _parked(mirror, number)
    mirror.tell(facts.ReportDismissed(number=number), at=at)


def _parked(mirror: Mirror, number: int) -> None:
    if mirror.reports[number].state != "parked":
        raise ReportNotParked
