"""identity-svc's application: the commands on parties and users; the other commands hang on it by what they are
about – ``departments``, ``sessions``, ``own_account`` – and what is read, ``lists``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from delivery_shared.commands import Command, Outcome, execute
from delivery_shared.contracts.identity import party_id_of
from delivery_shared.eventstore import EventStore, UnitOfWork, stored_as
from delivery_shared.http import Caller
from delivery_shared.http.tokens import TokenIssuer, real_now
from delivery_shared.messaging.consumer import NotYet
from identity_svc import credentials, passwords, read_model, views
from identity_svc.config import Config
from identity_svc.departments import Departments
from identity_svc.domain import (
    OWN_ROLES,
    LoginNameTaken,
    ManagedSide,
    NotFound,
    PartyKind,
    User,
)
from identity_svc.lists import Lists, manages
from identity_svc.operator_log import OperatorLog
from identity_svc.organisation import Department, NumberTaken, Party
from identity_svc.own_account import OwnAccount
from identity_svc.party_users import PartyUsers
from identity_svc.publishing import publishing
from identity_svc.sessions import Sessions, sessions_ended
from identity_svc.vault import PersonalData, Vault, key_stored, new_key, seal
from identity_svc.views import Views

for aggregate in (Party, Department, User):
    stored_as("identity")(aggregate)


@dataclass(frozen=True, kw_only=True)
class FirstUser:
    """Who signs in first for a new party: its main account, for an ISV."""

    local_name: str
    data: PersonalData


@dataclass(frozen=True, kw_only=True)
class Issued:
    """An outcome with the initial password that came with it. It is shown once and stored nowhere (U-27)."""

    outcome: Outcome
    initial_password: str | None


class IdentityApplication(EventStore):
    """Who exists and who may sign in."""

    name = "identity"

    def __init__(
        self,
        *,
        database_url: str,
        issuer: TokenIssuer,
        schema: str | None = None,
        config: Config | None = None,
        now: Callable[[], datetime] = real_now,
    ) -> None:
        """:param now: the real clock; what identity decides hangs on no movable time."""
        self.vault = Vault(self.connection)
        self.publishing = publishing(self.vault)
        super().__init__(database_url=database_url, schema=schema)
        self.config = config or Config()
        self.now = now
        self.departments = Departments(self, now=now)
        self.sessions = Sessions(self, issuer=issuer, config=self.config, now=now)
        self.own_account = OwnAccount(self, vault=self.vault, sessions=self.sessions, now=now)
        self.lists = Lists(self.connection)
        self.views = Views(self)
        self.operator_log = OperatorLog(self, now=now)
        self.party_users = PartyUsers(self, now=now)

    # -- parties -----------------------------------------------------------------------------------------------

    def register_party(
        self,
        *,
        command: Command,
        kind: PartyKind,
        name: str,
        number: str,
        first_user: FirstUser | None,
        password: str | None = None,
    ) -> Issued:
        """A new party and its first user: an ISV with its main account (G-15), a customer (A-57).

        :param number: the ISV's main account id, the customer's number; the party's id follows from it.
        :param password: a lasting password of the first user; None: an initial one is made.
        :raises NumberTaken: such a party exists.
        """
        initial = passwords.initial_password() if password is None and first_user else None
        hashed = passwords.hashed(password or initial or "")
        user_id = uuid4()

        def decide(unit: UnitOfWork) -> tuple[int, dict[str, Any]]:
            now = self.now()
            party_id = party_id_of(number)
            with self.connection() as connection:
                if unit.get(Party, party_id) or read_model.party_by_number(connection, number):
                    raise NumberTaken(number)
            party = Party(
                id=party_id,
                kind=kind,
                name=name,
                account=number,
                customer_number=number if kind == "customer" else None,
                timestamp=now,
            )
            unit.add(party)
            unit.rows.append(read_model.party_registered(party))
            body: dict[str, Any] = {"party_id": str(party.id), "account": party.account, "user": None}
            if first_user is not None:
                login_name = party.login_name(first_user.local_name)
                key = new_key()
                user = User(
                    id=user_id,
                    party_id=party.id,
                    side=kind,
                    main=kind == "isv",
                    login_name=login_name,
                    roles=OWN_ROLES[kind],
                    department_id=None,
                    timestamp=now,
                    **seal(key, user_id, first_user.data),
                )
                self.created(unit, user, first_user.data, key, hashed, lasting=password is not None)
                body["user"] = {"user_id": str(user_id), "login_name": login_name}
            return 201, body

        return Issued(outcome=execute(self, command, decide), initial_password=initial)

    # -- users -------------------------------------------------------------------------------------------------

    def create_user(
        self,
        *,
        command: Command,
        by: Caller,
        side: ManagedSide,
        local_name: str,
        roles: Sequence[str],
        department_id: UUID | None,
        data: PersonalData,
    ) -> Issued:
        """A sub-account of the caller's party, with its initial password (U-01, U-14, U-23).

        :raises LoginNameTaken, RolesNotAssignable, NotFound: nothing changed; NotFound for the department.
        """
        initial = passwords.initial_password()
        hashed = passwords.hashed(initial)
        user_id = uuid4()

        def decide(unit: UnitOfWork) -> tuple[int, dict[str, Any]]:
            party = unit.get(Party, by.party_id)
            if party is None:
                raise NotFound
            login_name = party.login_name(local_name)
            with self.connection() as connection:
                if read_model.login_name_used(connection, login_name):
                    raise LoginNameTaken(login_name)
            if side == "provider" and department_id is not None:
                self.departments.join(unit, by, department_id)
            key = new_key()
            user = User.sub_account(
                id=user_id,
                party_id=by.party_id,
                side=side,
                login_name=login_name,
                roles=roles,
                assignable=self._assignable(side),
                department_id=department_id,
                personal=seal(key, user_id, data),
                timestamp=self.now(),
            )
            self.created(unit, user, data, key, hashed, lasting=False)
            return 201, {"user_id": str(user_id), "login_name": login_name}

        return Issued(outcome=execute(self, command, decide), initial_password=initial)

    def edit_user(
        self,
        *,
        command: Command,
        by: Caller,
        user_id: UUID,
        revision: int,
        roles: Sequence[str],
        department_id: UUID | None,
        data: PersonalData,
    ) -> Outcome:
        """编辑用户 (U-31). The email is the user's own business and stays (U-38).

        :raises NotFound, EditedMeanwhile, BeingDeleted, MainAccountFixed, RolesNotAssignable: nothing changed.
        """

        def decide(unit: UnitOfWork) -> tuple[int, dict[str, Any]]:
            user = self._user(unit, by, user_id)
            key, known = self.vault.person(user)
            kept = PersonalData(name=data.name, mobile=data.mobile, landline=data.landline, email=known.email)
            if user.side == "provider" and department_id not in (None, user.department_id):
                self.departments.join(unit, by, department_id)
            stale = user.edit(
                revision=revision,
                roles=roles,
                assignable=self._assignable(user.side),
                department_id=department_id,
                personal=seal(key, user_id, kept),
                timestamp=self.now(),
            )
            if stale:
                self.sessions.revoke(unit, user, end=[])
            unit.rows.append(read_model.user_saved(user, kept))
            return 200, {"user_id": str(user_id), "revision": user.revision}

        return execute(self, command, decide)

    def reset_password(self, *, command: Command, by: Caller, user_id: UUID) -> Issued:
        """密码重置: a new initial password; the old one and every session end (U-32). The platform operator does it
        for those nobody else can: main accounts, customers, its own people.

        :raises NotFound, BeingDeleted: nothing changed.
        """
        initial = passwords.initial_password()
        hashed = passwords.hashed(initial)

        def decide(unit: UnitOfWork) -> tuple[int, dict[str, Any]]:
            user = self._user(unit, by, user_id)
            now = self.now()
            with self.connection() as connection:
                credential = credentials.of_user(connection, user_id)
            if credential is None:
                raise NotFound
            user.reset_password(by=by.user_id, timestamp=now)
            self.sessions.revoke(unit, user, end=[sessions_ended(user_id)])
            expires = now + self.config.initial_password_life
            unit.rows.append(credentials.replaced(credential, hash=hashed, initial_expires_at=expires))
            return 200, {"user_id": str(user_id), "login_name": user.login_name}

        return Issued(outcome=execute(self, command, decide), initial_password=initial)

    def delete_user(self, *, command: Command, by: Caller, user_id: UUID) -> Outcome:
        """删除: a vendor's user at once (204), a provider's when dispatch agrees (202). Signing in ends now.

        :raises NotFound, MainAccountFixed: nothing changed.
        """

        def decide(unit: UnitOfWork) -> tuple[int, dict[str, Any]]:
            user = self._user(unit, by, user_id)
            self.sessions.revoke(unit, user, end=[sessions_ended(user_id)])
            user.delete(timestamp=self.now())
            if user.state == "deleted":
                unit.rows += [read_model.user_deleted(user_id), credentials.removed(user_id), views.forgotten(user_id)]
                return 204, {}
            unit.rows.append(read_model.user_state(user))
            return 202, {"user_id": str(user_id), "state": user.state}

        return execute(self, command, decide)

    # -- what several commands need ----------------------------------------------------------------------------

    def created(
        self, unit: UnitOfWork, user: User, data: PersonalData, key: bytes, hashed: str, *, lasting: bool
    ) -> None:
        """All that a new user brings with it."""
        expires = None if lasting else user.created_on + self.config.initial_password_life
        unit.add(user)
        unit.rows += [
            key_stored(user.id, key),
            credentials.created(user.id, hash=hashed, initial_expires_at=expires),
            read_model.user_created(user, data),
        ]

    def _user(self, unit: UnitOfWork, by: Caller, user_id: UUID) -> User:
        """A user the caller manages. :raises NotFound: also for users of others."""
        user = unit.get(User, user_id)
        if user is None or user.state == "deleted" or not manages(by, user.party_id, user.side):
            raise NotFound
        return user

    def _assignable(self, side: str) -> frozenset[str]:
        """:raises NotYet: nothing was heard of the provider's roles so far."""
        if side != "provider":
            return frozenset()
        with self.connection() as connection:
            known = read_model.provider_roles(connection)
        if not known:
            raise NotYet("roles of the provider side")
        return known
