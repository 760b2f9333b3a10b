"""What tools are told of the views: every column, and relations that hold; as files they can read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from delivery_shared.contracts import template
from reporting_svc.bi.__main__ import app
from reporting_svc.bi.installing import views
from reporting_svc.bi.relations import CERTAIN, KEYS, REFERENCES, REQUIRED, TIMES, VALUES
from sqlalchemy import Engine
from typer.testing import CliRunner

from .analysts import companies, rows
from .conftest import Feeds, World

pytestmark = pytest.mark.integration


@pytest.fixture
def columns(engine: Engine) -> dict[str, dict[str, str]]:
    """View → column → type."""
    found: dict[str, dict[str, str]] = {}
    for row in rows(
        engine,
        "SELECT table_name, column_name, udt_name FROM information_schema.columns WHERE table_schema = 'bi_v1'"
        " ORDER BY table_name, ordinal_position",
    ):
        found.setdefault(row["table_name"], {})[row["column_name"]] = row["udt_name"]
    return found


def written(database_url: str, folder: Path, tool: str) -> dict[str, Any]:
    """The files of a tool by path, as YAML."""
    arguments = ["--database-url", database_url, "--tool", tool, "--folder", str(folder), "--name", "交付中心"]
    done = CliRunner().invoke(app, ["metadata", *arguments])
    assert done.exit_code == 0, done.output
    files = {str(p.relative_to(folder)): yaml.safe_load(p.read_text("utf-8")) for p in folder.rglob("*.yaml")}
    assert done.stdout == f"{len(files)} files\n"
    return files


def test_relations_name_what_there_is(columns: dict[str, dict[str, str]]) -> None:
    assert set(columns) == set(views())
    assert set(KEYS) == set(columns) - {"tenant"}
    for relations in (KEYS, REQUIRED, VALUES, REFERENCES, CERTAIN):
        for view, named in relations.items():
            assert set(named) <= set(columns[view]), view
    assert {view: columns[view][time] for view, time in TIMES.items()} == dict.fromkeys(TIMES, "timestamptz")
    for view, named in REFERENCES.items():
        for column, target in named.items():
            other, field = target.split(".")
            assert KEYS[other] == (field,), f"{view}.{column}"
            assert columns[other][field] == columns[view][column], f"{view}.{column}"
    for view, certain in CERTAIN.items():
        assert set(certain) <= set(REFERENCES[view])


def test_references_find_their_row(engine: Engine, feeds: Feeds, world: World) -> None:
    """All of them for who reads everything, as far as somebody is known at all."""
    sides: list[tuple[str, Any]] = [("vendor_admin", "vendor"), ("provider_admin", "provider")]
    feeds(*companies(world), *(template.RoleDefined(role=role, name=role, side=side) for role, side in sides))
    seen = 0
    for view, named in REFERENCES.items():
        for column, target in named.items():
            other, field = target.split(".")
            where = " AND day BETWEEN '2019-10-16' AND '2019-10-20'" if view == "fact_daily_snapshot" else ""
            query = f"SELECT DISTINCT {column} AS id FROM bi_v1.{view} WHERE coalesce({column}::text, '') <> ''{where}"
            ids = {row["id"] for row in rows(engine, query)}
            there = {row["id"] for row in rows(engine, f"SELECT {field} AS id FROM bi_v1.{other}")}
            assert ids <= there, f"{view}.{column}"
            seen += len(ids) > 0
    assert seen > 30


def test_metabase_is_told_keys_references_and_comments(
    database_url: str, tmp_path: Path, columns: dict[str, dict[str, str]]
) -> None:
    files = written(database_url, tmp_path, "metabase")
    above = "databases/交付中心/schemas/bi_v1/tables"
    expected = {f"{above}/{view}/{view}.yaml" for view in columns}
    expected |= {f"{above}/{view}/fields/{column}.yaml" for view, named in columns.items() for column in named}
    assert set(files) == expected
    vendor = files[f"{above}/fact_project/fields/vendor_id.yaml"]
    assert vendor["semantic_type"] == "type/FK"
    assert vendor["fk_target_field_id"] == ["交付中心", "bi_v1", "dim_vendor", "vendor_id"]
    assert vendor["table_id"] == ["交付中心", "bi_v1", "fact_project"]
    assert (vendor["base_type"], vendor["description"]) == ("type/UUID", "The vendor that sold it.")
    assert [part["model"] for part in vendor["serdes/meta"]] == ["Database", "Schema", "Table", "Field"]
    key = files[f"{above}/dim_vendor/fields/vendor_id.yaml"]
    assert (key["semantic_type"], key["fk_target_field_id"]) == ("type/PK", None)
    for file in files.values():
        target = file.get("fk_target_field_id")
        assert not target or f"{above}/{target[2]}/fields/{target[3]}.yaml" in files
    assert "XXXX" not in str(files), "nothing of the connection"


def test_superset_is_told_datasets_of_a_database_without_its_password(
    database_url: str, tmp_path: Path, columns: dict[str, dict[str, str]]
) -> None:
    secret = database_url.replace("postgres@", "postgres:geheim@")
    files = written(secret, tmp_path / "a", "superset")
    assert "geheim" not in str(files)
    assert files["metadata.yaml"]["type"] == "SqlaTable"
    database = files["databases/交付中心.yaml"]
    assert ":XXXXXXXXXX@" in database["sqlalchemy_uri"]
    datasets = {f["table_name"]: f for path, f in files.items() if path.startswith("datasets/")}
    assert {n: [c["column_name"] for c in f["columns"]] for n, f in datasets.items()} == {
        view: list(named) for view, named in columns.items()
    }
    assert {f["database_uuid"] for f in datasets.values()} == {database["uuid"]}
    assert len({f["uuid"] for f in datasets.values()}) == len(datasets)
    visits = datasets["fact_node_visit"]
    assert (visits["schema"], visits["main_dttm_col"]) == ("bi_v1", "entered_at")
    assert "vendor_id → dim_vendor.vendor_id" in visits["description"]
    again = written(secret, tmp_path / "b", "superset")
    assert {p: f.get("uuid") for p, f in again.items()} == {p: f.get("uuid") for p, f in files.items()}


def test_another_tool_is_refused(database_url: str, tmp_path: Path) -> None:
    arguments = ["--database-url", database_url, "--tool", "excel", "--folder", str(tmp_path)]
    done = CliRunner().invoke(app, ["metadata", *arguments])
    assert done.exit_code == 2
    assert list(tmp_path.iterdir()) == []
