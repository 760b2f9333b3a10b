"""Every text of every API goes through the one rule for texts, whichever service takes it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import dispatch_svc.api
import identity_svc.api
import intake_svc.api
import notify_svc.api
import project_svc.api
import pytest
import reporting_svc.api
import template_svc.api
from delivery_shared.http.contacts import Email, Mobile
from delivery_shared.http.texts import Text
from flask.views import MethodView
from identity_svc.api.contacts import Landline
from marshmallow import Schema, ValidationError, fields, validate

APIS = (
    dispatch_svc.api,
    identity_svc.api,
    intake_svc.api,
    notify_svc.api,
    project_svc.api,
    reporting_svc.api,
    template_svc.api,
)

TAKEN = ("上海某某　有限公司", "Shanghai\u00a0Ltd", "幸福👨\u200d👩\u200d👧店", "李\U000323af", "é", "\ue000")
NOTHING = ("", " ", "\u3000", "\u00a0", "\u200b", "\u3164", "\ufeff\u2800", "\u202e")
NO_TEXT = ("a\x00b", "a\x1bb", "a\x7fb", "a\ud800b")

SECRET = {"password", "current_password", "new_password", "refresh_token", "secret"}
"""Taken as they are: nothing may be trimmed from them, and nobody sees them."""

OPAQUE = {"cursor", "content", "token"}
"""Read by whoever wrote them – a place in a list, a link –; a file."""


def views(api: ModuleType) -> Iterator[type[MethodView]]:
    for found in pkgutil.iter_modules(api.__path__, f"{api.__name__}."):
        for value in vars(importlib.import_module(found.name)).values():
            if isinstance(value, type) and issubclass(value, MethodView) and value.__module__ == found.name:
                yield value


def within(field: fields.Field[Any], name: str) -> Iterator[tuple[str, fields.Field[Any]]]:
    if isinstance(field, fields.Nested):
        yield from of(field.schema, f"{name}.")
    elif isinstance(field, fields.List):
        yield from within(field.inner, name)
    else:
        yield name, field


def of(schema: Schema, prefix: str = "") -> Iterator[tuple[str, fields.Field[Any]]]:
    for name, field in schema.fields.items():
        if not field.dump_only:
            yield from within(field, prefix + name)


def taken() -> dict[str, fields.Field[Any]]:
    """Every field of a body or query, by service, view, method and name."""
    found = {}
    for api in APIS:
        for view in views(api):
            for method in sorted(view.methods or ()):
                documented = getattr(getattr(view, method.lower()), "_apidoc", {})
                for argument in documented.get("arguments", {}).get("parameters", []):
                    schema = argument["schema"]
                    for name, field in of(schema() if isinstance(schema, type) else schema):
                        found[f"{view.__module__}.{view.__name__}.{method} {name}"] = field
    return found


TEXTS = {name: field for name, field in taken().items() if isinstance(field, Text)}


def free(field: fields.Field[Any]) -> bool:
    """Whether it takes whatever is typed: no choice, no pattern."""
    return isinstance(field, fields.String | fields.Email) and not any(
        isinstance(v, validate.OneOf | validate.Regexp) for v in field.validators
    )


def test_every_field_for_texts_follows_the_rule() -> None:
    own = {
        name
        for name, field in taken().items()
        if free(field) and not isinstance(field, Text | fields.UUID) and name.split()[-1] not in SECRET | OPAQUE
    }
    assert own == set()
    services = {name.partition("_svc")[0] for name in TEXTS}
    assert services == {"dispatch", "identity", "intake", "notify", "project", "reporting", "template"}


@pytest.mark.parametrize(
    "name", [n for n in TEXTS if free(TEXTS[n]) and not isinstance(TEXTS[n], Email | Landline | Mobile)]
)
def test_every_visible_text_is_taken_and_no_other(name: str) -> None:
    field = TEXTS[name]
    for text in TAKEN:
        assert field.deserialize(f"\u200b {text}\u3000") == text
    for text in NO_TEXT:
        with pytest.raises(ValidationError):
            field.deserialize(text)
    shortest = next(v.min for v in field.validators if isinstance(v, validate.Length))
    for text in NOTHING:
        if shortest:
            with pytest.raises(ValidationError):
                field.deserialize(text)
        else:
            assert field.deserialize(text) == ""
