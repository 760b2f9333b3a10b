"""A customer's number says who somebody is within its marketplace, and nowhere else."""

from __future__ import annotations

from uuid import UUID

import pytest
from delivery_shared.contracts.identity import HOME, buyer_key, party_id_of
from delivery_shared.texts import ControlCharacter, clean, key

SHOPS = [f"generic:{shop}" for shop in ("0c5be3f0-4a3f-4b71-8d33-a9a0b3c0f001", "0c5be3f0-4a3f-4b71-8d33-a9a0b3c0f002")]
SPACES = [HOME, "huawei", "tencent", *SHOPS]


@pytest.mark.parametrize("number", ["1001", "c-ab1", "Ｃ－ａｂ１"])
def test_equal_numbers_of_two_marketplaces_are_two_buyers(number: str) -> None:
    assert len({party_id_of(number, space) for space in SPACES}) == len(SPACES)
    assert len({buyer_key(number, space) for space in SPACES}) == len(SPACES)


@pytest.mark.parametrize("space", SPACES)
def test_within_a_marketplace_a_number_is_one_however_it_is_written(space: str) -> None:
    written = ("c-ab1", " C-AB1 ", "Ｃ－ａｂ１")
    assert len({party_id_of(number, space) for number in written}) == 1
    assert len({buyer_key(number, space) for number in written}) == 1


def test_ids_and_keys_of_the_home_marketplace_are_those_of_before() -> None:
    assert party_id_of("C0001") == UUID("0aed6872-bf3c-5cd4-a0ad-d30fbec907ac")
    assert buyer_key(" C0001") == key("c0001") == "c0001"


@pytest.mark.parametrize("space", SPACES[1:])
def test_no_number_reads_like_one_of_another_marketplace(space: str) -> None:
    for number in (f"1001 {space}", f"1001{space}", f"1001:{space}", f"1001\u2003{space}"):
        assert clean(number)
        assert buyer_key(number) != buyer_key("1001", space)
        assert party_id_of(number) != party_id_of("1001", space)
    with pytest.raises(ControlCharacter):
        buyer_key(f"1001\t{space}")
