"""The HTTP side of identity-svc."""

from identity_svc.api import departments, links, me, parties, sessions, users, views

BLUEPRINTS = [sessions.blp, links.blp, me.blp, views.blp, users.blp, departments.blp, parties.blp]
"""All resources of this service."""

__all__ = ["BLUEPRINTS"]
