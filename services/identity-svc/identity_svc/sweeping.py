"""Clearing away, now and then, what no longer counts."""

from __future__ import annotations

import threading

import structlog
from delivery_shared.service import Loop

from identity_svc.application import IdentityApplication

log = structlog.get_logger()

SWEEP = 600.0
"""Seconds between two clearings of sessions that are over."""

GRANT = 1.0
"""Seconds between two looks for links that are wanted."""


def sweeping(application: IdentityApplication) -> Loop:
    """The loop that does so."""

    def sweep(stopping: threading.Event) -> None:
        while not stopping.wait(SWEEP):
            try:
                application.forget_old()
            except Exception as error:
                log.warning("old sessions not deleted", error=repr(error))

    return sweep


def granting(application: IdentityApplication) -> Loop:
    """The loop that has new links sent to whom they are wanted for. Apart from the answer to whoever wants one, which
    so takes as long for what was never a link."""

    def grant(stopping: threading.Event) -> None:
        while not stopping.wait(GRANT):
            try:
                application.links.grant()
            except Exception as error:
                log.warning("links not sent", error=repr(error))

    return grant
