"""Logging: one JSON object a line on standard error, with the correlation id of whatever is being handled."""

from __future__ import annotations

import logging
import os
import sys

import structlog


def configure_logging() -> None:
    """Set structlog up once per process; ``DELIVERY_LOG_LEVEL`` (default INFO), ``DELIVERY_LOG_FORMAT=console``
    for reading by eye."""
    level = getattr(logging, os.environ.get("DELIVERY_LOG_LEVEL", "INFO").upper())
    console = os.environ.get("DELIVERY_LOG_FORMAT") == "console"
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer() if console else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
