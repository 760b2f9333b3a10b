"""Clearing away, now and then, what no longer counts."""

from __future__ import annotations

import threading

import structlog
from delivery_shared.service import Loop

from identity_svc.application import IdentityApplication

log = structlog.get_logger()

SWEEP = 600.0
"""Seconds between two clearings of sessions that are over."""


def sweeping(application: IdentityApplication) -> Loop:
    """The loop that does so."""

    def sweep(stopping: threading.Event) -> None:
        while not stopping.wait(SWEEP):
            try:
                application.sessions.forget_old()
                application.signed_requests.forget_old()
            except Exception as error:
                log.warning("old sessions not deleted", error=repr(error))

    return sweep
