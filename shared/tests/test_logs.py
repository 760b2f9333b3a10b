"""One JSON object a line, whoever writes it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from delivery_shared.http.requests import Observed
from delivery_shared.logs import requests_are_logged
from structlog.testing import capture_logs

SERVER = """
import logging
from gunicorn.config import Config
from gunicorn.glogging import Logger
from delivery_shared.logs import configure_logging, library_logging
import structlog
configure_logging()
config = Config()
config.set("logconfig_dict", library_logging())
server = Logger(config)
server.info("Booting worker with pid: %s", 7)
try:
    raise ValueError("no such worker")
except ValueError:
    server.exception("Exception in worker process")
logging.getLogger("urllib3").warning("a library warns")
logging.getLogger("urllib3").info("… and says more than anybody asks")
structlog.get_logger().info("ours", service="project")
"""


def test_the_web_servers_lines_are_like_ours() -> None:
    done = subprocess.run([sys.executable, "-c", SERVER], capture_output=True, text=True, timeout=60, check=True)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [(line["event"], line["level"], line.get("logger")) for line in lines] == [
        ("Booting worker with pid: 7", "info", "gunicorn.error"),
        ("Exception in worker process", "error", "gunicorn.error"),
        ("a library warns", "warning", "urllib3"),
        ("ours", "info", None),
    ]
    assert "ValueError: no such worker" in lines[1]["exception"]
    assert all(line["timestamp"].endswith("Z") for line in lines)
    assert done.stdout == ""


PROCESS = """
import logging, threading, warnings
from delivery_shared.logs import configure_logging
configure_logging()
logging.getLogger("psycopg.pool").warning("error connecting in %r", "pool-1")
warnings.warn("soon gone", DeprecationWarning)
thread = threading.Thread(target=lambda: 1 / 0)
thread.start()
thread.join()
raise OSError("no space left")
"""


def test_what_nobody_caught_is_a_line_too() -> None:
    """… also in processes without a web server."""
    command = [sys.executable, "-W", "default", "-c", PROCESS]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [(line["event"].strip().partition("\n")[0], line["level"]) for line in lines] == [
        ("error connecting in 'pool-1'", "warning"),
        ("<string>:6: DeprecationWarning: soon gone", "warning"),
        ("ended by an error", "critical"),
        ("ended by an error", "critical"),
    ]
    assert "ZeroDivisionError" in lines[2]["exception"]
    assert "OSError: no space left" in lines[3]["exception"]
    assert (done.returncode, done.stdout) == (1, "")


def ask(path: str) -> list[Any]:
    """Ask a service that answers 404; what it logged."""

    def wsgi(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("404 Not Found", [])
        return [b"{}"]

    with capture_logs() as lines:
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "name=李四"}
        Observed(wsgi, "project", without=())(environ, lambda *_: None)
    return lines


def test_a_request_is_a_line_without_what_is_searched_for() -> None:
    (line,) = ask("/api/v1/projects")
    assert line.pop("seconds") >= 0
    assert line == {
        "event": "request",
        "log_level": "info",
        "service": "project",
        "method": "GET",
        "path": "/api/v1/projects",
        "status": 404,
    }


def test_a_line_has_no_secret_of_a_path() -> None:
    (line,) = ask("/intake/aliyun-spi/whoever-has-this-may-call/more")
    assert line["path"] == "/intake/aliyun-spi/***/more"


def test_lines_of_requests_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DELIVERY_ACCESS_LOG", "off")
    assert ask("/api/v1/projects") == []
    monkeypatch.setenv("DELIVERY_ACCESS_LOG", "maybe")
    with pytest.raises(SystemExit, match="DELIVERY_ACCESS_LOG is on or off, not 'maybe'"):
        requests_are_logged()
