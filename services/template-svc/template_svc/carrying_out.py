"""Commands as values, and how one is carried out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from delivery_shared.clock import Clock
from delivery_shared.commands import Command, Outcome, execute
from delivery_shared.eventstore import UnitOfWork

from template_svc.store import TemplateStore

Answer = tuple[int, dict[str, Any]]
"""HTTP status and JSON body."""

Check = Callable[[int], None]
"""Called with the version of what is to be changed; raises if the caller edited another one. It runs on the state the
save is guarded by."""


@dataclass(kw_only=True)
class Means:
    """What commands work with, and what this installation offers: whether published templates can be edited (announced,
    not part of V3.0; A-20), and whether the platform's clock may be moved (demo and tests only; architecture 5)."""

    store: TemplateStore
    clock: Clock = field(default_factory=Clock)
    revisions_offered: bool = False
    movable_clock: bool = False

    def now(self) -> datetime:
        return self.clock.now()


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One command with all it was asked with. ``decide`` may be called several times, each time on fresh state."""

    decide: Callable[[UnitOfWork, Means], Answer]


def carry_out(means: Means, command: Command, operation: Operation) -> Outcome:
    """:raises KeyReused, Busy: see :func:`delivery_shared.commands.execute`; and what the operation refuses with."""
    return execute(means.store, command, lambda unit: operation.decide(unit, means))


def any_version(version: int) -> None:
    """For callers that did not edit what they had read before."""
