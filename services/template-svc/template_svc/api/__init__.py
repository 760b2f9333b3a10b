"""The HTTP interface: one module per resource, its schemas beside it."""

from template_svc.api import (
    clock,
    demand_forms,
    designer,
    historical,
    holidays,
    message_templates,
    products,
    revisions,
    roles,
    templates,
)
from template_svc.api.errors import ERRORS

BLUEPRINTS = [
    templates.blp,
    revisions.blp,
    designer.blp,
    products.blp,
    historical.blp,
    roles.blp,
    demand_forms.blp,
    message_templates.blp,
    holidays.blp,
    clock.blp,
]

__all__ = ["BLUEPRINTS", "ERRORS"]
