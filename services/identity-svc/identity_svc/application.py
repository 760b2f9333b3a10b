"""What the views and the service's own loops call."""

from __future__ import annotations

from delivery_shared.commands import Command, Outcome
from delivery_shared.http.tokens import TokenIssuer

from identity_svc.carrying_out import Means, Operation, carry_out
from identity_svc.pages.lists import Lists
from identity_svc.sessions import Sessions
from identity_svc.signed_requests import SignedRequests


class IdentityApplication:
    """Who exists and who may sign in: commands, sessions, signed requests, and what is read."""

    def __init__(self, means: Means, *, issuer: TokenIssuer) -> None:
        self.means = means
        self.store = means.store
        self.sessions = Sessions(means, issuer=issuer)
        self.signed_requests = SignedRequests(means, issuer=issuer)
        self.lists = Lists(self.store.connection)

    def carry_out(self, command: Command, operation: Operation) -> Outcome:
        """Carry out one of the functions of :mod:`identity_svc.commands`; see :func:`carrying_out.carry_out`."""
        return carry_out(self.means, command, operation)
