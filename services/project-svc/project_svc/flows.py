"""The flows that projects walk, read from the copies of template versions."""

from __future__ import annotations

from uuid import UUID

from delivery_shared.messaging.consumer import NotYet

from project_svc import read_model
from project_svc.domain.flow import Flow
from project_svc.domain.project import Project
from project_svc.read_model import Connect


class Flows:
    """Flows by template version, each built once: the content of a version never changes."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._built: dict[tuple[UUID, int], Flow] = {}

    def version(self, template_id: UUID, version: int) -> Flow:
        """The flow of a template version. :raises NotYet: its content has not arrived."""
        flow = self._built.get((template_id, version))
        if flow is None:
            with self._connect() as connection:
                nodes = read_model.template_nodes(connection, template_id, version)
            if nodes is None:
                raise NotYet(f"template {template_id} version {version}")
            flow = self._built[(template_id, version)] = Flow(nodes)
        return flow

    def of(self, project: Project) -> Flow:
        """The flow the project started with (T-103). :raises NotYet: its content has not arrived."""
        return self.version(project.template_id, project.template_version)
