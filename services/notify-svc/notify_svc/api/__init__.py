"""The HTTP routes of notify-svc."""

from notify_svc.api import messages
from notify_svc.api.errors import ERRORS

BLUEPRINTS = [messages.blp]

__all__ = ["BLUEPRINTS", "ERRORS"]
