"""What is easily forgotten beside a new command or node type, and no other test asks for."""

from __future__ import annotations

import re
import typing
from pathlib import Path

import pytest
from delivery_shared.contracts.template import NodeType
from reporting_svc.tables import SHOWN, project

from tests.security.matrix import routes

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("service", routes())
def test_every_command_over_http_has_its_row_among_the_slices_of_its_service(service: str) -> None:
    lines = (ROOT / "services" / f"{service}-svc" / "README.md").read_text().splitlines()
    rows = [line for line in lines if line.startswith("| ")]
    untold = []
    for method, rule in routes()[service]:
        *_, noun = (part for part in rule.split("/") if not part.startswith("<"))
        told = (re.search(rf"\b{method}\b", row) and re.search(rf"[/… `]{noun}\b", row) for row in rows)
        if method != "GET" and not any(told):
            untold.append(f"{method} {rule}")
    assert untold == []


def test_the_console_has_a_sign_for_every_node_type() -> None:
    source = (ROOT / "web" / "src" / "screens" / "templates" / "NodeIcon.tsx").read_text()
    signs = re.findall(r"^  (\w+): \w+,$", source, re.MULTILINE)
    assert sorted(signs) == sorted(typing.get_args(NodeType))


NOT_SHOWN = {
    "run": "read with the reason of waiting",
    "node": "an id; its name is `stage`",
    "operator": "in `operator`, with names",
    "role": "in `operator`, with its name",
    "assignee_id": "in `operator`, with the name",
    "entered_at": "in the marks and figures",
    "timeout": "in `limit`, as days",
    "clock_from": "in `limit`, as the due time",
    "since": "of the figures",
    "ended_at": "of the figures",
    "overdue_side": "in `overdue`",
    "overdue": "in `overdue`, with texts",
    "valid_until": "in the list of purchased services",
    "template_id": "of the figures",
    "template_version": "of the figures",
    "type": "of the figures",
    "step": "of the figures",
    "left_visit": "whether the visit is open",
    "stars": "of the figures",
    "parameters": "with labels, without what they are found by",
    "found_by": "lists are filtered by it",
    "paused_at": "in the views for analysts",
    "evaluated_at": "in the views for analysts",
    "order_key": "the order's number as it is compared",
    "business_key": "the business number as it is compared",
    "name_key": "the product's name as it is sorted",
}
"""Columns that no list shows as they are, and where they are seen."""


def test_a_column_of_a_project_is_shown_in_its_lists_or_said_not_to_be() -> None:
    assert {column.name for column in project.columns if column.info != SHOWN} == set(NOT_SHOWN)
