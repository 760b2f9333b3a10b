"""The HTTP side of identity-svc."""

from identity_svc.api import access_keys, departments, links, me, parties, sessions, users, views

BLUEPRINTS = [
    sessions.blp, links.blp, me.blp, views.blp, users.blp, departments.blp, parties.blp, access_keys.blp
]  # fmt: skip
"""All resources of this service."""

__all__ = ["BLUEPRINTS"]
