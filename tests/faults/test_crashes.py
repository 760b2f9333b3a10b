"""Processes die by SIGKILL in the middle of running projects; afterwards nothing is lost and nothing is double."""

from __future__ import annotations

from uuid import UUID

import pytest
from delivery_center.load.prepared_system import PreparedSystem
from delivery_center.load.simulated_people import Robots

pytestmark = pytest.mark.faults

PROJECTS = 40


def through(robots: Robots, projects: list[UUID], *, timeout: float = 60) -> None:
    robots.run(lambda: all(project in robots.completed for project in projects), timeout=timeout)


@pytest.mark.parametrize(
    ("process", "failpoint"),
    [
        ("project-worker", "relay.after_publish"),
        ("dispatch-worker", "relay.after_publish"),
        ("dispatch-worker", "feed.after_commit"),
        ("project-worker", "feed.after_commit"),
        ("reporting-worker", "feed.after_commit"),
        ("notify-worker", "feed.after_commit"),
        ("dispatch-dispatcher", "dispatcher.before_commit"),
        ("dispatch-dispatcher", "dispatcher.after_commit"),
    ],
)
def test_a_process_dies_at_the_worst_moment(installation: PreparedSystem, process: str, failpoint: str) -> None:
    """Given a process that kills itself at ``failpoint``, when projects run, then it dies, and after it is started
    again all of them are completed and every invariant holds."""
    system, robots = installation.system, installation.robots()
    system.stop([process])
    system.start([process], failpoint=failpoint)
    projects = robots.order(installation.orders(PROJECTS))
    robots.run(lambda: system.running[process].poll() is not None, timeout=30)
    assert system.wait_for_death(process) == -9
    system.start([process])
    through(robots, projects)
    installation.assert_well()


def test_several_dispatchers_one_killed(installation: PreparedSystem) -> None:
    """Competing dispatchers share the work; one that is killed leaves nothing undone."""
    system, robots = installation.system, installation.robots()
    extra = ["dispatch-dispatcher#2", "dispatch-dispatcher#3"]
    system.start(extra)
    projects = robots.order(installation.orders(PROJECTS))
    system.kill(extra[0])
    through(robots, projects)
    assert system.stop([extra[1]]) == {extra[1]: 0}
    installation.assert_well()
