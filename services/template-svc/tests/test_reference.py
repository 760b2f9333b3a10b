"""Decisions of reference data, and the checks on demand forms and message texts."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from delivery_shared.demand_forms import FORMATS
from delivery_shared.testing.bdd import given
from template_svc.domain import defining, facts
from template_svc.forms import DEEPEST, LARGEST, FormInvalid, VariableUnknown, check_form, check_variables

CASES: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "shared/tests/demand_form_cases.json").read_text("utf-8")
)
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
        form(properties={"a": {"$ref": "#/$defs/a~1b%25"}}, **{"$defs": {"a/b%": {"type": "string"}}}),
        form(properties={"a": {"$ref": "#/allOf/1"}}, allOf=[{}, True]),
        form(properties={"a": {"type": "string", "format": "date", "x-width": 3}}),
        form(properties={"联系人": {"title": "a.b", "default": {"pattern": "(", "$ref": "#/nowhere"}}}),
    ],
)
def test_demand_forms_are_json_schemas_of_objects(schema: dict[str, Any]) -> None:
    check_form(schema)


@pytest.mark.requirement("T-49")
@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ({}, "/"),
        ({"type": "string"}, "/"),
        (form(properties={}), "/"),
        (form(properties={"a": {"type": "text"}}), "/properties/a/type"),
        (form(required="name"), "/required"),
        (form(**{"$schema": "http://json-schema.org/draft-07/schema#"}), "/$schema"),
        (form(properties={"a": {"$ref": "http://169.254.169.254/"}}), "/properties/a/$ref"),
        (form(properties={"a": {"pattern": "("}}), "/properties/a/pattern"),
        (form(properties={"a": {"enum": ["\x00"]}}), "/properties/a/enum/0"),
        (form(properties={"\ud800": {}}), "/properties/?"),
        (form(properties={"a": {"minimum": float("nan")}}), "/properties/a/minimum"),
        (form(allOf=[{"$dynamicRef": "file:///etc/passwd"}]), "/allOf/0/$dynamicRef"),
        (form(properties={"a": {"$ref": "#/$defs/missing"}}), "/properties/a/$ref"),
        (form(properties={"a": {"$ref": "#a"}}, **{"$defs": {"a": {"$anchor": "a"}}}), "/properties/a/$ref"),
        (form(properties={"a": {"$ref": "#/properties"}}), "/properties/a/$ref/a"),
        (form(properties={"a": {"title": "x", "$ref": "#/properties/a/title"}}), "/properties/a/$ref"),
        (form(properties={"a": {"$ref": "#"}}), "/properties/a/$ref/properties/a/$ref"),
        (form(properties={"a": {"$ref": "#/properties/a"}}), "/properties/a/$ref/$ref"),
        (
            form(**{"$defs": {"a": {"items": {"$ref": "#/$defs/b"}}, "b": {"allOf": [{"$ref": "#/$defs/a"}]}}}),
            "/$defs/a/items/$ref/allOf/0/$ref/items/$ref",
        ),
        (form(**{"$id": "#me"}), "/$id"),
        (form(properties={"a": {"pattern": "(?i)^abc$"}}), "/properties/a/pattern"),
        (form(properties={"a": {"pattern": "(?=a)b"}}), "/properties/a/pattern"),
        (form(patternProperties={"\\b": {}}), "/patternProperties/\\b"),
        (form(properties={"a": {"pattern": "a" * 501}}), "/properties/a/pattern"),
        (form(properties={"a": {"format": "idn-email"}}), "/properties/a/format"),
        (form(properties={"a": {"format": "nonsense"}}), "/properties/a/format"),
        (form(dependencies={"name": ["b"]}), "/dependencies"),
        (form(properties={"联系人.电话": {}}), "/properties/联系人.电话"),
        (form(properties={"__proto__": {}}), "/properties/__proto__"),
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


def test_the_levels_of_a_demand_form_are_counted_along_its_references() -> None:
    def chain(length: int) -> dict[str, Any]:
        steps: dict[str, Any] = {f"s{i}": {"$ref": f"#/$defs/s{i + 1}"} for i in range(length - 1)}
        return form(**{"$defs": {**steps, f"s{length - 1}": {"type": "string"}}})

    check_form(chain(DEEPEST))
    with pytest.raises(FormInvalid, match="levels"):
        check_form(chain(DEEPEST + 1))


def test_references_that_multiply_are_no_form() -> None:
    doubling: dict[str, Any] = {f"d{i}": {"allOf": [{"$ref": f"#/$defs/d{i + 1}"}] * 2} for i in range(9)}
    with pytest.raises(FormInvalid, match="more than 1000 schemas"):
        check_form(form(**{"$defs": {**doubling, "d9": {"type": "string"}}}))


def test_the_size_of_a_demand_form_is_limited() -> None:
    def of_size(size: int) -> dict[str, Any]:
        blank = len(json.dumps(form(title="")).encode())
        return form(title="x" * (size - blank))

    check_form(of_size(LARGEST))
    with pytest.raises(FormInvalid, match="64 KiB"):
        check_form(of_size(LARGEST + 1))


@pytest.mark.parametrize("case", CASES["patterns"], ids=lambda case: case["pattern"])
def test_patterns_that_server_and_browsers_read_alike(case: dict[str, Any]) -> None:
    check_form(form(properties={"a": {"type": "string", "pattern": case["pattern"]}}))


@pytest.mark.parametrize("name", FORMATS)
def test_formats_are_patterns_of_the_same_kind(name: str) -> None:
    check_form(form(properties={"a": {"type": "string", "pattern": FORMATS[name]}, "b": {"format": name}}))


@pytest.mark.parametrize("pattern", CASES["refused_patterns"])
def test_patterns_that_one_of_the_two_refuses_or_reads_otherwise(pattern: str) -> None:
    with pytest.raises(FormInvalid) as refused:
        check_form(form(properties={"a": {"type": "string", "pattern": pattern}}))
    assert refused.value.path == "/properties/a/pattern"


@pytest.mark.parametrize("case", CASES["forms"], ids=lambda case: "+".join(case))
def test_forms_that_server_and_console_decide_alike(case: dict[str, Any]) -> None:
    check_form(form(**{key: value for key, value in case.items() if key not in ("takes", "refuses")}))


@pytest.mark.requirement("N-10")
def test_message_texts_name_known_variables_only() -> None:
    check_variables("订单 {{ order_number }}", "{{ node_name }}{{ product_name }} {单}")
    for text in ("{{ password }}", "{{order_number}}", "{{ order_number", "}}", "{% if 1 %}", "{# 注 #}"):
        with pytest.raises(VariableUnknown):
            check_variables("", text)
