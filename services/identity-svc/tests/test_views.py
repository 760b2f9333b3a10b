"""Saved views of lists."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from identity_svc.commands.saved_views import MOST

from .conftest import Account

pytestmark = pytest.mark.integration


def view(**changes: Any) -> dict[str, Any]:
    return {"page": "project-list", "name": "超时项目", "filters": {"tab": "overdue"}, **changes}


def test_a_view_is_kept_replaced_and_deleted(isv: Account) -> None:
    one = uuid4()
    for _ in range(2):
        assert isv("PUT", f"me/views/{one}", view()).status_code in (200, 201)
    assert isv("GET", "me/views").json == {
        "items": [
            {"view_id": str(one), "page": "project-list", "name": "超时项目", "filters": {"tab": "overdue"},
             "shared": False, "own": True, "owner_name": "主账号"}
        ],
        "total": 1,
    }  # fmt: skip
    assert isv("PUT", f"me/views/{one}", view(name="别的", filters={})).status_code == 200
    assert [v["name"] for v in isv("GET", "me/views?page=project-list").json["items"]] == ["别的"]
    assert isv("GET", "me/views?page=my-projects").json["total"] == 0
    assert isv("DELETE", f"me/views/{one}").status_code == 204
    assert isv("DELETE", f"me/views/{one}").status_code == 404
    assert isv("GET", "me/views").json["total"] == 0


def test_views_are_shared_within_the_party_only_and_changed_by_their_owner_only(
    isv: Account, designer: Account, rival: Account
) -> None:
    own, shared = uuid4(), uuid4()
    isv("PUT", f"me/views/{own}", view(name="自用"))
    isv("PUT", f"me/views/{shared}", view(name="共用", shared=True))
    [seen] = designer("GET", "me/views").json["items"]
    assert (seen["name"], seen["own"], seen["owner_name"]) == ("共用", False, "主账号")
    assert rival("GET", "me/views").json["total"] == 0
    for other in (designer, rival):
        assert other("PUT", f"me/views/{shared}", view(name="篡改")).status_code == 404
        assert other("DELETE", f"me/views/{shared}").status_code == 404
        assert other("PUT", f"me/views/{own}", view(name="篡改")).status_code == 404
    assert [v["name"] for v in isv("GET", "me/views").json["items"]] == ["共用", "自用"]


@pytest.mark.parametrize(
    "changes",
    [
        {"page": "Project List"}, {"page": ""}, {"name": " "}, {"name": "名" * 51}, {"filters": []}, {"filters": None},
        {"filters": {"q": "x" * 4096}}, {"shared": "perhaps"}, {"user_id": "1"},
    ],
)  # fmt: skip
def test_bad_views_are_refused(isv: Account, changes: dict[str, Any]) -> None:
    assert isv("PUT", f"me/views/{uuid4()}", view(**changes)).status_code == 422
    assert isv("PUT", "me/views/x", view()).status_code == 404
    assert isv("GET", "me/views?foo=1").status_code == 422
    assert isv("GET", "me/views").json["total"] == 0


def test_a_user_keeps_so_many_views_and_no_more(isv: Account) -> None:
    ids = [uuid4() for _ in range(MOST)]
    for view_id in ids:
        assert isv("PUT", f"me/views/{view_id}", view(name="名" * 50)).status_code == 201
    assert isv("PUT", f"me/views/{uuid4()}", view()).status_code == 409
    assert isv("PUT", f"me/views/{ids[0]}", view()).status_code == 200
    assert isv("GET", "me/views").json["total"] == MOST
