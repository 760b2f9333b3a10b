"""Decoding events: the same as the library's own, whatever was encoded."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from delivery_shared.transcoding import FastTranscoder
from eventsourcing.persistence import (
    DatetimeAsISO,
    DecimalAsStr,
    JSONTranscoder,
    TranscodingNotRegisteredError,
    UUIDAsHex,
)
from hypothesis import given
from hypothesis import strategies as st

PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(),
    st.uuids(),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.datetimes(timezones=st.just(UTC)),
)
NAMES = st.text(max_size=8).filter(lambda name: name not in ("_type_", "_data_"))
VALUES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=12
)


def registered(transcoder: JSONTranscoder) -> JSONTranscoder:
    for transcoding in (UUIDAsHex(), DecimalAsStr(), DatetimeAsISO()):
        transcoder.register(transcoding)
    return transcoder


@given(st.dictionaries(NAMES, VALUES, max_size=6))
def test_an_event_is_decoded_as_the_library_decodes_it(state: dict[str, Any]) -> None:
    fast, slow = registered(FastTranscoder()), registered(JSONTranscoder())
    stored = fast.encode(state)
    assert stored == slow.encode(state)
    assert fast.decode(stored) == slow.decode(stored) == state


def test_typed_values_are_found_at_every_depth() -> None:
    person, at = UUID(int=7), datetime(2026, 3, 1, tzinfo=UTC)
    state = {"by": {"user_id": person}, "list": [{"at": at}, [person]], "amount": Decimal("1.10")}
    transcoder = registered(FastTranscoder())
    assert transcoder.decode(transcoder.encode(state)) == state


def test_a_value_of_an_unknown_type_is_refused() -> None:
    with pytest.raises(TranscodingNotRegisteredError):
        registered(FastTranscoder()).decode(b'{"a": {"_type_": "money", "_data_": "1"}}')
