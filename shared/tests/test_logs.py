"""One JSON object a line, whoever writes it."""

from __future__ import annotations

import json
import subprocess
import sys

SERVER = """
import logging
from gunicorn.config import Config
from gunicorn.glogging import Logger
from delivery_shared.logs import configure_logging, server_logging
import structlog
configure_logging()
config = Config()
config.set("logconfig_dict", server_logging())
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
