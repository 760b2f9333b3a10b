"""Filled demand forms (需求表单) against their JSON schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from delivery_shared.demand_forms import LONGEST_TEXT, FormUnusable, checker
from delivery_shared.texts import visible
from jsonschema_rs import ValidationError

from project_svc.domain.errors import FormBroken, FormInvalid

MESSAGES: Final = {
    "required": ("必填", "Required"),
    "type": ("类型不正确", "Of another type"),
    "enum": ("不在可选范围内", "Not one of the choices"),
    "const": ("不在可选范围内", "Not one of the choices"),
    "minLength": ("内容过短", "Too short"),
    "maxLength": ("内容过长", "Too long"),
    "minItems": ("选项过少", "Too few choices"),
    "maxItems": ("选项过多", "Too many choices"),
    "uniqueItems": ("选项重复", "A choice is named twice"),
    "minimum": ("数值过小", "Too small"),
    "exclusiveMinimum": ("数值过小", "Too small"),
    "maximum": ("数值过大", "Too large"),
    "exclusiveMaximum": ("数值过大", "Too large"),
    "multipleOf": ("数值精度不符", "Not a multiple of the step"),
    "format": ("格式不正确", "Malformed"),
    "pattern": ("格式不正确", "Malformed"),
    "additionalProperties": ("未知字段", "Unknown field"),
}
"""What is said at a field, in Chinese and English, by the keyword of the schema that it breaks."""

OTHERWISE: Final = ("输入有误", "Not valid")
INEXACT: Final = ("整数位数过多，请改用文本填写", "More digits than a browser keeps, use a text")

LARGEST_INTEGER: Final = 2**53 - 1
"""Above it browsers round silently, so that what arrives is not what was typed."""

LONGEST_FORM: Final = 5 * LONGEST_TEXT
"""Characters of all texts of a filled form together."""

Message = tuple[str, str]


class FormChecker:
    """Checks filled forms against one JSON schema (2020-12), formats such as ``email`` and ``date`` included."""

    def __init__(self, schema: dict[str, Any]) -> None:
        """:raises FormBroken: nothing can be checked against this schema."""
        try:
            self._checker = checker(schema)
        except FormUnusable as error:
            raise FormBroken from error

    def check(self, data: dict[str, Any]) -> dict[str, Any]:
        """What to keep of ``data``: a text of blanks is one that is not filled in (R-116).

        :raises FormInvalid: naming every field that breaks the schema, nested ones as ``a.b``.
        """
        filled: dict[str, Any] = _filled(data)
        wrong = set(_unfit(filled)) or {at for error in self._checker.iter_errors(filled) for at in _fields(error)}
        if wrong:
            raise FormInvalid([{"field": at, "message": zh, "zh": zh, "en": en} for at, (zh, en) in sorted(wrong)])
        return filled


def _filled(value: Any) -> Any:
    """``value`` without the texts that are blank; in a list, where each has its place, they are empty."""
    if isinstance(value, dict):
        return {k: _filled(inner) for k, inner in value.items() if not (isinstance(inner, str) and not visible(inner))}
    if isinstance(value, list):
        return ["" if isinstance(inner, str) and not visible(inner) else _filled(inner) for inner in value]
    return value


def _unfit(data: dict[str, Any]) -> Iterator[tuple[str, Message]]:
    """What no form takes, whatever its schema."""
    in_all, longest = 0, (0, "")
    for path, value in _leaves(data, ""):
        if isinstance(value, str):
            in_all, longest = in_all + len(value), max(longest, (len(value), path))
            if len(value) > LONGEST_TEXT:
                yield path, MESSAGES["maxLength"]
        elif isinstance(value, int) and abs(value) > LARGEST_INTEGER:
            yield path, INEXACT
    if in_all > LONGEST_FORM:
        yield longest[1], MESSAGES["maxLength"]


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _leaves(inner, f"{path}.{key}" if path else str(key))
    else:
        yield path, value


def _fields(error: ValidationError) -> list[tuple[str, Message]]:
    kind, path = error.kind, [str(part) for part in error.instance_path]
    said = kind.as_dict()
    names = [said["property"]] if kind.name == "required" else said.get("unexpected", [])
    message = MESSAGES.get(kind.name, OTHERWISE)
    return [(".".join([*path, name]), message) for name in names] or [(".".join(path), message)]
