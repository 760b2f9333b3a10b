"""Scenario 1 of the manual (X-101 … X-112): the main account serves itself (主账号自服务场景)."""

from __future__ import annotations

from typing import Any

from delivery_center.ordering import patiently
from delivery_center.stories.story import Story, see, texts, wait

VENDOR = "个体建站服务商"
PUBLIC = "信息类网站建设模板"
"""A public template; its twin for sub-accounts has the suffix."""
SUFFIX = "子账号自动分单"

ADMIN = f"{VENDOR} 服务商管理员"
CUSTOMER = "客户甲乙丙 顾客"
LOG = [
    ("项目", "项目完成", "系统", ""),
    ("完成项目", "完成项目已完成", CUSTOMER, ""),
    ("完成项目", "进入完成项目", CUSTOMER, ""),
    ("项目验收", "项目验收已完成", CUSTOMER, ""),
    ("项目验收", "进入项目验收", CUSTOMER, ""),
    ("网站设计", "网站设计已完成", ADMIN, ""),
    ("网站设计", "进入网站设计", ADMIN, ""),
    ("需求确认", "需求确认已完成", ADMIN, ""),
    ("需求确认", "进入需求确认", ADMIN, ""),
    ("提交需求", "提交需求已完成", CUSTOMER, ""),
    ("提交需求", "进入提交需求", CUSTOMER, ""),
    ("分配服务商", "分配服务商已完成", "系统", ""),
    ("分配服务商", "进入分配服务商", "系统", ""),
    ("项目", "项目开始", "系统", ""),
]


class Scenario1(Story):
    """One ISV, one account, no sub-account."""

    def play(self) -> list[dict[str, Any]]:
        self.step("X-101", "an ISV with nothing but its main account, and a customer")
        self.party, self.admin = self.isv(VENDOR)
        self.register_customer()
        self.make_template()
        self.list_products()
        self.set_own_load()
        first = self.buy()
        rows = self.run_through(first)
        self.evaluate(first)
        self.beyond_the_maximum()
        return rows

    def make_template(self) -> None:
        self.step("X-102 X-105", "a public template without the suffix is found and copied")
        found = self.admin.get("/api/v1/templates", params={"scope": "public", "limit": 100})["items"]
        public = {template["name"]: template["id"] for template in found}
        see("public templates in pairs", {PUBLIC, PUBLIC + SUFFIX} <= set(public), True)
        self.public = public[PUBLIC]
        copy = self.admin.post(f"/api/v1/templates/{self.public}/copies", {"name": "自服务网站设计"})
        self.step(
            "X-103", "服务商管理员 is the role of every node of the provider; published without assign-order node"
        )
        template = self.admin.get(f"/api/v1/templates/{copy['id']}")
        nodes = [{**n, "role": "provider_admin"} if n.get("side") == "provider" else n for n in template["nodes"]]
        see("assign-order nodes", [n["name"] for n in nodes if n["type"] == "assign_order"], [])
        self.save_and_publish(self.admin, copy["id"], copy["version"], "自服务网站设计", nodes)
        self.template_id = copy["id"]

    def list_products(self) -> None:
        self.step("X-104", "listing without a template is refused")
        form = {"code": "55001", "name": "name_55"}
        self.admin.call("POST", "/api/v1/products", form, expect=422)
        see("products", self.admin.get("/api/v1/products")["total"], 0)
        self.step("X-106", "listed with the own and with the public template; only the ISV itself can be ticked")
        self.product_id = self.list_with(self.admin, self.template_id, "55001", "name_55")
        self.with_public = self.list_with(self.admin, self.public, "55002", "name_55")
        for product_id in (self.product_id, self.with_public):
            self.tick_oneself(self.admin, product_id, self.party, VENDOR)

    def set_own_load(self) -> None:
        self.step("X-107", "持单量设置 shows the main account with both roles; its maximum is set to 2")
        people = lambda: [  # noqa: E731
            (p["name"], "、".join(p["role_names"])) for p in self.admin.get("/api/v1/staff-loads")["items"]
        ]
        wait("持单量设置", people, [(VENDOR, "厂商管理员、服务商管理员")])
        self.set_load(self.admin, self.party, 2)
        see("load", self.load(VENDOR), (0, 2))

    def buy(self) -> str:
        self.step("X-108", "a customer buys: 系统 completes 分配服务商, the main account operates the provider's nodes")
        project_id = self.order()
        wait("stage", lambda: self.stage(project_id), "提交需求")
        see("operator", self.assignee(project_id), self.party["user_id"])
        see("log", texts(self.log(project_id)), LOG[-4:])
        return project_id

    def run_through(self, project_id: str) -> list[dict[str, Any]]:
        self.step("X-109", "submitted, found in 我的项目 › 待处理, confirmed, uploaded, confirmed")
        self.submit(project_id, "提交需求")
        wait("我的项目 › 待处理", lambda: self.pending(self.admin), [project_id])
        see("operator", self.details(project_id)["current"]["operator"], ADMIN)
        self.confirm(self.admin, project_id, "需求确认")
        self.deliver(self.admin, project_id, "网站设计")
        self.confirm(self.buyer, project_id, "项目验收", "完成项目")
        rows = self.log(project_id)
        see("flow log", texts(rows), LOG)
        return rows

    def evaluate(self, project_id: str) -> None:
        self.step("X-110", "已完成的项目 lists it; the evaluation dialog opens for the customer until it is given")
        wait("已完成的项目", lambda: self.listed(self.admin, "completed", "provider"), {project_id})
        see("执行中的项目", self.listed(self.admin, "running", "provider"), set())
        see("what the customer is offered", self.details(project_id, self.buyer)["actions"], ["evaluate"])
        path = f"/api/v1/projects/{project_id}/evaluation"
        self.buyer.call("POST", path, {"stars": 6}, expect=422)
        self.buyer.post(path, {"stars": 5, "text": "沟通顺畅"})
        self.buyer.call("POST", path, {"stars": 1}, expect=409)
        see("what the customer is offered then", self.details(project_id, self.buyer)["actions"], [])
        evaluation = self.details(project_id)["evaluation"]
        see("what the provider reads", (evaluation["stars"], evaluation["text"]), (5, "沟通顺畅"))
        wait("load after completion", lambda: self.load(VENDOR), (0, 2))

    def beyond_the_maximum(self) -> None:
        self.step("X-111", "with maximum 2 and two running projects a third purchase waits in the provider's queue")
        for product_id in (self.product_id, self.with_public):
            held = self.order(product_id)
            wait("stage", lambda p=held: self.stage(p), "提交需求")  # type: ignore[misc]
        third = self.order()
        wait("the provider's queue", self.queue, [(third, "所有服务商员工持单量已满")])
        page = self.details(third)
        see("stage and provider", (page["current"]["name"], page["provider"]["name"]), ("分配服务商", VENDOR))
        (row,) = self.admin.get("/api/v1/queue", params={"entrance": "provider"})["items"]
        answer = self.admin.post(f"/api/v1/queue/{row['request_id']}/dispatch")
        see("分单 while full", (answer["status"], answer["reason_text"]), ("waiting", "所有服务商员工持单量已满"))
        self.step("X-112", "the maximum is raised to 3: the third project goes on")
        self.set_load(self.admin, self.party, 3)
        path = f"/api/v1/queue/{row['request_id']}/dispatch"
        see("分单", patiently(lambda: self.admin.post(path))["status"], "assigned")
        wait("stage", lambda: self.stage(third), "提交需求")
        see("the provider's queue", self.queue(), [])
        see("load", self.load(VENDOR), (3, 3))
