"""Parties, people, templates and products of a moment of the past, made by the commands and aggregates of the services
they belong to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final
from uuid import UUID

from delivery_shared.clock import Clock
from delivery_shared.commands import Command
from delivery_shared.contracts.identity import party_id_of
from delivery_shared.eventstore import UnitOfWork
from delivery_shared.http import Caller
from delivery_shared.sealing import new_key
from dispatch_svc.application import DispatchApplication
from dispatch_svc.commands import Provider
from identity_svc import read_model
from identity_svc.carrying_out import Means
from identity_svc.commands.users import created
from identity_svc.domain import accounts, organising
from identity_svc.domain.party import Party
from identity_svc.domain.sides import PartyKind
from identity_svc.store import IdentityStore
from identity_svc.vault import PersonalData, seal
from template_svc.application import TemplateApplication
from template_svc.carrying_out import Operation
from template_svc.commands.products import list_product
from template_svc.commands.templates import create_template, publish_template, save_template
from template_svc.domain.nodes import with_presets

CHUNK: Final = 250
"""Aggregates of identity-svc stored in one save."""

Adding = Callable[[UnitOfWork], None]
"""Adds one more aggregate, with its rows, to a save."""


class Founding:
    """Founds what belongs to a company, all at the moment ``at``. Passwords last and are given as hashes."""

    def __init__(
        self, *, template: TemplateApplication, identity: IdentityStore, dispatch: DispatchApplication, at: datetime
    ) -> None:
        self.template, self.dispatch = template, dispatch
        self.identity = Means(store=identity)
        self.at = at
        template.means.clock = dispatch.store.clock = _Standing(at)

    # identity-svc: gathered, and stored together

    def store(self, units: Sequence[Adding]) -> None:
        """Store what the functions below gave."""
        rest = iter(units)
        for chunk in _chunks(rest):
            unit = UnitOfWork(self.identity.store)
            for add in chunk:
                add(unit)
            unit.commit()

    def party(self, kind: PartyKind, name: str, number: str) -> Adding:
        """A party without an account."""

        def add(unit: UnitOfWork) -> None:
            self._party(unit, kind, name, number)

        return add

    def account(
        self, kind: PartyKind, name: str, number: str, *, user_id: UUID, local: str, data: PersonalData, hashed: str
    ) -> Adding:
        """A party with its first account: the main one of an ISV."""

        def add(unit: UnitOfWork) -> None:
            party = self._party(unit, kind, name, number)
            key = new_key()
            user = accounts.own_account(
                id=user_id,
                party_id=party.id,
                kind=kind,
                first=True,
                login_name=party.login_name(local),
                personal=seal(key, user_id, data),
                at=self.at,
            )
            created(unit, self.identity, user, data, key, hashed, lasting=True)

        return add

    def department(self, party_id: UUID, department_id: UUID, name: str) -> Adding:
        """A department at the top of a company. Two of one name are the caller's fault."""

        def add(unit: UnitOfWork) -> None:
            department = organising.create_department(
                id=department_id, party_id=party_id, name=name, parent_id=None, siblings=(), at=self.at
            )
            unit.add(department)
            unit.rows.append(read_model.department_saved(department))

        return add

    def employee(
        self,
        party_id: UUID,
        *,
        user_id: UUID,
        local: str,
        roles: Sequence[str],
        data: PersonalData,
        hashed: str,
        department_id: UUID | None = None,
        maximum: int | None = None,
        receiving: bool | None = None,
    ) -> Adding:
        """A sub-account of the provider's side."""

        def add(unit: UnitOfWork) -> None:
            party = unit.get(Party, party_id)
            assert party is not None
            key = new_key()
            user = accounts.sub_account(
                id=user_id,
                party_id=party_id,
                side="provider",
                login_name=party.login_name(local),
                roles=roles,
                assignable=roles,
                department_id=department_id,
                maximum=maximum,
                receiving=receiving,
                personal=seal(key, user_id, data),
                at=self.at,
            )
            created(unit, self.identity, user, data, key, hashed, lasting=True)

        return add

    def _party(self, unit: UnitOfWork, kind: PartyKind, name: str, number: str) -> Party:
        party = organising.register(id=party_id_of(number), kind=kind, name=name, number=number, at=self.at)
        unit.add(party)
        unit.rows.append(read_model.party_registered(party))
        return party

    # template-svc and dispatch-svc

    def define(self, operation: Operation) -> dict[str, Any]:
        """Carry a command of template-svc out."""
        body: dict[str, Any] = self.template.carry_out(Command(route="seed"), operation).body
        return body

    def published(self, owner_id: UUID, name: str, nodes: Sequence[dict[str, Any]], description: str = "") -> UUID:
        """A published template of a vendor."""
        made = self.define(create_template(owner_id=owner_id, name=name, description=description))
        template_id = UUID(made["id"])
        content = save_template(
            owner_id=owner_id,
            template_id=template_id,
            name=name,
            description=description,
            nodes=[with_presets(node) for node in nodes],
        )
        self.define(content)
        self.define(publish_template(owner_id=owner_id, template_id=template_id))
        return template_id

    def product(self, vendor_id: UUID, *, code: str, name: str, template_id: UUID) -> UUID:
        """A product the vendor has listed."""
        listing = list_product(vendor_id=vendor_id, code=code, name=name, template_id=template_id)
        return UUID(self.define(listing)["id"])

    def provided(self, product_id: UUID, *, vendor_id: UUID, admin_id: UUID, providers: Sequence[Provider]) -> None:
        """Relations and configuration of a product, once dispatch-svc knows it."""
        for provider in providers:
            if provider.provider_id != vendor_id:
                self.dispatch.set_relation(
                    command=Command(route="seed"),
                    product_id=product_id,
                    provider_id=provider.provider_id,
                    related=True,
                )
        by = Caller(
            user_id=admin_id,
            party_id=vendor_id,
            kinds=frozenset({"vendor_admin", "provider_admin"}),
            roles=frozenset(),
            department_id=None,
            name="",
        )
        self.dispatch.configure_providers(
            command=Command(route="seed"), by=by, product_id=product_id, providers=providers
        )


class _Standing(Clock):
    """A clock that stands at a moment of the past."""

    def __init__(self, at: datetime) -> None:
        super().__init__()
        self._at = at

    def now(self) -> datetime:
        return self._at


def _chunks(units: Iterator[Adding]) -> Iterator[list[Adding]]:
    while chunk := list(islice(units, CHUNK)):
        yield chunk
