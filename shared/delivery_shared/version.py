"""Which version runs: what the image was built as (``DELIVERY_VERSION``, from git), else that of the package."""

from __future__ import annotations

import os
from importlib.metadata import version
from typing import Final

VERSION: Final = os.environ.get("DELIVERY_VERSION") or version("delivery-shared")
REVISION: Final = os.environ.get("DELIVERY_REVISION", "unknown")
"""The commit it was built from."""
