"""dispatch-svc as one object: what can be set, what waits, and how it was decided."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from delivery_shared.commands import Command, Outcome, execute
from delivery_shared.http import Caller

from dispatch_svc import commands, inbox_sql
from dispatch_svc.commands import Provider, any_edition
from dispatch_svc.domain.errors import AskPaused, NotAProvider, NotVisible
from dispatch_svc.domain.keys import PoolKey
from dispatch_svc.pages import read_model
from dispatch_svc.pages.decisions import DecisionPages
from dispatch_svc.pages.providers import ProviderPages
from dispatch_svc.pages.queue import QueuePages, visible, why
from dispatch_svc.pages.staff import StaffPages
from dispatch_svc.store import DispatchStore

ATTEMPT_WAIT = 2.0
"""Seconds 分单 waits for the attempt it asked for (architecture 4)."""
ATTEMPT_LOOK = 0.02


class DispatchApplication:
    """Carries out the commands of people and has the pages; the decisions are the dispatchers'."""

    def __init__(self, store: DispatchStore) -> None:
        self.store = store
        self.providers = ProviderPages(store)
        self.staff = StaffPages(store)
        self.queue = QueuePages(store)
        self.decisions = DecisionPages(store)

    def configure_providers(
        self,
        *,
        command: Command,
        by: Caller,
        product_id: UUID,
        providers: Sequence[Provider],
        at_edition: Callable[[int], None] = any_edition,
    ) -> Outcome:
        """Save the whole configuration of a product of the caller's party (P-18…P-28).

        :raises NotVisible: not a product of the caller.
        :raises OutOfRange, NotRelated, ConfiguredTwice: see :func:`commands.configure_providers`.
        """
        vendor_id = self.providers.product(product_id, by)["vendor_id"]
        decide = commands.configure_providers(
            product_id=product_id,
            vendor_id=vendor_id,
            providers=providers,
            at_edition=at_edition,
            at=self.store.clock.now(),
        )
        return execute(self.store, command, decide)

    def set_relation(self, *, command: Command, product_id: UUID, provider_id: UUID, related: bool) -> Outcome:
        """Let a provider serve a product, or no longer (P-15). :raises NotVisible: no such product or relation.
        :raises NotAProvider: no marketplace ISV."""
        with self.store.connection() as connection:
            product = read_model.product(connection, product_id)
            party = read_model.party(connection, provider_id)
        if product is None:
            raise NotVisible
        if related and (party is None or party["kind"] != "isv"):
            raise NotAProvider
        decide = commands.set_relation(
            product_id=product_id,
            vendor_id=product["vendor_id"],
            provider_id=provider_id,
            related=related,
            at=self.store.clock.now(),
        )
        return execute(self.store, command, decide)

    def set_members(
        self,
        *,
        command: Command,
        by: Caller,
        person_ids: Sequence[UUID],
        maximum: int | None = None,
        receiving: bool | None = None,
    ) -> Outcome:
        """Set maximum and receive status of people of the caller's provider: see :func:`commands.set_members`."""
        decide = commands.set_members(
            provider_id=by.party_id,
            person_ids=person_ids,
            maximum=maximum,
            receiving=receiving,
            at=self.store.clock.now(),
        )
        return execute(self.store, command, decide)

    def set_receiving(self, *, command: Command, by: Caller, receiving: bool) -> Outcome:
        """Open or close receiving for oneself (D-61, D-62). :raises UnknownMember: not of a provider's staff."""
        outcome = self.set_members(command=command, by=by, person_ids=[by.user_id], receiving=receiving)
        return Outcome(
            status=outcome.status,
            body=outcome.body["items"][0],
            position=outcome.position,
            replayed=outcome.replayed,
        )

    def dispatch_now(self, *, by: Caller, request_id: UUID) -> dict[str, Any]:
        """分单 (D-10, D-33): have the pool tried at once – also an ask put aside after failures – and answer the
        assignment, or the reason of this very attempt (D-36); ``status`` is ``assigned``, ``waiting`` or, when no
        dispatcher came by in time, ``pending``.

        :raises NotVisible: no such ask of the caller's. :raises AskPaused: its project is paused.
        """
        ask = self.queue.ask(request_id)
        if ask is None or not visible(ask, by):
            return self._served(request_id, by)
        if ask["suspended"]:
            raise AskPaused
        pool = PoolKey(ask["pool"])
        with self.store.connection() as connection:
            seq = inbox_sql.retry(connection, pool, ask["arrival"])
        self.store.hint(pool)
        deadline = time.monotonic() + ATTEMPT_WAIT
        while True:
            present = self.queue.ask(request_id)
            if present is None or present["ask"] != ask["ask"]:
                return self._served(request_id, by)
            if (present["seq"] or 0) >= seq:
                return {"status": "waiting", **why(present)}
            if time.monotonic() > deadline:
                return {"status": "pending", **why(present)}
            time.sleep(ATTEMPT_LOOK)

    def _served(self, request_id: UUID, by: Caller) -> dict[str, Any]:
        served = [d for d in self.decisions.decided(request_id) if d["outcome"] == "assigned" and visible(d, by)]
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
