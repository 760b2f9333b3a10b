"""The command ``dc``: its nouns put together, and how it ends."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import httpx
import structlog
import typer
from delivery_shared.messaging.consumer import DATABASE_DOWN
from sqlalchemy.exc import SQLAlchemyError
from typer.exceptions import TyperException

from delivery_center.client import Refused
from delivery_center.dc import (
    audit,
    calendar,
    demo,
    doctor,
    documents,
    events,
    keys,
    outbox,
    parked,
    projection,
    queue,
    status,
    stream,
    timers,
    verifying,
)
from delivery_center.dc.failure import FOUND, USAGE, Failure
from delivery_center.dc.installation import Dc

app = typer.Typer(
    name="dc",
    help="Look after a delivery center. Exit status: 0 well or done, 1 something is wrong, 2 wrong command line.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback()
def installation(
    context: typer.Context,
    folder: Annotated[
        Path | None, typer.Option(help="Folder of a running `make run` (.run); else DATABASE_URL, AMQP_URL … say.")
    ] = None,
    as_: Annotated[str | None, typer.Option("--as", help="Who does this, for the audit; default: you.")] = None,
) -> None:
    """Which installation, and who."""
    context.obj = Dc(environment=os.environ if context.obj is None else context.obj, folder=folder, given_name=as_)
    context.call_on_close(context.obj.close)


app.command()(doctor.doctor)
app.command()(status.status)
app.command()(verifying.verify)
for noun, commands in {
    "stream": stream.app,
    "events": events.app,
    "outbox": outbox.app,
    "parked": parked.app,
    "projection": projection.app,
    "timers": timers.app,
    "queue": queue.app,
    "calendar": calendar.app,
    "openapi": documents.openapi,
    "asyncapi": documents.asyncapi,
    "demo": demo.app,
    "keys": keys.app,
    "audit": audit.app,
}.items():
    app.add_typer(commands, name=noun)


def run(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> int:
    """Carry out one command line; returns the exit status. What goes wrong is said in one line on standard error."""
    try:
        result = app(args=list(arguments), prog_name="dc", standalone_mode=False, obj=environment)
    except Failure as failure:
        return _failed(str(failure), failure.status)
    except TyperException as error:
        return _failed(f"{error.format_message()} See dc --help.", USAGE)
    except (KeyboardInterrupt, typer.Abort):
        return FOUND
    except (*DATABASE_DOWN, SQLAlchemyError) as error:
        return _failed(f"the database cannot be used: {_first_line(error)}", FOUND)
    except (Refused, httpx.HTTPError, OSError, SystemExit) as error:
        return _failed(_first_line(error), FOUND)
    return result if isinstance(result, int) else 0


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _failed(text: str, status: int) -> int:
    sys.stderr.write(f"dc: {text}\n")
    return status


def main() -> None:
    """The console script. Warnings and worse of the libraries go to standard error."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    raise SystemExit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
