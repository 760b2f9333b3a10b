"""Requests made up from the OpenAPI document – fitting it and not – against the whole center: whatever comes, the
answer is one the document describes, and never a server error."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from delivery_center.gateway.routing import Gateway
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from .conftest import Installation

pytestmark = [
    pytest.mark.integration,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),  # its client closes no download
    # other threads of the running center draw random numbers, which hypothesis takes for the strategies' own
    pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisDeprecationWarning"),
]

DOCUMENT = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text())
METHODS = ("get", "put", "post", "delete")
OPERATIONS = sorted((path, method) for path, item in DOCUMENT["paths"].items() for method in METHODS if method in item)
EXAMPLES = 3
"""Requests of each kind per operation: about a thousand in all, within a minute."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ENDS_SESSIONS = {
    ("/api/v1/sessions/current", "delete"),
    ("/api/v1/me/password", "put"),
    ("/api/v1/users/{user_id}", "put"),
    ("/api/v1/users/{user_id}", "delete"),
    ("/api/v1/users/{user_id}/password-reset", "post"),
    ("/api/v1/access-keys/{key_id}", "delete"),
    ("/api/v1/access-keys/{key_id}/state", "put"),
}
"""What would end the sessions the other requests are sent with: these name nobody, or nobody signed in calls them."""

BEHIND = "urn:delivery-center:problem:behind"

ALL_FITS = {
    ("/intake/{kind}/{token}", "get"),
    ("/intake/{kind}/{token}", "post"),
    ("/api/v1/sessions/access-key", "post"),
}
"""Nothing that does not fit can be made up: two texts, a body that is the marketplace's own; nothing but headers."""

STREAMS = {("/api/v1/live", "get")}
"""Answers that do not end; tests of their own read them."""

SIGNED = {("/market", "post")}
"""Another API, with refusals of its own shape, that takes nothing without a signature; tests of its own try it."""


@pytest.fixture(scope="module")
def schema(installation: Installation) -> Any:
    applications = {name: service.create_api() for name, service in installation.center.services.items()}
    return schemathesis.openapi.from_wsgi("/openapi.json", Gateway(applications))


def test_every_operation_of_the_document_is_tried(schema: Any) -> None:
    found = sorted((o.ok().path, o.ok().method) for o in schema.get_all_operations())
    assert found == OPERATIONS
    assert len(OPERATIONS) > 100


TRIED = [
    pytest.param(path, method, mode, id=f"{path}-{method}-{'fitting' if fits else 'not fitting'}")
    for path, method in OPERATIONS
    for fits, mode in ((True, GenerationMode.POSITIVE), (False, GenerationMode.NEGATIVE))
    if (path, method) not in STREAMS | SIGNED and (fits or (path, method) not in ALL_FITS)
]


@pytest.mark.parametrize(("path", "method", "mode"), TRIED)
def test_every_answer_is_one_the_document_describes(
    installation: Installation, schema: Any, path: str, method: str, mode: GenerationMode
) -> None:
    """As someone who may call the operation, half of the requests about things there are."""
    operation = schema[path][method]
    allowed = DOCUMENT["paths"][path][method]["x-allowed"]
    ends = (path, method) in ENDS_SESSIONS
    callers = {} if ends and "{" not in path else installation.callers
    caller = next((callers[kind] for kind in callers if kind in allowed or "signed_in" in allowed), None)
    headers = {"Authorization": f"Bearer {caller.token}"} if caller else {}
    named = {p["name"] for p in DOCUMENT["paths"][path].get("parameters", []) if p["in"] == "path"}
    known = {name: value for name, value in installation.own.ids.items() if name in named}
    checks = CHECKS if mode is GenerationMode.POSITIVE else [*CHECKS, negative_data_rejection]

    def tried(strategy: Any) -> None:
        @seed(20191025)
        @settings(
            max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=strategy)
        def requests(case: Any) -> None:
            response = case.call(headers=headers)
            if response.status_code == 503 and response.json()["type"] == BEHIND:
                return  # a position made up, which is not there yet for all anybody knows
            case.validate_response(response, checks=checks)

        requests()

    tried(operation.as_strategy(generation_mode=mode))
    if known and not ends:
        tried(operation.as_strategy(generation_mode=mode, path_parameters=known))
