"""What the schema for analysts says of values that stand in contracts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from delivery_shared.contracts.template import NodeType
from reporting_svc import bi

VIEWS = Path(bi.__file__).parent / "v1"


def test_the_reference_names_every_type_of_node() -> None:
    text = (VIEWS / "03_dimensions.sql").read_text()
    comment = re.search(r"dim_template_node\.type IS\s+'([^']+)'", text)
    assert comment
    assert re.findall(r"[a-z]+_?[a-z]*", comment[1].replace(" or ", " ")) == list(get_args(NodeType))
