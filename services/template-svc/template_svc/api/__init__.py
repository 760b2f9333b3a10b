"""The HTTP interface: one module per resource, its schemas beside it."""

from template_svc.api import demand_forms, message_templates, products, roles, templates
from template_svc.api.errors import ERRORS

BLUEPRINTS = [templates.blp, products.blp, roles.blp, demand_forms.blp, message_templates.blp]

__all__ = ["BLUEPRINTS", "ERRORS"]
