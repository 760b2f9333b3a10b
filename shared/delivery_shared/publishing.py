"""How a domain event becomes a message: the fields of the contract, taken from the event by name."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, TypeVar

from msgspec.structs import fields

from delivery_shared.contracts import Contract

C = TypeVar("C", bound=Contract)


def carries(
    contract: type[C], *, id: str | None = None, time: str | None = None, **made: Callable[[Any], Any]
) -> Callable[[Any], C]:
    """A function from an event to ``contract``. Every field is the event's attribute of the same name, but for:

    :param id: the field that takes the id of the event's stream.
    :param time: the field that takes the event's time.
    :param made: for each field named here, what makes it from the event.
    :raises TypeError: ``contract`` has no such field.

    ``reads`` of that function names the attributes it takes; the contract tests know that the fact has them.
    """
    named = {id, time} - {None} | made.keys()
    unknown = named - {field.name for field in fields(contract)}
    if unknown:
        raise TypeError(f"{contract.__name__} has no {', '.join(sorted(map(str, unknown)))}")
    sources = {field.name: field.name for field in fields(contract) if field.name not in made}
    sources |= {field: attribute for field, attribute in ((id, "originator_id"), (time, "timestamp")) if field}
    names, read = tuple(sources), _tuple_of(tuple(sources.values()))

    def to_contract(event: Any) -> C:
        values = dict(zip(names, read(event), strict=True))
        for field, make in made.items():
            values[field] = make(event)
        return contract(**values)

    to_contract.__annotations__["return"] = contract  # so that a table of these tells what it publishes
    vars(to_contract)["reads"] = frozenset(sources.values())
    return to_contract


def _tuple_of(attributes: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """Like ``attrgetter``, which gives no tuple for a single name or none."""
    if len(attributes) > 1:
        return attrgetter(*attributes)
    return lambda event: tuple(getattr(event, attribute) for attribute in attributes)
