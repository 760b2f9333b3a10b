"""What nobody known may send: every header the API understands, on every kind of request."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.overload.load import Asked

HEADERS = {
    "Authorization": "Bearer forged",
    "Delivery-Min-Position": "template:999999999, identity:9999999, project:9999999, dispatch:9999999",
    "Idempotency-Key": "anonymous",
    "If-Match": '"1"',
    "X-Correlation-Id": "anonymous",
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "X-Forwarded-For": "9.9.9.9",
    "X-Forwarded-Proto": "https",
    "Cookie": "delivery_refresh=forged",
    "Origin": "https://elsewhere.example",
    "Accept-Encoding": "gzip",
    "Last-Event-ID": "1",
    "Range": "bytes=0-",
    "Expect": "",
    "Transfer-Encoding": "",
}
"""Those of the OpenAPI document, and what proxies, browsers and tracing send. Empty: not sent by this client, which
frames its requests itself."""


def anonymous(base: str, path: str, seed: int) -> Callable[[], Asked]:
    """Requests to ``path``: reads and commands in turn, with and without a body, with all headers but for a few left
    out at random."""
    draw = random.Random(seed)

    def one() -> Asked:
        headers = {name: value for name, value in HEADERS.items() if value and draw.random() < 0.9}
        method = draw.choice(["GET", "GET", "POST", "PUT", "DELETE"])
        body = {"text": "x" * draw.choice([1, 1000, 100_000])} if method in ("POST", "PUT") else None
        return Asked(method=method, url=f"{base}{path}", headers=headers, json=body)

    return one
