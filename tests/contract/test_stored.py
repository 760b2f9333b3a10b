"""What was stored once is read for ever: streams and snapshots written by earlier versions, byte for byte.

``stored/<service>.json`` holds streams with every fact of the service, and the state they folded to then: an attribute
that has come since is not in it. A new fact is
appended to one of them – or begins one –, with its topic in ``stored/names.json``; what stands there already is never
edited.
"""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from delivery_shared.contracts import CONTRACTS
from delivery_shared.eventstore import TracingMapper
from delivery_shared.facts import Aggregate
from delivery_shared.transcoding import FastTranscoder
from eventsourcing.persistence import DatetimeAsISO, DecimalAsStr, StoredEvent, UUIDAsHex
from eventsourcing.utils import _topic_cache, get_topic

FOLDER = Path(__file__).parent / "stored"
SERVICES = ("project", "dispatch", "template", "identity")
NAMES: dict[str, list[str]] = json.loads((FOLDER / "names.json").read_text())

RETIRED = {"project:Project": {"participants"}}
"""Attributes whose question is answered from others by now: the facts hold all they were made of."""

for service in SERVICES:
    import_module(f"{service}_svc.store")


def stored(service: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = json.loads((FOLDER / f"{service}.json").read_text())
    return found


def streams() -> list[Any]:
    return [
        pytest.param(stream, id=f"{stream['aggregate']} {number}")
        for service in SERVICES
        for number, stream in enumerate(stored(service)["streams"])
    ]


def mapper() -> TracingMapper:
    transcoder = FastTranscoder()
    for transcoding in (UUIDAsHex(), DecimalAsStr(), DatetimeAsISO()):
        transcoder.register(transcoding)
    return TracingMapper(transcoder=transcoder)


def plain(value: Any) -> Any:
    """The state of an aggregate as JSON has it."""
    if dataclasses.is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(found) for key, found in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((plain(found) for found in value), key=str)
    if isinstance(value, list | tuple):
        return [plain(found) for found in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return value.isoformat() if isinstance(value, datetime) else str(value)


def state_of(aggregate: Any) -> dict[str, Any]:
    return {name: plain(value) for name, value in vars(aggregate).items() if name != "_pending_events"}


def events_of(stream: dict[str, Any]) -> list[StoredEvent]:
    return [
        StoredEvent(UUID(stream["stream"]), version, event["topic"], event["state"].encode())
        for version, event in enumerate(stream["events"], start=1)
    ]


def test_every_topic_ever_stored_is_known_and_every_known_one_is_listed() -> None:
    assert {topic for topic in _topic_cache if topic.partition(":")[0] in SERVICES} == set(NAMES["topics"])


def test_every_contract_ever_published_is_known_and_every_known_one_is_listed() -> None:
    assert {f"{c.TYPE} v{c.VERSION}" for c in CONTRACTS.values()} == set(NAMES["contracts"])


def test_every_topic_has_been_stored_in_a_stream() -> None:
    found = {
        topic
        for service in SERVICES
        for stream in stored(service)["streams"]
        for topic in (stream["aggregate"], *(event["topic"] for event in stream["events"]))
    }
    assert found == set(NAMES["topics"])


@pytest.mark.parametrize("stream", streams())
def test_a_stored_stream_folds_to_the_state_it_had_and_is_written_the_same(stream: dict[str, Any]) -> None:
    aggregate: Any = None
    for event in events_of(stream):
        fact: Any = mapper().to_domain_event(event)
        assert mapper().to_stored_event(fact) == event
        aggregate = fact.mutate(aggregate)
    assert get_topic(type(aggregate)) == stream["aggregate"]
    kept = {n: v for n, v in stream["folded"].items() if n not in RETIRED.get(stream["aggregate"], ())}
    found = state_of(aggregate)
    assert {name: found[name] for name in kept} == kept, json.dumps(found, ensure_ascii=False)


@pytest.mark.parametrize("stream", streams())
def test_the_same_told_today_is_stored_in_the_same_bytes(stream: dict[str, Any]) -> None:
    aggregate: Aggregate[Any] | None = None
    for event in events_of(stream):
        fact: Any = mapper().to_domain_event(event)
        said = type(fact)(**{field.name: getattr(fact, field.name) for field in dataclasses.fields(fact)})
        if aggregate is None:
            cls = next(c for topic, c in _topic_cache.items() if topic == stream["aggregate"])
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
