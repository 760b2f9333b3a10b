"""A process that finds its schema older than its code, or no database, waits instead of failing: whoever prepares the
database may be at it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

import structlog
from eventsourcing.persistence import OperationalError
from sqlalchemy.exc import SQLAlchemyError

from delivery_shared.health import Health, serve_health
from delivery_shared.migrate import fits

T = TypeVar("T")

log = structlog.get_logger()

PAUSE = 2.0
"""Seconds between looks."""


def wait_for_schema(
    database_url: str,
    *,
    schema: str,
    package: str,
    stopping: threading.Event,
    bind: str | None = None,
    pause: float = PAUSE,
) -> bool:
    """Wait until the code can work with ``schema``, meanwhile alive and not ready on ``bind``; the log says why, once
    for each reason. False if told to stop before that."""
    reason = _reason(database_url, schema, package)
    if not reason:
        return True
    told = [reason]
    close: Callable[[], None] = serve_health(bind, Health(list, unready=lambda: told[-1])) if bind else lambda: None
    try:
        while reason:
            if reason != told[-1] or len(told) == 1:
                log.warning("waits for its database", service=schema, reason=reason)
                told.append(reason)
            if stopping.wait(pause):
                return False
            reason = _reason(database_url, schema, package)
    finally:
        close()
    return True


def _reason(database_url: str, schema: str, package: str) -> str:
    """Why the code cannot work yet; empty if it can."""
    try:
        found = fits(database_url, schema=schema, package=package)
    except SQLAlchemyError as error:
        return f"the database does not answer: {str(error.__cause__ or error).strip().splitlines()[0]}"
    if found.state == "older":
        return (
            f"the schema is at {', '.join(found.applied) or 'nothing'}, not at {', '.join(found.expected)}: run prepare"
        )
    return ""


def once_reachable(make: Callable[[], T], *, service: str, stopping: threading.Event, pause: float = PAUSE) -> T:
    """What ``make`` makes – a service, whose stores ask the database for something as they are made. A database that
    does not answer just then is waited for; the log says so, once.

    :raises SystemExit: told to stop before that; status 0.
    """
    told = False
    while True:
        try:
            return make()
        except OperationalError as error:
            if not told:
                log.warning("waits for its database", service=service, reason=f"it does not answer: {error}")
                told = True
        if stopping.wait(pause):
            raise SystemExit(0)
