"""Texts sealed before they reach a fact, under keys that can be destroyed.

A fact is stored for ever. What is somebody's own stands in it sealed under a key kept as a row: destroying the row
makes every stored copy unreadable, while the facts still replay (ADR 0023).
"""

from __future__ import annotations

import secrets
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE: Final = 12
"""Bytes of a nonce of AES-GCM; drawn at random for each text sealed."""


def new_key() -> bytes:
    """A fresh key (AES-256)."""
    return AESGCM.generate_key(bit_length=256)


def seal_text(key: bytes, owner: UUID, field: str, value: str) -> bytes:
    """``value``, bound to its owner and field: moved elsewhere it does not open."""
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, value.encode(), _bound(owner, field))


def unseal_text(key: bytes, owner: UUID, field: str, sealed: bytes) -> str:
    """:raises cryptography.exceptions.InvalidTag: another key, owner or field, or the text was tampered with."""
    return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], _bound(owner, field)).decode()


def _bound(owner: UUID, field: str) -> bytes:
    return f"{owner} {field}".encode()
