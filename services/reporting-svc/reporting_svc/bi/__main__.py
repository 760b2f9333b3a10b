"""The command line: ``python -m reporting_svc.bi install|grant|revoke|roles|export|metadata|reference``, on
``DELIVERY_REPORTING_DATABASE_URL``, else ``DATABASE_URL``; each may come as a file (``…_FILE``).

What goes wrong is one line on standard error; ``DELIVERY_TRACEBACK=1`` shows more. Exit status: 0 done, 1 it could not
be done, 2 the command line is wrong."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from delivery_shared.environment import with_secrets
from typer.exceptions import TyperException

from reporting_svc.bi import exporting, metadata, reference, roles
from reporting_svc.bi.installing import TooOld, install

app = typer.Typer(
    help="Views for analysts: schema bi_v1 (docs/bi.md).",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

NAME = "reporting_svc.bi"

ADDRESSES = ["DELIVERY_REPORTING_DATABASE_URL", "DATABASE_URL"]

Database = Annotated[str, typer.Option("--database-url", envvar=ADDRESSES, show_default=False)]
Schema = Annotated[str, typer.Option(help="The schema of the read model.", envvar="DELIVERY_SCHEMA")]


def fail(reason: object) -> typer.Exit:
    """Says why, and ends with status 1."""
    return typer.Exit(_failed(str(reason), 1))


def _failed(reason: str, status: int) -> int:
    typer.echo(f"{NAME}: {reason}", err=True)
    return status


@app.command("install")
def install_views(database_url: Database, schema: Schema = "reporting") -> None:
    """Create the views, or make them read another schema. The migration does this by itself."""
    if not install(database_url, schema):
        raise fail("the views need PostgreSQL 15 or later")


@app.command()
def grant(
    database_url: Database,
    party: Annotated[UUID | None, typer.Option(help="Party id of the vendor or provider.")] = None,
    operator: Annotated[bool, typer.Option("--operator", help="For the platform operator, who reads all.")] = False,
    role: Annotated[str | None, typer.Option(help="Name of the role.")] = None,
    new_password: Annotated[bool, typer.Option("--new-password", help="Also if the role is there.")] = False,
    schema: Schema = "reporting",
) -> None:
    """Create a tenant's role and print its password, once; or mend the grants of one that is there."""
    if (party is None) != operator:
        raise typer.BadParameter("either --party or --operator")
    try:
        made = roles.grant(database_url, party_id=party, schema=schema, role=role, new_password=new_password)
    except (roles.NotGranted, TooOld) as error:
        raise fail(error) from error
    typer.echo(f"role      {made.role}")
    typer.echo(f"password  {made.password or 'unchanged'}")
    if made.stores:
        typer.echo(f"{made.role} can store large objects until a superuser runs here: {roles.CLOSING};", err=True)


@app.command()
def revoke(
    role: str,
    database_url: Database,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask: for scripts.")] = False,
) -> None:
    """End the sessions of a role and drop it."""
    if not yes:
        if not sys.stdin.isatty():
            raise typer.BadParameter(f"{role} and its rights go; say --yes if that is wanted")
        typer.confirm(f"{role} and its rights go. Go on?", abort=True, err=True)
    if not roles.revoke(database_url, role):
        raise fail(f"{role} is no BI role")


@app.command("roles")
def list_roles(database_url: Database) -> None:
    """List the roles and whose rows they read."""
    for role, party_id in roles.granted(database_url):
        typer.echo(f"{role}\t{party_id or 'everything'}")


@app.command("export")
def export_views(
    database_url: Database,
    folder: Annotated[Path, typer.Option(help="Where to; made if missing.")],
    first: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day of snapshots.")] = None,
    last: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day of snapshots.")] = None,
) -> None:
    """Write all views as Parquet files, of one moment; a tenant's role exports the rows of the tenant."""
    if (first is None) != (last is None):
        raise typer.BadParameter("both --first and --last, or neither")
    if first and last and first > last:
        raise typer.BadParameter("--first is after --last")
    days = (first.date(), last.date()) if first and last else None
    try:
        manifest = exporting.export(database_url, folder, days=days, progress=_progress)
    except FileExistsError as error:
        raise fail(error) from error
    for view, file in manifest["views"].items():
        typer.echo(f"{view}\t{file['rows']}")


class Tool(StrEnum):
    """Tools whose metadata can be written."""

    METABASE = "metabase"
    SUPERSET = "superset"


@app.command("metadata")
def write_metadata(
    database_url: Database,
    tool: Annotated[Tool, typer.Option(help="For which tool.")],
    folder: Annotated[Path, typer.Option(help="Where to; made if missing.")],
    name: Annotated[str, typer.Option(help="What the database is called there.")] = "Delivery center",
) -> None:
    """Write comments, keys and references of all views as files that Metabase or Superset imports."""
    written = metadata.write(database_url, folder, tool=tool.value, name=name)
    typer.echo(f"{written} files")


@app.command("reference")
def write_reference(document: Path) -> None:
    """Write the column reference at the end of docs/bi.md."""
    text = document.read_text()
    document.write_text(text[: text.index(reference.HEADING)] + reference.markdown())


def _progress(view: str, rows: int) -> None:
    if sys.stderr.isatty():
        typer.echo(f"\r{view} {rows}\033[K", err=True, nl=False)


def run(arguments: Sequence[str]) -> int:
    """Carry out one command line; the exit status."""
    try:
        os.environ.update(with_secrets(os.environ))
        ended = app(args=list(arguments), prog_name=NAME, standalone_mode=False)
    except TyperException as error:
        return _failed(f"{error.format_message().rstrip('.')}. See --help.", 2)
    except (KeyboardInterrupt, typer.Abort):
        return 1
    except (Exception, SystemExit) as error:
        if os.environ.get("DELIVERY_TRACEBACK"):
            raise
        return _failed(str(error).strip().partition("\n")[0] or type(error).__name__, 1)
    return ended if isinstance(ended, int) else 0


if __name__ == "__main__":
    raise SystemExit(run(sys.argv[1:]))
