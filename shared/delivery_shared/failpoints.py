"""Places where a fault test kills or halts the process as a crash, or a machine that stalls, would."""

from __future__ import annotations

import os
import signal

VARIABLE = "DELIVERY_FAILPOINT"


def failpoint(name: str) -> None:
    """SIGKILL the own process if the environment's ``DELIVERY_FAILPOINT`` names this place, SIGSTOP it, once, if it
    says ``<name>:stop``; else nothing."""
    chosen = os.environ.get(VARIABLE)
    if chosen == name:
        os.kill(os.getpid(), signal.SIGKILL)
    elif chosen == f"{name}:stop":
        del os.environ[VARIABLE]
        os.kill(os.getpid(), signal.SIGSTOP)
