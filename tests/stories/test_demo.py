"""The demo data of ``make run``: every list, log and queue of the manual can be seen (requirements, part (d))."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from delivery_center import demo
from delivery_center.accounts import Notebook
from delivery_center.client import Client
from delivery_center.demo.projects import Projects
from delivery_center.gateway import openapi
from delivery_center.running.embedded import serving
from delivery_center.running.ports import free_port
from delivery_shared.testing.fixtures import eventually, scratch_database

pytestmark = pytest.mark.stories


@dataclass(frozen=True)
class Shown:
    """The loaded installation, and its people signed in."""

    client: Client
    accounts: demo.Accounts
    book: Notebook

    def by(self, title: str) -> Client:
        return self.client.signed_in(*self.accounts[title])

    def login(self, login_name: str) -> Client:
        return self.client.signed_in(login_name, self.book.passwords[login_name])

    def admin(self, isv: str) -> Client:
        return self.login(f"admin@{dict(demo.DATA['isvs'])[isv]}.onaliyun.com")

    def project(self, business_number: str) -> str:
        """The path of a project."""
        orders = {step["order"][1]: n for n, step in enumerate(demo.DATA["story"]) if "order" in step}
        return f"/api/v1/projects/{self.book.done[f'story {orders[business_number]}']}"


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """The demo data loaded in embedded mode – with an interruption, after which it goes on where it stopped."""
    folder: Path = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("AMQP_URL", raising=False)
        yield from loaded(folder, patch)


def loaded(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Shown]:
    with (
        scratch_database() as database_url,
        serving(free_port(), folder, database_url) as base,
        Client(lambda path: base + path) as client,
    ):

        def load() -> demo.Accounts:
            return demo.load(client, database_url=database_url, folder=folder, say=lambda _: None)

        with patch.context() as broken:
            broken.setattr(Projects, "_act", interrupted)
            with pytest.raises(ConnectionError):
                load()
        done = len(Notebook(folder / "demo-passwords.json").done)
        accounts = load()
        book = Notebook(folder / "demo-passwords.json")
        assert done < len(book.done)
        assert load() == accounts
        assert Notebook(folder / "demo-passwords.json").done == book.done
        yield Shown(client, accounts, book)


def interrupted(projects: Projects, number: int, step: dict[str, Any]) -> None:
    """Does the step and is cut off before it can be noted."""
    ORIGINAL_ACT(projects, number, step)
    raise ConnectionError


ORIGINAL_ACT = Projects._act


def rows(client: Client, **params: str) -> list[tuple[Any, ...]]:
    """Order and business number, product, customer, provider, operator, stage of a project list."""
    found = client.get("/api/v1/project-list", params=params)
    assert found["total"] == len(found["items"]), "one page"
    return [
        (
            row["order_number"],
            row["business_number"],
            row["product_name"],
            row["customer_name"],
            row["provider_name"],
            row["operator"]["name"],
            row["stage"],
        )
        for row in found["items"]
    ]


def where(found: list[tuple[Any, ...]], *business_numbers: str) -> list[tuple[Any, ...]]:
    return [row for row in found if row[1] in business_numbers]


@pytest.mark.requirement("R-02", "R-05", "R-07", "R-09", "R-10", "R-18", "H-11", "G-11")
def test_the_vendors_list_is_that_of_the_manual(shown: Shown) -> None:
    found = rows(shown.by("厂商管理员、服务商管理员"), entrance="vendor", limit="100")
    kept = where(found, "8000148315523", "660012001", "210018")
    assert kept == [
        ("80001483125523", "8000148315523", "name_80", "客户甲乙丙", "河北服务商", "顾客", "假期测试节点"),
        ("660012", "660012001", "name_66", "客户甲乙丙", "杭州服务商", "系统", "分配订单"),
        ("210018", "210018", "name_55", "客户甲乙丙", "北京服务商", "顾客", "整站确认"),
    ]


def test_the_projects_of_the_overdue_list_stand_where_they_run_out_of_time(shown: Shown) -> None:
    found = rows(shown.by("厂商管理员、服务商管理员"), entrance="vendor", limit="100")
    numbers = ("1300011", "1230015", "126001003", "126001001", "125001001", "122001003", "1230011", "109001004")
    kept = where(found, *numbers, "109001003", "102201")
    assert [(row[1], row[2], row[4], row[6]) for row in kept] == [
        ("1300011", "name_130", "河北服务商", "完成项目节点"),
        ("1230015", "name_123", "河北服务商", "通用节点客户端"),
        ("126001003", "name_126", "北京服务商", "客户确认"),
        ("126001001", "name_126", "北京服务商", "完成任务"),
        ("125001001", "name_125", "北京服务商", "提交需求"),
        ("122001003", "name_122", "河北服务商", "1022需求"),
        ("1230011", "name_123", "河北服务商", "认领"),
        ("109001004", "name_109", "河北服务商", "提交需求"),
        ("109001003", "name_109", "河北服务商", "确认节点"),
        ("102201", "name_108", "河北服务商", "客户提交需求"),
    ]


@pytest.mark.requirement("R-19", "R-22")
def test_the_providers_list_has_its_projects_only(shown: Shown) -> None:
    found = rows(shown.by("厂商管理员、服务商管理员"), entrance="provider", limit="100")
    assert {row[4] for row in found} == {"河北服务商"}
    assert [(row[1], row[2], row[6]) for row in where(found, "20190021", "20190030", "20190038", "210016")] == [
        ("20190021", "name_62", "用户提交需求"),
        ("20190038", "name_91", "验收"),
        ("210016", "name_62", "用户提交需求"),
    ]


@pytest.mark.requirement("R-06")
def test_every_tab_has_a_project(shown: Shown) -> None:
    counts = shown.by("厂商管理员、服务商管理员").get("/api/v1/project-counts", params={"entrance": "vendor"})
    assert counts == {"running": 21, "completed": 1, "paused": 1, "cancelled": 1}


@pytest.mark.requirement("D-13", "D-15", "D-34", "D-40", "D-41")
def test_both_queues_are_those_of_the_manual(shown: Shown) -> None:
    admin = shown.by("厂商管理员、服务商管理员")

    def queue(entrance: str) -> list[tuple[str, ...]]:
        found = admin.get("/api/v1/queue", params={"entrance": entrance})["items"]
        return [
            tuple(row[c] for c in ("order_number", "product_name", "vendor_name", "provider_name", "reason_text"))
            for row in found
        ]

    full, nobody = "所有服务商员工持单量已满", "没有找到可接单的服务商员工"
    vendor = queue("vendor")
    assert ("201901080", "name_91", "河北服务商", "北京服务商", full) in vendor
    assert ("97001177", "name_91", "河北服务商", "杭州服务商", full) in vendor
    assert queue("provider") == [("66001201", "name_66", "河北服务商", "河北服务商", nobody)]


@pytest.mark.requirement("P-02", "P-04", "P-06")
def test_the_products_are_those_of_the_manual(shown: Shown) -> None:
    found = shown.admin("云梦DB").get("/api/v1/product-list")["items"]
    assert [(p["code"], p["name"], p["vendor_name"], p["template_name"], p["provider_state"]) for p in found] == [
        ("56001", "name_56", "云梦DB", "信息类网站建设模板", "unconfigured"),
        ("113001", "name_113", "云梦DB", "小程序设计模板", "configured"),
        ("39001", "name_39", "云梦DB", "物流网站设计模板", "unconfigured"),
        ("128001", "name_128", "云梦DB", "电商网站建设模板", "configured"),
    ]


@pytest.mark.requirement("D-57", "D-63", "U-12", "U-15")
def test_the_staff_are_those_of_the_manual(shown: Shown) -> None:
    admin = shown.by("厂商管理员、服务商管理员")
    loads = {
        p["name"]: (sorted(p["role_names"]), p["receiving"], p["load"], p["maximum"])
        for p in admin.get("/api/v1/staff-loads", params={"limit": 100})["items"]
    }
    assert {name: loads[name] for name in ("王五", "李四", "王源", "伍三一", "徐富贵", "许三观")} == {
        "王五": (["设计师01", "高级设计师"], True, 0, 20),
        "李四": (["设计师", "高级设计师"], True, 3, 50),
        "王源": (["经理"], True, 0, 10),
        "伍三一": (["设计师"], False, 0, 10),
        "徐富贵": (["设计师"], False, 0, 10),
        "许三观": (["经理"], False, 0, 10),
    }
    assert sorted(loads["河北服务商"][0]) == ["厂商管理员", "服务商管理员"]
    users = admin.get("/api/v1/users", params={"side": "provider", "limit": 100})["items"]
    assert [(u["local_name"], u["department_name"]) for u in users][:3] == [
        ("wangwu1010", "设计一部"),
        ("lisi1010", "设计一部"),
        ("zhangsan1010", "设计一部"),
    ]
    tree = shown.admin("霄云科技技术有限公司").get("/api/v1/departments")["items"]
    assert {d["name"] for d in tree} == {"演示部门", "专属部", "演示部", "设计部"}


NOTHING_MORE = {"sku": "--", "quantity": 1, "trial": False, "test": False, "parameters": []}
"""What only orders of connections say."""


@pytest.mark.requirement("R-69", "R-75", "R-76", "R-77", "R-79", "R-80")
def test_the_details_page_is_the_sample_of_the_manual(shown: Shown) -> None:
    page = shown.by("厂商管理员、服务商管理员").get(shown.project("10000107"))
    assert [step["name"] for step in page["steps"]] == [
        "分配服务商节点",
        "订单认领",
        "分配订单",
        "顾客提交需求",
        "网站首页设计",
        "项目验收",
    ]
    assert (page["current"]["name"], page["current"]["waits_for"]) == ("项目验收", "等待客户处理")
    assert page["business"] == {
        "product_name": "name_99",
        "edition": "尊贵版 (自营)",
        "order_number": "10000107",
        "customer_name": "客户甲乙丙",
        "valid_until": "2019-06-05",
        **NOTHING_MORE,
    }
    staff = {card["name"]: (set(card["roles"].split("、")), card["landline"], card["mobile"]) for card in page["staff"]}
    assert staff["张三"] == ({"项目经理"}, "0451-57028123-0987", "18888888888")
    assert staff["李四"] == ({"高级设计师", "设计师"}, "1111-1121313", "--")


@pytest.mark.requirement("R-81", "R-82", "R-83", "R-84", "R-87", "R-92", "R-93", "R-96")
def test_file_comment_and_note_are_those_of_the_manual(shown: Shown) -> None:
    path, vendor = shown.project("10000107"), shown.by("厂商管理员、服务商管理员")
    (file,) = vendor.get(f"{path}/files")["items"]
    assert (file["name"], file["size_text"], file["operator"], file["node"]) == (
        "列表展示样式.xlsx",
        "12KB",
        "客户甲乙丙 顾客",
        "顾客提交需求",
    )
    (comment,) = vendor.get(f"{path}/comments")["items"]
    assert (comment["author"], comment["text"]) == ("客户甲乙丙", "设计过程沟通良好")
    (note,) = vendor.get(f"{path}/notes")["items"]
    assert (note["author"], note["text"]) == ("李四", "客户需求变更多次，影响设计进度")
    assert shown.by("顾客").call("GET", f"{path}/notes", expect=404)


@pytest.mark.requirement("R-36", "R-37", "R-38", "R-40", "R-105", "R-106")
def test_the_log_of_a_change_of_provider_is_that_of_the_manual(shown: Shown) -> None:
    path, vendor = shown.project("8000148315523"), shown.by("厂商管理员、服务商管理员")
    log = vendor.get(f"{path}/log", params={"limit": 100})["items"]
    assert [(row["node"], row["event"], row["actor"]) for row in log] == [
        ("假期测试节点", "进入假期测试节点", "客户甲乙丙 顾客"),
        ("订单分配节点", "订单分配节点已完成", "系统"),
        ("订单分配节点", "进入订单分配节点", "系统"),
        ("分配服务商节点", "分配服务商节点已完成", "系统"),
        ("分配服务商节点", "进入分配服务商节点", "系统"),
        ("项目", "项目开始", "系统"),
        ("项目", "服务商由北京服务商更换为河北服务商", "小二"),
        ("项目", "服务商由河北服务商更换为北京服务商", "小二"),
    ]
    changes = [row for row in log if row["event"].startswith("服务商由")]
    assert [(row["remark"], row["earlier_run"]) for row in changes] == [("备注信息", 2), ("备注信息", 1)]
    earlier = vendor.get(f"{path}/log", params={"run": 1, "limit": 100})["items"]
    assert earlier[0]["event"] == "进入假期测试节点"


@pytest.mark.requirement("R-52", "R-100", "R-101", "R-102", "R-103", "R-104", "R-108")
def test_the_log_of_a_rejection_is_that_of_the_manual(shown: Shown) -> None:
    log = shown.by("厂商管理员、服务商管理员").get(f"{shown.project('20190038')}/log", params={"limit": 100})["items"]
    kept = [(row["event"], row["actor"]) for row in log]
    assert kept[: kept.index(("更换操作人", "河北服务商")) + 1] == [
        ("进入验收", "客户甲乙丙 顾客"),
        ("设计师设计网站已完成", "李四 设计师"),
        ("进入设计师设计网站", "李四 设计师"),
        ("设计师确定需求已完成", "李四 设计师"),
        ("进入设计师确定需求", "李四 设计师"),
        ("顾客提交需求已完成", "客户甲乙丙 顾客"),
        ("进入顾客提交需求", "客户甲乙丙 顾客"),
        ("设计师确定需求 未通过", "李四 设计师"),
        ("更换操作人", "河北服务商"),
    ]


@pytest.mark.requirement("S-01", "S-03", "S-08", "S-09")
def test_the_purchased_service_of_the_manual(shown: Shown) -> None:
    found = shown.by("顾客").get("/api/v1/purchased-services", params={"limit": 100})["items"]
    (row,) = [row for row in found if row["order_number"] == "66001201"]
    assert (row["product_name"], row["edition"], row["vendor_name"], row["valid_until"], row["state"]) == (
        "name_66",
        "尊贵版 (自营)",
        "河北服务商",
        "2019-06-05",
        "running",
    )


@pytest.mark.requirement("R-135", "R-137", "R-138")
def test_the_completed_project_is_evaluated(shown: Shown) -> None:
    given = shown.by("厂商管理员、服务商管理员").get(shown.project("109001001"))["evaluation"]
    assert (given["stars"], given["text"]) == (5, "服务专业，交付及时")


@pytest.mark.requirement("G-01", "G-02", "G-03", "G-05", "G-33", "F-01")
def test_the_three_modes_run_side_by_side(shown: Shown) -> None:
    """Self-service by the main account; a sub-account; other providers (scheme 2) and departments (scheme 1)."""
    hebei = shown.by("厂商管理员、服务商管理员")

    def provider_and_staff(client: Client, business_number: str) -> tuple[str, list[str]]:
        page = client.get(shown.project(business_number))
        return page["provider"]["name"], [card["name"] for card in page["staff"]]

    assert provider_and_staff(hebei, "109001003") == ("河北服务商", ["河北服务商"])
    assert provider_and_staff(hebei, "101001") == ("河北服务商", ["xinchen33"])
    assert provider_and_staff(hebei, "210018") == ("北京服务商", ["sjs1"])
    outsourcing = shown.admin("北京云梦网络科技有限公司")
    wanted = ("北京云梦网络科技有限公司", ["客户经理2", "设计师2"])
    eventually(lambda: provider_and_staff(outsourcing, "60001001") == wanted)
    assert provider_and_staff(shown.login("sjs1@1744526877246716.onaliyun.com"), "210018")[1] == ["sjs1"]
    assert shown.by("顾客").get(shown.project("210018"))["vendor"]["name"] == "河北服务商"
    assert shown.admin("北京服务商").get("/api/v1/product-list")["items"] == []


def test_the_gateway_serves_the_stored_document(shown: Shown) -> None:
    assert shown.client.get("/openapi.json") == openapi.document()


@pytest.mark.requirement("R-23", "R-25")
def test_two_weeks_later_the_overdue_list_is_that_of_the_manual(shown: Shown) -> None:
    """The last test: it moves the platform's clock, as the operator can at any time."""
    shown.by("云市场小二").put("/api/v1/clock", {"offset_seconds": 14 * 86400})
    admin = shown.by("厂商管理员、服务商管理员")

    def sides() -> dict[str, str]:
        found = admin.get("/api/v1/project-list", params={"entrance": "vendor", "limit": 100})["items"]
        return {row["business_number"]: row["overdue"]["side_text"] for row in found if row["overdue"]}

    customer, server = "客户端超时", "服务端超时"
    wanted = {
        "1300011": customer,
        "1230015": customer,
        "126001003": customer,
        "126001001": server,
        "125001001": customer,
        "122001003": customer,
        "1230011": server,
        "109001004": customer,
        "109001003": server,
        "102201": customer,
        "8000148315523": customer,
    }
    eventually(lambda: sides() == wanted)
