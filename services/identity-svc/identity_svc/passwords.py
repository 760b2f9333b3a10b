"""Passwords: initial ones, what a chosen one must be like, and their hashes."""

from __future__ import annotations

import functools
import secrets
import string
import unicodedata
from importlib.resources import files
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

INITIAL_LENGTH: Final = 8
"""Characters of an initial password (U-23)."""

SHORTEST: Final = 8
LONGEST: Final = 128

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


def check(password: str, *, login_name: str) -> None:
    """:raises PasswordRefused: too short, too long, a common password, or the login name."""
    if len(password) < SHORTEST:
        raise PasswordRefused(f"至少 {SHORTEST} 个字符 / at least {SHORTEST} characters")
    if len(password) > LONGEST:
        raise PasswordRefused(f"至多 {LONGEST} 个字符 / at most {LONGEST} characters")
    plain = _normal(password).casefold()
    if plain in (login_name.casefold(), login_name.partition("@")[0].casefold()):
        raise PasswordRefused("不能与登录名称相同 / not the login name")
    if plain in _common():
        raise PasswordRefused("该密码过于常见 / too common a password")


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
def _common() -> frozenset[str]:
    text = (files("identity_svc") / "common_passwords.txt").read_text("utf-8")
    return frozenset(line.strip() for line in text.splitlines() if line.strip())
