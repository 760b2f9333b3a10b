"""The document of the service's routes. Who may call them: tests/security/test_matrix.py."""

from __future__ import annotations

import re
from typing import Any

import pytest
from delivery_shared.http import declarations
from template_svc.domain.kinds import KINDS

pytestmark = pytest.mark.integration


def test_the_api_documents_itself(api: Any) -> None:
    document = api.test_client().get("/api/v1/_docs/template/openapi.json").json
    assert document["openapi"] == "3.1.0"
    assert set(document["paths"]) == {re.sub(r"<\w+:(\w+)>", r"{\1}", rule) for _, rule in declarations(api)}
    schemas = document["components"]["schemas"]
    nodes = [
        schemas[form["$ref"].rpartition("/")[2]] for form in schemas["Content"]["properties"]["nodes"]["items"]["anyOf"]
    ]
    assert [kind for node in nodes for kind in node["properties"]["type"]["enum"]] == list(KINDS)
