"""`make test-brokers`: the tests that talk to RabbitMQ on each version we stand on – 3.10, Debian 12's, and 4.0,
Debian 13's, which runs in a root of its own made by debootstrap. Needs root and Debian 12; takes a while."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from tools.private_servers import ROOT, PrivateRabbit, private_rabbitmq
from tools.programs import program

NEWER = ROOT / ".run" / "debian-trixie"
TESTS = ("shared/tests/test_messaging.py", "tests/faults", "tests/stories", "--ignore=tests/stories/test_console.py")
"""What needs a broker; the console's own tests do without."""
SBIN = "usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin"


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


class ChrootRabbit(PrivateRabbit):
    """RabbitMQ of another Debian on this machine's network; its data lie in that root."""

    def __init__(self, root: Path, port: int | None = None) -> None:
        self.root = root
        super().__init__(port)
        config = self.home / "rabbitmq.conf"
        self.inside = Path("/srv") / self.home.name
        shutil.rmtree(self.home)
        self.home = root / self.inside.relative_to("/")
        self.home.mkdir(parents=True)
        (self.home / config.name).write_text(f"listeners.tcp.1 = 127.0.0.1:{self.port}\n", encoding="utf-8")
        subprocess.run(["chroot", str(root), "chown", "-R", "rabbitmq:rabbitmq", str(self.inside)], check=True)

    def in_root(self, name: str) -> list[str]:
        """A program of the package in the root, as the package's own user."""
        (sbin,) = self.root.glob(SBIN)
        path = Path("/") / sbin.relative_to(self.root) / name
        return ["chroot", "--userspec=rabbitmq:rabbitmq", str(self.root), str(path)]

    def command(self) -> list[str]:
        """The server, with a /proc of its own that goes with it: the memory monitor reads it."""
        mounted = f'mount -t proc proc "{self.root}/proc" && exec "$@"'
        return ["unshare", "--mount", "sh", "-c", mounted, "sh", *self.in_root("rabbitmq-server")]

    def control(self, *arguments: str) -> None:
        """Run that version's `rabbitmqctl`."""
        subprocess.run(
            [*self.in_root("rabbitmqctl"), *arguments], env=self.environment(), cwd="/", check=True, timeout=60,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )  # fmt: skip

    def environment(self) -> dict[str, str]:
        """The same, seen from inside the root."""
        return {
            name: value.replace(str(self.home), str(self.inside)) for name, value in super().environment().items()
        } | {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}

    def launch(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        """chroot gives up root itself."""
        return subprocess.Popen(
            self.command(), env=self.environment(), cwd="/", stdin=subprocess.DEVNULL, stdout=log,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip


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
