"""Who bought, sold and delivered: the companies of the demo data and some more, with people, templates and products."""

from __future__ import annotations

import json
import random
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

from delivery_shared.contracts.identity import party_id_of
from dispatch_svc.commands import Provider
from identity_svc import passwords
from identity_svc.vault import PersonalData
from template_svc.commands.reference import define_role

from delivery_center.accounts import new_password
from delivery_center.seeding.bulk import Bulk
from delivery_center.seeding.company import Listed
from delivery_center.seeding.founding import Adding, Founding
from delivery_center.seeding.lives import Somebody

DATA: Final[dict[str, Any]] = json.loads(Path(__file__).with_name("world.json").read_text(encoding="utf-8"))

FULL: Final = 30
"""Projects a person takes at most."""


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A product, how many of a hundred orders are for it, and whether those who make it are away at the end."""

    listed: Listed
    editions: list[str]
    share: int
    away: bool


@dataclass(kw_only=True)
class World:
    """Everybody and everything; ``staff``: people by party and role."""

    admins: dict[UUID, UUID] = field(default_factory=dict)
    staff: dict[tuple[UUID, str], list[UUID]] = field(default_factory=dict)
    customers: list[tuple[Somebody, str]] = field(default_factory=list)
    """Account and name; the one who signs in stands here more than once, as he buys more."""
    offers: list[Offer] = field(default_factory=list)

    def admin(self, party_id: UUID) -> Somebody:
        """The main account of an ISV."""
        return Somebody(user_id=self.admins[party_id], party_id=party_id)


class Making:
    """Makes the world at a moment. ``notes`` and ``passwords`` are what the demo data
    would have noted of those they know, had they made them."""

    def __init__(self, bulk: Bulk, founding: Founding, draw: random.Random) -> None:
        self.bulk = bulk
        self.founding = founding
        self.draw = draw
        self.world = World()
        self.notes: dict[str, Any] = {}
        self.passwords: dict[str, str] = {}
        self._hashed = passwords.hashed(secrets.token_urlsafe(24))
        """Of everybody who is not to sign in."""

    def make(self) -> World:
        """All of it, and everybody knows of it."""
        for code, name in DATA["roles"]:
            self.founding.define(define_role(code=code, name=name, side="provider"))
        self.bulk.read("template")
        self.founding.store([*self._isvs(), *self._people(), *self._customers()])
        self.bulk.read("identity")
        parties = {name: party_id_of(isv["number"]) for name, isv in DATA["isvs"].items()}
        self._products(parties)
        return self.world

    def _isvs(self) -> list[Adding]:
        found = []
        for name, isv in DATA["isvs"].items():
            party_id, admin_id = party_id_of(isv["number"]), uuid4()
            self.world.admins[party_id] = admin_id
            found.append(
                self.founding.account(
                    "isv",
                    name,
                    isv["number"],
                    user_id=admin_id,
                    local="admin",
                    data=self._data(isv.get("admin", name)),
                    hashed=self._known(f"admin@{isv['number']}.onaliyun.com"),
                )
            )
            self._noted(f"isv {name}", party_id, admin_id, f"admin@{isv['number']}.onaliyun.com")
            for department in isv.get("departments", ()):
                department_id = uuid4()
                found.append(self.founding.department(party_id, department_id, department))
                self.notes[f"department {name} {department}"] = {"department_id": str(department_id)}
        return found

    def _people(self) -> list[Adding]:
        return [
            self._person(isv, name, local, self.notes[f"department {isv} {department}"]["department_id"], roles)
            for isv, people in DATA["staff"].items()
            for name, local, department, roles in people
        ]

    def _person(self, isv: str, name: str, local: str, department_id: str, roles: list[str]) -> Adding:
        number, user_id = DATA["isvs"][isv]["number"], uuid4()
        login_name, party_id = f"{local}@{number}.onaliyun.com", party_id_of(number)
        for role in roles:
            self.world.staff.setdefault((party_id, role), []).append(user_id)
        signs_in = local[-1].isdigit()
        if signs_in:  # lisi1010 and zhangsan1022, whom the demo data bring too
            self.notes[f"user {local}"] = {"user_id": str(user_id), "login_name": login_name}
        return self.founding.employee(
            party_id,
            user_id=user_id,
            local=local,
            roles=roles,
            data=self._data(name),
            hashed=self._known(login_name) if signs_in else self._hashed,
            department_id=UUID(department_id),
            maximum=FULL,
            receiving=True,
        )

    def _customers(self) -> list[Adding]:
        known, number, shares = DATA["customer"]
        names = [(known, number), *((name, f"C{n:04d}") for n, name in enumerate(DATA["customers"], start=1001))]
        found = []
        for name, number in names:
            somebody = Somebody(user_id=uuid4(), party_id=party_id_of(number))
            login_name = f"kehu@{number}.onaliyun.com"
            email: str | None
            hashed, email = self._hashed, f"lianxi@{number.lower()}.example.com"
            if name == known:
                hashed, email = self._known(login_name), None
                self._noted("customer", somebody.party_id, somebody.user_id, login_name)
            copies = shares if name == known else 1 + self.draw.randrange(10)
            self.world.customers += [(somebody, name)] * copies
            data = PersonalData(name=name, email=email)
            found.append(
                self.founding.account(
                    "customer", name, number, user_id=somebody.user_id, local="kehu", data=data, hashed=hashed
                )
            )
        return found

    def _products(self, parties: Mapping[str, UUID]) -> None:
        templates: dict[tuple[str, str], UUID] = {}
        for product in DATA["products"]:
            vendor, name = product["vendor"], product["template"]
            if (vendor, name) not in templates:
                template = DATA["templates"][name]
                nodes = [_numbered(n, node) for n, node in enumerate(template["nodes"])]
                templates[vendor, name] = self.founding.published(parties[vendor], name, nodes, template["description"])
            template_id = templates[vendor, name]
            code, shown = product["code"], product["name"]
            listed = Listed(
                product_id=self.founding.product(parties[vendor], code=code, name=shown, template_id=template_id),
                name=shown,
                vendor_id=parties[vendor],
                template_id=template_id,
                providers=[parties[provider] for provider in product["providers"]],
            )
            offer = Offer(
                listed=listed,
                editions=product["editions"],
                share=product["share"],
                away=product.get("away", False),
            )
            self.world.offers.append(offer)
        self.bulk.read("template")
        for offer, product in zip(self.world.offers, DATA["products"], strict=True):
            self.founding.provided(
                offer.listed.product_id,
                vendor_id=offer.listed.vendor_id,
                admin_id=self.world.admins[offer.listed.vendor_id],
                providers=[Provider(parties[name], *terms) for name, terms in product["providers"].items()],
            )
        self.bulk.read("dispatch")

    def _known(self, login_name: str) -> str:
        self.passwords[login_name] = new_password()
        return passwords.hashed(self.passwords[login_name])

    def _noted(self, name: str, party_id: UUID, user_id: UUID, login_name: str) -> None:
        self.notes[name] = {"party_id": str(party_id), "user_id": str(user_id), "login_name": login_name}

    def _data(self, name: str) -> PersonalData:
        """Without an address outside: nobody is to be told of the past there."""
        area = self.draw.choice(("0311", "010", "021", "020", "028", "027"))
        return PersonalData(name=name, landline=f"{area}-{self.draw.randrange(80_000_000, 88_999_999)}")


def _numbered(n: int, node: Mapping[str, Any]) -> dict[str, Any]:
    """A node of the data with an id: templates name the nodes, people do not."""
    own = {**node, "id": "start" if n == 0 else f"n{n}"}
    if "children" in node:
        own["children"] = [{**child, "id": f"n{n}-{k}"} for k, child in enumerate(node["children"])]
    return own
