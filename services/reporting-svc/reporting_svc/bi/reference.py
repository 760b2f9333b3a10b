"""The column reference at the end of docs/bi.md, from the comments in the SQL; ``make docs`` writes it."""

from __future__ import annotations

import re

from reporting_svc.bi.installing import FILES, FRESHNESS

HEADING = "## Columns\n"

_VIEW = re.compile(r"COMMENT ON VIEW bi_v1\.(\w+) IS\s+'((?:[^']|'')*)'")
_COLUMN = re.compile(r"COMMENT ON COLUMN bi_v1\.(\w+)\.(\w+) IS\s+'((?:[^']|'')*)'")


def markdown() -> str:
    """A table of columns per view, in the order of the SQL. The last two columns are the same everywhere."""
    sql = "\n".join(path.read_text() for path in FILES)
    columns: dict[str, list[tuple[str, str]]] = {}
    for view, column, comment in _COLUMN.findall(sql):
        columns.setdefault(view, []).append((column, comment))
    parts = [HEADING, "Every view but `tenant` ends with these:\n", _table(list(FRESHNESS.items()))]
    for view, comment in _VIEW.findall(sql):
        parts += [f"### {view}\n", f"{comment}\n".replace("''", "'"), _table(columns[view])]
    return "\n".join(parts)


def _table(columns: list[tuple[str, str]]) -> str:
    lines = [f"| `{name}` | {comment} |".replace("''", "'") for name, comment in columns]
    return "\n".join(["| column | meaning |", "|---|---|", *lines, ""])
