"""What the others are told, against the golden samples of the contracts."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from importlib.resources import files
from typing import Any
from uuid import UUID

import msgspec
import pytest
from delivery_shared.contracts import CONTRACTS
from template_svc.application import TemplateApplication
from template_svc.calendar import HolidayYear, PlatformClock
from template_svc.domain import FlowTemplate
from template_svc.product import Product
from template_svc.publishing import PUBLISHING
from template_svc.reference import DemandForm, MessageTemplate, Role

NOW = datetime.fromisoformat("2026-01-05T02:03:04.5+00:00")

assert TemplateApplication.publishing is PUBLISHING


def role(s: dict[str, Any]) -> list[Any]:
    made = Role(code=s["role"], name="旧名", side=s["side"], active=not s["active"], timestamp=NOW)
    made.change(name=s["name"], active=s["active"], now=NOW)
    same = Role(code=s["role"], name=s["name"], side=s["side"], active=s["active"], timestamp=NOW)
    return [made.pending_events[-1], same.pending_events[-1]]


def demand_form(s: dict[str, Any]) -> list[Any]:
    made = DemandForm(code=s["form"], name="x", schema={}, active=True, timestamp=NOW)
    made.change(name=s["name"], schema=s["schema"], active=s["active"], now=NOW)
    same = DemandForm(code=s["form"], name=s["name"], schema=s["schema"], active=s["active"], timestamp=NOW)
    return [made.pending_events[-1], same.pending_events[-1]]


def message_template(s: dict[str, Any]) -> list[Any]:
    texts = {key: s[key] for key in ("name", "title", "body", "channels", "active")}
    code = s["message_template"]
    made = MessageTemplate(code=code, remark="", timestamp=NOW, **{**texts, "title": "x"})
    made.change(remark="备注", now=NOW, **texts)
    same = MessageTemplate(code=code, remark="", timestamp=NOW, **texts)
    return [made.pending_events[-1], same.pending_events[-1]]


def published(s: dict[str, Any]) -> list[Any]:
    about = {"serial": s["serial"], "name": s["name"], "owner_id": UUID(s["owner_id"]), "nodes": s["nodes"]}
    made = FlowTemplate(id=UUID(s["template_id"]), description="", copied_from=None, timestamp=NOW, **about)
    made._publish(version=s["version"], timestamp=NOW, **about)
    revised = FlowTemplate(id=UUID(s["template_id"]), description="", copied_from=None, timestamp=NOW, **about)
    revised._approve_revision(version=s["version"], description="", timestamp=NOW, **about)
    return [made.pending_events[-1], revised.pending_events[-1]]


def product(s: dict[str, Any]) -> list[Any]:
    made = Product(
        id=UUID(s["product_id"]),
        code=s.get("code", ""),
        name=s.get("name", ""),
        vendor_id=UUID(s.get("vendor_id", s["template_id"])),
        template_id=UUID(s["template_id"]),
        template_version=s["template_version"],
        template_name=s["template_name"],
        historical=False,
        timestamp=NOW,
    )
    return [made.pending_events[-1]]


def product_changed(s: dict[str, Any]) -> list[Any]:
    made = Product(
        id=UUID(s["product_id"]),
        code="1",
        name="n",
        vendor_id=UUID(int=1),
        template_id=UUID(int=2),
        template_version=1,
        template_name="x",
        historical=False,
        timestamp=NOW,
    )
    made._change_template(
        template_id=UUID(s["template_id"]),
        template_version=s["template_version"],
        template_name=s["template_name"],
        timestamp=NOW,
    )
    return [made.pending_events[-1]]


def holiday_year(s: dict[str, Any]) -> list[Any]:
    about = {"holidays": s["holidays"], "provisional": s["provisional"]}
    made = HolidayYear(year=s["year"], timestamp=NOW, **about)
    [defined] = made.collect_events()
    changing = HolidayYear(year=s["year"], holidays=[], provisional=True, timestamp=NOW)
    changing.change(now=NOW, **about)
    changed = PUBLISHING[type(changing.pending_events[-1])](changing.pending_events[-1])
    assert changed == msgspec.structs.replace(PUBLISHING[type(defined)](defined), revision=2)
    return [defined]


def clock(s: dict[str, Any]) -> list[Any]:
    made = PlatformClock(offset_seconds=0, timestamp=NOW)
    made.move(offset_seconds=s["offset_seconds"], now=NOW)
    same = PlatformClock(offset_seconds=s["offset_seconds"], timestamp=NOW)
    return [made.pending_events[-1], same.pending_events[-1]]


def product_taken_offline(s: dict[str, Any]) -> list[Any]:
    made = Product(
        id=UUID(s["product_id"]),
        code="1",
        name="n",
        vendor_id=UUID(int=1),
        template_id=UUID(int=2),
        template_version=1,
        template_name="x",
        historical=True,
        timestamp=NOW,
    )
    made.take_offline(reason="过期", now=NOW)
    return [made.pending_events[-1]]


CASES: dict[str, Callable[[dict[str, Any]], list[Any]]] = {
    "template.role_defined": role,
    "template.demand_form_defined": demand_form,
    "template.message_template_defined": message_template,
    "template.template_published": published,
    "template.product_listed": product,
    "template.product_template_changed": product_changed,
    "template.product_taken_offline": product_taken_offline,
    "template.calendar_changed": holiday_year,
    "template.clock_moved": clock,
}


@pytest.mark.parametrize("message_type", [t for t in CONTRACTS if t.startswith("template.")])
def test_what_is_published_equals_the_golden_sample(message_type: str) -> None:
    version = CONTRACTS[message_type].VERSION
    sample = json.loads(
        files("delivery_shared.contracts").joinpath("samples", f"{message_type}.v{version}.json").read_text("utf-8")
    )
    events = CASES[message_type](sample)
    assert [json.loads(msgspec.json.encode(PUBLISHING[type(event)](event))) for event in events] == [sample] * len(
        events
    )
    assert {type(PUBLISHING[type(event)](event)) for event in events} == {CONTRACTS[message_type]}


def test_drafts_are_nobodys_business() -> None:
    template: Any = FlowTemplate
    assert PUBLISHING.keys().isdisjoint({template.Created, template.ContentSaved, template.Deleted})
