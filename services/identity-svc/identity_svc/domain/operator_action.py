"""The aggregate of one action of an operator."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from delivery_shared.facts import Aggregate, stored_as

from identity_svc.domain import facts


@stored_as("identity", facts.ActionFact)
class OperatorAction(Aggregate[facts.ActionFact]):
    """What somebody who runs the installation did to it by hand (操作审计): one stream per action.

    It is begun before anything is changed and ended after it, so that one that died half-way is seen as one without an
    end. Nobody else hears of it.
    """

    who: str
    action: str
    arguments: dict[str, str]
    begun_at: datetime
    outcome: facts.ActionOutcome | None
    detail: str
    ended_at: datetime | None

    def change(self, fact: facts.ActionFact, at: datetime) -> None:
        match fact:
            case facts.ActionBegun():
                self.who = fact.who
                self.action = fact.action
                self.arguments = fact.arguments
                self.begun_at = at
                self.outcome = None
                self.detail = ""
                self.ended_at = None
            case facts.ActionEnded():
                self.outcome = fact.outcome
                self.detail = fact.detail
                self.ended_at = at
            case _:
                assert_never(fact)
