"""What becomes of a project's asks and of what it holds when it restarts, pauses, goes on or ends."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from dispatch_svc.domain import asks, facts
from dispatch_svc.domain.asking import freed
from dispatch_svc.domain.asks import Ask, Freed
from dispatch_svc.domain.assignment import Assignment


def restart(assignment: Assignment, *, run: int, provider_id: UUID, at: datetime) -> tuple[list[Ask], Freed] | None:
    """Run ``run`` began (R-34): asks of earlier runs end, what they hold is freed (R-41), the reserved provider
    is the provider, and no pause is left (R-44). Returns the asks that follow and what is freed; None if that is
    no news."""
    if assignment.ended or run <= assignment.run:
        return None
    reserved = assignment.reserved
    kept = reserved is not None and reserved.provider_id == str(provider_id)
    released = None if kept or not reserved else reserved.provider_id
    former = freed(assignment, assignment.provider_id, released, everybody=True)
    restarted = facts.Restarted(
        run=run,
        provider_id=provider_id if kept else None,
        withdrawn=[key for key, ask in assignment.open.items() if ask.run < run],
    )
    assignment.tell(restarted, at=at)
    if not reserved or not kept:
        return [], former
    roles = reserved.implicit_roles
    return asks.implied(request_id=reserved.request_id, run=run, provider_id=provider_id, roles=roles), former


def hold(assignment: Assignment, *, run: int, held: bool, at: datetime) -> bool:
    """The marketplace holds the project, or does not any more: its asks rest as in a pause, beside one, and over a
    change of provider. False if that is no news."""
    if assignment.ended or run < assignment.run or assignment.held == held:
        return False
    assignment.tell(facts.Suspended(hold=True) if held else facts.Resumed(hold=True), at=at)
    return True


def suspend(assignment: Assignment, *, run: int, at: datetime) -> bool:
    """The project was paused: its asks rest (D-38). False if that is no news."""
    if assignment.ended or run < assignment.run or assignment.suspended:
        return False
    assignment.tell(facts.Suspended(), at=at)
    return True


def resume(assignment: Assignment, *, run: int, at: datetime) -> bool:
    """The project goes on. False if that is no news."""
    if assignment.ended or run < assignment.run or not assignment.suspended:
        return False
    assignment.tell(facts.Resumed(), at=at)
    return True


def end(assignment: Assignment, *, how: str, at: datetime) -> Freed | None:
    """Completed or cancelled: final, everything is freed (R-134, R-139). None if it had ended before."""
    if assignment.ended:
        return None
    reserved = assignment.reserved.provider_id if assignment.reserved else None
    former = freed(assignment, assignment.provider_id, reserved, everybody=True)
    assignment.tell(facts.Ended(how=how, withdrawn=list(assignment.open)), at=at)
    return former
