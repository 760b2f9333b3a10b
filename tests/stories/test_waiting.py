"""What an order waits for can be taken away, and the order goes on: over HTTP, through all services."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from delivery_center.accounts import settle
from delivery_center.client import Client, Refused
from delivery_center.demo import Accounts
from delivery_center.stories.scenario3_departments import NODES
from delivery_center.stories.story import Story, texts, wait

pytestmark = pytest.mark.stories

NO_STAFF = "没有找到可接单的服务商员工"


class Waiting(Story):
    """One ISV whose orders are claimed for a department nobody of which can take them."""

    def play(self) -> list[dict[str, Any]]:
        self.party, self.admin = self.isv("等待服务商")
        self.register_customer()
        tree = [self.admin.post("/api/v1/departments", {"name": name})["department_id"] for name in ("一部", "二部")]
        self.first, self.second = tree
        self.manager = self.employ(self.admin, "cm", "客户经理", ["account_manager"], department_id=self.first)
        self.designers = [
            self.employ(self.admin, f"designer{n}", f"设计师{n}", ["designer"], department_id=self.second)
            for n in (1, 2)
        ]
        self.claimer = settle(self.client, self.book, self.manager["login_name"])
        self.product_id = self.list_with(self.admin, self.publish(self.admin, "部门优先", NODES))
        self.tick_oneself(self.admin, self.product_id, self.party, "等待服务商")
        return []

    def claimed(self) -> str:
        """An order that was claimed and waits."""
        project_id = self.order()
        wait("stage", lambda: self.stage(project_id), "认领订单")
        self.claimer.post("/api/v1/projects/claims", {"order_number": self.order_number})
        wait("queue", lambda: (project_id, NO_STAFF) in self.queue(), True)
        return project_id

    def row(self, project_id: str) -> dict[str, Any]:
        """Of 排队情况."""
        found = self.admin.get("/api/v1/queue?entrance=provider")["items"]
        return next(row for row in found if row["project_id"] == project_id)


@pytest.fixture
def waiting(embedded: tuple[Client, Accounts]) -> Waiting:
    client, accounts = embedded
    operator, marketplace = accounts["云市场小二"], accounts["云市场订单"]
    story = Waiting(client, operator=operator, marketplace=marketplace, say=lambda text: None)
    story.play()
    return story


@pytest.mark.requirement("D-26", "D-54", "U-22")
def test_an_order_whose_department_is_deleted_goes_to_somebody_else(waiting: Waiting) -> None:
    project_id = waiting.claimed()
    assert (waiting.row(project_id)["department_name"], waiting.row(project_id)["department_deleted"]) == (
        "一部",
        False,
    )
    path = f"/api/v1/departments/{waiting.first}"
    waiting.admin.call("DELETE", path, expect=409)
    user = f"/api/v1/users/{waiting.manager['user_id']}"
    moved = {"name": "客户经理", "roles": ["account_manager"], "department_id": waiting.second}
    revision = waiting.admin.get(user)["revision"]
    waiting.admin.put(user, moved, headers={"If-Match": f'"{revision}"'})
    here = f"/api/v1/queue?entrance=provider&department_id={waiting.first}"
    assert [row["project_id"] for row in waiting.admin.get(here)["items"]] == [project_id]
    waiting.admin.call("DELETE", path, expect=204)
    wait("stage", lambda: waiting.stage(project_id), "需求提交")
    assert waiting.queue() == []


@pytest.mark.requirement("D-36", "R-48", "R-54", "U-21")
def test_the_admin_leads_an_order_on_and_who_holds_it_stays(waiting: Waiting) -> None:
    project_id, chosen = waiting.claimed(), waiting.designers[0]
    request_id = waiting.row(project_id)["request_id"]
    current = waiting.details(project_id)
    assert ("choose_assignee" in current["actions"], current["current"]["waiting_role"]) == (True, "designer")
    path = f"/api/v1/projects/{project_id}"
    offered = waiting.admin.get(f"/api/v1/assignments/{project_id}/candidates?role=designer")["items"]
    assert {one["person_id"] for one in offered} == {one["user_id"] for one in waiting.designers}
    body = {"person_id": chosen["user_id"], "role": "designer", "remark": "加急"}
    waiting.admin.put(f"{path}/assignee", body)
    wait("stage", lambda: waiting.stage(project_id), "需求提交")
    assert waiting.queue() == []
    again = waiting.admin.call("POST", f"/api/v1/queue/{request_id}/dispatch").json()
    assert (again["status"], again["person_id"]) == ("assigned", chosen["user_id"])
    assert ("分单", "指定操作人", "等待服务商", "加急") in texts(waiting.log(project_id))
    assert ("分单", "指定操作人", "等待服务商", "") in texts(waiting.log(project_id, waiting.buyer))
    assert waiting.load("设计师1") == (1, 10)
    holder, free = (f"/api/v1/users/{one['user_id']}" for one in waiting.designers)
    with suppress(Refused):  # 409 with the reason, or – where dispatch is late – 202
        waiting.admin.call("DELETE", holder)
    wait("refusal", lambda: waiting.admin.get(holder)["deletion_refused_held"], 1)
    waiting.admin.call("DELETE", free)
    wait("people", lambda: [one["name"] for one in waiting.admin.get("/api/v1/users?side=provider")["items"]],
         ["设计师1", "客户经理"])  # fmt: skip
