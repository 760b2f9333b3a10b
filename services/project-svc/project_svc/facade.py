"""The public API of the marketplace's own delivery center over our projects: which project is meant, and what is wanted
of it. It reads what the pages read and carries out the commands of :mod:`project_svc.commands`, so that nobody gets
further by it than by them (ADR 0034)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from delivery_shared.commands import Command
from delivery_shared.http import Caller

from project_svc import commands, read_model
from project_svc.access import view_of
from project_svc.application import ProjectApplication
from project_svc.carrying_out import Operation
from project_svc.domain.errors import OrderUnknown, ProjectError, ProjectUnknown
from project_svc.domain.project import Project
from project_svc.pages.market import MarketPages, Numbers, node_ids
from project_svc.pages.names import people_and_parties

MOST_ALIKE = 50
"""Projects of one number looked at."""


class AnotherNode(ProjectError):
    """The node that was named is not the open one."""


class FormUnreadable(ProjectError):
    """The filled form is no JSON object."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Who asks, and what makes the asking one: the access key and the nonce of the signature."""

    by: Caller
    key_id: UUID
    nonce: str

    def command(self, action: str, fingerprint: str) -> Command:
        """The command ``action``: the same request is the same command, however often it arrives."""
        return Command(
            id=uuid5(NAMESPACE_URL, f"{self.key_id} market {action} {self.nonce}"),
            caller=str(self.by.user_id),
            route=f"market {action}",
            fingerprint=fingerprint,
            keyed=True,
        )


class Facade:
    """What its actions need of the application."""

    def __init__(self, application: ProjectApplication) -> None:
        self._application = application
        self._store = application.store

    # -- what is read ------------------------------------------------------------------------------------------------

    def project(self, *, by: Caller, instance_id: str) -> MarketPages:
        """A project by its id or its business number (业务编号), as the caller may see it.

        :raises ProjectUnknown: there is none, or more than one.
        """
        return self._pages(by, self._meant(by, instance_id))

    def order(self, *, by: Caller, order_number: str) -> dict[str, Any]:
        """What is known of an order. :raises OrderUnknown: nothing the caller may know."""
        with self._store.connection() as connection:
            ids = read_model.projects_of_order(connection, order_number)[:MOST_ALIKE]
        found = [project for project in map(self._store.project, ids) if _sees(project, by)]
        if not found:
            raise OrderUnknown
        return self._pages(by, found[0].id).order([instance_of(project, by) for project in found])

    def _meant(self, by: Caller, instance_id: str) -> UUID:
        try:
            return UUID(instance_id)
        except ValueError:
            pass
        with self._store.connection() as connection:
            taken = read_model.orders_taken(connection, [instance_id])
        own = [id for (vendor_id, _), id in taken.items() if vendor_id == by.party_id]
        if own:
            return own[0]
        others = [id for id in list(taken.values())[:MOST_ALIKE] if _sees(self._store.project(id), by)]
        if len(others) != 1:
            raise ProjectUnknown
        return others[0]

    def _pages(self, by: Caller, project_id: UUID) -> MarketPages:
        reading, flow, forms = self._application.reading(by=by, project_id=project_id)
        project = reading.project
        _, parties = people_and_parties(reading.history)
        with self._store.connection() as connection:
            numbers = Numbers(
                parties=read_model.numbers_of_parties(connection, parties),
                product_code=read_model.code_of_product(connection, project.product_id),
            )
        return MarketPages(
            reading=reading,
            flow=flow,
            forms=forms,
            numbers=numbers,
            calendar=self._store.calendar.current().calendar,
            instance_id=instance_of(project, by),
        )

    # -- what is wanted ----------------------------------------------------------------------------------------------

    def finish(self, wanted: Wanted, *, instance_id: str, node_id: int, form: str | None, fingerprint: str) -> None:
        """FinishCurrentProjectNode: hand the form in, where one comes along, and complete the node."""
        project = self._at(wanted, instance_id, node_id)
        if form is not None:
            submitting = commands.submit_requirement(
                by=wanted.by, project_id=project.id, visit=project.visit, data=_filled(form)
            )
            self._carry_out(wanted, "FinishCurrentProjectNode form", submitting, fingerprint)
        confirming = commands.confirm(by=wanted.by, project_id=project.id, visit=project.visit)
        self._carry_out(wanted, "FinishCurrentProjectNode", confirming, fingerprint)

    def roll_back(self, wanted: Wanted, *, instance_id: str, node_id: int, remark: str, fingerprint: str) -> None:
        """RollbackCurrentProjectNode: 驳回."""
        project = self._at(wanted, instance_id, node_id)
        rejecting = commands.reject(by=wanted.by, project_id=project.id, visit=project.visit, reason=remark)
        self._carry_out(wanted, "RollbackCurrentProjectNode", rejecting, fingerprint)

    def pause(self, wanted: Wanted, *, instance_id: str, node_id: int, remark: str, fingerprint: str) -> None:
        """PauseProject: 暂停项目."""
        project = self._at(wanted, instance_id, node_id)
        pausing = commands.pause(by=wanted.by, project_id=project.id, remark=remark)
        self._carry_out(wanted, "PauseProject", pausing, fingerprint)

    def resume(self, wanted: Wanted, *, instance_id: str, node_id: int, fingerprint: str) -> None:
        """ResumeProject: 启动项目."""
        project = self._at(wanted, instance_id, node_id)
        resuming = commands.resume(by=wanted.by, project_id=project.id)
        self._carry_out(wanted, "ResumeProject", resuming, fingerprint)

    def _at(self, wanted: Wanted, instance_id: str, node_id: int) -> Project:
        """The project, if its open node is the one that was named; who passes it meanwhile is refused by its visit.

        :raises AnotherNode: it is not. :raises ProjectUnknown: there is none that the caller may know.
        """
        project = self._store.project(self._meant(wanted.by, instance_id))
        view_of(project, wanted.by)
        if node_ids(self._application.flows.of(project))[project.node] != node_id:
            raise AnotherNode
        return project

    def _carry_out(self, wanted: Wanted, action: str, operation: Operation, fingerprint: str) -> None:
        self._application.carry_out(wanted.command(action, fingerprint), operation)


def instance_of(project: Project, by: Caller) -> str:
    """What the caller calls the project: its vendor by the business number, which is no other's of its own."""
    return project.business_number if project.vendor_id == by.party_id else str(project.id)


def _sees(project: Project, by: Caller) -> bool:
    try:
        view_of(project, by)
    except ProjectUnknown:
        return False
    return True


def _filled(form: str) -> dict[str, Any]:
    try:
        filled = json.loads(form)
    except ValueError as error:
        raise FormUnreadable from error
    if not isinstance(filled, dict):
        raise FormUnreadable
    return filled


__all__ = ["AnotherNode", "Facade", "FormUnreadable", "Wanted", "instance_of"]
