"""The address of the public API at the real gateway: identity says whose the signature is, the service gets the token
it is worth, and every refusal has the shape that clients of that API read."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest
from delivery_center.gateway.nginx import SMALL, Limits

from tests.deploy.gateway import INDEX, running_gateway

pytestmark = pytest.mark.integration  # needs a program that not every machine has

CALL = {"x-acs-action": "DescribeProjectInfo", "Authorization": "ACS3-HMAC-SHA256 Credential=a"}
QUERY = "/?InstanceId=a%2Fb&Remark=1%20%2B"


class Seen(BaseHTTPRequestHandler):
    """A service that keeps what reached it."""

    protocol_version = "HTTP/1.1"
    service = ""
    seen: ClassVar[list[dict[str, Any]]] = []
    answers: ClassVar[dict[str, tuple[int, dict[str, str]]]] = {}

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.seen.append(
            {"service": self.service, "method": self.command, "path": self.path, "body": body, "headers": headers}
        )
        status, more = self.answers[self.path.partition("?")[0]]
        sent = b"" if status == 204 else json.dumps({"Code": "FromTheService"}).encode()
        self.send_response(status)
        for name, value in more.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    do_POST = do_GET

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    servers = {
        name: ThreadingHTTPServer(("127.0.0.1", 0), type(name, (Seen,), {"service": name}))
        for name in ("identity", "project")
    }
    for server in servers.values():
        threading.Thread(target=server.serve_forever, daemon=True).start()
    folder: Path = tmp_path_factory.mktemp("gateway")
    with running_gateway(
        folder,
        {name: f"127.0.0.1:{server.server_port}" for name, server in servers.items()},
        segments={"sessions": "identity", "access-keys": "identity", "projects": "project"},
        limits=Limits(api=1, api_burst=12),
    ) as address:
        yield address
    for server in servers.values():
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def _answering() -> None:
    Seen.seen.clear()
    Seen.answers = {
        "/signed-request": (204, {"Delivery-Access-Token": "t.o.k-en"}),
        "/market": (200, {}),
        "/api/v1/sessions/access-key": (201, {}),
    }


def shape(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert set(body) == {"RequestId", "HostId", "Code", "Message"}
    assert all(body.values())
    return answer.status_code, body["Code"]


def test_the_service_gets_the_token_and_what_was_sent(base: str) -> None:
    answer = httpx.post(base + QUERY, headers={**CALL, "X-Signed-Target": "/other"}, content=b"a=1")
    assert (answer.status_code, answer.json()) == (200, {"Code": "FromTheService"})
    assert "delivery-access-token" not in answer.headers
    asked, called = Seen.seen
    assert (asked["service"], called["service"]) == ("identity", "project")
    assert (asked["method"], asked["path"], asked["body"]) == ("GET", "/signed-request", b"")
    signed = asked["headers"]
    assert (signed["x-signed-method"], signed["x-signed-target"]) == ("POST", QUERY)
    assert signed["authorization"] == CALL["Authorization"]
    assert signed["x-forwarded-host"] == base.removeprefix("http://")
    assert (called["method"], called["path"], called["body"]) == ("POST", "/market" + QUERY[1:], b"a=1")
    assert called["headers"]["authorization"] == "Bearer t.o.k-en"
    assert called["headers"]["host"] == base.removeprefix("http://")
    assert called["headers"]["x-acs-action"] == "DescribeProjectInfo"


def test_the_prefix_is_the_same(base: str) -> None:
    assert httpx.post(f"{base}/market?InstanceId=1", headers=CALL).status_code == 200
    assert Seen.seen[0]["headers"]["x-signed-target"] == "/market?InstanceId=1"


def test_the_console_stays_at_the_root(base: str) -> None:
    assert httpx.get(base + "/", headers=CALL).text.startswith(INDEX[:30])
    assert httpx.post(base + "/").status_code == 405
    assert Seen.seen == []


@pytest.mark.parametrize(
    ("code", "answered", "told"),
    [
        ("SignatureDoesNotMatch", 401, 400),
        ("InvalidAccessKeyId.NotFound", 401, 404),
        ("InvalidAccessKeyId.Inactive", 403, 403),
        ("Forbidden.SourceIp", 403, 403),
    ],
)
def test_what_identity_refuses_reaches_no_service(base: str, code: str, answered: int, told: int) -> None:
    Seen.answers["/signed-request"] = (answered, {"Delivery-Refusal": code, "Delivery-Refusal-Text": "Why."})
    answer = httpx.post(base + "/", headers=CALL)
    assert shape(answer) == (told, code)
    assert answer.json()["Message"] == "Why."
    assert answer.json()["RequestId"] == Seen.seen[0]["headers"]["x-correlation-id"]
    assert [seen["path"] for seen in Seen.seen] == ["/signed-request"]


def test_what_the_service_refuses_is_passed_on(base: str) -> None:
    for status in (400, 401, 403, 404, 503):
        Seen.answers["/market"] = (status, {})
        answer = httpx.post(base + "/", headers=CALL)
        assert (answer.status_code, answer.json()) == (status, {"Code": "FromTheService"})


def test_identity_away_is_told(base: str) -> None:
    Seen.answers["/signed-request"] = (503, {})
    assert shape(httpx.post(base + "/", headers=CALL)) == (503, "ServiceUnavailable")


def test_too_much_is_told(base: str) -> None:
    answer = httpx.post(base + "/", headers=CALL, content=b"a" * (SMALL + 1))
    assert shape(answer) == (413, "IllegalRequest")
    assert Seen.seen == []


def test_nobody_outside_asks_whose_a_signature_is(base: str) -> None:
    """A captured request could be made a token of by whoever names its address."""
    for path in ("/signed-request", "/api/v1/signed-request"):
        answer = httpx.get(base + path, headers={**CALL, "X-Signed-Method": "POST", "X-Signed-Target": "/"})
        assert "delivery-access-token" not in answer.headers
    assert Seen.seen == []


def test_too_many_are_told(base: str) -> None:
    told = [httpx.post(base + "/", headers=CALL) for _ in range(20)]
    late = next(answer for answer in told if answer.status_code == 429)
    assert shape(late) == (429, "Throttling")
    assert late.headers["x-acs-retry-after"] == "1"
