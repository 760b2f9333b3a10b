"""How people are reached is kept in one form; what nothing could be sent to is refused where it is typed."""

from __future__ import annotations

import pytest
from delivery_shared.http.contacts import Email, Mobile
from identity_svc.api.contacts import Landline
from marshmallow import ValidationError


@pytest.mark.requirement("U-02")
@pytest.mark.parametrize(
    "typed",
    [
        "13800000000", "138 0000 0000", "138-0000-0000", "+86 13800000000", "+86 138 0000 0000", "0086 13800000000",
        "13800000000 ", "\u202d13800000000\u202c", "138\u200b00000000", "１３８００００００００",
        "＋86\u00a0138–0000–0000", "(+86) 13800000000",
    ],
)  # fmt: skip
def test_a_mobile_number_is_one_however_it_is_typed(typed: str) -> None:
    assert Mobile().deserialize(typed) == "13800000000"


@pytest.mark.requirement("U-02")
@pytest.mark.parametrize(("typed", "kept"), [("+1 650-253-0000", "+16502530000"), ("+852 6123 4567", "+85261234567")])
def test_a_number_of_elsewhere_keeps_its_country(typed: str, kept: str) -> None:
    assert Mobile().deserialize(typed) == kept
    assert Mobile().deserialize(kept) == kept


@pytest.mark.requirement("U-02")
@pytest.mark.parametrize(
    "typed",
    ["", " ", "\u200b", "+86 1", "1380000000", "138000000000", "+999 13800000000", "138CALLNOW0", "电话", "1" * 41],
)
def test_what_is_no_mobile_number_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        Mobile().deserialize(typed)


@pytest.mark.requirement("U-02")
def test_a_landline_is_area_number_and_extension() -> None:
    assert Landline().deserialize(" ０４５１ － 57028123–0987\u200b") == "0451-57028123-0987"
    assert Landline().deserialize("1111-1121313") == "1111-1121313"
    for wrong in ("", "0451-1-2-3", "+86 0451", "a"):
        with pytest.raises(ValidationError):
            Landline().deserialize(wrong)


@pytest.mark.requirement("U-38")
@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" a@b.com ", "a@b.com"),
        ("a@b.com\u200b", "a@b.com"),
        ("wang@例子.中国", "wang@例子.中国"),
        ("info@bu\u0308cher.de", "info@bücher.de"),
        ("wang@xn--fsqu00a.xn--fiqs8s", "wang@例子.中国"),
        ("A.b@EXAMPLE.com", "A.b@example.com"),
    ],
)
def test_an_address_is_kept_in_one_form(typed: str, kept: str) -> None:
    assert Email().deserialize(typed) == kept
    assert Email().deserialize(kept) == kept


@pytest.mark.requirement("U-38")
@pytest.mark.parametrize(
    "typed", ["", " ", "no address", "@", "王芳@example.com", "a@b.cn\r\nBcc: c@d.cn", "a@b", "a@b.cn, c@d.cn"]
)
def test_an_address_no_mail_reaches_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        Email().deserialize(typed)
