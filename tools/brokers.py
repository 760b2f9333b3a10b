"""`make test-brokers`: the tests that talk to RabbitMQ on each version we stand on – 3.10, Debian 12's, and 4.0,
Debian 13's, which runs in a root of its own made by debootstrap. Needs root and Debian 12; takes a while."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.private_rabbit import SBIN, private_rabbitmq
from tools.private_servers import ROOT
from tools.programs import program

NEWER = ROOT / ".run" / "debian-trixie"
TESTS = ("shared/tests/test_messaging.py", "tests/faults", "tests/stories", "--ignore=tests/stories/test_console.py")
"""What needs a broker; the console's own tests do without."""


def say(text: str) -> None:
    """Tell the person at the terminal."""
    print(f"brokers: {text}", flush=True)


def installed_root() -> Path:
    """The root with Debian 13's RabbitMQ; made by the first call."""
    if not list(NEWER.glob(SBIN)):
        say("installing Debian 13's RabbitMQ in a root of its own")
        if not (NEWER / "usr").exists():
            command = [program("debootstrap", package="debootstrap"), "--variant=minbase", "trixie", str(NEWER)]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        policy = NEWER / "usr" / "sbin" / "policy-rc.d"
        policy.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")
        policy.chmod(0o755)
        (NEWER / "etc" / "hosts").write_text("127.0.0.1 localhost\n", encoding="utf-8")
        for arguments in (["update"], ["install", "--no-install-recommends", "rabbitmq-server"]):
            apt = ["chroot", str(NEWER), "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-y", *arguments]
            subprocess.run(apt, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return NEWER


def version_of(log: Path) -> str:
    """What the server says it is."""
    found = re.search(r"RabbitMQ (\d+\.\d+)\.\d", log.read_text(encoding="utf-8", errors="replace"))
    return found[1] if found else "unknown"


def run(root: Path | None, expected: str, arguments: Sequence[str]) -> int:
    """The tests on one version; pytest's exit status."""
    os.environ.pop("RABBITMQ_ROOT", None)
    if root is not None:
        os.environ["RABBITMQ_ROOT"] = str(root)
    with private_rabbitmq() as server:
        logs = [server.log, *server.home.glob("log/*.log")]
        versions = {version_of(log) for log in logs} - {"unknown"}
        if versions != {expected}:
            raise SystemExit(f"wanted RabbitMQ {expected}, got {versions or 'none that says what it is'}")
        say(f"RabbitMQ {expected}")
        command = [sys.executable, "-m", "pytest", *(arguments or TESTS)]
        return subprocess.run(command, cwd=ROOT, env={**os.environ, "AMQP_URL": server.url}).returncode


def main() -> int:
    """All versions, one after the other; the arguments go to pytest instead of our choice of tests."""
    statuses = [run(None, "3.10", sys.argv[1:]), run(installed_root(), "4.0", sys.argv[1:])]
    say(f"exit statuses of 3.10 and 4.0: {statuses}")
    return max(statuses)


if __name__ == "__main__":
    sys.exit(main())
