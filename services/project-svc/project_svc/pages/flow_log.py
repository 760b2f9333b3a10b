"""The flow log (流程日志): the project's event stream as the rows the manual shows (R-99 … R-112).

The stream is the log: nothing is stored beside it, so nothing in it can be changed or deleted (R-111).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, assert_never
from uuid import UUID
from zoneinfo import ZoneInfo

from delivery_shared.working_time import WEEKENDS_ONLY, Calendar, days_text

from project_svc.access import View
from project_svc.domain import facts
from project_svc.domain.kinds import CUSTOMER
from project_svc.domain.people import Actor
from project_svc.read_model import Names

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
PROJECT: Final = "项目"
SYSTEM_NAME: Final = "系统"
CUSTOMER_ROLE: Final = "顾客"
MARKETPLACE_NAME: Final = "云市场"

HOLD_NAMES: Final[dict[facts.HoldReason, str]] = {"frozen": "订单冻结", "expired": "订单到期"}
LIFTED_NAMES: Final[dict[facts.HoldReason, str]] = {"frozen": "订单解冻", "expired": "到期解除"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
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


NamedNode = (
    facts.NodeEntered
    | facts.NodeCompleted
    | facts.NodeRejected
    | facts.OrderClaimed
    | facts.AssigneeChanged
    | facts.AssigneeChosen
)


class LogWriter:
    """Turns facts into rows, with the names of one project's people."""

    def __init__(self, names: Names, customer_id: UUID, view: View, calendar: Calendar = WEEKENDS_ONLY) -> None:
        self.names = names
        self.view = view
        self.calendar = calendar
        self.customer_id = customer_id

    def rows(self, history: Iterable[facts.ProjectFact]) -> list[LogRow]:
        """All rows of the project's life, oldest first."""
        return [row for fact in history for row in self.rows_of(fact)]

    def rows_of(self, fact: facts.ProjectFact) -> list[LogRow]:
        """The rows of one fact; the manual's log has none of some."""
        match fact:
            case facts.Started():
                return [_of_project(fact, "项目开始", SYSTEM_NAME)]
            case facts.Restarted():
                return self._restarted(fact)
            case facts.NodeEntered():
                return [_at_node(fact, f"进入{fact.name}", self._entered_by(fact), entry=True)]
            case facts.NodeCompleted():
                # At a timeout the system says first why it completes the node.
                row = _at_node(fact, f"{fact.name}已完成", self.actor(fact.by, fact.timestamp))
                return [_at_node(fact, "超时自动进入下一步", SYSTEM_NAME), row] if fact.timed_out else [row]
            case facts.NodeRejected():
                return [_at_node(fact, f"{fact.name} 未通过", self.actor(fact.by, fact.timestamp), fact.reason)]
            case facts.AssigneeChanged():
                return [_at_node(fact, "更换操作人", self.actor(fact.by, fact.timestamp), self.inner(fact.remark))]
            case facts.AssigneeChosen():
                return [_at_node(fact, "指定操作人", self.actor(fact.by, fact.timestamp), self.inner(fact.remark))]
            case facts.OrderClaimed():
                return [_at_node(fact, "订单认领", self.staff(fact.person_id, fact.role, fact.timestamp))]
            case facts.Paused():
                return [_of_project(fact, "暂停项目", self.actor(fact.by, fact.timestamp), self.inner(fact.remark))]
            case facts.Resumed():
                return [_of_project(fact, "启动项目", self.actor(fact.by, fact.timestamp), self._counted_before(fact))]
            case facts.TermExtended():
                return [_of_project(fact, "订单续费", MARKETPLACE_NAME, _term(fact))]
            case facts.EditionChanged():
                return [_of_project(fact, "变更规格", MARKETPLACE_NAME, _edition(fact))]
            case facts.ContactChanged():
                return [_of_project(fact, "更换联系人", self.actor(fact.by, fact.timestamp))]
            case facts.HoldSet():
                return [_of_project(fact, HOLD_NAMES[fact.reason], MARKETPLACE_NAME)]
            case facts.HoldLifted():
                return [_of_project(fact, LIFTED_NAMES[fact.reason], MARKETPLACE_NAME)]
            case facts.OrderEnded():
                return [_of_project(fact, "订单已退款" if fact.refund else "订单已释放", MARKETPLACE_NAME)]
            case facts.Cancelled():
                return [_of_project(fact, "取消项目", self.actor(fact.by, fact.timestamp), fact.remark)]
            case facts.Completed():
                return [_of_project(fact, "项目完成", SYSTEM_NAME)]
            case (
                facts.ProviderRequested()
                | facts.StaffRequested()
                | facts.RequestRefused()
                | facts.ProviderSet()
                | facts.RoleFilled()
                | facts.NodeOverdue()
                | facts.NodeDueSoon()
                | facts.OverdueWithdrawn()
                | facts.BuyerErased()
                | facts.Aside()
            ):
                return []
            case _:
                assert_never(fact)

    def actor(self, by: Actor, at: datetime) -> str:
        """The actor as the log prints it: 李四 设计师, 客户甲乙丙 顾客, 系统, 小二, or a company (R-52). People have
        the name they had ``at`` that time: a row does not change (R-111)."""
        match by["kind"]:
            case "customer":
                return self.customer(at)
            case "staff":
                return self.staff(by.get("user_id"), by.get("role"), at)
            case "provider" | "vendor":
                return self.names.party(by.get("party_id"))
            case "system":
                return SYSTEM_NAME
            case "operator":
                return "小二"
            case "marketplace":
                return MARKETPLACE_NAME
            case _ as unknown:
                assert_never(unknown)

    def inner(self, remark: str | None) -> str | None:
        """A remark that is not the customer's to read."""
        return remark if self.view.inner else None

    def customer(self, at: datetime) -> str:
        """The buyer, as called then."""
        return f"{self.names.customer(self.customer_id, at)} {CUSTOMER_ROLE}"

    def staff(self, user_id: UUID | None, role: str | None, at: datetime) -> str:
        """A person of the provider in a role, both as called then."""
        return f"{self.names.person(user_id, at)} {self.names.role(role, at)}".rstrip()

    def _restarted(self, fact: facts.Restarted) -> list[LogRow]:
        """The change and the start it causes, both with the remark (A-45)."""
        former, new = self.names.party(fact.former_provider_id), self.names.party(fact.provider_id)
        change, by = f"服务商由{former}更换为{new}", self.actor(fact.by, fact.timestamp)
        return [
            _of_project(fact, change, by, self.inner(fact.remark), earlier_run=fact.run - 1),
            _of_project(fact, "项目开始", SYSTEM_NAME, self.inner(fact.remark)),
        ]

    def _entered_by(self, fact: facts.NodeEntered) -> str:
        """Entering is attributed to the node's operator, for automatic and unclaimed nodes to the system (R-107,
        R-108)."""
        if fact.side == CUSTOMER:
            return self.customer(fact.timestamp)
        if fact.assignee_id is None:
            return SYSTEM_NAME
        return self.staff(fact.assignee_id, fact.role, fact.timestamp)

    def _counted_before(self, fact: facts.Resumed) -> str | None:
        """The working time the node's clock had counted before the pause, since it counts anew now (A-03)."""
        if fact.counted_from is None:
            return None
        return f"暂停前已计时{days_text(self.calendar.tenths(fact.counted_from, fact.paused_at))}个工作日"


def _term(fact: facts.TermExtended) -> str:
    """有效期限 before and after."""
    before = f"由{fact.former}" if fact.former else ""
    return f"有效期限{before}延至{fact.valid_until}"


def _edition(fact: facts.EditionChanged) -> str:
    """What has changed of the edition and the quantity; another SKU alone, if nothing of them has."""
    changes = []
    if fact.edition != fact.former_edition:
        changes.append(f"产品规格由{fact.former_edition or '--'}变更为{fact.edition or '--'}")
    if fact.quantity != fact.former_quantity:
        changes.append(f"数量由{fact.former_quantity}变更为{fact.quantity}")
    return "，".join(changes) or f"SKU {fact.sku or '--'}"


def _of_project(
    fact: facts.OfRun, event: str, actor: str, remark: str | None = None, *, earlier_run: int | None = None
) -> LogRow:
    return LogRow(
        node=PROJECT,
        event=event,
        actor=actor,
        remark=remark or "",
        at=fact.timestamp,
        run=fact.run,
        earlier_run=earlier_run,
    )


def _at_node(fact: NamedNode, event: str, actor: str, remark: str | None = None, *, entry: bool = False) -> LogRow:
    return LogRow(
        node=fact.name,
        event=event,
        actor=actor,
        remark=remark or "",
        at=fact.timestamp,
        run=fact.run,
        visit=fact.visit,
        entry=entry,
    )


def shown(row: LogRow, view: View) -> dict[str, Any]:
    """A row as the page shows it."""
    return {
        "node": row.node,
        "event": row.event,
        "actor": row.actor,
        "remark": row.remark,
        "time": time_text(row.at),
        "earlier_run": row.earlier_run if view.earlier_runs else None,
    }


def of_run(rows: Sequence[LogRow], run: int) -> list[LogRow]:
    """The log of a run, newest first: its own rows, and of earlier runs the changes of provider that led to it
    (R-37). Rows of one second keep the order in which they happened (R-110)."""
    shown = [row for row in rows if row.run == run or (row.earlier_run is not None and row.run <= run)]
    return shown[::-1]
