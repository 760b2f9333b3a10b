"""The scenarios of the manual over HTTP: against separate processes on RabbitMQ, and in embedded mode."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from delivery_center.client import Client
from delivery_center.demo import Accounts
from delivery_center.stories import play, scenario1, scenario3_departments

pytestmark = pytest.mark.stories


def proving(story: str, ids: Iterable[str], rows: int) -> object:
    return pytest.param(story, rows, id=story, marks=pytest.mark.requirement(*ids))


STORIES = [
    proving("1", [*(f"X-{n}" for n in range(101, 113)), "D-43", "D-44", "D-45"], len(scenario1.LOG)),
    proving(
        "3-departments",
        [*(f"X-{n}" for n in range(301, 314)), "D-25", "D-26", "D-46", "D-48", "D-50", "D-51"],
        len(scenario3_departments.LOG),
    ),
    proving("3-vendors", [*(f"X-{n}" for n in range(321, 330)), "P-15", "P-32", "D-10", "R-34", "R-37"], 13),
]


def tell(story: str, rows: int, installation: tuple[Client, Accounts]) -> None:
    """Play; what is said names the first difference."""
    said: list[str] = []
    client, accounts = installation
    assert play.main(client, accounts, said.append, story) == 0, "\n".join(said)
    assert sum("\t" in line for line in said) == rows


@pytest.mark.parametrize(("story", "rows"), STORIES)
def test_against_separate_processes(story: str, rows: int, separate: tuple[Client, Accounts]) -> None:
    tell(story, rows, separate)


@pytest.mark.parametrize(("story", "rows"), STORIES)
def test_in_embedded_mode(story: str, rows: int, embedded: tuple[Client, Accounts]) -> None:
    tell(story, rows, embedded)
