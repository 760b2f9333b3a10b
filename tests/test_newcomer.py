"""A newcomer's walk: what the README says of the way of one event stands in the code, line by line."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = {path.name: path for path in (*ROOT.glob("services/*/*_svc"), ROOT / "shared" / "delivery_shared")}

LINE = re.compile(r"\| `(?P<file>[^`]+\.py)` `(?P<name>[^`]+)` \| (?P<text>.+) \|")


def walk() -> list[tuple[str, str, str]]:
    section = (ROOT / "README.md").read_text().partition("## Follow one event")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    found = [LINE.fullmatch(row) for row in rows]
    assert all(found), [row for row, match in zip(rows, found, strict=True) if not match]
    return [(match["file"], match["name"], match["text"]) for match in found if match]


def definition(file: str, name: str) -> str:
    """The source of a function, method, class or table."""
    package, _, inside = file.partition("/")
    source = (PACKAGES[package] / inside).read_text()
    body: list[ast.stmt] = ast.parse(source).body
    found: ast.stmt | None = None
    for part in name.split("."):
        found = next(node for node in body if part in names(node))
        body = getattr(found, "body", [])
    assert found is not None
    return ast.get_source_segment(source, found) or ""


def names(node: ast.stmt) -> list[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.Assign(targets=targets):
            return [target.id for target in targets if isinstance(target, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
    return []


@pytest.mark.parametrize(("file", "name", "text"), walk(), ids=[f"{file} {name}" for file, name, _ in walk()])
def test_a_step_of_the_walk_is_where_the_readme_says_and_leads_on(file: str, name: str, text: str) -> None:
    source = definition(file, name)
    mentioned = re.findall(r"`([^`]+)`", text)
    words = [word for word in mentioned if not word.startswith("events.")]
    assert [word for word in words if word not in source] == []


def test_the_walk_goes_through_every_room() -> None:
    files = [file for file, _, _ in walk()]
    rooms = ("api/", "commands.py", "carrying_out.py", "domain/", "store.py", "publishing.py")
    assert [room for room in rooms if not any(f"project_svc/{room}" in file for file in files)] == []
    assert files[-1].startswith("reporting_svc/")
