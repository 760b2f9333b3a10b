"""What the gateway answers, for Prometheus: ``python -m delivery_center.gateway.metrics``.

nginx tells of each request over a socket of files (``METRICS_SOCKET``, the same for ``deploy/gateway/start.sh``). What
clients see counts here, also what no service answered: 502 of one that is away, 429 of the limits. Nothing waits for
this process: what nginx cannot tell is not counted.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

import structlog
from delivery_shared.health import Health, serve_health
from delivery_shared.logs import configure_logging
from prometheus_client import Counter, Histogram

from delivery_center.gateway.market import MARKET
from delivery_center.gateway.routing import MARKETPLACES, PREFIX, target_of

log = structlog.get_logger()

LINE: Final = re.compile(rb": (?P<status>\d{3}) (?P<seconds>[\d.]+) (?P<path>/.*)$", re.DOTALL)
"""What nginx sends: the head of syslog, then ``log_format metrics``."""

requests = Counter(
    "delivery_gateway_requests_total", "Requests answered by the gateway, by service and status", ["service", "status"]
)
seconds = Histogram(
    "delivery_gateway_request_duration_seconds",
    "From a request's first byte to its answer's last, without streams",
    ["service"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


def service_of(path: str) -> str:
    """Whose a request is: a service, ``console`` for everything else. Clients can make no new name."""
    if not path.startswith((PREFIX, MARKETPLACES, MARKET)):
        return "console"
    return target_of(path) or "none"


def count(message: bytes) -> None:
    """Count one line; anything else is none of ours."""
    if (match := LINE.search(message)) is None:
        return
    service = service_of(match["path"].decode(errors="replace"))
    requests.labels(service, match["status"].decode()).inc()
    if service != "reporting-live":
        seconds.labels(service).observe(float(match["seconds"]))


def receive(path: Path, stopping: threading.Event) -> None:
    """Count what comes until told to stop. A socket left behind by a former process is replaced."""
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(path))
        listener.settimeout(0.5)
        while not stopping.is_set():
            with suppress(TimeoutError):
                count(listener.recv(65536))
    path.unlink(missing_ok=True)


def main() -> None:
    """Serve ``/metrics`` on ``DELIVERY_HEALTH_BIND`` until SIGTERM."""
    configure_logging()
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    close = serve_health(os.environ["DELIVERY_HEALTH_BIND"], Health(list))
    log.info("started", role="gateway-metrics")
    receive(Path(os.environ["METRICS_SOCKET"]), stopping)
    close()


if __name__ == "__main__":
    main()
