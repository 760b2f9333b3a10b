"""Who buys, sells and delivers: parties, staff, templates and products, as of a time in the past."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, Final
from uuid import UUID, uuid4

from delivery_shared.clock import Clock
from delivery_shared.commands import Command
from delivery_shared.contracts.identity import party_id_of
from delivery_shared.eventstore import UnitOfWork
from delivery_shared.http import Caller
from delivery_shared.sealing import new_key
from dispatch_svc.application import DispatchApplication
from dispatch_svc.commands import Provider
from identity_svc import passwords, read_model
from identity_svc.bootstrap import bootstrap
from identity_svc.carrying_out import Means
from identity_svc.commands.users import created
from identity_svc.domain import accounts, organising
from identity_svc.domain.party import Party
from identity_svc.domain.sides import PartyKind
from identity_svc.store import IdentityStore
from identity_svc.vault import PersonalData, seal
from template_svc.application import TemplateApplication
from template_svc.commands.products import list_product
from template_svc.commands.reference import define_message_template
from template_svc.commands.templates import create_template, publish_template, save_template
from template_svc.domain.nodes import with_presets

CHUNK: Final = 250
"""Aggregates of identity-svc stored in one save."""

PROVIDERS: Final = 6
"""Providers configured for each product."""

REMINDER: Final = {"receiver": "assignee", "trigger": "entered", "message_template": "seeded_in_site"}

FIVE: Final[list[dict[str, Any]]] = [
    {"id": "start", "type": "assign_provider", "name": "分配服务商节点"},
    {"id": "dispatch", "type": "assign_order", "name": "分配订单", "role": "designer"},
    {
        "id": "submit",
        "type": "submit_requirement",
        "name": "顾客提交需求",
        "form": "information_website",
        "timeout": 50,
    },
    {"id": "design", "type": "general", "name": "设计网站", "side": "provider", "role": "designer", "timeout": 80},
    {"id": "end", "type": "complete_project", "name": "完成项目", "confirm_button": "确认完成"},
]
"""Most projects: five steps, one reminder in a quarter of the products."""

EIGHT: Final[list[dict[str, Any]]] = [
    *FIVE[:3],
    {
        "id": "agree",
        "type": "confirm",
        "name": "确定需求",
        "side": "provider",
        "role": "designer",
        "confirm_button": "确认",
        "rejectable": True,
        "reject_button": "驳回",
        "timeout": 20,
    },
    FIVE[3],
    {"id": "accept", "type": "confirm", "name": "项目验收", "side": "customer", "confirm_button": "验收通过"},
    {"id": "pages", "type": "general", "name": "设计内页", "side": "provider", "role": "designer", "timeout": 30},
    FIVE[4],
]
"""The others."""


Adding = Callable[[UnitOfWork], None]
"""Adds one more aggregate, with its rows, to a save."""


@dataclass(frozen=True, kw_only=True)
class Isv:
    """A vendor that is a provider too (G-08)."""

    party_id: UUID
    name: str
    admin_id: UUID
    staff: list[UUID] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A product with its template and the parties that may deliver it."""

    product_id: UUID
    name: str
    vendor_id: UUID
    template_id: UUID
    providers: list[UUID]


@dataclass(frozen=True, kw_only=True)
class Company:
    """Everything projects need. The first ISV is the large one, the last one's staff take no orders; the last two
    products are those whose orders wait: for a provider, and for a person."""

    isvs: list[Isv]
    customers: list[UUID]
    products: list[Listed]


class Founder:
    """Sets a company up with the commands and aggregates of template-svc, identity-svc and dispatch-svc, all at one
    moment."""

    def __init__(
        self,
        *,
        template: TemplateApplication,
        identity: IdentityStore,
        dispatch: DispatchApplication,
        at: datetime,
    ) -> None:
        self.template, self.dispatch = template, dispatch
        self.identity = Means(store=identity)
        self.at = at
        template.means.clock = dispatch.store.clock = _Standing(at)

    def people(self, *, isvs: int, staff: int, customers: int) -> tuple[list[Isv], list[UUID]]:
        """Parties and their accounts. The first ISV employs a fifth of the staff. Nobody knows the password: requests
        are signed with the installation's key."""
        bootstrap(self.identity, {})
        numbers = [f"17445268{n:08d}" for n in range(isvs)]
        found = [
            Isv(party_id=party_id_of(number), name=f"服务商{n:03d}", admin_id=uuid4())
            for n, number in enumerate(numbers)
        ]
        buyers = [f"C{n:06d}" for n in range(customers)]
        large = staff // 5
        hashed = passwords.hashed(secrets.token_urlsafe(24))
        units = [self._isv(isv, number, hashed) for isv, number in zip(found, numbers, strict=True)]
        for n in range(staff):
            isv = found[0] if n < large else found[1 + n % (isvs - 1)]
            units.append(self._person(isv, n, hashed))
        units += [self._customer(number) for number in buyers]
        for chunk in _chunks(units):
            unit = UnitOfWork(self.identity.store)
            for add in chunk:
                add(unit)
            unit.commit()
        return found, [party_id_of(number) for number in buyers]

    def _isv(self, isv: Isv, number: str, hashed: str) -> Adding:
        def add(unit: UnitOfWork) -> None:
            party = self._party(unit, isv.party_id, "isv", isv.name, number)
            key, data = new_key(), _data(f"{isv.name}管理员", "admin")
            admin = accounts.own_account(
                id=isv.admin_id,
                party_id=party.id,
                kind="isv",
                first=True,
                login_name=party.login_name("admin"),
                personal=seal(key, isv.admin_id, data),
                at=self.at,
            )
            created(unit, self.identity, admin, data, key, hashed, lasting=True)

        return add

    def _person(self, isv: Isv, n: int, hashed: str) -> Any:
        person_id = uuid4()
        isv.staff.append(person_id)

        def add(unit: UnitOfWork) -> None:
            party = unit.get(Party, isv.party_id)
            assert party is not None
            local = f"designer{n:04d}"
            key, data = new_key(), _data(f"设计师{n:04d}", local)
            designer = accounts.sub_account(
                id=person_id,
                party_id=party.id,
                side="provider",
                login_name=party.login_name(local),
                roles=["designer"],
                assignable=["designer"],
                department_id=None,
                personal=seal(key, person_id, data),
                at=self.at,
            )
            created(unit, self.identity, designer, data, key, hashed, lasting=True)

        return add

    def _customer(self, number: str) -> Adding:
        def add(unit: UnitOfWork) -> None:
            self._party(unit, party_id_of(number), "customer", f"客户{number}", number)

        return add

    def _party(self, unit: UnitOfWork, party_id: UUID, kind: PartyKind, name: str, number: str) -> Party:
        party = organising.register(id=party_id, kind=kind, name=name, number=number, at=self.at)
        unit.add(party)
        unit.rows.append(read_model.party_registered(party))
        return party

    def templates(self, isvs: Sequence[Isv]) -> dict[tuple[UUID, str], UUID]:
        """Three published templates for each vendor, by vendor and kind: ``five``, ``reminding``, ``eight``."""
        reminder = define_message_template(
            code="seeded_in_site",
            name="通用节点-通知操作人",
            title="{{ node_name }}",
            body="项目 {{ order_number }} 进入 {{ node_name }}",
            channels=["in_site"],
            remark="",
        )
        self.template.carry_out(Command(route="seed"), reminder)
        reminding = [{**node, "reminders": [REMINDER]} if node["id"] == "design" else node for node in FIVE]
        kinds = {"five": FIVE, "reminding": reminding, "eight": EIGHT}
        return {
            (isv.party_id, kind): self._template(isv, f"{kind} {isv.name}", nodes)
            for isv in isvs
            for kind, nodes in kinds.items()
        }

    def _template(self, isv: Isv, name: str, nodes: list[dict[str, Any]]) -> UUID:
        made = self.template.carry_out(
            Command(route="seed"), create_template(owner_id=isv.party_id, name=name, description="")
        )
        template_id = UUID(made.body["id"])
        content = save_template(
            owner_id=isv.party_id,
            template_id=template_id,
            name=name,
            description="",
            nodes=[with_presets(node) for node in nodes],
        )
        self.template.carry_out(Command(route="seed"), content)
        self.template.carry_out(Command(route="seed"), publish_template(owner_id=isv.party_id, template_id=template_id))
        return template_id

    def products(
        self, isvs: Sequence[Isv], templates: dict[tuple[UUID, str], UUID], *, of_large: int, of_others: int
    ) -> list[Listed]:
        """The products of every vendor; three quarters walk five steps. The last two are of the first vendor. Only the
        very last one is delivered by the last ISV."""
        found = []
        wanted = [(isv, n) for isv in isvs for n in range(of_large if isv is isvs[0] else of_others)]
        for number, (isv, n) in enumerate([*wanted, (isvs[0], of_large), (isvs[0], of_large + 1)]):
            kind = ("five", "reminding", "eight", "five")[number % 4]
            name = f"{isv.name}产品{n:02d}"
            listing = list_product(
                vendor_id=isv.party_id,
                code=f"P{n:03d}",
                name=name,
                template_id=templates[(isv.party_id, kind)],
            )
            listed = self.template.carry_out(Command(route="seed"), listing)
            others = [isvs[(number * 7 + k * 11) % (len(isvs) - 2) + 1].party_id for k in range(PROVIDERS - 1)]
            providers = list(dict.fromkeys([isvs[0].party_id, *others]))
            found.append(
                Listed(
                    product_id=UUID(listed.body["id"]),
                    name=name,
                    vendor_id=isv.party_id,
                    template_id=templates[(isv.party_id, kind)],
                    providers=providers,
                )
            )
        found[-1] = Listed(**{**vars(found[-1]), "providers": [isvs[-1].party_id]})
        return found

    def configure(self, isvs: Sequence[Isv], products: Sequence[Listed]) -> None:
        """Relations and configurations of all products, once dispatch-svc knows them."""
        admins = {isv.party_id: isv.admin_id for isv in isvs}
        for product in products:
            for provider_id in product.providers:
                if provider_id != product.vendor_id:
                    self.dispatch.set_relation(
                        command=Command(route="seed"),
                        product_id=product.product_id,
                        provider_id=provider_id,
                        related=True,
                    )
            by = Caller(
                user_id=admins[product.vendor_id],
                party_id=product.vendor_id,
                kinds=frozenset({"vendor_admin", "provider_admin"}),
                roles=frozenset(),
                department_id=None,
                name="",
            )
            self.dispatch.configure_providers(
                command=Command(route="seed"),
                by=by,
                product_id=product.product_id,
                providers=[Provider(p, 10, 0 if product is products[-2] else 2000) for p in product.providers],
            )


def _data(name: str, local: str) -> PersonalData:
    return PersonalData(name=name, mobile="18888888888", email=f"{local}@example.com")


class _Standing(Clock):
    """A clock that stands at a moment of the past."""

    def __init__(self, at: datetime) -> None:
        super().__init__()
        self._at = at

    def now(self) -> datetime:
        return self._at


def _chunks(units: Sequence[Adding]) -> Iterator[list[Adding]]:
    rest = iter(units)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk
