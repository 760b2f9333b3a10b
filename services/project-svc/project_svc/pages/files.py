"""文件管理: the files of a project."""

from __future__ import annotations

from typing import Any

from project_svc.domain.facts import FileAttached
from project_svc.pages.flow_log import LogWriter, time_text
from project_svc.pages.paging import Reading


def files(reading: Reading) -> list[dict[str, Any]]:
    """The files the caller may see (R-81 … R-83, R-124, A-68), without those taken away again."""
    project, view = reading.project, reading.view
    writer = LogWriter(reading.names, project.customer_id, view)
    attached = [f for f in reading.history if isinstance(f, FileAttached) and f.file_id in project.files]
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
            "removable": fact.file_id in reading.removable,
            "href": f"/api/v1/files/{fact.file_id}",
        }
        for fact in attached
        if project.files[fact.file_id].released or view.internal(fact.run)
    ]
