"""The people of the demo data: parties, departments, staff with loads – and a client of everybody who acts."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any

from identity_svc.bootstrap import MARKETPLACE, OPERATOR

from delivery_center.accounts import Notebook, create_user, register_party, settle
from delivery_center.client import Client
from delivery_center.ordering import once_only, patiently


@dataclass(kw_only=True)
class People:
    """Whoever acts in the demo data, by the names used there: ISVs by name, ``kehu``, ``operator``, login names."""

    data: dict[str, Any]
    client: Client
    book: Notebook
    clients: dict[str, Client] = field(default_factory=dict)
    parties: dict[str, str] = field(default_factory=dict)
    """Name of an ISV → its id."""
    users: dict[str, str] = field(default_factory=dict)
    """Login name without suffix → user id."""

    def __getitem__(self, who: str) -> Client:
        return self.clients[who]

    def load(self) -> None:
        """Make those who are missing."""
        self.clients["operator"] = settle(self.client, self.book, OPERATOR)
        self.clients["marketplace"] = settle(self.client, self.book, MARKETPLACE)
        for name, number in self.data["isvs"]:
            party = self._party(f"isv {name}", kind="isv", name=name, number=number, login="admin", person=name)
            self.parties[name], self.users[name] = party["party_id"], party["user_id"]
            self.clients[name] = settle(self.client, self.book, party["login_name"])
        name, number = self.data["customer"]
        customer = self._party("customer", kind="customer", name=name, number=number, login="kehu", person=name)
        self.clients["kehu"] = settle(self.client, self.book, customer["login_name"])
        departments = self._departments()
        manager = {"login_name": "chenjingli", "name": "陈经理", "roles": ["vendor_project_manager"]}
        create = partial(create_user, self["河北服务商"], self.book, side="vendor", **manager)
        settle(self.client, self.book, self.book.once("user chenjingli", partial(patiently, create))["login_name"])
        for person in self.data["staff"]:
            self._employ(person, departments)
        self._set_load("河北服务商", "河北服务商", maximum=30, receiving=True)

    def _party(self, note: str, **form: Any) -> dict[str, str]:
        made: dict[str, str] = self.book.once(note, partial(register_party, self["operator"], self.book, **form))
        return made

    def _departments(self) -> dict[tuple[str, str], str]:
        found: dict[tuple[str, str], str] = {}
        for isv, names in self.data["departments"].items():
            for name in names:
                key = once_only(f"department {isv} {name}")
                make = partial(self[isv].post, "/api/v1/departments", {"name": name}, headers=key)
                found[isv, name] = self.book.once(f"department {isv} {name}", make)["department_id"]
        return found

    def _employ(self, person: dict[str, Any], departments: dict[tuple[str, str], str]) -> None:
        isv, login = person["isv"], person["login_name"]
        form: dict[str, Any] = {
            key: person[key] for key in ("login_name", "name", "roles", "mobile", "landline") if key in person
        }
        if "department" in person:
            form["department_id"] = departments[isv, person["department"]]
        create = partial(create_user, self[isv], self.book, side="provider", **form)
        user = self.book.once(f"user {login}", partial(patiently, create))
        self.users[login] = user["user_id"]
        if person.get("signs_in"):
            self.clients[login] = settle(self.client, self.book, user["login_name"])
        if "maximum" in person:
            self._set_load(isv, login, maximum=person["maximum"], receiving=person["receiving"])

    def _set_load(self, isv: str, who: str, *, maximum: int, receiving: bool) -> None:
        path, body = f"/api/v1/staff-loads/{self.users[who]}", {"maximum": maximum, "receiving": receiving}
        self.book.once(f"load {who}", partial(patiently, partial(self[isv].put, path, body)))

    def receive(self, who: str, receiving: bool) -> Any:
        """Open or close receiving of a member of staff."""
        isv = next(person["isv"] for person in self.data["staff"] if person["login_name"] == who)
        body = {"person_ids": [self.users[who]], "receiving": receiving}
        return patiently(lambda: self[isv].post("/api/v1/staff-loads/batch", body))
