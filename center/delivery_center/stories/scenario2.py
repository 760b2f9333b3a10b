"""Scenario 2 of the manual (X-201 … X-213): dispatch to sub-accounts (分单给子账号场景)."""

from __future__ import annotations

from typing import Any

from delivery_center.accounts import settle
from delivery_center.stories.story import Differs, Story, see, texts, wait

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


VENDOR = "北京云梦网络科技有限公司"


class Scenario2(Story):
    """One ISV sells and delivers; its sub-accounts get the orders."""

    def play(self) -> list[dict[str, Any]]:
        self.register()
        self.step("X-202", "a template with an assign-order node for 设计师 is published")
        self.template_id = self.publish(self.admin, "网站设计", NODES)
        self.step("X-203", "the product is listed with it, provider: the vendor itself with weight 10 and load 1000")
        self.product_id = self.list_with(self.admin, self.template_id)
        self.tick_oneself(self.admin, self.product_id, self.party, VENDOR)
        first = self.buy_before_anyone_can_take_it()
        self.create_the_designer()
        self.it_is_assigned_by_itself(first)
        self.step("X-208", "maximum loads are set; 51 is refused")
        path = f"/api/v1/staff-loads/{self.lisi_user['user_id']}"
        self.admin.call("PUT", path, {"maximum": 51, "receiving": True}, expect=422)
        self.set_load(self.admin, self.lisi_user, 50)
        rows = self.run_through(first)
        self.smallest_ratio_gets_the_order()
        self.hand_over()
        self.everyone_is_full()
        return rows

    def register(self) -> None:
        self.step("X-201", "an ISV and its customer are registered; the main account changes its initial password")
        self.party, self.admin = self.isv(VENDOR)
        self.register_customer()

    def buy_before_anyone_can_take_it(self) -> str:
        self.step("X-204", "a customer buys: the project waits, for nobody can take it")
        project_id = self.order()
        wait("the provider's queue", self.queue, [(project_id, "没有找到可接单的服务商员工")])
        see("stage", self.stage(project_id), "分配订单")
        return project_id

    def create_the_designer(self) -> None:
        self.step("X-205 X-206", "the sub-account 李四 is created; its password, shown once, is lost and reset")
        user = self.employ(self.admin, "lisi", "李四", ["designer"])
        lost = self.book.passwords[user["login_name"]]
        see("length of the initial password", len(lost), 8)
        shown = self.admin.get(f"/api/v1/users/{user['user_id']}")
        if "password" in str(shown):
            raise Differs(f"a password can be seen again: {shown}")
        reset = self.admin.post(f"/api/v1/users/{user['user_id']}/password-reset")
        self.book.remember(user["login_name"], reset["initial_password"])
        self.client.call("POST", "/api/v1/sessions", {"login_name": user["login_name"], "password": lost}, expect=401)
        self.lisi_user = user

    def it_is_assigned_by_itself(self, project_id: str) -> None:
        self.step("X-207", "the waiting project is assigned to the new sub-account without further action")
        wait("stage", lambda: self.stage(project_id), "顾客提交需求")
        wait("the queue", self.queue, [])

    def run_through(self, project_id: str) -> list[dict[str, Any]]:
        self.step("X-210", "李四 signs in, must change the password, and finds the project")
        self.lisi = settle(self.client, self.book, self.lisi_user["login_name"])
        self.step("X-211", "submit, reject, submit again, confirm, upload, view, accept, complete")
        self.submit(project_id)
        wait("我的项目 › 待处理", lambda: self.pending(self.lisi), [project_id])
        visit = self.open_visit(project_id, "设计师确定需求")
        self.lisi.post(f"{visit}/rejection", {"reason": "请补充栏目"})
        self.submit(project_id)
        visit = self.open_visit(project_id, "设计师确定需求")
        self.buyer.call("POST", f"{visit}/confirmation", {}, expect=403)
        self.lisi.post(f"{visit}/confirmation")
        self.lisi.call("POST", f"{visit}/confirmation", {}, expect=409)
        self.deliver(self.lisi, project_id, "设计师设计网站")
        self.confirm(self.buyer, project_id, "项目验收", "完成项目")
        rows = self.log(project_id)
        see("flow log", texts(rows), LOG)
        messages = lambda: self.buyer.get("/api/v1/messages")["total"]  # noqa: E731
        wait("messages in the customer's box: one for each visit of a node of his", messages, 4)
        return rows

    def smallest_ratio_gets_the_order(self) -> None:
        self.step("X-209", "with 李四 3/50 and 王五 0/20 a new order goes to 王五")
        held = [self.order() for _ in range(3)]
        for project_id in held:
            wait("assigned to 李四", lambda p=project_id: self.assignee(p), self.lisi_user["user_id"])  # type: ignore[misc]
        self.wangwu = self.employ(self.admin, "wangwu", "王五", ["designer"])
        self.set_load(self.admin, self.wangwu, 20)
        wait("load of 李四", lambda: self.load("李四"), (3, 50))
        wait("load of 王五", lambda: self.load("王五"), (0, 20))
        fresh = self.order()
        wait("assigned to 王五", lambda: self.assignee(fresh), self.wangwu["user_id"])
        self.held = held

    def hand_over(self) -> None:
        self.step("X-212", "a project is handed to a colleague; other roles, full and paused ones are not offered")
        self.set_load(self.admin, self.employ(self.admin, "zhaoliu", "赵六", ["engineer"]), 10)
        self.set_load(self.admin, self.employ(self.admin, "sunqi", "孙七", ["designer"]), 0)
        self.set_load(self.admin, self.employ(self.admin, "zhouba", "周八", ["designer"]), 10, receiving=False)
        project_id = self.held[0]
        path = f"/api/v1/assignments/{project_id}/candidates?role=designer"
        wait("candidates", lambda: [c["name"] for c in self.admin.get(path)["items"]], ["王五"])
        change = {"role": "designer", "person_id": self.wangwu["user_id"], "remark": "项目改派"}
        self.admin.put(f"/api/v1/projects/{project_id}/assignee", change)
        wait("operator", lambda: self.assignee(project_id), self.wangwu["user_id"])
        see("log row", texts(self.log(project_id))[0][1:], ("更换操作人", VENDOR, "项目改派"))

    def everyone_is_full(self) -> None:
        self.step("X-213", "all 设计师 full: a further order waits")
        for user in (self.lisi_user, self.wangwu):
            self.set_load(self.admin, user, 2)
        project_id = self.order()
        wait("the provider's queue", self.queue, [(project_id, "所有服务商员工持单量已满")])
        self.set_load(self.admin, self.lisi_user, 3)
        wait("assigned after the maximum was raised", lambda: self.assignee(project_id), self.lisi_user["user_id"])
