"""The HTTP routes of notify-svc."""

from notify_svc.api import messages, outbox, preferences
from notify_svc.api.errors import ERRORS

BLUEPRINTS = [messages.blp, outbox.blp, preferences.blp]

__all__ = ["BLUEPRINTS", "ERRORS"]
