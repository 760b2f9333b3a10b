"""Filled forms against their schema, errors by field."""

from __future__ import annotations

import time
from typing import Any

import pytest
from delivery_shared.demand_forms import LONGEST_TEXT
from project_svc.domain.errors import FormBroken, FormInvalid
from project_svc.forms import LARGEST_INTEGER, FormChecker

from .conftest import FORM


def form(**properties: Any) -> FormChecker:
    return FormChecker({"type": "object", "required": list(properties), "properties": properties})


def refused(checker: FormChecker, data: dict[str, Any]) -> dict[str, str]:
    """What is said at which field."""
    with pytest.raises(FormInvalid) as refusal:
        checker.check(data)
    return {f["field"]: f["message"] for f in refusal.value.fields}


def test_a_valid_form_passes() -> None:
    data = {"site": "x", "pages": 3, "contact": {"mail": "a@b.cn"}}
    assert FormChecker(FORM).check(data) == data


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        ({}, {"site": "必填"}),
        ({"site": 1}, {"site": "类型不正确"}),
        ({"site": "x" * 51}, {"site": "内容过长"}),
        ({"site": "x", "pages": 0}, {"pages": "数值过小"}),
        ({"site": "x", "other": 1, "more": 2}, {"more": "未知字段", "other": "未知字段"}),
        ({"site": "x", "contact": {}}, {"contact.mail": "必填"}),
        ({"site": "x", "contact": {"mail": "nobody"}}, {"contact.mail": "格式不正确"}),
        ({"pages": "x"}, {"pages": "类型不正确", "site": "必填"}),
    ],
)
def test_every_wrong_field_is_named(data: dict[str, Any], fields: dict[str, str]) -> None:
    assert refused(FormChecker(FORM), data) == fields


BLANKS = ["", " ", "\t\n", "\u3000\u00a0", "\u200b\ufeff", "\u202e", "\u3164", "\u2800", "\x07", "\u0301"]


@pytest.mark.requirement("R-116")
@pytest.mark.parametrize("blank", BLANKS)
def test_a_required_text_of_blanks_is_not_filled_in(blank: str) -> None:
    text = {"type": "string"}
    assert refused(form(name=text), {"name": blank}) == {"name": "必填"}
    nested = {"type": "object", "required": ["mail"], "properties": {"mail": text}}
    assert refused(form(contact=nested), {"contact": {"mail": blank}}) == {"contact.mail": "必填"}
    several = {"type": "array", "items": {"type": "string", "minLength": 1}}
    assert refused(form(names=several), {"names": ["a", blank]}) == {"names.1": "内容过短"}


@pytest.mark.parametrize("blank", BLANKS)
def test_an_optional_text_of_blanks_is_left_out(blank: str) -> None:
    checker = FormChecker({"type": "object", "properties": {"on": {"type": "string", "format": "date"}, "n": {}}})
    assert checker.check({"on": blank, "n": 0}) == {"n": 0}


@pytest.mark.parametrize("text", ["x", " x", "𱍐", "👨‍👩‍👧", "\u200f‏שלום", "0", "-"])
def test_a_text_that_shows_something_is_kept_as_it_is(text: str) -> None:
    assert form(name={"type": "string"}).check({"name": text}) == {"name": text}


@pytest.mark.parametrize("pattern", ["^(a+)+$", r"^(\w+\s?)+$", r"^([a-z0-9]+\.?)+@[a-z]+$"])
def test_no_pattern_holds_up_the_process(pattern: str) -> None:
    checker, before = form(name={"type": "string", "pattern": pattern}), time.thread_time()
    assert refused(checker, {"name": "a" * (LONGEST_TEXT - 1) + "!"}) == {"name": "格式不正确"}
    assert time.thread_time() - before < 1


def test_the_length_of_texts_is_limited_whatever_the_form_says() -> None:
    checker = form(a={"type": "string"}, more={"type": "array"})
    full = ["x" * LONGEST_TEXT] * 4
    checker.check({"a": "x" * LONGEST_TEXT, "more": full})
    assert refused(checker, {"a": "x" * (LONGEST_TEXT + 1), "more": []}) == {"a": "内容过长"}
    assert refused(checker, {"a": "x" * LONGEST_TEXT, "more": [*full, "x"]}) == {"more.3": "内容过长"}


def test_integers_that_browsers_round_are_told() -> None:
    checker = form(card={"type": "integer"})
    for digits in (LARGEST_INTEGER, -LARGEST_INTEGER):
        assert checker.check({"card": digits}) == {"card": digits}
    for digits in (LARGEST_INTEGER + 1, -LARGEST_INTEGER - 1, 6222021234567890000):
        assert refused(checker, {"card": digits}) == {"card": "整数位数过多，请改用文本填写"}


def test_prices_are_counted_in_cents() -> None:
    checker = form(price={"type": "number", "multipleOf": 0.01})
    for price in (19.99, 0.07, 4.35):
        assert checker.check({"price": price}) == {"price": price}
    assert refused(checker, {"price": 4.355}) == {"price": "数值精度不符"}


@pytest.mark.parametrize(
    "schema",
    [{"$ref": "#/$defs/missing"}, {"properties": {"a": {"pattern": "(?=a)"}}}, {"properties": {"a": {"format": "x"}}}],
)
def test_a_form_that_nothing_can_be_checked_against_is_told(schema: dict[str, Any]) -> None:
    with pytest.raises(FormBroken):
        FormChecker(schema)
