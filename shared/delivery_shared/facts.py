"""Facts (领域事件) and the aggregates that tell and fold them.

A *fact* is what has happened: a class with fields, declared once, in ``domain/facts.py`` of its service. An aggregate
*tells* a fact – gives it its place in the stream – and *folds* it by one exhaustive ``change``; decisions are functions
that look at an aggregate and tell it facts. What is stored is a fact: whoever reads a stream matches by class.

    class NodeRejected(Fact):
        \"\"\"驳回 (R-119).\"\"\"

        visit: int
        reason: str

    ProjectFact = Started | NodeRejected

    @stored_as("project", ProjectFact)
    class Project(Aggregate[ProjectFact]):
        def change(self, fact: ProjectFact, at: datetime) -> None:
            match fact:
                case Started(): ...
                case NodeRejected(): ...
                case _: assert_never(fact)

    project.tell(NodeRejected(visit=3, reason="…"), at=now)
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING
from datetime import datetime
from types import UnionType
from typing import Any, ClassVar, Generic, Self, TypeVar, cast, dataclass_transform, get_args
from uuid import UUID

from eventsourcing.domain import Aggregate as StoredAggregate
from eventsourcing.utils import get_topic, register_topic, resolve_topic


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Fact:
    """Base of all facts: subclasses are frozen dataclasses whose fields are given by name.

    Two facts are equal if they say the same, wherever they were told. ``class PoolOpened(Fact, stored_name="Opened")``
    is stored under another name than that of its class.
    """

    originator_id: UUID
    """The stream the fact was told in. Like the next two unknown until it is told."""
    originator_version: int
    """Its number in that stream, from 1."""
    timestamp: datetime
    """When it happened, as the service counts time."""
    stored_name: ClassVar[str]
    """The last part of the topic it is stored under."""
    later: ClassVar[Mapping[str, Any]]
    """Fields with a default: they came later. One that has its default is not stored, so that a fact that says what it
    always said is stored as it always was."""

    def __init_subclass__(cls, *, stored_name: str = "") -> None:
        super().__init_subclass__()
        cls.stored_name = stored_name or cls.__name__
        dataclasses.dataclass(frozen=True, kw_only=True)(cls)
        cls.later = {f.name: f.default for f in dataclasses.fields(cast(Any, cls)) if f.default is not MISSING}

    def mutate(self, aggregate: Aggregate[Any] | None) -> Aggregate[Any]:
        """Fold this stored fact: the library's way of rebuilding an aggregate. See :func:`folded`."""
        return folded(aggregate, self)


F = TypeVar("F", bound=Fact)
G = TypeVar("G", bound=Fact)
A = TypeVar("A", bound="Aggregate[Any]")


class Aggregate(StoredAggregate, Generic[F]):
    """Base of all aggregates. ``F`` is the union of the facts it tells.

    State stands in attributes, set by :meth:`change` and by nothing else; the first fact sets all of them.
    """

    def change(self, fact: F, at: datetime) -> None:
        """Apply what happened at ``at``: one ``match`` over all facts, pure, never refusing."""
        raise NotImplementedError

    def tell(self, fact: F, *, at: datetime) -> None:
        """``fact`` has happened at ``at``: apply it, and store it with the next save."""
        self._take(_placed(fact, self.id, self.version + 1, at))

    @classmethod
    def begun(cls, fact: F, *, id: UUID, at: datetime) -> Self:
        """A new aggregate, begun by its first fact."""
        new = cls.__new__(cls)
        first = _placed(fact, id, cls.INITIAL_VERSION, at, originator_topic=get_topic(cls))
        new.__base_init__(originator_id=id, originator_version=0, timestamp=at)
        new._take(first)
        return new

    @property
    def facts(self) -> list[F]:
        """The facts told since the last save, in order."""
        return cast("list[F]", self.pending_events)

    def _take(self, told: F) -> None:
        self._fold(told)
        self.pending_events.append(cast(Any, told))

    def _fold(self, told: F) -> None:
        if told.originator_id != self.id or told.originator_version != self.version + 1:
            raise OutOfPlace(told, self)
        self.change(told, told.timestamp)
        self.version = told.originator_version
        self.modified_on = told.timestamp


class OutOfPlace(Exception):
    """A stored fact is not the next one of the stream it is folded into: one before it is missing, or it belongs to
    another stream."""

    def __init__(self, fact: Fact, aggregate: Aggregate[Any]) -> None:
        super().__init__(
            f"{get_topic(type(fact))} is number {fact.originator_version} of stream {fact.originator_id}, "
            f"folded into {aggregate.id} after number {aggregate.version}"
        )
        self.stream, self.version = aggregate.id, aggregate.version + 1


def folded(aggregate: Aggregate[Any] | None, fact: Fact) -> Aggregate[Any]:
    """``aggregate`` – None before the first fact – after ``fact``, which changes it in place.

    :raises OutOfPlace: ``fact`` is not the next of its stream.
    """
    if aggregate is None:
        cls: type[Aggregate[Any]] = resolve_topic(vars(fact)["originator_topic"])
        aggregate = cls.__new__(cls)
        aggregate.__base_init__(originator_id=fact.originator_id, originator_version=0, timestamp=fact.timestamp)
    aggregate._fold(fact)
    return aggregate


def state_of(aggregate: StoredAggregate) -> dict[str, Any]:
    """All an aggregate knows, without what is told and not saved yet."""
    return {name: value for name, value in vars(aggregate).items() if name != "_pending_events"}


def refolded(facts: Iterable[Fact]) -> Iterator[Aggregate[Any]]:
    """The aggregate as it stood after each of the facts of one stream; always the same object."""
    aggregate: Aggregate[Any] | None = None
    for fact in facts:
        aggregate = folded(aggregate, fact)
        yield aggregate


def _placed(fact: G, stream: UUID, version: int, at: datetime, **more: str) -> G:
    """``fact`` with its place: a new object, in the order of fields in which facts are stored."""
    told = object.__new__(type(fact))
    said, later = vars(fact), type(fact).later
    if later:
        said = {name: value for name, value in said.items() if name not in later or value != later[name]}
    vars(told).update(
        originator_id=stream, originator_version=version, timestamp=at, **more, **said
    )  # not through __init__, which knows the fields of the fact only
    return told


def stored_as(service: str, facts: UnionType | type[Fact]) -> Callable[[type[A]], type[A]]:
    """Class decorator for aggregates: they are stored as ``<service>:<Aggregate>`` and their ``facts`` as
    ``<service>:<Aggregate>.<Fact>``, wherever their modules stand, so that moving one orphans no stored fact.

    :raises TypeError: two of the facts have one name.
    """
    classes: tuple[type[Fact], ...] = get_args(facts) or (facts,)

    def register(cls: type[A]) -> type[A]:
        named = {f"{service}:{cls.__name__}.{fact.stored_name}": fact for fact in classes}
        if len(named) != len(classes):
            raise TypeError(f"two facts of {cls.__name__} have one name")
        kinds: dict[str, type[Any]] = {f"{service}:{cls.__name__}": cls, **named}
        for topic, kind in kinds.items():
            kind.TOPIC = topic
            register_topic(topic, kind)
        return cls

    return register
