"""Scenario 3, scheme 2 of the manual (X-321 … X-329): a vendor and its providers (使用厂商-服务商实现项目外包)."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

from delivery_center.accounts import settle
from delivery_center.ordering import patiently
from delivery_center.stories.story import Story, see, texts, wait

VENDOR, A, B = "云梦DB", "河北服务商", "杭州服务商"
NODES: list[dict[str, Any]] = [
    {"id": "start", "type": "assign_provider", "name": "分配服务商节点"},
    {"id": "dispatch", "type": "assign_order", "name": "分配订单", "role": "designer"},
    {"id": "submit", "type": "submit_requirement", "name": "顾客提交需求", "form": "information_website"},
    {"id": "design", "type": "general", "name": "设计", "side": "provider", "role": "designer", "upload": True},
    {"id": "end", "type": "complete_project", "name": "完成项目", "confirm_button": "确认完成"},
]
HINTS = ("权重取值范围为1-100", "最大持单量取值范围为0-2000", "只支持整数，不支持小数")
"""The hints of 选择服务商 (P-21)."""
ORDERS = 16
"""With equal weights one provider gets all of them once in 32,768 plays."""
REMARK = "服务不到位"


class Scenario3Vendors(Story):
    """A vendor without staff, two providers."""

    def play(self) -> list[dict[str, Any]]:
        self.vendor_party, self.vendor = self.isv(VENDOR)
        self.providers = {name: self.isv(name, suffix) for name, suffix in ((A, "1"), (B, "2"))}
        self.admins = {name: admin for name, (_, admin) in self.providers.items()}
        self.register_customer()
        self.admin = self.vendor
        self.step("X-322", "the vendor edits its template as before")
        template_id = self.publish(self.vendor, "网站设计", NODES)
        self.product_id = self.list_with(self.vendor, template_id)
        self.relate()
        self.configure()
        self.employ_designers()
        spread = self.buy()
        self.who_sees_what(spread)
        project_id = self.change_provider(spread)
        self.run_through(project_id)
        self.everyone_is_full()
        self.what_the_vendor_does_not_do(spread)
        return self.log(project_id)

    def relate(self) -> None:
        self.step("X-321", "the operator records the relation of the product to two other providers")
        path = f"/api/v1/relations/{self.product_id}"
        self.vendor.call("PUT", f"{path}/{self.providers[A][0]['party_id']}", {}, expect=403)
        for party, _ in self.providers.values():
            patiently(partial(self.operator.put, f"{path}/{party['party_id']}"))

    def configure(self) -> None:
        self.step("X-323", "选择服务商 offers the related ones; two are ticked, bad weights and loads are refused")
        path = f"/api/v1/provider-configurations/{self.product_id}"
        candidates = self.vendor.get(f"{path}/candidates")["items"]
        offered = {c["name"]: (c["weight"], c["maximum"]) for c in candidates}
        see("candidates", offered, {VENDOR: (10, 1000), A: (10, 1000), B: (10, 1000)})
        for field, values in (("weight", (0, 101, 10.5, "x")), ("maximum", (-1, 2001, 1.5, "x"))):
            for value in values:
                wrong = {"provider_id": self.providers[A][0]["party_id"], field: value}
                refused = self.vendor.call("PUT", path, {"providers": [wrong]}, expect=422)
                see(f"{field} {value}: hint", any(text in refused.text for text in HINTS), True)
        see("nothing is configured", self.vendor.get(path)["providers"], [])
        self.limit(500, 500)
        found = [(p["name"], p["weight"], p["maximum"]) for p in self.vendor.get(path)["providers"]]
        see("configuration, by the sound of the names", found, [(B, 50, 500), (A, 50, 500)])

    def limit(self, a: int, b: int) -> None:
        """Save both providers with equal weights and these maximum loads."""
        parties = [party["party_id"] for party, _ in self.providers.values()]
        chosen = [{"provider_id": p, "weight": 50, "maximum": m} for p, m in zip(parties, (a, b), strict=True)]
        self.vendor.put(f"/api/v1/provider-configurations/{self.product_id}", {"providers": chosen})

    def employ_designers(self) -> None:
        self.step("X-324", "each provider's main account creates a 设计师 for the node 设计")
        self.designers = {}
        for name, admin in self.admins.items():
            user = self.employ(admin, "designer", f"{name}设计师", ["designer"])
            self.set_load(admin, user, 50)
            self.designers[name] = user

    def provider_of(self, project_id: str) -> str | None:
        provider = self.details(project_id)["provider"]
        return str(provider["name"]) if provider else None

    def buy(self) -> dict[str, list[str]]:
        self.step("X-325", f"{ORDERS} purchases are spread over both; each provider's 设计师 gets those of his company")
        projects = [self.order() for _ in range(ORDERS)]
        for project_id in projects:
            wait("stage", lambda p=project_id: self.stage(p), "顾客提交需求")  # type: ignore[misc]
        spread: dict[str, list[str]] = {A: [], B: []}
        for project_id in projects:
            page = self.details(project_id)
            name = page["provider"]["name"]
            spread[name].append(project_id)
            see("operator", [card["name"] for card in page["staff"]], [f"{name}设计师"])
        see("both got orders", all(spread.values()), True)
        shown = self.vendor.get(f"/api/v1/provider-configurations/{self.product_id}")["providers"]
        counted = Counter({name: len(found) for name, found in spread.items()})
        see("loads of the providers", Counter({p["name"]: p["load"] for p in shown}), counted)
        return spread

    def who_sees_what(self, spread: dict[str, list[str]]) -> None:
        self.step("X-326", "each provider sees its own projects, the vendor all of them")
        for name, other in ((A, B), (B, A)):
            admin = self.admins[name]
            wait(f"list of {name}", lambda a=admin: self.listed(a, "running", "provider"), set(spread[name]))  # type: ignore[misc]
            admin.call("GET", f"/api/v1/projects/{spread[other][0]}", expect=404)
        everything = set(spread[A]) | set(spread[B])
        wait("list of the vendor", lambda: self.listed(self.vendor, "running", "vendor"), everything)

    def change_provider(self, spread: dict[str, list[str]]) -> str:
        self.step("X-327", "the vendor changes the provider from A to B: the flow restarts, the log keeps both")
        project_id = spread[A].pop()
        spread[B].append(project_id)
        self.submit(project_id)
        wait("stage", lambda: self.stage(project_id), "设计")
        before = texts(self.log(project_id))
        path = f"/api/v1/projects/{project_id}/provider"
        change = {"provider_id": self.providers[B][0]["party_id"], "remark": REMARK}
        self.admins[A].call("PUT", path, change, expect=403)
        self.vendor.call("PUT", path, {**change, "remark": ""}, expect=422)
        self.vendor.put(path, change)
        wait("provider", lambda: self.provider_of(project_id), B)
        wait("stage", lambda: self.stage(project_id), "顾客提交需求")
        rows = self.log(project_id)
        see(
            "flow log",
            texts(rows),
            [
                ("顾客提交需求", "进入顾客提交需求", "客户甲乙丙 顾客", ""),
                ("分配订单", "分配订单已完成", "系统", ""),
                ("分配订单", "进入分配订单", "系统", ""),
                ("分配服务商节点", "分配服务商节点已完成", "系统", ""),
                ("分配服务商节点", "进入分配服务商节点", "系统", ""),
                ("项目", "项目开始", "系统", REMARK),
                ("项目", f"服务商由{A}更换为{B}", VENDOR, REMARK),
            ],
        )
        see("查看变更前操作记录", texts(self.log(project_id, run=rows[-1]["earlier_run"])), before)
        self.admins[A].call("GET", f"/api/v1/projects/{project_id}", expect=404)
        wait("list of A", lambda: self.listed(self.admins[A], "running", "provider"), set(spread[A]))
        wait("list of B", lambda: self.listed(self.admins[B], "running", "provider"), set(spread[B]))
        wait("load of A's designer", lambda: self.load(f"{A}设计师", self.admins[A]), (len(spread[A]), 50))
        wait("load of B's designer", lambda: self.load(f"{B}设计师", self.admins[B]), (len(spread[B]), 50))
        return project_id

    def run_through(self, project_id: str) -> None:
        """The requirement filled before the change is kept and handed in again; then as in scenario 2."""
        designer = settle(self.client, self.book, self.designers[B]["login_name"])
        self.confirm(self.buyer, project_id, "顾客提交需求")
        wait("我的项目 › 待处理", lambda: self.pending(designer), [project_id])
        self.deliver(designer, project_id, "设计")
        self.confirm(self.buyer, project_id, "完成项目")
        wait("已完成的项目", lambda: self.listed(self.vendor, "completed", "vendor"), {project_id})

    def everyone_is_full(self) -> None:
        self.step("X-328", "all providers full: a further order waits in the vendor's queue; raised, 分单 assigns it")
        self.limit(1, 1)
        project_id = self.order()
        waiting = lambda: self.queue(self.vendor, "vendor")  # noqa: E731
        wait("the vendor's queue", waiting, [(project_id, "服务商持单量已满")])
        (row,) = self.vendor.get("/api/v1/queue", params={"entrance": "vendor"})["items"]
        see("column 服务商", row["provider_name"], None)
        see("stage", self.stage(project_id), "分配服务商节点")
        dispatch = f"/api/v1/queue/{row['request_id']}/dispatch"
        answer = self.vendor.post(dispatch)
        see("分单 while full", (answer["status"], answer["reason_text"]), ("waiting", "服务商持单量已满"))
        self.limit(1, 500)
        see("分单", self.vendor.post(dispatch)["status"], "assigned")
        wait("stage", lambda: self.stage(project_id), "顾客提交需求")
        see("provider", self.provider_of(project_id), B)
        wait("the vendor's queue", waiting, [])

    def what_the_vendor_does_not_do(self, spread: dict[str, list[str]]) -> None:
        self.step("X-329", "staff, loads, operators and pause are the provider's, the vendor only manages products")
        project_id = spread[A][0]
        designer = self.designers[A]["user_id"]
        self.vendor.call("PUT", f"/api/v1/staff-loads/{designer}", {"maximum": 1, "receiving": True}, expect=404)
        self.vendor.call("GET", f"/api/v1/users/{designer}", expect=404)
        change = {"role": "designer", "person_id": designer}
        self.vendor.call("PUT", f"/api/v1/projects/{project_id}/assignee", change, expect=403)
        self.vendor.call("POST", f"/api/v1/projects/{project_id}/pause", {"remark": "x"}, expect=403)
        admin = self.admins[A]
        admin.call("POST", f"/api/v1/projects/{project_id}/pause", {"remark": ""}, expect=422)
        admin.post(f"/api/v1/projects/{project_id}/pause", {"remark": "客户休假"})
        wait("已暂停的项目", lambda: self.listed(self.vendor, "paused", "vendor"), {project_id})
        admin.post(f"/api/v1/projects/{project_id}/resume")
        wait("已暂停的项目", lambda: self.listed(self.vendor, "paused", "vendor"), set())
        see("state", self.details(project_id)["state_text"], "执行中")
