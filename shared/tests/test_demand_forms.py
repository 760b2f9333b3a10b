"""What the checker of demand forms decides; ``web/src/wrappers/formCases.test.ts`` asks the console's the same."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from delivery_shared.demand_forms import FORMATS, LONGEST_TEXT, FormUnusable, checker

CASES: dict[str, Any] = json.loads((Path(__file__).parent / "demand_form_cases.json").read_text("utf-8"))


def wrong(schema: dict[str, Any], case: dict[str, Any]) -> list[Any]:
    """The values of a case that ``schema`` takes or refuses against what is said."""
    decides = checker(schema).is_valid
    return [v for v in case["takes"] if not decides(v)] + [v for v in case["refuses"] if decides(v)]


@pytest.mark.parametrize("case", CASES["patterns"], ids=lambda case: case["pattern"])
def test_patterns_mean_what_they_mean_in_browsers(case: dict[str, Any]) -> None:
    assert wrong({"pattern": case["pattern"]}, case) == []


@pytest.mark.parametrize("name", CASES["formats"])
def test_formats_are_checked(name: str) -> None:
    assert wrong({"format": name}, CASES["formats"][name]) == []


def test_every_format_has_its_cases() -> None:
    assert set(CASES["formats"]) == set(FORMATS)


@pytest.mark.parametrize("case", CASES["forms"], ids=lambda case: "+".join(case))
def test_forms_decide_as_in_browsers(case: dict[str, Any]) -> None:
    form = {"type": "object", **{key: value for key, value in case.items() if key not in ("takes", "refuses")}}
    assert wrong(form, case) == []


@pytest.mark.parametrize(
    "pattern", ["^(a+)+$", r"^(\w+\s?)+$", "^(a|a)*$", r"^([a-z0-9]+\.?)+@[a-z]+$", "^a*a*a*a*a*a*b$"]
)
def test_no_pattern_takes_longer_than_its_text(pattern: str) -> None:
    decides = checker({"pattern": pattern}).is_valid
    before = time.thread_time()
    assert not decides("a" * LONGEST_TEXT + "!")
    assert time.thread_time() - before < 1


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/$defs/missing"},
        {"properties": {"a": {"allOf": [{"$ref": "#/nowhere"}]}}},
        {"$ref": "http://127.0.0.1:1/form"},
        {"$dynamicRef": "#nobody"},
        {"pattern": "(?=a)b"},
        {"pattern": "(a{1000}){1000}"},
        {"patternProperties": {"(": {}}},
        {"format": "nonsense"},
        {"type": "text"},
        {"multipleOf": 0},
    ],
)
def test_what_no_checker_can_be_made_from_is_told(schema: dict[str, Any]) -> None:
    with pytest.raises(FormUnusable):
        checker(schema)
