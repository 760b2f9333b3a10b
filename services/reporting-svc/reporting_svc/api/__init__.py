"""The HTTP routes of reporting-svc."""

from reporting_svc.api import buyers, dashboards, live, products, projects, purchased
from reporting_svc.api.errors import ERRORS

BLUEPRINTS = [projects.blp, products.blp, purchased.blp, buyers.blp, dashboards.blp, live.blp]

__all__ = ["BLUEPRINTS", "ERRORS"]
