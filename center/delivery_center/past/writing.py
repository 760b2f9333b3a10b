"""Writes the past into a fresh installation, before its processes start."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final
from uuid import UUID

import psycopg
from delivery_shared.service import Settings
from dispatch_svc.application import DispatchApplication
from project_svc.domain.flow import Flow
from project_svc.flows import Flows
from psycopg.sql import SQL, Identifier
from template_svc.application import TemplateApplication

from delivery_center.accounts import Notebook
from delivery_center.composition import Center
from delivery_center.past.telling import SPAN, Telling
from delivery_center.past.world import Making
from delivery_center.seeding.bulk import Bulk
from delivery_center.seeding.founding import Founding
from delivery_center.seeding.lives import Lives

PROJECTS: Final = 600

DONE: Final = "past"
BEGUN: Final = "past begun"
"""Notes in the file of passwords."""

RUN: Final = ("outbox_position", "feed_position")
RAN: Final = "SELECT 1 FROM {} WHERE position > 0 LIMIT 1"
"""What relays and feeds leave behind as soon as they run; preparing tells everybody of roles and accounts."""

READ: Final = """
UPDATE message SET read_at = least(created_at + random() * interval '30 hours', %(now)s)
WHERE created_at < %(now)s - interval '4 days' OR random() < 0.4
"""
"""What people have read of their boxes: all but the last days'."""


def possible(settings: Settings) -> bool:
    """Whether the installation is new: no process of it has run, whether it was prepared or not."""
    center = Center(settings)
    try:
        return not any(map(_has_run, center.databases, center.databases.values()))
    finally:
        center.stop()


def interrupted(file: Path) -> bool:
    """Whether writing the past began and did not come to its end."""
    done = Notebook(file).done
    return BEGUN in done and DONE not in done


def write(
    settings: Settings,
    file: Path,
    *,
    say: Callable[[str], None] = lambda _: None,
    now: datetime | None = None,
    projects: int = PROJECTS,
    draw: int = 1,
) -> None:
    """Migrate a new installation, and write what lies before ``now`` (by default, the present). The passwords of those
    the demo data know are noted in ``file``, which they are loaded with afterwards."""
    book = Notebook(file)
    book.once(BEGUN, lambda: True)
    center = Center(settings)
    try:
        center.migrate()
        made = _Writing(center, now or datetime.now(UTC), random.Random(draw), say).write(projects)  # noqa: S311
    finally:
        center.stop()
    book.passwords |= made.passwords
    book.done |= made.notes
    book.once(DONE, lambda: True)


def _has_run(name: str, url: str) -> bool:
    """Whether the service ``name`` has published or read anything."""
    with psycopg.connect(url) as connection:
        for table in RUN:
            place = Identifier(name, table)
            (known,) = connection.execute("SELECT to_regclass(%s)", (place.as_string(),)).fetchone() or (None,)
            if known and connection.execute(SQL(RAN).format(place)).fetchone():
                return True
    return False


class _Writing:
    def __init__(self, center: Center, now: datetime, draw: random.Random, say: Callable[[str], None]) -> None:
        self.bulk = Bulk(center, say)
        self.now = now
        self.draw = draw
        self.flows = Flows(self.bulk.project.connection)

    def write(self, projects: int) -> Making:
        self.bulk.read("template")
        founding = Founding(
            template=TemplateApplication(self.bulk.template),
            identity=self.bulk.identity,
            dispatch=DispatchApplication(self.bulk.dispatch),
            at=self.now - SPAN - timedelta(days=3),
        )
        making = Making(self.bulk, founding, self.draw)
        world = making.make()
        lives = Lives(
            dispatch=self.bulk.dispatch,
            flows=cache(self._flow),
            pools=self.bulk.pools(
                products=[offer.listed.product_id for offer in world.offers], providers=list(world.admins)
            ),
            calendar=self.bulk.project.calendar.current(fresh=True).calendar,
            draw=self.draw,
            tells=True,
        )
        Telling(lives, world, self.draw, self.now, self.bulk.files).tell(projects)
        self.bulk.store(lives, by_time=True)
        self.bulk.finish(lives)
        self._read_messages()
        return making

    def _flow(self, template_id: UUID) -> Flow:
        return self.flows.version(template_id, 1)

    def _read_messages(self) -> None:
        with psycopg.connect(self.bulk.center.databases["notify"]) as connection:
            connection.execute("SET search_path TO notify")
            connection.execute("SELECT setseed(0.5)")
            connection.execute(READ, {"now": self.now})
