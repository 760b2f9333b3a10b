"""The regular expressions a demand form may hold: what the service's engine and every browser read alike.

The service matches with Rust's ``regex``, browsers with ECMAScript's engine in its Unicode mode. Each takes what the
other refuses or reads otherwise – ``(?i)``, ``[[a]]`` and ``\\b`` here, ``(?=a)`` and ``\\1`` there –, so a form holds
only what is the same in both. ``shared/tests/demand_form_cases.json`` holds the two engines together. One difference
stays: ``.`` takes a carriage return and U+2028 here, which browsers send from no field of one line.
"""

from __future__ import annotations

import re
from typing import Final

from delivery_shared.demand_forms import FormUnusable, checker

LONGEST: Final = 500
"""Characters of a pattern at most."""

_CATEGORIES: Final = "L[ultmo]?|M[nce]?|N[dlo]?|P[cdseifo]?|S[mcko]?|Z[slp]?"
_SCRIPTS: Final = (
    "Arabic|Bopomofo|Cyrillic|Devanagari|Greek|Han|Hangul|Hebrew|Hiragana|Katakana|Latin|Mongolian|Thai|Tibetan"
)
_SINGLE: Final = (
    r"\\(?:[\^$\\.*+?()\[\]{}|/tnvfr]|x[0-9A-Fa-f]{2}|u(?![Dd][89A-Fa-f])[0-9A-Fa-f]{4}|u\{[0-9A-Fa-f]{1,6}\})"
)
"""An escape that stands for one character."""

_SET: Final = rf"\\(?:[dDwWsS]|[pP]\{{(?:{_CATEGORIES}|(?:Script|sc)=(?:{_SCRIPTS}))\}})"
"""An escape that stands for one of many characters."""

_IN_CLASS: Final = rf"(?!&&|--|~~)(?:{_SINGLE}|\\-|[^\\\[\]-])"
_CLASS: Final = rf"\[\^?(?!\])-?(?:{_IN_CLASS}-{_IN_CLASS}|{_IN_CLASS}|{_SET})*-?\]"
_TOKEN: Final = re.compile(
    rf"(?P<atom>{_CLASS}|{_SINGLE}|{_SET}|[^\\^$*+?()\[\]{{}}|]|\))"
    r"|(?P<repeat>(?:[*+?]|\{[0-9]{1,4}(?:,(?:[0-9]{1,4})?)?\})\??)"
    r"|(?P<other>[\^$|]|\((?!\?)|\(\?:|\(\?<[A-Za-z_][A-Za-z0-9_]*>)"
)


class PatternRefused(ValueError):
    """A regular expression that not both engines read alike; the text says from where on."""


def check_pattern(pattern: str) -> None:
    """:raises PatternRefused:"""
    if len(pattern) > LONGEST:
        raise PatternRefused(f"a pattern of more than {LONGEST} characters")
    place, repeatable = 0, False
    while place < len(pattern):
        token = _TOKEN.match(pattern, place)
        if token is None or (token.lastgroup == "repeat" and not repeatable):
            raise PatternRefused(f"not a pattern that server and browsers read alike, from {pattern[place:][:20]!r} on")
        place, repeatable = token.end(), token.lastgroup == "atom"
    try:
        checker({"pattern": pattern})
    except FormUnusable:
        raise PatternRefused("not a pattern, or one too large to be checked") from None
