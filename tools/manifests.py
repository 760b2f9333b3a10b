"""What of `deploy/` is written from other files of it, by `make docs`: the alert rules as Prometheus' operator takes
them, and the Helm chart. A test tells when that was forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tools import chart
from tools.compose_file import ROOT

ALERTS = ROOT / "deploy" / "monitoring" / "alerts.yml"
RULES = ROOT / "deploy" / "k8s" / "components" / "monitoring" / "rules.yaml"
HEAD = """# Written by `make docs` from deploy/monitoring/alerts.yml; do not edit.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: { name: delivery }
spec:
"""


def rules() -> str:
    """The alert rules as an object of Kubernetes: the same lines, below another head."""
    body = ALERTS.read_text(encoding="utf-8").partition("groups:\n")[2]
    return HEAD + "".join(f"  {line}\n" if line else "\n" for line in ["groups:", *body.splitlines()])


def written() -> Iterator[tuple[Path, str]]:
    """Every file that is written, with its text."""
    yield RULES, rules()
    yield from chart.written()


if __name__ == "__main__":
    for path, text in written():
        path.write_text(text, encoding="utf-8")
