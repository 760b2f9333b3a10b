"""Decisions as given/when/then.

given(started(...)).when(lambda p: operating.confirm(p, ...)).then(facts.NodeCompleted, facts.NodeEntered)
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import pytest
from eventsourcing.domain import Aggregate

from delivery_shared.facts import Fact

A = TypeVar("A", bound=Aggregate)


class given(Generic[A]):
    """Start from an aggregate; its events so far are the given."""

    def __init__(self, aggregate: A, *steps: Callable[[A], Any]) -> None:
        for step in steps:
            step(aggregate)
        self.history = list(aggregate.collect_events())
        self.aggregate = aggregate
        self.new: list[Any] = []

    def when(self, decide: Callable[[A], Any]) -> given[A]:
        """Take the decision; its events are collected."""
        decide(self.aggregate)
        self.new = list(self.aggregate.collect_events())
        return self

    def then(self, *expected: Any) -> given[A]:
        """Exactly these new facts, in order: a class, ``(class, {field: value})`` for the fields that matter, or the
        whole fact. Also: folding given and new facts again gives the very same aggregate."""
        assert [type(event) for event in self.new] == [_class_of(wanted) for wanted in expected]
        for event, wanted in zip(self.new, expected, strict=True):
            if isinstance(wanted, tuple):
                assert {k: getattr(event, k) for k in wanted[1]} == wanted[1]
            elif isinstance(wanted, Fact):
                assert event == wanted
        refolded: Any = None
        for event in [*self.history, *self.new]:
            refolded = copy.deepcopy(event).mutate(refolded)
        assert vars(refolded) == vars(self.aggregate)
        self.history += self.new
        return self

    def refuses(self, error: type[Exception], decide: Callable[[A], Any]) -> given[A]:
        """The decision raises ``error`` and changes nothing."""
        before = copy.deepcopy(vars(self.aggregate))
        with pytest.raises(error):
            decide(self.aggregate)
        assert vars(self.aggregate) == before
        return self


def _class_of(expected: Any) -> Any:
    if isinstance(expected, tuple):
        return expected[0]
    return type(expected) if isinstance(expected, Fact) else expected
