"""Prometheus' configuration: valid, and it looks at every process there is."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml
from delivery_center.processes import ROLES

from tools.programs import program

pytestmark = pytest.mark.integration  # needs a program that not every machine has

MONITORING = Path(__file__).parents[2] / "deploy" / "monitoring"


def test_prometheus_accepts_its_configuration() -> None:
    check = [
        program("promtool", package="prometheus"),
        "check",
        "config",
        "--syntax-only",
        str(MONITORING / "prometheus.yml"),
    ]
    done = subprocess.run(check, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_process_is_looked_at() -> None:
    """… under the job that the alert rules name."""
    jobs = {
        job["job_name"]: job for job in yaml.safe_load((MONITORING / "prometheus.yml").read_text())["scrape_configs"]
    }
    (found,) = jobs["delivery"]["dns_sd_configs"]
    assert sorted(found["names"]) == sorted(ROLES)
    assert found["port"] == 9000
