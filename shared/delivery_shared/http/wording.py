"""What is wrong with a field, in both languages.

Own messages are written ``中文 / English``; those of marshmallow are translated here. A message this module does not
know keeps its text in the language it has and says no more than that the value is wrong in the other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

SLASH: Final = " / "
WRONG: Final = ("填写有误", "Not a valid value.")

KNOWN: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern), zh)
    for pattern, zh in (
        (r"Missing data for required field\.", "必填"),
        (r"Field may not be null\.", "不能为空"),
        (r"Unknown field\.", "未知字段"),
        (r"Not a valid integer\.", "请填写整数"),
        (r"Not a valid number\.|Special numeric values .*|Number too large\.", "请填写数字"),
        (r"Not a valid string\.|Not a valid utf-8 string\.", "请填写文字"),
        (r"Not a valid boolean\.", "请选择是或否"),
        (r"Not a valid UUID\.", "编号格式错误"),
        (r"Not a valid date\.", "日期无效"),
        (r"Not a valid (?:aware |naive )?(?:datetime|time)\.", "时间无效"),
        (r"Not a valid email address\.", "邮箱格式错误"),
        (r"Not a valid list\.", "请填写列表"),
        (r"Not a valid mapping type\.|Invalid type\.|Invalid input type\.", "格式错误"),
        (r"Must be one of: (.*)\.", r"只能是：\1"),
        (r"Must be greater than or equal to (\S+) and less than or equal to (\S+)\.", r"取值范围为\1-\2"),
        (r"Must be greater than or equal to (\S+)\.", r"不能小于\1"),
        (r"Must be less than or equal to (\S+)\.", r"不能大于\1"),
        (r"Length must be between (\d+) and (\d+)\.", r"长度为\1-\2"),
        (r"Length must be (\d+)\.", r"长度为\1"),
        (r"Longer than maximum length (\d+)\.", r"长度不超过\1"),
        (r"Shorter than minimum length (\d+)\.", r"长度不少于\1"),
        (r"String does not match expected pattern\.", "格式错误"),
    )
)
"""Messages of marshmallow, and what they say in Chinese."""


def in_both(message: str) -> tuple[str, str]:
    """``message`` in Chinese and in English."""
    zh, slash, en = message.partition(SLASH)
    if slash and not zh.isascii():
        return zh, en
    if not message.isascii():
        return message, WRONG[1]
    for pattern, text in KNOWN:
        if match := pattern.fullmatch(message):
            return match.expand(text), message
    return WRONG[0], message


def worded(error: Mapping[str, Any]) -> dict[str, Any]:
    """An entry of ``errors`` with ``zh`` and ``en``, unless it has them. ``message`` is the Chinese text of an own
    message."""
    if "zh" in error or "message" not in error:
        return dict(error)
    zh, en = in_both(error["message"])
    message = zh if error["message"] == f"{zh}{SLASH}{en}" else error["message"]
    return {**error, "message": message, "zh": zh, "en": en}
