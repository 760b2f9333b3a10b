"""People say how they want to be told: what is switched off is not sent, and what is sent waits for the end of quiet
hours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from notify_svc import deliveries, preferences
from notify_svc.tables import delivery, message
from notify_svc.verify import verify
from sqlalchemy import Engine, select, text

from .conftest import BOTH, As, World, feeds_of, to

pytestmark = pytest.mark.integration

SHANGHAI = timezone(timedelta(hours=8))
PATH = "/api/v1/messages/preferences"
MUTED = [{"event": "entered", "channel": "sms"}, {"event": "overdue", "channel": "browser"}]


def put(session: Any, body: Mapping[str, Any]) -> Any:
    return session.client.put(PATH, json=body, headers={"Authorization": f"Bearer {session.token}"})


def told(engine: Engine, world: World) -> None:
    """李四 is told of a node that he operates, by SMS and email."""
    feeds = feeds_of(engine, BOTH)
    feeds(*world.people(), world.template(), world.started(), world.provider_set())
    feeds(world.design(3, to("assignee")))


def sent(engine: Engine) -> dict[str, tuple[str, str | None]]:
    c = delivery.c
    with engine.connect() as connection:
        rows = connection.execute(select(c.channel, c.state, c.result)).all()
    return {row.channel: (row.state, row.result) for row in rows}


def test_everybody_has_preferences_of_his_own_and_begins_with_everything(sign_in: As, world: World) -> None:
    lisi, zhao = sign_in(world.lisi), sign_in(world.zhao)
    everything = {"muted": [], "quiet_from": None, "quiet_to": None}
    assert lisi.get(PATH).get_json() == everything
    wanted = {"muted": MUTED, "quiet_from": 22 * 60, "quiet_to": 7 * 60 + 30}
    for _ in range(2):
        assert put(lisi, wanted).get_json() == wanted
    assert lisi.get(PATH).get_json() == wanted
    assert zhao.get(PATH).get_json() == everything


@pytest.mark.parametrize(
    "wrong",
    [
        {"muted": [{"event": "entered", "channel": "in_site"}], "quiet_from": None, "quiet_to": None},
        {"muted": [{"event": "weather", "channel": "sms"}], "quiet_from": None, "quiet_to": None},
        {"muted": [], "quiet_from": 60, "quiet_to": None},
        {"muted": [], "quiet_from": 60, "quiet_to": 60},
        {"muted": [], "quiet_from": 0, "quiet_to": 1440},
        {"muted": [], "quiet_from": -1, "quiet_to": 60},
    ],
)
def test_what_cannot_be_meant_is_refused(sign_in: As, world: World, wrong: dict[str, Any]) -> None:
    lisi = sign_in(world.lisi)
    assert put(lisi, wrong).status_code == 422
    assert lisi.get(PATH).get_json()["muted"] == []


def test_what_is_switched_off_is_in_the_box_and_not_sent(engine: Engine, sign_in: As, world: World) -> None:
    put(sign_in(world.lisi), {"muted": MUTED, "quiet_from": None, "quiet_to": None})
    told(engine, world)
    assert sent(engine) == {"sms": ("skipped", preferences.MUTED), "email": ("waiting", None)}
    with engine.connect() as connection:
        assert connection.execute(select(message.c.person_id)).scalars().all() == [world.lisi]
    assert verify(engine.url.render_as_string(hide_password=False)) == []


def quiet(engine: Engine, person: UUID, begin: int, end: int) -> None:
    with engine.begin() as connection:
        preferences.keep(connection, person, muted=[], quiet_from=begin % 1440, quiet_to=end % 1440)


@pytest.mark.parametrize(
    ("begin", "end", "is_quiet"), [(-60, 60, True), (0, 2, True), (60, 120, False), (-120, -1, False)]
)
def test_in_quiet_hours_nothing_is_sent_until_they_end(
    engine: Engine, world: World, begin: int, end: int, is_quiet: bool
) -> None:
    """``begin`` and ``end`` are minutes from now, whatever the time is: also over midnight."""
    told(engine, world)
    with engine.connect() as connection:
        now: datetime = connection.execute(text("SELECT now()")).scalar_one()
        (id,) = connection.execute(select(delivery.c.delivery_id).where(delivery.c.channel == "sms")).scalars()
    local = now.astimezone(SHANGHAI)
    minute = local.hour * 60 + local.minute
    quiet(engine, world.lisi, minute + begin, minute + end)
    leased = deliveries.lease(engine, "sms", id)
    assert (leased is None) == is_quiet
    with engine.connect() as connection:
        row = connection.execute(select(delivery).where(delivery.c.delivery_id == id)).mappings().one()
    if is_quiet:
        expected = local.replace(second=0, microsecond=0) + timedelta(minutes=end)
        assert (row["attempts"], row["state"]) == (0, "waiting")
        assert row["next_try"] == expected.astimezone(UTC)
    assert verify(engine.url.render_as_string(hide_password=False)) == []
