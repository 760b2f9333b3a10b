"""A real nginx with the generated configuration, in front of whatever answers on this machine."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
from delivery_center.gateway import api_browser
from delivery_center.gateway.nginx import Limits, configuration
from delivery_center.running.ports import free_port
from delivery_shared.testing.fixtures import eventually

from tools.programs import program

INDEX = '<meta property="csp-nonce" nonce="__CSP_NONCE__"><script nonce="__CSP_NONCE__" src="/assets/a.js"></script>'


@contextmanager
def running_gateway(
    folder: Path,
    upstreams: Mapping[str, str],
    *,
    limits: Limits | None = None,
    prefix: Sequence[str] = (),
    segments: Mapping[str, str] | None = None,
    resolver: str = 'map $host $domain { default ""; }',
    site: str = "",
) -> Iterator[str]:
    """The gateway's address; nginx is stopped gracefully at the end, and has to end well.

    :param prefix: command put before nginx, to run it as somebody else; ``folder`` belongs to that user.
    :param resolver: what ``deploy/gateway/start.sh`` would write; addresses need no name server.
    :param site: what a site adds to the server block.
    """
    www, scratch, sites = folder / "www", folder / "scratch", folder / "site"
    for made in (www, scratch, sites):
        made.mkdir(exist_ok=True)
    (folder / "resolver.conf").write_text(resolver)
    (sites / "site.conf").write_text(site)
    if os.geteuid() == 0:
        os.chown(scratch, folder.stat().st_uid, folder.stat().st_gid)
    api_browser.write(www)
    (www / "index.html").write_text(INDEX)
    (www / ".stamp").write_text("of the build")
    (www / "assets").mkdir(exist_ok=True)
    (www / "assets" / "app-0f3a.js").write_text("1;\n" * 1000)
    (www / "assets" / "app-0f3a.js.gz").write_bytes(gzip.compress(b"compressed by the build"))
    port = free_port()
    text = configuration(
        listen=f"127.0.0.1:{port}",
        upstreams=upstreams,
        www=str(www),
        scratch=str(scratch),
        site=str(sites),
        resolver=str(folder / "resolver.conf"),
        limits=limits,
        **({"segments": segments} if segments else {}),
    )
    config = folder / "nginx.conf"
    config.write_text(text.replace("worker_processes auto;", "worker_processes 1;"))
    if not prefix and os.geteuid() == 0:
        config.write_text("user root;\n" + config.read_text())
    with (folder / "nginx.log").open("ab") as log:
        os.fchown(log.fileno(), folder.stat().st_uid, folder.stat().st_gid)  # as a container's own output
        process = subprocess.Popen(
            [*prefix, program("nginx", package="nginx-light"), "-c", str(config)], stdout=log, stderr=log
        )
    base = f"http://127.0.0.1:{port}"
    try:
        eventually(lambda: process.poll() is not None or answers(base))
        assert process.poll() is None, (folder / "nginx.log").read_text()[-2000:]
        yield base
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGQUIT)
        status = process.wait(30)
        assert status == 0, (folder / "nginx.log").read_text()[-2000:]


def answers(base: str) -> bool:
    """Tell whether the gateway serves."""
    try:
        return httpx.get(f"{base}/livez", timeout=2).is_success
    except httpx.HTTPError:
        return False
