"""The file of ``dc backup``: a dump of PostgreSQL's own format, or – where services have databases of their own – a tar
of one for each database. All show one moment."""

from __future__ import annotations

import re
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from delivery_center.dc.failure import Failure
from delivery_center.dc.postgres_tools import run

STORES: Final = ("identity", "template", "intake", "project", "dispatch", "notify")
"""The schemas that follow from nothing else."""

TENANTS: Final = "bi"
"""The schema with the list of BI roles, of which alone the rows are kept: the rest follows from the code."""

DUMPED: Final = re.compile(r"^\d+; \d+ \d+ TABLE DATA (\w+) ", re.MULTILINE)


def write(archive: Path, databases: Mapping[str, str], snapshots: Mapping[str, str]) -> None:
    """Dump every database as its snapshot shows it.

    :param databases: the address of each service's database.
    :param snapshots: the name of the snapshot of each database, by its address; they must stay open meanwhile.
    """
    schemas = {name: databases[name] for name in STORES} | {TENANTS: databases["reporting"]}
    draft = archive.with_name(archive.name + ".part")
    if len(snapshots) == 1:
        (url,) = snapshots
        _dump(url, draft, [*schemas], snapshots[url])
    else:
        with tarfile.open(draft, "w") as tar:
            for url, snapshot in snapshots.items():
                held = [name for name, where in schemas.items() if where == url]
                dump = archive.with_name(f"{archive.name}.{held[0]}.part")
                _dump(url, dump, held, snapshot)
                tar.add(dump, arcname=f"{'-'.join(held)}.dump")
                dump.unlink()
    draft.replace(archive)


@contextmanager
def opened(archive: Path, url: str) -> Iterator[dict[str, Path]]:
    """The dump that holds each schema.

    :param url: of a server, whose programs read it.
    :raises Failure: it is no file of :func:`write`.
    """
    if not archive.exists():
        raise Failure(f"{archive}: no such file")
    with tempfile.TemporaryDirectory(dir=archive.parent, prefix=f".{archive.name}.") as folder:
        dumps = [archive]
        if tarfile.is_tarfile(archive):
            with tarfile.open(archive) as tar:
                tar.extractall(folder, filter="data")
            dumps = sorted(Path(folder).iterdir())
        found = {schema: dump for dump in dumps for schema in _held(dump, url)}
        if not {"identity", "project"} <= set(found):
            raise Failure(f"{archive} holds no event stores")
        yield found


def _dump(url: str, file: Path, schemas: list[str], snapshot: str) -> None:
    # The list of analysts' roles is kept from everybody but whoever the service's own role lets in, as us.
    options = ["--format=custom", "--enable-row-security", f"--snapshot={snapshot}"]
    run(url, "pg_dump", *options, *(f"--schema={name}" for name in schemas), f"--file={file}")


def _held(dump: Path, url: str) -> set[str]:
    return set(DUMPED.findall(run(url, "pg_restore", "--list", dump, local=True))) & {*STORES, TENANTS}
