"""访问密钥: who makes and ends them, what is shown of them, and which requests are given a token for them."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from delivery_shared.contracts import identity
from delivery_shared.http.tokens import TokenVerifier
from delivery_shared.signatures import Request, string_to_sign
from flask.testing import FlaskClient
from identity_svc.application import IdentityApplication
from identity_svc.domain.access_key import MOST, AccessKey
from identity_svc.signed_requests import Refused

from .conftest import Account, Published

pytestmark = pytest.mark.integration

EMPTY = hashlib.sha256(b"").hexdigest()
READING = ["project:read", "reporting:read"]
TOKENS = "/api/v1/sessions/access-key"


def problem(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["type"].rpartition(":")[2]


def made(account: Account, **changes: Any) -> dict[str, str]:
    answer = account("POST", "access-keys", {"name": "脚本", "scopes": READING, **changes})
    assert answer.status_code == 201, answer.text
    found: dict[str, str] = answer.json
    account.refresh()
    return found


def signing(
    key: dict[str, str],
    *,
    method: str = "POST",
    target: str = TOKENS,
    at: datetime | None = None,
    nonce: str | None = None,
    secret: str | None = None,
) -> dict[str, str]:
    """The headers of a request signed with ``key``."""
    headers = {
        "host": "localhost",
        "x-acs-content-sha256": EMPTY,
        "x-acs-date": (at or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": nonce or uuid4().hex,
    }
    names = sorted(headers)
    string = string_to_sign(Request(method=method, target=target, headers=headers), names)
    signature = hmac.new((secret or key["secret"]).encode(), string.encode(), "sha256").hexdigest()
    credential = f"Credential={key['access_key_id']},SignedHeaders={';'.join(names)},Signature={signature}"
    return {**headers, "Authorization": f"ACS3-HMAC-SHA256 {credential}"}


def token(client: FlaskClient, key: dict[str, str], address: str = "192.0.2.1", **how: Any) -> Any:
    return client.post(TOKENS, headers=signing(key, **how), environ_base={"REMOTE_ADDR": address})


def refused(answer: Any) -> str:
    assert problem(answer) == (401, "access-key-refused"), answer.text
    return str(answer.json["code"])


def test_a_key_is_shown_once(isv: Account, rival: Account) -> None:
    key = {"Idempotency_Key": uuid4().hex}
    form = {"name": "对接系统", "scopes": READING, "networks": ["203.0.113.0/24"], "expires_at": None}
    first, again = isv("POST", "access-keys", form, **key), isv("POST", "access-keys", form, **key)
    assert first.status_code == again.status_code == 201
    assert len(first.json["secret"]) == 43
    assert "secret" not in again.json
    assert again.json["key_id"] == first.json["key_id"]
    (listed,) = isv("GET", "access-keys").json["items"]
    assert first.json["secret"] not in str(listed)
    assert (listed["name"], listed["scopes"], listed["networks"]) == ("对接系统", READING, ["203.0.113.0/24"])
    assert (listed["enabled"], listed["used_at"], listed["expires_at"]) == (True, None, None)
    assert rival("GET", "access-keys").json == {"items": [], "total": 0}


def test_the_secret_is_stored_sealed_and_in_no_fact(isv: Account, application: IdentityApplication) -> None:
    key = made(isv)
    with application.store.connection() as connection:
        (row,) = connection.execute("SELECT secret FROM access_key WHERE key_id = %s", (key["key_id"],)).fetchall()
        facts = connection.execute("SELECT state FROM identity_events").fetchall()
        outcomes = connection.execute("SELECT body FROM command").fetchall()
    secret = key["secret"].encode()
    assert len(row["secret"]) > len(secret)
    for stored in (row["secret"], *(fact["state"] for fact in facts), *(str(o).encode() for o in outcomes)):
        assert secret not in bytes(stored)


@pytest.mark.parametrize(
    "wrong",
    [
        {"scopes": []},
        {"scopes": ["identity:read"]},
        {"scopes": ["everything"]},
        {"networks": ["somewhere"]},
        {"networks": ["203.0.113.1/24"]},
        {"name": ""},
        {"secret": "chosen"},
        {"expires_at": "2020-01-01T00:00:00Z"},
    ],
)
def test_what_no_key_can_be(isv: Account, wrong: dict[str, Any]) -> None:
    answer = isv("POST", "access-keys", {"name": "脚本", "scopes": READING, **wrong})
    assert answer.status_code == 422, answer.text
    assert isv("GET", "access-keys").json["total"] == 0


def test_a_party_has_a_few_keys(isv: Account) -> None:
    form = {"name": "脚本", "scopes": READING}
    assert [isv("POST", "access-keys", form).status_code for _ in range(MOST)] == [201] * MOST
    assert problem(isv("POST", "access-keys", form)) == (409, "access-keys-full")


def test_nobody_but_the_admin_makes_one(designer: Account, operator: Account) -> None:
    for account in (designer, operator):
        answer = account("POST", "access-keys", {"name": "脚本", "scopes": READING})
        assert problem(answer) == (403, "forbidden")


def test_a_signed_request_is_given_a_token(isv: Account, client: FlaskClient, application: IdentityApplication) -> None:
    key = made(isv)
    answer = token(client, key)
    assert answer.status_code == 201, answer.text
    assert answer.json["token_type"] == "Bearer"
    assert answer.headers["Cache-Control"] == "no-store"
    verifier: TokenVerifier = client.application.extensions["verifier"]
    claims = verifier.verify(answer.json["access_token"])
    assert claims.scopes == frozenset(READING)
    assert claims.session_id == UUID(key["key_id"])
    assert (claims.user_id, claims.party_id, claims.main) == (isv.user_id, isv.party_id, True)
    (listed,) = isv("GET", "access-keys").json["items"]
    assert datetime.now(UTC) - datetime.fromisoformat(listed["used_at"]) < timedelta(minutes=1)
    assert token(client, key).json["access_token"] == answer.json["access_token"]


def test_a_token_of_a_key_opens_no_accounts_and_no_keys(isv: Account, client: FlaskClient) -> None:
    key = made(isv, scopes=["project:read", "project:write"])
    headers = {"Authorization": f"Bearer {token(client, key).json['access_token']}"}
    for method, path in (
        ("GET", "me"),
        ("GET", "access-keys"),
        ("GET", "users?side=provider"),
        ("POST", "access-keys"),
    ):
        body = {"name": "b", "scopes": READING} if method == "POST" else None
        answer = client.open(f"/api/v1/{path}", method=method, json=body, headers=headers)
        assert problem(answer) == (403, "scope-missing"), path
    assert client.get("/signed-in", headers=headers).status_code == 204
    assert isv("GET", "access-keys").json["total"] == 1


def test_what_is_not_signed_is_given_none(isv: Account, client: FlaskClient) -> None:
    key = made(isv)
    assert client.post(TOKENS).status_code == 400
    headers = signing(key)
    assert refused(client.post(TOKENS, headers={**headers, "Authorization": "Bearer a"})) == "IncompleteSignature"
    assert client.post(TOKENS, data=b"a", headers=headers).status_code == 400
    assert refused(token(client, {**key, "access_key_id": "DCunknown"})) == "InvalidAccessKeyId.NotFound"
    assert refused(token(client, key, secret="another")) == "SignatureDoesNotMatch"
    assert refused(token(client, key, target="/")) == "SignatureDoesNotMatch"
    altered = {**headers, "x-acs-date": (datetime.now(UTC) + timedelta(seconds=2)).strftime("%Y-%m-%dT%H:%M:%SZ")}
    assert refused(client.post(TOKENS, headers=altered)) == "SignatureDoesNotMatch"


@pytest.mark.parametrize("minutes", [-16, 16])
def test_clocks_differ_by_a_quarter_of_an_hour_at_most(isv: Account, client: FlaskClient, minutes: int) -> None:
    key = made(isv)
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    assert refused(token(client, key, at=at)) == "InvalidTimeStamp.Expired"
    assert token(client, key, at=at - timedelta(minutes=minutes / 8)).status_code == 201


def test_a_signature_works_once(isv: Account, rival: Account, client: FlaskClient) -> None:
    key, other = made(isv), made(rival)
    headers = signing(key, nonce="n-1")
    assert client.post(TOKENS, headers=headers).status_code == 201
    assert refused(client.post(TOKENS, headers=headers)) == "SignatureNonceUsed"
    assert refused(token(client, key, nonce="n-1", at=datetime.now(UTC) + timedelta(minutes=5))) == "SignatureNonceUsed"
    assert token(client, other, nonce="n-1").status_code == 201


def test_of_many_that_come_at_once_one_counts(isv: Account, application: IdentityApplication) -> None:
    key = made(isv)
    headers = {name.lower(): value for name, value in signing(key).items()}
    request = Request(method="POST", target=TOKENS, headers=headers)

    def admitted(_: int) -> str:
        try:
            return application.signed_requests.admit(request, address="192.0.2.1").token and "admitted"
        except Refused as error:
            return error.code

    with ThreadPoolExecutor(8) as pool:
        found = sorted(pool.map(admitted, range(8)))
    assert found == ["SignatureNonceUsed"] * 7 + ["admitted"]


def test_nonces_are_forgotten_once_they_are_too_old(
    isv: Account, application: IdentityApplication, at: Callable[[timedelta], IdentityApplication]
) -> None:
    key = made(isv)
    headers = {name.lower(): value for name, value in signing(key).items()}
    application.signed_requests.admit(Request(method="POST", target=TOKENS, headers=headers), address="192.0.2.1")

    def kept() -> int:
        with application.store.connection() as connection:
            found = connection.execute("SELECT 1 FROM access_nonce WHERE key_id = %s", (key["key_id"],))
            return len(found.fetchall())

    at(timedelta(minutes=14)).signed_requests.forget_old()
    assert kept() == 1
    at(timedelta(minutes=16)).signed_requests.forget_old()
    assert kept() == 0


def test_a_key_expires(isv: Account, at: Callable[[timedelta], IdentityApplication], client: FlaskClient) -> None:
    key = made(isv, expires_at=(datetime.now(UTC) + timedelta(hours=1)).isoformat())
    assert token(client, key).status_code == 201
    later = datetime.now(UTC) + timedelta(hours=1, seconds=1)
    headers = {name.lower(): value for name, value in signing(key, at=later).items()}
    with pytest.raises(Refused) as said:
        at(timedelta(hours=1, seconds=2)).signed_requests.admit(
            Request(method="POST", target=TOKENS, headers=headers), address="192.0.2.1"
        )
    assert said.value.code == "InvalidAccessKeyId.Inactive"


def test_a_key_is_for_its_addresses(isv: Account, client: FlaskClient) -> None:
    key = made(isv, networks=["203.0.113.0/24", "2001:db8::/32"])
    for address in ("203.0.113.9", "::ffff:203.0.113.9", "2001:db8::1"):
        assert token(client, key, address).status_code == 201
    for address in ("203.0.114.1", "2001:db9::1", "unknown"):
        assert refused(token(client, key, address)) == "Forbidden.SourceIp"


def test_switched_off_it_and_its_tokens_are_void(
    isv: Account, rival: Account, client: FlaskClient, published: Published, application: IdentityApplication
) -> None:
    key = made(isv)
    given = {"Authorization": f"Bearer {token(client, key).json['access_token']}"}
    path = f"access-keys/{key['key_id']}"
    assert rival("PUT", f"{path}/state", {"enabled": False}).status_code == 404
    assert rival("DELETE", path).status_code == 404
    assert token(client, key).status_code == 201
    published.again()
    assert isv("PUT", f"{path}/state", {"enabled": False}).json == {"key_id": key["key_id"], "enabled": False}
    (said,) = published()
    assert isinstance(said, identity.SessionsRevoked)
    assert client.get("/signed-in", headers=given).status_code == 401
    assert refused(token(client, key)) == "InvalidAccessKeyId.Inactive"
    isv.refresh()
    assert isv("GET", "access-keys").json["items"][0]["enabled"] is False
    assert isv("PUT", f"{path}/state", {"enabled": False}).status_code == 200
    assert isv("PUT", f"{path}/state", {"enabled": True}).status_code == 200
    again = {"Authorization": f"Bearer {token(client, key).json['access_token']}"}
    assert client.get("/signed-in", headers=again).status_code == 204
    facts = [type(fact).__name__ for fact in application.store.events.get(UUID(key["key_id"]))]
    assert facts == ["AccessKeyCreated", "AccessKeySwitched", "AccessKeySwitched"]


def test_deleted_it_is_nobodys(isv: Account, client: FlaskClient, application: IdentityApplication) -> None:
    key = made(isv)
    given = {"Authorization": f"Bearer {token(client, key).json['access_token']}"}
    assert isv("DELETE", f"access-keys/{key['key_id']}").status_code == 204
    assert client.get("/signed-in", headers=given).status_code == 401
    assert refused(token(client, key)) == "InvalidAccessKeyId.NotFound"
    isv.refresh()
    assert isv("GET", "access-keys").json["total"] == 0
    assert isv("DELETE", f"access-keys/{key['key_id']}").status_code == 404
    with application.store.connection() as connection:
        assert connection.execute("SELECT 1 FROM access_nonce WHERE key_id = %s", (key["key_id"],)).fetchone() is None
    deleted = application.store.find(AccessKey, UUID(key["key_id"]))[UUID(key["key_id"])]
    assert deleted.deleted


@pytest.mark.parametrize(
    "ending",
    [
        "UPDATE party SET erased = true WHERE party_id = %(party)s",
        "UPDATE user_account SET state = 'deleting' WHERE user_id = %(user)s",
        "DELETE FROM person_key WHERE user_id = %(user)s",
    ],
)
def test_with_its_party_or_account_a_key_ends(
    isv: Account, client: FlaskClient, application: IdentityApplication, ending: str
) -> None:
    key = made(isv)
    assert token(client, key).status_code == 201
    with application.store.connection() as connection:
        connection.execute(ending, {"party": isv.party_id, "user": isv.user_id})
    assert refused(token(client, key)) in ("InvalidAccessKeyId.Inactive", "SignatureDoesNotMatch")


def test_the_gateway_asks_for_other_addresses(isv: Account, client: FlaskClient) -> None:
    key = made(isv)
    target = "/?InstanceId=1"
    asked = {**signing(key, target=target), "X-Signed-Method": "POST", "X-Signed-Target": target}
    answer = client.get("/signed-request", headers=asked)
    assert answer.status_code == 204
    claims = client.application.extensions["verifier"].verify(answer.headers["Delivery-Access-Token"])
    assert claims.session_id == UUID(key["key_id"])
    again = client.get("/signed-request", headers=asked)
    assert (again.status_code, again.headers["Delivery-Refusal"]) == (401, "SignatureNonceUsed")
    assert "Delivery-Access-Token" not in again.headers
    assert client.get("/signed-request").headers["Delivery-Refusal"] == "IncompleteSignature"
    isv("PUT", f"access-keys/{key['key_id']}/state", {"enabled": False})
    off = {**signing(key, target=target), "X-Signed-Method": "POST", "X-Signed-Target": target}
    assert client.get("/signed-request", headers=off).status_code == 403
