"""Places where a fault test kills the process as a crash would."""

from __future__ import annotations

import os
import signal


def failpoint(name: str) -> None:
    """SIGKILL the own process if the environment's ``DELIVERY_FAILPOINT`` names this place; else nothing."""
    if os.environ.get("DELIVERY_FAILPOINT") == name:
        os.kill(os.getpid(), signal.SIGKILL)
