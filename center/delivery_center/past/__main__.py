"""Writes the past into an installation that was prepared and has not run yet: ``python -m delivery_center.past``. Each
service's tables are written as its own role. One that has run stays as it is, so that it may be called at every start.
The passwords of the accounts, with which the demo data are loaded afterwards, are kept in ``DELIVERY_DEMO_DIR``."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from delivery_shared.environment import with_secrets
from delivery_shared.logs import configure_logging
from delivery_shared.service import Settings

from delivery_center import demo, past
from delivery_center.installing.prepare import database_urls


def main() -> None:
    """Write it, or say why not. :raises SystemExit: it was interrupted before."""
    configure_logging()
    environment = with_secrets(os.environ)
    urls = database_urls(environment)
    file = demo.file_in(Path(environment["DELIVERY_DEMO_DIR"]))
    settings = replace(Settings.read({**environment, "DATABASE_URL": urls["identity"]}), databases=urls)
    if past.possible(settings):
        say("writing six months of projects")
        past.write(settings, file)
    elif past.interrupted(file):
        raise SystemExit("the past was interrupted: begin with an empty database")
    else:
        say("the installation has run before: it keeps the past it has")


def say(text: str) -> None:
    """One line for whoever reads the log."""
    print(text, flush=True)  # noqa: T201 - the log is the interface


if __name__ == "__main__":
    main()
