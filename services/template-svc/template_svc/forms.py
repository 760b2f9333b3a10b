"""Checks on texts the platform operator keeps: demand forms as JSON Schema, variables of message templates."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

DIALECT = "https://json-schema.org/draft/2020-12/schema"

VARIABLES = frozenset(
    {"order_number", "business_number", "product_name", "node_name", "customer_name", "provider_name", "time"}
)
"""What a message template may name; notify-svc fills them in when it sends."""

DEEPEST = 20
"""Levels of nesting in a demand form."""

_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
_BRACES = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
_VARIABLE = re.compile(r"\{\{ ([a-z_]+) \}\}")


class FormInvalid(Exception):
    """The demand form is no JSON Schema of an object; ``path`` says where."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path, self.reason = (text.encode("utf-8", "replace").decode() for text in (path, reason))


class VariableUnknown(Exception):
    """A message template names something nobody will fill in, or has stray braces."""

    def __init__(self, found: str) -> None:
        super().__init__(found)
        self.found, self.known = found, ", ".join(sorted(VARIABLES))


def check_form(schema: dict[str, Any]) -> None:
    """A demand form describes an object with named fields, refers to nothing outside itself, and can be stored.

    :raises FormInvalid:
    """
    if schema.get("$schema", DIALECT) != DIALECT:
        raise FormInvalid("$schema", f"only {DIALECT}")
    for path, key, value in _everything(schema, "", DEEPEST):
        if key in ("$ref", "$dynamicRef", "$id") and not (isinstance(value, str) and value.startswith("#")):
            raise FormInvalid(path, "references stay inside the form")
        for text in (key, value):
            if isinstance(text, str) and _UNSTORABLE.search(text):
                raise FormInvalid(path, "a character no database stores")
        if isinstance(value, float) and not math.isfinite(value):
            raise FormInvalid(path, "not a number of JSON")
    try:
        Draft202012Validator.check_schema(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    except SchemaError as error:
        raise FormInvalid(error.json_path, error.message) from error
    if schema.get("type") != "object" or not schema.get("properties"):
        raise FormInvalid("$", "an object with properties is needed")


def _everything(value: Any, path: str, levels: int) -> Iterator[tuple[str, str, Any]]:
    if not levels:
        raise FormInvalid(path, f"more than {DEEPEST} levels")
    if isinstance(value, dict):
        inside = [(str(key), inner) for key, inner in value.items()]
    elif isinstance(value, list):
        inside = [(str(place), inner) for place, inner in enumerate(value)]
    else:
        return
    for key, inner in inside:
        yield f"{path}/{key}", key, inner
        yield from _everything(inner, f"{path}/{key}", levels - 1)


def check_variables(*texts: str) -> None:
    """Every ``{{ name }}`` is known, and nothing else looks like code. :raises VariableUnknown:"""
    for text in texts:
        for name in _VARIABLE.findall(text):
            if name not in VARIABLES:
                raise VariableUnknown(name)
        stray = _BRACES.search(_VARIABLE.sub("", text))
        if stray is not None:
            raise VariableUnknown(stray[0])
