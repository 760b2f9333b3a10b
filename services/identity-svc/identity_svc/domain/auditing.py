"""Recording what operators do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from identity_svc.domain import facts
from identity_svc.domain.operator_action import OperatorAction


def begin(*, id: UUID, who: str, action: str, arguments: Mapping[str, str], at: datetime) -> OperatorAction:
    """``who`` begins an action."""
    return OperatorAction.begun(facts.ActionBegun(who=who, action=action, arguments=dict(arguments)), id=id, at=at)


def end(action: OperatorAction, *, outcome: facts.ActionOutcome, detail: str, at: datetime) -> None:
    """Record what came of it; only the first end counts."""
    if action.outcome is None:
        action.tell(facts.ActionEnded(outcome=outcome, detail=detail), at=at)
