"""The commands that `make test-containers` runs are those of the document."""

from __future__ import annotations

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
        "Install", "Upgrade", "Roll back", "Scale", "Back up and restore", "Restore", "Rotate keys", "Rotate keys",
    ]  # fmt: skip


def test_no_command_of_compose_stands_outside_what_is_run() -> None:
    """… except those that load optional parts."""
    marked = "".join(step.commands for step in steps(TEXT))
    others = set(re.findall(r"^docker .*?(?=\s+#|$)", TEXT, re.MULTILINE)) - set(
        re.findall(r"^docker .*?(?=\s+#|$)", marked, re.MULTILINE)
    )
    assert others == {"docker compose --profile demo up -d", "docker compose --profile monitoring up -d"}


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
