"""The pages of a project, each from one reading of its event stream."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import takewhile
from typing import Any, BinaryIO, cast
from uuid import UUID

from delivery_shared.http import Caller

from project_svc import read_model
from project_svc.access import View, person_of, view_of
from project_svc.details import Details, file_rows
from project_svc.domain import Project
from project_svc.errors import FileUnknown, NotStartedThen, ProjectUnknown, RunUnknown
from project_svc.flow import Flow
from project_svc.flow_log import LogWriter, of_run, people_and_parties, time_text
from project_svc.overdue import Timing
from project_svc.paging import PAGE, page_of
from project_svc.read_model import Names
from project_svc.store import ProjectStore
from project_svc.timeline import Timeline


def folded(history: Iterable[Any]) -> Project:
    """The project after these events of its stream, of which there is at least one."""
    project: Any = None
    for e in history:
        project = e.mutate(project)
    return cast(Project, project)


class ProjectReading(ProjectStore):
    """Reads. Each raises :class:`ProjectUnknown` for projects the caller may not know of."""

    def _history(self, project_id: UUID) -> tuple[Project, list[Any]]:
        history: list[Any] = list(self.events.get(project_id))
        if not history:
            raise ProjectUnknown
        return folded(history), history

    def _names(self, history: list[Any]) -> Names:
        people, parties = people_and_parties(history)
        with self.connection() as connection:
            return read_model.names(connection, people=people, parties=parties)

    def _forms(self, flow: Flow) -> dict[str, dict[str, Any]]:
        """The JSON schemas of the demand forms of ``flow``, those that filled forms are checked against."""
        wanted = {leaf.form for leaf in flow.leaves if leaf.form}
        if not wanted:
            return {}
        with self.connection() as connection:
            return read_model.form_schemas(connection, wanted)

    def details(
        self, *, by: Caller, project_id: UUID, as_customer: bool = False, at: datetime | None = None
    ) -> dict[str, Any]:
        """项目详情 (R-66 … R-80); with ``at`` as the page was then, for those who may see it now. Names and contacts
        are those of now.

        :raises NotStartedThen: the project began later. :raises RunUnknown: ``at`` lies in an earlier run, which the
            caller may not see (A-68).
        """
        project, history = self._history(project_id)
        view = view_of(project, by, as_customer=as_customer)
        waiting = None
        if at is not None:
            history = list(takewhile(lambda e: e.timestamp <= at, history))
            if not history:
                raise NotStartedThen
            present, project = project, folded(history)
            if project.run != present.run and not view.earlier_runs:
                raise RunUnknown
        else:
            with self.connection() as connection:
                waiting = read_model.waiting(connection, project_id)
        flow = self.flow_of(project)
        return Details(
            project=project,
            flow=flow,
            history=history,
            names=self._names(history),
            forms=self._forms(flow),
            waiting=waiting,
            person=person_of(by),
            roles=by.roles,
            view=view,
            timing=Timing(
                project=project, history=history, calendar=self.calendar.known().calendar, now=at or self.clock.now()
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
            calendar=self.calendar.known().calendar,
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
        shown = project.run if run is None else run
        if shown != project.run and not (view.earlier_runs and 1 <= shown < project.run):
            raise RunUnknown
        writer = LogWriter(self._names(history), project.customer_id, self.calendar.known().calendar)
        log = of_run(writer.rows(history), shown)
        rows, more = page_of(log, cursor=cursor, limit=limit, newest_first=True)
        return {
            "run": shown,
            **more,
            "items": [
                {
                    "node": row.node,
                    "event": row.event,
                    "actor": row.actor,
                    "remark": row.remark,
                    "time": time_text(row.at),
                    "earlier_run": row.earlier_run if view.earlier_runs else None,
                }
                for row in rows
            ],
        }

    def files_of(
        self,
        *,
        by: Caller,
        project_id: UUID,
        as_customer: bool = False,
        cursor: int | None = None,
        limit: int = PAGE,
    ) -> dict[str, Any]:
        """文件管理, oldest first (R-81)."""
        project, history = self._history(project_id)
        view = view_of(project, by, as_customer=as_customer)
        writer = LogWriter(self._names(history), project.customer_id)
        rows, more = page_of(file_rows(history, project, writer, view), cursor=cursor, limit=limit)
        return {"items": rows, **more}

    def comments(
        self,
        *,
        by: Caller,
        project_id: UUID,
        as_customer: bool = False,
        cursor: int | None = None,
        limit: int = PAGE,
    ) -> dict[str, Any]:
        """项目留言, oldest first (R-87, R-88)."""
        project, history = self._history(project_id)
        view_of(project, by, as_customer=as_customer)
        rows, more = page_of(self._talk(project, history, "CommentAdded", "comment_id"), cursor=cursor, limit=limit)
        return {"items": rows, **more}

    def notes(
        self,
        *,
        by: Caller,
        project_id: UUID,
        as_customer: bool = False,
        cursor: int | None = None,
        limit: int = PAGE,
    ) -> dict[str, Any]:
        """项目备注, oldest first; the customer is told that there is nothing of this kind (R-93)."""
        project, history = self._history(project_id)
        if not view_of(project, by, as_customer=as_customer).notes:
            raise ProjectUnknown
        rows, more = page_of(self._talk(project, history, "NoteAdded", "note_id"), cursor=cursor, limit=limit)
        return {"items": rows, **more}

    def _talk(self, project: Project, history: list[Any], kind: str, id_field: str) -> list[dict[str, str]]:
        names = self._names(history)
        return [
            {
                id_field: str(getattr(e, id_field)),
                "author": self._author(names, project, e.by),
                "role": "顾客" if e.by["kind"] == "customer" else names.role(e.by.get("role")),
                "time": time_text(e.timestamp),
                "text": e.text,
            }
            for e in history
            if type(e).__name__ == kind
        ]

    def _author(self, names: Names, project: Project, by: Mapping[str, Any]) -> str:
        return names.customer(project.customer_id) if by["kind"] == "customer" else names.person(by["user_id"])

    def open_file(self, *, by: Caller, file_id: UUID) -> tuple[dict[str, Any], BinaryIO]:
        """A file's row and its bytes (R-86).

        :raises FileUnknown: there is none, or the caller may not know it: not of the project, or the customer before
            the release (R-124).
        """
        with self.connection() as connection:
            row = read_model.file(connection, file_id)
        if row is None:
            raise FileUnknown
        project = self.project(row["project_id"])
        try:
            view: View = view_of(project, by)
        except ProjectUnknown:
            raise FileUnknown from None
        if not (project.files[file_id].released or view.unreleased_files):
            raise FileUnknown
        return row, self.files.open(row["storage"])
