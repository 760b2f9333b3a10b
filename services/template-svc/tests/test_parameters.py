"""订单参数 of a product, declared over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from delivery_shared.messaging.envelope import open_message
from delivery_shared.messaging.outbox import Outbox
from template_svc.application import TemplateApplication
from template_svc.seeding import preset_template_id

pytestmark = pytest.mark.integration

REGION = {"key": "region", "label": "地域", "type": "choice", "required": True, "options": ["华北", "华东"]}
BEGIN = {"key": "begin", "label": "开始日期", "type": "date", "searchable": True}
PRESET = {"required": False, "searchable": False, "options": []}


def listed(vendor: Any) -> str:
    body = {"code": "56001", "name": "name_56", "template_id": str(preset_template_id("information_website"))}
    return str(vendor("POST", "products", body).json["id"])


def declare(user: Any, product: str, *parameters: Any, version: int = 1) -> Any:
    body = {"parameters": list(parameters)}
    return user("PUT", f"products/{product}/parameters", body, If_Match=f'"{version}"')


def test_a_vendor_declares_what_orders_carry(
    vendor: Any, operator: Any, application: TemplateApplication, events: Callable[[], int]
) -> None:
    product = listed(vendor)
    assert vendor("GET", f"products/{product}/parameters").json == {"parameters": [], "version": 1}
    before = events()
    declared = declare(vendor, product, REGION, BEGIN)
    assert declared.status_code == 200
    state = {"parameters": [PRESET | REGION, PRESET | BEGIN], "version": 2}
    assert declared.json == state
    assert vendor("GET", f"products/{product}/parameters").json == state
    assert operator("GET", f"products/{product}/parameters").json == state
    [outgoing] = Outbox(application.store).read(after=before, limit=10)
    message: Any = open_message(outgoing.body).contract
    assert (message.TYPE, str(message.product_id)) == ("template.parameters_declared", product)
    assert [(p.key, p.type, p.options) for p in message.parameters] == [
        ("region", "choice", ["华北", "华东"]),
        ("begin", "date", []),
    ]
    told = events()
    assert declare(vendor, product, REGION, BEGIN, version=2).json == state
    assert events() == told
    assert declare(vendor, product, version=2).json == {"parameters": [], "version": 3}


def test_whoever_edited_an_older_declaration_is_told(vendor: Any, events: Callable[[], int]) -> None:
    product = listed(vendor)
    declare(vendor, product, REGION)
    before = events()
    assert declare(vendor, product, BEGIN, version=1).status_code == 412
    assert vendor("PUT", f"products/{product}/parameters", {"parameters": []}).status_code == 428
    assert events() == before


def test_nobody_else_declares(vendor: Any, operator: Any, sign_in: Callable[..., Any]) -> None:
    product = listed(vendor)
    other, manager = sign_in("vendor_admin"), sign_in("vendor_project_manager", vendor.party_id)
    assert other("GET", f"products/{product}/parameters").status_code == 404
    assert declare(other, product, REGION).status_code == 404
    assert declare(operator, product, REGION).status_code == 403
    assert declare(manager, product, REGION).status_code == 403
    assert manager("GET", f"products/{product}/parameters").json == {"parameters": [], "version": 1}


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ([REGION | {"options": []}], "parameters.0.options"),
        ([REGION | {"options": ["a", "a"]}], "parameters.0.options"),
        ([REGION | {"options": [str(n) for n in range(51)]}], "parameters.0.options"),
        ([BEGIN | {"options": ["a"]}], "parameters.0.options"),
        ([BEGIN | {"type": "time"}], "parameters.0.type"),
        ([BEGIN | {"key": " "}], "parameters.0.key"),
        ([BEGIN | {"key": "k" * 101}], "parameters.0.key"),
        ([BEGIN | {"label": "l" * 51}], "parameters.0.label"),
        ([BEGIN, REGION, BEGIN], "parameters.2.key"),
        ([BEGIN | {"key": str(n)} for n in range(51)], "parameters"),
    ],
)
def test_a_declaration_that_says_nothing_is_refused_at_its_field(
    vendor: Any, events: Callable[[], int], parameters: list[Any], field: str
) -> None:
    product = listed(vendor)
    before = events()
    refused = declare(vendor, product, *parameters)
    assert refused.status_code == 422
    assert field in [error["field"] for error in refused.json["errors"]]
    assert events() == before


def test_as_many_as_there_may_be(vendor: Any) -> None:
    product = listed(vendor)
    most = [
        {"key": f"{n:0100}", "label": "l" * 50, "type": "choice", "options": [f"{m:0100}" for m in range(50)]}
        for n in range(50)
    ]
    assert declare(vendor, product, *most).json["version"] == 2
