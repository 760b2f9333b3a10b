"""What a command says: JSON for programs on standard output, tables for people; progress on standard error."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from rich.progress import Progress

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done; do nothing.")]
Personal = Annotated[bool, typer.Option("--personal", help="Show personal data not yet erased; leaves an audit event.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=100_000, help="Rows at most.")]

WIDE = 1_000_000
"""Columns where nobody looks: what goes into a file or a pipe is never broken, so that it can be searched."""

COPIED = 40
"""Values up to this long – ids, times – are never broken on a screen either, so that they can be copied."""


def console() -> Console:
    """Made when used: tests and pipes replace standard output."""
    return Console(file=sys.stdout, width=None if sys.stdout.isatty() else WIDE, highlight=False)


def say(text: str, *, as_json: bool = False) -> None:
    """A line for a person; nothing where JSON is wanted."""
    if not as_json:
        console().print(text, markup=False, soft_wrap=True)


def put(value: Any, *, as_json: bool, empty: str = "nothing") -> None:
    """Print rows (a list of mappings) or one thing (a mapping)."""
    if as_json:
        sys.stdout.write(msgspec.json.format(encoded(value), indent=1).decode() + "\n")
    elif isinstance(value, Mapping):
        width = max(map(len, value), default=0)
        for name, content in value.items():
            say(f"{name:<{width}}  {text_of(content)}")
    elif value:
        console().print(_table(value))
    else:
        say(empty)


def put_line(value: Mapping[str, Any], *, as_json: bool, text: str) -> None:
    """Print one of an endless row of things: a JSON object a line, or ``text``."""
    if as_json:
        sys.stdout.write(encoded(value).decode() + "\n")
    else:
        say(text)
    sys.stdout.flush()


def encoded(value: Any) -> bytes:
    """``value`` as JSON; what JSON does not know is written as text."""
    return msgspec.json.encode(value, enc_hook=str)


def _table(rows: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    columns = list(dict.fromkeys(name for row in rows for name in row))
    texts = [{name: text_of(row.get(name)) for name in columns} for row in rows]
    for name in columns:
        short = all(len(text[name]) <= COPIED for text in texts)
        table.add_column(name, overflow="fold", no_wrap=short)
    for text in texts:
        table.add_row(*(text[name].replace("[", "\\[") for name in columns))
    return table


def text_of(value: Any) -> str:
    """A value as a person reads it: times to the second where that person is, nested things as JSON."""
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return (value.astimezone() if value.tzinfo else value).isoformat(sep=" ", timespec="seconds")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal | float):
        return f"{value:.3f}".rstrip("0").rstrip(".")
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        return encoded(value).decode()
    return str(value)


def progress() -> Progress:
    """Bars on standard error, where somebody watches."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    watcher = Console(file=sys.stderr)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=watcher, disable=not watcher.is_terminal, transient=True)
