"""订单参数: which parameters a product declares for its orders, and how what an order brings is held against it.

Values are texts, as marketplaces send them. Those nobody declared are taken as they come: a marketplace adds words of
its own whenever it likes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal, get_args

from delivery_shared.texts import key

ParameterType = Literal["text", "number", "integer", "boolean", "date", "choice"]
"""文本, 数字, 整数, 是/否, 日期, 选项."""

TYPES: Final = get_args(ParameterType)

MOST: Final = 50
"""Parameters of a product, and options of a choice."""

LONGEST_KEY: Final = 100
LONGEST_LABEL: Final = 50
LONGEST_OPTION: Final = 100

MISSING: Final = "parameter-missing"
WRONG: Final = "parameter-wrong"
"""Why a parameter does not fit its declaration."""

Declared = Mapping[str, Any]
"""A declared parameter as JSON: ``key``, ``label``, ``type``, ``required``, ``searchable``, ``options``."""

_NUMBER: Final = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
_INTEGER: Final = re.compile(r"-?[0-9]{1,30}")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, kw_only=True)
class Unfit:
    """A parameter that does not fit: ``reason`` is :data:`MISSING` or :data:`WRONG`, ``type`` what was declared."""

    key: str
    reason: str
    type: ParameterType

    @property
    def text(self) -> str:
        """In Chinese and English, as texts about a wrong field are written."""
        if self.reason == MISSING:
            return "此参数必填 / this parameter is required"
        return WANTED[self.type]


WANTED: Final[Mapping[str, str]] = {
    "text": "应为文本 / must be a text",
    "number": "应为数字，如 12.5 / must be a number such as 12.5",
    "integer": "应为整数 / must be an integer",
    "boolean": "应为 true 或 false / must be true or false",
    "date": "应为日期，如 2026-11-30 / must be a date such as 2026-11-30",
    "choice": "应为声明的选项之一 / must be one of the declared options",
}


def _is_date(value: str, _: Declared) -> bool:
    if not _DATE.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


_FITS: Final[Mapping[str, Callable[[str, Declared], bool]]] = {
    "text": lambda value, _: True,
    "number": lambda value, _: _NUMBER.fullmatch(value) is not None,
    "integer": lambda value, _: _INTEGER.fullmatch(value) is not None,
    "boolean": lambda value, _: value in ("true", "false"),
    "date": _is_date,
    "choice": lambda value, declared: value in declared["options"],
}


def unfit(declared: Sequence[Declared], given: Mapping[str, str]) -> Iterator[Unfit]:
    """What of ``given`` does not fit, in the order of the declaration. An empty value is none."""
    for parameter in declared:
        value = given.get(parameter["key"], "")
        if not value and parameter["required"]:
            yield Unfit(key=parameter["key"], reason=MISSING, type=parameter["type"])
        elif value and not _FITS[parameter["type"]](value, parameter):
            yield Unfit(key=parameter["key"], reason=WRONG, type=parameter["type"])


def shown(declared: Sequence[Declared], given: Mapping[str, str]) -> list[dict[str, Any]]:
    """The parameters of an order as lists and pages show them: those that are declared, in their order and with label
    and type, then the others by their names, in the order in which they came, as texts."""
    known = [
        {"name": p["key"], "label": p["label"], "type": p["type"], "value": given[p["key"]]}
        for p in declared
        if given.get(p["key"])
    ]
    named = {p["key"] for p in declared}
    rest = [{"name": k, "label": k, "type": "text", "value": v} for k, v in given.items() if k not in named]
    return known + rest


def chosen(declared: Sequence[Declared], given: Mapping[str, str]) -> dict[str, str]:
    """What of ``given`` nobody wrote freely: values of declared types other than text. This may stay of a buyer who is
    to be forgotten."""
    names = {p["key"] for p in declared if p["type"] != "text"}
    return {name: value for name, value in given.items() if name in names}


def found_by(declared: Sequence[Declared], given: Mapping[str, str]) -> list[str]:
    """What an order is found by: the values of its searchable parameters, as texts are compared – numbers without what
    does not change them –, alone and behind the parameter's name, ``seats=12``."""
    there = [(p["key"], p["type"], given[p["key"]]) for p in declared if p["searchable"] and given.get(p["key"])]
    values = [(name, comparable(type, value)) for name, type, value in there]
    return sorted({value for _, value in values} | {f"{key(name)}={value}" for name, value in values})


def sought(text: str) -> list[str]:
    """What :func:`found_by` has of an order that ``text`` is to find: a whole value, or ``name=value``."""
    name, equals, value = text.partition("=")
    numbers = {comparable("number", text.strip()), f"{key(name)}{equals}{comparable('number', value.strip())}"}
    return sorted({key(text), f"{key(name)}{equals}{key(value)}"} | numbers)


def comparable(type: str, value: str) -> str:
    """How a value is compared: ``12.50`` is ``12.5``."""
    if type in ("number", "integer") and _NUMBER.fullmatch(value):
        number = Decimal(value)
        plain = f"{number:f}".rstrip("0").rstrip(".") if "." in value else str(int(value))
        return plain if number else "0"
    return key(value)


def text_of(type: str, value: str) -> str:
    """A value as files in Chinese show it."""
    return {"true": "是", "false": "否"}.get(value, value) if type == "boolean" else value
