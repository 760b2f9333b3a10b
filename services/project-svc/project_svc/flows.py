"""The flows that projects walk, read from the copies of template versions."""

from __future__ import annotations

import time
from uuid import UUID

from delivery_shared.messaging.consumer import NotYet

from project_svc import read_model
from project_svc.domain.flow import Flow
from project_svc.domain.project import Project
from project_svc.read_model import Connect

FRESH = 1.0
"""Seconds the templates without default messages are used without asking."""


class Flows:
    """Flows by template version, each built once: the content of a version never changes. With the default messages or
    without them, which its owner switches at any time."""

    def __init__(self, connect: Connect, *, default_messages: bool = True) -> None:
        """``default_messages``: off for who makes up a past of which nobody is to be told now."""
        self._connect = connect
        self._default_messages = default_messages
        self._built: dict[tuple[UUID, int, bool], Flow] = {}
        self._silent: frozenset[UUID] = frozenset()
        self._read_at: float | None = None

    def version(self, template_id: UUID, version: int) -> Flow:
        """The flow of a template version. :raises NotYet: its content has not arrived."""
        tells = self._default_messages and template_id not in self._without_messages()
        flow = self._built.get((template_id, version, tells))
        if flow is None:
            with self._connect() as connection:
                nodes = read_model.template_nodes(connection, template_id, version)
            if nodes is None:
                raise NotYet(f"template {template_id} version {version}")
            flow = self._built[(template_id, version, tells)] = Flow(nodes, default_messages=tells)
        return flow

    def of(self, project: Project) -> Flow:
        """The flow the project started with (T-103). :raises NotYet: its content has not arrived."""
        return self.version(project.template_id, project.template_version)

    def _without_messages(self) -> frozenset[UUID]:
        now = time.monotonic()
        if self._read_at is None or now - self._read_at >= FRESH:
            with self._connect() as connection:
                self._silent = read_model.silent_templates(connection)
            self._read_at = now
        return self._silent
