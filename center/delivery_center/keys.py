"""The signing key of an installation that has no other place for it: made once, readable by its owner only, and
replaced in three steps with every token staying good.

``prepare`` makes the next key and adds its public part to the set every service verifies with; after all processes
have been restarted ``activate`` makes it the signing key; once the last token of the old one has expired ``retire``
takes the old one out of the set.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final

from delivery_shared.http.tokens import TokenIssuer, new_private_jwk

SIGNING: Final = "signing-key.json"
NEXT: Final = "next-signing-key.json"
PUBLIC: Final = "public-keys.json"


class OutOfOrder(Exception):
    """The step does not follow what has been done so far."""


def environment_of(folder: Path) -> dict[str, str]:
    """Environment naming the key files in ``folder``; they are made on first use."""
    folder.mkdir(parents=True, exist_ok=True)
    private, public = folder / SIGNING, folder / PUBLIC
    if not private.exists():
        write_private(private, json.dumps(new_private_jwk()))
    known = _public(folder)
    if _kid(private) not in {key["kid"] for key in known}:
        _write_public(folder, [_public_part(private), *known])
    return {"DELIVERY_PRIVATE_KEY": str(private), "DELIVERY_PUBLIC_KEYS": str(public)}


def prepare(folder: Path) -> None:
    """:raises OutOfOrder: a next key is prepared already."""
    check(folder, "prepare")
    key = new_private_jwk()
    (public,) = TokenIssuer(key).public_jwks["keys"]
    _write_public(folder, [*_public(folder), public])  # first: a key nobody knows must not come to sign
    write_private(folder / NEXT, json.dumps(key))


def activate(folder: Path) -> None:
    """:raises OutOfOrder: no next key is prepared."""
    check(folder, "activate")
    (folder / NEXT).replace(folder / SIGNING)


def retire(folder: Path) -> None:
    """:raises OutOfOrder: a next key waits to be activated, or nothing is left to retire."""
    check(folder, "retire")
    _write_public(folder, [_public_part(folder / SIGNING)])


def check(folder: Path, step: str) -> None:
    """:raises OutOfOrder: ``step`` is not the one to take now."""
    prepared = (folder / NEXT).exists()
    if step == "prepare" and prepared:
        raise OutOfOrder("a next key is prepared already: activate it")
    if step == "activate" and not prepared:
        raise OutOfOrder("no next key is prepared")
    if step == "retire" and prepared:
        raise OutOfOrder("the next key is not activated yet")
    if step == "retire" and len(_public(folder)) < 2:
        raise OutOfOrder("only the signing key is accepted already")


def uses(folder: Path) -> dict[str, str]:
    """Key id → ``signing``, ``next`` or ``accepted``."""
    found = {key["kid"]: "accepted" for key in _public(folder)}
    found[_kid(folder / SIGNING)] = "signing"
    if (folder / NEXT).exists():
        found[_kid(folder / NEXT)] = "next"
    return found


def write_private(path: Path, text: str) -> None:
    """Write a file only its owner can read, replacing it as a whole."""
    draft = path.with_suffix(".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)


def _public(folder: Path) -> list[dict[str, Any]]:
    path = folder / PUBLIC
    return list(json.loads(path.read_text())["keys"]) if path.exists() else []


def _write_public(folder: Path, keys: list[dict[str, Any]]) -> None:
    draft = (folder / PUBLIC).with_suffix(".new")
    draft.write_text(json.dumps({"keys": keys}))
    draft.replace(folder / PUBLIC)


def _public_part(private: Path) -> dict[str, Any]:
    (key,) = TokenIssuer(json.loads(private.read_text())).public_jwks["keys"]
    return dict(key)


def _kid(private: Path) -> str:
    return str(json.loads(private.read_text())["kid"])
