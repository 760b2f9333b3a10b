"""Random faults while projects run, one seed after the other. Whatever came, everything ordered is completed, and every
invariant holds. ``make faults`` runs it alone, :data:`~tests.soak.conftest.RUNS` seeds in a row.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import pytest
from delivery_center.load.prepared_system import PreparedSystem
from delivery_shared.testing.fixtures import eventually

from tests.faults.selling import KINDS, Selling
from tests.faults.test_scaling import Load, under_load

from .conftest import RUNS, SECONDS, SEED, Report
from .faults import AWAY, PAUSE, Faults, Servers, on_own_servers

pytestmark = [pytest.mark.soak, pytest.mark.timeout(SECONDS * 3 + 900)]

EACH = 334
"""Orders of each of three marketplaces."""
BESIDE = 5
"""Projects of others under way meanwhile: enough to be in the way, few enough that a thousand orders are done soon."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PreparedSystem, Servers]]:
    with on_own_servers(tmp_path_factory.mktemp("faults")) as running:
        yield running


@pytest.mark.parametrize("seed", range(SEED, SEED + RUNS))
def test_nothing_is_lost_or_double_whatever_fails(
    running: tuple[PreparedSystem, Servers], seed: int, report: Report
) -> None:
    draw, (installation, servers) = random.Random(seed), running
    faults, told = Faults(installation.system, servers, draw), list[str]()

    def bring_about(load: Load) -> None:
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline and load.is_alive():
            told.append(faults.next())
            load.enough.wait(draw.uniform(0, PAUSE))

    try:
        with under_load(installation, patience=AWAY + 180) as load:
            bring_about(load)
    finally:
        report("\n".join(told))
    report(f"{len(told)} faults, {len(load.projects)} projects, all completed, 0 violations")


@pytest.mark.timeout(2_700)
def test_what_marketplaces_sell_becomes_one_project_each_whatever_fails(
    running: tuple[PreparedSystem, Servers], seed: int, report: Report
) -> None:
    """Given three marketplaces that sell a thousand orders, when processes and servers fail all the time, then each
    order is ready, is one project, and runs to its end beside others."""
    draw, (installation, servers) = random.Random(seed), running
    faults, selling, told = Faults(installation.system, servers, draw), Selling(installation), list[str]()
    try:
        with under_load(installation, patience=600, most=BESIDE) as load:
            with selling.going_on(EACH):
                while selling.under_way:
                    told.append(faults.next())
                    time.sleep(draw.uniform(0, PAUSE))
            late = selling.ask_again()
            assert [sold for sold in selling.sold if sold.purchase.instance is None] == []
            projects = {sold.project_id for sold in selling.sold}
            assert len(projects) == EACH * len(KINDS)
            eventually(lambda: load.failure or load.robots.completed.keys() >= projects, timeout=600)
    finally:
        report("\n".join(told))
    calls = sum(sold.purchase.calls for sold in selling.sold)
    report(f"{len(told)} faults, {len(projects)} orders in {calls} calls, {late} asked for again, 0 violations")
