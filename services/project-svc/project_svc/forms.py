"""Filled demand forms (需求表单) against their JSON schema."""

from __future__ import annotations

from typing import Any, Final

import jsonschema

from project_svc.domain.errors import FormInvalid

MESSAGES: Final = {
    "required": ("必填", "Required"),
    "type": ("类型不正确", "Of another type"),
    "enum": ("不在可选范围内", "Not one of the choices"),
    "minLength": ("内容过短", "Too short"),
    "maxLength": ("内容过长", "Too long"),
    "minItems": ("选项过少", "Too few choices"),
    "maxItems": ("选项过多", "Too many choices"),
    "minimum": ("数值过小", "Too small"),
    "maximum": ("数值过大", "Too large"),
    "format": ("格式不正确", "Malformed"),
    "pattern": ("格式不正确", "Malformed"),
    "additionalProperties": ("未知字段", "Unknown field"),
}
"""What is said at a field, in Chinese and English, by the keyword of the schema that it breaks."""

OTHERWISE: Final = ("输入有误", "Not valid")


class FormChecker:
    """Checks filled forms against one JSON schema (2020-12), formats such as ``email`` and ``date`` included."""

    def __init__(self, schema: dict[str, Any]) -> None:
        draft = jsonschema.Draft202012Validator
        self._validator = draft(schema, format_checker=draft.FORMAT_CHECKER)

    def check(self, data: dict[str, Any]) -> None:
        """:raises FormInvalid: naming every field that breaks the schema, nested ones as ``a.b``."""
        wrong = {found for error in self._validator.iter_errors(data) for found in _fields(error)}
        if wrong:
            raise FormInvalid([{"field": at, "message": zh, "zh": zh, "en": en} for at, (zh, en) in sorted(wrong)])


def _fields(error: jsonschema.ValidationError) -> list[tuple[str, tuple[str, str]]]:
    path = [str(part) for part in error.absolute_path]
    names: list[str] = []
    instance: Any = error.instance
    if error.validator == "required":
        wanted: Any = error.validator_value
        names = [name for name in wanted if name not in instance]
    elif error.validator == "additionalProperties":
        properties: Any = error.schema
        names = [name for name in instance if name not in properties.get("properties", {})]
    message = MESSAGES.get(str(error.validator), OTHERWISE)
    return [(".".join([*path, name]), message) for name in names] or [(".".join(path), message)]
