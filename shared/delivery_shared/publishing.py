"""How a fact becomes a message: the contract of its name, its fields taken from the fact by name."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime
from operator import attrgetter
from types import ModuleType, UnionType
from typing import Any, TypeVar, get_args, get_type_hints

from msgspec.structs import fields

from delivery_shared.contracts import Contract
from delivery_shared.facts import Fact

C = TypeVar("C", bound=Contract)
Maker = Callable[[Any], Any]


def published(
    facts: UnionType, contracts: ModuleType, *, prefix: str = "", id: str | None = None, **made: Maker
) -> dict[type[Fact], Callable[[Any], Contract]]:
    """Each of ``facts`` that has a contract of its name – maybe with ``prefix`` before – and what makes that contract
    from it, as :func:`carries` does. Any other fact is private. What differs from this stands beside it in the table.

    :param id: the field that takes the id of the fact's stream, where a contract has it.
    :param made: what makes a field of this name, where a contract has it.
    :raises TypeError: a fact lacks what its contract says.

    The one point in time that the contract has and the fact has not is when it happened.
    """
    table: dict[type[Fact], Callable[[Any], Contract]] = {}
    for fact in get_args(facts):
        contract = getattr(contracts, fact.__name__, None) or getattr(contracts, prefix + fact.__name__, None)
        if contract is not None:
            table[fact] = _named_alike(fact, contract, id=id, made=made)
    return table


def _named_alike(
    fact: type[Fact], contract: type[Contract], *, id: str | None, made: dict[str, Maker]
) -> Callable[[Any], Contract]:
    types = {name: kind for name, kind in get_type_hints(contract).items() if name in contract.__struct_fields__}
    makers = {name: make for name, make in made.items() if name in types}
    missing = types.keys() - makers.keys() - {id} - {field.name for field in dataclasses.fields(fact)}  # type: ignore[arg-type]
    times = [name for name in missing if types[name] is datetime]
    if len(missing) > 1 or missing != set(times):
        raise TypeError(f"{fact.__name__} lacks {', '.join(sorted(missing))} of {contract.__name__}")
    return carries(contract, id=id if id in types else None, time=times[0] if times else None, **makers)


def carries(contract: type[C], *, id: str | None = None, time: str | None = None, **made: Maker) -> Callable[[Any], C]:
    """A function from a fact to ``contract``. Every field is the fact's attribute of the same name, but for:

    :param id: the field that takes the id of the fact's stream.
    :param time: the field that takes the fact's time.
    :param made: for each field named here, what makes it from the fact.
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
