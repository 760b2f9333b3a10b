"""Alert rules and dashboard name only what is exported, and every alert tells whoever is woken what to do."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import promql_parser
import pytest
import yaml
from delivery_center import demo
from delivery_center.accounts import settle
from delivery_center.client import Client
from delivery_center.composition import COMPOSE
from delivery_center.gateway import metrics as gateway_metrics
from delivery_center.gateway.routing import PAGES, PREFIX, SEGMENTS, documentation
from delivery_center.load.prepared_system import PreparedSystem
from delivery_center.load.simulated_people import http_hands
from delivery_center.running.processes import ROLES, System
from delivery_center.stories.story import REQUIREMENT
from delivery_shared.metrics import exposition
from delivery_shared.testing.fixtures import eventually
from identity_svc.bootstrap import OPERATOR
from prometheus_client.parser import text_string_to_metric_families

from tools.programs import program

ROOT = Path(__file__).parents[2]
MONITORING = ROOT / "deploy" / "monitoring"
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
ALL_RULES: list[dict[str, Any]] = [
    rule
    for file in ("alerts.yml", "slos.yml")
    for group in yaml.safe_load((MONITORING / file).read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]
RULES = [rule for rule in ALL_RULES if "alert" in rule]
RECORDED = {rule["record"] for rule in ALL_RULES if "record" in rule}
ALL_PANELS: list[dict[str, Any]] = json.loads((MONITORING / "dashboard.json").read_text(encoding="utf-8"))["panels"]
PANELS = [panel for panel in ALL_PANELS if panel["type"] != "row"]
SITE = "{{ $externalLabels.runbooks }}"
"""What stands before the path of a runbook: empty, unless the site says where its documents are."""
PROMETHEUS_OWN = {"up", "ALERTS"}
OF_THE_GATEWAY = {"delivery_gateway_requests_total"}
"""Seen in tests/deploy/test_gateway_metrics.py."""
OF_OTHERS = {
    "kubelet_volume_stats_available_bytes",
    "kubelet_volume_stats_capacity_bytes",
    "rabbitmq_disk_space_available_bytes",
    "rabbitmq_disk_space_available_limit_bytes",
    "rabbitmq_process_resident_memory_bytes",
    "barman_cloud_cloudnative_pg_io_last_available_backup_timestamp",
    "certmanager_certificate_expiration_timestamp_seconds",
    "cnpg_collector_last_available_backup_timestamp",
    "cnpg_pg_replication_lag",
    "cnpg_pg_replication_streaming_replicas",
    "kube_horizontalpodautoscaler_spec_max_replicas",
    "kube_horizontalpodautoscaler_status_current_replicas",
}
"""As Kubernetes, its kube-state-metrics and cert-manager, RabbitMQ and CloudNativePG document them."""
NEEDS_A_CHANNEL = {"delivery_notify_attempts_total", "delivery_notify_send_duration_seconds_bucket"}
"""Of senders that have something to send; the installation of these tests has no mail server."""
UNCONVENTIONAL = {"delivery_template_calendar_days"}
"""No duration in a unit that is no base unit, but a number of dates."""
NEEDS_TROUBLE = {"delivery_feed_gaps_total", "delivery_http_refused_total"}


class Selectors:
    """Gathers the metrics an expression selects."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def __call__(self, node: Any) -> bool:
        if isinstance(node, promql_parser.VectorSelector):
            self.names |= {node.name} if node.name else self._matched(node)
        return True

    def _matched(self, node: Any) -> set[str]:
        """Names in ``{__name__=~"one|other"}``."""
        (names,) = (matcher.value for matcher in node.matchers.matchers if matcher.name == "__name__")
        return set(names.split("|"))


def metrics_of(expression: str) -> set[str]:
    """:raises ValueError: it is no PromQL."""
    gather = Selectors()
    promql_parser.walk(promql_parser.parse(expression.replace("$__rate_interval", "5m")), gather)
    return gather.names


def expressions() -> Iterator[tuple[str, str]]:
    for rule in ALL_RULES:
        yield rule.get("alert") or rule["record"], rule["expr"]
    for panel in PANELS:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_every_alert_says_how_bad_it_is_and_has_a_section_in_the_handbook(rule: dict[str, Any]) -> None:
    assert rule.keys() == {"alert", "expr", "for", "labels", "annotations"}
    assert rule["labels"]["severity"] in (("none",) if rule["alert"] == "Watchdog" else ("critical", "warning"))
    assert promql_parser.parse_duration(rule["for"]).total_seconds() >= 0
    assert rule["annotations"].keys() == {"summary", "runbook_url"}
    assert rule["annotations"]["runbook_url"] == f"{SITE}docs/operations.md#{rule['alert'].lower()}"
    section = re.search(rf"^### {rule['alert']}\n(.+?)(?=^#|\Z)", OPERATIONS, re.MULTILINE | re.DOTALL)
    assert section is not None
    assert "**Do**" in section[1]


def test_no_section_is_left_without_its_alert() -> None:
    chapter = OPERATIONS.partition("## React to each alert")[2].partition("\n## ")[0]
    assert re.findall(r"^### (\w+)$", chapter, re.MULTILINE) == [rule["alert"] for rule in RULES]


def test_panels_have_places_and_units_of_their_own() -> None:
    assert len({panel["id"] for panel in PANELS}) == len({panel["title"] for panel in PANELS}) == len(PANELS)
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in ALL_PANELS)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(set(cells)) == len(cells), "panels lie upon each other"
    assert max(x for x, _ in cells) < 24
    for panel in PANELS:
        asked = {"seconds" in name for target in panel["targets"] for name in metrics_of(target["expr"])}
        assert len(asked) == 1 or panel["type"] != "timeseries", f"{panel['title']}: seconds and numbers on one axis"


def test_whoever_is_on_call_sees_health_first() -> None:
    rows = {panel["title"]: panel["gridPos"]["y"] for panel in ALL_PANELS if panel["type"] == "row"}
    assert list(rows) == ["Health", "Flow", "Resources"]
    assert sorted(rows.values()) == list(rows.values())
    lamps = [panel for panel in PANELS if panel["type"] == "stat"]
    assert all(panel["gridPos"]["y"] < rows["Flow"] for panel in lamps)
    for panel in lamps:
        colours = [step["color"] for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]]
        assert {"green", "red"} <= set(colours), panel["title"]
    (processes,) = (panel for panel in lamps if panel["title"] == "Processes that answer")
    assert processes["fieldConfig"]["defaults"]["thresholds"]["steps"][-1] == {"color": "green", "value": len(ROLES)}


def test_what_rules_go_by_is_recorded() -> None:
    named = {name for _, expression in expressions() for name in metrics_of(expression) if ":" in name}
    assert named <= RECORDED


def test_an_expression_that_is_none_is_noticed() -> None:
    with pytest.raises(ValueError, match=r"unexpected|unclosed|parse"):
        metrics_of("max by (source (delivery_outbox_waiting)")
    assert metrics_of('rate(a{b="c"}[5m]) / on (x) group_left () max(d)') == {"a", "d"}


@pytest.mark.faults
def test_every_metric_named_is_exported(system: System, installation: PreparedSystem) -> None:
    """Scraped from every process while a project runs: with samples, but for what only comes with trouble."""
    with http_hands(system, REQUIREMENT, threads=2) as hands:
        robots = installation.robots(hands)
        (project,) = robots.order(installation.orders(1))
        robots.run(lambda: project in robots.completed, timeout=60)
    named = {name: title for title, expression in expressions() for name in metrics_of(expression)}
    wanted = named.keys() - PROMETHEUS_OWN - OF_THE_GATEWAY - OF_OTHERS - RECORDED

    def missing() -> set[str]:
        families, samples = set(), set()
        for process in ROLES:
            for family in text_string_to_metric_families(system.metrics(process)):
                families.add(family.name)
                samples |= {sample.name for sample in family.samples}
        rare = {n for n in NEEDS_A_CHANNEL | NEEDS_TROUBLE if re.sub(r"_(total|bucket)$", "", n) in families}
        return wanted - samples - rare

    eventually(lambda: missing() == set(), timeout=20, every=0.5)


@pytest.mark.faults
def test_metrics_have_conventional_names(system: System) -> None:
    """… units, kinds and descriptions, as Prometheus' own linter wants them; and no `_created` beside each."""
    linter = program("promtool", package="prometheus")
    told = {process: system.metrics(process) for process in ROLES} | {"gateway-metrics": exposition_of_the_gateway()}
    for process, text in told.items():
        done = subprocess.run([linter, "check", "metrics"], input=text, capture_output=True, text=True, timeout=60)
        found = [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("delivery_")]
        assert [line for line in found if line.split()[0] not in UNCONVENTIONAL] == [], process
        assert [line for line in text.splitlines() if re.match(r"\w+_created\b", line)] == [], process
    times = [name for text in told.values() for name in re.findall(r"^# HELP (\w+) .*Unix time", text, re.MULTILINE)]
    assert set(times) == {"delivery_figures_read_timestamp_seconds"}


def exposition_of_the_gateway() -> str:
    gateway_metrics.count(b"<190>Oct 16 04:00:00 gateway: 200 0.010 /api/v1/projects")
    return exposition().decode()


@pytest.mark.faults
def test_every_line_is_a_json_object(system: System) -> None:
    """… whoever writes it: a request is one, and so is what the web server says of a process of its that is killed."""
    correlation_id = uuid4().hex
    address = f"{system.base_url('project')}/api/v1/project-status?search=李四"
    httpx.get(address, headers={"X-Correlation-Id": correlation_id})
    arbiter = system.running["project-api"].pid
    (worker,) = Path(f"/proc/{arbiter}/task/{arbiter}/children").read_text().split()
    os.kill(int(worker), signal.SIGKILL)

    def lines(process: str) -> list[dict[str, Any]]:
        text = (system.folder / f"{process}.log").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    def told() -> set[str]:
        return {line["event"] for line in lines("project-api") if line.get("logger") == "gunicorn.error"}

    eventually(lambda: any("SIGKILL" in line for line in told()), timeout=20)
    (asked,) = (
        line for line in lines("project-api") if line.get("correlation_id") == correlation_id and "path" in line
    )
    assert (asked["event"], asked["service"], asked["method"]) == ("request", "project", "GET")
    assert (asked["path"], asked["status"]) == ("/api/v1/project-status", 401)
    for process in ROLES:
        assert all(isinstance(line, dict) and line["event"] for line in lines(process)), process

    def is_ready() -> bool:
        with suppress(httpx.HTTPError):
            return httpx.get(f"http://127.0.0.1:{system.health['project-api']}/readyz", timeout=5).is_success
        return False

    eventually(is_ready, timeout=20)


@pytest.mark.faults
def test_every_process_is_alive_and_ready_on_its_health_port(system: System) -> None:
    for process in ROLES:
        for path in ("/livez", "/readyz"):
            answer = httpx.get(f"http://127.0.0.1:{system.health[process]}{path}", timeout=5)
            assert answer.status_code == 200, (process, path, answer.text)
        behind = httpx.get(f"http://127.0.0.1:{system.health[process]}/api/v1/me", timeout=5)
        assert behind.status_code == 404, process


@pytest.mark.faults
def test_what_the_services_tell_adds_up(system: System, installation: PreparedSystem) -> None:
    """On a quiet installation every feed stands where its source's outbox ends, and nothing is put aside."""
    installation.settle()
    with Client(system.address) as client:
        operator = settle(client, demo.notebook(system.environment["DATABASE_URL"], system.folder), OPERATOR)

        def told() -> dict[str, Any]:
            return {name: operator.get(f"/api/v1/{name}-status") for name in COMPOSE}

        def drained() -> bool:
            return all(s["outbox"] is None or s["outbox"]["waiting"] == 0 for s in told().values())

        eventually(drained, timeout=20)
        status = told()
    last = {name: s["outbox"]["last"] for name, s in status.items() if s["outbox"]}
    assert last.keys() == {"template", "identity", "intake", "project", "dispatch"}
    feeds = [feed for s in status.values() for feed in s["feeds"]]
    assert len(feeds) >= 16
    assert [feed for feed in feeds if feed["position"] != last[feed["source"]] or feed["parked"]] == []
    assert status["template"]["own"]["calendar_days"] > 0
    assert status["project"]["own"] == {"timers_late": 0, "timers_late_seconds": 0}
    assert status["dispatch"]["own"]["parked"] == status["notify"]["own"]["parked"] == 0


def test_the_status_page_is_clean_and_asks_what_exists() -> None:
    """No script or style inside the page, so that the strictest policy lets it run; every service is asked."""
    html = (PAGES / "status.html").read_text(encoding="utf-8")
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\bon\w+=|\bstyle=|https?:", html) == []
    script = (PAGES / "status.js").read_text(encoding="utf-8")
    asked = set(re.findall(r'"(\w+)"', re.search(r"SERVICES = \[(.*?)\]", script)[1]))  # type: ignore[index]
    assert {f"{service}-status" for service in asked} == {s for s in SEGMENTS if s.endswith("-status")}
    assert f"`{PREFIX}${{service}}-status`" in script


def test_the_gateway_serves_the_page_under_the_strictest_policy() -> None:
    client = documentation({}).test_client()
    kinds = {"": "text/html", "status.js": "text/javascript", "status.css": "text/css"}
    for name, kind in kinds.items():
        answer = client.get(f"/status/{name}")
        assert (answer.status_code, answer.mimetype) == (200, kind)
        policy = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'"
        assert answer.headers["Content-Security-Policy"] == policy
        answer.close()
    assert client.get("/status/status.py").status_code == 404
    assert client.get("/metrics").text.startswith("# HELP")
