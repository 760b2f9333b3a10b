"""排队情况: what waits and why, 分单, and how an ask was decided."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

from delivery_shared.http import Caller

from dispatch_svc import read_model
from dispatch_svc.domain import AskPaused, NotVisible
from dispatch_svc.inbox import RAISE_WAKE, PoolStore
from dispatch_svc.pages import PageOf

ATTEMPT_WAIT = 2.0
"""Seconds 分单 waits for the attempt it asked for (architecture 4)."""
ATTEMPT_LOOK = 0.02


class WaitingAsks(PoolStore):
    """Reads the inbox and its decisions; has a pool tried at once. The decisions are the dispatchers'."""

    def queue(
        self,
        *,
        by: Caller,
        entrance: str,
        order_number: str | None = None,
        provider_name: str | None = None,
        cursor: int | None = None,
        limit: int,
    ) -> PageOf:
        """What waits: for the vendor its projects at either level (D-13, D-15), for the provider what waits for
        its staff (D-40, D-41); in the order of arrival."""
        with self.connection() as connection:
            rows, total = read_model.queue(
                connection,
                vendor_id=by.party_id if entrance == "vendor" else None,
                provider_id=by.party_id if entrance == "provider" else None,
                order_number=order_number,
                provider_name=provider_name,
                cursor=cursor,
                limit=limit + 1,
            )
        page = rows[:limit]
        return PageOf(items=page, total=total, last=page[-1]["arrival"] if len(rows) > limit else None)

    def dispatch_now(self, *, by: Caller, request_id: UUID, wait: float = ATTEMPT_WAIT) -> dict[str, Any]:
        """分单 (D-10, D-33): have the pool tried at once – also an ask put aside after failures – and answer the
        assignment, or the reason of this very attempt (D-36); ``status`` is ``assigned``, ``waiting`` or, when no
        dispatcher came by in time, ``pending``.

        :raises NotVisible: no such ask of the caller's. :raises AskPaused: its project is paused.
        """
        with self.connection() as connection:
            ask = read_model.waiting_ask(connection, request_id)
            if ask is None or not visible(ask, by):
                return self._served(request_id, by)
            if ask["suspended"]:
                raise AskPaused
            seq = self._retry(ask)
        self.hint(ask["pool"])
        deadline = time.monotonic() + wait
        while True:
            with self.connection() as connection:
                present = read_model.waiting_ask(connection, request_id)
            if present is None or present["ask"] != ask["ask"]:
                return self._served(request_id, by)
            if (present["seq"] or 0) >= seq:
                return {"status": "waiting", **read_model.why(present)}
            if time.monotonic() > deadline:
                return {"status": "pending", **read_model.why(present)}
            time.sleep(ATTEMPT_LOOK)

    def _retry(self, ask: dict[str, Any]) -> int:
        with self.connection() as connection, connection.transaction():
            row = connection.execute(RAISE_WAKE, {"pool": ask["pool"]}).fetchone()
            connection.execute(
                "UPDATE pool_inbox SET next_try = NULL, parked_at = NULL WHERE arrival = %s AND next_try IS NOT NULL",
                (ask["arrival"],),
            )
        assert row is not None
        return int(row["seq"])

    def _served(self, request_id: UUID, by: Caller) -> dict[str, Any]:
        with self.connection() as connection:
            decisions = [d for d in read_model.decisions(connection, request_id) if visible(d, by)]
        served = [d for d in decisions if d["outcome"] == "assigned"]
        if not served:
            raise NotVisible
        last = served[-1]
        return {
            "status": "assigned",
            "request_id": request_id,
            "project_id": last["project_id"],
            "provider_id": last["provider_id"],
            "role": last["role"],
            "person_id": last["person_id"],
        }

    def explain(self, *, by: Caller, request_id: UUID) -> list[dict[str, Any]]:
        """How the asks of a request were decided: the event, and all candidates as they stood before it, got by
        replaying the pool. The vendor sees providers of its products, the provider admin its own staff, the
        operator all. :raises NotVisible: nothing decided that the caller may see."""
        with self.connection() as connection:
            decisions = read_model.decisions(connection, request_id)
        return self._explain(by, decisions)

    def explain_assignments(self, *, by: Caller, project_id: UUID) -> list[dict[str, Any]]:
        """Why this provider, why this person: as :meth:`explain`, for everybody a project was ever given."""
        with self.connection() as connection:
            decisions = read_model.decisions_of(connection, project_id)
        return self._explain(by, decisions)

    def _explain(self, by: Caller, decisions: list[dict[str, Any]]) -> list[dict[str, Any]]:
        decisions = [decision for decision in decisions if explainable(decision, by)]
        if not decisions:
            raise NotVisible
        explained = [self._explained(decision) for decision in decisions]
        with self.connection() as connection:
            read_model.name_candidates(connection, explained)
        return explained

    def _explained(self, decision: dict[str, Any]) -> dict[str, Any]:
        assigned = decision["outcome"] == "assigned"
        event: Any = None
        if assigned:
            (event,) = self.events.get(decision["stream"], gt=decision["version"] - 1, lte=decision["version"])
        before = decision["version"] - 1 if assigned else decision["version"]
        pool: Any = self.repository.get(decision["stream"], version=before)
        candidates = pool.listing() if decision["level"] == "provider" else pool.listing(decision["class"])
        return {
            **decision,
            "how": event.how if event else None,
            "seed": str(event.seed) if event and event.seed is not None else None,
            "tied": event.tied if event else [],
            "excluded": event.excluded if event else {},
            "arrival": event.arrival if event else None,
            "candidates": [{**c, "id": c.get("provider_id") or c.get("person_id")} for c in candidates],
        }


def visible(ask: dict[str, Any], by: Caller) -> bool:
    """Whether an ask belongs to the caller's queue page: the vendor's, or – staff level – the provider's."""
    return (by.is_a("vendor_admin", "vendor_project_manager") and ask["vendor_id"] == by.party_id) or (
        by.is_a("provider_admin") and ask["role"] is not None and ask["provider_id"] == by.party_id
    )


def explainable(decision: dict[str, Any], by: Caller) -> bool:
    """Whether the caller may see who else was a candidate."""
    if by.is_a("platform_operator"):
        return True
    if decision["level"] == "provider":
        return by.is_a("vendor_admin") and decision["vendor_id"] == by.party_id
    return by.is_a("provider_admin") and decision["provider_id"] == by.party_id
