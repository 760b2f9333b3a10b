"""Passwords: initial ones, what a chosen one must be like, and their hashes."""

from __future__ import annotations

import functools
import secrets
import string
import unicodedata
from collections.abc import Iterable
from importlib.resources import files
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

INITIAL_LENGTH: Final = 8
"""Characters of an initial password (U-23)."""

SHORTEST: Final = 8
LONGEST: Final = 128

GUESSES: Final = 10**6
"""How many passwords a good guesser tries before a chosen one; the list behind it has the 30,000 most common ones."""

LOOKED_AT: Final = 72
"""Characters the guesser looks at; it takes long for longer ones."""

_ALPHABET: Final = string.ascii_letters + string.digits

_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
"""argon2id with OWASP's smaller setting (19 MiB, 2 passes), so that a burst of logins does not exhaust memory."""


class PasswordRefused(Exception):
    """The new password is not good enough; ``rule`` says which rule it breaks."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


def initial_password() -> str:
    """8 random characters with at least one upper-case letter, lower-case letter and digit (U-24), drawn evenly
    from all such passwords."""
    while True:
        drawn = "".join(secrets.choice(_ALPHABET) for _ in range(INITIAL_LENGTH))
        if any(map(str.isupper, drawn)) and any(map(str.islower, drawn)) and any(map(str.isdigit, drawn)):
            return drawn


def check(password: str, *, login_name: str, words: Iterable[str] = ()) -> None:
    """Refuses what is guessed first: common passwords and words in any spelling, keyboard rows, dates, repetitions, and
    what anybody knows about this account – its login name and ``words``, as the names of the person and the party.

    :raises PasswordRefused: too short, too long, the login name, or guessed within :data:`GUESSES`.
    """
    if len(password) < SHORTEST:
        raise PasswordRefused(f"至少 {SHORTEST} 个字符 / at least {SHORTEST} characters")
    if len(password) > LONGEST:
        raise PasswordRefused(f"至多 {LONGEST} 个字符 / at most {LONGEST} characters")
    plain = _normal(password).casefold()
    local_name, _, account = login_name.casefold().partition("@")
    if plain in (login_name.casefold(), local_name):
        raise PasswordRefused("不能与登录名称相同 / not the login name")
    known = [word.casefold() for word in (local_name, *account.split("."), *words, *_context()) if word]
    if zxcvbn(plain[:LOOKED_AT], user_inputs=known)["guesses"] < GUESSES:
        raise PasswordRefused("该密码太容易被猜到 / too easily guessed a password")


def hashed(password: str) -> str:
    """The argon2id hash to store."""
    return _hasher.hash(_normal(password))


def matches(stored: str | None, password: str) -> bool:
    """Whether ``password`` is the one of the hash ``stored``. Without a hash – no such user – a dummy is verified
    all the same, so that both take the same time."""
    try:
        _hasher.verify(stored if stored is not None else _dummy(), _normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def _normal(password: str) -> str:
    """One form for what looks the same, however it was typed."""
    return unicodedata.normalize("NFKC", password)


@functools.cache
def _dummy() -> str:
    return _hasher.hash(secrets.token_urlsafe())


@functools.cache
def _context() -> tuple[str, ...]:
    """Words of the product and its surroundings, and what is often chosen here and stands in no English list."""
    return tuple((files("identity_svc") / "context_words.txt").read_text("utf-8").split())
