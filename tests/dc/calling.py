"""What tests of ``dc`` share: the answer of a command, and projects that run through."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from delivery_center.load.simulated_people import Robots


@dataclass
class Said:
    """What a command answered."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.status == 0, self.err
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        assert self.status == 0, self.err
        return [json.loads(line) for line in self.out.splitlines()]


Dc = Callable[..., Said]
"""Gives a command line to the installation; ``environment`` replaces settings of it."""


def through(robots: Robots, projects: list[UUID], *, timeout: float = 60) -> None:
    robots.run(lambda: all(project in robots.completed for project in projects), timeout=timeout)
