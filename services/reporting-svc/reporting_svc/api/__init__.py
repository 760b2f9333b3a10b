"""The HTTP routes of reporting-svc."""

from reporting_svc.api import dashboards, live, products, projects, purchased
from reporting_svc.api.errors import ERRORS

BLUEPRINTS = [projects.blp, products.blp, purchased.blp, dashboards.blp, live.blp]

__all__ = ["BLUEPRINTS", "ERRORS"]
