"""Filled forms against their schema, errors by field."""

from __future__ import annotations

from typing import Any

import pytest
from project_svc.domain.errors import FormInvalid
from project_svc.forms import FormChecker

from .conftest import FORM


def test_a_valid_form_passes() -> None:
    FormChecker(FORM).check({"site": "x", "pages": 3, "contact": {"mail": "a@b.cn"}})


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
    with pytest.raises(FormInvalid) as refused:
        FormChecker(FORM).check(data)
    assert {f["field"]: f["message"] for f in refused.value.fields} == fields
