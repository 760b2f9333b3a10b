"""列表导出: the rows of a tab as a spreadsheet file (R-15, R-16, A-40).

The rows come through a server-side cursor and go to a temporary file one by one, so memory does not grow with their
number; only then the answer begins, so that an error is still an answer and no slow reader holds a connection.
"""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime
from typing import IO, Any, Final, Literal

import xlsxwriter
from delivery_shared.order_parameters import text_of
from delivery_shared.rows import Row
from delivery_shared.working_time import SHANGHAI
from xlsxwriter.exceptions import FileCreateError

Format = Literal["xlsx", "csv"]

EMPTY: Final = "--"
"""An empty cell, as the list shows it (R-11)."""

XLSX_ROWS: Final = 1_048_575
"""Rows below the headings a sheet can hold."""

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Spreadsheets take a cell of a csv file that begins so for a formula or for several cells; East Asian ones take the
full-width signs for the others."""

CHANGED: Final = re.compile(r"0\d+|\d{12,}|\d+[eE]\d+|\d{1,4}[-/]\d{1,2}(?:[-/]\d{1,4})?")
"""Numbers of orders that spreadsheets would show as others: leading zeros lost, digits rounded, taken for dates."""


class TooManyRows(Exception):
    """More rows than a sheet can hold."""


class NoRoom(Exception):
    """The disk of temporary files is full or fails."""


def _operator(row: Row) -> str | None:
    operator = row["operator_shown"]
    return operator["name"] if operator else None


def _role(row: Row) -> str | None:
    """顾客 is who operates, and as what."""
    operator = row["operator_shown"]
    if operator and operator["kind"] == "customer":
        return str(operator["name"])
    return operator["role_name"] if operator else None


def _mark(row: Row) -> str:
    overdue = row["overdue_shown"]
    return f"{overdue['side_text']} {overdue['overdue_days']}" if overdue else ""


def _order_marks(row: Row) -> str:
    """What the order is besides a sale: 试用 or 测试, held by the marketplace, given back."""
    marks = {
        "试用": row["trial"],
        "测试": row["test"],
        "订单冻结": row["hold"] == "frozen",
        "订单到期": row["hold"] == "expired",
        "已退款": row["refund"],
    }
    return "、".join(name for name, there in marks.items() if there)


def _parameters(row: Row) -> str:
    """What the order says of the parameters its product declares."""
    return "；".join(f"{p['label']}：{text_of(p['type'], p['value'])}" for p in row["parameters"])


VENDOR_NAME: Final = "厂商"

COLUMNS: Final[Mapping[str, Callable[[Row], Any]]] = {
    "订单号": lambda row: row["order_number"],
    "业务号": lambda row: row["business_number"],
    "产品名称": lambda row: row["product_name"],
    "版本": lambda row: row["edition"],
    "销售渠道": lambda row: row["sales_channel"],
    "创建时间": lambda row: row["created_at"],
    "客户名称": lambda row: row["customer_name"],
    VENDOR_NAME: lambda row: row["vendor_name"],
    "服务商": lambda row: row["provider_name"],
    "操作人": _operator,
    "角色": _role,
    "项目阶段": lambda row: row["stage"],
    "超时(工作日)": _mark,
    "SKU": lambda row: row["sku"],
    "数量": lambda row: row["quantity"],
    "订单标记": _order_marks,
    "订单参数": _parameters,
}
"""The columns of the lists (R-07, R-20), one cell each; the overdue mark beside the stage (R-23); then what the order
says besides."""


WIDTH: Final = 14
WIDTHS: Final = {"订单号": 22, "业务号": 26, "产品名称": 36, "创建时间": 18, "客户名称": 24, "项目阶段": 20}
"""In characters, so that what the cells usually hold can be read."""


def columns_of(entrance: str | None) -> list[str]:
    """The headings: the vendor's list has no column 厂商 (R-07 against R-20)."""
    return [name for name in COLUMNS if entrance != "vendor" or name != VENDOR_NAME]


def cell(value: Any) -> str:
    """The text of a cell."""
    if value is None:
        return EMPTY
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    return str(value)


def guarded(text: str) -> str:
    """The text of a csv cell, which spreadsheets then show as it is: an apostrophe before what they would take for a
    formula, a tab, which does not show, before digits they would take for another number or a date."""
    if text.startswith(FORMULA) and text != EMPTY:
        return f"'{text}"
    return f"\t{text}" if CHANGED.fullmatch(text) else text


def write(rows: Iterable[Row], *, format: Format, columns: list[str]) -> IO[bytes]:
    """A temporary file with all ``rows``, to be read from its beginning. The caller closes it.

    :raises TooManyRows: more than a sheet can hold. :raises NoRoom: nothing is left behind.
    """
    lines = ([cell(COLUMNS[name](row)) for name in columns] for row in rows)
    try:
        with ExitStack() as kept:
            file = kept.enter_context(tempfile.TemporaryFile())
            (_csv if format == "csv" else _xlsx)(file, columns, lines)
            file.seek(0)
            kept.pop_all()
    except (OSError, FileCreateError) as error:
        raise NoRoom(str(error)) from error
    return file


def _csv(file: IO[bytes], headings: list[str], lines: Iterator[list[str]]) -> None:
    """UTF-8 with the mark by which spreadsheets know it; every cell in quotes, so that none is split."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(headings)
    writer.writerows([guarded(value) for value in line] for line in lines)
    text.flush()
    text.detach()


def _xlsx(file: IO[bytes], headings: list[str], lines: Iterator[list[str]]) -> None:
    """Every cell is a text, so none is a formula or another number. Constant memory: a row is written to disk when the
    next begins."""
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("项目列表")
        sheet.freeze_panes(1, 0)
        bold = book.add_format({"bold": True})
        for column, heading in enumerate(headings):
            sheet.set_column(column, column, WIDTHS.get(heading, WIDTH))
            sheet.write_string(0, column, heading, bold)
        for number, line in enumerate(lines, start=1):
            if number > XLSX_ROWS:
                raise TooManyRows
            for column, value in enumerate(line):
                sheet.write_string(number, column, value)


def blocks(file: IO[bytes], size: int = 64 * 1024) -> Iterator[bytes]:
    """The file in blocks; closed at the end, also when the reader goes away."""
    with file:
        while block := file.read(size):
            yield block
