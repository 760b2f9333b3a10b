"""订单参数 in the lists: shown with labels, found by those that are searchable, exported, read by analysts."""

from __future__ import annotations

from typing import Any

import pytest
from delivery_shared.contracts import project
from delivery_shared.contracts.template import OrderParameter
from sqlalchemy import Engine, text

from .conftest import NOON, As, Feeds, World, id_of

pytestmark = pytest.mark.integration

DECLARED = [
    OrderParameter(key="note", label="备注", type="text", searchable=True),
    OrderParameter(key="seats", label="席位", type="integer", searchable=True),
    OrderParameter(key="rush", label="加急", type="boolean"),
]
GIVEN = {"rush": "true", "seats": "0012", "note": "ＡＢ 栋", "else": "own words"}
SHOWN = [
    {"name": "note", "label": "备注", "type": "text", "value": "ＡＢ 栋"},
    {"name": "seats", "label": "席位", "type": "integer", "value": "0012"},
    {"name": "rush", "label": "加急", "type": "boolean", "value": "true"},
]
LIST = "/api/v1/project-list"


@pytest.fixture
def vendor(feeds: Feeds, world: World, sign_in: As) -> Any:
    """Of two projects one has parameters. Feeds deliver twice."""
    feeds(*world.parties(), *world.products())
    feeds(world.started("A", declared=DECLARED, parameters=GIVEN, customer_name="客户甲"), world.started("B"))
    return sign_in(world.vendor, "isv", main=True)


def test_a_row_shows_what_was_declared_and_nothing_else(vendor: Any) -> None:
    rows = {row["order_number"]: row["parameters"] for row in vendor.get(LIST).json["items"]}
    assert rows == {"A": SHOWN, "B": []}
    assert vendor.get(f"{LIST}/values").json["parameters"] == [
        {"name": "note", "label": "备注"},
        {"name": "seats", "label": "席位"},
    ]


@pytest.mark.parametrize("value", ["12", "012", "seats=12", "SEATS = 12.0", "ab 栋", "note=AB 栋"])
def test_an_order_is_found_by_a_searchable_value(vendor: Any, value: str) -> None:
    assert vendor.items(LIST, parameter=value) == ["A"]
    assert vendor.get("/api/v1/project-counts", parameter=value).json["running"] == 1


@pytest.mark.parametrize("value", ["1", "true", "rush=true", "own words", "note=12", "=", "ab"])
def test_it_is_not_found_by_another(vendor: Any, value: str) -> None:
    assert vendor.items(LIST, parameter=value) == []


def test_nobody_finds_what_is_not_his(vendor: Any, world: World, sign_in: As) -> None:
    other = sign_in(world.rival, "isv", main=True)
    assert other.items(LIST, parameter="12") == []
    assert other.get(f"{LIST}/values").json["parameters"] == []


def test_a_file_has_them_in_one_cell(vendor: Any) -> None:
    lines = vendor.get(f"{LIST}/export", format="csv").data.decode("utf-8-sig").splitlines()
    assert lines[0].endswith('"订单参数"')
    [line] = [line for line in lines if "A001" in line]
    assert line.endswith('"备注：ＡＢ 栋；席位：0012；加急：是"')


def test_what_an_erased_buyer_wrote_freely_goes(vendor: Any, feeds: Feeds) -> None:
    feeds(project.BuyerErased(project_id=id_of("A"), run=1, erased_at=NOON))
    rows = {row["order_number"]: row["parameters"] for row in vendor.get(LIST).json["items"]}
    assert rows == {"A": SHOWN[1:], "B": []}
    assert vendor.items(LIST, parameter="AB 栋") == []
    assert vendor.items(LIST, parameter="12") == ["A"]


def test_the_index_is_used(vendor: Any, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        plan = connection.execute(text("EXPLAIN SELECT 1 FROM project WHERE found_by && ARRAY['12']"))
        assert "project_found_by" in "\n".join(line for (line,) in plan)
