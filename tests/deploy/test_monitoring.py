"""Prometheus' configuration: valid, and it looks at every process there is."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml
from delivery_center.running.processes import ROLES

from tools.compose_file import containers
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


def test_alertmanager_accepts_its_configuration_and_prometheus_finds_it() -> None:
    configured = str(MONITORING / "alertmanager.yml")
    check = [program("amtool", package="prometheus-alertmanager"), "check-config", configured]
    done = subprocess.run(check, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    prometheus = yaml.safe_load((MONITORING / "prometheus.yml").read_text())
    (told,) = prometheus["alerting"]["alertmanagers"]
    assert told["static_configs"] == [{"targets": ["alertmanager:9093"]}]
    alertmanager = containers({})["alertmanager"]
    assert alertmanager.profiles == containers({})["prometheus"].profiles == ["monitoring"]


@pytest.mark.parametrize("file", ["alerts_test.yml", "promises_test.yml"])
def test_the_rules_tell_what_is_wrong(file: str) -> None:
    """Within two minutes an API, its container gone or not answering, and a gateway that answers with 502 or tells
    nothing; promises that are missed, as fast as it matters."""
    tests = Path(__file__).parents[1] / "operation" / file
    command = [program("promtool", package="prometheus"), "test", "rules", str(tests)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_process_is_missed() -> None:
    rules = yaml.safe_load((MONITORING / "alerts.yml").read_text())["groups"][0]["rules"]
    (expression,) = (rule["expr"] for rule in rules if rule["alert"] == "ProcessMissing")
    assert sorted(re.findall(r'absent\(up\{job="delivery",process="([a-z-]+)"\}\)', expression)) == sorted(ROLES)


def test_every_process_is_looked_at() -> None:
    """… under the job that the alert rules name."""
    jobs = {
        job["job_name"]: job for job in yaml.safe_load((MONITORING / "prometheus.yml").read_text())["scrape_configs"]
    }
    (found,) = jobs["delivery"]["dns_sd_configs"]
    assert sorted(found["names"]) == sorted(ROLES)
    assert found["port"] == 9000
