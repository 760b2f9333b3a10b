"""Contracts keep their word: golden samples load for ever, every binding has a producer, every contract a sample."""

from __future__ import annotations

import dataclasses
import json
import typing
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import pytest
from delivery_shared import asyncapi
from delivery_shared.contracts import CONTRACTS, Contract
from delivery_shared.contracts import __file__ as contracts_file

SAMPLES = sorted((Path(contracts_file).parent / "samples").glob("*.json"))
PRODUCERS = {
    "template": "template_svc.publishing",
    "identity": "identity_svc.publishing",
    "intake": "intake_svc.publishing",
    "project": "project_svc.publishing",
    "dispatch": "dispatch_svc.publishing",
}


def published_by(service: str) -> set[type[Contract]]:
    """The contracts the functions of a service's publishing table return."""
    table: dict[type, Any] = import_module(PRODUCERS[service]).PUBLISHING
    return {typing.get_type_hints(getattr(fn, "func", fn))["return"] for fn in table.values()}


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_golden_sample_loads_and_the_present_version_writes_it_the_same(path: Path) -> None:
    message_type, _, version = path.stem.rpartition(".v")
    contract = CONTRACTS[message_type]
    loaded = msgspec.json.decode(path.read_bytes(), type=contract)
    if int(version) == contract.VERSION:
        assert json.loads(msgspec.json.encode(loaded)) == json.loads(path.read_text())


def test_every_version_of_every_contract_has_a_sample() -> None:
    expected = {f"{c.TYPE}.v{v}" for c in CONTRACTS.values() for v in range(1, c.VERSION + 1)}
    assert {path.stem for path in SAMPLES} == expected


def test_a_contract_is_named_after_its_producer() -> None:
    assert {c.producer() for c in CONTRACTS.values()} == set(PRODUCERS)
    assert {c.__module__.rpartition(".")[2] for c in CONTRACTS.values()} == set(PRODUCERS)


@pytest.mark.parametrize("service", PRODUCERS)
def test_every_contract_is_published_by_its_producer_and_by_nobody_else(service: str) -> None:
    assert published_by(service) == {c for c in CONTRACTS.values() if c.producer() == service}


@pytest.mark.parametrize("service", PRODUCERS)
def test_a_published_fact_has_every_field_its_contract_takes(service: str) -> None:
    placed = {"originator_id", "originator_version", "timestamp"}
    for fact, to_contract in import_module(PRODUCERS[service]).PUBLISHING.items():
        fields = {field.name for field in dataclasses.fields(fact)}
        assert getattr(to_contract, "reads", set()) - placed <= fields, fact


def test_the_asyncapi_document_is_the_generated_one() -> None:
    stored = Path(__file__).parents[2] / "docs" / "asyncapi.json"
    assert json.loads(stored.read_text()) == asyncapi.document()


def test_an_unknown_field_is_ignored_and_a_wrong_type_is_not() -> None:
    sample = json.loads(next(p for p in SAMPLES if p.stem == "dispatch.member_set.v1").read_text())
    contract = CONTRACTS["dispatch.member_set"]
    assert msgspec.json.decode(json.dumps({**sample, "new": 1}), type=contract)
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(json.dumps({**sample, "maximum": "50"}), type=contract)
