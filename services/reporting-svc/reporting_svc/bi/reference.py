"""The column reference at the end of docs/bi.md, from the comments in the SQL; ``make docs`` writes it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from reporting_svc.bi.installing import FILES, FRESHNESS

HEADING = "## Columns\n"

_VIEW = re.compile(r"COMMENT ON VIEW bi_v1\.(\w+) IS\s+'((?:[^']|'')*)'")
_COLUMN = re.compile(r"COMMENT ON COLUMN bi_v1\.(\w+)\.(\w+) IS\s+'((?:[^']|'')*)'")


def described() -> dict[str, tuple[str, dict[str, str]]]:
    """View → its comment and its columns' comments, in the order of the SQL, without the columns of freshness."""
    sql = "\n".join(path.read_text() for path in FILES)
    columns: dict[str, dict[str, str]] = {}
    for view, column, comment in _COLUMN.findall(sql):
        columns.setdefault(view, {})[column] = comment.replace("''", "'")
    return {view: (comment.replace("''", "'"), columns[view]) for view, comment in _VIEW.findall(sql)}


def markdown() -> str:
    """A table of columns per view, in the order of the SQL. Two columns are the same everywhere."""
    parts = [HEADING, "Every view but `tenant` has these as well:\n", _table(FRESHNESS)]
    for view, (comment, columns) in described().items():
        parts += [f"### {view}\n", f"{comment}\n", _table(columns)]
    return "\n".join(parts)


def _table(columns: Mapping[str, str]) -> str:
    lines = [f"| `{name}` | {comment} |" for name, comment in columns.items()]
    return "\n".join(["| column | meaning |", "|---|---|", *lines, ""])
