"""Demand forms (需求表单) as checkers: made alike by the service that takes their definition and by the one that takes
what customers fill in, so that what is accepted as a form can be checked later.

Patterns run on an engine whose time grows with the length of the text only: no pattern an operator writes and no text a
customer enters can hold up a process. What such an engine cannot do (lookaround, back references) is no form.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any, Final

from jsonschema_rs import Draft202012Validator, ReferencingError, RegexOptions, ValidationError

PATTERNS: Final = RegexOptions(size_limit=256 * 1024)
"""Bytes of a compiled pattern: together with the longest text, this bounds the time that a check takes."""

LONGEST_TEXT: Final = 20_000
"""Characters of one text of a filled form, whatever its schema allows."""

FORMATS: Final[dict[str, str]] = json.loads(files(__package__).joinpath("demand_form_formats.json").read_text("utf-8"))
"""The formats there are, as patterns: the one table for server and console."""

_FORMAT_CHECKS: Final = {
    name: Draft202012Validator({"pattern": pattern}, pattern_options=PATTERNS).is_valid
    for name, pattern in FORMATS.items()
}


class FormUnusable(ValueError):
    """No checker can be made from the schema: references to nothing, patterns or formats that cannot be checked."""


def checker(schema: dict[str, Any] | bool) -> Draft202012Validator:
    """The checker of a form's JSON Schema (2020-12). It reads nothing but the schema.

    :raises FormUnusable:
    """
    try:
        return Draft202012Validator(
            schema,
            formats=_FORMAT_CHECKS,
            validate_formats=True,
            ignore_unknown_formats=False,
            pattern_options=PATTERNS,
            offline=True,
        )
    except (ValidationError, ReferencingError, ValueError) as error:
        raise FormUnusable(getattr(error, "message", str(error))) from error
