"""``dc --folder``: an installation that ``make run`` has started, without a broker."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from delivery_center.dc.main import run
from delivery_center.running.embedded import serving
from delivery_center.running.own_database import database
from delivery_center.running.ports import free_port

pytestmark = pytest.mark.stories


@pytest.fixture
def embedded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, str]]:
    """Its folder and address."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", "")  # so that what becomes of it is undone
    for name in ("AMQP_URL", "DATABASE_URL", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    with database(tmp_path, print) as url, serving(free_port(), tmp_path, url) as base:
        yield tmp_path, base


def test_the_demo_is_loaded_into_a_folder_s_installation(
    embedded: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, base = embedded

    def dc(*arguments: str) -> str:
        capsys.readouterr()
        assert run(["--folder", str(folder), *arguments], {}) == 0
        return capsys.readouterr().out

    load = ("demo", "load", "--address", base, "--json")
    assert json.loads(dc(*load, "--dry-run"))["dry_run"] is True
    assert not (folder / "demo-passwords.json").exists()
    loaded = json.loads(dc(*load))
    assert loaded["accounts"]["云市场小二"] == "operator@platform.onaliyun.com"
    assert json.loads(dc(*load)) == loaded  # nothing is loaded twice
    play = ("demo", "play", "--address", base)
    assert json.loads(dc(*play, "--dry-run", "--json"))["dry_run"] is True
    told = dc(*play, "--story", "1")  # a play has companies of its own: it may be repeated
    assert "流程日志 > 返回" in told
    assert json.loads(dc(*play, "--story", "1", "--json"))["played"] is True
    status = json.loads(dc("status", "--json"))
    assert status["outboxes"] == []
    assert {row["service"] for row in status["feeds"]} >= {"project", "reporting"}
    actions = [row["action"] for row in json.loads(dc("audit", "list", "--json"))]
    assert sorted(actions) == ["demo load", "demo load", "demo play", "demo play"]
    assert {row["state"] for row in json.loads(dc("doctor", "--json"))} <= {"ok", "warning", "skipped"}


def test_a_first_start_warns_of_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir(mode=0o755)
    start = "from delivery_center.running.own_database import database; from pathlib import Path; import sys\n"
    start += "with database(Path(sys.argv[1]), print) as url: print('/run/' in url)"
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "XDG_RUNTIME_DIR")}
    done = subprocess.run(
        [sys.executable, "-c", start, str(folder)], env=environment, capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("starting PostgreSQL\nTrue\n", "")


def test_a_folder_without_a_running_database_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--folder", str(tmp_path), "status"], {}) == 2
    assert capsys.readouterr().err == f"dc: no database runs in {tmp_path}: start `make run`, or set DATABASE_URL\n"
    assert run(["status"], {}) == 2
