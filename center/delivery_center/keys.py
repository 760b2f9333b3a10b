"""The signing key of an installation that has no other place for it: made once, readable by its owner only."""

from __future__ import annotations

import json
import os
from pathlib import Path

from delivery_shared.http.tokens import TokenIssuer, new_private_jwk


def environment_of(folder: Path) -> dict[str, str]:
    """Environment naming the key files in ``folder``; they are made on first use."""
    folder.mkdir(parents=True, exist_ok=True)
    private, public = folder / "signing-key.json", folder / "public-keys.json"
    if not private.exists():
        write_private(private, json.dumps(new_private_jwk()))
    public.write_text(json.dumps(TokenIssuer(json.loads(private.read_text())).public_jwks))
    return {"DELIVERY_PRIVATE_KEY": str(private), "DELIVERY_PUBLIC_KEYS": str(public)}


def write_private(path: Path, text: str) -> None:
    """Write a file only its owner can read, replacing it as a whole."""
    draft = path.with_suffix(".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)
