"""The details page (项目详情): state, business data, staff cards, the steps of the flow, and what the caller can do.
Folded from the project's facts of the current run and copies of names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, assert_never
from uuid import UUID

from delivery_shared.contracts.dispatch import QUEUE_REASONS
from delivery_shared.http import Caller
from delivery_shared.order_parameters import shown

from project_svc.access import View
from project_svc.domain.facts import FileAttached, NodeEntered, NodeRejected, OfNode, ProjectFact, RequirementSubmitted
from project_svc.domain.flow import Flow, FlowNode, Step
from project_svc.domain.kinds import Waits
from project_svc.domain.operating import withdrawable
from project_svc.domain.order import OrderContact
from project_svc.domain.project import CANCELLED, COMPLETED, PAUSED, RUNNING, Project
from project_svc.pages.files import files
from project_svc.pages.flow_log import CUSTOMER_ROLE, HOLD_NAMES, SYSTEM_NAME, LogRow, LogWriter, time_text
from project_svc.pages.names import parameters
from project_svc.pages.offers import Offers
from project_svc.pages.overdue import Timing
from project_svc.pages.paging import Reading
from project_svc.read_model import Names

STATE_NAMES: Final = {RUNNING: "执行中", PAUSED: "已暂停", COMPLETED: "已完成", CANCELLED: "已取消"}
NODE_STATES: Final = ("not_started", "in_progress", "completed", "closed")
LINKS: Final = ("files", "comments", "notes", "log")
NOT_STARTED: Final = "未开始"
NONE: Final = "--"


@dataclass(frozen=True, kw_only=True)
class Buyer:
    """How the buyer is reached: ``contact`` as the order named it, unless erased; ``has_account``: somebody of the
    customer has an account that messages reach."""

    contact: OrderContact | None
    has_account: bool


@dataclass
class _Seen:
    """What the facts of the run tell of one node."""

    entered_at: datetime | None = None
    visit: int | None = None
    requirement: dict[str, Any] | None = None
    sent_back: dict[str, str] | None = None
    rows: list[LogRow] = field(default_factory=list)


class Details:
    """Builds the page for one caller."""

    def __init__(
        self,
        *,
        project: Project,
        flow: Flow,
        history: Sequence[ProjectFact],
        names: Names,
        forms: Mapping[str, Mapping[str, Any]],
        buyer: Buyer,
        waiting: Mapping[str, Any] | None,
        only_provider: bool,
        caller: Caller,
        view: View,
        timing: Timing,
        as_of: datetime | None = None,
    ) -> None:
        """:param forms: JSON schemas of the flow's demand forms by code, as far as they have arrived.
        :param only_provider: the product is known to have no other provider configured.
        :param as_of: the page is of that past moment: nothing can be done on it."""
        self.project = project
        self.as_of = as_of
        self.timing = timing
        self.flow = flow
        self.names = names
        self.forms = forms
        self.buyer = buyer
        self.waiting = waiting
        self.view = view
        self.caller = caller
        self.writer = LogWriter(names, project.customer_id, view)
        removable = frozenset() if as_of else withdrawable(project, flow, person=caller)
        self.files = files(Reading(project=project, history=history, view=view, names=names, removable=removable))
        self.handed_in = {str(f.file_id) for f in history if isinstance(f, FileAttached) and self._is_handed_in(f)}
        self.seen = self._look_at(history)
        self.open_node = flow.node(project.node)
        self.offers = Offers(project=project, flow=flow, caller=caller, view=view, only_provider=only_provider)
        self.operations = [] if as_of else self.offers.operations()

    def page(self) -> dict[str, Any]:
        """The whole page as JSON."""
        project = self.project
        return {
            "project_id": str(project.id),
            "as_of": time_text(self.as_of) if self.as_of else None,
            "state": project.state,
            "state_text": STATE_NAMES[project.state],
            "holds": [
                {"reason": reason, "reason_text": HOLD_NAMES[reason], "since": time_text(since)}
                for reason, since in project.holds.items()
            ],
            "refund": project.refund,
            "run": project.run,
            "started_at": time_text(project.started_at),
            "business_number": project.business_number,
            "product_id": str(project.product_id),
            "vendor": {"id": str(project.vendor_id), "name": self.names.party(project.vendor_id)},
            "provider": self._provider(),
            "business": {
                "product_name": project.product_name,
                "edition": project.edition or NONE,
                "order_number": project.order_number,
                "customer_name": self.names.customer(project.customer_id),
                "valid_until": project.valid_until or NONE,
                "sku": project.sku or NONE,
                "quantity": project.quantity,
                "trial": project.trial,
                "test": project.is_test,
                "parameters": self._parameters(),
            },
            "contact": self._contact(),
            "staff": self._staff(),
            "steps": [self._step(step) for step in self.flow.steps],
            "current": None if project.ended else self._current(),
            "evaluation": self._evaluation(),
            "actions": [] if self.as_of else self.offers.actions(),
            "links": [link for link in LINKS if link != "notes" or self.view.notes],
        }

    def _parameters(self) -> list[dict[str, Any]]:
        return shown(self.project.declared, parameters(self.project, self.names))

    def _contact(self) -> dict[str, Any] | None:
        """Whom to ask for the buyer, for those who may see contacts: the admin of the vendor, the platform operator,
        and the person who operates the open node. For everybody else there is none."""
        view = self.view
        operates = not self.project.ended and self.project.assignee_of(self.open_node) == self.caller.user_id
        if view.as_customer or not (view.vendor_admin or view.operator or operates):
            return None
        said = self.buyer.contact or OrderContact()
        return {
            "name": said.name or NONE,
            "mobile": said.mobile or NONE,
            "email": said.email or NONE,
            "locale": said.locale or NONE,
            "reachable": said.reachable or self.buyer.has_account,
            "changeable": self._may_name_another(),
        }

    def _may_name_another(self) -> bool:
        """Whether the caller may name another contact now."""
        project, names = self.project, self.view.vendor_admin or self.view.operator
        return names and project.state != CANCELLED and not project.erased and self.as_of is None

    def _provider(self) -> dict[str, str] | None:
        provider_id = self.project.provider_id
        return {"id": str(provider_id), "name": self.names.party(provider_id)} if provider_id else None

    def _is_handed_in(self, fact: FileAttached) -> bool:
        """Whether it is a file of this run from whoever operates a node with 需上传按钮 (T-73): what 查看内容 shows.
        Others added while the node is open stand in 文件管理 alone (R-84)."""
        leaf, by = self.flow.node(fact.node), fact.by
        here = leaf.upload and fact.run == self.project.run
        return here and (by["kind"] == "customer" if leaf.by_customer else by.get("role") == leaf.role)

    def _look_at(self, history: Sequence[ProjectFact]) -> dict[str, _Seen]:
        seen: dict[str, _Seen] = {}
        rejected: dict[str, str] | None = None
        for fact in history:
            if not isinstance(fact, OfNode):
                continue
            if isinstance(fact, RequirementSubmitted):
                seen.setdefault(fact.node, _Seen()).requirement = {
                    "form": fact.form,
                    "data": fact.data,
                    "submitted_at": time_text(fact.timestamp),
                    "by": self.writer.actor(fact.by, fact.timestamp),
                }
            if fact.run != self.project.run:
                continue
            at = seen.setdefault(fact.node, _Seen())
            at.rows += self.writer.rows_of(fact)
            if isinstance(fact, NodeRejected):
                rejected = {"node": fact.name, "reason": fact.reason, "by": self.writer.actor(fact.by, fact.timestamp)}
            elif isinstance(fact, NodeEntered):
                at.entered_at, at.visit, at.sent_back = fact.timestamp, fact.visit, rejected
                rejected = None
        return seen

    def _staff(self) -> list[dict[str, Any]]:
        """One card per person with all roles (R-75, R-76); the claimer too, whatever he operates."""
        held: dict[UUID, list[str]] = {}
        for role, holder in self.project.roles.items():
            held.setdefault(holder, []).append(role)
        if self.project.claimer_id is not None and self.project.claim_role is not None:
            held.setdefault(self.project.claimer_id, [self.project.claim_role])
        cards = []
        for person_id, roles in held.items():
            contact = self.names.people.get(person_id)
            cards.append(
                {
                    "person_id": str(person_id),
                    "name": self.names.person(person_id),
                    "roles": "、".join(self.names.role(role) for role in roles),
                    "landline": (contact and contact.landline) or NONE,
                    "mobile": (contact and contact.mobile) or NONE,
                }
            )
        return cards

    def _step(self, step: Step) -> dict[str, Any]:
        """第N步; a container takes its state and time from its children (R-74)."""
        if not step.is_container:
            return {"number": step.number, **self._leaf(step.leaves[0])}
        children = [self._leaf(leaf) for leaf in step.leaves]
        states = [child["state"] for child in children]
        state = "in_progress"
        if states[0] == "not_started":
            state = "not_started"
        elif states[-1] == "completed":
            state = "completed"
        elif "closed" in states:
            state = "closed"
        return {
            "number": step.number,
            "node": step.id,
            "name": step.name,
            "type": step.type,
            "state": state,
            "entered_at": children[0]["entered_at"],
            "children": children,
        }

    def _leaf(self, leaf: FlowNode) -> dict[str, Any]:
        """A node: after a reject those behind the step gone back to are 未开始 again."""
        seen = self.seen.get(leaf.id, _Seen())
        state = self._state(leaf)
        reached = state != "not_started"
        found: dict[str, Any] = {
            "node": leaf.id,
            "name": leaf.name,
            "type": leaf.type,
            "state": state,
            "entered_at": time_text(seen.entered_at) if reached and seen.entered_at else NOT_STARTED,
            "visit": seen.visit if reached else None,
            "events": [
                {
                    "time": time_text(row.at),
                    "actor": SYSTEM_NAME if row.entry else row.actor,
                    "event": row.event,
                    "remark": row.remark,
                }
                for row in seen.rows
            ],
        }
        if leaf.fills_form:
            shown = seen.requirement if self._sees_requirement(leaf) else None
            found |= {"form": leaf.form, "requirement": shown, "view_text": leaf.view_button}
            found |= self._form(leaf, shown=shown is not None)
        if leaf.upload:
            found["view_text"] = leaf.view_button
        found["files"] = [f for f in self.files if f["node_id"] == leaf.id and f["file_id"] in self.handed_in]
        if self.view.overdue_marks:
            found["timeouts"] = self.timing.past(leaf.id)
        if state == "in_progress" and seen.sent_back:
            found["sent_back"] = seen.sent_back
        return found

    def _sees_requirement(self, leaf: FlowNode) -> bool:
        """The form as filled so far is the customer's own; the others see it once it was handed in (R-117)."""
        return self.view.customer or self._state(leaf) in ("completed", "closed") or self._handed_in(leaf)

    def _form(self, leaf: FlowNode, *, shown: bool) -> dict[str, Any]:
        """The form itself, for whoever may fill it here now or sees it filled: its JSON schema, and its fields with
        their titles in order."""
        schema = self.forms.get(leaf.form or "")
        offered = leaf is self.open_node and any(o["operation"] == "requirement" for o in self.operations)
        if schema is None or not (shown or offered):
            return {"form_schema": None, "form_fields": None}
        properties = schema.get("properties", {})
        return {
            "form_schema": schema,
            "form_fields": [
                {"name": name, "title": (isinstance(own, dict) and own.get("title")) or name}
                for name, own in properties.items()
            ],
        }

    def _handed_in(self, leaf: FlowNode) -> bool:
        return any(row.event == f"{leaf.name}已完成" for row in self.seen.get(leaf.id, _Seen()).rows)

    def _state(self, leaf: FlowNode) -> str:
        if leaf.position < self.open_node.position or self.project.state == COMPLETED:
            return "completed"
        if leaf.position > self.open_node.position:
            return "not_started"
        return "closed" if self.project.state == CANCELLED else "in_progress"

    def _current(self) -> dict[str, Any]:
        project, node = self.project, self.open_node
        return {
            "visit": project.visit,
            "node": node.id,
            "name": node.name,
            "step": node.step,
            "role": node.role,
            "entered_at": time_text(project.entered_at),
            "operator": self._operator(),
            "waits_for": self._waits_for(),
            "waiting_role": next(iter(project.waiting_roles(self.flow)), None),
            "queue": self._queue(),
            "reminded_at": self._reminded_at(),
            "limit": self._limit(),
            "overdue": self.timing.mark(node, self._operator()) if self.view.overdue_marks else None,
            "operations": self.operations,
        }

    def _limit(self) -> dict[str, Any] | None:
        """The time limit, for those who supervise and for whoever the node waits for: how long the provider is overdue
        is not the customer's to see, nor that of others the employee's (R-28)."""
        own = self.project.operator_of(self.open_node, self.caller) is not None
        if self.view.overdue_marks or (own and self.view.as_customer == self.open_node.by_customer):
            return self.timing.limit(self.open_node)
        return None

    def _operator(self) -> str:
        """操作人/角色 as in the lists (R-9): before a claim the role alone (A-44)."""
        node = self.open_node
        if node.by_customer:
            return CUSTOMER_ROLE
        match node.waits_for:
            case Waits.CLAIM:
                return f"{NONE} {self.names.role(node.role)}"
            case Waits.PROVIDER | Waits.STAFF:
                return SYSTEM_NAME
            case Waits.OPERATOR:
                return f"{self.names.person(self.project.assignee_of(node))} {self.names.role(node.role)}"
            case _:
                assert_never(node.waits_for)

    def _waits_for(self) -> str:
        node = self.open_node
        if node.by_customer:
            return "等待客户处理"
        match node.waits_for:
            case Waits.CLAIM:
                return f"等待{self.names.role(node.role)}认领"
            case Waits.PROVIDER | Waits.STAFF:
                return "等待系统分配"
            case Waits.OPERATOR:
                return f"等待{self.names.role(node.role)}处理"
            case _:
                assert_never(node.waits_for)

    def _reminded_at(self) -> str | None:
        """When the open node's operator was reminded last (催办)."""
        last = self.project.reminded
        return time_text(last.at) if last is not None and last.visit == self.project.visit else None

    def _queue(self) -> dict[str, str] | None:
        """Why an automatic node waits, as dispatch last said of the ask that is still open; not for the customer."""
        if self.waiting is None or self.waiting["request_id"] not in self.project.asks or not self.view.inner:
            return None
        reason = self.waiting["reason"]
        return {
            "reason": reason,
            "reason_text": QUEUE_REASONS[reason].chinese,
            "since": time_text(self.waiting["queued_at"]),
        }

    def _evaluation(self) -> dict[str, Any] | None:
        """评价, as everybody who sees the project reads it (R-138)."""
        given = self.project.evaluation
        if given is None:
            return None
        return {
            "stars": given.stars,
            "text": given.text or "",
            "author": self.names.customer(self.project.customer_id, given.at),
            "time": time_text(given.at),
        }
