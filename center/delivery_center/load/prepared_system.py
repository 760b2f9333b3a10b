"""A prepared installation for load and fault tests: one product, one provider, its designers, a ten-step template."""

from __future__ import annotations

from functools import partial
from typing import Any, Self
from uuid import UUID, uuid4

from delivery_shared.service import Settings
from identity_svc.bootstrap import OPERATOR
from project_svc.domain.order import Order
from project_svc.main import application_of
from project_svc.store import ProjectStore

from delivery_center import demo
from delivery_center.accounts import Notebook, create_user, register_party, settle
from delivery_center.client import Client
from delivery_center.composition import Center
from delivery_center.load.simulated_people import ApplicationHands, Hands, Robots, orders
from delivery_center.ordering import patiently
from delivery_center.running.processes import System
from delivery_center.stories.scenario2 import NODES
from delivery_center.stories.story import REQUIREMENT, wait
from delivery_center.verify import quiet, verify

TEN_STEPS: list[dict[str, Any]] = [
    *NODES[:5],
    {"id": "check", "type": "confirm", "name": "客户确认", "side": "customer", "confirm_button": "确认"},
    {"id": "pages", "type": "general", "name": "设计内页", "side": "provider", "role": "designer"},
    {"id": "site", "type": "general", "name": "制作网站", "side": "provider", "role": "designer"},
    *NODES[5:],
]
"""Ten nodes in all: two automatic ones, eight operated by customer or designer."""


class PreparedSystem:
    """Set up over the public API; watched and driven at the application boundary of project-svc."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.center = Center(Settings.read(system.environment))
        store = self.center.services["project"].store
        assert isinstance(store, ProjectStore)
        self.application = application_of(store, self.center.settings)
        self.admin = ""
        """Login name of the provider's admin."""
        self.product_id = self._prepare()

    def _prepare(self) -> UUID:
        book = demo.notebook(self.center.databases["identity"], self.system.folder)
        with Client(self.system.address) as client:
            return self._set_up(client, book)

    def _set_up(self, client: Client, book: Notebook) -> UUID:
        operator = settle(client, book, OPERATOR)
        number = str(uuid4().int)[:16]
        form = {"kind": "isv", "name": "测试服务商", "number": number, "login": "admin", "person": "管理员"}
        isv = register_party(operator, book, **form)
        self.admin = isv["login_name"]
        admin = settle(client, book, self.admin)
        template = admin.post("/api/v1/templates", {"name": "十步流程"})
        content = {"name": "十步流程", "nodes": TEN_STEPS}
        path = f"/api/v1/templates/{template['id']}"
        admin.put(f"{path}/content", content, headers={"If-Match": f'"{template["version"]}"'})
        admin.post(f"{path}/publication")
        form = {"code": "1", "name": "测试产品", "template_id": template["id"]}
        product_id = admin.post("/api/v1/products", form)["id"]
        providers = {"providers": [{"provider_id": isv["party_id"], "weight": 10, "maximum": 2000}]}
        patiently(lambda: admin.put(f"/api/v1/provider-configurations/{product_id}", providers))
        for n in range(20):
            person: dict[str, Any] = {"login_name": f"designer{n}", "name": f"设计师{n}", "roles": ["designer"]}
            user = patiently(partial(create_user, admin, book, side="provider", **person))
            load = {"maximum": 50, "receiving": True}
            patiently(partial(admin.put, f"/api/v1/staff-loads/{user['user_id']}", load))
        wait("product known to project-svc", lambda: self._known(UUID(product_id)), True)
        return UUID(product_id)

    def _known(self, product_id: UUID) -> bool:
        with self.application.store.connection() as connection:
            return (
                connection.execute("SELECT 1 FROM product WHERE product_id = %s", (product_id,)).fetchone() is not None
            )

    def connect_anew(self) -> None:
        """Give up what is connected, as a process that is started again has."""
        for service in self.center.services.values():
            if service.store is not None:
                service.store.events_recorder.datastore.pool.drain()

    def robots(self, hands: Hands | None = None) -> Robots:
        """People who watch from now on; they act at the application boundary unless other hands are given."""
        return Robots(self.application, hands or ApplicationHands(self.application, REQUIREMENT))

    def orders(self, count: int) -> list[Order]:
        return orders(self.product_id, count)

    def assert_well(self) -> None:
        """Every invariant holds, once the last messages have arrived."""
        self.settle()
        wrong = verify(self.center)
        if wrong:
            raise AssertionError("\n".join(wrong))

    def settle(self, *, seconds: float = 60) -> None:
        """Wait until every message has arrived everywhere."""
        wait("messages under way", lambda: quiet(self.center), [], seconds=seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.center.stop()
