"""What cannot be undone is asked for before it is done."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from delivery_center.dc.failure import Failure, misused

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask: for scripts.")]


def sure(text: str, yes: bool) -> None:
    """Ask whether that is wanted. :raises Failure: it is not, or there is nobody to ask and ``--yes`` is missing."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise misused(f"{text}; say --yes if that is wanted")
    if not typer.confirm(f"{text}. Go on?", err=True):
        raise Failure("nothing was done")
