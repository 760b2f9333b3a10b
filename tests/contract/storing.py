"""Examples of what is stored and sent, for the tests that hold them for ever: one of each fact and each contract.

`make docs` adds those that are missing – a stream that ends with the new fact, a golden sample of the new contract –
with values that follow from the types of the fields; better ones may be put in by hand before the first commit. What
stands there already is never changed.
"""

from __future__ import annotations

import copy
import dataclasses
import json
import types
import typing
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, cast
from uuid import UUID, uuid5

import msgspec
from delivery_shared.contracts import CONTRACTS, Contract
from delivery_shared.contracts import __file__ as contracts_file
from delivery_shared.eventstore import TracingMapper
from delivery_shared.facts import Aggregate, Fact
from delivery_shared.transcoding import FastTranscoder
from eventsourcing.persistence import DatetimeAsISO, DecimalAsStr, StoredEvent, UUIDAsHex
from eventsourcing.utils import _topic_cache

FOLDER = Path(__file__).parent / "stored"
NAMES = FOLDER / "names.json"
SAMPLES = Path(contracts_file).parent / "samples"
SERVICES = ("project", "dispatch", "template", "identity", "intake")

ID = UUID("00000000-0000-4000-8000-000000000001")
TIME = datetime(2026, 1, 5, 2, 3, 4, 500000, tzinfo=UTC)

for service in SERVICES:
    import_module(f"{service}_svc.store")


def mapper() -> TracingMapper:
    transcoder = FastTranscoder()
    for transcoding in (UUIDAsHex(), DecimalAsStr(), DatetimeAsISO()):
        transcoder.register(transcoding)
    return TracingMapper(transcoder=transcoder)


def topics(service: str) -> dict[str, type[Any]]:
    """Every topic the service stores under, with its class: aggregates and facts."""
    known = cast(dict[str, type[Any]], _topic_cache)
    return {topic: kind for topic, kind in known.items() if topic.partition(":")[0] == service}


def names() -> dict[str, list[str]]:
    """Every topic and every contract of today."""
    return {
        "topics": sorted(topic for service in SERVICES for topic in topics(service)),
        "contracts": sorted(f"{contract.TYPE} v{contract.VERSION}" for contract in CONTRACTS.values()),
    }


def stored(service: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = json.loads((FOLDER / f"{service}.json").read_text())
    return found


def events_of(stream: dict[str, Any]) -> list[StoredEvent]:
    return [
        StoredEvent(UUID(stream["stream"]), version, event["topic"], event["state"].encode())
        for version, event in enumerate(stream["events"], start=1)
    ]


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


PLAIN: dict[Any, Any] = {
    bool: True, int: 1, str: "例", UUID: ID, datetime: TIME, date: TIME.date(), Any: "例", type(None): None
}  # fmt: skip


def example(kind: Any, inside: tuple[Any, ...] = ()) -> Any:
    """A value of a field's type; a list of what it stands ``inside`` – nodes of a node – is empty.

    :raises TypeError: none is known for it.
    """
    if kind in PLAIN:
        return PLAIN[kind]
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Required, typing.NotRequired, typing.Annotated):
        return example(inner[0], inside)
    if origin is Literal:
        return inner[0]
    if origin in (types.UnionType, typing.Union):
        return example(next(one for one in inner if one is not type(None)), inside)
    if origin in (list, tuple, set, frozenset):
        return origin([] if inner[0] in inside else [example(inner[0], inside)])
    if origin is dict:
        return {example(inner[0], inside): example(inner[1], inside)}
    if isinstance(kind, type):
        hints = typing.get_type_hints(kind)
        if issubclass(kind, Fact):
            names = [field.name for field in dataclasses.fields(kind)]  # type: ignore[arg-type]
        else:
            names = [name for name, of in hints.items() if typing.get_origin(of) is not typing.ClassVar]
        return kind(**{name: example(hints[name], (*inside, kind)) for name in names})
    raise TypeError(f"no example of {kind}: write one")


def missing_streams(service: str) -> Iterator[dict[str, Any]]:
    """A stream for each fact that none ends with or holds: the shortest of its aggregate, and the fact."""
    known = stored(service)["streams"]
    held = {event["topic"] for stream in known for event in stream["events"]}
    for topic, kind in topics(service).items():
        if issubclass(kind, Fact) and topic not in held:
            name = topic.rpartition(".")[0]
            alike = [stream for stream in known if stream["aggregate"] == name]
            stream = _ending_with(example(kind), topic, name, min(alike, key=lambda s: len(s["events"]), default=None))
            known.append(stream)
            yield stream


def _ending_with(fact: Fact, topic: str, name: str, like: dict[str, Any] | None) -> dict[str, Any]:
    stream = uuid5(ID, topic)
    if like is None:
        begun: Aggregate[Any] = topics(name.partition(":")[0])[name].begun(fact, id=stream, at=TIME)
        events, aggregate = [], begun
    else:
        events, aggregate = copy.deepcopy(like["events"]), _folded({**like, "stream": str(stream)})
        aggregate.tell(fact, at=aggregate.modified_on + timedelta(hours=1))
    (told,) = aggregate.collect_events()
    written = mapper().to_stored_event(told)
    events.append({"topic": written.topic, "state": written.state.decode()})
    return {"stream": str(stream), "events": events, "aggregate": name, "folded": state_of(aggregate)}


def _folded(stream: dict[str, Any]) -> Any:
    aggregate: Any = None
    for event in events_of(stream):
        fact: Any = mapper().to_domain_event(event)
        aggregate = fact.mutate(aggregate)
    return aggregate


def missing_samples() -> Iterator[tuple[Path, Contract]]:
    """The golden samples that contracts of the present version do not have."""
    for contract in CONTRACTS.values():
        path = SAMPLES / f"{contract.TYPE}.v{contract.VERSION}.json"
        if not path.exists():
            yield path, example(contract)


def write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n")


def main() -> None:
    """Write what is missing."""
    for path, sample in missing_samples():
        write(path, msgspec.to_builtins(sample))
    for service in SERVICES:
        if missing := list(missing_streams(service)):
            kept = stored(service)
            write(FOLDER / f"{service}.json", {**kept, "streams": [*kept["streams"], *missing]})
    listed = json.loads(NAMES.read_text())
    write(NAMES, {kind: sorted({*listed[kind], *found}) for kind, found in names().items()})


if __name__ == "__main__":
    main()
