"""Commands as values, and how one is carried out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from delivery_shared.clock import Clock
from delivery_shared.commands import Command, Outcome, execute
from delivery_shared.eventstore import UnitOfWork
from delivery_shared.http.tokens import real_now

from intake_svc.store import IntakeStore

Answer = tuple[int, dict[str, Any]]
"""HTTP status and JSON body. It is stored, so nothing secret stands in it."""


@dataclass(frozen=True, kw_only=True)
class Means:
    """What commands work with: ``clock`` is the platform's; ``real_now``, by which signatures and secrets are
    looked at, is moved by nobody; ``endpoints`` are where mirrors may report to."""

    store: IntakeStore
    clock: Clock = field(default_factory=Clock)
    real_now: Callable[[], datetime] = real_now
    endpoints: Sequence[str] = ()

    def now(self) -> datetime:
        return self.clock.now()


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One command with all it was asked with. ``decide`` may be called several times, each time on fresh state.

    ``shown_once``: a secret made for it, which is stored sealed only.
    """

    decide: Callable[[UnitOfWork, Means], Answer]
    shown_once: str | None = None


def carry_out(means: Means, command: Command, operation: Operation) -> Outcome:
    """:raises KeyReused, Busy: see :func:`delivery_shared.commands.execute`; and what the operation refuses with."""
    return execute(means.store, command, lambda unit: operation.decide(unit, means))
