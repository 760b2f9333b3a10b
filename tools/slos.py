"""What is promised about speed, as rules for Prometheus (`deploy/monitoring/slos.yml`, written by `make docs`): which
part of what happened was too slow or failed, over windows of minutes to days, and alerts on how fast the month's budget
of such events burns – the multiwindow, multi-burn-rate way of Google's SRE workbook: a long window tells that it
matters, a short one that it still goes on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tools.compose_file import ROOT

SLOS_FILE = ROOT / "deploy" / "monitoring" / "slos.yml"
HEAD = "# Written by `make docs` from tools/slos.py; do not edit. What is promised: docs/operations.md, Observe.\n"


@dataclass(frozen=True, kw_only=True)
class Slo:
    """``objective``: the part of what happens that is to be good, of 30 days. ``good`` and ``all`` are histogram series
    without their last part, with what selects them."""

    name: str
    objective: float
    metric: str
    within: float
    select: str = ""
    good: str = ""

    def good_rate(self, window: str) -> str:
        selected = ",".join(filter(None, [self.select, self.good, f'le="{self.within}"']))
        return f"(sum(rate({self.metric}_bucket{{{selected}}}[{window}])) or vector(0))"

    def rate(self, window: str) -> str:
        selected = f"{{{self.select}}}" if self.select else ""
        return f"sum(rate({self.metric}_count{selected}[{window}]))"


COMMANDS = 'method!~"GET|HEAD|OPTIONS"'

SLOS = [
    Slo(name="assigned", objective=0.99, metric="delivery_dispatch_assigned_seconds", within=5.0),
    Slo(name="refilled", objective=0.99, metric="delivery_dispatch_refilled_seconds", within=5.0),
    Slo(
        name="commanded",
        objective=0.995,
        metric="delivery_http_request_duration_seconds",
        within=2.5,
        select=COMMANDS,
        good='status!="5xx"',
    ),
    Slo(name="listed", objective=0.99, metric="delivery_feed_delay_seconds", within=5.0, select='feed="reporting"'),
]


@dataclass(frozen=True, kw_only=True)
class Burn:
    """``factor``: how many times faster than the budget allows, over both windows."""

    factor: float
    long: str
    short: str


FAST = [Burn(factor=14.4, long="1h", short="5m"), Burn(factor=6, long="6h", short="30m")]
SLOW = [Burn(factor=3, long="1d", short="2h"), Burn(factor=1, long="3d", short="6h")]
WINDOWS = ["5m", "30m", "1h", "2h", "6h", "1d", "3d"]
FEW = 20
"""So many events a long window must have at least: of three, one that is slow is no sign."""

SECONDS = {"1h": 3600, "6h": 6 * 3600, "1d": 86400, "3d": 3 * 86400}


def records() -> Iterator[tuple[str, str, str]]:
    """Name, expression and SLO of what is recorded."""
    for slo in SLOS:
        yield "delivery:slo_budget:ratio", f"vector({round(1 - slo.objective, 6)})", slo.name
        for window in WINDOWS:
            yield f"delivery:slo_events:rate{window}", slo.rate(window), slo.name
            wrong = f"1 - {slo.good_rate(window)} / ({slo.rate(window)} > 0)"
            yield f"delivery:slo_errors:ratio_rate{window}", wrong, slo.name


def burning(burn: Burn) -> str:
    """When an SLO burns as fast as that."""
    long, short = (
        f"delivery:slo_errors:ratio_rate{window} > on (slo) group_left () {burn.factor} * delivery:slo_budget:ratio"
        for window in (burn.long, burn.short)
    )
    enough = f"delivery:slo_events:rate{burn.long} * {SECONDS[burn.long]} > {FEW}"
    return f"(({long}) and on (slo) ({short}) and on (slo) ({enough}))"


def alert(name: str, burns: list[Burn], severity: str, wait: str, summary: str) -> str:
    expression = " or\n          ".join(map(burning, burns))
    return (
        f"      - alert: {name}\n        expr: >-\n          {expression}\n        for: {wait}\n"
        f"        labels:\n          severity: {severity}\n        annotations:\n"
        f'          summary: "{summary}"\n'
        f'          runbook_url: "{{{{ $externalLabels.runbooks }}}}docs/operations.md#{name.lower()}"\n'
    )


def slos() -> str:
    """The file."""
    text = HEAD + "groups:\n  - name: delivery-slos\n    interval: 30s\n    rules:\n"
    for name, expression, slo in records():
        text += f"      - record: {name}\n        expr: >-\n          {expression}\n        labels: {{ slo: {slo} }}\n"
    said = "{{ $labels.slo }}: {{ $value | humanizePercentage }} are too slow or fail, %s"
    text += "  - name: delivery-slo-alerts\n    rules:\n"
    text += alert("SloBurnsFast", FAST, "critical", "2m", said % "so the month's budget is gone within days")
    text += alert("SloBurnsSlowly", SLOW, "warning", "15m", said % "more than the month's budget allows")
    return text
