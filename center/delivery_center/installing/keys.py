"""The files of the key that signs tokens: made once where an installation has no other place for it, readable by its
owner only, and replaced in three steps with every token staying good. `make secrets` gives them names without ending;
either form is found, and every file keeps the mode it had: containers read theirs as other users.

``prepare`` makes the next key and adds its public part to the set every service verifies with; after all processes
have been restarted ``activate`` makes it the signing key; once the last token of the old one has expired ``retire``
takes the old one out of the set.
"""

from __future__ import annotations

import json
import os
import secrets
import stat
import time
from pathlib import Path
from typing import Any, Final

from delivery_center.private_files import write_private

SIGNING: Final = "signing-key"
NEXT: Final = "next-signing-key"
PUBLIC: Final = "public-keys"
LINKS: Final = "link-keys"
ENDING: Final = ".json"

TOKEN_SECONDS: Final = 300
"""No token lives longer: so long after the activation the former key may still have signed one."""


class OutOfOrder(Exception):
    """The step does not follow what has been done so far."""


def file(folder: Path, name: str) -> Path:
    """Where a key lies: as `make secrets` names it if the signing key does, else with :data:`ENDING`."""
    return folder / name if (folder / SIGNING).exists() else folder / (name + ENDING)


def environment_of(folder: Path) -> dict[str, str]:
    """Environment naming the key files in ``folder``; they are made on first use."""
    folder.mkdir(parents=True, exist_ok=True)
    private, public = file(folder, SIGNING), file(folder, PUBLIC)
    if not private.exists():
        from delivery_shared.http.tokens import new_private_jwk

        write_private(private, json.dumps(new_private_jwk()))
    known = _public(folder)
    if _kid(private) not in {key["kid"] for key in known}:
        _write_public(folder, [_public_part(private), *known])
    links = file(folder, LINKS)
    if not links.exists():
        write_private(links, new_link_key())
    return {
        "DELIVERY_PRIVATE_KEY": str(private),
        "DELIVERY_PUBLIC_KEYS": str(public),
        "DELIVERY_LINK_KEYS": links.read_text(),
    }


def new_link_key() -> str:
    """A key for links of customers; several stand in their file, the newest last."""
    return secrets.token_urlsafe(32)


def prepare(folder: Path) -> None:
    """:raises OutOfOrder: a next key is prepared already."""
    from delivery_shared.http.tokens import TokenIssuer, new_private_jwk

    check(folder, "prepare")
    key = new_private_jwk()
    (public,) = TokenIssuer(key).public_jwks["keys"]
    _write_public(folder, [*_public(folder), public])  # first: a key nobody knows must not come to sign
    mode = stat.S_IMODE(file(folder, SIGNING).stat().st_mode)
    write_private(file(folder, NEXT), json.dumps(key), mode=mode)


def activate(folder: Path) -> None:
    """:raises OutOfOrder: no next key is prepared."""
    check(folder, "activate")
    os.utime(file(folder, NEXT))  # since when it signs
    file(folder, NEXT).replace(file(folder, SIGNING))


def retire(folder: Path, *, now: bool = False) -> None:
    """:param now: though tokens of the former key still live, which become void.

    :raises OutOfOrder: a next key waits to be activated, nothing is left to retire, or tokens of the former key live.
    """
    check(folder, "retire", now=now)
    _write_public(folder, [_public_part(file(folder, SIGNING))])


def check(folder: Path, step: str, *, now: bool = False) -> None:
    """:raises OutOfOrder: ``step`` is not the one to take now."""
    prepared = file(folder, NEXT).exists()
    if step == "prepare" and prepared:
        raise OutOfOrder("a next key is prepared already: activate it")
    if step == "activate" and not prepared:
        raise OutOfOrder("no next key is prepared")
    if step == "retire" and prepared:
        raise OutOfOrder("the next key is not activated yet")
    if step == "retire" and len(_public(folder)) < 2:
        raise OutOfOrder("only the signing key is accepted already")
    signs = time.time() - file(folder, SIGNING).stat().st_mtime
    if step == "retire" and signs < TOKEN_SECONDS and not now:
        left = TOKEN_SECONDS - int(signs)
        raise OutOfOrder(f"tokens of the former key live for {left} s more: wait, or say --now and make them void")


def uses(folder: Path) -> dict[str, str]:
    """Key id → ``signing``, ``next`` or ``accepted``."""
    found = {key["kid"]: "accepted" for key in _public(folder)}
    found[_kid(file(folder, SIGNING))] = "signing"
    if file(folder, NEXT).exists():
        found[_kid(file(folder, NEXT))] = "next"
    return found


def _public(folder: Path) -> list[dict[str, Any]]:
    path = file(folder, PUBLIC)
    return list(json.loads(path.read_text())["keys"]) if path.exists() else []


def _write_public(folder: Path, keys: list[dict[str, Any]]) -> None:
    path = file(folder, PUBLIC)
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o644
    write_private(path, json.dumps({"keys": keys}), mode=mode)


def _public_part(private: Path) -> dict[str, Any]:
    from delivery_shared.http.tokens import TokenIssuer

    (key,) = TokenIssuer(json.loads(private.read_text())).public_jwks["keys"]
    return dict(key)


def _kid(private: Path) -> str:
    return str(json.loads(private.read_text())["kid"])
