"""What the rows of identity-svc follow from: parties, departments and users from their aggregates, personal data from
what is sealed in their facts. Passwords and sessions are in no event; whose they are is checked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from delivery_shared.contracts import Contract
from delivery_shared.eventstore import EventStore, RowChange
from delivery_shared.service import Service
from delivery_shared.verifying.beside import line
from delivery_shared.verifying.moment import Moment
from delivery_shared.verifying.stored import Stored
from delivery_shared.verifying.verification import UNTOLD_OF_FEEDS, UNTOLD_OF_STORES, UNUSED, FoldingVerification
from psycopg import Connection

from identity_svc import access_keys, guests, read_model
from identity_svc.domain import facts
from identity_svc.domain.access_key import AccessKey
from identity_svc.domain.contact import Contact
from identity_svc.domain.department import Department
from identity_svc.domain.party import Party
from identity_svc.domain.user import User
from identity_svc.publishing import publishing
from identity_svc.vault import BLANK, Vault, unseal

UNSHOWN = "known to nobody but the user"
AT_WORK = "sign-ins are no events: rows of the moment, cleared away when they are over"


class IdentityVerification(FoldingVerification):
    """Of identity-svc."""

    copies = ("role", "revoked")
    rows = ("party", "department", "user_account", "contact", "access_key")
    untold: ClassVar = {
        **UNTOLD_OF_FEEDS,
        **UNTOLD_OF_STORES,
        "identity_tracking": UNUSED,
        "party.revision": "raised by every change of a party's structure, for two saves to notice each other; nothing"
        " else reads it",
        "credential.hash": UNSHOWN,
        "credential.initial": "whether the first password was a lasting one stands in no event",
        "credential.initial_expires_at": "follows from a setting of that time",
        "credential.issued_at": AT_WORK,
        "session": AT_WORK,
        "token": AT_WORK,
        "login_throttle": AT_WORK,
        "known_place": AT_WORK,
        **dict.fromkeys(("link_session", "link_device", "link_code", "link_wish"), AT_WORK),
        "second_factor.secret": UNSHOWN,
        "second_factor.confirmed_at": "the event was told at that time, but for microseconds",
        "second_factor.last_step": AT_WORK,
        "access_key.secret": "known to nobody but who holds the key",
        "access_key.used_at": AT_WORK,
        "access_nonce": AT_WORK,
        "saved_view": "how a user likes a list; no event, nothing follows from it",
    }

    def __init__(self, service: Service, moment: Moment) -> None:
        super().__init__(service, moment)
        erased = self.connection.execute(f"SELECT party_id FROM {self.beside.live('party')} WHERE erased")  # noqa: S608
        self.vault = KeysAtHand(
            self.connection.execute("SELECT user_id, key FROM person_key").fetchall(),
            {row["party_id"] for row in erased},
        )
        self.refused: dict[UUID, facts.DeletionRefused] = {}
        """When dispatch refused to close a user who is still there."""
        self.revocations: dict[UUID, list[datetime]] = {}

    def publishing(self, store: EventStore) -> Mapping[type, Callable[[Any], Contract]]:
        return publishing(self.vault)

    def tell(self, stored: Stored) -> None:
        super().tell(stored)
        fact = stored.fact
        match fact:
            case facts.DeletionRefused():
                self.refused[stored.stream] = fact
            case facts.DeletionRequested():
                self.refused.pop(stored.stream, None)
            case facts.SessionsRevoked():
                self.revocations.setdefault(stored.stream, []).append(fact.before)

    def rows_of(self, aggregate: Any) -> Sequence[RowChange]:
        match aggregate:
            case Party():
                rows = [read_model.party_registered(aggregate), read_model.second_factor_demanded(aggregate)]
                rows.append(read_model.link_life_set(aggregate))
                return [*rows, read_model.party_erased(aggregate.id)] if aggregate.erased else rows
            case Department() if not aggregate.deleted:
                return [read_model.department_saved(aggregate)]
            case Contact():
                return [guests.contact_saved(aggregate)]
            case AccessKey() if not aggregate.deleted:
                return [access_keys.made(aggregate), access_keys.switched(aggregate)]
            case User() if aggregate.state != "deleted":
                key = self.vault.key_of(aggregate.id)
                data = BLANK if key is None else unseal(key, aggregate.id, aggregate.personal)
                refused = self.refused.get(aggregate.id)
                return [
                    read_model.user_created(aggregate, data),
                    read_model.user_state(aggregate)
                    if refused is None
                    else read_model.deletion_refused(aggregate, refused, at=refused.timestamp),
                ]
        return []

    def differences(self) -> Iterator[str]:
        yield from super().differences()
        users = [a for a in self.aggregates.values() if isinstance(a, User) and a.id not in self.broken]
        present = {user.id for user in users if user.state != "deleted"}
        yield from self._one_each("person_key", {user.id for user in users if not user.erased})
        yield from self._one_each("credential", present)
        yield from self._one_each(
            "second_factor",
            {user.id for user in users if user.state != "deleted" and user.second_factor},
            "confirmed_at IS NOT NULL",
        )
        yield from self._revoked(present)
        for table in guests.TABLES:
            yield from self.beside.rows_where(
                table,
                "belongs to no contact",
                f"NOT EXISTS (SELECT FROM {self.beside.live('contact')} c WHERE NOT c.gone"
                " AND c.project_id = live.project_id AND c.version = live.version)",
                key=["project_id"],
            )
        for table, key in (("session", "session_id"), ("saved_view", "view_id"), ("second_factor", "user_id")):
            yield from self.beside.rows_where(
                table,
                "belongs to no user",
                f"NOT EXISTS (SELECT FROM {self.beside.live('user_account')} u WHERE u.user_id = live.user_id)",
                key=[key],
            )

    def _one_each(self, table: str, users: set[UUID], condition: str = "true") -> Iterator[str]:
        """Exactly one row of ``table`` for each of ``users``."""
        found = self.connection.execute(f"SELECT user_id FROM {table} WHERE {condition}").fetchall()  # noqa: S608
        there = {row["user_id"] for row in found}
        wrong = [f"user_id={user} is missing" for user in sorted(users - there)]
        wrong += [f"user_id={user} follows from no event" for user in sorted(there - users)]
        if wrong:
            yield line(self.service, table, wrong, len(wrong))

    def _revoked(self, users: set[UUID]) -> Iterator[str]:
        """Every revocation is counted with its user's password, so that no token survives it."""
        rows = self.connection.execute("SELECT user_id, generation, revoked_before FROM credential").fetchall()
        wrong = []
        for row in sorted(rows, key=lambda row: str(row["user_id"])):
            told = self.revocations.get(row["user_id"], [])
            if row["user_id"] in users and row["revoked_before"] != (told[-1] if told else None):
                wrong.append(f"user_id={row['user_id']} has another revoked_before than the events say")
            elif row["user_id"] in users and row["generation"] != len(told):
                wrong.append(f"user_id={row['user_id']} has another generation than the events say")
        if wrong:
            yield line(self.service, "credential", wrong, len(wrong))


class KeysAtHand(Vault):
    """The keys, and which parties are erased, as they were at one moment."""

    def __init__(self, rows: Sequence[Mapping[str, Any]], erased: Collection[UUID]) -> None:
        super().__init__(_nobody)
        self._erased = erased
        self._keys = {row["user_id"]: bytes(row["key"]) for row in rows}

    def key_of(self, user_id: UUID) -> bytes | None:
        return self._keys.get(user_id)

    def party_erased(self, party_id: UUID) -> bool:
        return party_id in self._erased


def _nobody() -> AbstractContextManager[Connection[Any]]:
    raise AssertionError("the keys are at hand")
