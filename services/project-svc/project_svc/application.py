"""The application object of project-svc: it carries commands out, and has the pages of a project, each from one reading
of its event stream."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import takewhile
from pathlib import Path
from typing import Any, BinaryIO, cast
from uuid import UUID

from delivery_shared.clock import Clock
from delivery_shared.commands import Command, Outcome
from delivery_shared.facts import refolded
from delivery_shared.http import Caller
from delivery_shared.http.paging import Page

from project_svc import commands, conversing, read_model, trying
from project_svc.access import view_of
from project_svc.carrying_out import AnyOperation, Batch, Carrier
from project_svc.domain.errors import (
    AlreadyClaimed,
    FileUnknown,
    NoProviderYet,
    NotAtClaimNode,
    NotStartedThen,
    OrderOfOtherProvider,
    OrderUnknown,
    ProductNotListed,
    ProjectUnknown,
    RequestUnknown,
    RunUnknown,
)
from project_svc.domain.facts import ContactChanged, ProjectFact, Started
from project_svc.domain.flow import Flow
from project_svc.domain.kinds import Waits
from project_svc.domain.operating import QUOTA, uploader, withdrawable
from project_svc.domain.project import Project
from project_svc.files import FileStore, LocalFiles, StoredFile
from project_svc.flows import Flows
from project_svc.pages import flow_log
from project_svc.pages.details import Buyer, Details
from project_svc.pages.flow_log import LogWriter
from project_svc.pages.names import people_and_parties
from project_svc.pages.overdue import Timing
from project_svc.pages.paging import PAGE, Reading, page_of
from project_svc.pages.talk import thread
from project_svc.pages.timeline import Timeline
from project_svc.read_model import Names
from project_svc.store import ProjectStore

WAIT = 2.0
"""Seconds a claim or change waits for dispatch's answer before it is answered 202 (architecture 4)."""


class ProjectApplication:
    """What the views call. Pages raise :class:`ProjectUnknown` for projects the caller may not know of."""

    def __init__(
        self,
        store: ProjectStore,
        *,
        clock: Clock | None = None,
        files: FileStore | None = None,
        quota: int = QUOTA,
    ) -> None:
        """``quota``: bytes all files of a project take together."""
        self.store = store
        self.clock = clock or Clock()
        self.files = files or LocalFiles(Path("data") / "project-files")
        self.flows = Flows(store.connection)
        self.carrier = Carrier(store=store, flows=self.flows, clock=self.clock, quota=quota)

    # Commands.

    def carry_out(self, command: Command, operation: AnyOperation) -> Outcome:
        """One operation as a command of its own."""
        return self.carrier.carry_out(command, operation)

    def operate_many(self, operations: Sequence[AnyOperation]) -> Batch:
        """Many operations in one save."""
        return self.carrier.operate_many(operations)

    def attach_file(
        self, *, command: Command, by: Caller, project_id: UUID, visit: int | None, file: StoredFile
    ) -> Outcome:
        """:func:`commands.attach_file`, of a file that is put away."""
        return self.carry_out(command, commands.attach_file(by=by, project_id=project_id, visit=visit, file=file))

    def withdraw_file(self, *, command: Command, by: Caller, file_id: UUID) -> tuple[Outcome, str]:
        """:func:`commands.withdraw_file`, and where the bytes lie, which nobody needs then.

        :raises FileUnknown: there is none that the caller may know.
        """
        with self.store.connection() as connection:
            row = read_model.file(connection, file_id)
        if row is None:
            raise FileUnknown
        self._check_may_know(by, row["project_id"], file_id)
        withdrawing = commands.withdraw_file(by=by, project_id=row["project_id"], file_id=file_id)
        return self.carry_out(command, withdrawing), row["storage"]

    def check_may_attach(self, *, by: Caller, project_id: UUID, visit: int | None) -> None:
        """Refuse an upload before its bytes are read, for the reasons :meth:`attach_file` has."""
        project = self.store.project(project_id)
        view_of(project, by)
        uploader(project, self.flows.of(project), visit=visit, person=by)

    # What a caller asks before or after a command.

    def product_id_of(self, *, code: str, vendor_account: str) -> UUID:
        """:raises ProductNotListed: no product of this code and vendor account."""
        with self.store.connection() as connection:
            product_id = read_model.product_id_of(connection, code=code, vendor_account=vendor_account)
        if product_id is None:
            raise ProductNotListed
        return product_id

    def products_to_try(self, *, by: Caller) -> list[dict[str, Any]]:
        """The products the caller may place a test order for (S-07)."""
        with self.store.connection() as connection:
            return trying.products(connection, by.party_id)

    def claimable(self, *, by: Caller, order_number: str) -> list[Project]:
        """The projects of an order number that the caller's provider can claim (A-60); several are to choose from.

        :raises OrderUnknown, NoProviderYet, OrderOfOtherProvider, AlreadyClaimed, NotAtClaimNode: there is none,
            and why (D-50).
        """
        with self.store.connection() as connection:
            ids = read_model.projects_of_order(connection, order_number)
        if not ids:
            raise OrderUnknown
        projects = [self.store.project(project_id) for project_id in ids]
        own = [project for project in projects if project.provider_id == by.party_id]
        if not own:
            raise NoProviderYet if any(p.provider_id is None for p in projects) else OrderOfOtherProvider
        free = [p for p in own if not p.ended and p.claimer_id is None and self._waits_for_claim(p)]
        if not free:
            raise AlreadyClaimed if any(project.claimer_id for project in own) else NotAtClaimNode
        return free

    def _waits_for_claim(self, project: Project) -> bool:
        return self.flows.of(project).node(project.node).waits_for is Waits.CLAIM

    def request_outcome(self, *, by: Caller, project_id: UUID, request_id: UUID, wait: float = 0) -> str | None:
        """What became of a claim or change: ``done``, ``withdrawn``, dispatch's reason of refusal, or None while it
        is open after ``wait`` seconds.

        :raises RequestUnknown: the project has no such request. :raises ProjectUnknown: or the caller may not know.
        """
        deadline = time.monotonic() + wait
        while True:
            project = self.store.project(project_id)
            if project.askers.get(request_id) != by.user_id:
                view_of(project, by)
            outcome = project.outcomes.get(request_id)
            if outcome is not None:
                return outcome
            if request_id not in project.askers:
                raise RequestUnknown
            if time.monotonic() > deadline:
                return None
            time.sleep(0.02)

    # Pages.

    def details(
        self, *, by: Caller, project_id: UUID, as_customer: bool = False, at: datetime | None = None
    ) -> dict[str, Any]:
        """项目详情 (R-66 … R-80); with ``at`` as the page was then, for those who may see it now. Contacts and
        names, but for those of rows, are those of now.

        :raises NotStartedThen: the project began later. :raises RunUnknown: ``at`` lies in an earlier run, which the
            caller may not see (A-68).
        """
        project, history = self._history(project_id)
        view = view_of(project, by, as_customer=as_customer)
        named = next(fact for fact in reversed(history) if isinstance(fact, Started | ContactChanged))
        waiting, configured = None, None
        if at is not None:
            history = list(takewhile(lambda fact: fact.timestamp <= at, history))
            if not history:
                raise NotStartedThen
            present, project = project, folded(history)
            if project.run != present.run and not view.earlier_runs:
                raise RunUnknown
        else:
            with self.store.connection() as connection:
                waiting = read_model.waiting(connection, project_id)
                configured = read_model.providers_configured(connection, project.product_id)
        flow = self.flows.of(project)
        return Details(
            project=project,
            flow=flow,
            history=history,
            names=self._names(history),
            forms=self._forms(flow),
            buyer=self._buyer(named, project.customer_id),
            waiting=waiting,
            only_provider=configured is not None and configured < 2,
            caller=by,
            view=view,
            timing=Timing(
                project=project,
                history=history,
                calendar=self.store.calendar.current().calendar,
                now=at or self.clock.now(),
            ),
            as_of=at,
        ).page()

    def timeline(self, *, by: Caller, project_id: UUID, as_customer: bool = False) -> dict[str, Any]:
        """The project as spans of time: its runs, nodes and pauses."""
        project, history = self._history(project_id)
        view = view_of(project, by, as_customer=as_customer)
        return Timeline(
            project=project,
            history=history,
            names=self._names(history),
            view=view,
            calendar=self.store.calendar.current().calendar,
            now=self.clock.now(),
        ).page()

    def flow_log(
        self,
        *,
        by: Caller,
        project_id: UUID,
        run: int | None = None,
        as_customer: bool = False,
        cursor: int | None = None,
        limit: int = PAGE,
    ) -> dict[str, Any]:
        """流程日志 of the current or, by ``run``, an earlier run (R-37, R-99), newest first.

        :raises RunUnknown: no such run, or one the caller may not see (A-68).
        """
        project, history = self._history(project_id)
        view = view_of(project, by, as_customer=as_customer)
        chosen = project.run if run is None else run
        if chosen != project.run and not (view.earlier_runs and 1 <= chosen < project.run):
            raise RunUnknown
        writer = LogWriter(self._names(history), project.customer_id, view, self.store.calendar.current().calendar)
        rows = [flow_log.shown(row, view) for row in flow_log.of_run(writer.rows(history), chosen)]
        page = page_of(rows, cursor=cursor, limit=limit, newest_first=True)
        return {"run": chosen, "items": page.items, "total": page.total, "next": page.next}

    def listed(
        self,
        rows: Callable[[Reading], list[dict[str, Any]]],
        *,
        by: Caller,
        project_id: UUID,
        as_customer: bool = False,
        cursor: int | None = None,
        limit: int = PAGE,
    ) -> Page:
        """What ``rows`` makes of the project, oldest first: its files, comments or notes."""
        project, history = self._history(project_id)
        view = view_of(project, by, as_customer=as_customer)
        reading = Reading(
            project=project,
            history=history,
            view=view,
            names=self._names(history),
            removable=withdrawable(project, self.flows.of(project), person=by),
        )
        return page_of(rows(reading), cursor=cursor, limit=limit)

    def conversation(
        self,
        *,
        by: Caller,
        project_id: UUID,
        as_customer: bool = False,
        cursor: int | None = None,
        limit: int = PAGE,
    ) -> dict[str, Any]:
        """What is said and shown in the project, newest first; how much of it is new to the caller; and with whom he
        can talk there: those who read comments, and among them those who read notes."""
        project, history = self._history(project_id)
        view = view_of(project, by, as_customer=as_customer)
        reading = Reading(project=project, history=history, view=view, names=self._names(history))
        with self.store.connection() as connection:
            seen_at = conversing.seen_at(connection, project_id, by.user_id)
            people = conversing.people(connection, project, internal=False, as_customer=view.as_customer)
        rows = thread(reading, by=by.user_id, seen_at=seen_at)[::-1]
        page = page_of(rows, cursor=cursor, limit=limit, newest_first=True)
        return {
            "items": page.items,
            "total": page.total,
            "next": page.next,
            "unread": sum(row["new"] for row in rows),
            "people": [person for person in people if person["user_id"] != by.user_id],
        }

    def see_conversation(self, *, by: Caller, project_id: UUID, until: datetime) -> None:
        """The caller has read what is said in the project ``until`` then, which is not later than now."""
        view_of(self.store.project(project_id), by)
        with self.store.connection() as connection:
            conversing.see(connection, project_id, by.user_id, until=min(until, self.carrier.clock.now()))

    def reading(self, *, by: Caller, project_id: UUID) -> tuple[Reading, Flow, dict[str, dict[str, Any]]]:
        """One reading of the project for whoever makes pages of their own, its flow, and the forms of that."""
        project, history = self._history(project_id)
        view = view_of(project, by)
        flow = self.flows.of(project)
        reading = Reading(project=project, history=history, view=view, names=self._names(history))
        return reading, flow, self._forms(flow)

    def open_file(self, *, by: Caller, file_id: UUID) -> tuple[dict[str, Any], BinaryIO]:
        """A file's row and its bytes (R-86).

        :raises FileUnknown: there is none, or the caller may not know it: not of the project, the customer before the
            release (R-124), a provider that of an earlier one (A-68).
        """
        with self.store.connection() as connection:
            row = read_model.file(connection, file_id)
        if row is None:
            raise FileUnknown
        self._check_may_know(by, row["project_id"], file_id)
        return row, self.files.open(row["storage"])

    def _check_may_know(self, by: Caller, project_id: UUID, file_id: UUID) -> None:
        """:raises FileUnknown: the caller may not know of the file."""
        project = self.store.project(project_id)
        try:
            view = view_of(project, by)
        except ProjectUnknown:
            raise FileUnknown from None
        file = project.files.get(file_id)
        if file is None or not (file.released or view.internal(file.run)):
            raise FileUnknown

    def _history(self, project_id: UUID) -> tuple[Project, list[ProjectFact]]:
        history = self.store.history(project_id)
        if not history:
            raise ProjectUnknown
        return folded(history), history

    def _names(self, history: Sequence[ProjectFact]) -> Names:
        people, parties = people_and_parties(history)
        begun = history[0]
        buyer, erased = None, False
        if isinstance(begun, Started):
            buyer, erased = self.store.buyers.name_in(begun), self.store.buyers.erased(begun)
        with self.store.connection() as connection:
            return read_model.names(connection, people=people, parties=parties, buyer=buyer, erased=erased)

    def _buyer(self, named: Started | ContactChanged, customer_id: UUID) -> Buyer:
        with self.store.connection() as connection:
            has_account = read_model.reachable(connection, customer_id)
        return Buyer(contact=self.store.buyers.contact_in(named), has_account=has_account)

    def _forms(self, flow: Flow) -> dict[str, dict[str, Any]]:
        """The JSON schemas of the demand forms of ``flow``, those that filled forms are checked against."""
        wanted = {leaf.form for leaf in flow.leaves if leaf.form}
        if not wanted:
            return {}
        with self.store.connection() as connection:
            return read_model.form_schemas(connection, wanted)


def folded(history: Sequence[ProjectFact]) -> Project:
    """The project after these facts of its stream, of which there is at least one."""
    *_, project = refolded(history)
    return cast(Project, project)
