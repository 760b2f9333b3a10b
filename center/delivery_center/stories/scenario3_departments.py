"""Scenario 3, scheme 1 of the manual (X-301 … X-313): outsourcing by departments (使用“部门”实现项目外包).

Reminders of an order nobody claims (X-314) need time to pass and are told by the tests of the clock.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from delivery_center.accounts import settle
from delivery_center.client import Client
from delivery_center.stories.story import Story, see, texts, wait

VENDOR = "外包总公司"
DEPARTMENTS = ("外包公司1", "外包公司2", "外包公司3")
NODES: list[dict[str, Any]] = [
    {"id": "start", "type": "assign_provider", "name": "分配服务商"},
    {"id": "claim", "type": "claim_order", "name": "认领订单", "role": "account_manager", "timeout": 0},
    {"id": "assign", "type": "assign_order", "name": "分单", "role": "designer", "rule": "department_first"},
    {"id": "submit", "type": "submit_requirement", "name": "需求提交", "form": "information_website"},
    {"id": "agree", "type": "confirm", "name": "需求确认", "side": "provider", "role": "designer", "rejectable": True,
     "reject_button": "驳回"},
    {"id": "prototype", "type": "container", "name": "网站原型制作", "children": [
        {"id": "build", "type": "general", "name": "原型搭建", "side": "provider", "role": "designer",
         "upload": True}]},
    {"id": "accept", "type": "confirm", "name": "项目验收", "side": "customer", "confirm_button": "验收通过"},
    {"id": "end", "type": "complete_project", "name": "完成项目", "confirm_button": "确认完成"},
]  # fmt: skip
CUSTOMER, MANAGER, DESIGNER = "客户甲乙丙 顾客", "客户经理2 客户经理", "设计师2 设计师"
LOG = [
    ("项目", "项目完成", "系统", ""),
    ("完成项目", "完成项目已完成", CUSTOMER, ""),
    ("完成项目", "进入完成项目", CUSTOMER, ""),
    ("项目验收", "项目验收已完成", CUSTOMER, ""),
    ("项目验收", "进入项目验收", CUSTOMER, ""),
    ("原型搭建", "原型搭建已完成", DESIGNER, ""),
    ("原型搭建", "进入原型搭建", DESIGNER, ""),
    ("需求确认", "需求确认已完成", DESIGNER, ""),
    ("需求确认", "进入需求确认", DESIGNER, ""),
    ("需求提交", "需求提交已完成", CUSTOMER, ""),
    ("需求提交", "进入需求提交", CUSTOMER, ""),
    ("分单", "分单已完成", "系统", ""),
    ("分单", "进入分单", "系统", ""),
    ("认领订单", "认领订单已完成", MANAGER, ""),
    ("认领订单", "订单认领", MANAGER, ""),
    ("认领订单", "进入认领订单", "系统", ""),
    ("分配服务商", "分配服务商已完成", "系统", ""),
    ("分配服务商", "进入分配服务商", "系统", ""),
    ("项目", "项目开始", "系统", ""),
]


class Scenario3Departments(Story):
    """One ISV; its departments are companies that compete for its orders."""

    def play(self) -> list[dict[str, Any]]:
        self.step("X-301", "an ISV that gives the service to subordinate partners, and a customer")
        self.party, self.admin = self.isv(VENDOR)
        self.register_customer()
        self.make_departments()
        self.make_template()
        self.step("X-308", "the product is listed with it")
        self.product_id = self.list_with(self.admin, self.template_id)
        self.tick_oneself(self.admin, self.product_id, self.party, VENDOR)
        project_id = self.buy()
        self.claim(project_id)
        self.step("X-311", "a 设计师 of 外包公司2 gets it, though those of the others have a smaller load ratio")
        wait("operators", lambda: self.staff(project_id), {"客户经理2", "设计师2"})
        rows = self.run_through(project_id)
        self.everyone_of_the_department_is_full()
        return rows

    def make_departments(self) -> None:
        self.step("X-302", "departments 外包公司1, 外包公司2, 外包公司3")
        path = "/api/v1/departments"
        departments = {name: self.admin.post(path, {"name": name})["department_id"] for name in DEPARTMENTS}
        tree = self.admin.get("/api/v1/departments")["items"]
        see("企业架构", {d["name"]: d["department_id"] for d in tree}, departments)
        self.step("X-303 X-304", "a 客户经理 and a 设计师 in each of them, with maximum loads")
        self.managers: list[Client] = []
        self.designers: list[dict[str, str]] = []
        for n, name in enumerate(DEPARTMENTS, start=1):
            place = {"department_id": departments[name]}
            manager = self.employ(self.admin, f"manager{n}", f"客户经理{n}", ["account_manager"], **place)
            self.managers.append(settle(self.client, self.book, manager["login_name"]))
            self.designers.append(self.employ(self.admin, f"designer{n}", f"设计师{n}", ["designer"], **place))
        tree = self.admin.get("/api/v1/departments")["items"]
        see("people", [(d["people"], d["has_account_manager"]) for d in tree], [(2, True)] * 3)
        for designer, maximum in zip(self.designers, (50, 2, 50), strict=True):
            self.set_load(self.admin, designer, maximum)

    def make_template(self) -> None:
        self.step("X-305 X-307", "a template with 认领订单 and a container; all else as in the other scenarios")
        self.step("X-306", "分单规则: 部门优先")
        self.template_id = self.publish(self.admin, "建站服务流模板1", NODES)

    def buy(self) -> str:
        self.step("X-309", "a customer buys: the project stands at 认领订单")
        project_id = self.order()
        wait("stage", lambda: self.stage(project_id), "认领订单")
        current = self.details(project_id)["current"]
        see("operator", (current["operator"], current["waits_for"]), ("-- 客户经理", "等待客户经理认领"))
        return project_id

    def claim(self, project_id: str) -> None:
        self.step("X-310", "the 客户经理 of 外包公司2 claims it by its number; those of 1 and 3 can no longer")
        one, two, three = self.managers
        self.admin.call("POST", "/api/v1/projects/claims", {"order_number": self.order_number}, expect=403)
        body = {"order_number": "no such number"}
        two.call("POST", "/api/v1/projects/claims", body, expect=404)
        body = {"order_number": self.order_number}
        two.post("/api/v1/projects/claims", body)
        for other in (one, three):
            refused = other.call("POST", "/api/v1/projects/claims", body, expect=409).json()
            see("refusal", refused["messages"]["zh"], "订单已被认领")

    def staff(self, project_id: str) -> set[str]:
        """The names on the staff cards."""
        return {card["name"] for card in self.details(project_id)["staff"]}

    def run_through(self, project_id: str) -> list[dict[str, Any]]:
        self.step("X-313", "submit, confirm, upload, view, accept, complete as in scenario 2")
        designer = settle(self.client, self.book, self.designers[1]["login_name"])
        self.submit(project_id, "需求提交")
        wait("我的项目 › 待处理", lambda: self.pending(designer), [project_id])
        self.confirm(designer, project_id, "需求确认")
        step = self.details(project_id)["steps"][5]
        see("the container", (step["name"], step["state"]), ("网站原型制作", "in_progress"))
        self.deliver(designer, project_id, "原型搭建")
        self.confirm(self.buyer, project_id, "项目验收", "完成项目")
        rows = self.log(project_id)
        see("flow log", texts(rows), LOG)
        return rows

    def everyone_of_the_department_is_full(self) -> None:
        self.step("X-312", "all 设计师 of 外包公司2 full: the project waits and no other department gets it")
        wait("load after completion", lambda: self.load("设计师2"), (0, 2))
        for _ in range(2):
            held = self.order()
            wait("stage", lambda p=held: self.stage(p), "认领订单")  # type: ignore[misc]
            self.managers[1].post("/api/v1/projects/claims", {"order_number": self.order_number})
            wait("operators", lambda p=held: self.staff(p), {"客户经理2", "设计师2"})  # type: ignore[misc]
        waiting = self.order()
        wait("stage", lambda: self.stage(waiting), "认领订单")
        self.claimed_by_one_of_two()
        wait("the provider's queue", self.queue, [(waiting, "所有服务商员工持单量已满")])
        (row,) = self.admin.get("/api/v1/queue", params={"entrance": "provider"})["items"]
        self.admin.post(f"/api/v1/queue/{row['request_id']}/dispatch")
        see("operators", self.staff(waiting), {"客户经理2"})
        see("loads of the others", (self.load("设计师1"), self.load("设计师3")), ((0, 50), (0, 50)))
        self.set_load(self.admin, self.designers[1], 3)
        wait("operators", lambda: self.staff(waiting), {"客户经理2", "设计师2"})

    def claimed_by_one_of_two(self) -> None:
        """Two clicks of the same person at once: one claims, the other is told so."""
        body = {"order_number": self.order_number}

        def click(_: int) -> int:
            return (
                self.managers[1]
                .http.post(
                    self.managers[1].address("/api/v1/projects/claims"),
                    json=body,
                    headers={"Authorization": f"Bearer {self.managers[1].token}"},
                )
                .status_code
            )

        with ThreadPoolExecutor(2) as pool:
            see("two claims at once", sorted(pool.map(click, range(2))), [200, 409])
