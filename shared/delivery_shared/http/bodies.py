"""Bodies and addresses that no view can make sense of, refused before one sees them.

JSON may be as deep as the parser's stack, hold numbers nobody can store and characters no database takes. Whatever
such a body reaches would fail in a place of its own, so they are refused here, once for all services: 400 for what
is not JSON as RFC 8259 and I-JSON (RFC 7493) understand it, 422 naming the field for text that cannot be stored.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from flask import Request, request
from flask_smorest import Blueprint
from webargs import core
from webargs.flaskparser import FlaskParser, is_json_request

from delivery_shared.http.problems import Problem

DEPTH = 64
"""Objects and lists inside each other at most."""

DIGITS = 19
"""Digits of an integer at most: more fit no column of ours."""


class NotOurs(ValueError):
    """Valid for a lenient parser, but nothing a client of ours sends."""


def parsed(body: bytes) -> Any:
    """``body`` as JSON. :raises Problem: 400, it is none; 422 naming the field, a text in it cannot be stored."""
    try:
        value = json.loads(body.decode(), parse_int=_integer, parse_float=_number, parse_constant=_constant)
    except (ValueError, RecursionError):
        raise Problem.of(400) from None
    if body.count(b"[") + body.count(b"{") > DEPTH and _deeper_than(value, DEPTH):
        raise Problem.of(400)
    if b"\\u" in body and (places := list(_unstorable(value, ""))):
        message = "含有无法保存的字符 / holds characters that cannot be stored"
        raise Problem.of(422, errors=[{"field": place, "message": message} for place in places])
    return value


def _integer(text: str) -> int:
    if len(text.lstrip("-")) > DIGITS:
        raise NotOurs("integer")
    return int(text)


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise NotOurs("number")
    return number


def _constant(text: str) -> float:
    raise NotOurs(text)


def _deeper_than(value: Any, depth: int) -> bool:
    level = [value]
    for _ in range(depth):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return any(isinstance(inner, dict | list) for inner in level)


def _unstorable(value: Any, place: str) -> Iterator[str]:
    """Where in ``value`` text cannot be stored: lone surrogates are no characters, PostgreSQL takes no NUL."""
    if isinstance(value, str) and not storable(value):
        yield place
    elif isinstance(value, dict):
        for key, inner in value.items():
            name = key.encode("ascii", "backslashreplace").decode() if not storable(key) else key
            if name is not key:
                yield f"{place}.{name}".lstrip(".")
            yield from _unstorable(inner, f"{place}.{name}".lstrip("."))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _unstorable(inner, f"{place}.{index}".lstrip("."))


def storable(text: str) -> bool:
    """Whether PostgreSQL can keep ``text``."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def check_address() -> None:
    """Before every request. :raises Problem: 400, a NUL in path or query: it would reach the database."""
    if "\x00" in request.path or "%00" in request.query_string.decode("latin-1"):
        raise Problem.of(400)


class _Parser(FlaskParser):
    """Reads bodies with :func:`parsed`."""

    def _raw_load_json(self, req: Request) -> Any:
        return parsed(req.get_data(cache=True)) if is_json_request(req) else core.missing


Blueprint.ARGUMENTS_PARSER = _Parser()
"""Of every blueprint: views name it through ``@blp.arguments``."""


class StrictRequest(Request):
    """Views that take the body as it is get it by the same rules."""

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        return parsed(self.get_data(cache=cache)) if self.is_json or force else super().get_json(silent=silent)


__all__ = ["DEPTH", "DIGITS", "StrictRequest", "check_address", "parsed", "storable"]
