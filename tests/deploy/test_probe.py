"""The probe of containers: 0 only for an answer of 200."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest


class Health(BaseHTTPRequestHandler):
    """Well at /livez only."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/livez" else 503)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def base() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Health) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def probe(address: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "delivery_shared.probe", address], capture_output=True, text=True, timeout=30
    )
    return done.returncode, done.stderr.strip()


def test_well_ill_and_away(base: str) -> None:
    assert probe(f"{base}/livez") == (0, "")
    assert probe(f"{base}/readyz") == (1, f"{base}/readyz: 503")
    status, said = probe("http://127.0.0.1:1/livez")
    assert (status, "ConnectionRefusedError" in said) == (1, True)
