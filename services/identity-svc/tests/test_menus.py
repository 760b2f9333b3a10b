"""The menu trees, exactly as the manual has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from .conftest import Account, new_user

pytestmark = pytest.mark.integration

SETTINGS = "系统设置"
VENDOR_ADMIN = [
    ("产品中心", ["产品中心"]),
    ("项目中心", ["项目管理", "排队情况", "数据看板"]),
    ("模板中心", ["服务流程模板"]),
    (SETTINGS, ["个人信息", "用户管理", "角色管理", "节假日设置", "消息模板设置"]),
    ("已购服务", ["已购服务"]),
]
VENDOR_PROJECT_MANAGER = [
    ("产品中心", ["产品中心"]),
    ("项目中心", ["项目管理", "排队情况", "数据看板"]),
    (SETTINGS, ["个人信息"]),
    ("已购服务", ["已购服务"]),
]
PROVIDER_ADMIN = [
    ("项目中心", ["项目管理", "我的项目", "订单认领", "排队情况", "数据看板"]),
    (SETTINGS, ["个人信息", "用户管理", "持单量设置"]),
    ("已购服务", ["已购服务"]),
]
STAFF = [("项目中心", ["我的项目", "订单认领"]), (SETTINGS, ["个人信息"]), ("已购服务", ["已购服务"])]


def seen(account: Account) -> dict[str, list[tuple[str, list[str]]]]:
    answer = account("GET", "me/menus")
    assert answer.status_code == 200
    return {
        entrance["name"]: [(menu["name"], menu["items"]) for menu in entrance["menus"]]
        for entrance in answer.json["entrances"]
    }


@pytest.mark.requirement("G-16", "G-17", "G-18", "G-21", "G-22", "G-29", "G-13", "G-14")
def test_a_main_account_has_two_entrances(isv: Account) -> None:
    assert list(seen(isv).items()) == [("厂商入口", VENDOR_ADMIN), ("服务商入口", PROVIDER_ADMIN)]


@pytest.mark.requirement("G-19", "G-20", "U-07", "U-08")
def test_a_vendor_project_manager(isv: Account, client: FlaskClient) -> None:
    made = isv("POST", "users", new_user(side="vendor", roles=["vendor_project_manager"])).json
    manager = Account(client, made["login_name"], made["initial_password"])
    manager.sign_in()
    assert manager("GET", "me/menus").status_code == 403, "the initial password comes first"
    assert seen(manager.with_own_password()) == {"厂商入口": VENDOR_PROJECT_MANAGER}


@pytest.mark.requirement("G-16", "G-23", "G-24", "G-26")
@pytest.mark.parametrize("roles_held", [["designer"], ["account_manager"], ["designer", "account_manager"]])
def test_provider_employees(isv: Account, roles: list[str], client: FlaskClient, roles_held: list[str]) -> None:
    made = isv("POST", "users", new_user(roles=roles_held)).json
    employee = Account(client, made["login_name"], made["initial_password"]).with_own_password()
    assert seen(employee) == {"服务商入口（子账号）": STAFF}


@pytest.mark.requirement("G-27")
def test_a_customer(register: Callable[..., Account]) -> None:
    assert list(seen(register("customer", "客户甲乙丙")).values()) == [
        [("已购服务", ["已购服务"]), (SETTINGS, ["个人信息"])]
    ]


@pytest.mark.requirement("G-28")
def test_the_operator(operator: Account) -> None:
    [menus] = seen(operator).values()
    names: Any = [name for name, _ in menus]
    assert names == [
        "商品与服务商关系",
        "公共模板",
        "模板审核",
        "需求模板",
        "消息模板",
        "角色",
        "节假日",
        "商品模板更换",
        "项目",
    ]


def test_nobody_else(client: FlaskClient) -> None:
    assert client.get("/api/v1/me/menus").status_code == 401
