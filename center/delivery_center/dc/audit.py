"""``dc audit``: what operators have done."""

from __future__ import annotations

import typer

from delivery_center.dc.installation import of
from delivery_center.dc.output import Json, Limit, put

app = typer.Typer(help="What operators have done by hand.")


@app.command("list")
def listing(context: typer.Context, limit: Limit = 50, json: Json = False) -> None:
    """The last actions, newest first. One without outcome is under way, or died."""
    rows = [
        {
            "id": action.id,
            "begun_at": action.begun_at,
            "who": action.who,
            "action": action.action,
            "arguments": action.arguments,
            "outcome": action.outcome,
            "detail": action.detail,
            "ended_at": action.ended_at,
        }
        for action in of(context).operator_log.last(limit)
    ]
    put(rows, as_json=json, empty="no actions yet")
