"""Files are kept only when the virus scanner of the installation, if there is one, lets them pass."""

from __future__ import annotations

import io
import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from project_svc.domain.errors import FileInfected, FilesUnavailable
from project_svc.files import FileRules, LocalFiles
from project_svc.virus_scan import CHUNK, Clamd, from_setting, unscanned

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The text that every scanner takes for a virus (eicar.org), in two pieces here."""


class Daemon(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Speaks INSTREAM as clamd(8) does, with one signature and a limit."""

    daemon_threads = True

    def __init__(self, *, limit: int = 1 << 30) -> None:
        super().__init__(("127.0.0.1", 0), Session)
        self.limit = limit
        self.seen: list[bytes] = []


class Session(socketserver.StreamRequestHandler):
    server: Daemon

    def handle(self) -> None:
        assert self.rfile.read(len(b"zINSTREAM\0")) == b"zINSTREAM\0"
        content = b""
        while size := struct.unpack("!L", self.rfile.read(4))[0]:
            content += self.rfile.read(size)
            if len(content) > self.server.limit:
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.server.seen.append(content)
        self.wfile.write(b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0")


@contextmanager
def daemon(*, limit: int = 1 << 30) -> Iterator[Daemon]:
    with Daemon(limit=limit) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def keep(directory: Path, content: bytes, scan: Clamd) -> None:
    LocalFiles(directory, FileRules(scan=scan)).put(name="说明.txt", content=io.BytesIO(content))


def scanner(server: Daemon) -> Clamd:
    found = from_setting(f"tcp://127.0.0.1:{server.server_address[1]}")
    assert isinstance(found, Clamd)
    return found


@pytest.mark.parametrize("size", [1, CHUNK - 1, CHUNK, CHUNK + 1, 5 * CHUNK])
def test_what_the_scanner_lets_pass_is_kept_whole(tmp_path: Path, size: int) -> None:
    """The scanner has seen every byte of what is kept."""
    with daemon() as server:
        keep(tmp_path, b"a" * size, scanner(server))
        assert server.seen == [b"a" * size]
    (kept,) = tmp_path.iterdir()
    assert kept.read_bytes() == b"a" * size


def test_a_virus_is_refused_and_nothing_stays(tmp_path: Path) -> None:
    with daemon() as server, pytest.raises(FileInfected) as refused:
        keep(tmp_path, EICAR, scanner(server))
    assert refused.value.signature == "Eicar-Test-Signature"
    assert list(tmp_path.iterdir()) == []


def test_what_the_scanner_cannot_judge_is_not_kept(tmp_path: Path) -> None:
    """A scanner with a smaller limit answers and hangs up in the middle."""
    with daemon(limit=CHUNK) as server, pytest.raises(FilesUnavailable):
        keep(tmp_path, b"a" * 40 * CHUNK, scanner(server))
    assert list(tmp_path.iterdir()) == []


def test_without_its_scanner_nothing_is_kept(tmp_path: Path) -> None:
    """Gone, silent, or hanging up without a word: 503 for the uploader, who may try again."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with pytest.raises(FilesUnavailable, match="timed out"):
            keep(tmp_path, b"a", Clamd(silent.getsockname()[:2], patience=0.05))
        address = silent.getsockname()[:2]
    with pytest.raises(FilesUnavailable):
        keep(tmp_path, b"a", Clamd(address))
    with pytest.raises(FilesUnavailable):
        keep(tmp_path, b"a", Clamd(str(tmp_path.parent / "no-socket")))
    assert list(tmp_path.iterdir()) == []


def test_the_setting_names_a_scanner_or_none() -> None:
    assert from_setting("") is unscanned
    unix = from_setting("unix:///run/clamav/clamd.ctl")
    assert isinstance(unix, Clamd)
    assert unix.address == "/run/clamav/clamd.ctl"
    for wrong in ("clamav", "tcp://clamav", "unix:", "http://clamav:3310"):
        with pytest.raises(SystemExit, match="DELIVERY_VIRUS_SCAN"):
            from_setting(wrong)
