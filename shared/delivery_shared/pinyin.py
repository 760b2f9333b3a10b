"""The order of names: Chinese characters by their sound, letters whatever their case.

Names are sorted by :func:`sort_key`, here or – where a list is too long to be sorted here – by a column that holds it
under ``COLLATE "C"``, which compares as Python does: the order is the same on every server, also on one built without
ICU (ADR 0024). The dictionary of sounds is read when the first name is sorted.
"""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from typing import Any, cast

KEPT = 50_000
"""Names whose keys are kept: a list is sorted anew at every request."""


@lru_cache(KEPT)
def sort_key(name: str) -> str:
    """What ``name`` is sorted by: blanks and signs, digits, Chinese characters by pinyin and tone – of one that has
    several, the one it has in its word –, then letters without case or accents."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(_part(char, sound) for char, sound in zip(folded, _sounds()(folded), strict=True))


def _part(char: str, sound: str) -> str:
    """The first sign keeps the kinds of characters apart; characters of one sound stay together."""
    if sound != char:
        return f"2{sound}{char}"
    if char.isdigit():
        return f"1{char}"
    if unicodedata.category(char) == "Lo":
        return f"2~{char}"  # a rare character without a sound in the dictionary: after the others
    return f"3{unicodedata.normalize('NFKD', char)[0]}" if char.isalpha() else f"0{char}"


@cache
def _sounds() -> Any:
    """A function from a text to the sound of each of its characters, of any other the character itself."""
    from pypinyin import Style, lazy_pinyin

    def read(text: str) -> list[str]:
        return lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True, errors=cast(Any, list))

    def sounds(text: str) -> list[str]:
        found = read(text)
        return found if len(found) == len(text) else [sound for char in text for sound in read(char)]

    return sounds
