"""What people hand in where a node asks for it: small files, as real as what is said."""

from __future__ import annotations

import io
from pathlib import Path
from typing import IO, Any, Final

import xlsxwriter

from delivery_center.past.world import DATA

PICTURES: Final = Path(__file__).with_name("pictures")
PAPERS: Final[dict[str, dict[str, Any]]] = DATA["papers"]
"""By the name of the node: a picture, or the rows of a sheet below what it is about."""


def paper(node: str, *, company: str, order: str, version: int) -> tuple[str, IO[bytes]]:
    """Name and content of what is handed in at ``node``; from the second on – the first was sent back – the version is
    part of the name."""
    wanted = PAPERS[node]
    name = wanted["name"] if version == 1 else f"{wanted['name']}（第 {version} 版）"
    if "picture" in wanted:
        return f"{name}.png", io.BytesIO((PICTURES / f"{wanted['picture']}.png").read_bytes())
    return f"{name}.xlsx", _sheet([["客户", company], ["订单号", order], [], *wanted["rows"]])


def _sheet(rows: list[list[str]]) -> IO[bytes]:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, 1, 40)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    content.seek(0)
    return content
