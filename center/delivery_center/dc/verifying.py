"""``dc verify``: what must always be true."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from delivery_center.dc.failure import Failure, explained
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
    """Every invariant of the installation, by reading only. Exit status: 0 all is well, 1 violations, 2 something could
    not be checked."""
    from delivery_center.verify import UNCHECKED, Verifying, export, exported, heads

    try:
        center = of(context).center
    except Failure as failure:
        raise Failure(str(failure), UNCHECKED) from failure
    with (
        progress() as bars,
        Verifying(center, exported(given) if given else None, restored=restored) as verifying,
    ):
        task = bars.add_task("checks", total=None)

        def begins(name: str, of: int) -> None:
            bars.update(task, description=name, total=of, advance=1)

        report = verifying.run(begins)
    if len(report.unchecked) == len(report.found):
        raise Failure(explained(report.errors[-1]), UNCHECKED)
    if kept:
        export(heads(center), kept)
    if json:
        told = {"checks": report.found, "violations": len(report.violations)}
        put({**told, "not_checked": report.unchecked, "figures": report.figures}, as_json=True)
    else:
        put(
            [
                {"check": name, "violations": "?" if name in report.unchecked else len(lines)}
                for name, lines in report.found.items()
            ],
            as_json=False,
        )
        for line in [*report.violations, *report.not_checked, *report.figures]:
            say(line)
    if report.violations:
        raise Failure(f"{len(report.violations)} violations", report.status)
    if report.unchecked:
        raise Failure(f"could not check: {', '.join(report.unchecked)}", report.status)
