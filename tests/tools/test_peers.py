"""How the bench counts and tells what engines cost, ours and others."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import bench.peers
from bench.costs import PEERS, Costs, middle, spent, table, with_its_caller

BUSY = "import time\nwhile time.process_time() < 0.3: pass\nprint(flush=True)\ninput()"


def costs(*spent: float, rate: float = 1.0, p50: float = 0.0) -> Costs:
    return Costs(rate=rate, spent={f"part {n}": ms for n, ms in enumerate(spent)}, p50=p50, p99=2 * p50, client=0.5)


def test_a_process_is_counted_with_all_below_it_and_only_once() -> None:
    """Given a process that worked for 300 ms, when it is counted beside its parent, then it counts once."""
    with subprocess.Popen([sys.executable, "-c", BUSY], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        alone, both = spent(child.pid), spent(os.getpid(), child.pid)
        times = os.times()
        mine = (times.user + times.system + times.children_user + times.children_system) * 1000
        child.communicate(b"\n")
    assert alone >= 290
    assert spent(child.pid) == 0
    assert both >= alone
    assert both < mine + 2 * alone


def test_a_caller_is_counted_once_beside_what_it_has_started() -> None:
    """Given servers that the client has started, when it is counted as a part, then they are not counted twice."""
    counted = with_its_caller(Costs(rate=1.0, spent={"PostgreSQL": 5.0}, client=2.0))
    assert (counted.whole, counted.client) == (7.0, 0.0)


def test_the_middle_run_is_one_that_was_seen() -> None:
    runs = [costs(9, 1), costs(2, 1), costs(4, 2)]
    assert middle(runs) is runs[2]
    assert middle(runs[:2]) is runs[1]
    assert middle(runs).whole == 6


def test_the_table_tells_the_median_with_its_parts() -> None:
    told = list(table({"ours": [costs(9, 1), costs(2, 0.04, rate=7), costs(1)], "floor": [costs(3, p50=4)]}))
    assert told[2:] == [
        "| ours | 2.0 | part 0 2.0 | 0.5 | 7.0 | – |",
        "| floor | 3.0 | part 0 3.0 | 0.5 | 1.0 | 4 / 8 ms |",
    ]


def test_every_peer_is_a_module_of_its_own() -> None:
    folder = Path(bench.peers.__file__).parent
    assert {path.stem for path in folder.glob("*.py")} - {"__init__", "crew"} == set(PEERS.values())


def test_the_stored_state_of_a_process_is_enough_to_go_on() -> None:
    """Given an instance stored after five of its tasks, when it is read again, then it ends as the first would."""
    pytest.importorskip("SpiffWorkflow", reason="only the bench installs it")
    from bench.peers import STEPS, spiff_process

    spec = spiff_process.description()
    workflow = spiff_process.begun(spec)
    for _ in range(5):
        spiff_process.step(workflow)
    state = spiff_process.stored(workflow)
    assert "spec" not in json.loads(state)
    again = spiff_process.restored(state, spec)
    steps = 0
    while spiff_process.step(again):
        steps += 1
    assert (steps, again.completed, again.last_task.data["value"]) == (STEPS - 5, True, STEPS)
