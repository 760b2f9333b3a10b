"""How a contract takes its fields from an event."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from delivery_shared.contracts import dispatch, identity, project
from delivery_shared.facts import Fact
from delivery_shared.publishing import carries, published

NOON = datetime(2019, 10, 16, 4, 0, tzinfo=UTC)


def test_fields_are_the_events_attributes_of_the_same_name_its_stream_its_time_and_what_is_made() -> None:
    event = SimpleNamespace(
        originator_id=uuid4(), timestamp=NOON, run=2, remark="r", by={"kind": "operator"}, private="not told"
    )
    to_contract = carries(project.ProjectPaused, id="project_id", time="paused_at", by=lambda e: project.Actor(**e.by))
    assert to_contract(event) == project.ProjectPaused(
        project_id=event.originator_id, run=2, remark="r", by=project.Actor(kind="operator"), paused_at=NOON
    )


def test_a_contract_of_one_field_read_by_name() -> None:
    event = SimpleNamespace(originator_id=uuid4(), party_id=uuid4())
    expected = identity.UserDeleted(user_id=event.originator_id, party_id=event.party_id)
    assert carries(identity.UserDeleted, id="user_id")(event) == expected


def test_a_field_that_the_contract_does_not_have_is_refused_at_once() -> None:
    with pytest.raises(TypeError, match=r"MemberClosed has no closed_at, why"):
        carries(dispatch.MemberClosed, time="closed_at", why=str)


def test_an_event_that_lacks_a_field_is_never_published_half() -> None:
    with pytest.raises(AttributeError, match="person_id"):
        carries(dispatch.MemberClosed)(SimpleNamespace(provider_id=uuid4()))


class Paused(Fact):
    run: int
    remark: str
    by: dict[str, str]


class ProviderSet(Fact):
    run: int
    provider_id: UUID


class Guarded(Fact):
    run: int


def actor(fact: Paused) -> project.Actor:
    return project.Actor(kind="operator")


def test_a_fact_with_a_contract_of_its_name_is_published_as_it_happened_and_any_other_is_private() -> None:
    table = published(Paused | ProviderSet | Guarded, project, prefix="Project", id="project_id", by=actor)
    assert table.keys() == {Paused, ProviderSet}
    stream, provider = uuid4(), uuid4()
    placed = {"originator_id": stream, "timestamp": NOON, "run": 2}
    assert table[Paused](SimpleNamespace(**placed, remark="r", by={"kind": "operator"})) == project.ProjectPaused(
        project_id=stream, run=2, remark="r", by=project.Actor(kind="operator"), paused_at=NOON
    )
    assert table[ProviderSet](SimpleNamespace(**placed, provider_id=provider)) == project.ProviderSet(
        project_id=stream, run=2, provider_id=provider, set_at=NOON
    )


class RoleFilled(Fact):
    run: int
    role: str


def test_a_fact_that_lacks_what_its_contract_says_stops_the_service_at_its_start() -> None:
    with pytest.raises(TypeError, match=r"RoleFilled lacks filled_at, person_id of RoleFilled"):
        published(RoleFilled | Guarded, project, id="project_id")
