"""``python -m delivery_center.seeding``: see the package."""

from __future__ import annotations

import argparse
import os

from delivery_shared.service import Settings, collect_less_often

from delivery_center.composition import Center
from delivery_center.seeding import Amounts, seed


def main() -> None:
    """Migrate, then seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--projects", type=int, default=Amounts.projects)
    parser.add_argument("--staff", type=int, default=Amounts.staff)
    parser.add_argument("--waiting", type=int, default=Amounts.waiting, help="orders that wait, among the projects")
    chosen = parser.parse_args()
    try:
        amounts = Amounts(projects=chosen.projects, staff=chosen.staff, waiting=chosen.waiting)
    except ValueError as error:
        parser.error(str(error))
    collect_less_often()
    settings = Settings.read(os.environ)
    center = Center(settings)
    try:
        center.migrate()
    finally:
        center.stop()
    seed(settings, amounts, say=lambda line: print(line, flush=True))  # noqa: T201 - the progress


if __name__ == "__main__":
    main()
