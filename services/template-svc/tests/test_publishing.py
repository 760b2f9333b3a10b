"""What the others are told, against the golden samples of the contracts."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from importlib.resources import files
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from delivery_shared.contracts import CONTRACTS
from delivery_shared.facts import Aggregate, Fact
from template_svc.domain import defining, facts, listing, timekeeping
from template_svc.domain.product import Product
from template_svc.domain.reference import DemandForm, MessageTemplate, Role
from template_svc.domain.template import FlowTemplate
from template_svc.publishing import PUBLISHING
from template_svc.store import TemplateStore

NOW = datetime.fromisoformat("2026-01-05T02:03:04.5+00:00")

assert TemplateStore.publishing is PUBLISHING


def told(aggregate: Aggregate[Any]) -> Any:
    """The last fact of ``aggregate``."""
    return aggregate.facts[-1]


def role(s: dict[str, Any]) -> list[Fact]:
    made = Role.begun(
        facts.RoleDefined(code=s["role"], name="旧名", side=s["side"], active=not s["active"]), id=uuid4(), at=NOW
    )
    at = datetime.fromisoformat(s["defined_at"])
    defining.change_role(made, name=s["name"], active=s["active"], at=at)
    same = facts.RoleDefined(code=s["role"], name=s["name"], side=s["side"], active=s["active"])
    return [told(made), told(Role.begun(same, id=uuid4(), at=at))]


def demand_form(s: dict[str, Any]) -> list[Fact]:
    made = defining.define_demand_form(code=s["form"], name="x", schema={}, at=NOW)
    defining.change_demand_form(made, name=s["name"], schema=s["schema"], active=s["active"], at=NOW)
    same = facts.DemandFormDefined(code=s["form"], name=s["name"], schema=s["schema"], active=s["active"])
    return [told(made), told(DemandForm.begun(same, id=uuid4(), at=NOW))]


def message_template(s: dict[str, Any]) -> list[Fact]:
    texts = {key: s[key] for key in ("name", "title", "body", "channels")}
    code = s["message_template"]
    made = defining.define_message_template(code=code, remark="", at=NOW, **{**texts, "title": "x"})
    defining.change_message_template(made, remark="备注", active=s["active"], at=NOW, **texts)
    same = facts.MessageTemplateDefined(code=code, remark="", active=s["active"], **texts)
    return [told(made), told(MessageTemplate.begun(same, id=uuid4(), at=NOW))]


def published(s: dict[str, Any]) -> list[Fact]:
    about = {"serial": s["serial"], "name": s["name"], "owner_id": UUID(s["owner_id"]), "nodes": s["nodes"]}
    created = facts.TemplateCreated(description="", copied_from=None, **about)
    made, revised = (FlowTemplate.begun(created, id=UUID(s["template_id"]), at=NOW) for _ in range(2))
    made.tell(facts.TemplatePublished(version=s["version"], **about), at=NOW)
    revised.tell(facts.RevisionApproved(version=s["version"], description="", **about), at=NOW)
    return [told(made), told(revised)]


def default_messages_switched(s: dict[str, Any]) -> list[Fact]:
    created = facts.TemplateCreated(description="", copied_from=None, serial=1, name="x", owner_id=None, nodes=[])
    made = FlowTemplate.begun(created, id=UUID(s["template_id"]), at=NOW)
    made.tell(facts.DefaultMessagesSwitched(offered=s["offered"]), at=NOW)
    return [told(made)]


def listed(s: dict[str, Any], **other: Any) -> Product:
    about = {
        "code": s.get("code", ""),
        "name": s.get("name", ""),
        "vendor_id": UUID(s.get("vendor_id", str(UUID(int=1)))),
        "template_id": UUID(s.get("template_id", str(UUID(int=2)))),
        "template_version": s.get("template_version", 1),
        "template_name": s.get("template_name", "x"),
    }
    return Product.begun(
        facts.ProductListed(**{"historical": False, **about, **other}), id=UUID(s["product_id"]), at=NOW
    )


def product(s: dict[str, Any]) -> list[Fact]:
    return [told(listed(s))]


def product_changed(s: dict[str, Any]) -> list[Fact]:
    made = listed(s, template_id=UUID(int=2), template_version=1, template_name="x")
    changed = facts.ProductTemplateChanged(
        template_id=UUID(s["template_id"]),
        template_version=s["template_version"],
        template_name=s["template_name"],
    )
    made.tell(changed, at=NOW)
    return [told(made)]


def holiday_year(s: dict[str, Any]) -> list[Fact]:
    about = {"holidays": s["holidays"], "provisional": s["provisional"]}
    defined = told(timekeeping.define_year(year=s["year"], at=NOW, **about))
    changing = timekeeping.define_year(year=s["year"], holidays=[], provisional=True, at=NOW)
    timekeeping.change_year(changing, at=NOW, **about)
    changed = PUBLISHING[type(told(changing))](told(changing))
    assert changed == msgspec.structs.replace(PUBLISHING[type(defined)](defined), revision=2)
    return [defined]


def clock(s: dict[str, Any]) -> list[Fact]:
    made = timekeeping.begin_clock(offset_seconds=0, at=NOW)
    timekeeping.move_clock(made, offset_seconds=s["offset_seconds"], at=NOW)
    same = timekeeping.begin_clock(offset_seconds=s["offset_seconds"], at=NOW)
    return [told(made), told(same)]


def product_taken_offline(s: dict[str, Any]) -> list[Fact]:
    made = listed(s, historical=True)
    listing.take_offline(made, reason="过期", at=NOW)
    return [told(made)]


def parameters_declared(s: dict[str, Any]) -> list[Fact]:
    made = listed(s)
    declared = msgspec.convert(s["parameters"], list[facts.DeclaredParameter])
    listing.declare_parameters(made, parameters=declared, at=NOW)
    return [told(made)]


CASES: dict[str, Callable[[dict[str, Any]], list[Fact]]] = {
    "template.role_defined": role,
    "template.demand_form_defined": demand_form,
    "template.message_template_defined": message_template,
    "template.template_published": published,
    "template.default_messages_switched": default_messages_switched,
    "template.product_listed": product,
    "template.product_template_changed": product_changed,
    "template.product_taken_offline": product_taken_offline,
    "template.parameters_declared": parameters_declared,
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
    assert PUBLISHING.keys().isdisjoint({facts.TemplateCreated, facts.ContentSaved, facts.TemplateDeleted})
