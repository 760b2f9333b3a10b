"""Loading and saving projects: in bulk, from memory as far as they are kept there, one by one or in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from delivery_shared.clock import Clock
from delivery_shared.commands import Command, Outcome, execute
from delivery_shared.eventstore import EventStore, RowChange, Saved, UnitOfWork, stored_as
from delivery_shared.messaging.consumer import NotYet
from eventsourcing.domain import Aggregate

from project_svc import read_model
from project_svc.batches import Answer, Batch, Known, Operation, streams_of
from project_svc.calendar_copy import CalendarCopy
from project_svc.domain import Project
from project_svc.errors import FormUnknown, ProjectError, ProjectUnknown
from project_svc.files import FileStore, LocalFiles
from project_svc.flow import Flow
from project_svc.forms import FormChecker
from project_svc.kept import KeptAggregates
from project_svc.publishing import PUBLISHING
from project_svc.timers import changed_clocks, timer_rows
from project_svc.values import QUOTA

stored_as("project")(Project)


class _Contended(Exception):
    """The batch met a conflict; its operations go one by one."""


class ProjectStore(EventStore):
    """The event store of the service, with the flows its projects walk."""

    name = "project"
    publishing = PUBLISHING

    def __init__(
        self,
        *,
        database_url: str,
        schema: str | None = None,
        clock: Clock | None = None,
        files: FileStore | None = None,
        kept: int = 4000,
        quota: int = QUOTA,
    ) -> None:
        """``kept``: how many projects stay in memory between commands (some kilobytes each); ``quota``: bytes all
        files of a project take together."""
        self.quota = quota
        self.clock = clock or Clock()
        self.files = files or LocalFiles(Path("data") / "project-files")
        self._flows: dict[tuple[UUID, int], Flow] = {}
        self._kept = KeptAggregates(kept)
        self.calendar = CalendarCopy(self.connection)
        super().__init__(database_url=database_url, schema=schema)

    def load_all(self, ids: Iterable[UUID]) -> dict[UUID, Aggregate]:
        """As in the base, from aggregates kept in memory and the events stored since, in one statement."""
        wanted = list(dict.fromkeys(ids))
        if not wanted:
            return {}
        known = self._kept.take(wanted)
        with self.connection() as connection:
            return self.brought_up(connection, wanted, known)

    def save_all(self, aggregates: Iterable[Aggregate] = (), rows: Sequence[RowChange] = ()) -> Saved:
        """As in the base, with the timers of the projects whose clocks changed; what was saved stays in memory."""
        changed = list(aggregates)
        clocks = changed_clocks(changed)
        timers = timer_rows(clocks, self.calendar.known()) if clocks else []
        saved = super().save_all(changed, [*rows, *timers])
        self._kept.put(changed)
        return saved

    def flow(self, template_id: UUID, version: int) -> Flow:
        """The flow of a template version, built once. :raises NotYet: its content has not arrived."""
        flow = self._flows.get((template_id, version))
        if flow is None:
            with self.connection() as connection:
                nodes = read_model.template_nodes(connection, template_id, version)
            if nodes is None:
                raise NotYet(f"template {template_id} version {version}")
            flow = self._flows[(template_id, version)] = Flow(nodes)
        return flow

    def flow_of(self, project: Project) -> Flow:
        """The flow the project started with (T-103). :raises NotYet: its content has not arrived."""
        return self.flow(project.template_id, project.template_version)

    def project(self, project_id: UUID) -> Project:
        """The project as stored, for reading. :raises ProjectUnknown: there is none."""
        found = super().load_all([project_id]).get(project_id)
        if not isinstance(found, Project):
            raise ProjectUnknown
        return found

    # Carrying out.

    def carry_out(self, command: Command, operation: Operation) -> Outcome:
        """One operation as a command of its own."""

        def decide(unit: UnitOfWork) -> Answer:
            return operation.decide(unit, self._known([operation]))

        return execute(self, command, decide)

    def operate_many(self, operations: Sequence[Operation]) -> Batch:
        """Many operations in one unit of work and one save; a refused one does not hold up the others. After a
        conflict they are carried out one by one."""
        results: list[Answer | ProjectError] = []

        def decide(unit: UnitOfWork) -> Answer:
            if results:
                raise _Contended
            known = self._known(operations)
            unit.preload(stream for o in operations for stream in streams_of(o, known))
            for operation in operations:
                try:
                    results.append(operation.decide(unit, known))
                except ProjectError as refusal:
                    results.append(refusal)
            return 200, {}

        try:
            outcome = execute(self, Command(route="batch"), decide)
        except _Contended:
            return Batch(results=[self._alone(operation) for operation in operations], position=None)
        return Batch(results=results, position=outcome.position)

    def _alone(self, operation: Operation) -> Answer | ProjectError:
        try:
            outcome = self.carry_out(Command(route="batch"), operation)
        except ProjectError as refusal:
            return refusal
        return outcome.status, outcome.body

    def _known(self, operations: Iterable[Operation]) -> Known:
        wanted = {operation.order.product_id for operation in operations if operation.order}
        if not wanted:
            return Known()
        with self.connection() as connection:
            return Known(products=read_model.products(connection, wanted))

    def form(self, name: str, known: Known) -> FormChecker:
        """The checker of a demand form. :raises FormUnknown: it has not arrived."""
        if name not in known.forms:
            with self.connection() as connection:
                form = read_model.demand_form(connection, name)
            if form is None:
                raise FormUnknown
            known.forms[name] = FormChecker(form["schema"])
        return known.forms[name]

    def _on_project(self, project_id: UUID, decide: Callable[[UnitOfWork, Project, Known], Answer | None]) -> Operation:
        """An operation that changes one project; answers with where it stands then unless told otherwise."""

        def decide_on(unit: UnitOfWork, known: Known) -> Answer:
            project = unit.get(Project, project_id)
            if project is None:
                raise ProjectUnknown
            return decide(unit, project, known) or (200, standing(project))

        return Operation(project_id=project_id, decide=decide_on)


def standing(project: Project) -> dict[str, Any]:
    """Where a project stands, as every command answers it; ``visit`` names the open node for the next operation."""
    return {
        "project_id": str(project.id),
        "state": project.state,
        "run": project.run,
        "visit": project.visit,
        "node": project.node,
    }
