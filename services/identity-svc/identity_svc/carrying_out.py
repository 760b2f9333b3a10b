"""Commands as values, and how one is carried out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from delivery_shared.commands import Command, Outcome, execute
from delivery_shared.eventstore import UnitOfWork
from delivery_shared.http.tokens import real_now

from identity_svc.config import Config
from identity_svc.store import IdentityStore
from identity_svc.throttle import Throttle

Answer = tuple[int, dict[str, Any]]
"""HTTP status and JSON body. It is stored, so nothing secret stands in it."""


@dataclass(frozen=True, kw_only=True)
class Means:
    """What commands work with. ``now`` is the real clock: what identity decides hangs on no movable time."""

    store: IdentityStore
    config: Config = field(default_factory=Config)
    now: Callable[[], datetime] = real_now

    @property
    def throttle(self) -> Throttle:
        """What slows down who guesses passwords."""
        return Throttle(self.store.connection, self.now, self.config.limits)


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One command with all it was asked with. ``decide`` may be called several times, each time on fresh state.

    ``initial_password``: one that came with it. It is shown once and stored nowhere (U-27).
    """

    decide: Callable[[UnitOfWork, Means], Answer]
    initial_password: str | None = None


def carry_out(means: Means, command: Command, operation: Operation) -> Outcome:
    """:raises KeyReused, Busy: see :func:`delivery_shared.commands.execute`; and what the operation refuses with."""
    return execute(means.store, command, lambda unit: operation.decide(unit, means))
