"""The files of `deploy/bi/dbt` that `make docs` writes: the views as dbt sources, with the comments of their SQL and
the tests their relations ask for, and the ready-made questions as exposures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml
from reporting_svc.bi.installing import FRESHNESS
from reporting_svc.bi.reference import described
from reporting_svc.bi.relations import CERTAIN, KEYS, REFERENCES, REQUIRED, VALUES

from tools.compose_file import ROOT

DBT: Final = ROOT / "deploy" / "bi" / "dbt" / "models"
QUESTIONS: Final = ROOT / "deploy" / "bi" / "sql"
HEAD: Final = "# Written by `make docs` from the comments and relations of reporting_svc/bi; do not edit.\n"

DAILY: Final = "fact_daily_snapshot"
LAST_WEEK: Final = {"config": {"where": "day >= current_date - 7"}}
"""What is tested of the view that grows by a row a project and day."""


def written() -> Iterator[tuple[Path, str]]:
    """Every file, with its text."""
    yield DBT / "sources.yml", HEAD + _yaml({"version": 2, "sources": [_source()]})
    yield DBT / "exposures.yml", HEAD + _yaml({"version": 2, "exposures": [_exposure(p) for p in questions()]})


def questions() -> list[Path]:
    """The ready-made SQL."""
    return sorted(QUESTIONS.glob("*.sql"))


def _yaml(content: Any) -> str:
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=10_000)


def _source() -> dict[str, Any]:
    return {
        "name": "bi",
        "schema": "bi_v1",
        "description": "Delivery center, documented in docs/bi.md. A tenant's role sees its own rows only.",
        "config": {
            "loaded_at_field": "fresh_at",
            "freshness": {"warn_after": {"count": 1, "period": "day"}},
        },
        "tables": [_table(view, comment, columns) for view, (comment, columns) in described().items()],
    }


def _table(view: str, comment: str, columns: dict[str, str]) -> dict[str, Any]:
    table: dict[str, Any] = {"name": view, "description": comment}
    if view == "tenant":
        table["config"] = {"freshness": None}
    else:
        columns = columns | FRESHNESS
    key = KEYS.get(view, ())
    if len(key) > 1:
        table["data_tests"] = [{"unique_combination": {"arguments": {"columns": list(key)}, **_where(view)}}]
    table["columns"] = [_column(view, name, text) for name, text in columns.items()]
    return table


def _column(view: str, name: str, comment: str) -> dict[str, Any]:
    tests: list[Any] = []
    where = _where(view)
    if name in REQUIRED.get(view, ()):
        tests.append({"not_null": where} if where else "not_null")
    if KEYS.get(view) == (name,):
        tests.append("unique")
    if name in VALUES.get(view, {}):
        values = list(VALUES[view][name])
        quoted = {} if isinstance(values[0], str) else {"quote": False}
        tests.append({"accepted_values": {"arguments": {"values": values, **quoted}, **where}})
    if name in CERTAIN.get(view, ()):
        other, field = REFERENCES[view][name].split(".")
        tests.append({"relationships": {"arguments": {"to": f"source('bi', '{other}')", "field": field}, **where}})
    return {"name": name, "description": comment, **({"data_tests": tests} if tests else {})}


def _where(view: str) -> dict[str, Any]:
    return LAST_WEEK if view == DAILY else {}


def _exposure(path: Path) -> dict[str, Any]:
    """A question, by the comment it begins with, and the views it asks."""
    sql = path.read_text(encoding="utf-8")
    head = " ".join(line.removeprefix("--").strip() for line in sql.splitlines() if line.startswith("--"))
    label, _, description = head.partition(":")
    used = dict.fromkeys(re.findall(r"\b(?:FROM|JOIN) bi_v1\.(\w+)(?!\w*\()", sql))
    return {
        "name": path.stem,
        "label": re.sub(r" \(.*\)$", "", label),
        "type": "analysis",
        "maturity": "high",
        "description": re.sub(r"\s+", " ", description.partition(" :")[0]).strip(),
        "owner": {"name": "delivery center", "email": "delivery@example.com"},
        "depends_on": [f"source('bi', '{view}')" for view in used],
    }
