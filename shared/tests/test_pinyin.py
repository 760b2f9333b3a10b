"""Names in the order people look for them in."""

from __future__ import annotations

import random

import pytest
from delivery_shared.pinyin import sort_key

NAMES = [
    "-x", "123公司", "20号", "阿明", "安娜", "昂首", "长沙公司", "重庆公司", "单雄", "李三", "李四", "李一", "钱七",
    "吴十", "西安", "先生", "张三", "章三", "赵六", "主账号", "Ａbc", "alice", "Bob", "élan", "Zoe",
]  # fmt: skip
"""In order: signs, digits, characters by sound – in a word with the one they have there –, letters."""


def test_names_are_sorted_by_sound_and_without_case() -> None:
    names = NAMES.copy()
    random.Random(7).shuffle(names)
    assert sorted(names, key=sort_key) == NAMES


def test_writings_of_one_name_are_one() -> None:
    assert len({sort_key(name) for name in ("ALICE", "alice", "Ａｌｉｃｅ")}) == 1


@pytest.mark.parametrize("name", ["", "幸福👨‍👩‍👧店", "李𱍐", "ß İ ﷽", "カタカナ 한글", "一不做，二不休", "\U000323ae"])
def test_every_name_has_a_place(name: str) -> None:
    """Whatever there is in it; a name that begins another stands before it."""
    assert sort_key(name) < sort_key(f"{name}吴")


def test_the_order_is_that_of_the_database() -> None:
    """A column under ``COLLATE "C"`` compares the bytes of UTF-8, which are in the order of Python's code points."""
    keys = [sort_key(name) for name in NAMES]
    assert sorted(keys, key=str.encode) == keys
