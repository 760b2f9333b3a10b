"""The documents name a test beside what they promise: it is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

SERVICES = "identity|template|intake|project|dispatch|notify|reporting"


def named(document: str) -> Iterator[tuple[str, str]]:
    """File and test, as a document names them: ``path::test_x``, ``…::test_y`` of the same file, or ``test_z`` alone;
    after the name of a service without its folder of tests. ``…`` at the end stands for the rest of a name."""
    for line in (ROOT / document).read_text(encoding="utf-8").splitlines():
        folder, file = "", ""
        for service, code in re.findall(rf"(?:\b({SERVICES})(?:-svc)? )?`([^`]+)`", line):
            if service:
                folder = f"services/{service}-svc/tests/"
            path, _, test = code.partition("::")
            if re.fullmatch(r"[\w./-]+\.(py|mjs|tsx?)", path):
                if "/" not in path and not folder:
                    continue
                file = path if "/" in path else folder + path
                yield file, test
            elif file and (path == "…" or path.startswith("test_")):
                yield file, test or path


@pytest.mark.parametrize(
    "document", ["docs/security.md", "docs/reliability.md", "docs/console.md", "tests/operation/README.md"]
)
def test_the_tests_named_in_a_document_exist(document: str) -> None:
    found = list(named(document))
    assert len(found) > 30
    missing = [
        f"{file}::{test}"
        for file, test in found
        if not (ROOT / file).is_file() or test.rstrip("…") not in (ROOT / file).read_text(encoding="utf-8")
    ]
    assert missing == []
