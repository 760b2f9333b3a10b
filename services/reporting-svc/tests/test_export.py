"""列表导出."""

from __future__ import annotations

import csv
import gc
import io
import re
import resource
import threading
import tracemalloc
import zipfile
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from delivery_shared.contracts import project
from reporting_svc import export
from reporting_svc.application import EXPORTS_AT_ONCE
from sqlalchemy import Engine, text

from .conftest import NOON, As, Feeds, Session, World, id_of
from .test_overdue import open_node, overdue

pytestmark = pytest.mark.integration

PATH = "/api/v1/project-list/export"

VENDORS = [
    *("订单号", "业务号", "产品名称", "版本", "销售渠道", "创建时间"),
    *("客户名称", "服务商", "操作人", "角色", "项目阶段", "超时(工作日)", "SKU", "数量", "订单标记", "订单参数"),
]
PROVIDERS = [*VENDORS[:7], "厂商", *VENDORS[7:]]


def csv_rows(body: bytes) -> list[list[str]]:
    assert body.startswith("\ufeff".encode())
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def xlsx_rows(body: bytes) -> list[list[str]]:
    """The texts of the first sheet; every cell must be a text."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        sheet = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    space = re.match(r"\{.*\}", sheet.tag)[0]  # type: ignore[index]
    rows = []
    for row in sheet.iter(f"{space}row"):
        cells = list(row)
        assert {cell.get("t") for cell in cells} == {"inlineStr"}
        rows.append(["".join(cell.itertext()) for cell in cells])
    return rows


READ = {"csv": csv_rows, "xlsx": xlsx_rows}


def exported(session: Session, format: str, **query: Any) -> list[list[str]]:
    response = session.get(PATH, format=format, **query)
    assert response.status_code == 200, response.json
    return READ[format](response.data)


@pytest.fixture
def vendor(world: World, sign_in: As) -> Session:
    return sign_in(world.vendor, "isv", main=True)


@pytest.mark.requirement("R-07", "R-11", "R-15", "R-20", "R-21")
@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_the_file_has_the_columns_of_the_list(
    feeds: Feeds, world: World, vendor: Session, sign_in: As, format: str
) -> None:
    feeds(*world.parties(), *world.products(), *open_node(world, "660012"), overdue("660012"))
    cells = [
        "660012", "660012001", "name_56001", "尊贵版 (自营)", "--", "2019-10-16 12:00", "客户甲乙丙", "河北服务商",
        "李四", "设计师", "设计", "服务端超时 0.0", "--", "1", "", "",
    ]  # fmt: skip
    assert exported(vendor, format, entrance="vendor") == [VENDORS, cells]
    with_vendor = [PROVIDERS, [*cells[:7], "河北服务商", *cells[7:]]]
    assert exported(vendor, format, entrance="provider") == with_vendor
    assert exported(sign_in(id_of("小二"), "operator"), format) == with_vendor


def test_the_file_says_what_the_order_is_besides_a_sale(feeds: Feeds, world: World, vendor: Session) -> None:
    bought: dict[str, Any] = {"sku": "yuncode-1", "quantity": 12, "trial": True, "test": True}
    held = project.HoldSet(project_id=id_of("A"), run=1, reason="expired", holds=["expired"], held_at=NOON)
    ended = project.ProjectCancelled(
        project_id=id_of("B"), run=1, remark="r", by=project.Actor(kind="marketplace"), cancelled_at=NOON, refund=True
    )
    feeds(*world.parties(), *world.products(), world.started("A", **bought), held, world.started("B"), ended)
    rows = {row[0]: row[-4:-1] for row in exported(vendor, "csv", tab="all")[1:]}
    assert rows == {"A": ["yuncode-1", "12", "试用、测试、订单到期"], "B": ["--", "1", "已退款"]}


@pytest.mark.requirement("R-15", "R-16", "R-17", "R-21", "R-22")
@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_the_file_holds_all_rows_of_the_tab_that_meet_the_filters(
    feeds: Feeds, world: World, vendor: Session, sign_in: As, format: str
) -> None:
    names = [f"o{number:03}" for number in range(230)]
    feeds(*(world.started(name, started_at=NOON + timedelta(seconds=n)) for n, name in enumerate(names)))
    feeds(world.ended("o000", "cancelled"), world.started("foreign", vendor_id=world.rival))

    def numbers(session: Session, **query: Any) -> list[str]:
        return [row[0] for row in exported(session, format, **query)[1:]]

    assert numbers(vendor) == names[:0:-1]
    assert numbers(vendor, sort="order_number") == names[1:]
    assert numbers(vendor, tab="cancelled") == ["o000"]
    assert numbers(vendor, order_number="o00") == [f"o00{n}" for n in range(9, 0, -1)]
    assert numbers(vendor, tab="completed") == []
    assert numbers(vendor, entrance="provider") == []
    assert numbers(sign_in(world.vendor, "vendor"), tab="cancelled") == ["o000"]
    assert numbers(sign_in(world.rival, "isv", main=True)) == ["foreign"]


@pytest.mark.requirement("R-07", "R-15")
@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_the_file_calls_the_customer_what_the_order_called_it(
    feeds: Feeds, world: World, vendor: Session, format: str
) -> None:
    said = {"customer_id": id_of("nobody registered"), "customer_number": "N-1", "customer_name": "新客户有限公司"}
    feeds(*world.parties(), world.started("1", **said), world.started("2"))
    named = {row[0]: row[VENDORS.index("客户名称")] for row in exported(vendor, format, entrance="vendor")[1:]}
    assert named == {"1": "新客户有限公司", "2": "客户甲乙丙"}


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1+1", "＋1", "－5", "＠SUM", "-", "-- x"]
NUMBERS = [
    "2026112912345678901",
    "１２３４５６７８９０１２",
    "123456789012",
    "000123",
    "12E5",
    "1e5",
    "1-2",
    "2026/11/29",
]
PLAIN = ["a=1", '","x', "<&>", "", "--", "12345678901", "0", "1", "A000123", "2.5", "x-1", "a;=1"]


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_no_cell_is_taken_for_a_formula_or_another_number(
    feeds: Feeds, world: World, vendor: Session, format: str
) -> None:
    """A sheet of texts needs no protection, so it gets none."""
    texts = [*FORMULAS, *NUMBERS, *PLAIN]
    feeds(
        *(
            world.started(f"o{number:02}", product_name=text, started_at=NOON - timedelta(seconds=number))
            for number, text in enumerate(texts)
        )
    )
    shown = [row[2].replace("_x000D_", "\r") for row in exported(vendor, format)[1:]]
    if format == "xlsx":
        assert shown == texts
    else:
        assert shown == [*(f"'{text}" for text in FORMULAS), *(f"\t{text}" for text in NUMBERS), *PLAIN]


def test_every_cell_of_a_csv_file_is_in_quotes(feeds: Feeds, world: World, vendor: Session) -> None:
    feeds(world.started("1", product_name='a"b'))
    heading, line, end = vendor.get(PATH, format="csv").data.decode("utf-8-sig").split("\r\n")
    assert heading == ",".join(f'"{name}"' for name in VENDORS)
    assert line.startswith('"1","')
    assert '"a""b"' in line
    assert end == ""


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_the_answer_is_a_file_to_save(vendor: Session, format: str) -> None:
    response = vendor.get(PATH, format=format, tab="paused")
    assert response.headers["Content-Disposition"] == f"attachment; filename=projects-paused.{format}"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.content_type == {
        "csv": "text/csv; charset=utf-8",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }[format]  # fmt: skip


@pytest.mark.parametrize(
    "query", [{"format": "pdf"}, {"limit": "10"}, {"cursor": "x"}, {"tab": "every"}, {"sort": "stage"}, {"x": "1"}]
)
def test_bad_queries_are_refused_by_field(vendor: Session, query: dict[str, str]) -> None:
    response = vendor.get(PATH, **query)
    assert (response.status_code, response.content_type) == (422, "application/problem+json")
    assert [error["field"].rpartition(".")[2] for error in response.json["errors"]] == list(query)


def test_more_rows_than_a_sheet_holds_are_refused_and_csv_takes_them(
    feeds: Feeds, world: World, vendor: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "XLSX_ROWS", 2)
    feeds(*(world.started(f"{number}") for number in range(2)))
    assert len(exported(vendor, "xlsx")) == 3
    feeds(world.started("2"))
    refused = vendor.get(PATH, format="xlsx")
    assert (refused.status_code, refused.json["type"]) == (422, "urn:delivery-center:problem:export-too-large")
    assert len(exported(vendor, "csv")) == 4


def test_only_so_many_exports_are_written_at_once(
    feeds: Feeds, world: World, vendor: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing, done = threading.Barrier(EXPORTS_AT_ONCE + 1), threading.Event()
    original = export.write

    def slow(*args: Any, **kwargs: Any) -> Any:
        writing.wait(10)
        done.wait(10)
        return original(*args, **kwargs)

    monkeypatch.setattr(export, "write", slow)
    statuses: list[int] = []
    get = lambda: statuses.append(vendor.get(PATH, format="csv").status_code)  # noqa: E731
    threads = [threading.Thread(target=get) for _ in range(EXPORTS_AT_ONCE)]
    for thread in threads:
        thread.start()
    writing.wait(10)
    busy = vendor.get(PATH, format="csv")
    done.set()
    for thread in threads:
        thread.join(10)
    assert (busy.status_code, busy.json["type"]) == (503, "urn:delivery-center:problem:busy")
    assert statuses == [200] * EXPORTS_AT_ONCE
    monkeypatch.setattr(export, "write", original)
    assert vendor.get(PATH, format="csv").status_code == 200


@pytest.mark.filterwarnings(
    "ignore:.*(FileIO|ZipFile):pytest.PytestUnraisableExceptionWarning"
)  # what could not be written
@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_a_full_disk_is_a_503_and_the_export_works_afterwards(
    feeds: Feeds, world: World, vendor: Session, format: str
) -> None:
    feeds(*(world.started(f"o{number:04}") for number in range(300)))
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        full = vendor.get(PATH, format=format)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    gc.collect()
    assert (full.status_code, full.json["type"]) == (503, "urn:delivery-center:problem:no-room")
    assert int(full.headers["Retry-After"]) > 0
    assert len(exported(vendor, format)) == 301


def test_a_file_is_closed_when_its_reader_goes_away() -> None:
    file = export.write([], format="csv", columns=["订单号"])
    reading = export.blocks(file)
    next(reading)
    reading.close()  # type: ignore[attr-defined]
    assert file.closed


@pytest.fixture
def many(engine: Engine, feeds: Feeds, world: World) -> int:
    """20,000 projects, written past the feeds."""
    number = 20_000
    feeds(*world.parties(), *world.products(), world.started("1"))
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO project SELECT (jsonb_populate_record(p, jsonb_build_object('project_id',"
                " gen_random_uuid(), 'order_number', 'n' || n, 'order_key', 'n' || n))).*"
                " FROM project p, generate_series(2, :n) n"
            ),
            {"n": number},
        )
    return number


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_memory_does_not_grow_with_the_rows(vendor: Session, many: int, format: str) -> None:
    """What is held at the peak is the same for 2,000 rows as for 20,000, so it is for 100,000."""

    def peak(**query: str) -> int:
        tracemalloc.start()
        try:
            response = vendor.client.get(
                PATH,
                query_string={"format": format, **query},
                headers={"Authorization": f"Bearer {vendor.token}"},
                buffered=False,
            )
            size = sum(len(block) for block in response.iter_encoded())
            assert size > 10_000
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(order_number="n1")  # what is loaded and cached once
    few, all = peak(order_number="n11"), peak()
    assert many == 20_000
    assert all < few * 1.25 + 1_000_000
    assert all < 16_000_000


def test_the_headings_of_a_sheet_stay_in_sight_and_its_columns_are_wide_enough() -> None:
    with export.write([], format="xlsx", columns=export.columns_of("vendor")) as file:
        sheet = zipfile.ZipFile(file).read("xl/worksheets/sheet1.xml").decode()
    assert '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' in sheet
    widths = [float(width) for width in re.findall(r'<col [^>]*width="([0-9.]+)"', sheet)]
    assert widths[2] > widths[0] > widths[3] > 14
