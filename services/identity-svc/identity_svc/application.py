"""What the views and the service's own loops call."""

from __future__ import annotations

from delivery_shared.commands import Command, Outcome
from delivery_shared.http.tokens import Claims, TokenIssuer
from delivery_shared.links import LinkKeys

from identity_svc.carrying_out import Means, Operation, carry_out
from identity_svc.links import Links
from identity_svc.pages.lists import Lists
from identity_svc.sessions import Sessions
from identity_svc.signed_requests import SignedRequests


class IdentityApplication:
    """Who exists and who may sign in: commands, sessions, signed requests, and what is read."""

    def __init__(self, means: Means, *, issuer: TokenIssuer, link_keys: LinkKeys | None = None) -> None:
        self.means = means
        self.store = means.store
        self.sessions = Sessions(means, issuer=issuer)
        self.links = Links(means, issuer=issuer, keys=link_keys)
        self.signed_requests = SignedRequests(means, issuer=issuer)
        self.lists = Lists(self.store.connection)

    def carry_out(self, command: Command, operation: Operation) -> Outcome:
        """Carry out one of the functions of :mod:`identity_svc.commands`; see :func:`carrying_out.carry_out`."""
        return carry_out(self.means, command, operation)

    def revoked(self, claims: Claims) -> bool:
        """Whether a token with these claims was revoked since it was issued."""
        return (self.sessions if claims.project_id is None else self.links).revoked(claims)

    def forget_old(self) -> None:
        """Delete what is over."""
        self.sessions.forget_old()
        self.links.forget_old()
        self.signed_requests.forget_old()
