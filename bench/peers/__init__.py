"""Other engines that carry a project of ten steps on, each in the fastest configuration found by its own documentation.

A module each, whose ``started(place)`` yields a :class:`Peer` and at the end leaves nothing running; its docstring says
what was tried and what the engine does not do for its price. Every step is a function
that adds one, so what is measured is what it costs to be sure of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

STEPS = 10


class Missing(RuntimeError):
    """An engine is not to be had on this machine."""


class Incomplete(RuntimeError):
    """Less is stored than was started, or something other than the sum of its steps."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an engine may keep what it keeps: an empty database, a broker nobody else uses."""

    database_url: str
    amqp_url: str


class Peer(Protocol):
    """An engine that runs, warm or not."""

    roots: Mapping[str, Sequence[int]]
    """What works for it, by name: processes, all below them included. The caller only where it is the engine."""

    def run(self, projects: int) -> float:
        """Carry so many out and return how many a second, from the first begun to the last stored.

        :raises Incomplete: not all are.
        """
        ...
