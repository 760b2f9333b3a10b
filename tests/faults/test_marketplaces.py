"""Orders of marketplaces come in, whatever process dies: each becomes one project that runs to its end."""

from __future__ import annotations

import pytest
from delivery_center.load.prepared_system import PreparedSystem

from .selling import KINDS, Selling

pytestmark = pytest.mark.faults

EACH = 10
ON_THE_WAY = (
    "intake-api",
    "intake-worker",
    "project-worker",
    "project-api",
    "dispatch-worker",
    "dispatch-dispatcher",
    "template-worker",
    "identity-worker",
)
"""Processes an order passes on its way in, and those that tell them what they have to know."""


def test_what_marketplaces_sell_becomes_one_project_each_whatever_dies(installation: PreparedSystem) -> None:
    """Given three marketplaces that sell, when every process on the way is killed in turn, then each order is ready,
    is one project, and runs to its end."""
    system, robots, selling = installation.system, installation.robots(), Selling(installation)
    with selling.going_on(EACH):
        for name in ON_THE_WAY:
            system.kill(name)
            system.start([name])
    selling.ask_again()
    assert [sold for sold in selling.sold if sold.purchase.instance is None] == []
    projects = {sold.project_id for sold in selling.sold}
    assert len(projects) == EACH * len(KINDS)
    robots.run(lambda: robots.completed.keys() >= projects, timeout=120)
    installation.assert_well()
