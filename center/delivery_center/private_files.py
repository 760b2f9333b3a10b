"""Files that only their owner can read: keys and passwords."""

from __future__ import annotations

import os
from pathlib import Path


def write_private(path: Path, text: str, *, mode: int = 0o600) -> None:
    """Write a file only its owner can read, unless ``mode`` lets others, replacing it as a whole."""
    draft = path.with_suffix(".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as opened:
        opened.write(text)
    draft.chmod(mode)
    draft.replace(path)
