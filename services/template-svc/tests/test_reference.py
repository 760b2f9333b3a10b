"""Decisions of reference data, and the checks on demand forms and message texts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from delivery_shared.testing.bdd import given
from template_svc.domain import defining, facts
from template_svc.forms import DEEPEST, FormInvalid, VariableUnknown, check_form, check_variables

NOW = datetime(2019, 10, 25, 11, 57, tzinfo=UTC)


@pytest.mark.requirement("T-109")
def test_a_role_is_renamed_and_deactivated_but_keeps_its_side() -> None:
    role = defining.define_role(code="designer", name="设计师", side="provider", at=NOW)
    given(role).when(lambda r: defining.change_role(r, name="设计员", active=False, at=NOW)).then(
        (facts.RoleChanged, {"code": "designer", "name": "设计员", "side": "provider", "active": False})
    ).when(lambda r: defining.change_role(r, name="设计员", active=False, at=NOW)).then()


@pytest.mark.requirement("T-51")
def test_a_demand_form_is_replaced() -> None:
    form = defining.define_demand_form(code="f", name="需求", schema={"type": "object"}, at=NOW)
    given(form).when(
        lambda f: defining.change_demand_form(f, name="需求", schema={"type": "array"}, active=True, at=NOW)
    ).then((facts.DemandFormChanged, {"code": "f", "name": "需求", "schema": {"type": "array"}, "active": True})).when(
        lambda f: defining.change_demand_form(f, name="需求", schema={"type": "array"}, active=True, at=NOW)
    ).then()


@pytest.mark.requirement("N-10")
def test_a_message_template_is_replaced() -> None:
    texts: Any = {"name": "确认节点-通知客户", "title": "请确认", "body": "…", "channels": ["sms"], "remark": ""}
    message = defining.define_message_template(code="m", at=NOW, **texts)
    given(message).when(
        lambda m: defining.change_message_template(m, active=True, at=NOW, **{**texts, "title": "确认"})
    ).then((facts.MessageTemplateChanged, {**texts, "code": "m", "title": "确认", "active": True})).when(
        lambda m: defining.change_message_template(m, active=True, at=NOW, **{**texts, "title": "确认"})
    ).then()


def form(**changed: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"name": {"type": "string"}}, **changed}


@pytest.mark.requirement("T-49")
@pytest.mark.parametrize(
    "schema",
    [
        form(),
        form(**{"$schema": "https://json-schema.org/draft/2020-12/schema"}),
        form(properties={"a": {"$ref": "#/$defs/a"}}, **{"$defs": {"a": {"type": "string"}}}),
    ],
)
def test_demand_forms_are_json_schemas_of_objects(schema: dict[str, Any]) -> None:
    check_form(schema)


@pytest.mark.requirement("T-49")
@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ({}, "$"),
        ({"type": "string"}, "$"),
        (form(properties={}), "$"),
        (form(properties={"a": {"type": "text"}}), "$.properties.a.type"),
        (form(required="name"), "$.required"),
        (form(**{"$schema": "http://json-schema.org/draft-07/schema#"}), "$schema"),
        (form(properties={"a": {"$ref": "http://169.254.169.254/"}}), "/properties/a/$ref"),
        (form(properties={"a": {"pattern": "("}}), "$.properties.a.pattern"),
        (form(properties={"a": {"enum": ["\x00"]}}), "/properties/a/enum/0"),
        (form(properties={"\ud800": {}}), "/properties/?"),
        (form(properties={"a": {"minimum": float("nan")}}), "/properties/a/minimum"),
        (form(allOf=[{"$dynamicRef": "file:///etc/passwd"}]), "/allOf/0/$dynamicRef"),
    ],
)
def test_other_demand_forms_are_refused_with_the_place(schema: dict[str, Any], path: str) -> None:
    with pytest.raises(FormInvalid) as refused:
        check_form(schema)
    assert refused.value.path == path


def test_the_nesting_of_a_demand_form_is_limited() -> None:
    def nested(levels: int) -> dict[str, Any]:
        inner: Any = 1
        for _ in range(levels):
            inner = [inner]
        return form(examples=inner)

    check_form(nested(DEEPEST - 2))
    with pytest.raises(FormInvalid):
        check_form(nested(DEEPEST - 1))


@pytest.mark.requirement("N-10")
def test_message_texts_name_known_variables_only() -> None:
    check_variables("订单 {{ order_number }}", "{{ node_name }}{{ product_name }} {单}")
    for text in ("{{ password }}", "{{order_number}}", "{{ order_number", "}}", "{% if 1 %}", "{# 注 #}"):
        with pytest.raises(VariableUnknown):
            check_variables("", text)
