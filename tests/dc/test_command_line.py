"""What holds for every command, whatever it does: where its settings come from, how it fails, what it prints where."""

from __future__ import annotations

import ast
import os
import re
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from delivery_center.dc.failure import Failure
from delivery_center.dc.main import NOUNS, run
from delivery_center.dc.output import put, text_of
from delivery_shared.testing.fixtures import broker_url, scratch_database, server_url
from psycopg.conninfo import conninfo_to_dict

pytestmark = pytest.mark.integration

SCRIPT = Path(sys.executable).with_name("dc")
COMMANDS = Path(__file__).parents[2] / "center" / "delivery_center" / "dc"
NOBODY = "postgresql://someone:secret@127.0.0.1:1/center"


def failed(arguments: list[str], environment: dict[str, str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one line it says."""
    assert run(arguments, environment) != 0
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1), said
    assert "secret" not in said.err
    return said.err


def test_secrets_come_as_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """… the only form they have in containers."""
    (tmp_path / "url").write_text(NOBODY + "\n")
    said = failed(["status"], {"DATABASE_URL_FILE": str(tmp_path / "url")}, capsys)
    assert 'server at "127.0.0.1", port 1 failed: Connection refused' in said
    assert "DATABASE_URL_FILE is unusable" in failed(["status"], {"DATABASE_URL_FILE": "/none"}, capsys)


@pytest.mark.parametrize("arguments", [["status"], ["verify"], ["doctor"], ["queue", "list"], ["backup", "x"]])
def test_a_database_that_is_away_is_named_with_the_cause(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    said = failed(arguments, {"DATABASE_URL": NOBODY}, capsys)
    assert said.startswith("dc: the database cannot be used: ")
    assert "127.0.0.1" in said
    assert "Connection refused" in said


@pytest.mark.parametrize("arguments", [["status"], ["verify"], ["audit", "list"], ["projection", "status"]])
def test_a_database_that_was_never_prepared_is_told_in_a_line(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with scratch_database() as url:
        said = failed(arguments, {"DATABASE_URL": url, "AMQP_URL": broker_url()}, capsys)
    assert said.startswith("dc: the database is not prepared for this version")


def test_what_cannot_be_verified_is_no_violation(capsys: pytest.CaptureFixture[str]) -> None:
    with scratch_database() as url:
        assert run(["verify"], {"DATABASE_URL": url, "AMQP_URL": broker_url()}) == 2
    assert run(["verify"], {"DATABASE_URL": NOBODY}) == 2
    assert capsys.readouterr().out == ""


def test_a_role_that_may_not_is_told_whose_address_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    import psycopg

    with scratch_database() as url, psycopg.connect(url, autocommit=True) as admin:
        parts = conninfo_to_dict(server_url())
        role = f"nobody_{os.getpid()}"
        admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'secret'")
        admin.execute("CREATE SCHEMA identity; CREATE TABLE identity.alembic_version (version_num text)")
        try:
            other = f"postgresql://{role}:secret@{parts['host']}:{parts['port']}/{conninfo_to_dict(url)['dbname']}"
            said = failed(["doctor"], {"DATABASE_URL": other}, capsys)
        finally:
            admin.execute(f"DROP ROLE {role}")
    assert said.endswith("DATABASE_URL has to be the owner's, who sees every schema\n")


def test_ids_can_be_searched_and_copied(capsys: pytest.CaptureFixture[str]) -> None:
    """In a pipe nothing is broken, however long."""
    ids = [f"{n:08d}-0000-4000-8000-000000000000" for n in range(3)]
    put([{"id": id, "text": "长" * 300, "other": id} for id in ids], as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert all(line.startswith(id) and line.rstrip().endswith(id) for id, line in zip(ids, lines[1:], strict=True))


def test_values_are_shown_as_people_read_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    try:
        shown = text_of(datetime(2026, 11, 29, 20, 0, tzinfo=UTC))
    finally:
        monkeypatch.undo()
        time.tzset()
    assert shown == "2026-11-30 04:00:00+08:00"
    assert [text_of(Decimal("0.10000000000000000000")), text_of(2.0), text_of({"a": 1})] == ["0.1", "2", '{"a":1}']


def test_who_reads_may_stop_reading(tmp_path: Path) -> None:
    """``dc … | head -1`` is no failure."""
    command = f"set -o pipefail; {SCRIPT} openapi export | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "{\n", "")


AT_ONCE = [["--help"], ["--version"], ["bogus"], ["keys", "list"], *([noun, "--help"] for noun in NOUNS)]


@pytest.mark.parametrize("arguments", AT_ONCE, ids=" ".join)
def test_it_starts_at_once(arguments: list[str], tmp_path: Path) -> None:
    """Half a second of CPU until it says what it needs no installation for."""
    subprocess.run([SCRIPT, *arguments], capture_output=True, cwd=tmp_path, timeout=60)  # bytecode is written
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {"PATH": os.environ["PATH"]}
    done = subprocess.run([SCRIPT, *arguments], capture_output=True, cwd=tmp_path, env=environment, timeout=60)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == (0 if arguments[-1].startswith("--") else 2)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.5


@pytest.mark.parametrize("noun", NOUNS)
def test_every_command_has_its_help(noun: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([noun, "--help"], {}) == 0
    assert f"Usage: dc {noun}" in capsys.readouterr().out


IRREVERSIBLE = {
    ("outbox", "rewind"), ("outbox", "renew"), ("parked", "discard"), ("projection", "switch"),
    ("projection", "skip"), ("backup", "restore"),
}  # fmt: skip


@pytest.mark.parametrize(("module", "name"), sorted(IRREVERSIBLE))
def test_what_cannot_be_undone_asks_before(module: str, name: str) -> None:
    """The question stands before whatever is recorded and done, and scripts may answer it on the command line."""
    tree = ast.parse((COMMANDS / f"{module}.py").read_text())
    (function,) = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name)
    called = [ast.unparse(node.func) for node in ast.walk(function) if isinstance(node, ast.Call)]
    assert "sure" in called
    assert "yes" in {argument.arg for argument in function.args.args}
    text = ast.unparse(function)
    assert text.index("sure(") < text.index("dc.audited(")


def test_nobody_to_ask_means_no(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from delivery_center.dc.confirming import sure

    sure("everything goes", True)
    with pytest.raises(Failure, match="say --yes"):
        sure("everything goes", False)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.confirm", lambda text, err: False)
    with pytest.raises(Failure, match="nothing was done"):
        sure("everything goes", False)


def test_it_tells_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"], {}) == 0
    assert re.fullmatch(r"dc \S+\n", capsys.readouterr().out)
