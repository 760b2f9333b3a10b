"""SKU maps as CSV files, as spreadsheets write them: with a line of names, in UTF-8 with or without a mark, parted
by commas, semicolons or tabs."""

from __future__ import annotations

import csv
import io
from typing import Any, Final

from delivery_shared import texts

from intake_svc.commands.connections import SkuLine

REQUIRED: Final = ("product_code", "product")
OWN: Final = ("product_code", "sku", "product", "edition")
LONGEST: Final = 200
MOST: Final = 2000
"""Lines."""


class FileUnreadable(Exception):
    """``fields`` name what is wrong, by line."""

    def __init__(self, fields: list[dict[str, Any]]) -> None:
        super().__init__(f"{len(fields)} faults")
        self.fields = fields


def lines_of(content: str) -> list[SkuLine]:
    """:raises FileUnreadable:"""
    content = content.removeprefix("\ufeff")
    names = content.partition("\n")[0]
    separator = max(",;\t", key=names.count)
    try:
        rows = list(csv.DictReader(io.StringIO(content, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        raise _fault("content", f"不是有效的CSV文件 / no CSV file: {error}") from None
    missing = [name for name in REQUIRED if not rows or name not in rows[0]]
    if missing:
        raise _fault("content", f"缺少列 / columns are missing: {', '.join(missing)}")
    if len(rows) > MOST:
        raise _fault("content", f"最多{MOST}行 / at most {MOST} lines")
    wrong: list[dict[str, Any]] = []
    lines = [_line(number, row, wrong) for number, row in enumerate(rows)]
    if wrong:
        raise FileUnreadable(wrong)
    return lines


def _line(number: int, row: dict[Any, Any], wrong: list[dict[str, Any]]) -> SkuLine:
    """What is wrong is added to ``wrong``."""
    if None in row:
        wrong.append({"field": f"entries.{number}", "message": "列数过多 / more columns than names"})
        row = {name: value for name, value in row.items() if name is not None}
    cells = {}
    for name, value in row.items():
        try:
            cells[texts.clean(name)] = texts.clean(value or "")
        except texts.ControlCharacter:
            wrong.append({"field": f"entries.{number}.{name}", "message": "不能包含控制字符 / no control characters"})
        if len(value or "") > LONGEST:
            wrong.append({"field": f"entries.{number}.{name}", "message": f"最长{LONGEST}字符 / at most {LONGEST}"})
    empty = [name for name in REQUIRED if not cells.get(name)]
    wrong += [{"field": f"entries.{number}.{name}", "message": "不能为空 / is missing"} for name in empty]
    return SkuLine(
        product_code=cells.get("product_code", ""),
        sku=cells.get("sku", ""),
        product=cells.get("product", ""),
        product_id=None,
        edition=cells.get("edition") or None,
        facts={name: value for name, value in cells.items() if name not in OWN and value},
    )


def _fault(field: str, message: str) -> FileUnreadable:
    return FileUnreadable([{"field": field, "message": message}])
