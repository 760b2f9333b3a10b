"""What is told of each request: how long it took, in the metrics, and a line in the log."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any, Final

import structlog
from prometheus_client import Histogram

from delivery_shared.logs import requests_are_logged, shown_path

log = structlog.get_logger()

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

durations = Histogram(
    "delivery_http_request_duration_seconds",
    "From a request's first line to its answer's, by route template",
    ["service", "method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


class Observed:
    """WSGI middleware: requests to ``service``, but those to the endpoints ``without``: health and metrics.

    Routes are templates, methods known ones, so that no client can make new series. The line has the path as it was
    asked, without secrets and without what follows ``?``: that may be what somebody searches for, a person's name.
    """

    def __init__(self, wsgi: Callable[..., Any], service: str, *, without: Iterable[str]) -> None:
        self.wsgi = wsgi
        self.service = service
        self.without = frozenset(without)
        self.is_logged = requests_are_logged()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        began = time.perf_counter()
        answered, rule = "500", None

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            nonlocal answered, rule
            # Flask takes the request out of the environment once it is answered.
            answered, rule = status, getattr(environ.get("werkzeug.request"), "url_rule", None)
            return start_response(status, headers, *rest)

        try:
            return self.wsgi(environ, start)
        finally:
            if rule is None or rule.endpoint not in self.without:
                method = environ.get("REQUEST_METHOD", "")
                seconds = time.perf_counter() - began
                durations.labels(
                    self.service,
                    method if method in METHODS else "other",
                    rule.rule if rule is not None else "none",
                    f"{answered[0]}xx",
                ).observe(seconds)
                if self.is_logged:
                    log.info(
                        "request",
                        service=self.service,
                        method=method,
                        path=shown_path(environ.get("PATH_INFO", "")),
                        status=int(answered[:3]),
                        seconds=round(seconds, 4),
                    )
