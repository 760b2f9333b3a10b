"""What clients get is counted, whoever answers: a real nginx tells the process that counts."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from delivery_center.gateway import metrics
from delivery_center.gateway.nginx import Limits
from delivery_center.running.ports import free_port
from delivery_shared.testing.fixtures import eventually
from prometheus_client.parser import text_string_to_metric_families

from tests.deploy.gateway import running_gateway

pytestmark = pytest.mark.integration  # needs a program that not every machine has


@contextmanager
def counting(socket: Path) -> Iterator[str]:
    """The process as its container runs it; the address of its metrics."""
    bind = f"127.0.0.1:{free_port()}"
    environment = {**os.environ, "METRICS_SOCKET": str(socket), "DELIVERY_HEALTH_BIND": bind}
    process = subprocess.Popen([sys.executable, "-m", "delivery_center.gateway.metrics"], env=environment)
    try:
        eventually(socket.exists)
        yield f"http://{bind}/metrics"
    finally:
        process.terminate()
        assert process.wait(20) == 0


def counted(address: str) -> dict[tuple[str, str], float]:
    """Service and status → how many requests."""
    text = httpx.get(address).text
    return {
        (sample.labels["service"], sample.labels["status"]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "delivery_gateway_requests_total"
    }


@pytest.fixture
def socket(tmp_path: Path) -> Path:
    return tmp_path / "requests"


def test_what_no_service_has_seen_is_counted(socket: Path, tmp_path: Path) -> None:
    telling = f'map $host $domain {{ default ""; }} access_log syslog:server=unix:{socket},nohostname metrics;'
    limits = Limits(sessions=1, sessions_burst=1)
    with (
        serving() as port,
        running_gateway(
            tmp_path, {"project": f"127.0.0.1:{port}", "identity": f"127.0.0.1:{port}"}, limits=limits, resolver=telling
        ) as base,
    ):
        assert httpx.get(f"{base}/api/v1/projects").status_code == 200  # nobody counts yet, and nobody minds
        with counting(socket) as metrics:
            for _ in range(3):
                httpx.get(f"{base}/api/v1/projects?secret=x")
            assert httpx.get(f"{base}/api/v1/templates").status_code == 502
            with ThreadPoolExecutor(20) as many:
                answers = list(many.map(lambda _: httpx.get(f"{base}/api/v1/sessions").status_code, range(20)))
            refused = answers.count(429)
            assert refused > 0
            httpx.get(f"{base}/api/v1/" + "x" * 3000)
            httpx.get(f"{base}/")

            def seen() -> bool:
                told = counted(metrics)
                return told.get(("project", "200")) == 3 and told.get(("console", "200")) == 1

            eventually(seen)
            told = counted(metrics)
            assert told["template", "502"] == 1
            assert told["identity", "429"] == refused
            assert told["none", "404"] == 1
            assert "secret" not in httpx.get(metrics).text
        with counting(socket) as metrics:  # started again, it is found again

            def found() -> bool:
                httpx.get(f"{base}/api/v1/projects")
                return counted(metrics).get(("project", "200"), 0) > 0

            eventually(found)


@contextmanager
def serving() -> Iterator[int]:
    """A service that answers."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.mark.parametrize(
    "message", [b"", b"<190>no", b": 20 0.1 /", b": 200 x /", b"\xff" * 5000, b": 200 0.1 no/path"]
)
def test_what_is_no_line_is_not_counted(message: bytes) -> None:
    metrics.count(message)


def test_clients_make_no_series() -> None:
    for path in ("/api/v1/x", "/api/v1/../x", "/y", "/api/v2/projects"):
        assert metrics.service_of(path) in ("none", "console")
    assert metrics.service_of("/api/v1/projects/1?x=1") == "project"
