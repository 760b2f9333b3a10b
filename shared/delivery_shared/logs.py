"""Logging: one JSON object a line on standard error, with the correlation id of whatever is being handled. Whoever
writes it: we, the web server, a library, or Python about what nobody caught."""

from __future__ import annotations

import logging
import logging.config
import os
import re
import sys
import threading
from types import TracebackType
from typing import Any, Final

import structlog

log = structlog.get_logger()

BEARING_PATH: Final = "^(/intake/[^/]+/)[^/]+"
"""Paths whose next segment is a secret: who has it may call. The gateway's lines leave out what ours do."""
HIDDEN: Final = "***"


def shown_path(path: str) -> str:
    """A path as lines and spans have it."""
    return re.sub(BEARING_PATH, rf"\g<1>{HIDDEN}", path)


def configure_logging() -> None:
    """Set everything up once per process; ``DELIVERY_LOG_LEVEL`` (default INFO), ``DELIVERY_LOG_FORMAT=console``
    for reading by eye."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _renderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_level()),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(library_logging())
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda told: _uncaught(told.exc_type, told.exc_value, told.exc_traceback)


def library_logging() -> dict[str, Any]:
    """What libraries log – from WARNING on – and the web server, as lines like ours: a configuration of
    :mod:`logging`."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "ours": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [
                    structlog.contextvars.merge_contextvars,
                    structlog.stdlib.add_log_level,
                    structlog.stdlib.add_logger_name,
                    structlog.processors.TimeStamper(fmt="iso", utc=True),
                ],
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    _renderer(),
                ],
            }
        },
        "handlers": {"ours": {"class": "logging.StreamHandler", "formatter": "ours", "stream": "ext://sys.stderr"}},
        "root": {"level": max(logging.WARNING, _level()), "handlers": ["ours"]},
        "loggers": {"gunicorn.error": {"level": _level(), "handlers": ["ours"], "propagate": False}},
    }


def requests_are_logged() -> bool:
    """Whether services write a line for each request: unless ``DELIVERY_ACCESS_LOG`` is ``off``.

    :raises SystemExit: it is something else than on and off.
    """
    said = os.environ.get("DELIVERY_ACCESS_LOG", "on")
    if said not in ("on", "off"):
        raise SystemExit(f"DELIVERY_ACCESS_LOG is on or off, not {said!r}")
    return said == "on"


def _level() -> int:
    level: int = getattr(logging, os.environ.get("DELIVERY_LOG_LEVEL", "INFO").upper())
    return level


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    """What would else be a traceback of many lines. Who presses Ctrl-C need not read it."""
    if not issubclass(kind, KeyboardInterrupt | SystemExit):
        log.critical("ended by an error", exc_info=(kind, error, trace))


def _renderer() -> structlog.types.Processor:
    console = os.environ.get("DELIVERY_LOG_FORMAT") == "console"
    return structlog.dev.ConsoleRenderer() if console else structlog.processors.JSONRenderer()
