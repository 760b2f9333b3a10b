"""What of an order fits the declaration of its product."""

from __future__ import annotations

from typing import Any

import pytest
from delivery_shared.order_parameters import MISSING, WRONG, comparable, found_by, shown, sought, text_of, unfit


def declared(key: str, type: str, **more: Any) -> dict[str, Any]:
    return {
        "key": key,
        "label": key.title(),
        "type": type,
        "required": False,
        "searchable": False,
        "options": [],
    } | more


@pytest.mark.parametrize(
    ("type", "right", "wrong"),
    [
        ("text", ["x", "12", "true"], []),
        ("number", ["0", "-1", "12.5", "9" * 30], ["1,5", ".5", "5.", "1e5", "NaN", "十", "９", "9" * 31, " 1", "--"]),
        ("integer", ["0", "-12", "007"], ["1.0", "1.5", "x", "+1", "１"]),
        ("boolean", ["true", "false"], ["True", "1", "yes", "是"]),
        (
            "date",
            ["2026-11-30", "2028-02-29", "0001-01-01"],
            ["2026-02-29", "20261130", "2026-1-1", "30.11.2026", "2026-W01-1"],
        ),
        ("choice", ["north"], ["North", "south", " north"]),
    ],
)
def test_values_fit_their_type_or_do_not(type: str, right: list[str], wrong: list[str]) -> None:
    one = [declared("p", type, options=["north"])]
    for value in right:
        assert list(unfit(one, {"p": value})) == [], value
    for value in wrong:
        [found] = unfit(one, {"p": value})
        assert (found.key, found.reason) == ("p", WRONG), value
        assert " / " in found.text


def test_what_is_required_must_be_there_and_an_empty_value_is_none() -> None:
    both = [declared("a", "date", required=True), declared("b", "date")]
    assert [(u.key, u.reason) for u in unfit(both, {})] == [("a", MISSING)]
    assert [(u.key, u.reason) for u in unfit(both, {"a": "", "b": ""})] == [("a", MISSING)]
    assert [(u.key, u.reason) for u in unfit(both, {"a": "x", "b": "x"})] == [("a", WRONG), ("b", WRONG)]
    assert list(unfit(both, {"a": "2026-01-01", "another": "x"})) == []
    assert list(unfit([], {"another": "x"})) == []


def test_shown_are_the_declared_ones_in_their_order_then_the_others() -> None:
    both = [declared("b", "boolean"), declared("a", "date"), declared("none", "text")]
    given = {"z": "1", "a": "2026-01-01", "b": "true", "none": ""}
    assert shown(both, given) == [
        {"name": "b", "label": "B", "type": "boolean", "value": "true"},
        {"name": "a", "label": "A", "type": "date", "value": "2026-01-01"},
        {"name": "z", "label": "z", "type": "text", "value": "1"},
    ]
    assert text_of("boolean", "true") == "是"
    assert text_of("text", "true") == "true"


def test_an_order_is_found_by_its_searchable_values_however_they_are_written() -> None:
    three = [
        declared("a", "text", searchable=True),
        declared("n", "number", searchable=True),
        declared("hidden", "text"),
    ]
    given = {"a": "ＡＢc ", "n": "12.50", "hidden": "x", "else": "y"}
    assert found_by(three, given) == ["12.5", "a=abc", "abc", "n=12.5"]
    for text in ("12.5", "12.500", "abc", "ABC", "A = abc", "n=12.50", "ａ=abc"):
        assert set(sought(text)) & set(found_by(three, given)), text
    for text in ("12", "ab", "n=abc", "x", "y", "=", "", "hidden=x"):
        assert not set(sought(text)) & set(found_by(three, given)), text
    assert found_by(three, {"a": ""}) == []
    assert [comparable("number", v) for v in ("-0.0", "-0.50", "100", "007", "x")] == ["0", "-0.5", "100", "7", "x"]
