"""Processes that are started side by side never get each other's port."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest
from delivery_center.running import ports
from delivery_center.running.ports import free_port


def elsewhere(port: int) -> str:
    """What another process gets that may have this port only: the port, or an error."""
    only = f"ports.BELOW_OUTGOING = range({port}, {port} + 1)"
    code = f"from delivery_center.running import ports; {only}; print(ports.free_port())"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, text=True)
    return ended.stdout.strip() or ended.stderr.strip().splitlines()[-1]


def test_no_port_is_given_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a port that was given out and is not used yet, when others ask for it, here or in another process, then it
    is refused; it is free again when whoever has it has ended."""
    port = free_port()
    monkeypatch.setattr(ports, "BELOW_OUTGOING", range(port, port + 1))
    with pytest.raises(OSError, match="no port is free"):
        free_port()
    assert elsewhere(port) == "OSError: no port is free"
    os.close(ports._reserved.pop())
    assert elsewhere(port) == str(port)
    assert free_port() == port


def test_a_port_in_use_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        monkeypatch.setattr(ports, "BELOW_OUTGOING", range(port, port + 1))
        with pytest.raises(OSError, match="no port is free"):
            free_port()
