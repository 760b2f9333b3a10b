"""The gateway: its configuration is the generated one, and a real nginx does with it what it is meant to."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from delivery_center.gateway.api_browser import PAGES
from delivery_center.gateway.console import PLACEHOLDER, POLICY
from delivery_center.gateway.nginx import API_POLICY, CONSOLE_POLICY, DOCS_POLICY, UPLOADS, Limits, configuration
from delivery_center.gateway.openapi import document
from delivery_center.gateway.routing import SEGMENTS
from delivery_center.running.processes import SERVERS
from delivery_shared.http.api import BODY_LIMIT, SIGNED_IN_PATH
from delivery_shared.service import LONGEST_LINE
from delivery_shared.testing.fixtures import eventually

from tests.deploy.gateway import INDEX, running_gateway

pytestmark = pytest.mark.integration  # needs a program that not every machine has

COMMITTED = Path(__file__).parents[2] / "deploy" / "gateway" / "nginx.conf"


KNOWN = {"Authorization": "Bearer known"}
"""Of somebody the services know."""


class Seen(BaseHTTPRequestHandler):
    """A service that tells what reached it."""

    protocol_version = "HTTP/1.1"
    service = ""
    released = threading.Event()
    requests: list[str]

    def do_GET(self) -> None:
        if self.path.startswith("/api/v1/live"):
            self.stream()
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == SIGNED_IN_PATH:
            assert (self.command, body) == ("GET", b"")
            self.answer(204 if self.headers.get("Authorization") == KNOWN["Authorization"] else 401, b"")
            return
        self.requests.append(self.path)
        answer = {
            "service": self.service,
            "path": self.path,
            "method": self.command,
            "bytes": len(body),
            "headers": {key.lower(): value for key, value in self.headers.items()},
            "padding": "x" * 4000,
        }
        self.answer(404 if "missing" in self.path else 200, json.dumps(answer).encode())

    def answer(self, status: int, sent: bytes) -> None:
        self.send_response(status)
        if status == 401:
            self.send_header("WWW-Authenticate", "Bearer")
        self.send_header("Content-Type", "application/json")
        self.send_header("ETag", '"7"')
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def stream(self) -> None:
        """One event now, one when the test says so."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b"data: first\n\n")
        self.wfile.flush()
        self.released.wait(20)
        self.wfile.write(b"data: second\n\n")
        self.close_connection = True

    do_POST = do_PUT = do_DELETE = do_GET

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Many may connect at once."""

    request_queue_size = 200
    daemon_threads = True


@pytest.fixture(scope="module")
def services() -> Iterator[dict[str, ThreadingHTTPServer]]:
    servers = {}
    for name in SERVERS.values():
        handler = type(name, (Seen,), {"service": name, "requests": []})
        servers[name] = Server(("127.0.0.1", 0), handler)
        threading.Thread(target=servers[name].serve_forever, daemon=True).start()
    yield servers
    for server in servers.values():
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def gateway(
    services: dict[str, ThreadingHTTPServer], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path]]:
    """Its address, and its folder."""
    upstreams = {name: f"127.0.0.1:{server.server_port}" for name, server in services.items()}
    del upstreams["notify"]  # nobody is there
    upstreams["notify"] = "127.0.0.1:1"
    limits = Limits(sessions=1, sessions_burst=2, api=1000, api_burst=1000)
    folder = tmp_path_factory.mktemp("gateway")
    with running_gateway(folder, upstreams, limits=limits) as address:
        yield address, folder


@pytest.fixture
def base(gateway: tuple[str, Path]) -> str:
    return gateway[0]


def reached(services: dict[str, ThreadingHTTPServer]) -> list[str]:
    """Everything that reached a service."""
    return [path for server in services.values() for path in server.RequestHandlerClass.requests]  # type: ignore[attr-defined]


def connect(base: str) -> socket.socket:
    """A bare connection, for what no HTTP client would send."""
    host, _, port = base.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)), timeout=20)


def test_the_committed_configuration_is_the_generated_one() -> None:
    assert COMMITTED.read_text() == configuration(), "run `make docs`"


def test_the_upload_routes_are_those_of_the_api() -> None:
    """… so that no route takes a file the gateway refuses."""
    uploads = {
        path
        for path, operations in document()["paths"].items()
        for operation in operations.values()
        if isinstance(operation, dict) and "multipart/form-data" in operation.get("requestBody", {}).get("content", {})
    }
    (pattern,) = UPLOADS
    assert {path for path in uploads if re.match(pattern, path.replace("{", "").replace("}", ""))} == uploads
    assert uploads


def test_lines_have_no_secret_of_a_path(gateway: tuple[str, Path]) -> None:
    base, folder = gateway
    httpx.post(f"{base}/intake/generic/whoever-has-this-may-call?signature=1")
    lines = eventually(lambda: [line for line in (folder / "nginx.log").read_text().splitlines() if "/intake/" in line])
    assert [json.loads(line)["path"] for line in lines] == ["/intake/generic/***"]
    assert "whoever-has-this-may-call" not in (folder / "nginx.log").read_text()


def test_every_segment_reaches_its_service(base: str) -> None:
    for segment, service in SEGMENTS.items():
        if service == "notify" or segment in ("sessions", "live"):
            continue
        for path in (f"/api/v1/{segment}", f"/api/v1/{segment}/a%2Fb//c?q=%20"):
            answer = httpx.get(base + path)
            assert (answer.status_code, answer.json()["service"], answer.json()["path"]) == (200, service, path)


@pytest.mark.parametrize(
    "path",
    ["/api/v1/unknown", "/api/v1/", "/api/v2/me", "/api/v1/_docs/project/openapi.json", "/metrics", "/readyz",
     "/metrics/", "/api/v1/menus", "/api/v1/ME"],
)  # fmt: skip
def test_what_is_not_public_is_not_found(base: str, services: dict[str, ThreadingHTTPServer], path: str) -> None:
    before = reached(services)
    answer = httpx.get(base + path, headers={"X-Correlation-Id": "abc"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
    problem = answer.json()
    assert problem["type"] == "urn:delivery-center:problem:not-found"
    assert (problem["instance"], problem["correlation_id"]) == (path, "abc")
    assert reached(services) == before


def test_a_problem_stays_json_whatever_the_request_says(base: str) -> None:
    answer = httpx.get(f'{base}/api/v1/"}}x', headers={"X-Correlation-Id": 'a"b'})
    assert (answer.status_code, answer.json()["instance"]) == (404, "/")
    assert re.fullmatch("[0-9a-f]{32}", answer.json()["correlation_id"])


def test_a_problem_of_a_service_passes_unchanged(base: str) -> None:
    answer = httpx.get(f"{base}/api/v1/projects/missing")
    assert (answer.status_code, answer.json()["service"]) == (404, "project")


def test_the_service_learns_who_asks_and_cannot_be_told_otherwise(base: str) -> None:
    forged = {"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "gopher", "X-Correlation-Id": "given-1"}
    headers = httpx.get(f"{base}/api/v1/me", headers=forged).json()["headers"]
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-forwarded-proto"] == "http"
    assert headers["x-correlation-id"] == "given-1"
    traced = {"traceparent": f"00-{'a' * 32}-{'b' * 16}-01", "tracestate": "a=b"}
    assert not traced.keys() & httpx.get(f"{base}/api/v1/me", headers=traced).json()["headers"].keys()
    made = httpx.get(f"{base}/api/v1/me").json()["headers"]["x-correlation-id"]
    assert re.fullmatch("[0-9a-f]{32}", made)


def test_bodies_are_limited_and_uploads_may_be_larger(base: str, services: dict[str, ThreadingHTTPServer]) -> None:
    fits, too_much = b"x" * BODY_LIMIT, b"x" * (BODY_LIMIT + 1)
    assert httpx.post(f"{base}/api/v1/orders", content=fits, headers=KNOWN).json()["bytes"] == BODY_LIMIT
    before = reached(services)
    refused = httpx.post(f"{base}/api/v1/orders", content=too_much, headers=KNOWN)
    assert (refused.status_code, refused.json()["type"]) == (413, "urn:delivery-center:problem:too-large")
    assert reached(services) == before
    for path in ("/api/v1/projects/p/files", "/api/v1/projects/p/visits/4/files"):
        assert httpx.post(base + path, content=too_much, headers=KNOWN).json()["bytes"] == BODY_LIMIT + 1
        with connect(base) as client:
            client.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {60 * 1024 * 1024}\r\n\r\n".encode())
            assert client.recv(4096).startswith(b"HTTP/1.1 413 "), "before the body is sent"


def test_an_upload_that_breaks_off_reaches_no_service(base: str, services: dict[str, ThreadingHTTPServer]) -> None:
    before = reached(services)
    with connect(base) as client:
        head = "POST /api/v1/projects/broken/files HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n"
        client.sendall(f"{head}Authorization: Bearer known\r\n\r\n".encode() + b"x" * 2_000_000)
    assert httpx.post(f"{base}/api/v1/projects/whole/files", content=b"x").status_code == 200
    assert [path for path in reached(services)[len(before) :] if "broken" in path] == []


def kept(folder: Path) -> int:
    """Bytes of bodies the gateway keeps."""
    return sum(file.stat().st_size for file in (folder / "scratch" / "bodies").rglob("*") if file.is_file())


def half_sent(base: str, path: str, *headers: str) -> socket.socket:
    """A body of 4 MB of which only half comes."""
    client = connect(base)
    head = [f"POST {path} HTTP/1.1", "Host: x", "Content-Length: 4000000", *headers, "", ""]
    client.sendall("\r\n".join(head).encode())
    with suppress(OSError):  # answered and closed before all of it was taken
        client.sendall(b"x" * 2_000_000)
    return client


UPLOAD = "/api/v1/projects/9d3f0ad0-7a0e-4c52-9c9a-7d7d1b6f0a01/files"


@pytest.mark.parametrize("path", [UPLOAD, "/api/v1/orders", "/api/v1/sessions", "/api/v1/live"])
@pytest.mark.parametrize("headers", [(), ("Authorization: Bearer forged",)], ids=["no token", "forged token"])
def test_nothing_large_is_kept_for_nobody(gateway: tuple[str, Path], path: str, headers: tuple[str, ...]) -> None:
    """S3: twelve half-sent uploads without a token filled the gateway; every larger body of everybody was a 500."""
    base, folder = gateway
    refused = (b"401", b"429") if path == UPLOAD else (b"413",)
    clients = [half_sent(base, path, *headers) for _ in range(12)]
    try:
        for client in clients:
            answer = client.recv(65536)
            assert answer.split(b" ")[1] in refused, answer
            assert b"application/problem+json" in answer
        assert kept(folder) == 0
    finally:
        for client in clients:
            client.close()


@pytest.mark.parametrize("framing", ["Content-Length: 900000", "Transfer-Encoding: chunked"])
def test_a_body_of_an_allowed_size_is_not_kept_for_nobody(gateway: tuple[str, Path], framing: str) -> None:
    base, folder = gateway
    with connect(base) as client:
        client.sendall(f"POST /api/v1/orders HTTP/1.1\r\nHost: x\r\n{framing}\r\n\r\n".encode())
        answer = client.recv(65536)
    assert b" 401 " in answer.partition(b"\r\n")[0]
    assert b"WWW-Authenticate: Bearer" in answer
    assert kept(folder) == 0


def test_small_bodies_reach_the_service_that_says_who_may(base: str) -> None:
    assert httpx.post(f"{base}/api/v1/orders", content=b"x" * 9999).json()["bytes"] == 9999


def test_few_uploads_of_one_at_once(base: str) -> None:
    known = f"Authorization: {KNOWN['Authorization']}"
    clients = [half_sent(base, UPLOAD, known) for _ in range(Limits.uploads_of_one)]
    try:
        eventually(lambda: httpx.post(base + UPLOAD, content=b"x", headers=KNOWN).is_error)
        refused = httpx.post(base + UPLOAD, content=b"x", headers=KNOWN)
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
        assert httpx.post(f"{base}/api/v1/orders", content=b"x", headers=KNOWN).status_code == 200
    finally:
        for client in clients:
            client.close()
    eventually(lambda: httpx.post(base + UPLOAD, content=b"x", headers=KNOWN).status_code == 200)


def test_open_streams_do_not_count_among_the_connections(base: str) -> None:
    """S10: with a console open on each of a hundred desks the hundred and first got 429 for everything."""
    Seen.released.clear()
    streams = []
    try:
        for n in range(Limits.connections + 1):
            stream = connect(base)
            token = f"Authorization: Bearer {n}"
            stream.sendall(f"GET /api/v1/live HTTP/1.1\r\nHost: x\r\n{token}\r\n\r\n".encode())
            streams.append(stream)
        for stream in streams:
            assert b" 200 " in stream.recv(4096).partition(b"\r\n")[0]
        assert httpx.get(f"{base}/api/v1/me").status_code == 200
    finally:
        Seen.released.set()
        for stream in streams:
            stream.close()


def test_nobody_opens_streams_without_end(base: str) -> None:
    Seen.released.clear()
    streams, answers = [], []
    try:
        for _ in range(Limits.streams_of_one + 1):
            stream = connect(base)
            stream.sendall(b"GET /api/v1/live HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer one\r\n\r\n")
            streams.append(stream)
            answers.append(stream.recv(4096).partition(b"\r\n")[0])
        assert [b" 429 " in answer for answer in answers] == [False] * Limits.streams_of_one + [True]
    finally:
        Seen.released.set()
        for stream in streams:
            stream.close()


MALFORMED = {
    "no method of HTTP": (b"GE\0T / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "two hosts": (b"GET /api/v1/me HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400),
    "no host": (b"GET /api/v1/me HTTP/1.1\r\n\r\n", 400),
    "a body that is none": (b"POST /api/v1/me HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n", 400),
    "a command to a page": (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 405),
    "a command to a file": (b"DELETE /assets/app-0f3a.js HTTP/1.1\r\nHost: x\r\n\r\n", 405),
    "too long a header": (b"GET /api/v1/me HTTP/1.1\r\nHost: x\r\nA: " + b"x" * 9000 + b"\r\n\r\n", 431),
}


@pytest.mark.parametrize(("sent", "status"), MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_refused_before_a_route_is_found_is_a_problem(base: str, sent: bytes, status: int) -> None:
    with connect(base) as client:
        client.sendall(sent)
        answer = b""
        while part := client.recv(65536):
            answer += part
            if b"\r\n\r\n" in answer and answer.endswith(b"}"):
                break
    head, _, body = answer.partition(b"\r\n\r\n")
    assert f" {status} ".encode() in head.partition(b"\r\n")[0], answer
    assert b"Content-Type: application/problem+json" in head, answer
    assert b"X-Content-Type-Options: nosniff" in head
    assert json.loads(body)["status"] == status
    assert (b"Allow: GET, HEAD" in head) == (status == 405)


def test_a_long_address_passes_and_one_too_long_is_told(base: str) -> None:
    path = "/api/v1/me?q="
    fits = path + "x" * (LONGEST_LINE - len(f"GET {path} HTTP/1.1\r\n"))
    assert httpx.get(base + fits).status_code == 200
    assert httpx.get(base + fits + "x" * 100).status_code == 414


def test_sign_ins_are_slowed_down_per_address(base: str) -> None:
    with httpx.Client(base_url=base) as one, ThreadPoolExecutor(10) as many:
        answers = [one.post("/api/v1/sessions", json={}) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 200]
        answers = list(many.map(lambda _: one.post("/api/v1/sessions", json={}), range(50)))
    assert 429 in [answer.status_code for answer in answers]
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.headers["Retry-After"] == "1"
    assert refused.json()["type"] == "urn:delivery-center:problem:too-many-requests"
    assert httpx.get(f"{base}/api/v1/me").status_code == 200


def test_a_service_that_is_away_is_told_as_a_problem(base: str) -> None:
    answer = httpx.get(f"{base}/api/v1/messages")
    assert (answer.status_code, answer.headers["Retry-After"]) == (502, "1")
    assert answer.json()["type"] == "urn:delivery-center:problem:unavailable"


def test_every_answer_has_the_security_headers(base: str) -> None:
    expected = {
        "/api/v1/me": API_POLICY,
        "/api/v1/unknown": API_POLICY,
        "/api/v1/messages": API_POLICY,
        "/openapi.json": API_POLICY,
        "/assets/app-0f3a.js": API_POLICY,
        "/docs/": DOCS_POLICY,
        "/status/": DOCS_POLICY,
        "/": None,
        "/projects/17": None,
    }
    for path, policy in expected.items():
        headers = httpx.get(base + path).headers
        told = headers.get_list("Content-Security-Policy")
        assert told == [policy or POLICY.format(nonce=nonce_of(told[0]))], path
        assert headers.get_list("X-Content-Type-Options") == ["nosniff"], path
        assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains", path
        assert headers["Referrer-Policy"] == "no-referrer", path
        assert headers["Permissions-Policy"].startswith("camera=()"), path
        assert headers["Server"] == "nginx", path
    assert "unsafe" not in API_POLICY + CONSOLE_POLICY
    assert "script-src 'self';" in DOCS_POLICY


def nonce_of(policy: str) -> str:
    """The one nonce of a policy."""
    (nonce,) = re.findall(r"'nonce-([0-9a-f]{32})'", policy)
    return str(nonce)


def test_every_page_of_the_console_has_a_nonce_of_its_own(base: str) -> None:
    """Whatever its address, kept nowhere, and the same in the policy and everywhere in the page."""
    nonces = set()
    for path in ("/", "/vendor/projects?tab=2", "/vendor/projects/17", "/.stamp", "/index.html"):
        page = httpx.get(base + path, headers={"If-Modified-Since": "Fri, 31 Dec 2100 23:59:59 GMT"})
        nonce = nonce_of(page.headers["Content-Security-Policy"])
        assert (page.status_code, page.text) == (200, INDEX.replace(PLACEHOLDER, nonce)), path
        assert (page.headers["Cache-Control"], page.headers["Content-Type"]) == (
            "no-store",
            "text/html; charset=utf-8",
        )
        assert {"ETag", "Last-Modified"}.isdisjoint(page.headers)
        nonces.add(nonce)
    assert len(nonces) == 5


def test_assets_of_the_console_are_kept_for_good_as_the_build_compressed_them(base: str) -> None:
    asset = httpx.get(f"{base}/assets/app-0f3a.js")
    assert asset.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert (asset.headers["Content-Encoding"], asset.text) == ("gzip", "compressed by the build")
    plain = httpx.get(f"{base}/assets/app-0f3a.js", headers={"Accept-Encoding": "identity"})
    assert plain.text == "1;\n" * 1000
    assert httpx.get(f"{base}/assets/app-gone.js").status_code == 404


def test_the_operators_status_page_is_there(base: str) -> None:
    page = httpx.get(f"{base}/status", follow_redirects=True)
    assert (page.status_code, page.url.path) == (200, "/status/")
    assert page.text == (PAGES / "status.html").read_text()
    for name in re.findall(r'(?:src|href)="(status\.[a-z]+)"', page.text):
        assert httpx.get(f"{base}/status/{name}").text == (PAGES / name).read_text()


def test_the_api_browser_needs_no_script_in_its_page(base: str) -> None:
    page = httpx.get(f"{base}/docs/").text
    for script in re.findall(r"<script[^>]*>[^<]*</script>", page):
        source = re.fullmatch(r'<script src="([a-z-]+\.js)"></script>', script)
        assert source, script
        assert httpx.get(f"{base}/docs/{source[1]}").status_code == 200
    assert httpx.get(f"{base}/openapi.json").json() == document()


def test_answers_are_compressed_and_a_version_survives_it(base: str) -> None:
    answer = httpx.get(f"{base}/api/v1/me", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["ETag"] == 'W/"7"'


def test_events_are_passed_on_at_once(base: str) -> None:
    Seen.released.clear()
    with httpx.stream("GET", f"{base}/api/v1/live/messages", timeout=15) as answer:
        lines = answer.iter_lines()
        assert next(lines) == "data: first"
        Seen.released.set()
        assert [line for line in lines if line] == ["data: second"]


def test_a_request_is_read_whole_before_a_service_sees_it(base: str, services: dict[str, ThreadingHTTPServer]) -> None:
    """A slow client occupies the gateway, no thread of a service."""
    before = reached(services)
    with connect(base) as slow:
        slow.sendall(b"POST /api/v1/orders?slow HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345")
        for _ in range(20):
            assert httpx.get(f"{base}/api/v1/me?quick").status_code == 200
        assert [path for path in reached(services)[len(before) :] if "slow" in path] == []
        slow.sendall(b"67890")
        eventually(lambda: any("slow" in path for path in reached(services)))


def test_a_client_that_never_finishes_its_header_is_dropped(base: str) -> None:
    with connect(base) as slow:
        slow.sendall(b"GET /api/v1/me HTTP/1.1\r\nHo")
        with pytest.raises(ConnectionResetError):  # before the client's own deadline of 20 s
            slow.recv(4096)
