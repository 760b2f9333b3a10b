"""The HTTP side of dispatch-svc."""

from dispatch_svc.api import configurations, decisions, queue, staff

BLUEPRINTS = [configurations.blp, staff.blp, queue.blp, decisions.blp]
"""All resources of this service."""

__all__ = ["BLUEPRINTS"]
