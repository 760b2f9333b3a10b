"""Grafana's dashboard for a person on call (`deploy/monitoring/dashboard.json`, written by `make docs`): first whether
all is well, as lamps and lists; then how orders flow, from the request to the lists; last what that takes. Seconds and
numbers never share an axis."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from delivery_center.running.processes import ROLES

from tools.compose_file import ROOT
from tools.slos import SLOS

DASHBOARD = ROOT / "deploy" / "monitoring" / "dashboard.json"
WIDTH = 24
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
OURS = 'job="delivery",process=~"$process"'
GREEN, YELLOW, RED = "green", "yellow", "red"


@dataclass(frozen=True, kw_only=True)
class Panel:
    """``series``: expressions with their legends. ``lamps``: from which values on it is yellow, and red, or only red; a
    lamp is a number with a colour. ``why``: what one who looks should know."""

    title: str
    unit: str = "short"
    series: Sequence[tuple[str, str]]
    lamps: Sequence[float] = ()
    low: bool = False
    """Whether low values are the bad ones."""
    kind: Literal["timeseries", "stat", "table"] = "timeseries"
    width: int = 8
    height: int = 7
    why: str = ""

    def json(self, number: int, x: int, y: int) -> dict[str, Any]:
        colours = [YELLOW, RED][-len(self.lamps) :] if self.lamps else []
        steps: list[dict[str, Any]] = [{"color": GREEN, "value": None}]
        steps += [{"color": colour, "value": value} for colour, value in zip(colours, self.lamps, strict=True)]
        if self.low:
            worst, bad = self.lamps
            steps = [{"color": RED, "value": None}, {"color": YELLOW, "value": worst}, {"color": GREEN, "value": bad}]
        defaults: dict[str, Any] = {"unit": self.unit, "min": 0, "thresholds": {"mode": "absolute", "steps": steps}}
        if self.kind == "stat":
            defaults |= {"color": {"mode": "thresholds"}, "noValue": "–"}
        elif self.lamps:
            defaults["custom"] = {"thresholdsStyle": {"mode": "dashed"}}
        return {
            "id": number,
            "title": self.title,
            "description": self.why,
            "type": self.kind,
            "datasource": SOURCE,
            "gridPos": {"h": self.height, "w": self.width, "x": x, "y": y},
            "fieldConfig": {"defaults": defaults, "overrides": []},
            "options": OPTIONS.get(self.kind, {}),
            "targets": [
                {
                    "refId": chr(ord("A") + position),
                    "expr": expression,
                    "legendFormat": legend,
                    "instant": self.kind in ("stat", "table"),
                    **({"format": "table"} if self.kind == "table" else {}),
                }
                for position, (expression, legend) in enumerate(self.series)
            ],
        }


OPTIONS: dict[str, dict[str, Any]] = {
    "stat": {
        "colorMode": "background",
        "graphMode": "none",
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "textMode": "auto",
    },
    "timeseries": {
        "legend": {"displayMode": "table", "placement": "bottom", "calcs": ["lastNotNull", "max"]},
        "tooltip": {"mode": "multi", "sort": "desc"},
    },
}


def p99(metric: str, by: str, select: str = "") -> str:
    return f"histogram_quantile(0.99, sum by ({by}, le) (rate({metric}_bucket{select}[$__rate_interval])))"


def lamp(title: str, expression: str, *lamps: float, unit: str = "short", why: str = "", low: bool = False) -> Panel:
    return Panel(
        title=title, unit=unit, series=[(expression, "")], lamps=lamps, kind="stat", width=4, height=4, why=why, low=low
    )


BEHIND = (
    "max by (source) (delivery_outbox_last_id)"
    " - on (source) group_right () max by (feed, source) (delivery_feed_position)"
)

HEALTH = [
    lamp(
        "Processes that answer",
        'count(count by (process) (up{job="delivery"} == 1))',
        len(ROLES) - 1,
        len(ROLES),
        low=True,
        why=f"{len(ROLES)} kinds of processes there must be; which is missing, ProcessMissing tells.",
    ),
    lamp("Alerts, critical", 'count(ALERTS{alertstate="firing",severity="critical"}) or vector(0)', 1),
    lamp("Alerts, warnings", 'count(ALERTS{alertstate="firing",severity="warning"}) or vector(0)', 1, 1000),
    lamp(
        "Clients get 5xx",
        'sum(rate(delivery_gateway_requests_total{status=~"5.."}[5m]))'
        " / sum(rate(delivery_gateway_requests_total[5m]))",
        0.001,
        0.01,
        unit="percentunit",
    ),
    lamp("Feed furthest behind", "max(delivery_feed_lag_seconds)", 10, 60, unit="s"),
    lamp("Outbox: oldest event", "max(delivery_outbox_oldest_seconds)", 10, 60, unit="s"),
    lamp("Pool waiting for a dispatcher", "max(delivery_dispatch_oldest_wake_seconds)", 5, 60, unit="s"),
    lamp(
        "Put aside",
        "sum(max by (feed, source) (delivery_feed_parked)) + max(delivery_dispatch_parked)",
        1,
        why="Messages and decisions somebody must look at: dc parked list.",
    ),
    lamp("Feeds stopped", "max(delivery_feed_stopped) + max(delivery_feed_missing)", 1),
    lamp("Timers late", "max(delivery_project_timers_late_seconds)", 30, 120, unit="s"),
    lamp("Mail and SMS due", "max(delivery_notify_oldest_due_seconds)", 300, 900, unit="s"),
    lamp("Calendar settled for", "max(delivery_template_calendar_days)", 30, 60, unit="d", low=True),
    Panel(
        title="What burns",
        unit="percentunit",
        kind="timeseries",
        width=12,
        series=[
            ("delivery:slo_errors:ratio_rate1h / on (slo) group_left () delivery:slo_budget:ratio / 14.4", "{{slo}}")
        ],
        lamps=[1],
        why="How fast each promise's budget burns over the last hour; at 100 % SloBurnsFast tells. "
        + "; ".join(f"{slo.name}: {slo.objective:.1%} within {slo.within:g} s" for slo in SLOS),
    ),
    Panel(
        title="Alerts that fire",
        kind="table",
        width=12,
        series=[
            (
                'sum by (alertname, severity) (ALERTS{alertstate="firing",severity!="none"})',
                "{{alertname}} {{severity}}",
            )
        ],
        why="What to do about each: docs/operations.md.",
    ),
    Panel(
        title="Versions that run",
        kind="table",
        width=12,
        series=[
            (
                'count by (process, version) (delivery_build_info{job="delivery"})',
                "",
            )
        ],
        why="During an upgrade a process has two.",
    ),
    Panel(
        title="Restarts",
        width=12,
        series=[(f"changes(process_start_time_seconds{{{OURS}}}[15m])", "{{process}} {{instance}}")],
        lamps=[2],
        why="A process that starts again and again ends by itself, or is killed for its memory.",
    ),
]

FLOW = [
    Panel(
        title="Requests per second",
        unit="reqps",
        series=[
            ("sum by (service) (rate(delivery_http_request_duration_seconds_count[$__rate_interval]))", "{{service}}")
        ],
    ),
    Panel(
        title="What clients get per second",
        unit="reqps",
        series=[
            (
                'sum by (service, status) (rate(delivery_gateway_requests_total{status=~"4..|5.."}[$__rate_interval]))',
                "{{service}} {{status}}",
            )
        ],
        why="429 are limits of the gateway; 502 and 504 no service has seen.",
    ),
    Panel(
        title="Latency, 99 of 100 requests",
        unit="s",
        series=[(p99("delivery_http_request_duration_seconds", "service"), "{{service}}")],
        lamps=[2.5],
    ),
    Panel(
        title="From an ask to its assignment, 99 of 100",
        unit="s",
        series=[
            (p99("delivery_dispatch_assigned_seconds", "level"), "{{level}}: somebody was free"),
            (p99("delivery_dispatch_refilled_seconds", "level"), "{{level}}: after a place became free"),
        ],
        lamps=[5],
    ),
    Panel(
        title="From a change to the lists, 99 of 100",
        unit="s",
        series=[(p99("delivery_feed_delay_seconds", "source", '{feed="reporting"}'), "{{source}}")],
        lamps=[5],
    ),
    Panel(
        title="Decisions per second",
        unit="ops",
        series=[
            ("sum by (outcome) (rate(delivery_dispatch_rows_total[$__rate_interval]))", "{{outcome}}"),
            ("sum(rate(delivery_dispatch_conflicts_total[$__rate_interval]))", "conflicts"),
        ],
    ),
    Panel(
        title="Queue: asks that wait",
        series=[("max(delivery_dispatch_waiting)", "for people"), ("max(delivery_dispatch_wakes)", "pools to look at")],
        why="Asks wait for people, which nobody on call can mend; pools wait for dispatchers.",
    ),
    Panel(
        title="Oldest in the queue",
        unit="s",
        series=[
            ("max(delivery_dispatch_oldest_waiting_seconds)", "oldest ask (waits for people)"),
            ("max(delivery_dispatch_oldest_wake_seconds)", "oldest wake (waits for a dispatcher)"),
        ],
    ),
    Panel(
        title="A dispatcher's pass, 99 of 100",
        unit="s",
        series=[
            (
                "histogram_quantile(0.99,"
                " sum by (le) (rate(delivery_dispatch_pass_duration_seconds_bucket[$__rate_interval])))",
                "seconds",
            )
        ],
    ),
    Panel(title="Outbox: events not confirmed", series=[("max by (source) (delivery_outbox_waiting)", "{{source}}")]),
    Panel(
        title="Outbox: age of the oldest",
        unit="s",
        series=[("max by (source) (delivery_outbox_oldest_seconds)", "{{source}}")],
        lamps=[60],
    ),
    Panel(
        title="Events published per second",
        unit="ops",
        series=[("sum by (service) (rate(delivery_relay_published_total[$__rate_interval]))", "{{service}}")],
    ),
    Panel(title="Feeds: ids behind", series=[(BEHIND, "{{feed}} of {{source}}")]),
    Panel(
        title="Feeds: seconds behind",
        unit="s",
        series=[("max by (feed, source) (delivery_feed_lag_seconds)", "{{feed}} of {{source}}")],
        lamps=[60],
    ),
    Panel(
        title="Messages applied per second",
        unit="ops",
        series=[
            ("sum by (feed, outcome) (rate(delivery_feed_messages_total[$__rate_interval]))", "{{feed}} {{outcome}}")
        ],
    ),
    Panel(
        title="Messages and decisions put aside",
        series=[
            ("max by (feed, source) (delivery_feed_parked)", "{{feed}} of {{source}}"),
            ("max(delivery_dispatch_parked)", "decisions"),
            ("max(delivery_notify_parked)", "deliveries"),
        ],
    ),
    Panel(
        title="Age of what is put aside",
        unit="s",
        series=[("max by (feed, source) (delivery_feed_oldest_parked_seconds)", "{{feed}} of {{source}}")],
    ),
    Panel(
        title="Gaps of streams",
        series=[
            ("sum by (feed, source) (increase(delivery_feed_gaps_total[$__rate_interval]))", "{{feed}} of {{source}}")
        ],
    ),
    Panel(title="Timers due and not fired", series=[("max(delivery_project_timers_late)", "timers")]),
    Panel(
        title="Mail and SMS: attempts per second",
        unit="ops",
        series=[
            (
                "sum by (channel, outcome) (rate(delivery_notify_attempts_total[$__rate_interval]))",
                "{{channel}} {{outcome}}",
            )
        ],
    ),
    Panel(
        title="Mail and SMS servers, 99 of 100",
        unit="s",
        series=[(p99("delivery_notify_send_duration_seconds", "channel"), "{{channel}}")],
    ),
    Panel(
        title="Sign-ins per minute",
        unit="cpm",
        series=[("sum by (outcome) (rate(delivery_sign_ins_total[$__rate_interval])) * 60", "{{outcome}}")],
        why="Many refused ones: somebody guesses, see SignInsGuessed.",
    ),
    Panel(
        title="Signed requests per minute",
        unit="cpm",
        series=[("sum by (outcome) (rate(delivery_signed_requests_total[$__rate_interval])) * 60", "{{outcome}}")],
        why="Refused ones of one code: a key was replaced on one side, or somebody guesses, see SignaturesRefused.",
    ),
    Panel(
        title="Calls of marketplaces per minute",
        unit="cpm",
        series=[
            (
                "sum by (kind, outcome) (rate(delivery_intake_notices_total[$__rate_interval])) * 60",
                "{{kind}} {{outcome}}",
            )
        ],
        why="signature, clock: the secret was replaced on one side, or somebody guesses, see NoticesNotAuthentic.",
    ),
    Panel(
        title="Sessions refreshed per minute",
        unit="cpm",
        series=[("sum by (outcome) (rate(delivery_session_refreshes_total[$__rate_interval])) * 60", "{{outcome}}")],
    ),
    Panel(
        title="Requests refused unseen, per second",
        unit="reqps",
        series=[("sum by (process, why) (rate(delivery_http_refused_total[$__rate_interval]))", "{{process}} {{why}}")],
    ),
]

RESOURCES = [
    Panel(title="CPU of processes", unit="percentunit", series=[
        (f"sum by (process) (rate(process_cpu_seconds_total{{{OURS}}}[$__rate_interval]))", "{{process}}")],
        why="Of a core; Python uses one at most, so a feed or a relay near 100 % is the bottleneck."),
    Panel(title="Memory of processes", unit="bytes", series=[
        (f"max by (process) (process_resident_memory_bytes{{{OURS}}})", "{{process}}")]),
    Panel(title="Open files of processes", series=[
        (f"max by (process) (process_open_fds{{{OURS}}})", "{{process}}")]),
    Panel(title="Garbage collected per second", unit="ops", series=[
        (f"sum by (process) (rate(python_gc_collections_total{{{OURS}}}[$__rate_interval]))", "{{process}}")]),
    Panel(title="Database connections", series=[
        ("sum by (service, state) (delivery_database_connections)", "{{service}} {{state}}")]),
    Panel(title="Connections to the broker", series=[
        ("sum by (use, name) (delivery_broker_connections)", "{{use}} {{name}}")]),
    Panel(title="Broker: free disk", unit="bytes", series=[
        ("rabbitmq_disk_space_available_bytes", "{{instance}}"),
        ("max(rabbitmq_disk_space_available_limit_bytes)", "it refuses below")]),
    Panel(title="Broker: memory", unit="bytes", series=[("rabbitmq_process_resident_memory_bytes", "{{instance}}")]),
    Panel(title="Free disk of volumes", unit="percentunit", series=[
        ('kubelet_volume_stats_available_bytes{namespace="delivery"}'
         ' / kubelet_volume_stats_capacity_bytes{namespace="delivery"}', "{{persistentvolumeclaim}}")],
        why="In Kubernetes only."),
    Panel(title="Age of the figures", unit="s", series=[
        ("time() - max by (service) (delivery_figures_read_timestamp_seconds)", "{{service}}")]),
    Panel(title="Outbox: ids confirmed", series=[("max by (source) (delivery_outbox_position)", "{{source}}")]),
    Panel(title="Age of the last `dc backup`", unit="s", lamps=[93600], series=[
        ("min(delivery_identity_backup_age_seconds)", "age")],
        why="CloudNativePG's own backups are not among them."),
    Panel(title="Commands saved together, 99 of 100", series=[
        (p99("delivery_commands_of_a_save", "service"), "{{service}}")]),
]  # fmt: skip


def panels() -> Iterator[dict[str, Any]]:
    """Rows with their panels, from left to right."""
    number, y = 0, 0
    for title, found in (("Health", HEALTH), ("Flow", FLOW), ("Resources", RESOURCES)):
        number += 1
        yield {"id": number, "type": "row", "title": title, "collapsed": False, "panels": [],
               "gridPos": {"h": 1, "w": WIDTH, "x": 0, "y": y}}  # fmt: skip
        y, x, height = y + 1, 0, 0
        for panel in found:
            if x + panel.width > WIDTH:
                x, y, height = 0, y + height, 0
            number += 1
            yield panel.json(number, x, y)
            x, height = x + panel.width, max(height, panel.height)
        y += height


def dashboard() -> str:
    """The file."""
    datasource = {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus",
                  "current": {}, "hide": 0}  # fmt: skip
    process = {
        "name": "process", "label": "Process", "type": "query", "datasource": SOURCE, "includeAll": True,
        "multi": True, "allValue": ".*", "current": {"text": "All", "value": "$__all"}, "refresh": 2, "sort": 1,
        "query": {"query": 'label_values(up{job="delivery"}, process)', "refId": "process"},
    }  # fmt: skip
    return json.dumps(
        {
            "title": "Delivery center", "uid": "delivery-center", "tags": ["delivery"], "timezone": "browser",
            "schemaVersion": 39, "version": 2, "editable": True, "refresh": "30s",
            "time": {"from": "now-3h", "to": "now"}, "templating": {"list": [datasource, process]},
            "annotations": {"list": []}, "panels": list(panels()),
        },
        ensure_ascii=False, indent=1,
    ) + "\n"  # fmt: skip
