"""What is easily forgotten beside a new command or node type, and no other test asks for."""

from __future__ import annotations

import re
import typing
from pathlib import Path

import pytest
from delivery_shared.contracts.template import NodeType

from tests.security.matrix import routes

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("service", routes())
def test_every_command_over_http_has_its_row_among_the_slices_of_its_service(service: str) -> None:
    lines = (ROOT / "services" / f"{service}-svc" / "README.md").read_text().splitlines()
    rows = [line for line in lines if line.startswith("| ")]
    untold = []
    for method, rule in routes()[service]:
        *_, noun = (part for part in rule.split("/") if not part.startswith("<"))
        told = (re.search(rf"\b{method}\b", row) and re.search(rf"[/… `]{noun}\b", row) for row in rows)
        if method != "GET" and not any(told):
            untold.append(f"{method} {rule}")
    assert untold == []


def test_the_console_has_a_sign_for_every_node_type() -> None:
    source = (ROOT / "web" / "src" / "screens" / "templates" / "NodeIcon.tsx").read_text()
    signs = re.findall(r"^  (\w+): \w+,$", source, re.MULTILINE)
    assert sorted(signs) == sorted(typing.get_args(NodeType))
