"""What was stored once is read for ever: streams and snapshots written by earlier versions, byte for byte.

``stored/<service>.json`` holds streams with every fact of the service, and the state they folded to then: an attribute
that has come since is not in it. ``stored/names.json`` lists every topic and every contract there has been. `make docs`
adds what is new; what stands there already is never edited.
"""

from __future__ import annotations

import dataclasses
import json
from typing import Any
from uuid import UUID

import pytest
from delivery_shared.facts import Aggregate, Fact
from eventsourcing.persistence import StoredEvent
from eventsourcing.utils import get_topic

from tests.contract.storing import NAMES, SERVICES, TIME, events_of, example, mapper, names, state_of, stored, topics

RETIRED = {"project:Project": {"participants"}}
"""Attributes whose question is answered from others by now: the facts hold all they were made of."""


def streams() -> list[Any]:
    return [
        pytest.param(stream, id=f"{stream['aggregate']} {number}")
        for service in SERVICES
        for number, stream in enumerate(stored(service)["streams"])
    ]


def test_what_was_ever_stored_or_published_is_known_and_what_is_known_is_listed() -> None:
    assert json.loads(NAMES.read_text()) == names(), "run `make docs` for what is new; nothing listed ever goes"


@pytest.mark.parametrize("service", SERVICES)
def test_every_topic_ever_stored_is_known_and_every_known_one_has_been_stored(service: str) -> None:
    found = {
        topic
        for stream in stored(service)["streams"]
        for topic in (stream["aggregate"], *(event["topic"] for event in stream["events"]))
    }
    assert found == topics(service).keys(), "run `make docs`"


@pytest.mark.parametrize("stream", streams())
def test_a_stored_stream_folds_to_the_state_it_had_and_is_written_the_same(stream: dict[str, Any]) -> None:
    aggregate: Any = None
    for event in events_of(stream):
        fact: Any = mapper().to_domain_event(event)
        assert mapper().to_stored_event(fact) == event
        aggregate = fact.mutate(aggregate)
    assert get_topic(type(aggregate)) == stream["aggregate"]
    kept = {n: v for n, v in stream["folded"].items() if n not in RETIRED.get(stream["aggregate"], ())}
    state = state_of(aggregate)
    found = {name: state.get(name) for name in kept}  # attributes that came later stand besides
    assert found == kept, json.dumps(state, ensure_ascii=False)


@pytest.mark.parametrize("stream", streams())
def test_the_same_told_today_is_stored_in_the_same_bytes(stream: dict[str, Any]) -> None:
    aggregate: Aggregate[Any] | None = None
    for event in events_of(stream):
        fact: Any = mapper().to_domain_event(event)
        said = type(fact)(**{field.name: getattr(fact, field.name) for field in dataclasses.fields(fact)})
        if aggregate is None:
            cls = topics(stream["aggregate"].partition(":")[0])[stream["aggregate"]]
            aggregate = cls.begun(said, id=fact.originator_id, at=fact.timestamp)
        else:
            aggregate.tell(said, at=fact.timestamp)
        (told,) = aggregate.collect_events()
        vars(told)["trace"] = vars(fact).get("trace", {})
        again = mapper().to_stored_event(told)
        assert (again.topic, again.originator_version) == (event.topic, event.originator_version)
        assert again.state == event.state


@pytest.mark.parametrize("snapshot", stored("dispatch")["snapshots"], ids=["staff", "providers"])
def test_a_stored_snapshot_gives_the_state_it_was_taken_of_and_is_taken_the_same(snapshot: dict[str, Any]) -> None:
    event = StoredEvent(UUID(snapshot["stream"]), snapshot["version"], snapshot["topic"], snapshot["state"].encode())
    taken: Any = mapper().to_domain_event(event)
    aggregate = taken.mutate(None)
    assert state_of(aggregate) == snapshot["folded"]
    again = type(taken).take(aggregate)
    vars(again).update(timestamp=taken.timestamp)
    if "trace" in vars(taken):
        vars(again)["trace"] = vars(taken)["trace"]
    rewritten = json.loads(mapper().to_stored_event(again).state)
    written = json.loads(event.state)
    written.pop("trace", None)
    rewritten.pop("trace", None)
    assert rewritten == written


@pytest.mark.parametrize("kind", [k for s in SERVICES for k in topics(s).values() if issubclass(k, Fact)])
def test_an_example_of_every_fact_is_stored_and_read_again(kind: type[Any]) -> None:
    """What `make docs` would write for it."""
    fact = example(kind)
    vars(fact).update(originator_id=UUID(int=1), originator_version=1, timestamp=TIME)
    assert mapper().to_domain_event(mapper().to_stored_event(fact)) == fact
