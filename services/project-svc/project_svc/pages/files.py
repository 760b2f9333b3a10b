"""文件管理: the files of a project."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from project_svc.access import View
from project_svc.domain.facts import FileAttached, ProjectFact
from project_svc.domain.project import Project
from project_svc.pages.flow_log import LogWriter, time_text


def file_rows(history: Iterable[ProjectFact], project: Project, writer: LogWriter, view: View) -> list[dict[str, Any]]:
    """The files the caller may see, oldest first (R-81 … R-83, R-124, A-68)."""
    attached = [fact for fact in history if isinstance(fact, FileAttached)]
    return [
        {
            "file_id": str(fact.file_id),
            "name": fact.file_name,
            "uploaded_at": time_text(fact.timestamp),
            "size": fact.size,
            "size_text": f"{-(-fact.size // 1024)}KB",
            "operator": writer.actor(fact.by, fact.timestamp),
            "node_id": fact.node,
            "node": fact.name,
            "visit": fact.visit,
            "run": fact.run,
            "released": project.files[fact.file_id].released,
            "href": f"/api/v1/files/{fact.file_id}",
        }
        for fact in attached
        if project.files[fact.file_id].released or view.internal(fact.run)
    ]
