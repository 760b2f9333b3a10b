"""``dc verify``: what must always be true."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from delivery_center.dc.failure import Failure
from delivery_center.dc.installation import of
from delivery_center.dc.output import Json, progress, put, say


def verify(
    context: typer.Context,
    given: Annotated[
        Path | None,
        typer.Option("--heads", exists=True, dir_okay=False, help="Heads of the audit chains kept elsewhere."),
    ] = None,
    kept: Annotated[Path | None, typer.Option("--export", help="Where the heads of now go.")] = None,
    restored: Annotated[
        bool, typer.Option("--restored", help="Of a restored copy: what was under way does not count.")
    ] = False,
    json: Json = False,
) -> None:
    """Every invariant of the installation, by reading only. Ask in a quiet moment: messages under way count."""
    from delivery_center.verify import checks, export, exported, heads

    found: dict[str, list[str]] = {}
    center = of(context).center
    with progress() as bars:
        todo = checks(center, exported(given) if given else None, restored=restored)
        task = bars.add_task("checks", total=len(todo))
        for name, check in todo:
            bars.update(task, description=name)
            found[name] = list(check())
            bars.advance(task)
    if kept:
        export(heads(center), kept)
    wrong = [line for lines in found.values() for line in lines]
    if json:
        put({"checks": found, "violations": len(wrong)}, as_json=True)
    else:
        put([{"check": name, "violations": len(lines)} for name, lines in found.items()], as_json=False)
        for line in wrong:
            say(line)
    if wrong:
        raise Failure(f"{len(wrong)} violations")
