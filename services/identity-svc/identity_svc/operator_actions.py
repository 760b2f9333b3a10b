"""What the people who run the installation did to it by hand (操作审计): one stream per action.

``Begun`` is stored before anything is changed and ``Ended`` after it, so that an action that died half-way is seen as
one without an end. Both are private: nobody else hears of them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from eventsourcing.domain import Aggregate, event

Outcome = Literal["done", "failed"]


class OperatorAction(Aggregate):
    """One action. ``who`` is the name of the operating-system user, or the one given instead; ``arguments`` are texts
    that name things by id and hold no personal data; ``detail`` says what came of it."""

    @event("Begun")
    def __init__(self, *, id: UUID, who: str, action: str, arguments: dict[str, str], timestamp: datetime) -> None:
        self._id = id
        self.who = who
        self.action = action
        self.arguments = arguments
        self.begun_at = timestamp
        self.outcome: Outcome | None = None
        self.detail = ""
        self.ended_at: datetime | None = None

    def end(self, *, outcome: Outcome, detail: str, timestamp: datetime) -> None:
        """Record what came of it; only the first end counts."""
        if self.outcome is None:
            self._end(outcome=outcome, detail=detail, timestamp=timestamp)

    @event("Ended")
    def _end(self, *, outcome: Outcome, detail: str, timestamp: datetime) -> None:
        self.outcome = outcome
        self.detail = detail
        self.ended_at = timestamp
