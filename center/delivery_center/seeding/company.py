"""Who buys, sells and delivers: parties, staff, templates and products, as of a time in the past."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID, uuid4

from delivery_shared.contracts.identity import party_id_of
from dispatch_svc.commands import Provider
from identity_svc import passwords
from identity_svc.bootstrap import bootstrap
from identity_svc.vault import PersonalData
from template_svc.commands.reference import define_message_template

from delivery_center.seeding.founding import Adding, Founding

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


class Founder(Founding):
    """Sets a company up, all at one moment."""

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
        units = [
            self.account(
                "isv",
                isv.name,
                number,
                user_id=isv.admin_id,
                local="admin",
                data=_data(f"{isv.name}管理员", "admin"),
                hashed=hashed,
            )
            for isv, number in zip(found, numbers, strict=True)
        ]
        for n in range(staff):
            isv = found[0] if n < large else found[1 + n % (isvs - 1)]
            units.append(self._designer(isv, n, hashed))
        units += [self.party("customer", f"客户{number}", number) for number in buyers]
        self.store(units)
        return found, [party_id_of(number) for number in buyers]

    def _designer(self, isv: Isv, n: int, hashed: str) -> Adding:
        person_id, local = uuid4(), f"designer{n:04d}"
        isv.staff.append(person_id)
        return self.employee(
            isv.party_id,
            user_id=person_id,
            local=local,
            roles=["designer"],
            data=_data(f"设计师{n:04d}", local),
            hashed=hashed,
        )

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
        self.define(reminder)
        reminding = [{**node, "reminders": [REMINDER]} if node["id"] == "design" else node for node in FIVE]
        kinds = {"five": FIVE, "reminding": reminding, "eight": EIGHT}
        return {
            (isv.party_id, kind): self.published(isv.party_id, f"{kind} {isv.name}", nodes)
            for isv in isvs
            for kind, nodes in kinds.items()
        }

    def products(
        self, isvs: Sequence[Isv], templates: dict[tuple[UUID, str], UUID], *, of_large: int, of_others: int
    ) -> list[Listed]:
        """The products of every vendor; three quarters walk five steps. The last two are of the first vendor. Only the
        very last one is delivered by the last ISV."""
        found = []
        wanted = [(isv, n) for isv in isvs for n in range(of_large if isv is isvs[0] else of_others)]
        for number, (isv, n) in enumerate([*wanted, (isvs[0], of_large), (isvs[0], of_large + 1)]):
            kind = ("five", "reminding", "eight", "five")[number % 4]
            name, template_id = f"{isv.name}产品{n:02d}", templates[(isv.party_id, kind)]
            others = [isvs[(number * 7 + k * 11) % (len(isvs) - 2) + 1].party_id for k in range(PROVIDERS - 1)]
            found.append(
                Listed(
                    product_id=self.product(isv.party_id, code=f"P{n:03d}", name=name, template_id=template_id),
                    name=name,
                    vendor_id=isv.party_id,
                    template_id=template_id,
                    providers=list(dict.fromkeys([isvs[0].party_id, *others])),
                )
            )
        found[-1] = Listed(**{**vars(found[-1]), "providers": [isvs[-1].party_id]})
        return found

    def configure(self, isvs: Sequence[Isv], products: Sequence[Listed]) -> None:
        """Relations and configurations of all products, once dispatch-svc knows them."""
        admins = {isv.party_id: isv.admin_id for isv in isvs}
        for product in products:
            self.provided(
                product.product_id,
                vendor_id=product.vendor_id,
                admin_id=admins[product.vendor_id],
                providers=[Provider(p, 10, 0 if product is products[-2] else 2000) for p in product.providers],
            )


def _data(name: str, local: str) -> PersonalData:
    return PersonalData(name=name, mobile="18888888888", email=f"{local}@example.com")
