"""``dc openapi`` and ``dc asyncapi``: the documents of routes and messages of this very version."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from delivery_center.dc.output import Json, put

openapi = typer.Typer(help="The OpenAPI 3.1 document of all routes.", name="openapi")
asyncapi = typer.Typer(help="The AsyncAPI 3 document of all messages.", name="asyncapi")

Output = Annotated[Path | None, typer.Option("--output", "-o", help="Write it there instead of showing it.")]


@openapi.callback()
def _openapi() -> None:
    """The OpenAPI 3.1 document of all routes."""


@asyncapi.callback()
def _asyncapi() -> None:
    """The AsyncAPI 3 document of all messages."""


@openapi.command("export")
def export_openapi(output: Output = None, json: Json = False) -> None:
    """Print it, or write it to a file."""
    from delivery_center.gateway import openapi as routes

    _export(routes.document(), output, json)


@asyncapi.command("export")
def export_asyncapi(output: Output = None, json: Json = False) -> None:
    """Print it, or write it to a file."""
    from delivery_shared import asyncapi as messages

    _export(messages.document(), output, json)


def _export(document: dict[str, Any], output: Path | None, json: bool) -> None:
    import msgspec

    text = msgspec.json.format(msgspec.json.encode(document), indent=1).decode() + "\n"
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text, encoding="utf-8")
        put({"written": str(output), "title": document["info"]["title"]}, as_json=json)
