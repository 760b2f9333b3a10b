"""``dc keys``: replacing the key that signs tokens while everybody stays signed in."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from delivery_center.dc.failure import Failure, misused
from delivery_center.dc.installation import Dc, of
from delivery_center.dc.output import DryRun, Json, put
from delivery_center.installing import keys

app = typer.Typer(help="The key that signs tokens, in three steps: prepare, activate, retire.")

Folder = Annotated[
    Path | None,
    typer.Option("--keys", help="Folder of the key files; default: DELIVERY_KEYS, that of --folder.", file_okay=False),
]


@app.command("list")
def listing(context: typer.Context, folder: Folder = None, json: Json = False) -> None:
    """Every key by id: what it is used for."""
    put(_rows(_folder(of(context), folder)), as_json=json, empty="no keys")


@app.command()
def prepare(context: typer.Context, folder: Folder = None, dry_run: DryRun = False, json: Json = False) -> None:
    """Make the next key and let every service know its public part; sign with the old one. Then restart all
    processes."""
    _step(of(context), folder, "prepare", dry_run, json)


@app.command()
def activate(context: typer.Context, folder: Folder = None, dry_run: DryRun = False, json: Json = False) -> None:
    """Sign with the next key; both are accepted. Then restart identity-svc."""
    _step(of(context), folder, "activate", dry_run, json)


@app.command()
def retire(
    context: typer.Context,
    folder: Folder = None,
    now: Annotated[bool, typer.Option("--now", help="At once, though tokens of the former key become void.")] = False,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Accept the signing key only. Five minutes after the activation no token of the old one lives; refused before
    that. Then restart all processes."""
    _step(of(context), folder, "retire", dry_run, json, now=now)


def _step(dc: Dc, given: Path | None, step: str, dry_run: bool, json: bool, *, now: bool = False) -> None:
    folder = _folder(dc, given)
    steps: dict[str, Callable[[Path], None]] = {
        "prepare": keys.prepare,
        "activate": keys.activate,
        "retire": partial(keys.retire, now=now),
    }
    try:
        keys.check(folder, step, now=now)
        if not dry_run and not dc.is_named:  # on the machine of whoever keeps the files, with nobody to tell
            steps[step](folder)
        elif not dry_run:
            with dc.audited(f"keys {step}") as action:
                steps[step](folder)
                action.detail = ", ".join(f"{row['kid']} {row['use']}" for row in _rows(folder))
    except keys.OutOfOrder as error:
        raise Failure(str(error)) from error
    put({"step": step, "dry_run": dry_run, "keys": _rows(folder)} if json else _rows(folder), as_json=json)


def _folder(dc: Dc, given: Path | None) -> Path:
    named = dc.environment.get("DELIVERY_KEYS")
    folder = given or (Path(named) if named else dc.folder)
    if folder is None:
        raise misused("give --keys: the folder of signing-key and public-keys")
    if not keys.file(folder, keys.SIGNING).exists():
        raise Failure(f"no {keys.SIGNING} in {folder}")
    return folder


def _rows(folder: Path) -> list[dict[str, Any]]:
    return [{"kid": kid, "use": use} for kid, use in keys.uses(folder).items()]
