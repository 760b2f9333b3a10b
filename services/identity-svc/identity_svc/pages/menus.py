"""Menus per entrance and kind of caller, as data (G-16 … G-29): names and order are the manual's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

Tree = Sequence[tuple[str, Sequence[str]]]

SETTINGS: Final = "系统设置"
PROFILE: Final = "个人信息"
PRODUCTS: Final = ("产品中心", ("产品中心",))
PURCHASES: Final = ("已购服务", ("已购服务",))
PROJECTS: Final = "项目中心"

VENDOR_ADMIN: Final[Tree] = (
    PRODUCTS,
    (PROJECTS, ("项目管理", "排队情况", "数据看板")),
    ("模板中心", ("服务流程模板",)),
    (SETTINGS, (PROFILE, "用户管理", "角色管理", "节假日设置", "消息模板设置")),
    PURCHASES,
)
"""G-18."""

VENDOR_PROJECT_MANAGER: Final[Tree] = (
    PRODUCTS,
    (PROJECTS, ("项目管理", "排队情况", "数据看板")),
    (SETTINGS, (PROFILE,)),
    PURCHASES,
)
"""G-19."""

PROVIDER_ADMIN: Final[Tree] = (
    (PROJECTS, ("项目管理", "我的项目", "订单认领", "排队情况", "数据看板")),
    (SETTINGS, (PROFILE, "用户管理", "持单量设置")),
    PURCHASES,
)
"""G-21."""

STAFF: Final[Tree] = (
    (PROJECTS, ("我的项目", "订单认领")),
    (SETTINGS, (PROFILE,)),
    PURCHASES,
)
"""G-23; the same for 客户经理, who alone can claim there (G-25, G-26)."""

CUSTOMER: Final[Tree] = (PURCHASES, (SETTINGS, (PROFILE,)))
"""G-27."""

OPERATOR: Final[Tree] = tuple(
    (name, ())
    for name in (
        "商品与服务商关系",
        "公共模板",
        "模板审核",
        "需求模板",
        "消息模板",
        "角色",
        "节假日",
        "商品模板更换",
        "项目",
    )
)
"""G-28: a flat list."""

ENTRANCES: Final[Mapping[str, tuple[str, str, Tree]]] = {
    "vendor_admin": ("vendor", "厂商入口", VENDOR_ADMIN),
    "vendor_project_manager": ("vendor", "厂商入口", VENDOR_PROJECT_MANAGER),
    "provider_admin": ("provider", "服务商入口", PROVIDER_ADMIN),
    "staff": ("provider", "服务商入口（子账号）", STAFF),
    "customer": ("customer", "顾客入口", CUSTOMER),
    "platform_operator": ("operator", "云市场小二", OPERATOR),
}
"""Kind of caller → entrance, its name (G-16) and its menus. A main account has two (G-17)."""


def menus_of(kinds: frozenset[str]) -> list[dict[str, Any]]:
    """The entrances of a caller, each with its menus in order."""
    return [
        {
            "entrance": entrance,
            "name": name,
            "menus": [{"name": menu, "items": list(items)} for menu, items in tree],
        }
        for kind, (entrance, name, tree) in ENTRANCES.items()
        if kind in kinds
    ]
