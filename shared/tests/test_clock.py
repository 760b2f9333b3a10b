"""The clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from delivery_shared.clock import Clock, DatabaseClock

NOON = datetime(2019, 10, 18, 12, tzinfo=UTC)


def test_the_offset_is_added() -> None:
    clock = Clock()
    before = datetime.now(UTC)
    clock.offset = timedelta(days=3)
    assert before + timedelta(days=3) <= clock.now() <= datetime.now(UTC) + timedelta(days=3)


def test_database_time_is_read_once_in_a_while_and_goes_on_in_between() -> None:
    asked: list[int] = []

    def read() -> tuple[datetime, timedelta]:
        asked.append(1)
        return NOON, timedelta(hours=1)

    clock = DatabaseClock(read, every=3600)
    first, second = clock.now(), clock.now()
    assert NOON + timedelta(hours=1) <= first <= second < NOON + timedelta(hours=1, minutes=1)
    assert len(asked) == 1
    assert clock.offset == timedelta(hours=1)


def test_a_moved_clock_is_seen_with_the_next_reading() -> None:
    offsets = iter([timedelta(0), timedelta(days=2)])
    clock = DatabaseClock(lambda: (NOON, next(offsets)), every=0)
    assert clock.now() < NOON + timedelta(minutes=1)
    assert clock.now() >= NOON + timedelta(days=2)
