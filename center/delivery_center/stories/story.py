"""What the stories share: people and companies made over HTTP, purchases, and looking until something is seen.

Every step says what must be seen; the first thing that differs ends the story with what was seen instead. Each play
has companies of its own, so that it can be repeated on the same installation.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from delivery_center.accounts import Notebook, create_user, register_party, settle
from delivery_center.client import Client, Refused
from delivery_center.ordering import patiently, place_order

REQUIREMENT = {
    "company_name": "客户甲乙丙",
    "contact": "甲乙丙",
    "mobile": "18888888888",
    "site_kind": "企业官网",
    "columns": ["首页", "产品", "联系我们"],
    "style": "简约",
    "launch_date": "2027-03-01",
}
PICTURE = b"\x89PNG\r\n\x1a\n" + b"design" * 100


class Differs(AssertionError):
    """The system shows something else than the story demands."""


def see(what: str, seen: Any, expected: Any) -> None:
    """:raises Differs: ``seen`` is not ``expected``."""
    if seen != expected:
        raise Differs(f"{what}: expected {expected!r}, seen {seen!r}")


def wait(what: str, look: Callable[[], Any], expected: Any, *, seconds: float = 20) -> None:
    """Look until ``expected`` is seen. :raises Differs: it is not seen in time."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            seen = look()
        except Refused as refused:
            if refused.status not in (404, 503):
                raise
            seen = refused
        if seen == expected:
            return
        if time.monotonic() > deadline:
            see(what, seen, expected)
        time.sleep(0.05)


class Story(ABC):
    """The people of a story and what they do. ``admin`` is the main account whose pages are looked at, ``buyer`` the
    customer; a story sets them when it registers its companies."""

    admin: Client
    buyer: Client
    product_id: str

    def __init__(
        self, client: Client, *, operator: tuple[str, str], marketplace: tuple[str, str], say: Callable[[str], None]
    ) -> None:
        self.client = client
        self.book = Notebook(None)
        self.operator = client.signed_in(*operator)
        self.marketplace = client.signed_in(*marketplace)
        self.say = say
        self.number = datetime.now(UTC).strftime("%Y%m%d%H%M%S%f")
        self.orders = 0

    @abstractmethod
    def play(self) -> list[dict[str, Any]]:
        """Returns the flow log of the project that ran through. :raises Differs: at the first difference."""

    def step(self, requirement: str, text: str) -> None:
        self.say(f"{requirement:>11}  {text}")

    # Companies and people

    def isv(self, name: str, suffix: str = "") -> tuple[dict[str, str], Client]:
        """An ISV and its main account, which has changed its initial password."""
        form = {"kind": "isv", "name": name, "number": f"{self.number}{suffix}", "login": "admin", "person": name}
        party = register_party(self.operator, self.book, **form)
        return party, settle(self.client, self.book, party["login_name"])

    def register_customer(self) -> None:
        """客户甲乙丙, whose account is ``buyer``."""
        self.customer = ("客户甲乙丙", f"K{self.number}")
        name, number = self.customer
        form = {"kind": "customer", "name": name, "number": number, "login": "kehu", "person": "甲乙丙"}
        party = register_party(self.operator, self.book, **form)
        self.buyer = settle(self.client, self.book, party["login_name"])

    def employ(self, admin: Client, login: str, name: str, roles: list[str], **more: Any) -> dict[str, str]:
        """A sub-account of the provider of ``admin``; returns user_id and login_name."""
        form = {"side": "provider", "login_name": login, "name": name, "roles": roles, "mobile": "18888888888", **more}
        user: dict[str, str] = patiently(lambda: create_user(admin, self.book, **form))
        return user

    def set_load(self, admin: Client, user: Mapping[str, str], maximum: int, *, receiving: bool = True) -> None:
        """持单量设置, as soon as dispatch knows the person."""
        body = {"maximum": maximum, "receiving": receiving}
        patiently(lambda: admin.put(f"/api/v1/staff-loads/{user['user_id']}", body))

    def load(self, name: str, admin: Client | None = None) -> tuple[int, int] | None:
        """Current and maximum load of a person, as 持单量设置 shows it."""
        people = (admin or self.admin).get("/api/v1/staff-loads")["items"]
        return next(((p["load"], p["maximum"]) for p in people if p["name"] == name), None)

    # Templates and products

    def publish(self, admin: Client, name: str, nodes: Sequence[Mapping[str, Any]]) -> str:
        """A new template with these nodes, published; with the first alone it is refused. Returns its id."""
        made = admin.post("/api/v1/templates", {"name": name})
        path = f"/api/v1/templates/{made['id']}"
        match = {"If-Match": f'"{made["version"]}"'}
        begun = admin.put(f"{path}/content", {"name": name, "nodes": list(nodes[:1])}, headers=match)
        refused = admin.call("POST", f"{path}/publication", {}, expect=422).json()
        if not refused.get("errors"):
            raise Differs("a template without an end is refused without naming the rules broken")
        self.save_and_publish(admin, made["id"], begun["version"], name, nodes)
        return str(made["id"])

    def save_and_publish(
        self, admin: Client, template_id: str, version: int, name: str, nodes: Sequence[Mapping[str, Any]]
    ) -> None:
        path = f"/api/v1/templates/{template_id}"
        admin.put(f"{path}/content", {"name": name, "nodes": nodes}, headers={"If-Match": f'"{version}"'})
        see("state after publishing", admin.post(f"{path}/publication")["state"], "published")

    def list_with(self, admin: Client, template_id: str, code: str = "66001", name: str = "name_66") -> str:
        """上架; returns the product's id."""
        form = {"code": code, "name": name, "template_id": template_id}
        return str(admin.post("/api/v1/products", form)["id"])

    def tick_oneself(self, admin: Client, product_id: str, party: Mapping[str, str], name: str) -> None:
        """The vendor is the only provider to choose from, ticks itself and leaves weight 10 and load 1000."""
        path = f"/api/v1/provider-configurations/{product_id}"
        wait("providers to choose from", lambda: [c["name"] for c in admin.get(f"{path}/candidates")["items"]], [name])
        admin.put(path, {"providers": [{"provider_id": party["party_id"]}]})
        shown = admin.get(path)["providers"]
        see("weight and load", [(p["weight"], p["maximum"]) for p in shown], [(10, 1000)])

    # Orders and projects

    def order(self, product_id: str | None = None) -> str:
        """A purchase; returns the project's id. Its order number is :attr:`order_number`."""
        self.orders += 1
        self.order_number = f"{self.number}{self.orders:03}"
        return place_order(
            self.marketplace,
            product_id or self.product_id,
            self.customer,
            self.order_number,
            f"{self.order_number}001",
            edition="尊享版 (自营)",
        )

    def queue(self, admin: Client | None = None, entrance: str = "provider") -> list[tuple[str, str]]:
        """排队情况 of an entrance: project and reason."""
        found = (admin or self.admin).get("/api/v1/queue", params={"entrance": entrance})["items"]
        return [(row["project_id"], row["reason_text"]) for row in found]

    def details(self, project_id: str, by: Client | None = None) -> dict[str, Any]:
        found: dict[str, Any] = (by or self.admin).get(f"/api/v1/projects/{project_id}")
        return found

    def stage(self, project_id: str) -> str:
        """Name of the node the project stands at, as its details page shows it."""
        return str(self.details(project_id)["current"]["name"])

    def open_visit(self, project_id: str, node: str) -> str:
        """The path of the visit the project stands at, which must be of ``node``."""
        wait("stage", lambda: self.stage(project_id), node)
        return f"/api/v1/projects/{project_id}/visits/{self.details(project_id)['current']['visit']}"

    def assignee(self, project_id: str) -> str | None:
        """The id of the first person of the provider in the project."""
        staff = self.details(project_id)["staff"]
        return str(staff[0]["person_id"]) if staff else None

    def listed(self, admin: Client, tab: str, entrance: str) -> set[str]:
        """The projects of a tab of 项目管理."""
        query = {"tab": tab, "entrance": entrance}
        return {row["project_id"] for row in admin.get("/api/v1/project-list", params=query)["items"]}

    def pending(self, by: Client) -> list[str]:
        """我的项目 › 待处理."""
        return [row["project_id"] for row in by.get("/api/v1/my-projects?view=pending")["items"]]

    def submit(self, project_id: str, node: str = "顾客提交需求") -> None:
        """The customer fills the form, wrongly first, and passes the node."""
        visit = self.open_visit(project_id, node)
        self.buyer.call("PUT", f"{visit}/requirement", {**REQUIREMENT, "columns": []}, expect=422)
        self.buyer.put(f"{visit}/requirement", REQUIREMENT)
        self.buyer.post(f"{visit}/confirmation")

    def confirm(self, by: Client, project_id: str, *nodes: str) -> None:
        """Confirm the nodes one after the other."""
        for node in nodes:
            by.post(f"{self.open_visit(project_id, node)}/confirmation")

    def deliver(self, by: Client, project_id: str, node: str) -> None:
        """Upload a picture and confirm; only then the customer sees it, name and content as uploaded."""
        visit = self.open_visit(project_id, node)
        by.post(f"{visit}/files", files={"file": ("首页.png", PICTURE, "image/png")})
        see("files the customer sees before the confirmation", self.files(project_id), [])
        by.post(f"{visit}/confirmation")
        (file,) = self.buyer.get(f"/api/v1/projects/{project_id}/files")["items"]
        see("name of the file", file["name"], "首页.png")
        see("content of the file", self.buyer.get(f"/api/v1/files/{file['file_id']}"), PICTURE)

    def files(self, project_id: str) -> list[str]:
        """Names of the files the customer sees."""
        return [file["name"] for file in self.buyer.get(f"/api/v1/projects/{project_id}/files")["items"]]

    def log(self, project_id: str, by: Client | None = None, **query: Any) -> list[dict[str, Any]]:
        """流程日志, newest first."""
        rows: list[dict[str, Any]] = (by or self.admin).get(f"/api/v1/projects/{project_id}/log", params=query)["items"]
        return rows


def texts(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str, str]]:
    """Node, event, actor and remark of log rows."""
    return [(row["node"], row["event"], row["actor"], row["remark"] or "") for row in rows]
