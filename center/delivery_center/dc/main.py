"""The command ``dc``: its nouns put together, and how it ends. A noun's module – and what it needs of six services – is
imported when one of its commands is given."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from delivery_center.dc.failure import FOUND, USAGE, Failure, explained

NOUNS = {
    "doctor": ("doctor", "doctor", "What an installation needs: what is missing or does not fit."),
    "status": ("status", "status", "Outboxes, feeds, what is put aside, queue, timers, messages, calendar."),
    "capacity": ("capacity", "capacity", "Rows and bytes, growth a day, days left."),
    "verify": ("verifying", "verify", "Check every invariant, by reading only."),
    "backup": ("backup", "backup", "Write the event stores into a file."),
    "restore": ("backup", "restore", "Make an installation what such a file says."),
    "upgrade": ("upgrade", "app", "What is to be done once processes are replaced."),
    "stream": ("stream", "app", "One aggregate: its events, its state, what changed."),
    "events": ("events", "app", "What is published."),
    "outbox": ("outbox", "app", "What the relays publish, and publishing it again."),
    "parked": ("parked", "app", "What was put aside."),
    "projection": ("projection", "app", "Read models."),
    "timers": ("timers", "app", "The clocks of open nodes."),
    "queue": ("queue", "app", "Who waits for a provider or staff, and why."),
    "calendar": ("calendar", "app", "Working days."),
    "keys": ("keys", "app", "The key that signs tokens: prepare, activate, retire."),
    "openapi": ("documents", "openapi", "The OpenAPI document of this version."),
    "asyncapi": ("documents", "asyncapi", "The AsyncAPI document of this version."),
    "demo": ("demo", "app", "The manual's sample data."),
    "audit": ("audit", "app", "What operators have done by hand."),
}
"""Command → its module, the group or function there, and its line of help."""


class Nouns(TyperGroup):
    """The commands of :data:`NOUNS`, imported one by one."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(NOUNS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in NOUNS:
            return None
        module, name, _ = NOUNS[cmd_name]
        found = getattr(import_module(f"delivery_center.dc.{module}"), name)
        if isinstance(found, typer.Typer):
            found.rich_markup_mode = None
            return typer.main.get_group(found)
        single = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
        single.command(cmd_name)(found)
        return typer.main.get_command(single)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in NOUNS.items()])


app = typer.Typer(
    name="dc",
    cls=Nouns,
    help="Look after a delivery center. Exit status: 0 well or done, 1 something is wrong, 2 wrong command line.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
)


def _version(wanted: bool) -> None:
    if wanted:
        from delivery_shared.version import VERSION

        typer.echo(f"dc {VERSION}")
        raise typer.Exit


@app.callback()
def installation(
    context: typer.Context,
    folder: Annotated[
        Path | None, typer.Option(help="Folder of a running `make run` (.run); else DATABASE_URL, AMQP_URL … say.")
    ] = None,
    as_: Annotated[str | None, typer.Option("--as", help="Who does this, for the audit; default: you.")] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Which version.")
    ] = False,
) -> None:
    """Which installation, and who."""
    from delivery_center.dc.installation import Dc

    given = os.environ if context.obj is None else context.obj
    context.obj = Dc(given=given, folder=folder, given_name=as_, alone=context.obj is None)
    context.call_on_close(context.obj.close)


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
    except BrokenPipeError:  # whoever read has seen enough; nothing more can be said to them
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (Exception, SystemExit) as error:
        if os.environ.get("DELIVERY_TRACEBACK"):
            raise
        return _failed(explained(error), FOUND)
    return result if isinstance(result, int) else 0


def _failed(text: str, status: int) -> int:
    sys.stderr.write(f"dc: {text}\n")
    return status


def main() -> None:
    """The console script. Warnings and worse of the libraries go to standard error."""
    status = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise SystemExit(status)


if __name__ == "__main__":
    main()
