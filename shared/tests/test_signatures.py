"""Signatures of requests: the example its inventor publishes, one of our own, and what must not pass."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote, quote_plus

import pytest
from alibabacloud_tea_openapi.utils import Utils
from darabonba.request import DaraRequest
from delivery_shared.signatures import NotSigned, Request, signed, signing
from hypothesis import given
from hypothesis import strategies as st

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
SECRET = "YourAccessKeySecret"
PUBLISHED = {
    "host": "ecs.cn-shanghai.aliyuncs.com",
    "x-acs-action": "RunInstances",
    "x-acs-content-sha256": EMPTY,
    "x-acs-date": "2023-10-26T10:22:32Z",
    "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
    "x-acs-version": "2014-05-26",
}
TARGET = "/?ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai"
NAMES = "abcXYZ019-_.~"
SIGNATURE = "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"


def authorization(headers: Mapping[str, str] = PUBLISHED, signature: str = SIGNATURE) -> str:
    return (
        f"ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders={';'.join(sorted(headers))},Signature={signature}"
    )


def request(method: str = "POST", target: str = TARGET, auth: str | None = None, **headers: str) -> Request:
    changed = {**PUBLISHED, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return Request(method=method, target=target, headers={**changed, "authorization": auth or authorization()})


def test_the_published_example() -> None:
    found = signed(request())
    assert found.string == "ACS3-HMAC-SHA256\n7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259"
    assert found.by(SECRET)
    assert (found.access_key_id, found.nonce) == ("YourAccessKeyId", "3156853299f313e23d1673dc12e1703d")
    assert found.date == datetime(2023, 10, 26, 10, 22, 32, tzinfo=UTC)


@pytest.mark.parametrize(
    "altered",
    [
        request(method="GET"),
        request(target=TARGET + "&DryRun=true"),
        request(target=TARGET.replace("shanghai", "beijing")),
        request(target="/other" + TARGET[1:]),
        request(host="market.aliyuncs.com"),
        request(x_acs_action="DeleteInstances"),
        request(x_acs_date="2023-10-26T10:22:33Z"),
        request(x_acs_signature_nonce="another"),
        request(x_acs_content_sha256="0" * 64),
        request(auth=authorization(signature="0" * 64)),
    ],
)
def test_altered_it_is_not_signed_by_anybody(altered: Request) -> None:
    assert not signed(altered).by(SECRET)


def test_another_secret_has_not_signed_it() -> None:
    assert not signed(request()).by("AnotherAccessKeySecret")
    assert not signed(request()).by("")


@pytest.mark.parametrize(
    ("lacking", "said"),
    [
        (request(auth="Bearer abc"), "Authorization"),
        (request(auth="ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host,Signature=short"), "Authorization"),
        (request(auth=authorization({"host": ""})), "x-acs-action"),
        (request(auth=authorization({**PUBLISHED, "accept": ""})), "accept"),
        (request(x_acs_security_token="not signed"), "x-acs-security-token"),
        (request(x_acs_content_sha256="none"), "x-acs-content-sha256"),
        (request(x_acs_date="yesterday"), "x-acs-date"),
        (request(x_acs_date="2023-10-26T10:22:32+08:00"), "x-acs-date"),
        (request(x_acs_signature_nonce=""), "x-acs-signature-nonce"),
        (request(x_acs_signature_nonce="a" * 129), "x-acs-signature-nonce"),
        (request(target="/?a=%ff"), "query"),
        (request(target="/?" + "&".join(f"a{n}=" for n in range(101))), "query"),
    ],
)
def test_what_a_signature_lacks_is_told(lacking: Request, said: str) -> None:
    with pytest.raises(NotSigned) as told:
        signed(lacking)
    assert told.value.missing == said


@given(st.dictionaries(st.text(NAMES, max_size=8), st.text(max_size=20), max_size=5), st.booleans())
def test_what_the_official_client_signs_verifies(parameters: dict[str, str], spaces_as_plus: bool) -> None:
    """Whatever stands in it, parameters nobody knows among them."""
    made = DaraRequest()
    made.method, made.pathname, made.query = "POST", "/", parameters
    made.headers = {**PUBLISHED, "user-agent": "AlibabaCloud (Linux; x86_64)", "accept": "application/json"}
    auth = Utils.get_authorization(made, "ACS3-HMAC-SHA256", EMPTY, "key", SECRET)
    encoded = quote_plus if spaces_as_plus else quote
    query = "&".join(f"{encoded(name, safe='')}={encoded(value, safe='')}" for name, value in parameters.items())
    came = Request(method="POST", target=f"/?{query}", headers={**made.headers, "authorization": auth})
    assert signed(came).by(SECRET)


@given(st.dictionaries(st.text(NAMES, min_size=1, max_size=8), st.text(max_size=20), max_size=5), st.binary(max_size=9))
def test_what_is_signed_here_verifies_and_is_signed_as_the_official_client_signs_it(
    parameters: dict[str, str], body: bytes
) -> None:
    query = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in parameters.items())
    at = datetime(2026, 10, 16, 4, 0, tzinfo=UTC)
    headers = signing(
        method="POST", target=f"/?{query}", host="market.aliyuncs.com", key_id="key", secret=SECRET, now=at, body=body,
        action="PauseProject", version="2015-11-01",
    )  # fmt: skip
    found = signed(Request(method="POST", target=f"/?{query}", headers=headers))
    assert found.by(SECRET)
    assert (found.access_key_id, found.date) == ("key", at)
    made = DaraRequest()
    made.method, made.pathname, made.query = "POST", "/", parameters
    made.headers = {name: value for name, value in headers.items() if name != "authorization"}
    official = Utils.get_authorization(made, "ACS3-HMAC-SHA256", headers["x-acs-content-sha256"], "key", SECRET)
    assert headers["authorization"] == official
