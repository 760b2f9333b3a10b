"""The rules between folders, read from the source: who may import what."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SERVICES = {path.name.replace("-", "_"): path for path in sorted((ROOT / "services").glob("*-svc"))}
PURE = ["domain.py", "product.py", "flow.py", "choice.py", "rules.py"]
BASES = ("delivery_shared.facts", "delivery_shared.working_time")
"""What ``domain/`` may use of ``shared``."""


def imports(path: Path) -> Iterator[str]:
    """Top-level package names and dotted modules a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def sources(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*.py") if ".venv" not in path.parts]


@pytest.mark.parametrize("service", SERVICES)
def test_no_service_imports_another(service: str) -> None:
    others = set(SERVICES) - {service}
    found = {
        f"{path.relative_to(ROOT)}: {module}"
        for path in sources(SERVICES[service])
        for module in imports(path)
        if module.split(".")[0] in others
    }
    assert found == set()


def test_shared_imports_no_service() -> None:
    found = {m for path in sources(ROOT / "shared") for m in imports(path) if m.split(".")[0] in SERVICES}
    assert found == set()


def pure(service: str) -> list[Path]:
    """The modules of a service that decide."""
    package = SERVICES[service] / service
    return [path for path in map(package.joinpath, PURE) if path.exists()] + sorted((package / "domain").glob("*.py"))


@pytest.mark.parametrize("service", SERVICES)
def test_the_domain_knows_only_the_language_and_facts(service: str) -> None:
    allowed = sys.stdlib_module_names | {"eventsourcing"}
    for path in pure(service):
        home = f"{service}.domain." if path.parent.name == "domain" else f"{service}."
        foreign = {
            module
            for module in imports(path)
            if module.split(".")[0] not in allowed and module not in BASES and not f"{module}.".startswith(home)
        }
        assert foreign == set(), path
        assert "eventsourcing.application" not in set(imports(path)), path


@pytest.mark.parametrize("service", SERVICES)
def test_a_domain_folder_knows_only_the_language_and_facts(service: str) -> None:
    allowed = {"delivery_shared.facts", "delivery_shared.working_time"}
    for path in (SERVICES[service] / service / "domain").glob("**/*.py"):
        own = {m for m in imports(path) if m.startswith(f"{service}.domain")}
        foreign = {m for m in imports(path) if m.split(".")[0] not in sys.stdlib_module_names} - own - allowed
        assert foreign == set(), path


@pytest.mark.parametrize("service", SERVICES)
def test_the_domain_reads_no_clock_and_draws_nothing(service: str) -> None:
    for path in pure(service):
        if path.name == "domain.py" or path.parent.name == "domain":
            text = path.read_text()
            drawn = (".now(", "utcnow", "uuid4(", "random.random", "secrets.")
            assert [word for word in drawn if word in text] == [], path


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_the_files_a_reader_looks_for(service: str) -> None:
    package = SERVICES[service] / service
    expected = {"main.py", "api", "migrations"}
    if (package / "domain.py").exists() or (package / "domain").exists():
        expected |= {"application.py", "publishing.py"}
    if service not in ("template_svc", "notify_svc", "reporting_svc"):  # consumes nothing; are projections
        expected.add("policies.py")
    assert {name for name in expected if not (package / name).exists()} == set()
    assert (SERVICES[service] / "README.md").exists()


@pytest.mark.parametrize("service", [s for s in SERVICES if list((SERVICES[s] / s).glob("commands*"))])
def test_every_command_is_called_by_a_view_or_a_loop(service: str) -> None:
    package = SERVICES[service] / service
    found = {path for place in package.glob("commands*") for path in [place, *place.glob("*.py")] if path.is_file()}
    commands = {
        node.name
        for path in found
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }
    outside = {*package.glob("**/*.py")} - {*package.glob("domain/**/*.py")}
    used = {
        node.attr if isinstance(node, ast.Attribute) else node.id
        for path in outside
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Name) or (isinstance(node, ast.Attribute) and path not in found)
    }  # in a module of commands an attribute is a decision of the same name
    assert commands
    assert commands - used == set()
