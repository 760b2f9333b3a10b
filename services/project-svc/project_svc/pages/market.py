"""A project as the public API of the marketplace's own delivery center tells it (product *Market*, 2015-11-01).

Its numbers are made so: a node's id is its place in the flow, containers counted; the number of an account or customer
is told as a number where it is one, else as a text. Times are Unix milliseconds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from delivery_shared.working_time import Calendar

from project_svc.access import View
from project_svc.domain import facts
from project_svc.domain.facts import ProjectFact
from project_svc.domain.flow import Flow, FlowNode
from project_svc.domain.kinds import Waits
from project_svc.domain.people import SYSTEM, Actor
from project_svc.domain.project import CANCELLED, COMPLETED, PAUSED, Project
from project_svc.pages.files import files
from project_svc.pages.flow_log import LogRow, LogWriter, of_run
from project_svc.pages.names import parameters
from project_svc.pages.paging import Reading

Json = dict[str, Any]

MESSAGES: Final = 20
"""Messages of a page."""
NO_NODE: Final = 0
"""What stands for a node where there is none."""
LARGEST_NUMBER: Final = 18
"""Digits of a number that every client can take."""

_ROLES: Final[Mapping[str, str]] = {
    "customer": "Custom",
    "staff": "Provider",
    "provider": "Provider",
    "vendor": "Provider",
    "operator": "System",
    "marketplace": "System",
    "system": "System",
}


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """What parties and the product are called elsewhere, as far as it is known here: accounts of ISVs and numbers of
    customers by party, and 产品编号."""

    parties: Mapping[UUID, str]
    product_code: str | None


def number(text: str | None) -> int | str | None:
    """``text`` as a number, where it is one and writes itself no other way."""
    plain = text is not None and text.isascii() and text.isdecimal() and len(text) <= LARGEST_NUMBER
    return int(text) if text and plain and (text == "0" or not text.startswith("0")) else text


def milliseconds(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp() * 1000)


def node_ids(flow: Flow) -> dict[str, int]:
    """The number of every step and node, from 1."""
    ids: dict[str, int] = {}
    for step in flow.steps:
        for id in dict.fromkeys([step.id, *(leaf.id for leaf in step.leaves)]):
            ids[id] = len(ids) + 1
    return ids


class MarketPages:
    """The answers about one project."""

    def __init__(
        self,
        *,
        reading: Reading,
        flow: Flow,
        forms: Mapping[str, Mapping[str, Any]],
        numbers: Numbers,
        calendar: Calendar,
        instance_id: str,
    ) -> None:
        """:param instance_id: what the caller calls the project."""
        self.reading = reading
        self.project: Project = reading.project
        self.history: Sequence[ProjectFact] = reading.history
        self.view: View = reading.view
        self.flow = flow
        self.forms = forms
        self.numbers = numbers
        self.calendar = calendar
        self.instance_id = instance_id
        self.ids = node_ids(flow)
        self.open = flow.node(self.project.node)

    @property
    def current(self) -> int:
        """The number of the open node."""
        return self.ids[self.open.id]

    # -- DescribeProjectInfo ---------------------------------------------------------------------------------------

    def info(self) -> Json:
        project = self.project
        return {
            "InstanceId": self.instance_id,
            "OrderId": number(project.order_number),
            "ProjectStatus": self._status(),
            "CurrentStepNo": self.open.step,
            "FinalStepNo": len(self.flow.steps),
            "FinishType": self._finish_type(),
            "CustomerAliUid": self._customer(),
            "SupplierAliUid": number(self.numbers.parties.get(project.vendor_id)),
            "ProductCode": self.numbers.product_code,
            "ProductName": project.product_name,
            "ProductSkuCode": project.sku,
            "ProductSkuName": project.edition,
            "TemplateId": str(project.template_id),
            "TemplateType": None,
            "GmtCreate": milliseconds(project.started_at),
            "GmtExpired": None,
            "GmtFinished": milliseconds(self._last(facts.Completed)),
        }

    def _status(self) -> str:
        project = self.project
        if project.state == COMPLETED:
            return "Finish"
        if project.state == CANCELLED:
            return "Cancel"
        return "Pause" if project.state == PAUSED or project.holds else "Starting"

    def _finish_type(self) -> str | None:
        if self.project.state != COMPLETED:
            return None
        done = [fact for fact in self.history if isinstance(fact, facts.NodeCompleted)]
        return "SystemAutoConfirm" if done and done[-1].timed_out else "CustomerConfirm"

    def _customer(self) -> int | str | None:
        begun = self.history[0]
        told = begun.customer_number if isinstance(begun, facts.Started) else None
        return number(told or self.numbers.parties.get(self.project.customer_id))

    def _last(self, cls: type[ProjectFact]) -> datetime | None:
        return next((fact.timestamp for fact in reversed(self.history) if isinstance(fact, cls)), None)

    # -- DescribeProjectNodes, DescribeCurrentNodeInfo --------------------------------------------------------------

    def nodes(self) -> list[Json]:
        """Steps and what stands in them, in order."""
        found: list[Json] = []
        for step in self.flow.steps:
            inside = [self.node(leaf) for leaf in step.leaves]
            if step.is_container:
                found.append(self._container(step.id, step.name, step.number, inside))
            found += inside
        return found

    def node(self, leaf: FlowNode) -> Json:
        status = self._node_status(leaf)
        reached = status != "NotStart"
        before = self.flow.leaves[leaf.position - 1] if leaf.position else None
        after = self.flow.after(leaf)
        return {
            "NodeId": self.ids[leaf.id],
            "NodeName": leaf.name,
            "NodeStatus": status,
            "StepNo": leaf.step,
            "FinalStepNo": len(self.flow.steps),
            "ParentNodeId": self.ids[leaf.container] if leaf.container else NO_NODE,
            "PreviousNodeId": self.ids[before.id] if before else NO_NODE,
            "NextNodeId": self.ids[after.id] if after else NO_NODE,
            "OperatorRole": self._operator_role(leaf),
            "AllowRollbackNode": leaf.rejectable and self.flow.step_before(leaf) is not None,
            "AutoFinishNode": leaf.advance_on_timeout,
            "NeedAttachment": leaf.upload,
            "TemplateForm": self._form(leaf, status),
            "GmtStart": milliseconds(self._when(leaf, facts.NodeEntered)) if reached else None,
            "GmtExpired": milliseconds(self._due()) if leaf is self.open else None,
            "GmtFinished": milliseconds(self._when(leaf, facts.NodeCompleted)) if status == "Finish" else None,
        }

    def _container(self, id: str, name: str, step: int, inside: list[Json]) -> Json:
        """A step with nodes of its own: its state and times are theirs (R-74)."""
        statuses = {child["NodeStatus"] for child in inside}
        status = statuses.pop() if len(statuses) == 1 else ("Cancel" if "Cancel" in statuses else "Starting")
        return {
            **inside[0],
            "NodeId": self.ids[id],
            "NodeName": name,
            "NodeStatus": status,
            "StepNo": step,
            "ParentNodeId": NO_NODE,
            "NextNodeId": inside[-1]["NextNodeId"],
            "OperatorRole": "System",
            "AllowRollbackNode": False,
            "AutoFinishNode": False,
            "NeedAttachment": False,
            "TemplateForm": None,
            "GmtExpired": None,
            "GmtFinished": inside[-1]["GmtFinished"],
        }

    def _node_status(self, leaf: FlowNode) -> str:
        if leaf.position < self.open.position or self.project.state == COMPLETED:
            return "Finish"
        if leaf.position > self.open.position:
            return "NotStart"
        return "Cancel" if self.project.state == CANCELLED else "Starting"

    @staticmethod
    def _operator_role(leaf: FlowNode) -> str:
        if leaf.by_customer:
            return "Custom"
        return "System" if leaf.waits_for in (Waits.PROVIDER, Waits.STAFF) else "Provider"

    def _when(self, leaf: FlowNode, cls: type[facts.NodeEntered] | type[facts.NodeCompleted]) -> datetime | None:
        return next(
            (
                fact.timestamp
                for fact in reversed(self.history)
                if isinstance(fact, cls) and fact.node == leaf.id and fact.run == self.project.run
            ),
            None,
        )

    def _due(self) -> datetime | None:
        clock = self.project.running_clock
        return self.calendar.due(clock.since, clock.timeout) if clock else None

    def _form(self, leaf: FlowNode, status: str) -> str | None:
        """The fields of the demand form, with what was handed in."""
        schema = self.forms.get(leaf.form or "") if leaf.fills_form else None
        if schema is None:
            return None
        filled = self._filled(leaf) if status == "Finish" else {}
        required = schema.get("required", ())
        fields = [
            {
                "fieldKey": name,
                "title": (isinstance(own, dict) and own.get("title")) or name,
                "type": (isinstance(own, dict) and own.get("type")) or "string",
                "isRequired": name in required,
                **({"value": filled[name]} if name in filled else {}),
            }
            for name, own in schema.get("properties", {}).items()
        ]
        return json.dumps(fields, ensure_ascii=False)

    def _filled(self, leaf: FlowNode) -> Mapping[str, Any]:
        submitted = [f for f in self.history if isinstance(f, facts.RequirementSubmitted) and f.node == leaf.id]
        return submitted[-1].data if submitted else {}

    # -- DescribeProjectMessages, -Attachments, -OperateLogs ---------------------------------------------------------

    def messages(self, page: int) -> tuple[list[Json], int]:
        """A page of 项目留言, from 1, oldest first, and how many there are."""
        said = [fact for fact in self.history if isinstance(fact, facts.CommentAdded)]
        shown = said[(page - 1) * MESSAGES : page * MESSAGES]
        return [{"Content": f.text, **self._by(f.by, f.timestamp)} for f in shown], len(said)

    def attachments(self, address: str) -> list[Json]:
        """The files the caller may see. :param address: of the center, for their links."""
        visible = {row["file_id"]: row for row in files(self.reading)}
        added = [f for f in self.history if isinstance(f, facts.FileAttached) and str(f.file_id) in visible]
        return [
            {
                "FileName": fact.file_name,
                "FileSize": fact.size,
                "FileSuffix": fact.file_name.rpartition(".")[2] if "." in fact.file_name else "",
                "FileLink": f"{address}{visible[str(fact.file_id)]['href']}",
                "FileLinkGmtExpired": None,
                "AttachmentToken": str(fact.file_id),
                "AttachmentType": "File",
                "Content": "",
                "NodeId": self.ids[fact.node],
                "NodeName": fact.name,
                "StepNo": self.flow.node(fact.node).step,
                **self._by(fact.by, fact.timestamp),
            }
            for fact in added
        ]

    def logs(self) -> list[Json]:
        """流程日志 of the current run, newest first."""
        writer = self._writer()
        acted: dict[int, Actor] = {}
        rows: list[LogRow] = []
        for fact in self.history:
            for row in writer.rows_of(fact):
                acted[id(row)] = SYSTEM if row.entry else getattr(fact, "by", None) or SYSTEM
                rows.append(row)
        return [
            {
                "Description": f"{row.node}：{row.event}" + (f"（{row.remark}）" if row.remark else ""),
                **self._by(acted[id(row)], row.at),
                "OperatorName": row.actor,
            }
            for row in of_run(rows, self.project.run)
        ]

    def _by(self, by: Actor, at: datetime) -> Json:
        party = self.project.customer_id if by["kind"] == "customer" else by.get("party_id")
        told = self.numbers.parties.get(party) if party else None
        return {
            "Operator": self._customer() if by["kind"] == "customer" else number(told) or 0,
            "OperatorName": self._writer().actor(by, at),
            "OperatorRole": _ROLES[by["kind"]],
            "GmtCreate": milliseconds(at),
        }

    def _writer(self) -> LogWriter:
        return LogWriter(self.reading.names, self.project.customer_id, self.view, self.calendar)

    # -- DescribeOrderForIsv -----------------------------------------------------------------------------------------

    def order(self, instances: Sequence[str]) -> Json:
        """The order behind it. What it cost is the marketplace's to know."""
        project = self.project
        status = "DELETE" if project.state == CANCELLED else "NORMAL"
        said = parameters(project, self.reading.names)
        return {
            "OrderId": number(project.order_number),
            "AliUid": self._customer(),
            "InstanceIds": list(instances),
            "OrderStatus": "REFUND" if project.refund else status,
            "OrderType": "TRIAL" if project.trial else "NEW",
            "PayStatus": "PAID",
            "ProductCode": self.numbers.product_code,
            "ProductName": project.product_name,
            "ProductSkuCode": project.sku,
            "Quantity": project.quantity,
            "AccountQuantity": 0,
            "CreatedOn": milliseconds(project.started_at),
            "PaidOn": milliseconds(project.started_at),
            "Components": {name: {"name": name, "value": value} for name, value in said.items()},
        }
