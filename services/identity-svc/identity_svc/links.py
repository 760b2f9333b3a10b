"""Customers who come by a link: looking at one, opening the project it is for, asking for a new one, showing a code.

What a link says is signed (:mod:`delivery_shared.links`); whether it opens anything is decided here, each time anew,
from the contact's row and the vendor's setting. Whoever holds something that is no link of ours gets the answers, and
waits as long, as whoever holds one that opens nothing any more.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import structlog
from delivery_shared.commands import Busy
from delivery_shared.eventstore import Conflict, UnitOfWork, WorkChanged
from delivery_shared.http.tokens import Claims, TokenIssuer
from delivery_shared.links import LinkKeys, contact_id
from prometheus_client import Counter

from identity_svc import guests
from identity_svc.carrying_out import Means
from identity_svc.domain import contacting
from identity_svc.domain.contact import Contact
from identity_svc.guests import Guest
from identity_svc.known_places import hash_of

log = structlog.get_logger()

SESSION_LIFE: Final = timedelta(hours=12)
CONFIRMED_FOR: Final = timedelta(days=30)
"""For how long a device that has shown a code need not show another."""

MOST_LINKS, LINKS_WINDOW = 5, timedelta(days=1)
"""New links sent to one contact, however often one is asked for."""
MOST_CODES, CODES_WINDOW = 5, timedelta(hours=1)
MOST_WISHES, WISHES_WINDOW = 100, timedelta(minutes=10)
"""New links asked for from one address."""

MANY: Final = 500
"""Wishes looked at in one go."""

ATTEMPTS: Final = 5
NOBODY: Final = UUID(int=0)

events = Counter("delivery_customer_links_total", "What became of customers' links", ["event"])


class LinkClosed(Exception):
    """The link opens nothing: it is none of ours, too old, or its contact is gone."""


class GuestGone(Exception):
    """The session that a link began is over."""


class CodeWrong(Exception):
    """Another code than was sent."""


class CodeSpent(Exception):
    """There is no code to show: none was asked for, or it is too old or was tried too often."""


@dataclass(frozen=True, kw_only=True)
class Entered:
    """What a browser gets: an access token for the one project. ``secret`` – for the next one of these – and ``device``
    are kept in cookies; None where it has them."""

    project_id: UUID
    access_token: str
    expires_at: datetime
    confirmed: bool
    session_expires_at: datetime
    secret: str | None = field(default=None, repr=False)
    device: str | None = field(default=None, repr=False)


class Links:
    """Customers without an account."""

    def __init__(self, means: Means, *, issuer: TokenIssuer, keys: LinkKeys | None) -> None:
        self._means = means
        self._issuer = issuer
        self._keys = keys

    def look(self, *, token: str) -> Guest | None:
        """Whose project the link opens, if it opens any. Nothing changes by looking."""
        link = self._keys.opened(token) if self._keys else None
        with self._means.store.connection() as connection:
            guest = guests.guest(connection, link.project_id if link else NOBODY, link.version if link else 0)
        if link is None or guest is None:
            return None
        return guest if self._means.now() < link.made_at + guest.link_life else None

    def enter(self, *, token: str, device: str | None) -> Entered:
        """A session of the link's project. ``device``: what the browser is known by, if it is. :raises LinkClosed:"""
        guest = self.look(token=token)
        if guest is None:
            events.labels("closed").inc()
            raise LinkClosed
        now = self._means.now()
        known, secret, session_id = device or secrets.token_urlsafe(32), secrets.token_urlsafe(32), uuid4()
        expires_at = now + SESSION_LIFE
        unit = UnitOfWork(self._means.store)
        unit.rows += [
            guests.standing(guest.project_id, guest.version),
            guests.session_begun(session_id, guest, hash=hash_of(secret), device=hash_of(known), expires_at=expires_at),
        ]
        try:
            unit.commit()
        except WorkChanged as error:
            raise LinkClosed from error
        events.labels("entered").inc()
        log.info("customer came by a link", project_id=str(guest.project_id), session_id=str(session_id))
        entered = self._entered(guest, session_id, hash_of(known), now, expires_at)
        return replace(entered, secret=secret, device=None if device else known)

    def go_on(self, *, project_id: UUID, secret: str) -> Entered:
        """The next access token of a session. :raises GuestGone:"""
        now = self._means.now()
        with self._means.store.connection() as connection:
            session = guests.session(connection, hash=hash_of(secret))
        if session is None or session["project_id"] != project_id or session["expires_at"] <= now:
            raise GuestGone
        return self._again(session, now)

    def leave(self, claims: Claims) -> None:
        """End the session; its access token dies with it here, elsewhere within minutes."""
        with self._means.store.connection() as connection:
            guests.ended(connection, claims.session_id)

    def wish(self, *, token: str, address: str) -> None:
        """A new link is wanted instead of this one: it goes to the contact, if the link was ever his.

        :raises TooManyAttempts: too many are wanted from this address.
        """
        self._means.throttle.count(
            f"links {hash_of(address).hex()}", most=MOST_WISHES, window=WISHES_WINDOW, by="address"
        )
        link = self._keys.opened(token) if self._keys else None
        project_id, version = (link.project_id, link.version) if link else (None, None)
        key = hashlib.sha256(f"{project_id}/{version}".encode() if link else token.encode()).digest()
        with self._means.store.connection() as connection:
            guests.wished(connection, key, project_id, version, self._means.now())

    def grant(self) -> int:
        """Have new links sent where they are wanted by somebody who held one; returns how many wishes were looked
        at."""
        with self._means.store.connection() as connection:
            wishes = guests.wishes(connection, MANY)
        for wish in wishes:
            unit = UnitOfWork(self._means.store)
            if wish["project_id"] is not None:
                self._grant(unit, wish["project_id"], wish["version"])
            unit.rows.append(guests.answered(wish["key"]))
            try:
                unit.commit()
            except Conflict:
                continue  # another process was faster, or the contact changed: what still stands comes again
        return len(wishes)

    def _grant(self, unit: UnitOfWork, project_id: UUID, version: int) -> None:
        contact = unit.get(Contact, Contact.stream_of(project_id))
        if contact is None or contact.gone or contact.named != version:
            return
        if self._means.throttle.allows(f"link {project_id}/{version}", most=MOST_LINKS, window=LINKS_WINDOW):
            contacting.ask_link(contact, at=self._means.now())
            events.labels("link_asked").inc()

    def send_code(self, claims: Claims) -> None:
        """A code goes to the contact, for this device to show.

        :raises GuestGone: the session is over. :raises TooManyAttempts: too many were sent.
        """
        session = self._session(claims)
        project_id, version = session["project_id"], session["version"]
        self._means.throttle.count(f"code {project_id}/{version}", most=MOST_CODES, window=CODES_WINDOW, by="account")
        for _ in range(ATTEMPTS):
            now = self._means.now()
            unit = UnitOfWork(self._means.store)
            contact = unit.get(Contact, Contact.stream_of(project_id))
            if contact is None or contact.gone or contact.named != version:
                raise GuestGone
            number = contacting.ask_code(contact, at=now)
            unit.rows.append(guests.code_sent(project_id, number, version, bytes(session["device"]), at=now))
            try:
                unit.commit()
            except Conflict:
                continue
            events.labels("code_asked").inc()
            return
        raise Busy("send a code")

    def confirm(self, claims: Claims, *, code: str) -> Entered:
        """The device has shown a code: from now on it decides, too.

        :raises GuestGone: the session is over. :raises CodeSpent, CodeWrong: it was not the code.
        """
        session = self._session(claims)
        now = self._means.now()
        project_id, version, device = session["project_id"], session["version"], bytes(session["device"])
        with self._means.store.connection() as connection:
            number = guests.attempt(connection, project_id, version, device, now)
        if number is None or self._keys is None:
            raise CodeSpent
        if not self._keys.is_code(code, project_id, version, number):
            events.labels("code_wrong").inc()
            raise CodeWrong
        unit = UnitOfWork(self._means.store)
        unit.rows += guests.confirmed(project_id, version, device, until=now + CONFIRMED_FOR)
        unit.rows.append(guests.standing(project_id, version))
        try:
            unit.commit()
        except WorkChanged as error:
            raise GuestGone from error
        events.labels("confirmed").inc()
        return self._again(session, now)

    def revoked(self, claims: Claims) -> bool:
        """Whether a token of a link's session opens nothing any more."""
        with self._means.store.connection() as connection:
            return guests.session(connection, session_id=claims.session_id) is None

    def forget_old(self) -> None:
        """Delete what is over."""
        with self._means.store.connection() as connection:
            guests.forget_old(connection, self._means.now())

    def _session(self, claims: Claims) -> dict[str, Any]:
        with self._means.store.connection() as connection:
            session = guests.session(connection, session_id=claims.session_id)
        if session is None or session["expires_at"] <= self._means.now():
            raise GuestGone
        return session

    def _again(self, session: dict[str, Any], now: datetime) -> Entered:
        with self._means.store.connection() as connection:
            guest = guests.guest(connection, session["project_id"], session["version"])
        if guest is None:
            raise GuestGone
        return self._entered(guest, session["session_id"], bytes(session["device"]), now, session["expires_at"])

    def _entered(self, guest: Guest, session_id: UUID, device: bytes, now: datetime, over: datetime) -> Entered:
        with self._means.store.connection() as connection:
            confirmed = guests.is_confirmed(connection, guest, device, now)
        access_token, expires_at = self._issuer.issue(
            user_id=contact_id(guest.project_id, guest.version),
            party_id=guest.customer_id,
            side="customer",
            main=False,
            roles=frozenset(),
            department_id=None,
            name="",
            must_change_password=False,
            session_id=session_id,
            issued_at=now,
            project_id=guest.project_id,
            confirmed=confirmed,
        )
        return Entered(
            project_id=guest.project_id,
            access_token=access_token,
            expires_at=expires_at,
            confirmed=confirmed,
            session_expires_at=over,
        )
