"""Requests that are refused because of who asks, or how often: counted for alerts, and told in the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import structlog
from flask import Response, g, request
from prometheus_client import Counter

log = structlog.get_logger()

TOLD: Final = (401, 403, 429)

refusals = Counter(
    "delivery_http_refusals_total",
    "Requests refused: 401 (nobody known), 403 (may not), 429 (too often), by route template",
    ["service", "route", "status"],
)


def telling(service: str) -> Callable[[Response], Response]:
    """What tells of ``service``'s refusals, after each request. An expired access token is no news: 401 is counted
    only."""

    def tell(response: Response) -> Response:
        if response.status_code in TOLD:
            route = request.url_rule.rule if request.url_rule is not None else "none"
            refusals.labels(service, route, str(response.status_code)).inc()
            if response.status_code != 401:
                claims = g.get("claims")
                log.warning(
                    "refused",
                    status=response.status_code,
                    method=request.method,
                    route=route,
                    user_id=str(claims.user_id) if claims else None,
                )
        return response

    return tell
