"""``dc demo``: the sample data of the manual."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from delivery_center.dc.failure import Failure, misused
from delivery_center.dc.installation import of
from delivery_center.dc.output import DryRun, Json, put, say

app = typer.Typer(help="The sample data of the manual.")


@app.callback()
def _demo() -> None:
    """The sample data of the manual."""


@app.command()
def load(
    context: typer.Context,
    address: Annotated[str, typer.Option(help="Where the gateway answers.")] = "http://127.0.0.1:8000",
    passwords: Annotated[
        Path | None, typer.Option(help="Folder of the passwords made; default: that of --folder.", file_okay=False)
    ] = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Load what is missing of it over the public API: organisations, staff, templates, products, projects. Made for an
    installation nobody works with."""
    from delivery_center import demo
    from delivery_center.client import Client

    dc = of(context)
    folder = passwords or dc.folder
    if folder is None:
        raise misused("give --passwords: the folder where the passwords of the new accounts are kept")
    plan = {"address": address, "isvs": len(demo.DATA["isvs"]), "dry_run": dry_run}
    if dry_run:
        put(plan, as_json=json)
        return
    url = dc.databases["identity"]
    with (
        dc.audited("demo load", address=address) as action,
        Client(lambda path: address.rstrip("/") + path) as client,
    ):
        try:
            accounts = demo.load(client, database_url=url, folder=folder, say=lambda text: say(text, as_json=json))
        except KeyError as unknown:
            raise Failure(f"the password of {unknown} is not in {folder}: the account was made elsewhere") from unknown
        action.detail = f"{len(accounts)} accounts to sign in with"
    if json:
        put({**plan, "accounts": {title: login for title, (login, _) in accounts.items()}}, as_json=True)
        return
    for line in demo.describe(accounts):
        say(line)
