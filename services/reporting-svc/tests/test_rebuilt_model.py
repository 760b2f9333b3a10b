"""A read model built beside is taken over as it stands at the end, whatever changed while the two were compared."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from delivery_shared import projection
from reporting_svc import rebuilt_model
from reporting_svc.feed import FEED_NAME
from reporting_svc.projections import SOURCES
from reporting_svc.rebuild import state_hash
from sqlalchemy import Engine, text

pytestmark = pytest.mark.integration

ROLE = "INSERT INTO role VALUES ('{}', '{}', 'provider', true)"


@pytest.fixture
def pair(database_url: str) -> Iterator[tuple[Engine, Engine, str]]:
    """A live read model and one beside, both empty, with the feeds at their beginning."""
    live_schema, next_schema = (f"{name}_{uuid4().hex[:8]}" for name in ("live", "next"))
    live, following = (rebuilt_model.create(database_url, schema=schema) for schema in (live_schema, next_schema))
    stand(following, 0)
    yield live, following, next_schema
    following.dispose()
    for schema in (live_schema, next_schema):
        rebuilt_model.drop(live, schema=schema)
    live.dispose()


def run(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def stand(engine: Engine, position: int) -> None:
    for source in SOURCES:
        run(
            engine,
            f"INSERT INTO feed_position (feed, source, position) VALUES ('{FEED_NAME}', '{source}', {position})"
            " ON CONFLICT (feed, source) DO UPDATE SET position = excluded.position",
        )


def roles(engine: Engine) -> dict[str, str]:
    with engine.connect() as connection:
        return {row.role: row.name for row in connection.execute(text("SELECT role, name FROM role"))}


def test_rows_that_change_after_the_comparison_are_taken_over(pair: tuple[Engine, Engine, str]) -> None:
    """Both sides change while the feeds are held: what was equal before and is not now is made equal as well."""
    live, following, schema = pair
    same = [ROLE.format(name, name) for name in ("stays", "renamed", "deleted", "spoilt", "lost")]
    run(live, *same, ROLE.format("ghost", "g"))
    run(following, *same, ROLE.format("missing", "m"))
    stand(live, 3)

    def late() -> None:
        run(
            following,
            "UPDATE role SET name = 'new' WHERE role = 'renamed'",
            "DELETE FROM role WHERE role = 'deleted'",
            ROLE.format("added", "a"),
        )
        run(live, "UPDATE role SET name = 'wrong' WHERE role = 'spoilt'", "DELETE FROM role WHERE role = 'lost'")
        stand(following, 7)

    taken = rebuilt_model.take_over(live, late, schema=schema)
    assert roles(live) == {
        "stays": "stays", "renamed": "new", "spoilt": "spoilt", "lost": "lost", "missing": "m", "added": "a",
    }  # fmt: skip
    assert state_hash(live) == state_hash(following)
    assert (taken.gone["role"], taken.come["role"]) == (4, 5)
    assert taken.positions == dict.fromkeys(SOURCES, 7)


def test_feeds_are_held_for_as_long_as_catching_up_takes(
    pair: tuple[Engine, Engine, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """… though the database ends what stands still in a transaction elsewhere."""
    live, _, schema = pair
    with live.connect() as connection:
        own = connection.execute(text("SELECT current_schema()")).scalar_one()
    monkeypatch.setattr(projection, "STALLED", 1)
    hurried = projection.connect(live.url.render_as_string(hide_password=False), own)
    try:
        taken = rebuilt_model.take_over(hurried, lambda: time.sleep(2), schema=schema)
    finally:
        hurried.dispose()
    assert taken.positions == dict.fromkeys(SOURCES, 0)


def test_one_that_is_behind_changes_nothing(pair: tuple[Engine, Engine, str]) -> None:
    live, _, schema = pair
    run(live, ROLE.format("stays", "s"))
    stand(live, 3)
    nothing: Callable[[], None] = lambda: None  # noqa: E731 - reads as what it is
    with pytest.raises(rebuilt_model.Behind):
        rebuilt_model.take_over(live, nothing, schema=schema)
    assert roles(live) == {"stays": "s"}


def test_nothing_is_noted_afterwards(pair: tuple[Engine, Engine, str]) -> None:
    """The triggers rest, and a second takeover mends what was spoilt after the first."""
    live, following, schema = pair

    def noted() -> int:
        with live.connect() as connection:
            return int(connection.execute(text("SELECT count(*) FROM taking_over")).scalar_one())

    for name in ("first", "second"):
        run(following, ROLE.format(name, name))
        rebuilt_model.take_over(live, lambda: None, schema=schema)
        before = noted()
        run(live, f"UPDATE role SET name = 'changed' WHERE role = '{name}'")
        assert noted() == before
    assert roles(live) == {"first": "first", "second": "changed"}
