"""Prometheus' configuration: valid, and it looks at every process there is."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
import yaml
from aiosmtpd.controller import Controller
from delivery_center.running.ports import free_port
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


class Letters(SimpleQueue[str]):
    """The texts of the letters that came, for people who read HTML."""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        (text,) = message_from_bytes(envelope.content, policy=policy.default).iter_parts()
        self.put(text.get_content())
        return "250 OK"


@contextmanager
def running(*command: str, **environment: str) -> Iterator[None]:
    process = subprocess.Popen(command, env={**os.environ, **environment}, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


@pytest.mark.parametrize("site", ["", "https://git.example.com/delivery-center/blob/v1.0.0/"], ids=["untold", "told"])
def test_a_letter_about_an_alert_names_its_runbook(site: str, tmp_path: Path) -> None:
    """… where the site has said that its documents are: from a rule of ours, by our configurations of both programs,
    with nothing but addresses and pauses changed."""
    letters = Letters()
    mail, alertmanager, prometheus = (free_port() for _ in range(3))
    told = yaml.safe_load((MONITORING / "alertmanager.yml").read_text(encoding="utf-8"))
    told["route"] |= {"group_wait": "0s"}
    told["receivers"][0]["email_configs"] = [
        {"to": "ops@example.com", "from": "alerts@example.com", "smarthost": f"127.0.0.1:{mail}", "require_tls": False}
    ]
    asks = yaml.safe_load((MONITORING / "prometheus.yml").read_text(encoding="utf-8"))
    asks["global"] |= {"evaluation_interval": "1s"}
    (group,) = yaml.safe_load((MONITORING / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    group["rules"] = [rule | {"for": "0s"} for rule in group["rules"] if rule.get("alert") == "Watchdog"]
    asks["alerting"]["alertmanagers"][0]["static_configs"] = [{"targets": [f"127.0.0.1:{alertmanager}"]}]
    asks |= {"rule_files": ["alerts.yml"], "scrape_configs": []}
    for name, configured in {"alertmanager": told, "prometheus": asks, "alerts": {"groups": [group]}}.items():
        (tmp_path / f"{name}.yml").write_text(yaml.safe_dump(configured), encoding="utf-8")
    server = Controller(letters, hostname="127.0.0.1", port=mail)
    server.start()  # type: ignore[no-untyped-call]
    try:
        with (
            running(
                program("prometheus-alertmanager", package="prometheus-alertmanager"),
                f"--config.file={tmp_path / 'alertmanager.yml'}",
                f"--storage.path={tmp_path / 'told'}",
                f"--web.listen-address=127.0.0.1:{alertmanager}",
                "--cluster.listen-address=",
            ),
            running(
                program("prometheus", package="prometheus"),
                f"--config.file={tmp_path / 'prometheus.yml'}",
                f"--storage.tsdb.path={tmp_path / 'series'}",
                f"--web.listen-address=127.0.0.1:{prometheus}",
                "--rules.alert.resend-delay=1s",  # what fires before it has found Alertmanager is told again soon
                "--enable-feature=expand-external-labels",  # of Prometheus 2; 3 needs to be asked no more
                **containers({"RUNBOOKS": site})["prometheus"].environment,
            ),
        ):
            letter = letters.get(timeout=60)
    finally:
        server.stop()  # type: ignore[no-untyped-call]
    assert "alertname = Watchdog" in letter
    assert f"runbook_url = {site}docs/operations.md#watchdog" in letter


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
