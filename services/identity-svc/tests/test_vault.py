"""Personal fields are sealed per person."""

from __future__ import annotations

from uuid import uuid4

import pytest
from cryptography.exceptions import InvalidTag
from delivery_shared.sealing import new_key
from identity_svc.domain.user import Personal
from identity_svc.vault import PersonalData, seal, unseal

DATA = PersonalData(name="李四", mobile="18888888888", landline="0451-57028123-0987", email="lisi@example.com")


def test_what_was_sealed_opens_again_and_shows_nothing() -> None:
    key, user = new_key(), uuid4()
    sealed = seal(key, user, DATA)
    assert unseal(key, user, sealed) == DATA
    assert seal(key, user, DATA) != sealed
    for text in ("李四", "18888888888", "57028123", "example"):
        assert text not in repr(sealed)


def test_missing_fields_stay_missing() -> None:
    key, user = new_key(), uuid4()
    sealed = seal(key, user, PersonalData(name="李四"))
    assert (sealed["mobile"], sealed["landline"], sealed["email"]) == (None, None, None)
    assert unseal(key, user, sealed) == PersonalData(name="李四")


def test_it_opens_with_no_other_key_for_no_other_user_and_in_no_other_field() -> None:
    key, user = new_key(), uuid4()
    sealed = seal(key, user, DATA)
    moved = Personal(name=str(sealed["mobile"]), mobile=None, landline=None, email=None)
    for wrong_key, wrong_user, personal in ((new_key(), user, sealed), (key, uuid4(), sealed), (key, user, moved)):
        with pytest.raises(InvalidTag):
            unseal(wrong_key, wrong_user, personal)
