"""What views take: every time and every switch of a request is one of the strict kinds."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from delivery_center.composition import COMPOSE
from delivery_shared.http.fields import QuerySwitch, Switch, Time
from marshmallow import Schema, fields

WEAK = (fields.Boolean, fields.DateTime, fields.Time)
"""Take what merely looks like it: 0 for false, times no database keeps."""


def asked() -> Iterator[tuple[str, str, Schema]]:
    """Operation, place and schema of everything that views take by :meth:`Blueprint.arguments`."""
    for name in COMPOSE:
        for blueprint in import_module(f"{name}_svc.api").BLUEPRINTS:
            for path, documented in blueprint._docs.items():
                methods = {m: d for m, d in documented.items() if m != "parameters"}
                for method, described in methods.items():
                    for argument in described.get("arguments", {}).get("parameters", []):
                        schema = argument["schema"]
                        yield f"{method} {path}", argument["in"], schema() if isinstance(schema, type) else schema


def inner(field: fields.Field[Any], place: str) -> Iterator[tuple[str, fields.Field[Any]]]:
    """``field`` and those within it, by name."""
    yield place, field
    if isinstance(field, fields.Nested):
        yield from within(field.schema, f"{place}.")  # type: ignore[arg-type]
    elif isinstance(field, fields.List):
        yield from inner(field.inner, f"{place}[]")


def within(schema: Schema, place: str = "") -> Iterator[tuple[str, fields.Field[Any]]]:
    for name, field in schema.fields.items():
        yield from inner(field, f"{place}{name}")


def test_every_time_and_every_switch_of_a_request_is_strict() -> None:
    found = [
        (f"{operation} {place}", where, field)
        for operation, where, schema in asked()
        for place, field in within(schema)
        if isinstance(field, WEAK)
    ]
    weak = [name for name, _, field in found if not isinstance(field, (Time, Switch, QuerySwitch))]
    misplaced = [n for n, where, f in found if isinstance(f, Switch if where == "query" else QuerySwitch)]
    assert (weak, misplaced) == ([], [])
    assert len(found) > 20, "they were looked for where they are"
