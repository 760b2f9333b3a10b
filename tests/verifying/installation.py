"""A small installation in which every table that is ever written has rows, and copies of it to be spoilt."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, cast
from uuid import UUID, uuid4

import psycopg
import pyotp
from delivery_center import demo
from delivery_center.accounts import Notebook, create_user
from delivery_center.client import Client
from delivery_center.composition import Center
from delivery_center.demo.connections import connected
from delivery_center.demo.loading import HEBEI
from delivery_center.installing.keys import environment_of
from delivery_center.marketplaces.simulating import Marketplace, calling
from delivery_center.ordering import patiently, place_order
from delivery_center.replay import replay
from delivery_center.running.embedded import serving
from delivery_center.running.ports import free_port
from delivery_center.verifying.chains import stores_of
from delivery_center.verifying.under_way import outboxes_of, quiet
from delivery_shared.audit import AuditChain
from delivery_shared.links import LinkKeys
from delivery_shared.messaging.topology import Broker
from delivery_shared.service import Settings
from delivery_shared.testing.fixtures import eventually, scratch_database, server_url
from dispatch_svc.dispatcher import Dispatcher
from dispatch_svc.domain.keys import PoolKey
from dispatch_svc.store import DispatchStore
from intake_svc.application import TEST_BUYER
from psycopg import sql
from sqlalchemy.engine import make_url

DAY = 24 * 3600

DUE = """
SELECT 1 FROM timer, platform_clock
WHERE NOT overdue AND due_at <= clock_timestamp() + make_interval(secs => offset_seconds)
"""
"""A timer that is to fire now."""

FORGOTTEN: Final = ("遗忘_客户", "9900000000000002")
"""A customer who is a person, whose name was erased in the end: nothing comes after that."""

NOBODY: Final = "http://127.0.0.1:9"
"""Where a marketplace's own delivery center would be told, if anybody answered."""

FACTS: Final = {"档期": "夜间", "席位": "12"}
"""What SKUs say of their orders."""

TOLD_BY_NAME: Final = "claim_order_provider_admin"


@dataclass(frozen=True)
class Installation:
    """Stopped: nobody is connected to ``database_url``, so that it can be copied."""

    database_url: str
    folder: Path

    @contextmanager
    def copy(self) -> Iterator[str]:
        """A database with the same rows."""
        name, template = f"delivery_test_{uuid4().hex[:12]}", make_url(self.database_url).database
        assert template
        with psycopg.connect(server_url(), autocommit=True) as server:
            server.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
            )
            try:
                yield make_url(server_url()).set(database=name).render_as_string(hide_password=False)
            finally:
                server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    @contextmanager
    def center(self, database_url: str) -> Iterator[Center]:
        """All services over ``database_url``, not started."""
        with center_of(database_url, self.folder) as center:
            yield center


@contextmanager
def center_of(database_url: str, folder: Path) -> Iterator[Center]:
    environment = {**environment_of(folder), "DELIVERY_MOVABLE_CLOCK": "1"}
    center = Center(
        Settings(
            database_url=database_url,
            broker=Broker(url="amqp://nobody@127.0.0.1:9//", namespace=""),
            public_keys=Path(environment["DELIVERY_PUBLIC_KEYS"]).read_text(),
            data_dir=folder / "files",
            environment=environment,
        )
    )
    try:
        yield center
    finally:
        center.stop()


@contextmanager
def installed(folder: Path) -> Iterator[Installation]:
    """The demo data, and what they lack."""
    with scratch_database() as database_url:
        with (
            serving(free_port(), folder, database_url, DELIVERY_MIRROR_ENDPOINTS=NOBODY) as base,
            Client(lambda path: base + path) as client,
        ):
            accounts = demo.load(client, database_url=database_url, folder=folder, say=lambda _: None)
            _guests(client, accounts, folder)
            _more(client, accounts, Notebook(folder / "demo-passwords.json"), database_url)
            with center_of(database_url, folder) as center:
                eventually(lambda: _arrived(center) and _arrived(center))
        with center_of(database_url, folder) as center:
            _settle(center)
            _relayed(center)
            _snapshots(center)
        yield Installation(database_url, folder)


def _arrived(center: Center) -> bool:
    """Whether nothing is under way any more: no timer to fire, nothing to decide, to hear or to seal. In this order:
    what comes of one is seen by the next."""
    stores = stores_of(center)
    for service, unfinished in (("project", DUE), ("dispatch", "SELECT 1 FROM wake")):
        with stores[service].connection() as connection:
            if connection.execute(unfinished).fetchone() is not None:
                return False
    return all(line.startswith(("outbox", "the stream")) for line in quiet(center))


def _more(client: Client, accounts: demo.Accounts, book: Notebook, database_url: str) -> None:
    """What the demo data lack: customers nobody registered, test orders, historical products, second factors, views,
    a person and a buyer who were erased, days that pass, figures."""
    operator, marketplace = (client.signed_in(*accounts[who]) for who in ("云市场小二", "云市场订单"))
    isvs = {name: f"admin@{number}.onaliyun.com" for name, number in demo.DATA["isvs"]}
    hebei, beijing = (client.signed_in(isvs[name], book.passwords[isvs[name]]) for name in ("河北服务商", "北京服务商"))
    products = {item["code"]: item["id"] for item in hebei.get("/api/v1/products", params={"limit": 100})["items"]}
    unknown = ("未注册客户", "9900000000000001")
    paused = [place_order(marketplace, products["62001"], unknown, f"paused{n}", f"paused{n}") for n in range(2)]
    for n in range(8):
        place_order(marketplace, products["66001"], unknown, f"waits{n}", f"waits{n}")
    _configure(hebei, products["91001"], only="河北服务商")
    for n in range(2):
        place_order(marketplace, products["91001"], unknown, f"unknown{n}", f"unknown{n}")
    for account in (hebei, beijing):
        form = {"product_code": "91001", "vendor_account": HEBEI}
        patiently(partial(account.post, "/api/v1/orders/test", form))
    _second_factors(client, book)
    for n in range(4):
        view = {"page": "project-list", "name": f"视图{n}", "filters": {"tab": "running"}, "shared": n == 0}
        hebei.put(f"/api/v1/me/views/{uuid4()}", view)
    _historical(operator)
    _leavers(hebei, operator, book)
    _told_by_name(operator)
    eventually(lambda: _heard_of_it(database_url))
    _renamed_role(operator)
    _default_messages(hebei)
    contact = {"name": FORGOTTEN[0], "email": "forgotten@example.com"}
    place_order(marketplace, products["123001"], FORGOTTEN, "forgotten", "forgotten", contact=contact)
    operator.put("/api/v1/clock", {"offset_seconds": 3 * DAY})
    eventually(lambda: _days_pass(hebei, products["66001"], paused, database_url))
    for figure in ("average-cycle", "new-projects", "project-states", "saturation"):
        hebei.get(f"/api/v1/dashboards/{figure}", params={"entrance": "vendor"})
    eventually(lambda: _told_of(FORGOTTEN[0], database_url))
    _connections(hebei, products["123001"], database_url)
    _customers_of_shops(hebei, operator)
    party = operator.post("/api/v1/parties", {"kind": "customer", "name": "匿名", "number": FORGOTTEN[1]})["party_id"]
    operator.call("DELETE", f"/api/v1/parties/{party}/personal-data")
    _access_keys(hebei)


def _access_keys(vendor: Client) -> None:
    """Keys that are used, of which one ends: that voids the tokens of its account, so nothing comes after it."""
    path = "/api/v1/access-keys"
    for n in range(4):
        form = {"name": f"脚本{n}", "scopes": ["project:read"], "networks": ["127.0.0.0/8"] if n else []}
        form["expires_at"] = "2099-01-01T00:00:00Z" if n else None
        made = vendor.post(path, form)
        vendor.with_key(made["access_key_id"], made["secret"])
    vendor.put(f"{path}/{made['key_id']}/state", {"enabled": False})


def _guests(client: Client, accounts: demo.Accounts, folder: Path) -> None:
    """Customers who are reached by their orders alone: in by a link, one without having shown a code; each asks for a
    new link; one claims an account, one withdrew."""
    marketplace = client.signed_in(*accounts["云市场订单"])
    login = f"admin@{HEBEI}.onaliyun.com"
    admin = client.signed_in(login, Notebook(folder / "demo-passwords.json").passwords[login])
    admin.put("/api/v1/links/life", {"hours": 100})
    products = {item["code"]: item["id"] for item in admin.get("/api/v1/products", params={"limit": 100})["items"]}
    keys = LinkKeys.read(environment_of(folder))
    assert keys
    for n in range(4):
        contact = {"name": "联系人", "email": f"guest{n}@example.com", "mobile": "13912345678", "locale": "en"}
        project = UUID(
            place_order(marketplace, products["123001"], ("访客", f"G{n}"), f"guest{n}", f"guest{n}", contact=contact)
        )
        guest = Client(client.address, http=client.http)
        token = {"token": keys.link(project, 1, at=datetime.now(UTC))}
        headers = {"X-Requested-With": "console"}
        guest.token = patiently(partial(guest.post, "/api/v1/links/sessions", token, headers=headers), also=(401,))[
            "access_token"
        ]
        guest.post("/api/v1/links/codes")
        if n != 1:
            code = {"code": keys.code(project, 1, 1)}
            guest.token = guest.post("/api/v1/links/codes/confirmation", code)["access_token"]
        if n == 0:
            account = {
                "customer_name": "访客的公司",
                "login_name": "fangke",
                "name": "访客",
                "password": "Tr0ub4dor-and-3",
            }
            guest.post("/api/v1/links/accounts", account)
        guest.post("/api/v1/links/renewals", token)
        if n == 2:
            another = {"name": "另一联系人", "email": "another@example.com"}
            marketplace.put(f"/api/v1/projects/{project}/contact", another)
        if n == 3:
            marketplace.post(f"/api/v1/projects/{project}/cancellation", {"remark": "退订"})


def _connections(vendor: Client, product: str, database_url: str) -> None:
    """What the demo's two connections lack: SKUs with facts, orders with declared parameters and one that lacks one,
    and notices of every state."""
    _declare(vendor, product, database_url)
    entries = [{"product_code": "cmgj000001", "sku": f"sku{n}", "product_id": product, "facts": FACTS}
               for n in range(8)]  # fmt: skip
    lacking = {**entries[0], "sku": "lacking", "facts": {}}
    for connection in vendor.get("/api/v1/connections")["items"]:
        path = f"/api/v1/connections/{connection['id']}"
        vendor.put(f"{path}/sku-map", {"entries": [*entries, lacking]})
        for n in range(6):
            vendor.post(f"{path}/test-orders", {"product_code": "cmgj000001", "sku": f"sku{n}"})
        for n in range(3):
            vendor.post(f"{path}/test-orders", {"product_code": "unknown", "sku": f"sku{n}"})
        parked = vendor.get(f"{path}/notices", params={"state": "parked"})["items"][0]
        vendor.post(f"{path}/notices/{parked['id']}/refusal")
        vendor.post(f"{path}/test-orders", {"product_code": "cmgj000001", "sku": "lacking"})
    for n in range(5):
        vendor.post("/api/v1/connections", {"kind": "huawei", "name": f"云商店{n}"})
    _mirror(vendor, entries[0])


def _customers_of_shops(vendor: Client, operator: Client) -> None:
    """Several of one number, the buyer of the test orders among them."""
    (shop,) = [one for one in vendor.get("/api/v1/connections")["items"] if one["kind"] == "generic"]
    for marketplace in (f"generic:{shop['id']}", "huawei", "tencent"):
        form = {"kind": "customer", "name": "商城客户", "number": TEST_BUYER, "marketplace": marketplace}
        operator.post("/api/v1/parties", form)


def _declare(vendor: Client, product: str, database_url: str) -> None:
    """The product's orders carry parameters from now on, as intake and project know."""
    path = f"/api/v1/products/{product}/parameters"
    form = {"required": True, "searchable": True, "options": []}
    shift = {**form, "key": "档期", "label": "施工档期", "type": "choice", "options": ["日间", "夜间"]}
    seats = {**form, "key": "席位", "label": "席位数", "type": "integer", "required": False}
    version = vendor.get(path)["version"]
    vendor.put(path, {"parameters": [shift, seats]}, headers={"If-Match": f'"{version}"'})
    eventually(lambda: all(_declared(service, product, database_url) for service in ("intake", "project")))


def _declared(service: str, product: str, database_url: str) -> bool:
    """Whether the service has heard of the product's parameters."""
    with psycopg.connect(database_url) as connection:
        found = connection.execute(
            sql.SQL("SELECT 1 FROM {}.product WHERE product_id = %s AND parameters <> '[]'").format(
                sql.Identifier(service)
            ),
            (product,),
        ).fetchone()
    return found is not None


def _mirror(vendor: Client, entry: dict[str, Any]) -> None:
    """A project of which a marketplace's own delivery center is to be told, which does not answer."""
    made = connected(vendor, "aliyun-spi", name="镜像", entry=entry, stage="live")
    path = f"/api/v1/connections/{made['id']}"
    vendor.put(f"{path}/mirror", {"endpoint": NOBODY, "access_key_id": "LTAI", "secret": "secret-of-a-key"})
    send = calling(vendor.address(made["address"]))
    market = Marketplace.of("aliyun-spi", secret=made["secret"], send=send, wait=lambda _: time.sleep(0.2))
    market.sell(product_code=entry["product_code"], sku=entry["sku"])
    (notice,) = vendor.get(f"{path}/notices")["items"]
    project = f"/api/v1/projects/{notice['order_id']}"
    for _ in range(5):
        patiently(partial(vendor.post, f"{project}/pause", {"remark": "等待"}), also=(404,))
        patiently(partial(vendor.post, f"{project}/resume"))
    eventually(lambda: vendor.get(f"{path}/mirror")["waiting"] == 10 and vendor.get(f"{path}/mirror")["error"])


def _told_by_name(operator: Client) -> None:
    """A message that calls the customer by name."""
    path = "/api/v1/message-templates"
    (known,) = (row for row in operator.get(path)["items"] if row["code"] == TOLD_BY_NAME)
    form = {name: known[name] for name in ("name", "title", "channels", "remark", "active")}
    form["body"] = "{{ customer_name }} 的订单 {{ order_number }} 尚未被认领 100%"
    operator.put(f"{path}/{TOLD_BY_NAME}", form, headers={"If-Match": f'"{known["version"]}"'})


def _heard_of_it(database_url: str) -> bool:
    """Whether notify calls the customer by name from now on; what fires before does not."""
    with psycopg.connect(database_url) as connection:
        found = connection.execute(
            "SELECT 1 FROM notify.message_template WHERE message_template = %s AND strpos(body, 'customer_name') > 0",
            (TOLD_BY_NAME,),
        ).fetchone()
    return found is not None


def _renamed_role(operator: Client) -> None:
    """A role that has had another name, and has its own again."""
    (known,) = (row for row in operator.get("/api/v1/roles")["items"] if row["code"] == "designer")
    for name in ("美工", known["name"]):
        (now,) = (row for row in operator.get("/api/v1/roles")["items"] if row["code"] == "designer")
        form = {"name": name, "active": now["active"]}
        operator.put("/api/v1/roles/designer", form, headers={"If-Match": f'"{now["version"]}"'})


def _default_messages(vendor: Client) -> None:
    """Templates of the vendor's without the default messages, and with them again."""
    own = vendor.get("/api/v1/templates", params={"scope": "private", "limit": 3})["items"]
    for offered in (False, True, False):
        for template in own:
            vendor.put(f"/api/v1/templates/{template['id']}/default-messages", {"offered": offered})


def _told_of(name: str, database_url: str) -> bool:
    with psycopg.connect(database_url) as connection:
        return bool(connection.execute("SELECT 1 FROM notify.message WHERE strpos(body, %s) > 0", (name,)).fetchone())


def _second_factors(client: Client, book: Notebook) -> None:
    for login in ("lisi1010", "zhangsan1022"):
        form = {"login_name": f"{login}@{HEBEI}.onaliyun.com"}
        form["password"] = book.passwords[form["login_name"]]
        secret = client.post("/api/v1/sessions/second-factor", form)["secret"]
        client.post("/api/v1/sessions", {**form, "code": pyotp.TOTP(secret).now()})


def _historical(operator: Client) -> None:
    (template, *_) = operator.get("/api/v1/templates", params={"scope": "public", "limit": 1})["items"]
    row = {
        "provider_name": "河北服务商",
        "account": HEBEI,
        "template_serial": template["serial"],
        "template_name": template["name"],
    }
    rows = [{**row, "code": f"old{n}", "name": f"老产品{n}"} for n in range(3)]
    operator.post("/api/v1/historical-products", {"rows": rows})


def _leavers(admin: Client, operator: Client, book: Notebook) -> None:
    """Somebody is deleted, and erased; another one only deleted."""
    for name in ("leaver", "erased"):
        form = {"login_name": name, "name": "离职", "roles": ["vendor_project_manager"], "mobile": "13800000000"}
        user = create_user(admin, book, side="vendor", **form)["user_id"]
        admin.call("DELETE", f"/api/v1/users/{user}")
        if name == "erased":
            operator.call("DELETE", f"/api/v1/users/{user}/personal-data")


def _configure(vendor: Client, product: str, *, only: str = "") -> None:
    """Other weights, of all providers or the one of that name."""
    path = f"/api/v1/provider-configurations/{product}"
    known = [provider for provider in vendor.get(path)["providers"] if provider["name"] in (only or provider["name"])]
    terms = [{"provider_id": p["provider_id"], "weight": p["weight"] + 1, "maximum": p["maximum"]} for p in known]
    vendor.put(path, {"providers": terms})


def _days_pass(admin: Client, product: str, projects: list[str], database_url: str) -> bool:
    """Something changes; whether it is known by now that days have passed since it did before."""
    _configure(admin, product)
    for project in projects:
        patiently(partial(admin.post, f"/api/v1/projects/{project}/pause", {"remark": "等待"}))
        patiently(partial(admin.post, f"/api/v1/projects/{project}/resume"))
    with psycopg.connect(database_url) as connection:
        found = connection.execute(
            "SELECT (SELECT count(*) FROM reporting.project_history),"
            " (SELECT count(*) FROM reporting.configuration_history)"
        ).fetchone()
    return bool(found and all(found))


def everybody_hears(center: Center) -> None:
    """What workers do: every feed applies what there is, and the audit chains seal it."""
    outboxes = outboxes_of(center)
    for service in center.services.values():
        for consumer in service.consumers:
            replay(consumer, outboxes[consumer.source])
        if service.store is not None:
            AuditChain(service.store).extend()


def _settle(center: Center) -> None:
    """Do what the loops had begun when the server was stopped: an hourly sweep wakes every pool that waits."""
    store = cast(DispatchStore, stores_of(center)["dispatch"])
    dispatcher = Dispatcher(store, database_url=center.settings.database_url, clock=store.clock)
    try:
        while wakes := _wakes(store):
            for pool in wakes:
                dispatcher.serve(PoolKey(pool))
            everybody_hears(center)
    finally:
        dispatcher.close()


def _wakes(store: DispatchStore) -> list[str]:
    with store.connection() as connection:
        return [row["pool"] for row in connection.execute("SELECT pool FROM wake ORDER BY pool").fetchall()]


def _relayed(center: Center) -> None:
    """As a relay leaves it; there is none without a broker."""
    for name, outbox in outboxes_of(center).items():
        with outbox.store.connection() as connection:
            connection.execute("INSERT INTO outbox_position (relay, position) VALUES (%s, %s)", (name, outbox.last()))
            connection.execute("UPDATE outbox_renewal SET done = asked")


def _snapshots(center: Center) -> None:
    store = stores_of(center)["dispatch"]
    with store.connection() as connection:
        parties = connection.execute("SELECT party_id FROM party WHERE kind = 'isv' ORDER BY party_id").fetchall()
    for party in parties[:4]:
        store.take_snapshot(PoolKey.of_provider(party["party_id"]).stream)
