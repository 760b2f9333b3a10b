"""The export: every row of every view, of one moment, in little memory; and the command line."""

from __future__ import annotations

import json
import resource
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow.parquet as pq
import pytest
from click.testing import Result
from reporting_svc.bi import exporting
from reporting_svc.bi.__main__ import app
from reporting_svc.bi.installing import views
from reporting_svc.bi.roles import granted, revoke
from sqlalchemy import Engine, text
from typer.testing import CliRunner

from .analysts import as_role, companies
from .conftest import NOON, Feeds, World, id_of

pytestmark = pytest.mark.integration

DAYS = (date(2019, 10, 17), date(2019, 10, 18))


def files(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """The rows of every file."""
    return {path.stem: pq.read_table(path).to_pylist() for path in folder.glob("*.parquet")}


def test_the_files_hold_every_row_and_the_manifest_counts_them(
    engine: Engine, feeds: Feeds, world: World, database_url: str, tmp_path: Path
) -> None:
    feeds(*companies(world))
    manifest = exporting.export(database_url, tmp_path, days=DAYS)
    assert manifest == json.loads((tmp_path / "manifest.json").read_text())
    exported = files(tmp_path)
    assert sorted(exported) == sorted(views())
    assert {view: file["rows"] for view, file in manifest["views"].items()} == {
        view: len(rows) for view, rows in exported.items()
    }
    with engine.connect() as connection:
        for view in views():
            where = " WHERE day BETWEEN '2019-10-17' AND '2019-10-18'" if view == "fact_daily_snapshot" else ""
            number = connection.execute(text(f"SELECT count(*) FROM bi_v1.{view}{where}")).scalar_one()
            assert len(exported[view]) == number, view
    assert manifest["version"] == "bi_v1"
    assert manifest["days"] == {"first": "2019-10-17", "last": "2019-10-18"}
    assert manifest["sources"]["project"]["as_of_position"] == feeds.ids["project"]

    by_number = {row["order_number"]: row for row in exported["fact_project"]}
    own = by_number["own"]
    assert (own["project_id"], own["created_at"], own["created_day"]) == (str(id_of("own")), NOON, date(2019, 10, 16))
    cycle = by_number["secret too"]["cycle_working_seconds"]
    assert (type(cycle), cycle) == (float, 2 * 86400.0)  # what tools reckon with; no Decimal objects
    kinds = {str(kind) for path in tmp_path.glob("*.parquet") for kind in pq.read_schema(path).types}
    assert not any(kind.startswith("decimal") for kind in kinds)
    (drawn,) = [r for r in exported["fact_assignment"] if r["how"] == "draw" and r["project_id"] == str(id_of("own"))]
    assert json.loads(drawn["candidates"]) == [str(world.vendor), str(world.rival)]
    with pytest.raises(FileExistsError):
        exporting.export(database_url, tmp_path, days=DAYS)


def test_all_files_show_the_same_moment(
    engine: Engine, feeds: Feeds, world: World, database_url: str, tmp_path: Path
) -> None:
    """What arrives while it is written is in none of them."""
    feeds(*companies(world))
    before = len(companies(world))
    come: list[str] = []

    def progress(view: str, rows: int) -> None:
        if not come:
            come.append(view)
            feeds(world.started("later"), world.entered("later", 1, "general", "设计", side="provider"))

    manifest = exporting.export(database_url, tmp_path, days=DAYS, progress=progress)
    assert come != []
    exported = files(tmp_path)
    assert "later" not in {row["order_number"] for row in exported["fact_project"]}
    assert manifest["sources"]["project"]["as_of_position"] == feeds.ids["project"] - 2
    positions = {row["as_of_position"] for row in exported["fact_project"]}
    assert positions == {manifest["sources"]["project"]["as_of_position"]}
    assert before > 0
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM bi_v1.fact_project")).scalar_one() == 6


def test_memory_stays_flat(
    engine: Engine, feeds: Feeds, world: World, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty times the rows need hardly more memory: rows are held by the group."""
    monkeypatch.setattr(exporting, "ROWS", 500)

    def peak_after(projects: int) -> int:
        with engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO project_event SELECT n, now(), 'project.node_entered', :id, 1,"
                    " json_build_object('name', repeat('x', 300)) FROM generate_series(:first, :last) n"
                    " ON CONFLICT DO NOTHING"
                ),
                {"id": id_of("1"), "first": 1, "last": projects},
            )
        exporting.export(database_url, tmp_path / str(projects), days=DAYS)
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    feeds(world.started("1"))
    few = peak_after(2_000)
    many = peak_after(40_000)
    assert pq.read_metadata(tmp_path / "40000" / "event_log.parquet").num_rows == 40_000
    assert pq.read_metadata(tmp_path / "40000" / "event_log.parquet").num_row_groups == 80
    assert many - few < 12_000, f"{many - few} KiB more"  # 38,000 rows of 400 bytes and more are over 15 MiB


def test_the_command_line(feeds: Feeds, world: World, database_url: str, tmp_path: Path) -> None:
    feeds(*companies(world))
    name = f"bi_{uuid4().hex[:8]}"

    def bi(*arguments: str, url: str = database_url) -> Result:
        return CliRunner().invoke(app, [*arguments, "--database-url", url])

    made = bi("grant", "--party", str(world.vendor), "--role", name)
    try:
        assert made.exit_code == 0, made.stderr
        shown = dict(line.split() for line in made.stdout.splitlines())
        assert shown["role"] == name
        with as_role(database_url, name, shown["password"]) as connection:
            assert connection.execute(text("SELECT count(*) FROM fact_project")).scalar_one() == 3
        again = bi("grant", "--party", str(world.vendor), "--role", name)
        assert again.stdout.splitlines()[1].split() == ["password", "unchanged"]
        assert f"{name}\t{world.vendor}" in bi("roles").stdout.splitlines()

        # a tenant exports its own rows
        host = database_url.partition("@")[2]
        own = f"postgresql://{name}:{shown['password']}@{host}"
        folder = tmp_path / "own"
        written = bi("export", "--folder", str(folder), "--first", "2019-10-17", "--last", "2019-10-18", url=own)
        assert written.exit_code == 0, written.stderr
        assert sorted(row["order_number"] for row in files(folder)["fact_project"]) == ["back", "outsourced", "own"]

        refused = bi("grant", "--party", str(world.customer), "--role", f"{name}_2")
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert "only vendors and providers" in refused.stderr
        assert bi("grant").exit_code == 2
        assert bi("revoke", name, "--yes").exit_code == 0
        assert name not in dict(granted(database_url))
        assert (bi("revoke", name, "--yes").exit_code, bi("revoke", "postgres", "--yes").exit_code) == (1, 1)
    finally:
        revoke(database_url, name)


def test_yesterday_and_today_are_the_days_exported_unless_others_are_named(
    feeds: Feeds, world: World, database_url: str, tmp_path: Path
) -> None:
    feeds(world.started("1"))
    manifest = exporting.export(database_url, tmp_path)
    first, last = (date.fromisoformat(manifest["days"][name]) for name in ("first", "last"))
    assert last - first == timedelta(days=1)
    days = {row["day"] for row in files(tmp_path)["fact_daily_snapshot"]}
    assert days == {first, last}


def test_days_that_end_before_they_begin_are_refused(database_url: str, tmp_path: Path) -> None:
    days = ["--first", "2019-10-18", "--last", "2019-10-17"]
    said = CliRunner().invoke(app, ["export", "--folder", str(tmp_path), *days, "--database-url", database_url])
    assert said.exit_code == 2
    assert "--first is after --last" in said.output
    assert list(tmp_path.iterdir()) == []
