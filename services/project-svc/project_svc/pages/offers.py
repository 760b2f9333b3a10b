"""What a caller can do with a project: at its open node, and beside it."""

from __future__ import annotations

from typing import Final

from delivery_shared.http import Caller

from project_svc.access import View
from project_svc.domain.flow import Flow
from project_svc.domain.kinds import Waits
from project_svc.domain.project import COMPLETED, RUNNING, Project

OPERATIONS: Final = ("claim", "requirement", "upload", "confirmation", "rejection")
ACTIONS: Final = (
    "remind",
    "pause",
    "resume",
    "change_assignee",
    "choose_assignee",
    "change_provider",
    "cancel",
    "add_file",
    "comment",
    "note",
    "evaluate",
)


class Offers:
    """What is offered to one caller."""

    def __init__(
        self, *, project: Project, flow: Flow, caller: Caller, view: View, only_provider: bool = False
    ) -> None:
        """:param only_provider: there is none to change to (R-31)."""
        self.only_provider = only_provider
        self.project = project
        self.node = flow.node(project.node)
        self.waiting_roles = project.waiting_roles(flow)
        self.caller = caller
        self.view = view

    def operations(self) -> list[dict[str, str]]:
        """What the caller can do at the open node, with the texts of the buttons (R-113, R-127)."""
        project, node = self.project, self.node
        if not project.goes_on or self.view.as_customer != node.by_customer:
            return []
        base = f"/api/v1/projects/{project.id}/visits/{project.visit}"
        if node.waits_for is Waits.CLAIM:
            if node.role not in self.caller.roles or self.caller.party_id != project.provider_id:
                return []
            if project.claim_pending:
                return []
            return [_offer("claim", "订单认领", "POST", f"/api/v1/projects/{project.id}/claim")]
        if project.operator_of(node, self.caller) is None:
            return []
        offers = []
        if node.fills_form:
            offers.append(_offer("requirement", node.submit_button, "PUT", f"{base}/requirement"))
        if node.upload:
            offers.append(_offer("upload", node.upload_button, "POST", f"{base}/files"))
        offers.append(_offer("confirmation", node.confirm_button, "POST", f"{base}/confirmation"))
        if node.rejectable:
            offers.append(_offer("rejection", node.reject_button, "POST", f"{base}/rejection"))
        return offers

    def actions(self) -> list[str]:
        """What the caller can do with the project beside its open node."""
        project, view = self.project, self.view
        if project.ended:
            return ["evaluate"] if self._may_evaluate() else []
        actions = []
        supervises = (view.vendor or view.provider_admin or view.operator) and not view.as_customer
        if supervises and project.goes_on and self.node.waits_for_people:
            actions.append("remind")
        if view.provider_admin and not view.as_customer:
            actions.append("pause" if project.state == RUNNING else "resume")
            if not project.change_pending:
                actions += self._of_assignees()
        changer = (view.vendor_admin or view.operator) and not view.as_customer
        possible = project.provider_id is not None and not project.change_pending and not self.only_provider
        if changer and possible:
            actions.append("change_provider")
        if view.operator or (view.vendor_admin and not view.as_customer and project.is_test):
            actions.append("cancel")
        return actions + self._of_participants()

    def _of_assignees(self) -> list[str]:
        """Of the open node's operator: to change him, or to choose one while it waits for whoever is found, which no
        icon of the list offers (R-50)."""
        if self.node.operated and self.node.role in self.project.roles:
            return ["change_assignee"]
        return ["choose_assignee"] if self.waiting_roles else []

    def _may_evaluate(self) -> bool:
        """Whether the evaluation dialog opens by itself: for the buyer, at every visit until it is given (R-136)."""
        project = self.project
        return self.view.as_customer and project.state == COMPLETED and project.evaluation is None

    def _of_participants(self) -> list[str]:
        project = self.project
        held = self.caller.user_id in (*project.roles.values(), project.claimer_id)
        if not held and not project.is_customer(self.caller):
            return []
        return ["add_file", "comment", *(["note"] if held and self.view.notes else [])]


def _offer(operation: str, text: str, method: str, href: str) -> dict[str, str]:
    return {"operation": operation, "text": text, "method": method, "href": href}
