"""The manual's sample data (requirements, part (d)), loaded over the public API: what ``make run`` shows.

Every step is noted, so that a second start adds nothing and an interrupted one goes on.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from delivery_shared.messaging.memory import MemoryTransport
from delivery_shared.service import Settings
from identity_svc.bootstrap import MARKETPLACE, OPERATOR, bootstrap

from delivery_center.accounts import Notebook, create_user, register_party, settle
from delivery_center.client import Client, Refused
from delivery_center.composition import COMPOSE
from delivery_center.keys import environment_of

HEBEI = "1744526877246715"
"""Main account of 河北服务商 (L438); the others' are made up in the same form."""

ISVS = [
    ("河北服务商", HEBEI),
    ("北京服务商", "1744526877246716"),
    ("杭州服务商", "1744526877246717"),
    ("云梦DB", "1744526877246718"),
]
DEPARTMENTS = ["研发一部", "研发二部", "研发三部", "设计一部", "设计二部", "项目一部"]
STAFF = [
    # login name, name, department, roles, maximum load, receiving (L714-L720, L772-L778)
    ("lisi1010", "李四", "设计一部", ["senior_designer", "designer"], 50, True),
    ("wangwu1010", "王五", "设计一部", ["senior_designer", "designer_01"], 20, True),
    ("zhangsan1010", "张三", "设计一部", ["project_manager"], 30, True),
    ("wangyuan", "王源", "研发一部", ["manager"], 10, True),
    ("wusanyi", "伍三一", "研发一部", ["designer"], 10, False),
    ("xufugui", "徐富贵", "研发一部", ["designer"], 10, False),
    ("xusanguan", "许三观", "研发二部", ["manager"], 10, False),
    ("zhangsan1022", "张三三", "项目一部", ["account_manager"], 10, True),
]
PRODUCTS = [
    # vendor, code, name, public template, providers with weight and maximum
    (HEBEI, "66001", "name_66", "信息类网站建设模板子账号自动分单", {"河北服务商": (10, 500), "北京服务商": (20, 600)}),
    (
        HEBEI,
        "99001",
        "name_99",
        "信息类网站建设模板子账号自动分单",
        {"河北服务商": (10, 1000), "北京服务商": (10, 1000)},
    ),
    (HEBEI, "55001", "name_55", "信息类网站建设模板", {"河北服务商": (10, 1000)}),
    ("1744526877246718", "128001", "name_128", "电商网站建设模板", {"云梦DB": (10, 1000)}),
    ("1744526877246718", "39001", "name_39", "物流网站设计模板", {}),
    ("1744526877246718", "113001", "name_113", "小程序设计模板", {"云梦DB": (10, 1000)}),
    ("1744526877246718", "56001", "name_56", "信息类网站建设模板", {}),
]
CUSTOMER = ("客户甲乙丙", "C0001")
ORDERS = [
    # product code, order number, business number, edition, sales channel
    ("66001", "660012", "660012001", "尊享版 (自营)", "销售渠道丁"),
    ("99001", "10000107", "10000107", "尊贵版 (自营)", None),
    ("55001", "210018", "210018", "尊享版 (自营)", "销售渠道丁"),
    ("113001", "80001483125523", "8000148315523", None, "销售渠道丁"),
]

Accounts = dict[str, tuple[str, str]]
"""Title → login name and password."""


def load(client: Client, *, database_url: str, folder: Path, say: Callable[[str], None]) -> Accounts:
    """Load what is missing; returns one account per role. The passwords lie in ``folder/demo-passwords.json``."""
    book = notebook(database_url, folder)
    if "loaded" not in book.done:
        say("loading the demo data")
        _load(client, book)
        book.once("loaded", lambda: True)
    logins = {
        "云市场小二": OPERATOR,
        "云市场订单": MARKETPLACE,
        "厂商管理员、服务商管理员": f"admin@{HEBEI}.onaliyun.com",
        "厂商项目经理": f"chenjingli@{HEBEI}.onaliyun.com",
        "服务商员工 (设计师)": f"lisi1010@{HEBEI}.onaliyun.com",
        "服务商员工 (客户经理)": f"zhangsan1022@{HEBEI}.onaliyun.com",
        "顾客": book.done["customer"]["login_name"],
    }
    return {title: (login, book.passwords[login]) for title, login in logins.items()}


def notebook(database_url: str, folder: Path) -> Notebook:
    """The passwords kept in ``folder``, with those of the platform operator and the marketplace's service account,
    which are made where they are missing."""
    book = Notebook(folder / "demo-passwords.json")
    environment = {**os.environ, **environment_of(folder), "DATABASE_URL": database_url, "AMQP_URL": "memory"}
    identity = COMPOSE["identity"](Settings.read(environment), MemoryTransport())
    try:
        for login_name, password in bootstrap(identity.store, {}).items():  # type: ignore[arg-type]
            book.remember(login_name, password)
    finally:
        identity.close()
    return book


def describe(accounts: Accounts) -> Iterator[str]:
    """The accounts as a table for the terminal."""
    width = max(len(login) for login, _ in accounts.values())
    for title, (login, password) in accounts.items():
        yield f"  {login:<{width}}  {password:<32}  {title}"


def _load(client: Client, book: Notebook) -> None:
    operator = settle(client, book, OPERATOR)
    marketplace = settle(client, book, MARKETPLACE)
    parties: dict[str, str] = {}
    admins: dict[str, Client] = {}
    for name, number in ISVS:
        form = {"kind": "isv", "name": name, "number": number, "login": "admin", "person": name}
        party = book.once(f"isv {name}", partial(register_party, operator, book, **form))
        parties[name] = party["party_id"]
        admins[number] = settle(client, book, party["login_name"])
    form = {"kind": "customer", "name": CUSTOMER[0], "number": CUSTOMER[1], "login": "kehu", "person": CUSTOMER[0]}
    settle(client, book, book.once("customer", partial(register_party, operator, book, **form))["login_name"])
    _people(client, book, admins[HEBEI])
    products = _products(book, operator, admins, parties)
    for code, order_number, business_number, edition, channel in ORDERS:
        more = {"edition": edition, "sales_channel": channel}
        order = partial(place_order, marketplace, products[code], CUSTOMER, order_number, business_number, **more)
        book.once(f"order {business_number}", order)


def place_order(
    marketplace: Client,
    product_id: str,
    customer: tuple[str, str],
    order_number: str,
    business_number: str,
    **more: Any,
) -> str:
    """A purchase as the marketplace reports it; returns the project's id. Waits while the product is not yet known
    to project-svc."""
    body = {
        "order_number": order_number,
        "business_number": business_number,
        "product_id": product_id,
        "customer": {"name": customer[0], "number": customer[1]},
        **{name: value for name, value in more.items() if value is not None},
    }
    headers = {"Idempotency-Key": str(uuid5(NAMESPACE_URL, f"{product_id} {business_number}"))}
    answer = patiently(lambda: marketplace.post("/api/v1/orders", body, headers=headers))
    return str(answer["project_id"])


def patiently(action: Callable[[], Any], *, seconds: float = 20) -> Any:
    """Repeat ``action`` while a service says that it does not know something yet (404, 409, 422, 503)."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return action()
        except Refused as refused:
            if refused.status not in (404, 409, 422, 503) or time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _people(client: Client, book: Notebook, admin: Client) -> None:
    departments: dict[str, str] = {}
    for name in DEPARTMENTS:
        made = book.once(f"department {name}", partial(admin.post, "/api/v1/departments", {"name": name}))
        departments[name] = made["department_id"]
    form: dict[str, Any] = {"login_name": "chenjingli", "name": "陈经理", "roles": ["vendor_project_manager"]}
    settle(
        client,
        book,
        book.once("user chenjingli", partial(create_user, admin, book, side="vendor", **form))["login_name"],
    )
    for login, name, department, roles, maximum, receiving in STAFF:
        form = {"login_name": login, "name": name, "roles": roles, "mobile": "18888888888"}
        form["department_id"] = departments[department]
        create = partial(create_user, admin, book, side="provider", **form)
        user = book.once(f"user {login}", partial(patiently, create))
        settle(client, book, user["login_name"])
        load = partial(
            admin.put, f"/api/v1/staff-loads/{user['user_id']}", {"maximum": maximum, "receiving": receiving}
        )
        book.once(f"load {login}", partial(patiently, load))


def _products(book: Notebook, operator: Client, admins: dict[str, Client], parties: dict[str, str]) -> dict[str, str]:
    public = operator.get("/api/v1/templates", params={"scope": "public", "limit": 100})["items"]
    templates = {template["name"]: template["id"] for template in public}
    names = {number: name for name, number in ISVS}
    products: dict[str, str] = {}
    for vendor, code, name, template, providers in PRODUCTS:
        admin = admins[vendor]
        form = {"code": code, "name": name, "template_id": templates[template]}
        product_id = products[code] = book.once(f"product {code}", partial(admin.post, "/api/v1/products", form))["id"]
        for provider in providers.keys() - {names[vendor]}:
            relation = partial(operator.put, f"/api/v1/relations/{product_id}/{parties[provider]}")
            book.once(f"relation {code} {provider}", partial(patiently, relation))
        if providers:
            chosen = [
                {"provider_id": parties[provider], "weight": weight, "maximum": maximum}
                for provider, (weight, maximum) in providers.items()
            ]
            path = f"/api/v1/provider-configurations/{product_id}"
            configure = partial(admin.put, path, {"providers": chosen})
            book.once(f"providers {code}", partial(patiently, configure))
    return products
