"""Live changes end to end: a change reaches the open streams of its parties and no others; streams end in time."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import uuid4

import httpx
import pytest
from delivery_center.accounts import Notebook, register_party, settle
from delivery_center.client import Client
from delivery_center.demo import Accounts
from delivery_center.ordering import patiently
from delivery_center.running.processes import System
from delivery_shared.testing.fixtures import eventually
from reporting_svc.streams import PER_USER

pytestmark = pytest.mark.stories


@dataclass
class Listening:
    """An open stream: what it has said so far."""

    said: list[tuple[str, list[str]]] = field(default_factory=list)
    last: str = ""
    status: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def projects(self) -> set[str]:
        return {project for name, projects in self.said if name == "projects" for project in projects}


def listen(client: Client, **headers: str) -> Listening:
    """Open a stream as the client's account and wait until it stands."""
    heard = Listening()
    sent = {"Authorization": f"Bearer {client.token}", **headers}

    def read() -> None:
        try:
            with httpx.stream("GET", client.address("/api/v1/live"), headers=sent, timeout=30) as response:
                heard.status = response.status_code
                name = ""
                for line in response.iter_lines():
                    key, _, value = line.partition(": ")
                    if key == "id":
                        heard.last = value
                    elif key == "event":
                        name = value
                    elif key == "data":
                        heard.said.append((name, json.loads(value)["projects"]))
        finally:
            heard.ended.set()

    threading.Thread(target=read, daemon=True).start()
    eventually(lambda: heard.said or heard.ended.is_set())
    return heard


@dataclass
class World:
    """Two vendors, the first with a product, and a way to order it."""

    own: Client
    rival: Client
    order: Callable[[], str]


def world(client: Client, accounts: Accounts) -> World:
    operator, marketplace = (client.signed_in(*accounts[name]) for name in ("云市场小二", "云市场订单"))
    book = Notebook(None)

    def isv(name: str) -> tuple[Client, dict[str, str]]:
        form = {"kind": "isv", "name": name, "number": str(uuid4().int)[:16], "login": "admin", "person": name}
        made = register_party(operator, book, **form)
        return settle(client, book, made["login_name"]), made

    (own, party), (rival, _) = isv("实时服务商"), isv("旁观服务商")
    template = own.get("/api/v1/templates?scope=public&name=信息类网站建设模板子账号自动分单")["items"][0]
    form = {"code": "9", "name": "实时产品", "template_id": template["id"]}
    product_id = own.post("/api/v1/products", form)["id"]
    providers = {"providers": [{"provider_id": party["party_id"], "weight": 10, "maximum": 100}]}
    patiently(lambda: own.put(f"/api/v1/provider-configurations/{product_id}", providers))

    def order() -> str:
        number = uuid4().hex[:12]
        body = {
            "product_id": product_id, "order_number": number, "business_number": f"{number}001",
            "customer": {"number": f"C{number}", "name": "客户"},
        }  # fmt: skip
        post = partial(marketplace.post, "/api/v1/orders", body, headers={"Idempotency-Key": number})
        made: dict[str, Any] = patiently(post)
        return str(made["project_id"])

    return World(own, rival, order)


def played(client: Client, accounts: Accounts) -> World:
    """A change is told to its parties within a second of being visible; signing out ends the stream."""
    world_ = world(client, accounts)
    own, rival = listen(world_.own), listen(world_.rival)
    assert (own.status, own.said[0][0], rival.said[0][0]) == (200, "ready", "ready")
    project = world_.order()
    eventually(lambda: project in own.projects)
    last = own.last
    assert world_.own.get(f"/api/v1/projects/{project}")["project_id"] == project
    second = world_.order()
    eventually(lambda: second in own.projects)
    assert rival.projects == set()
    back = listen(world_.own, **{"Last-Event-ID": last})
    eventually(lambda: second in back.projects)
    world_.rival.call("DELETE", "/api/v1/sessions/current")
    assert rival.ended.wait(10)
    assert not own.ended.is_set()
    assert listen(world_.rival).status == 401
    return world_


def test_separate_processes(separate: tuple[Client, Accounts], system: System) -> None:
    world_ = played(*separate)
    streams = [listen(world_.own) for _ in range(PER_USER - 2)]
    assert listen(world_.own).status == 429, "five are open"
    begun = time.monotonic()
    assert system.stop(["reporting-live"]) == {"reporting-live": 0}
    assert time.monotonic() - begun < 2.0
    assert all(stream.ended.wait(1) for stream in streams)
    system.start(["reporting-live"])


def test_embedded(embedded: tuple[Client, Accounts]) -> None:
    """Also after more streams than one may have open, one after the other: a client that leaves makes room."""
    client, accounts = embedded
    operator = client.signed_in(*accounts["云市场小二"])

    def opens() -> bool:
        headers = {"Authorization": f"Bearer {operator.token}"}
        with httpx.stream("GET", client.address("/api/v1/live"), headers=headers) as response:
            return response.status_code == 200

    for _ in range(PER_USER + 1):
        eventually(opens)
    played(client, accounts)
