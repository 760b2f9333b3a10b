"""What a vendor does here is told to another delivery center – ours again, by its public API –, where the buyer is."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from delivery_center.client import Client
from delivery_center.demo import Accounts
from delivery_center.demo.connections import connected
from delivery_center.marketplaces.simulating import Marketplace, calling
from delivery_center.ordering import place_order
from delivery_center.stories.story import PICTURE, Story, see, wait

from .official_client import NODES, SCOPES, VENDOR, Script, official

pytestmark = pytest.mark.stories
THERE = "云市场里的远山软件"


class ByMirror(Story):
    """One vendor here; the shop it has in the marketplace is another one there. The buyer is the same."""

    def __init__(self, base: str, client: Client, **who: Any) -> None:
        super().__init__(client, **who)
        self.base = base

    def play(self) -> list[dict[str, Any]]:
        self.register_customer()
        self.there, there = self.sells(THERE, "1")
        self.admin, here = self.sells(VENDOR, "2")
        self.connect(here)
        self.buys(there)
        self.it_is_sent_back_and_confirmed()
        self.it_pauses_and_goes_on()
        self.it_is_delivered()
        reports = self.admin.get(f"{self.path}/reports")["items"]
        told = [(report["act"], report["state"]) for report in reversed(reports)]
        acts = ["rollback", "finish", "pause", "resume", "finish"]
        see("reports", told, [(act, "told") for act in acts])
        return self.log(self.project_there, by=self.there)

    def sells(self, name: str, suffix: str) -> tuple[Client, str]:
        """A vendor with the one product."""
        party, admin = self.isv(name, suffix)
        product = self.list_with(admin, self.publish(admin, "接口交付", NODES))
        self.tick_oneself(admin, product, party, name)
        return admin, product

    def connect(self, product: str) -> None:
        self.key = self.there.post("/api/v1/access-keys", {"name": "镜像", "scopes": SCOPES})
        entry = {"product_code": "cmgj1", "sku": "pro", "product_id": product, "edition": "专业版"}
        self.connection = connected(self.admin, "aliyun-spi", name="云市场", entry=entry, stage="live")
        self.path = f"/api/v1/connections/{self.connection['id']}"
        form = {"endpoint": self.base, "access_key_id": self.key["access_key_id"], "secret": self.key["secret"]}
        self.admin.put(f"{self.path}/mirror", form)

    def buys(self, product_there: str) -> None:
        """One purchase: a project there, which the marketplace tells us of."""
        name, number = self.customer
        self.project_there = place_order(self.marketplace, product_there, (name, number), self.number, self.number)
        market = Marketplace.of(
            "aliyun-spi",
            secret=self.connection["secret"],
            send=calling(self.base + self.connection["address"]),
            wait=lambda _: time.sleep(0.1),
        )
        bought = market.sell(product_code="cmgj1", sku="pro", customer_number=number, number=self.number)
        see("instance", bought.instance, self.number)
        (notice,) = self.admin.get(f"{self.path}/notices")["items"]
        self.project = notice["order_id"]
        self.script = Script(official(self.base, self.key), self.number)

    def hands_in(self) -> None:
        """The buyer fills the form on both sides."""
        for project in (self.project_there, self.project):
            self.submit(project, "提交需求")

    def it_is_sent_back_and_confirmed(self) -> None:
        self.hands_in()
        self.admin.post(f"{self.open_visit(self.project, '确认需求')}/rejection", {"reason": "请补充栏目"})
        self.script.stands_at("提交需求")
        self.hands_in()
        self.confirm(self.admin, self.project, "确认需求")
        self.script.stands_at("交付成果")

    def it_pauses_and_goes_on(self) -> None:
        self.admin.post(f"/api/v1/projects/{self.project}/pause", {"remark": "等待客户资料"})
        wait("ProjectStatus", lambda: self.script.info().project_status, "Pause")
        self.admin.post(f"/api/v1/projects/{self.project}/resume")
        wait("ProjectStatus", lambda: self.script.info().project_status, "Starting")

    def it_is_delivered(self) -> None:
        visit = self.open_visit(self.project, "交付成果")
        self.admin.post(f"{visit}/files", files={"file": ("首页.png", PICTURE, "image/png")})
        self.admin.post(f"{visit}/confirmation")
        self.script.stands_at("验收")
        for project in (self.project_there, self.project):
            self.confirm(self.buyer, project, "验收", "完成项目")
        wait("ProjectStatus", lambda: self.script.info().project_status, "Finish")

    def stage(self, project_id: str) -> str:
        """As the buyer's details page shows it: he sees both."""
        return str(self.details(project_id, by=self.buyer)["current"]["name"])

    def open_visit(self, project_id: str, node: str) -> str:
        wait("stage", lambda: self.stage(project_id), node)
        current = self.details(project_id, by=self.buyer)["current"]
        return f"/api/v1/projects/{project_id}/visits/{current['visit']}"


def test_what_is_done_here_is_done_there(
    embedded: tuple[Client, Accounts], embedded_base: tuple[str, str, Path]
) -> None:
    client, accounts = embedded
    story = ByMirror(
        embedded_base[0],
        client,
        operator=accounts["云市场小二"],
        marketplace=accounts["云市场订单"],
        say=lambda _: None,
    )
    rows = story.play()
    remarks = {row["event"]: row["remark"] for row in rows}
    assert remarks["确认需求 未通过"] == "请补充栏目"
    assert remarks["暂停项目"] == "等待客户资料"
    assert rows[0]["event"] == "项目完成"
