"""One rule for texts people type, paste or have sent by a marketplace.

Every letter, space and emoji is taken, of whatever version of Unicode; what cannot be seen is not: it is trimmed at the
ends, and a text of nothing else is empty. Control characters are refused. Kept is Unicode's normal form C, so that what
looks the same is the same.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_FILLERS: Final = "\u034f\u115f\u1160\u2800\u3164\uffa0"
"""Drawn as nothing though they count as letters or signs."""

_DIRECTIONS: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Embedded directions: within a line they turn round what follows it on the page."""

_BREAKS: Final = re.compile("\r\n?|[\u0085\u2028\u2029]")


class ControlCharacter(ValueError):
    """The text holds a character that is no text: a control character or half of a surrogate pair."""


def clean(text: str, *, lines: bool = False) -> str:
    """``text`` in its normal form, trimmed of blanks and of what cannot be seen.

    :param lines: line breaks and tabs are part of it; a line break is ``\\n`` then.
    :raises ControlCharacter: it holds one.
    """
    text = unicodedata.normalize("NFC", text)
    if lines:
        text = _BREAKS.sub("\n", text)
    text = _trimmed(_DIRECTIONS.sub("", text))
    allowed = "\n\t" if lines else ""
    if any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") and c not in allowed for c in text):
        raise ControlCharacter
    return text if visible(text) else ""


def visible(text: str) -> bool:
    """Whether anything of ``text`` can be seen."""
    return any(not _unseen(c) and unicodedata.category(c) not in ("Mn", "Me", "Cc") for c in text)


def key(text: str) -> str:
    """What codes, numbers and login names are compared by: full and half width, capital and small are one."""
    return unicodedata.normalize("NFKC", clean(text)).casefold()


def canonical(number: str) -> str:
    """The writing of a number that ids follow from. Of digits and capital letters it is the number itself, so that ids
    made before writings were compared stay."""
    return key(number).upper()


def _trimmed(text: str) -> str:
    begin, end = 0, len(text)
    while begin < end and _unseen(text[begin]):
        begin += 1
    while end > begin and _unseen(text[end - 1]) and not "\U000e0020" <= text[end - 1] <= "\U000e007f":
        end -= 1  # tags end the emoji of some flags
    return text[begin:end]


def _unseen(character: str) -> bool:
    return character.isspace() or character in _FILLERS or unicodedata.category(character) == "Cf"
