"""Checks on texts the platform operator keeps: demand forms as JSON Schema, variables of message templates."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import unquote

from delivery_shared.demand_forms import FORMATS, FormUnusable, checker
from jsonschema_rs import ValidationError, meta

from template_svc.patterns import PatternRefused, check_pattern

DIALECT = "https://json-schema.org/draft/2020-12/schema"

VARIABLES = frozenset(
    {
        *("order_number", "business_number", "product_name", "node_name", "customer_name", "provider_name", "time"),
        *("reject_reason", "remark"),
    }
)
"""What a message template may name; notify-svc fills them in when it sends."""

DEEPEST = 20
"""Levels of nesting in a demand form, also of schemas by way of references."""

LARGEST = 64 * 1024
"""Bytes of a demand form."""

MOST = 1000
"""Schemas in a demand form, each counted as often as references lead to it: what a check may have to look at."""

_INNER: Final = frozenset({"additionalProperties", "items", "contains", "not", "if", "then", "else", "propertyNames"})
_INNER_LISTS: Final = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_INNER_NAMED: Final = frozenset({"properties", "patternProperties", "$defs", "dependentSchemas"})
_PLAIN: Final = frozenset(
    {
        *("$ref", "type", "enum", "const", "pattern", "format", "minLength", "maxLength"),
        *("multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
        *("minItems", "maxItems", "uniqueItems", "minContains", "maxContains"),
        *("required", "minProperties", "maxProperties", "dependentRequired"),
        *("title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "$comment"),
    }
)
_KEYWORDS: Final = _INNER | _INNER_LISTS | _INNER_NAMED | _PLAIN
"""What server and console both carry out; ``x-…`` is for whoever wrote it."""

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
    """A demand form describes an object with named fields, can be stored, and can be carried out by the server and the
    console alike: keywords, formats and patterns that both know, references that lead to a schema and end.

    :raises FormInvalid:
    """
    for path, key, value in _everything(schema, "", DEEPEST):
        for text in (key, value):
            if isinstance(text, str) and _UNSTORABLE.search(text):
                raise FormInvalid(path, "a character no database stores")
        if isinstance(value, float) and not math.isfinite(value):
            raise FormInvalid(path, "not a number of JSON")
    if len(json.dumps(schema, ensure_ascii=False).encode()) > LARGEST:
        raise FormInvalid("/", f"more than {LARGEST // 1024} KiB")
    if schema.get("$schema", DIALECT) != DIALECT:
        raise FormInvalid("/$schema", f"only {DIALECT}")
    if schema.get("type") != "object" or not schema.get("properties"):
        raise FormInvalid("/", "an object with properties is needed")
    try:
        meta.validate({**schema, "$schema": DIALECT})
    except ValidationError as error:
        raise FormInvalid("/" + "/".join(map(str, error.instance_path)), error.message) from error
    body = {key: value for key, value in schema.items() if key != "$schema"}
    for number, (path, inner) in enumerate(_schemas(body, body, "", ())):
        if number >= MOST:
            raise FormInvalid(path, f"more than {MOST} schemas, counted along the references")
        _check_alone(inner, path)
    try:
        checker(body).is_valid({})
    except FormUnusable as error:
        raise FormInvalid("/", str(error)) from error


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


def _schemas(
    schema: Any, root: dict[str, Any], path: str, within: tuple[str, ...]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """``schema`` and all schemas inside it, those that references lead to included. ``within``: the steps to it."""
    if isinstance(schema, bool):
        return
    if not isinstance(schema, dict):
        raise FormInvalid(path, "not a schema")
    if len(within) > DEEPEST:
        raise FormInvalid(path, f"more than {DEEPEST} levels, counted along the references")
    yield path, schema
    for key, value in schema.items():
        at = f"{path}/{key}"
        if key == "$ref":
            if value in within:
                raise FormInvalid(at, "the reference never ends")
            yield from _schemas(_target(root, value, at), root, at, (*within, value))
        elif key in _INNER:
            yield from _schemas(value, root, at, (*within, ""))
        elif key in _INNER_LISTS or key in _INNER_NAMED:
            for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
                yield from _schemas(inner, root, f"{at}/{name}", (*within, ""))


def _target(root: dict[str, Any], reference: str, path: str) -> Any:
    """What ``#/…`` leads to."""
    if reference != "#" and not reference.startswith("#/"):
        raise FormInvalid(path, "references stay inside the form, as #/…")
    found: Any = root
    for part in unquote(reference[1:]).split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict) and name in found:
            found = found[name]
        elif isinstance(found, list) and name.isdecimal() and int(name) < len(found):
            found = found[int(name)]
        else:
            raise FormInvalid(path, "the reference leads to nothing")
    return found


def _check_alone(schema: dict[str, Any], path: str) -> None:
    """What can be said of one schema without those inside it."""
    for key in schema:
        if key not in _KEYWORDS and not key.startswith("x-"):
            raise FormInvalid(f"{path}/{key}", "not a keyword that server and console both carry out")
    for name in schema.get("properties", {}):
        if not name or "." in name or name == "__proto__":
            raise FormInvalid(f"{path}/properties/{name}", "not a name that a breach can be told at")
    if schema.get("format", "date") not in FORMATS:
        raise FormInvalid(f"{path}/format", f"not one of {', '.join(sorted(FORMATS))}")
    patterns = [(f"{path}/patternProperties/{name}", name) for name in schema.get("patternProperties", {})]
    if "pattern" in schema:
        patterns.append((f"{path}/pattern", schema["pattern"]))
    for at, pattern in patterns:
        try:
            check_pattern(pattern)
        except PatternRefused as refused:
            raise FormInvalid(at, str(refused)) from refused


def check_variables(*texts: str) -> None:
    """Every ``{{ name }}`` is known, and nothing else looks like code. :raises VariableUnknown:"""
    for text in texts:
        for name in _VARIABLE.findall(text):
            if name not in VARIABLES:
                raise VariableUnknown(name)
        stray = _BRACES.search(_VARIABLE.sub("", text))
        if stray is not None:
            raise VariableUnknown(stray[0])
