"""The flow log (流程日志): the project's event stream as the rows the manual shows (R-99 … R-112). Pure.

The stream is the log: nothing is stored beside it, so nothing in it can be changed or deleted (R-111).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from delivery_shared.working_time import WEEKENDS_ONLY, Calendar, days_text

from project_svc.read_model import Names
from project_svc.values import SYSTEM, By

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
PROJECT: Final = "项目"
SYSTEM_NAME: Final = "系统"
CUSTOMER_ROLE: Final = "顾客"
KIND_NAMES: Final = {"system": SYSTEM_NAME, "operator": "小二", "marketplace": "云市场"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the log. ``earlier_run``: the run that 查看变更前操作记录 leads to; ``entry``: the row of entering
    a node, which the details page attributes to 系统 (R-109)."""

    node: str
    event: str
    actor: str
    remark: str
    at: datetime
    run: int
    visit: int | None = None
    earlier_run: int | None = None
    entry: bool = False


def time_text(at: datetime) -> str:
    """Time to the second in Shanghai (R-100)."""
    return at.astimezone(SHANGHAI).isoformat(" ", "seconds")[:19]


class LogWriter:
    """Turns events into rows, with the names of one project's people."""

    def __init__(self, names: Names, customer_id: UUID, calendar: Calendar = WEEKENDS_ONLY) -> None:
        self.names = names
        self.calendar = calendar
        self.customer_id = customer_id
        self._writers: dict[str, Callable[[Any], Iterable[Row]]] = {
            "Started": self._started,
            "Restarted": self._restarted,
            "NodeEntered": self._entered,
            "NodeCompleted": self._completed,
            "NodeRejected": lambda e: [self._at_node(e, f"{e.name} 未通过", self.actor(e.by), e.reason)],
            "AssigneeChanged": lambda e: [self._at_node(e, "更换操作人", self.actor(e.by), e.remark)],
            "OrderClaimed": self._claimed,
            "Paused": lambda e: [self._of_project(e, "暂停项目", self.actor(e.by), e.remark)],
            "Resumed": self._resumed,
            "Cancelled": lambda e: [self._of_project(e, "取消项目", self.actor(e.by), e.remark)],
            "Completed": lambda e: [self._of_project(e, "项目完成", SYSTEM_NAME)],
        }

    def rows(self, history: Iterable[Any]) -> list[Row]:
        """All rows of the project's life, oldest first; events without a row leave none."""
        return [row for e in history if (write := self._writers.get(type(e).__name__)) is not None for row in write(e)]

    def actor(self, by: By) -> str:
        """The actor as the log prints it: 李四 设计师, 客户甲乙丙 顾客, 系统, 小二, or a company (R-52)."""
        kind = by["kind"]
        if kind == "customer":
            return f"{self.names.customer(self.customer_id)} {CUSTOMER_ROLE}"
        if kind == "staff":
            return f"{self.names.person(by.get('user_id'))} {self.names.role(by.get('role'))}".rstrip()
        if kind in ("provider", "vendor"):
            return self.names.party(by.get("party_id"))
        return KIND_NAMES[kind]

    def _of_project(self, e: Any, event: str, actor: str, remark: str | None = None, **more: Any) -> Row:
        return Row(node=PROJECT, event=event, actor=actor, remark=remark or "", at=e.timestamp, run=e.run, **more)

    def _at_node(self, e: Any, event: str, actor: str, remark: str | None = None, *, entry: bool = False) -> Row:
        return Row(
            node=e.name,
            event=event,
            actor=actor,
            remark=remark or "",
            at=e.timestamp,
            run=e.run,
            visit=e.visit,
            entry=entry,
        )

    def _started(self, e: Any) -> list[Row]:
        return [self._of_project(e, "项目开始", SYSTEM_NAME)]

    def _restarted(self, e: Any) -> list[Row]:
        """The change and the start it causes, both with the remark (A-45)."""
        former, new = self.names.party(e.former_provider_id), self.names.party(e.provider_id)
        return [
            self._of_project(e, f"服务商由{former}更换为{new}", self.actor(e.by), e.remark, earlier_run=e.run - 1),
            self._of_project(e, "项目开始", SYSTEM_NAME, e.remark),
        ]

    def _entered(self, e: Any) -> list[Row]:
        """Entering is attributed to the node's operator, for automatic and unclaimed nodes to the system (R-107,
        R-108)."""
        by: By = SYSTEM
        if e.side == "customer":
            by = {"kind": "customer"}
        elif e.assignee_id is not None:
            by = {"kind": "staff", "user_id": e.assignee_id, "role": e.role}
        return [self._at_node(e, f"进入{e.name}", self.actor(by), entry=True)]

    def _completed(self, e: Any) -> list[Row]:
        """At a timeout the system says first why it completes the node (R-112)."""
        row = self._at_node(e, f"{e.name}已完成", self.actor(e.by))
        return [self._at_node(e, "超时自动进入下一步", SYSTEM_NAME), row] if e.timed_out else [row]

    def _resumed(self, e: Any) -> list[Row]:
        """With the working time the node's clock had counted before the pause, since it counts anew now (A-03)."""
        before = None
        if e.counted_from is not None:
            before = f"暂停前已计时{days_text(self.calendar.tenths(e.counted_from, e.paused_at))}个工作日"
        return [self._of_project(e, "启动项目", self.actor(e.by), before)]

    def _claimed(self, e: Any) -> list[Row]:
        by = {"kind": "staff", "user_id": e.person_id, "role": e.role}
        return [self._at_node(e, "订单认领", self.actor(by))]


def of_run(rows: Sequence[Row], run: int) -> list[Row]:
    """The log of a run, newest first: its own rows, and of earlier runs the changes of provider that led to it
    (R-37). Rows of one second keep the order in which they happened (R-110)."""
    kept = [row for row in rows if row.run == run or (row.earlier_run is not None and row.run <= run)]
    return kept[::-1]


def people_and_parties(history: Iterable[Any]) -> tuple[set[UUID], set[UUID]]:
    """The ids whose names a project's pages print."""
    people: set[UUID] = set()
    parties: set[UUID] = set()
    for e in history:
        values = vars(e)
        by = values.get("by") or {}
        people.update(filter(None, (by.get("user_id"), values.get("person_id"), values.get("assignee_id"))))
        parties.update(filter(None, (by.get("party_id"), values.get("vendor_id"), values.get("provider_id"))))
        if (customer := values.get("customer_id")) is not None:
            parties.add(customer)
            people.add(customer)
        if (former := values.get("former_provider_id")) is not None:
            parties.add(former)
    return people, parties
