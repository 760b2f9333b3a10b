"""The first batch after a pause goes at once; those right behind it gather."""

from __future__ import annotations

from delivery_shared.messaging.pace import Pace


class Hand:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_first_batch_goes_at_once() -> None:
    assert Pace(0.1, Hand()).early() <= 0


def test_one_right_behind_waits_for_the_rest_of_the_time_and_no_longer() -> None:
    clock = Hand()
    pace = Pace(0.5, clock)
    pace.begin()
    assert pace.early() == 0.5
    clock.now += 0.25
    assert pace.early() == 0.25
    clock.now += 0.25
    assert pace.early() == 0
    pace.begin()
    assert pace.early() == 0.5


def test_after_a_pause_nothing_waits() -> None:
    clock = Hand()
    pace = Pace(0.5, clock)
    pace.begin()
    clock.now += 60
    assert pace.early() < 0
