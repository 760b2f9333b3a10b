"""``dc backup`` and ``dc restore``: the event stores as one file, and an installation made from it – on the servers it
came from or others, in as many databases as are named here, with the roles of whoever restores."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import UUID

import typer

from delivery_center.dc import projection
from delivery_center.dc.archive import STORES, TENANTS, opened, write
from delivery_center.dc.confirming import Yes, sure
from delivery_center.dc.failure import Failure
from delivery_center.dc.installation import of
from delivery_center.dc.output import DryRun, Json, put
from delivery_center.dc.postgres_tools import run

CONNECTED: Final = """
SELECT DISTINCT application_name FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE 'delivery-%' ORDER BY 1
"""

COPIED: Final = re.MULTILINE | re.DOTALL

Archive = Annotated[Path, typer.Argument(help="The file.", dir_okay=False)]


def backup(context: typer.Context, archive: Archive, json: Json = False) -> None:
    """Write the event stores into FILE, all of one moment. Uploaded files are copied afterwards, so that each one named
    here is among them."""
    from delivery_center.moment import moment_of

    dc = of(context)
    dc.reach_database()
    # Noted for whoever watches how old the last one is (identity_svc.status).
    with dc.audited("backup", file=archive.name) as action:
        with moment_of(dc.center) as moment:
            write(archive, dc.databases, moment.snapshots)
        action.detail = f"{archive.stat().st_size} bytes"
    put({"file": str(archive), "bytes": archive.stat().st_size}, as_json=json)


def restore(
    context: typer.Context, archive: Archive, yes: Yes = False, dry_run: DryRun = False, json: Json = False
) -> None:
    """Make the databases what FILE says, and everything else follow from it: roles and rights, the tables of this
    version, the read model, BI roles, streams to be published anew. What our schemas there hold now is gone. The
    services must not run."""
    from delivery_center.installing.prepare import database_urls, prepare

    dc = of(context)
    dc.reach_database()
    urls, owners = dc.databases, database_urls(dc.environment) if dc.has_roles else {}
    with opened(archive, urls["identity"]) as holds:
        there = _may_restore(urls)
        plan: dict[str, Any] = {"file": str(archive), "schemas": sorted(holds), "replaces": there, "dry_run": dry_run}
        if not dry_run:
            if there:
                sure(f"everything in {', '.join(there)} is replaced by what {archive.name} holds", yes)
            _replace(urls, owners, {schema: holds[schema] for schema in STORES if schema in holds})
            if dc.has_roles:
                own = {f"DELIVERY_{name.upper()}_DATABASE_ADMIN_URL": url for name, url in urls.items()}
                prepare({**dc.environment, **own, "DATABASE_ADMIN_URL": dc.settings.database_url})
            else:
                dc.center.migrate()
            with dc.audited("restore", file=archive.name) as action:
                projection.fill(dc, owners.get("reporting", urls["reporting"]))
                plan["bi_roles"] = _tenants(urls["reporting"], holds[TENANTS]) if TENANTS in holds else []
                if dc.settings.broker is not None:
                    plan["streams_to_renew"] = [dc.renew(service) for service in dc.stores]
                action.detail = f"{len(holds)} schemas, {len(plan['bi_roles'])} BI roles"
    put(plan, as_json=json)


def _ours() -> dict[str, list[str]]:
    """Every schema of ours, by service."""
    from delivery_center.composition import COMPOSE
    from delivery_center.installing.prepare import FURTHER_SCHEMAS

    return {name: [name, *FURTHER_SCHEMAS.get(name, ())] for name in COMPOSE}


def _may_restore(urls: Mapping[str, str]) -> list[str]:
    """The schemas that would be replaced. :raises Failure: services are connected."""
    import psycopg

    found = set()
    for url in sorted(set(urls.values())):
        with psycopg.connect(url) as connection:
            running = [row[0] for row in connection.execute(CONNECTED)]
            if running:
                raise Failure(f"stop the services first; connected: {', '.join(running)}")
            ours = [schema for name, schemas in _ours().items() if urls[name] == url for schema in schemas]
            query = "SELECT nspname FROM pg_namespace WHERE nspname = ANY(%s)"
            found |= {row[0] for row in connection.execute(query, (ours,))}
    return sorted(found)


def _replace(urls: Mapping[str, str], owners: Mapping[str, str], dumps: Mapping[str, Path]) -> None:
    """Drop our schemas and fill those of ``dumps`` again, each where its service's are now and as the role that is to
    own it here."""
    import psycopg
    from psycopg import sql
    from psycopg.conninfo import conninfo_to_dict

    from delivery_center.installing.prepare import create_role

    roles = {name: str(conninfo_to_dict(owner)["user"]) for name, owner in owners.items()}
    for service, schemas in _ours().items():
        with psycopg.connect(urls[service], autocommit=True) as connection:
            for schema in schemas:
                connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema)))
            if service in owners:
                create_role(connection, url=owners[service], schemas=[service])
            if service in dumps:
                connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(service)))
    for name, dump in dumps.items():
        role = [f"--role={roles[name]}"] if roles else []
        options = ["--exit-on-error", "--no-owner", "--no-acl", *role, f"--schema={name}"]
        run(urls[name], "pg_restore", *options, dump)


def _tenants(url: str, dump: Path) -> list[dict[str, str]]:
    """The BI roles of the file, with their rights; those this server does not know get a new password."""
    from reporting_svc.bi import roles

    options = ["--data-only", f"--schema={TENANTS}", "--table=tenant", "--file=-"]
    listed = run(url, "pg_restore", *options, dump, local=True)
    copied = re.search(r"^COPY bi\.tenant \(role_name, party_id, everything\) FROM stdin;\n(.*?)^\\\.$", listed, COPIED)
    rows = [line.split("\t") for line in (copied[1].splitlines() if copied else ())]
    made = [roles.grant(url, party_id=None if party == "\\N" else UUID(party), role=name) for name, party, _ in rows]
    return [{"role": one.role, "password": one.password or "unchanged"} for one in made]
