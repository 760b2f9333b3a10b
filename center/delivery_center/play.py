"""Scenario 2 of the manual (X-201 … X-213), played over HTTP by its people: from listing a product to completion.

Every step says what must be seen; the first thing that differs ends the story with what was seen instead. Each play
has its own vendor, so that it can be repeated on the same installation.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from delivery_center.accounts import Notebook, create_user, register_party, settle
from delivery_center.client import Client, Refused
from delivery_center.demo import Accounts, patiently, place_order

REQUIREMENT = {
    "company_name": "客户甲乙丙",
    "contact": "甲乙丙",
    "mobile": "18888888888",
    "site_kind": "企业官网",
    "columns": ["首页", "产品", "联系我们"],
    "style": "简约",
    "launch_date": "2027-03-01",
}
NODES: list[dict[str, Any]] = [
    {"id": "start", "type": "assign_provider", "name": "分配服务商节点"},
    {"id": "dispatch", "type": "assign_order", "name": "分配订单", "role": "designer"},
    {
        "id": "submit",
        "type": "submit_requirement",
        "name": "顾客提交需求",
        "form": "information_website",
        "reminders": [
            {"receiver": "customer", "trigger": "entered", "message_template": "submit_requirement_customer"}
        ],
    },
    {
        "id": "agree",
        "type": "confirm",
        "name": "设计师确定需求",
        "side": "provider",
        "role": "designer",
        "confirm_button": "确认",
        "rejectable": True,
        "reject_button": "驳回",
    },
    {
        "id": "design",
        "type": "general",
        "name": "设计师设计网站",
        "side": "provider",
        "role": "designer",
        "upload": True,
    },
    {"id": "accept", "type": "confirm", "name": "项目验收", "side": "customer", "confirm_button": "验收通过"},
    {"id": "end", "type": "complete_project", "name": "完成项目", "confirm_button": "确认完成"},
]
LOG = [
    # node, event, actor, remark; newest first, as the sample of the manual (L931-L939)
    ("项目", "项目完成", "系统", ""),
    ("完成项目", "完成项目已完成", "客户甲乙丙 顾客", ""),
    ("完成项目", "进入完成项目", "客户甲乙丙 顾客", ""),
    ("项目验收", "项目验收已完成", "客户甲乙丙 顾客", ""),
    ("项目验收", "进入项目验收", "客户甲乙丙 顾客", ""),
    ("设计师设计网站", "设计师设计网站已完成", "李四 设计师", ""),
    ("设计师设计网站", "进入设计师设计网站", "李四 设计师", ""),
    ("设计师确定需求", "设计师确定需求已完成", "李四 设计师", ""),
    ("设计师确定需求", "进入设计师确定需求", "李四 设计师", ""),
    ("顾客提交需求", "顾客提交需求已完成", "客户甲乙丙 顾客", ""),
    ("顾客提交需求", "进入顾客提交需求", "客户甲乙丙 顾客", ""),
    ("设计师确定需求", "设计师确定需求 未通过", "李四 设计师", "请补充栏目"),
    ("设计师确定需求", "进入设计师确定需求", "李四 设计师", ""),
    ("顾客提交需求", "顾客提交需求已完成", "客户甲乙丙 顾客", ""),
    ("顾客提交需求", "进入顾客提交需求", "客户甲乙丙 顾客", ""),
    ("分配订单", "分配订单已完成", "系统", ""),
    ("分配订单", "进入分配订单", "系统", ""),
    ("分配服务商节点", "分配服务商节点已完成", "系统", ""),
    ("分配服务商节点", "进入分配服务商节点", "系统", ""),
    ("项目", "项目开始", "系统", ""),
]


class Differs(AssertionError):
    """The system shows something else than the story demands."""


def main(client: Client, accounts: Accounts, say: Callable[[str], None]) -> int:
    """Play, print the flow log in the form of the manual's sample; 0 if all was as it must be, else 1."""
    story = Scenario2(client, operator=accounts["云市场小二"], marketplace=accounts["云市场订单"], say=say)
    try:
        rows = story.play()
    except (Differs, Refused) as difference:
        say(f"DIFFERS: {difference}")
        return 1
    say("\n流程日志 > 返回\n")
    for row in rows:
        say(
            "\t".join(
                [row["node"], row["event"], row["actor"], *([row["remark"]] if row["remark"] else []), row["time"]]
            )
        )
    return 0


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


class Scenario2:
    """The people of the story and what they do, in order."""

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

    def play(self) -> list[dict[str, Any]]:
        """Returns the flow log of the project that ran through. :raises Differs: at the first difference."""
        self.register()
        self.make_template()
        self.list_product()
        first = self.buy_before_anyone_can_take_it()
        self.create_the_designer()
        self.it_is_assigned_by_itself(first)
        self.set_loads()
        rows = self.run_through(first)
        self.smallest_ratio_gets_the_order()
        self.hand_over()
        self.everyone_is_full()
        return rows

    def step(self, requirement: str, text: str) -> None:
        self.say(f"{requirement:>11}  {text}")

    def register(self) -> None:
        self.step("X-201", "an ISV and its customer are registered; the main account changes its initial password")
        form = {
            "kind": "isv",
            "name": "北京云梦网络科技有限公司",
            "number": self.number,
            "login": "admin",
            "person": "管理员",
        }
        self.isv = register_party(self.operator, self.book, **form)
        self.customer = ("客户甲乙丙", f"K{self.number}")
        form = {
            "kind": "customer",
            "name": self.customer[0],
            "number": self.customer[1],
            "login": "kehu",
            "person": "甲乙丙",
        }
        party = register_party(self.operator, self.book, **form)
        self.admin = settle(self.client, self.book, self.isv["login_name"])
        self.buyer = settle(self.client, self.book, party["login_name"])

    def make_template(self) -> None:
        self.step("X-202", "a template with an assign-order node for 设计师 is published")
        made = self.admin.post("/api/v1/templates", {"name": "网站设计"})
        path = f"/api/v1/templates/{made['id']}"
        refused = self.admin.call("POST", f"{path}/publication", {}, expect=422).json()
        if not refused.get("errors"):
            raise Differs("an empty template is refused without naming the rules broken")
        content = {"name": "网站设计", "nodes": NODES}
        self.admin.put(f"{path}/content", content, headers={"If-Match": f'"{made["version"]}"'})
        see("state after publishing", self.admin.post(f"{path}/publication")["state"], "published")
        self.template_id = made["id"]

    def list_product(self) -> None:
        self.step("X-203", "the product is listed with it, provider: the vendor itself with weight 10 and load 1000")
        form = {"code": "66001", "name": "name_66", "template_id": self.template_id}
        self.product_id = self.admin.post("/api/v1/products", form)["id"]
        path = f"/api/v1/provider-configurations/{self.product_id}"
        names = lambda: [c["name"] for c in self.admin.get(f"{path}/candidates")["items"]]  # noqa: E731
        wait("providers to choose from", names, ["北京云梦网络科技有限公司"])
        self.admin.put(path, {"providers": [{"provider_id": self.isv["party_id"]}]})
        shown = self.admin.get(path)["providers"]
        see("weight and load", [(p["weight"], p["maximum"]) for p in shown], [(10, 1000)])

    def order(self) -> str:
        """A purchase; returns the project's id."""
        self.orders += 1
        number = f"{self.number}{self.orders:03}"
        return place_order(
            self.marketplace, self.product_id, self.customer, number, f"{number}001", edition="尊享版 (自营)"
        )

    def queue(self, order_number: str = "") -> list[tuple[str, str]]:
        """The provider's queue page: project and reason."""
        found = self.admin.get("/api/v1/queue", params={"entrance": "provider", "order_number": order_number})["items"]
        return [(row["project_id"], row["reason_text"]) for row in found]

    def stage(self, project_id: str) -> str:
        """Name of the node the project stands at, as its details page shows it."""
        return str(self.admin.get(f"/api/v1/projects/{project_id}")["current"]["name"])

    def buy_before_anyone_can_take_it(self) -> str:
        self.step("X-204", "a customer buys: the project waits, for nobody can take it")
        project_id = self.order()
        wait("the provider's queue", self.queue, [(project_id, "没有找到可接单的服务商员工")])
        see("stage", self.stage(project_id), "分配订单")
        return project_id

    def create_the_designer(self) -> None:
        self.step("X-205 X-206", "the sub-account 李四 is created; its password, shown once, is lost and reset")
        user = self.employ("lisi", "李四", ["designer"])
        lost = self.book.passwords[user["login_name"]]
        see("length of the initial password", len(lost), 8)
        shown = self.admin.get(f"/api/v1/users/{user['user_id']}")
        if "password" in str(shown):
            raise Differs(f"a password can be seen again: {shown}")
        reset = self.admin.post(f"/api/v1/users/{user['user_id']}/password-reset")
        self.book.remember(user["login_name"], reset["initial_password"])
        self.client.call("POST", "/api/v1/sessions", {"login_name": user["login_name"], "password": lost}, expect=401)
        self.lisi_user = user

    def employ(self, login: str, name: str, roles: list[str]) -> dict[str, str]:
        form = {"side": "provider", "login_name": login, "name": name, "roles": roles, "mobile": "18888888888"}
        user: dict[str, str] = patiently(lambda: create_user(self.admin, self.book, **form))
        return user

    def it_is_assigned_by_itself(self, project_id: str) -> None:
        self.step("X-207", "the waiting project is assigned to the new sub-account without further action")
        wait("stage", lambda: self.stage(project_id), "顾客提交需求")
        wait("the queue", self.queue, [])

    def set_loads(self) -> None:
        self.step("X-208", "maximum loads are set; 51 is refused")
        path = f"/api/v1/staff-loads/{self.lisi_user['user_id']}"
        self.admin.call("PUT", path, {"maximum": 51, "receiving": True}, expect=422)
        self.admin.put(path, {"maximum": 50, "receiving": True})

    def run_through(self, project_id: str) -> list[dict[str, Any]]:
        self.step("X-210", "李四 signs in, must change the password, and finds the project")
        self.lisi = settle(self.client, self.book, self.lisi_user["login_name"])
        self.step("X-211", "submit, reject, submit again, confirm, upload, view, accept, complete")
        self.submit(project_id)
        pending = lambda: [p["project_id"] for p in self.lisi.get("/api/v1/my-projects?view=pending")["items"]]  # noqa: E731
        wait("我的项目 › 待处理", pending, [project_id])
        visit = self.open_visit(project_id, "设计师确定需求")
        self.lisi.post(f"{visit}/rejection", {"reason": "请补充栏目"})
        self.submit(project_id)
        visit = self.open_visit(project_id, "设计师确定需求")
        self.buyer.call("POST", f"{visit}/confirmation", {}, expect=403)
        self.lisi.post(f"{visit}/confirmation")
        self.lisi.call("POST", f"{visit}/confirmation", {}, expect=409)
        visit = self.open_visit(project_id, "设计师设计网站")
        content = b"\x89PNG\r\n\x1a\n" + b"design" * 100
        self.lisi.post(f"{visit}/files", files={"file": ("首页.png", content, "image/png")})
        see("files the customer sees before the confirmation", self.files(project_id), [])
        self.lisi.post(f"{visit}/confirmation")
        (file,) = self.buyer.get(f"/api/v1/projects/{project_id}/files")["items"]
        see("name of the file", file["name"], "首页.png")
        see("content of the file", self.buyer.get(f"/api/v1/files/{file['file_id']}"), content)
        for node in ("项目验收", "完成项目"):
            self.buyer.post(f"{self.open_visit(project_id, node)}/confirmation")
        rows: list[dict[str, Any]] = self.admin.get(f"/api/v1/projects/{project_id}/log")["items"]
        see("flow log", [(r["node"], r["event"], r["actor"], r["remark"] or "") for r in rows], LOG)
        messages = lambda: self.buyer.get("/api/v1/messages")["total"]  # noqa: E731
        wait("reminders in the customer's box", messages, 2)
        return rows

    def submit(self, project_id: str) -> None:
        visit = self.open_visit(project_id, "顾客提交需求")
        self.buyer.call("PUT", f"{visit}/requirement", {**REQUIREMENT, "columns": []}, expect=422)
        self.buyer.put(f"{visit}/requirement", REQUIREMENT)
        self.buyer.post(f"{visit}/confirmation")

    def files(self, project_id: str) -> list[str]:
        return [file["name"] for file in self.buyer.get(f"/api/v1/projects/{project_id}/files")["items"]]

    def open_visit(self, project_id: str, node: str) -> str:
        """The path of the visit the project stands at, which must be of ``node``."""
        wait("stage", lambda: self.stage(project_id), node)
        current = self.admin.get(f"/api/v1/projects/{project_id}")["current"]
        return f"/api/v1/projects/{project_id}/visits/{current['visit']}"

    def assignee(self, project_id: str) -> str | None:
        """Login-independent: the id of the person who holds 设计师 in the project."""
        staff = self.admin.get(f"/api/v1/projects/{project_id}")["staff"]
        return str(staff[0]["person_id"]) if staff else None

    def smallest_ratio_gets_the_order(self) -> None:
        self.step("X-209", "with 李四 3/50 and 王五 0/20 a new order goes to 王五")
        held = [self.order() for _ in range(3)]
        for project_id in held:
            wait("assigned to 李四", lambda p=project_id: self.assignee(p), self.lisi_user["user_id"])  # type: ignore[misc]
        self.wangwu = self.employ("wangwu", "王五", ["designer"])
        path = f"/api/v1/staff-loads/{self.wangwu['user_id']}"
        patiently(lambda: self.admin.put(path, {"maximum": 20, "receiving": True}))
        wait("load of 李四", lambda: self.load("李四"), (3, 50))
        wait("load of 王五", lambda: self.load("王五"), (0, 20))
        fresh = self.order()
        wait("assigned to 王五", lambda: self.assignee(fresh), self.wangwu["user_id"])
        self.held = held

    def load(self, name: str) -> tuple[int, int] | None:
        """Current and maximum load of a person, as 持单量设置 shows it."""
        people = self.admin.get("/api/v1/staff-loads")["items"]
        return next(((p["load"], p["maximum"]) for p in people if p["name"] == name), None)

    def hand_over(self) -> None:
        self.step("X-212", "a project is handed to a colleague; other roles, full and paused ones are not offered")
        others = {"zhaoliu": ("赵六", ["engineer"], 10, True), "sunqi": ("孙七", ["designer"], 0, True)}
        others["zhouba"] = ("周八", ["designer"], 10, False)
        for login, (name, roles, maximum, receiving) in others.items():
            user = self.employ(login, name, roles)
            path = f"/api/v1/staff-loads/{user['user_id']}"
            body = {"maximum": maximum, "receiving": receiving}
            patiently(lambda path=path, body=body: self.admin.put(path, body))  # type: ignore[misc]
        project_id = self.held[0]
        path = f"/api/v1/assignments/{project_id}/candidates?role=designer"
        wait("candidates", lambda: [c["name"] for c in self.admin.get(path)["items"]], ["王五"])
        change = {"role": "designer", "person_id": self.wangwu["user_id"], "remark": "项目改派"}
        self.admin.put(f"/api/v1/projects/{project_id}/assignee", change)
        wait("operator", lambda: self.assignee(project_id), self.wangwu["user_id"])
        row = self.admin.get(f"/api/v1/projects/{project_id}/log")["items"][0]
        see(
            "log row",
            (row["event"], row["actor"], row["remark"]),
            ("更换操作人", "北京云梦网络科技有限公司", "项目改派"),
        )

    def everyone_is_full(self) -> None:
        self.step("X-213", "all 设计师 full: a further order waits")
        for user in (self.lisi_user, self.wangwu):
            self.admin.put(f"/api/v1/staff-loads/{user['user_id']}", {"maximum": 2, "receiving": True})
        project_id = self.order()
        wait("the provider's queue", self.queue, [(project_id, "所有服务商员工持单量已满")])
        self.admin.put(f"/api/v1/staff-loads/{self.lisi_user['user_id']}", {"maximum": 3, "receiving": True})
        wait("assigned after the maximum was raised", lambda: self.assignee(project_id), self.lisi_user["user_id"])
