"""Links and codes: what they say, who believes them, and that they say nothing personal."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from delivery_shared.links import Link, LinkKeys, contact_id

OLD, NEW = "o" * 32, "n" * 32
AT = datetime(2026, 11, 30, 1, 2, 3, tzinfo=UTC)
PROJECT = UUID("00000000-0000-4000-8000-000000000001")


def test_a_link_says_project_version_and_when_it_was_made() -> None:
    keys = LinkKeys(keys=[NEW])
    token = keys.link(PROJECT, 7, at=AT)
    assert keys.opened(token) == Link(project_id=PROJECT, version=7, made_at=AT)
    assert len(token) < 90, "it stands in an SMS"
    assert token.replace("~", "").replace(".", "").replace("-", "").replace("_", "").isalnum(), "no address escapes it"


def test_keys_are_replaced_with_links_staying_good() -> None:
    before, meanwhile, after = LinkKeys(keys=[OLD]), LinkKeys(keys=[OLD, NEW]), LinkKeys(keys=[NEW])
    old, new = before.link(PROJECT, 1, at=AT), meanwhile.link(PROJECT, 1, at=AT)
    assert meanwhile.opened(old) == meanwhile.opened(new) == after.opened(new) is not None
    assert after.opened(old) is None
    assert meanwhile.is_code(before.code(PROJECT, 1, 1), PROJECT, 1, 1)
    assert not after.is_code(before.code(PROJECT, 1, 1), PROJECT, 1, 1)


@pytest.mark.parametrize("forged", ["", "x", "a.b.c", "..", "~", "é.é.é", "a" * 10_000, "\0"])
def test_what_we_never_made_is_nothing(forged: str) -> None:
    assert LinkKeys(keys=[NEW]).opened(forged) is None


def test_a_changed_link_is_nothing() -> None:
    keys = LinkKeys(keys=[NEW])
    token = keys.link(PROJECT, 1, at=AT)
    for place in range(len(token) - 1):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        assert keys.opened(changed) is None, place


def test_codes_have_six_digits_and_follow_from_project_version_and_number() -> None:
    keys = LinkKeys(keys=[NEW])
    codes = {keys.code(PROJECT, version, number) for version in (1, 2) for number in range(50)}
    assert {len(code) for code in codes} == {6}
    assert all(code.isdecimal() for code in codes)
    assert len(codes) > 90, "a few of a million may be alike"
    assert keys.is_code(keys.code(PROJECT, 1, 1), PROJECT, 1, 1)
    assert not keys.is_code("", PROJECT, 1, 1)


def test_keys_come_from_the_environment_and_are_shown_nowhere() -> None:
    assert LinkKeys.read({}) is None
    read = LinkKeys.read({"DELIVERY_LINK_KEYS": f"{OLD}\n{NEW}\n"})
    assert read == LinkKeys(keys=[OLD, NEW])
    assert OLD not in repr(read)
    with pytest.raises(SystemExit, match="DELIVERY_LINK_KEYS"):
        LinkKeys.read({"DELIVERY_LINK_KEYS": "short"})


def test_a_contact_named_anew_is_another_person() -> None:
    project = uuid4()
    assert contact_id(project, 1) == contact_id(project, 1) != contact_id(project, 2)
