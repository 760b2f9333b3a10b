"""The gateway where the world is not one machine: processes move, TLS ends before it, many people share an address."""

from __future__ import annotations

import re
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from delivery_center.gateway.nginx import Limits
from delivery_shared.testing.fixtures import eventually

from tests.deploy.gateway import running_gateway
from tests.deploy.name_server import NameServer, name_server
from tools.compose_file import document

pytestmark = pytest.mark.integration  # needs a program that not every machine has

GATEWAY = Path(__file__).parents[2] / "deploy" / "gateway"
BALANCER = "set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For; real_ip_recursive on;"
"""What ends TLS is this machine, as in deploy/gateway/site with the address the containers see it under."""


class Echo(BaseHTTPRequestHandler):
    """Tells its own address, and what the gateway said of the client."""

    released = threading.Event()

    def do_GET(self) -> None:
        told = [
            str(self.connection.getsockname()[0]),
            self.headers["X-Forwarded-For"],
            self.headers["X-Forwarded-Proto"],
        ]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(" ".join(told).encode() + b"\n")
        if self.path.startswith("/api/v1/live"):
            self.wfile.flush()
            self.released.wait(20)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(address: str, port: int = 0) -> Iterator[int]:
    """An :class:`Echo` there; its port."""
    with ThreadingHTTPServer((address, port), Echo) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.fixture
def names() -> Iterator[NameServer]:
    with name_server() as server:
        yield server


def asking(names: NameServer) -> str:
    return f'resolver 127.0.0.1:{names.port} valid=1s ipv6=off; map $host $domain {{ default ".test"; }}'


def test_a_process_that_moves_is_found_again(names: NameServer, tmp_path: Path) -> None:
    """… without a restart of the gateway: Docker gives a restarted container another address, perhaps another's."""
    with serving("127.0.0.2") as port, serving("127.0.0.3", port):
        upstreams = {"project": f"project-api$domain:{port}"}
        with running_gateway(tmp_path, upstreams, resolver=asking(names)) as base:

            def who() -> str:
                return httpx.get(f"{base}/api/v1/projects").text.split(" ")[0]

            assert httpx.get(f"{base}/api/v1/projects").status_code == 502  # started before any process is there
            names.addresses["project-api.test"] = ["127.0.0.2"]
            eventually(lambda: who() == "127.0.0.2")
            names.addresses["project-api.test"] = ["127.0.0.3"]
            eventually(lambda: who() == "127.0.0.3")


def test_every_replica_of_a_name_is_asked(names: NameServer, tmp_path: Path) -> None:
    names.addresses["project-api.test"] = ["127.0.0.2", "127.0.0.3"]
    with serving("127.0.0.2") as port, serving("127.0.0.3", port):
        upstreams = {"project": f"project-api$domain:{port}"}
        with running_gateway(tmp_path, upstreams, resolver=asking(names)) as base:
            seen = {httpx.get(f"{base}/api/v1/projects").text.split(" ")[0] for _ in range(20)}
    assert seen == {"127.0.0.2", "127.0.0.3"}


@pytest.mark.parametrize(
    ("resolv", "made"),
    [
        (
            "nameserver 127.0.0.11\noptions ndots:0\nsearch lan\n",
            ["resolver 127.0.0.11 valid=5s ipv6=off;", 'map $host $domain { default ""; }'],
        ),
        (
            "search shop.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n",
            ["resolver 10.96.0.10 valid=5s ipv6=off;", 'map $host $domain { default ".shop.svc.cluster.local"; }'],
        ),
        (
            "nameserver fd00::a\nnameserver 10.96.0.10\nsearch a.svc.b\n",
            ["resolver [fd00::a] 10.96.0.10 valid=5s;", 'map $host $domain { default ".a.svc.b"; }'],
        ),
    ],
    ids=["docker", "kubernetes", "both protocols"],
)
def test_the_name_server_is_that_of_the_container(resolv: str, made: list[str], tmp_path: Path) -> None:
    done = start(tmp_path, resolv)
    assert done.returncode == 0, done.stderr
    assert [line for line in (tmp_path / "made").read_text().splitlines() if "timeout" not in line] == made
    assert done.stdout == "-c /etc/delivery/nginx.conf\n"


def test_without_a_name_server_it_does_not_start(tmp_path: Path) -> None:
    done = start(tmp_path, "search lan\n")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "no nameserver in /etc/resolv.conf\n")


def start(folder: Path, resolv: str) -> subprocess.CompletedProcess[str]:
    """The container's command, with a stand-in that tells how nginx was called."""
    (folder / "resolv.conf").write_text(resolv)
    (folder / "nginx").write_text('#!/bin/sh\necho "$@"\n')
    (folder / "nginx").chmod(0o755)
    environment = {
        "PATH": f"{folder}:/usr/bin:/bin",
        "RESOLV_CONF": str(folder / "resolv.conf"),
        "RESOLVER": str(folder / "made"),
    }
    command = ["sh", str(GATEWAY / "start.sh")]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=20)


def test_behind_a_balancer_every_client_is_counted_by_itself(tmp_path: Path) -> None:
    limits = Limits(sessions=1, sessions_burst=1)
    with (
        serving("127.0.0.1") as port,
        running_gateway(tmp_path, {"identity": f"127.0.0.1:{port}"}, limits=limits, site=BALANCER) as base,
    ):

        def sign_in(client: str) -> int:
            return httpx.get(f"{base}/api/v1/sessions", headers={"X-Forwarded-For": client}).status_code

        with ThreadPoolExecutor(20) as many:
            assert 429 in list(many.map(sign_in, ["192.0.2.1"] * 20))
        assert sign_in("192.0.2.2") == 200


@pytest.mark.parametrize(
    ("site", "headers", "told"),
    [
        (BALANCER, {"X-Forwarded-For": "192.0.2.9", "X-Forwarded-Proto": "https"}, ["192.0.2.9", "https"]),
        (BALANCER, {"X-Forwarded-For": "192.0.2.9", "X-Forwarded-Proto": "http"}, ["192.0.2.9", "http"]),
        (BALANCER, {"X-Forwarded-For": "192.0.2.9", "X-Forwarded-Proto": "gopher"}, ["192.0.2.9", "http"]),
        ("", {"X-Forwarded-For": "192.0.2.9", "X-Forwarded-Proto": "https"}, ["127.0.0.1", "http"]),
    ],
    ids=["TLS before us", "none before us", "nonsense", "from nobody we trust"],
)
def test_the_scheme_is_that_of_the_client(site: str, headers: dict[str, str], told: list[str], tmp_path: Path) -> None:
    """… as a balancer that may name the client tells it: by it the refresh cookie becomes ``Secure``."""
    with (
        serving("127.0.0.1") as port,
        running_gateway(tmp_path, {"identity": f"127.0.0.1:{port}"}, site=site) as base,
    ):
        answer = httpx.get(f"{base}/api/v1/sessions", headers=headers)
    assert answer.text.split()[1:] == told


def test_open_streams_take_no_place_of_other_requests(tmp_path: Path) -> None:
    """A company behind one address holds a stream for each open console."""
    limits = Limits(connections=3, streams=6)
    with (
        serving("127.0.0.1") as port,
        running_gateway(
            tmp_path, dict.fromkeys(("project", "reporting-live"), f"127.0.0.1:{port}"), limits=limits
        ) as base,
        httpx.Client() as client,
    ):
        streams = [client.send(client.build_request("GET", f"{base}/api/v1/live"), stream=True) for _ in range(7)]
        try:
            assert [stream.status_code for stream in streams] == [200] * 6 + [429]
            assert httpx.get(f"{base}/api/v1/projects").status_code == 200
        finally:
            Echo.released.set()
            for stream in streams:
                stream.close()


def test_the_site_file_of_compose_trusts_the_address_this_machine_has_there() -> None:
    """… and nobody else."""
    (pool,) = document({})["networks"]["front"]["ipam"]["config"]
    trusted = re.findall(r"^set_real_ip_from (\S+);", (GATEWAY / "site" / "real-ip.conf").read_text(), re.MULTILINE)
    assert trusted == [pool["gateway"]]
    assert "./deploy/gateway/site:/etc/delivery/gateway:ro" in document({})["services"]["gateway"]["volumes"]
