"""The HTTP side of project-svc: one module per resource."""

from flask_smorest import Blueprint

from project_svc.api import changes, files, market, orders, projects, talk, visits
from project_svc.api.errors import ERRORS

BLUEPRINTS: list[Blueprint] = [
    orders.blp,
    projects.blp,
    visits.blp,
    changes.blp,
    talk.blp,
    files.blp,
    market.blp,
]

__all__ = ["BLUEPRINTS", "ERRORS"]
