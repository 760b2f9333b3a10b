"""The simulation of ``docs/scale.md``: it says what is known where something is, and the page says what it says."""

from __future__ import annotations

import re
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import simpy

from bench.scale import LADDER, OPERATIONS, Costs, Layout, Together, ceilings, first, simulate

PAGE = Path(__file__).parents[2] / "docs/scale.md"
ROW = re.compile(r"^\| (?P<layout>.+?) \| (?P<part>.+?) \| (?P<rate>[\d,]+) \| [\d,]+ \| \d+ / \d+ \|$", re.MULTILINE)
SMALL = LADDER[0]


def test_what_waits_at_the_same_time_travels_together() -> None:
    """Given a hundred that come at once, when at most 32 go together for 10 ms, then the last is done after 40."""
    env = simpy.Environment()
    done: list[float] = []

    def carry_out(many: int) -> Generator[simpy.Event, Any, None]:
        assert many <= 32
        yield env.timeout(10)

    def one() -> Generator[simpy.Event, Any, None]:
        yield together.join()
        done.append(env.now)

    together = Together(env, "store", 32, carry_out)
    for _ in range(100):
        env.process(one())
    env.run(until=1000)
    assert (len(done), done[0], done[-1], together.busy) == (100, 10, 40, 0.04)


@pytest.mark.parametrize("rate", [5.0, 20.0])
def test_processors_are_as_busy_as_the_costs_say(rate: float) -> None:
    """What comes in a second takes what a second of it costs (utilization law)."""
    costs = Costs()
    seen = simulate(SMALL, rate, costs=costs, seconds=30)
    assert seen.busy["processors"] == pytest.approx(rate * costs.all / 1000 / SMALL.cores, rel=0.1)
    assert seen.finished > 0.9


def test_more_at_once_waits_longer_and_above_the_ceiling_it_heaps_up() -> None:
    costs = Costs()
    _, most = first(SMALL, costs)
    calm, busy, over = (simulate(SMALL, most * part, costs=costs) for part in (0.3, 0.9, 1.5))
    assert calm.p99 < busy.p99 < over.p99
    assert over.finished < 0.9 < busy.finished


def test_a_commit_takes_what_the_standby_is_away() -> None:
    """An order is saved, then each of its two asks is saved by dispatch and answered: seven commits, one after the
    other – the feeds' and the pools' among them."""
    costs = Costs()
    near, far = (simulate(replace(LADDER[1], standby=delay), 0.5, costs=costs, seconds=200) for delay in (0.0, 10.0))
    assert far.p50 - near.p50 == pytest.approx(70, rel=0.15)


def test_cells_carry_their_sum() -> None:
    cell = Layout(name="one", cores=16, database_cores=16)
    one, four = (ceilings(replace(cell, cells=cells), Costs()) for cells in (1, 4))
    assert four == {name: pytest.approx(4 * rate) for name, rate in one.items()}


def test_the_page_says_what_the_costs_say() -> None:
    told = [(row["layout"], row["part"], row["rate"]) for row in ROW.finditer(PAGE.read_text())]
    ends = [(layout.name, *first(layout, Costs())) for layout in LADDER]
    assert told == [(name, part, f"{rate:,.0f}") for name, part, rate in ends]


def test_the_costs_are_those_of_the_page_of_costs() -> None:
    """``docs/performance.md``: ours over HTTP, now."""
    page = (PAGE.parent / "performance.md").read_text()
    names = {
        "project-api": "project_api", "PostgreSQL": "database", "reporting-worker": "reporting_worker",
        "dispatch-worker": "dispatch_worker", "RabbitMQ": "broker", "project-worker": "project_worker",
        "dispatcher": "dispatcher", "notify-worker": "notify_worker",
    }  # fmt: skip
    for name, attribute in names.items():
        row = re.search(rf"^\| {name} \| [\d.]+ \| [\d.]+ \| ([\d.]+) \|$", page, re.MULTILINE)
        assert row is not None, name
        assert float(row[1]) == getattr(Costs(), attribute), name
    assert OPERATIONS == 8
