"""The HTTP interface: one module per resource, its schemas beside it."""

from intake_svc.api import connections, marketplaces, mirrors, notices
from intake_svc.api.errors import ERRORS

BLUEPRINTS = [marketplaces.blp, connections.blp, notices.blp, mirrors.blp]

__all__ = ["BLUEPRINTS", "ERRORS"]
