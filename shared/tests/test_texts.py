"""One rule for texts: what can be seen is taken, what cannot is trimmed, what is no text is refused."""

from __future__ import annotations

import pytest
from delivery_shared.http.texts import Text
from delivery_shared.texts import ControlCharacter, clean, key, visible
from marshmallow import Schema, ValidationError

FLAG = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


@pytest.mark.parametrize(
    "text",
    [
        "上海某某　有限公司",
        "Shanghai\u00a0Ltd",
        "幸福👨\u200d👩\u200d👧店",
        "李\U000323af",  # of a later Unicode than some Pythons know
        "Screenshot 4.05.06\u202fPM.png",
        "می\u200cخواهم",
        "❤\ufe0f",
        FLAG,
        "\ue000",
        "-",
    ],
)
def test_every_letter_space_and_emoji_is_taken_as_it_is(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (" \u3000\u200b张三\ufeff\u00a0", "张三"),
        ("\u202e三张", "三张"),
        ("a\u2067b", "ab"),
        ("e\u0301", "é"),
        ("\u3164", ""),
        ("\u200b", ""),
        ("\u2800\u2800", ""),
        ("\ufe0f", ""),
        ("", ""),
        (" \t\n ", ""),
    ],
)
def test_what_cannot_be_seen_is_trimmed_and_nothing_else_is_empty(given: str, kept: str) -> None:
    assert clean(given) == kept
    assert visible(given) is bool(kept)
    assert clean(clean(given)) == clean(given)


@pytest.mark.parametrize("text", ["a\x00b", "a\x1bb", "a\nb", "a\tb", "a\x85b", "a\u2028b", "a\ud800b"])
def test_control_characters_are_refused_in_a_line(text: str) -> None:
    with pytest.raises(ControlCharacter):
        clean(text)


def test_lines_keep_their_breaks_in_one_form() -> None:
    assert clean(" a\r\nb\rc\u2028d\te\n", lines=True) == "a\nb\nc\nd\te"
    with pytest.raises(ControlCharacter):
        clean("a\x00b", lines=True)


def test_numbers_and_codes_are_compared_in_one_form() -> None:
    assert key(" Ｃ０００１\u200b") == key("c0001") == "c0001"
    assert key("C0001") != key("C0002")


def test_the_field_counts_what_is_kept() -> None:
    schema = Schema.from_dict({"name": Text(longest=2, shortest=1)})()
    assert schema.load({"name": " 张三\u200b "}) == {"name": "张三"}
    for wrong in ("张三丰", " \u200b ", "张\x00", 5, None):
        with pytest.raises(ValidationError):
            schema.load({"name": wrong})
