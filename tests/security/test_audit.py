"""The audit chains of a running center: kept up by themselves, their heads exported and held against later chains."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from delivery_center import verify
from delivery_shared.eventstore import EventStore
from delivery_shared.testing.fixtures import eventually

from .conftest import Installation

pytestmark = pytest.mark.integration


def stores(installation: Installation) -> dict[str, EventStore]:
    return {name: service.store for name, service in installation.center.services.items() if service.store}


def test_chains_follow_the_events_and_exported_heads_stay_part_of_them(
    installation: Installation, tmp_path: Path
) -> None:
    """In embedded mode, without a broker."""
    all_stores, file = stores(installation), tmp_path / "heads.json"
    assert set(all_stores) == {"template", "identity", "intake", "project", "dispatch"}
    eventually(lambda: not [line for store in all_stores.values() for line in verify.unsealed(store)])
    heads = verify.heads(installation.center)
    assert all(head.id > 0 for head in heads.values())
    verify.export(heads, file)
    kept = verify.exported(file)
    assert kept == heads
    assert list(verify.unchanged(all_stores, kept)) == []
    before = heads["identity"].id
    installation.own.admin.post("/api/v1/departments", {"name": "审计"})
    eventually(lambda: verify.heads(installation.center)["identity"].id > before)
    assert list(verify.unchanged(all_stores, kept)) == [], "what came later changes nothing about the head kept"


def test_a_head_that_does_not_fit_is_reported_with_its_service(installation: Installation) -> None:
    eventually(lambda: not list(verify.unsealed(stores(installation)["template"])))
    head = verify.heads(installation.center)["template"]
    [line] = verify.unchanged(stores(installation), {"template": replace(head, hash=bytes(32))})
    assert line.startswith("template: the audit chain was rewritten")
