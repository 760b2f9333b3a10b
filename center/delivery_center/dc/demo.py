"""``dc demo``: the sample data of the manual, and its stories."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from delivery_center.dc.failure import Failure, misused
from delivery_center.dc.installation import Dc, of
from delivery_center.dc.output import DryRun, Json, put, say

app = typer.Typer(help="The sample data of the manual, and its stories.")

Address = Annotated[str, typer.Option(help="Where the gateway answers.")]
LOCAL = "http://127.0.0.1:8000"


@app.callback()
def _demo() -> None:
    """The sample data of the manual, and its stories."""


@app.command()
def load(
    context: typer.Context,
    address: Address = LOCAL,
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


@app.command()
def play(
    context: typer.Context,
    address: Address = LOCAL,
    story: Annotated[str, typer.Option(help="Which: 1, 2, 3-departments or 3-vendors.")] = "2",
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Play a scenario of the manual over the public API, from the first company to the last confirmation, and print its
    flow log: shows that everything works together. Its companies, made for this play, stay."""
    from identity_svc.bootstrap import MARKETPLACE, OPERATOR

    from delivery_center.client import Client, Refused
    from delivery_center.stories import STORIES
    from delivery_center.stories import play as player

    dc = of(context)
    if story not in STORIES:
        raise misused(f"no story {story}: {', '.join(STORIES)}")
    passwords = _passwords(dc)
    accounts = {"云市场小二": OPERATOR, "云市场订单": MARKETPLACE}
    if missing := [login for login in accounts.values() if login not in passwords]:
        raise misused(f"no password of {missing[0]}: DELIVERY_FIRST_PASSWORDS has them, or --folder of `make run`")
    plan = {"address": address, "story": story, "dry_run": dry_run}
    if dry_run:
        put(plan, as_json=json)
        return
    with (
        dc.audited("demo play", address=address, story=story) as action,
        Client(lambda path: address.rstrip("/") + path) as client,
    ):
        signed = {title: (login, passwords[login]) for title, login in accounts.items()}
        try:
            if player.main(client, signed, lambda text: say(text, as_json=json), story):
                raise Failure(f"story {story} went otherwise, see above")
        except Refused as refused:
            raise Failure(str(refused)) from refused
        action.detail = f"story {story} went as the manual tells it"
    if json:
        put({**plan, "played": True}, as_json=True)


def _passwords(dc: Dc) -> dict[str, str]:
    """Of the first accounts, as they were made."""
    from identity_svc.config import first_passwords

    from delivery_center.accounts import Notebook

    if dc.folder:
        return Notebook(dc.folder / "demo-passwords.json").passwords
    return first_passwords(dc.environment) or {}
