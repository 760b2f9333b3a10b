"""What tests in a real browser need: the built console, Debian's Chromium, and Node."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from delivery_center.gateway.console import built

ROOT = Path(__file__).parents[2]
WEB = ROOT / "web"
CHROMIUM = Path("/usr/bin/chromium")

needs_browser = pytest.mark.skipif(
    built() is None or not CHROMIUM.exists(), reason="needs the built console and Debian's package chromium"
)


def node() -> str:
    """The Node the console was built with (see tools/web.sh)."""
    found = shutil.which("node", path=os.pathsep.join([str(ROOT / ".run/node/bin"), os.environ.get("PATH", "")]))
    assert found, "needs Node"
    return found
