"""What of `deploy/` is written by `make docs`: the rules on what is promised, all rules as Prometheus' operator takes
them, and the Helm chart. A test tells when that was forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tools import bi, chart
from tools.compose_file import ROOT
from tools.dashboard import DASHBOARD, dashboard
from tools.slos import SLOS_FILE, slos

ALERTS = ROOT / "deploy" / "monitoring" / "alerts.yml"
RULES = ROOT / "deploy" / "k8s" / "components" / "monitoring" / "rules.yaml"
HEAD = """# Written by `make docs` from deploy/monitoring/alerts.yml and slos.yml; do not edit.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: { name: delivery }
spec:
"""


def groups(text: str) -> str:
    """What stands below ``groups:``."""
    return text.partition("groups:\n")[2]


def rules() -> str:
    """The rules as an object of Kubernetes: the same lines, below another head."""
    lines = ["groups:", *groups(ALERTS.read_text(encoding="utf-8")).splitlines(), *groups(slos()).splitlines()]
    return HEAD + "".join(f"  {line}\n" for line in lines)


def written() -> Iterator[tuple[Path, str]]:
    """Every file that is written, with its text."""
    yield SLOS_FILE, slos()
    yield DASHBOARD, dashboard()
    yield RULES, rules()
    yield from chart.written()
    yield from bi.written()


if __name__ == "__main__":
    for path, text in written():
        path.write_text(text, encoding="utf-8")
