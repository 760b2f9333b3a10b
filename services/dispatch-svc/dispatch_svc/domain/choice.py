"""How one of several candidates is chosen. Pure: the seed of every random draw comes in as data (architecture 4),
so that any decision can be repeated and explained."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random

TIED_KEPT = 20
"""How many of those taking part an event names; the full list follows by replaying the pool."""


def draw(weights: Sequence[tuple[str, int]], seed: int) -> str:
    """One of ``(id, weight)`` with probability weight / sum of weights (D-03, D-04); weights are positive integers.

    :raises ValueError: nobody takes part.
    """
    total = sum(weight for _, weight in weights)
    if total <= 0:
        raise ValueError("nobody to draw from")
    point = Random(seed).randrange(total)  # noqa: S311 - fairness, not secrecy; the seed is from a CSPRNG
    for candidate, weight in weights:
        point -= weight
        if point < 0:
            return candidate
    raise AssertionError("the weights cover every point")


def least_loaded(loads: Iterable[tuple[str, int, int]]) -> list[str]:
    """Those of ``(id, load, maximum)`` with the smallest load/maximum (D-21), in the order given.

    Compared exactly, by cross-multiplied integers: 1/3 is neither more nor less than 2/6. Whoever has reached the
    maximum – also a maximum of 0 – must have been left out before.
    """
    best: list[str] = []
    least, least_of = 1, 0
    for candidate, load, maximum in loads:
        difference = load * least_of - least * maximum
        if not best or difference < 0:
            best = [candidate]
            least, least_of = load, maximum
        elif difference == 0:
            best.append(candidate)
    return best


def pick(tied: Sequence[str], seed: int) -> str:
    """One of several equals, at random (D-22). :raises ValueError: there is none."""
    if not tied:
        raise ValueError("nobody to pick from")
    return tied[Random(seed).randrange(len(tied))]  # noqa: S311 - as above


def provider_reason(*, configured: int, free: int) -> str | None:
    """Why no provider can be chosen, None if one can: 产品未配置服务商 (D-07), 服务商持单量已满 (D-08, D-18)."""
    if not configured:
        return "no_provider_configured"
    return None if free else "providers_full"


def staff_reason(*, receiving: int, free: int) -> str | None:
    """Why nobody can be chosen, None if somebody can: 没有找到可接单的服务商员工 – nobody of the role, or all of
    them 暂停 (D-35) –, 所有服务商员工持单量已满 (D-34)."""
    if not receiving:
        return "no_staff"
    return None if free else "staff_full"
