"""More requests than a service can carry: what it takes keeps its time, the rest is told at once to come back.

These assert the shape, which no machine changes: how long is bounded by what the server promises, how many by what it
carries.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.overload.load import Answers, Asked, open_loop
from tests.overload.serving import Served, Watch, answers, slow_service
from tests.overload.slow_service import THREADS

pytestmark = pytest.mark.integration

OVERLOADED = (503, "overloaded", "1")
LATEST = 3.0
"""Seconds an accepted request may take: 2 of waiting, and what it does."""


def overloaded(served: Served, *, rate: float, seconds: float, seed: int = 1) -> Answers:
    """The service's answers under ``rate``; it must say meanwhile that it is alive, and serve afterwards."""
    work = Asked(method="GET", url=f"{served.base}/api/v1/work")
    with Watch(f"{served.health}/livez") as alive, Watch(f"{served.health}/readyz") as ready:
        came = open_loop(lambda: work, rate=rate, seconds=seconds, seed=seed)
    assert alive.failed == ready.failed == 0
    assert alive.quantile(0.9) < 1, "the probes wait behind no request"
    assert answers(f"{served.base}/api/v1/work")
    assert {kind for kind in came.kinds if kind[0] != 200} == {OVERLOADED}, came.kinds
    assert came.of(200).quantile(0.99) < LATEST, str(came)
    return came


def test_twice_what_is_carried(tmp_path: Path) -> None:
    """80 requests a second are carried, and 128 may wait: those that come above are refused on the spot."""
    with slow_service(tmp_path, seconds=0.1) as served:
        came = overloaded(served, rate=2 * THREADS / 0.1, seconds=6)
    assert len(came.of(200)) > 0.6 * 6 * THREADS / 0.1, str(came)
    assert came.of(503).quantile(0.5) < 1, str(came)


def test_requests_that_take_long(tmp_path: Path) -> None:
    """16 requests a second are carried: among 128 that wait most would wait longer than two seconds."""
    with slow_service(tmp_path, seconds=0.5) as served:
        came = overloaded(served, rate=2.5 * THREADS / 0.5, seconds=8)
    assert len(came.of(200)) > 0.6 * 8 * THREADS / 0.5, str(came)


def test_what_is_carried_is_served(tmp_path: Path) -> None:
    """Half of what is carried: nobody is refused."""
    with slow_service(tmp_path, seconds=0.1) as served:
        work = Asked(method="GET", url=f"{served.base}/api/v1/work")
        came = open_loop(lambda: work, rate=0.5 * THREADS / 0.1, seconds=3, seed=2)
    assert set(came.kinds) == {(200, None, None)}, str(came)
