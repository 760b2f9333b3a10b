"""The choice among candidates, for any of them."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import pytest
from delivery_shared.contracts.dispatch import QUEUE_REASONS
from dispatch_svc.domain.choice import draw, least_loaded, pick, provider_reason, staff_reason
from hypothesis import given, strategies

WEIGHTS = strategies.lists(strategies.integers(1, 100), min_size=1, max_size=8)
LOADS = strategies.lists(
    strategies.integers(1, 50).flatmap(lambda m: strategies.tuples(strategies.integers(0, m - 1), strategies.just(m))),
    min_size=1,
    max_size=30,
)
SEED = strategies.integers(0, 2**63 - 1)


def named(values: list[int]) -> list[tuple[str, int]]:
    return [(str(n), value) for n, value in enumerate(values)]


@given(WEIGHTS, SEED)
def test_a_draw_is_one_of_those_taking_part_and_the_same_for_the_same_seed(weights: list[int], seed: int) -> None:
    chosen = draw(named(weights), seed)
    assert chosen in dict(named(weights))
    assert draw(named(weights), seed) == chosen


@pytest.mark.requirement("D-05")
@given(strategies.integers(1, 100), SEED)
def test_the_only_one_taking_part_is_drawn_whatever_its_weight(weight: int, seed: int) -> None:
    assert draw([("a", weight)], seed) == "a"


@pytest.mark.requirement("D-03", "D-04", "P-30")
def test_shares_follow_the_weights() -> None:
    """20 against 30 over 20,000 orders: 40 % and 60 %, each within four standard deviations (1.4 %)."""
    drawn = Counter(draw([("a", 20), ("b", 30)], seed) for seed in range(20_000))
    assert abs(drawn["a"] / 20_000 - 0.4) < 0.014
    assert drawn["a"] + drawn["b"] == 20_000


def test_every_candidate_can_be_drawn() -> None:
    assert {draw([("a", 1), ("b", 1), ("c", 100)], seed) for seed in range(2000)} == {"a", "b", "c"}


def test_nobody_is_drawn_from_nobody() -> None:
    with pytest.raises(ValueError, match="nobody"):
        draw([], 1)
    with pytest.raises(ValueError, match="nobody"):
        pick([], 1)


@pytest.mark.requirement("D-21", "D-22")
@given(LOADS)
def test_the_least_loaded_are_exactly_those_with_the_smallest_fraction(loads: list[tuple[int, int]]) -> None:
    candidates = [(str(n), load, maximum) for n, (load, maximum) in enumerate(loads)]
    least = min(Fraction(load, maximum) for _, load, maximum in candidates)
    assert least_loaded(candidates) == [c for c, load, maximum in candidates if Fraction(load, maximum) == least]


@pytest.mark.requirement("D-21")
def test_ratios_are_compared_exactly() -> None:
    assert least_loaded([("a", 1, 3), ("b", 2, 6), ("c", 17, 50)]) == ["a", "b"]
    assert least_loaded([("a", 10**17, 3 * 10**17), ("b", 10**17 + 1, 3 * 10**17)]) == ["a"]


@pytest.mark.requirement("D-22")
def test_ties_are_broken_at_random() -> None:
    """Three equals over 9,000 orders: a third each, within four standard deviations (2 %)."""
    picked = Counter(pick(["a", "b", "c"], seed) for seed in range(9_000))
    assert all(abs(picked[c] / 9_000 - 1 / 3) < 0.02 for c in "abc")


@pytest.mark.requirement("D-07", "D-08", "D-18")
def test_reasons_of_the_provider_level() -> None:
    assert provider_reason(configured=0, free=0) == "no_provider_configured"
    assert provider_reason(configured=2, free=0) == "providers_full"
    assert provider_reason(configured=2, free=1) is None


@pytest.mark.requirement("D-18", "D-34", "D-35")
def test_every_reason_has_its_words_and_no_other_is_known() -> None:
    reasons = {provider_reason(configured=c, free=0) for c in (0, 1)} | {
        staff_reason(receiving=r, free=0) for r in (0, 1)
    }
    assert reasons == QUEUE_REASONS.keys()
    assert QUEUE_REASONS["staff_full"] == ("所有服务商员工持单量已满", "All staff are full")


@pytest.mark.requirement("D-34", "D-35")
def test_reasons_of_the_staff_level() -> None:
    assert staff_reason(receiving=0, free=0) == "no_staff"
    assert staff_reason(receiving=2, free=0) == "staff_full"
    assert staff_reason(receiving=2, free=2) is None
