"""Long runs: a seed each, and a report at the end. ``make soak`` runs them, ``make test`` does not.

``SOAK_SEED`` repeats a run; ``SOAK_SECONDS`` is how long each load lasts; ``SOAK_RUNS`` is how many seeds in a row the
random faults are drawn from.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable

import pytest

SECONDS = float(os.environ.get("SOAK_SECONDS", "60"))
RUNS = int(os.environ.get("SOAK_RUNS", "5"))
SEED = int(os.environ.get("SOAK_SEED") or random.SystemRandom().randrange(10**6))

LINES = pytest.StashKey[list[str]]()
Report = Callable[[str], None]


@pytest.fixture
def seed() -> int:
    """Of this run."""
    return SEED


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Report:
    """Takes lines for the report, under the test's name."""
    lines = request.config.stash.setdefault(LINES, [])
    lines.append(f"\n{request.node.name}")
    return lambda text: lines.extend(f"  {line}" for line in text.splitlines())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print what the runs have told, and how to repeat them."""
    lines = config.stash.get(LINES, [])
    if lines:
        terminalreporter.section(f"soak report, SOAK_SEED={SEED} SOAK_SECONDS={SECONDS:g}")
        for line in lines:
            terminalreporter.write_line(line)
