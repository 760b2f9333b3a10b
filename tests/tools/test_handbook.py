"""The commands that `make test-containers` runs are those of the document."""

from __future__ import annotations

import json
import re
from importlib.util import find_spec

from tools.compose_file import containers
from tools.handbook import FILE, Step, steps

TEXT = FILE.read_text(encoding="utf-8")


def test_only_marked_blocks_are_run_in_their_order_under_their_heading() -> None:
    text = (
        "# A\n\n```sh compose\none\n\ntwo \\\n    three\n```\n\n```sh\nnot this\n```\n## B\n```sh compose\nfour\n```\n"
    )
    assert steps(text) == [Step("A", "one\n\ntwo \\\n    three\n"), Step("B", "four\n")]


def test_the_whole_life_of_an_installation_is_told() -> None:
    assert [step.heading for step in steps(TEXT)] == [
        "Install", "A first order", "Demo data", "Watch it", "Let analysts in", "Upgrade", "Roll back", "Scale",
        "Back up and restore", "Restore", "Rotate keys", "Rotate keys",
    ]  # fmt: skip


def test_no_command_of_compose_stands_outside_what_is_run() -> None:
    marked = "".join(step.commands for step in steps(TEXT))
    others = set(re.findall(r"^docker .*?(?=\s+#|$)", TEXT, re.MULTILINE)) - set(
        re.findall(r"^docker .*?(?=\s+#|$)", marked, re.MULTILINE)
    )
    assert others == set()


def test_every_module_that_is_named_is_there_and_secrets_lie_where_git_does_not_look() -> None:
    modules = {found for found in re.findall(r"python -m ([a-z_.]+)", TEXT) if "_svc" not in found}
    assert modules
    assert [name for name in modules if find_spec(name) is None] == []
    folders = set(re.findall(r"secret_files (\S+)", TEXT))
    assert folders == {"deploy/secrets"}
    assert "deploy/secrets/" in (FILE.parents[1] / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_every_service_that_is_named_is_there() -> None:
    commands = "".join(step.commands for step in steps(TEXT))
    named = set(re.findall(r"(?:run --rm|exec -T|--scale) ([a-z][a-z-]+)", commands))
    assert named
    assert named <= set(containers({}))


def test_what_was_watched_is_asked_as_the_document_says() -> None:
    """`make test-containers` asks the server that the document has its reader ask."""
    told = re.sub(r"\s+", " ", TEXT)
    assert "docker compose exec prometheus promtool query instant http://127.0.0.1:9090 'up == 0'" in told
    assert '"http://127.0.0.1:9090"' in (FILE.parents[1] / "tools" / "containers.py").read_text(encoding="utf-8")


def test_what_the_rehearsal_asks_there_is() -> None:
    """… a path that is in no document is found to be wrong only when everything is built."""
    asked = re.findall(r"/api/v1/[a-z-]+", (FILE.parents[1] / "tools" / "containers.py").read_text(encoding="utf-8"))
    there = json.loads((FILE.parent / "openapi.json").read_text(encoding="utf-8"))["paths"]
    assert asked
    assert [path for path in asked if path not in there] == []


def test_an_upgrade_by_helm_takes_what_a_new_chart_presets() -> None:
    """… while `--reuse-values` would render it with the presets of the old one, which lack what is new."""
    (command,) = re.findall(r"^helm upgrade (?:.*\\\n)*.*", TEXT, re.MULTILINE)
    assert re.findall(r"--[\w-]*values\b", command) == ["--reset-then-reuse-values"]
