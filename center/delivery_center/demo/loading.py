"""The manual's sample data (requirements, part (d)), loaded over the public API: what ``make run`` shows.

Every step is noted, so that a second start adds nothing and an interrupted one goes on. The projects of the overdue
list stand at nodes of 0.1 day: they become overdue after 2.4 working hours, or as soon as the platform operator moves
the clock (``PUT /api/v1/clock``).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

from delivery_shared.messaging.memory import MemoryTransport
from delivery_shared.service import Settings
from identity_svc.bootstrap import MARKETPLACE, OPERATOR, bootstrap
from identity_svc.carrying_out import Means
from identity_svc.store import IdentityStore

from delivery_center.accounts import Notebook
from delivery_center.client import Client
from delivery_center.composition import COMPOSE
from delivery_center.demo.connections import Connections
from delivery_center.demo.people import People
from delivery_center.demo.products import Products
from delivery_center.demo.projects import Projects
from delivery_center.installing.keys import environment_of

DATA: dict[str, Any] = json.loads(Path(__file__).with_name("data.json").read_text(encoding="utf-8"))
"""What is loaded: organisations, staff, templates, products and – in order – what happens to their projects."""

HEBEI = DATA["isvs"][0][1]
"""Main account of 河北服务商 (L438); the others' are made up in the same form."""

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
        "服务商员工 (高级设计师、设计师)": f"lisi1010@{HEBEI}.onaliyun.com",
        "服务商员工 (客户经理)": f"zhangsan1022@{HEBEI}.onaliyun.com",
        "顾客": book.done["customer"]["login_name"],
    }
    return {title: (login, book.passwords[login]) for title, login in logins.items()}


def notebook(database_url: str, folder: Path) -> Notebook:
    """The passwords kept in ``folder``, with those of the platform operator and the marketplace's service account,
    which are made where they are missing."""
    book = Notebook(file_in(folder))
    environment = {**os.environ, **environment_of(folder), "DATABASE_URL": database_url, "AMQP_URL": "memory"}
    identity = COMPOSE["identity"](Settings.read(environment).of("identity"), MemoryTransport())
    try:
        means = Means(store=cast(IdentityStore, identity.store))
        for login_name, password in bootstrap(means, {}).items():
            book.remember(login_name, password)
    finally:
        identity.close()
    return book


def file_in(folder: Path) -> Path:
    """Where the passwords and the steps done are kept."""
    return folder / "demo-passwords.json"


def describe(accounts: Accounts) -> Iterator[str]:
    """The accounts as a table for the terminal."""
    width = max(len(login) for login, _ in accounts.values())
    for title, (login, password) in accounts.items():
        yield f"  {login:<{width}}  {password:<32}  {title}"


def _load(client: Client, book: Notebook) -> None:
    people = People(data=DATA, client=client, book=book)
    people.load()
    products = Products(people)
    products.load()
    Projects(people, products).load()
    Connections(people, products).load()
