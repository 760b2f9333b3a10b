"""What users see of their sessions, and who ends them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from delivery_shared.contracts import identity

from .conftest import Account, Published

pytestmark = pytest.mark.integration


def again(account: Account, address: str = "192.0.2.1") -> Account:
    """The same user in another browser."""
    return Account(account.client, account.login_name, account.password, user_id=account.user_id).sign_in(address)


def listed(account: Account) -> list[dict[str, Any]]:
    found = account("GET", "me/sessions").json
    assert found["total"] == len(found["items"])
    items: list[dict[str, Any]] = found["items"]
    return items


def test_a_user_sees_where_it_is_signed_in(designer: Account, rival: Account) -> None:
    phone = again(designer, "198.51.100.23")
    items = listed(designer)
    assert [item["current"] for item in items].count(True) == 1
    newest = items[0]
    assert (newest["address"], newest["current"]) == ("198.51.100.23", False)
    assert newest["agent"].startswith("Werkzeug/")
    started, used = (datetime.fromisoformat(newest[name]) for name in ("started_at", "used_at"))
    assert started == used < datetime.fromisoformat(newest["expires_at"])
    assert phone.refresh().status_code == 200
    after = next(item for item in listed(designer) if item["session_id"] == newest["session_id"])
    assert datetime.fromisoformat(after["used_at"]) > used
    assert {item["session_id"] for item in listed(rival)}.isdisjoint(item["session_id"] for item in items)


def test_a_user_ends_one_of_its_sessions(designer: Account, rival: Account, published: Published) -> None:
    phone = again(designer)
    (other,) = [item["session_id"] for item in listed(phone) if item["current"]]
    assert rival("DELETE", f"me/sessions/{other}").status_code == 404
    assert designer("DELETE", f"me/sessions/{uuid4()}").status_code == 404
    assert phone.refresh().status_code == 200
    published.again()
    assert designer("DELETE", f"me/sessions/{other}").status_code == 204
    assert [type(c) for c in published()] == [identity.SessionsRevoked]
    assert phone("GET", "me").status_code == 401
    assert phone.refresh().status_code == 401
    assert designer.refresh().status_code == 200
    assert other not in {item["session_id"] for item in listed(designer)}


def test_a_user_ends_all_other_sessions(designer: Account) -> None:
    others = [again(designer), again(designer)]
    assert designer("DELETE", "me/sessions").status_code == 204
    assert [other.refresh().status_code for other in others] == [401, 401]
    assert designer.refresh().status_code == 200
    assert [item["current"] for item in listed(designer)] == [True]


def test_an_admin_ends_the_sessions_of_its_users(
    isv: Account, rival: Account, designer: Account, operator: Account, published: Published
) -> None:
    phone = again(designer)
    assert rival("DELETE", f"users/{designer.user_id}/sessions").status_code == 404
    assert operator("DELETE", f"users/{designer.user_id}/sessions").status_code == 404
    assert designer("DELETE", f"users/{isv.user_id}/sessions").status_code == 403
    assert designer.refresh().status_code == 200
    published.again()
    assert isv("DELETE", f"users/{designer.user_id}/sessions").status_code == 204
    assert [type(c) for c in published()] == [identity.SessionsRevoked]
    for account in (designer, phone):
        assert account("GET", "me").status_code == 401
        assert account.refresh().status_code == 401
    assert again(designer)("GET", "me").status_code == 200, "the password is the same"
    assert operator("DELETE", f"users/{isv.user_id}/sessions").status_code == 204, "a main account is the operator's"
    assert isv.refresh().status_code == 401
