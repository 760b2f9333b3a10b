"""What is wrong with a field is said in Chinese and in English."""

from __future__ import annotations

import pytest
from delivery_shared.http.problems import field_errors
from delivery_shared.http.wording import in_both, worded
from marshmallow import RAISE, Schema, ValidationError, fields, validate


class Form(Schema):
    class Meta:
        unknown = RAISE

    weight = fields.Integer(strict=True, validate=validate.Range(1, 100))
    name = fields.String(validate=validate.Length(1, 50))
    longest = fields.String(validate=validate.Length(max=500))
    many = fields.List(fields.UUID(), validate=validate.Length(min=1))
    side = fields.String(validate=validate.OneOf(["vendor", "provider"]))
    on = fields.Date()
    at = fields.AwareDateTime()
    email = fields.Email()
    needed = fields.Boolean(required=True)


@pytest.mark.parametrize(
    ("field", "value", "zh"),
    [
        ("weight", 0, "取值范围为1-100"),
        ("weight", 101, "取值范围为1-100"),
        ("weight", 10.5, "请填写整数"),
        ("weight", "many", "请填写整数"),
        ("weight", None, "不能为空"),
        ("name", "", "长度为1-50"),
        ("name", "字" * 51, "长度为1-50"),
        ("name", 5, "请填写文字"),
        ("longest", "字" * 501, "长度不超过500"),
        ("many", [], "长度不少于1"),
        ("many", ["x"], "编号格式错误"),
        ("many", "x", "请填写列表"),
        ("side", "customer", "只能是：vendor, provider"),
        ("on", "2019-02-30", "日期无效"),
        ("on", "2019-13-01", "日期无效"),
        ("at", "2019-10-16T24:61:00", "时间无效"),
        ("at", "2019-10-16T04:00:00", "时间无效"),
        ("email", "nobody", "邮箱格式错误"),
        ("more", 1, "未知字段"),
        ("needed", "perhaps", "请选择是或否"),
    ],
)
def test_every_message_of_the_library_has_its_chinese(field: str, value: object, zh: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Form().load({"needed": True, field: value})
    [error] = [worded(e) for e in field_errors(refused.value.normalized_messages())]
    assert error["field"].split(".")[0] == field
    assert (error["zh"], error["en"]) == (zh, error["message"])
    assert error["en"].isascii()


def test_at_the_limits_nothing_is_wrong() -> None:
    for weight, name in ((1, "字"), (100, "字" * 50)):
        Form().load({"needed": False, "weight": weight, "name": name, "longest": "字" * 500})


def test_a_missing_field_is_named() -> None:
    with pytest.raises(ValidationError) as refused:
        Form().load({})
    [error] = field_errors(refused.value.normalized_messages())
    assert worded(error) == {
        "field": "needed",
        "message": "Missing data for required field.",
        "zh": "必填",
        "en": "Missing data for required field.",
    }


def test_own_messages_hold_both_languages_and_are_shown_in_chinese() -> None:
    own = {"field": "stars", "message": "请选择1-5星 / choose 1 to 5 stars"}
    assert worded(own) == {
        "field": "stars", "message": "请选择1-5星", "zh": "请选择1-5星", "en": "choose 1 to 5 stars",
    }  # fmt: skip


def test_what_is_known_in_one_language_says_at_least_that_it_is_wrong_in_the_other() -> None:
    assert in_both("no such cursor") == ("填写有误", "no such cursor")
    assert in_both("编号已用完") == ("编号已用完", "Not a valid value.")
    assert worded({"field": "x", "message": "no / yes"})["message"] == "no / yes"


def test_errors_that_have_both_languages_already_stay_as_they_are() -> None:
    error = {"field": None, "code": "c", "message": "中", "zh": "中", "en": "e"}
    assert worded(error) == error
