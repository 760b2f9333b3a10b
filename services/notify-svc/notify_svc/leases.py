"""What a process has in hand, kept in its hand: leases are short, so that a sender that dies costs its letters seconds,
and renewed, so that a conversation that takes long is not begun a second time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import structlog
from sqlalchemy import Engine

from notify_svc import deliveries
from notify_svc.deliveries import Leased

log = structlog.get_logger()

EVERY = 10.0
"""Seconds between two renewals: a third of a lease, so that one may fail."""


class Leases:
    """The leases of one process. Renewing stops with the process, and where nothing is in hand."""

    def __init__(self, engine: Engine, *, every: float = EVERY) -> None:
        self.engine = engine
        self.every = every
        self._changed = threading.Condition()
        self._held: dict[UUID, Leased] = {}
        self._renewing = False

    @contextmanager
    def kept(self, leased: Leased) -> Iterator[None]:
        """Renew ``leased`` while the block runs."""
        with self._changed:
            self._held[leased.delivery_id] = leased
            if not self._renewing:
                self._renewing = True
                threading.Thread(target=self._renew, name="leases", daemon=True).start()
        try:
            yield
        finally:
            with self._changed:
                del self._held[leased.delivery_id]
                self._changed.notify_all()

    def _renew(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: not self._held, timeout=self.every)
                if not self._held:
                    self._renewing = False
                    return
                held = list(self._held.values())
            try:
                deliveries.renew(self.engine, held)
            except Exception as error:
                log.warning("leases not renewed", deliveries=len(held), error=repr(error))
