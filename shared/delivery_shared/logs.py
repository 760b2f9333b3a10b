"""Logging: one JSON object a line on standard error, with the correlation id of whatever is being handled."""

from __future__ import annotations

import logging
import os
import sys
from typing import Any

import structlog


def configure_logging() -> None:
    """Set structlog up once per process; ``DELIVERY_LOG_LEVEL`` (default INFO), ``DELIVERY_LOG_FORMAT=console``
    for reading by eye."""
    level = getattr(logging, os.environ.get("DELIVERY_LOG_LEVEL", "INFO").upper())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _renderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def server_logging() -> dict[str, Any]:
    """What the web server and libraries log, as lines like ours: a configuration of :mod:`logging` for a process that
    serves HTTP."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "ours": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [
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
        "root": {"level": "WARNING", "handlers": ["ours"]},
        "loggers": {"gunicorn.error": {"level": "INFO", "handlers": ["ours"], "propagate": False}},
    }


def _renderer() -> structlog.types.Processor:
    console = os.environ.get("DELIVERY_LOG_FORMAT") == "console"
    return structlog.dev.ConsoleRenderer() if console else structlog.processors.JSONRenderer()
