"""Filled demand forms (需求表单) against their JSON schema."""

from __future__ import annotations

from typing import Any, Final

import jsonschema

from project_svc.errors import FormInvalid

MESSAGES: Final = {
    "required": "必填",
    "type": "类型不正确",
    "enum": "不在可选范围内",
    "minLength": "内容过短",
    "maxLength": "内容过长",
    "minItems": "选项过少",
    "maxItems": "选项过多",
    "minimum": "数值过小",
    "maximum": "数值过大",
    "format": "格式不正确",
    "pattern": "格式不正确",
    "additionalProperties": "未知字段",
}
"""What is said at a field, by the keyword of the schema that it breaks; 输入有误 for the others."""


class FormChecker:
    """Checks filled forms against one JSON schema (2020-12), formats such as ``email`` and ``date`` included."""

    def __init__(self, schema: dict[str, Any]) -> None:
        draft = jsonschema.Draft202012Validator
        self._validator = draft(schema, format_checker=draft.FORMAT_CHECKER)

    def check(self, data: dict[str, Any]) -> None:
        """:raises FormInvalid: naming every field that breaks the schema, nested ones as ``a.b``."""
        wrong = {found for error in self._validator.iter_errors(data) for found in _fields(error)}
        if wrong:
            raise FormInvalid([{"field": field, "message": message} for field, message in sorted(wrong)])


def _fields(error: jsonschema.ValidationError) -> list[tuple[str, str]]:
    path = [str(part) for part in error.absolute_path]
    names: list[str] = []
    instance: Any = error.instance
    if error.validator == "required":
        wanted: Any = error.validator_value
        names = [name for name in wanted if name not in instance]
    elif error.validator == "additionalProperties":
        properties: Any = error.schema
        names = [name for name in instance if name not in properties.get("properties", {})]
    message = MESSAGES.get(str(error.validator), "输入有误")
    return [(".".join([*path, name]), message) for name in names] or [(".".join(path), message)]
