"""Whoever installs the center, or looks at it, needs nothing of what checks it."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

WANTED = {
    "secrets": "delivery_center.installing.secret_files",
    "version": "tools.versions",
    "web": "whitenoise.compress",
    "run": "delivery_center.running.embedded",
}
"""Command of the Makefile → the module it starts."""


def name_of(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def locked(file: str) -> set[str]:
    return {name_of(found) for found in re.findall(r"^([\w.-]+)==", (ROOT / file).read_text(), re.MULTILINE)}


LACKING = """
import importlib, sys

class Lacking:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {lacking!r}:
            raise ModuleNotFoundError(f"only what checks it needs {{name}}", name=name)

sys.meta_path.insert(0, Lacking())
importlib.import_module({module!r})
"""


@pytest.mark.parametrize("command", WANTED)
def test_installing_and_looking_need_only_what_runs_it(command: str) -> None:
    only_checks = locked("requirements-dev.lock") - locked("requirements.lock")
    assert "pyyaml" in only_checks
    lacking = {
        module
        for module, brought_by in packages_distributions().items()
        if {name_of(one) for one in brought_by} <= only_checks
    }
    assert "yaml" in lacking
    code = LACKING.format(lacking=lacking, module=WANTED[command])
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert re.search(rf"^{command}: setup-run ##", (ROOT / "Makefile").read_text(), re.MULTILINE)
