"""``python -m reporting_svc.bi`` says what went wrong in one plain line, and finds its database as processes do."""

from __future__ import annotations

from pathlib import Path

import pytest
from reporting_svc.bi.__main__ import ADDRESSES, run

NOWHERE = "postgresql://nobody@127.0.0.1:1/none"


@pytest.fixture(autouse=True)
def _no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ADDRESSES:
        monkeypatch.setenv(name, "")  # so that it is put back, whatever `run` makes of it
        monkeypatch.delenv(name)
        monkeypatch.delenv(f"{name}_FILE", raising=False)


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["roles"], 2, "Missing option '--database-url'"),
        (["rolls"], 2, "No such command 'rolls'."),
        (["grant", "--database-url", NOWHERE], 2, "either --party or --operator"),
        (["grant", "--operator", "--party", "1", "--database-url", NOWHERE], 2, "Invalid value for '--party'"),
        (["roles", "--database-url", NOWHERE], 1, "connection to server at"),
        (["revoke", "bi_x", "--database-url", NOWHERE], 2, "bi_x and its rights go; say --yes if that is wanted"),
        (["revoke", "bi_x", "--yes", "--database-url", NOWHERE], 1, "connection to server at"),
        (["metadata", "--tool", "excel", "--folder", "x", "--database-url", NOWHERE], 2, "'excel' is not one of"),
    ],
)
def test_what_goes_wrong_is_one_plain_line(
    arguments: list[str], status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == status
    told = capsys.readouterr()
    assert told.out == ""
    (line,) = told.err.splitlines()
    assert line.startswith("reporting_svc.bi: ")
    assert said in line


def test_secrets_come_as_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """… the only form containers know."""
    monkeypatch.setenv("DATABASE_URL_FILE", str(tmp_path / "url"))
    assert run(["roles"]) == 1
    assert capsys.readouterr().err == "reporting_svc.bi: DATABASE_URL_FILE is unusable: FileNotFoundError\n"
    (tmp_path / "url").write_text(f"{NOWHERE}\n")
    assert run(["roles"]) == 1
    assert 'connection to server at "127.0.0.1", port 1 failed' in capsys.readouterr().err
