"""What every view needs of the application."""

from __future__ import annotations

from delivery_shared.http import application as _application
from delivery_shared.http import command, reply
from flask import Response

from project_svc.application import ProjectApplication
from project_svc.carrying_out import AnyOperation


def application() -> ProjectApplication:
    """The application of the running request."""
    found: ProjectApplication = _application()
    return found


def carried_out(operation: AnyOperation) -> Response:
    """The answer of ``operation``, carried out as the command of the running request."""
    return reply(application().carry_out(command(), operation))
