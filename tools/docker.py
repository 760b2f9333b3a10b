"""A Docker daemon of our own, for who wants to know what Docker does with docker-compose.yml.

Debian 13's packages are unpacked, not installed, so that any Debian with root will do; runc is the machine's own, since
it must fit its C library. The daemon writes no rules of a firewall: containers reach each other, published ports and
the networks' own addresses work, only the world outside is not reached.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tools.programs import program

RELEASE = "trixie"
PACKAGES = ("docker.io", "docker-cli", "docker-compose", "containerd", "tini")
SOURCE = f"deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian {RELEASE} main\n"
START_SECONDS = 60.0

GROUPS = Path("/sys/fs/cgroup")
SHARES = {"cpu/docker/cpu.shares": 20 * 1024, "docker/cpu.weight": 20 * 100}
"""Docker puts all containers into one group, which the kernel counts like a single process of those outside of every
group. On a machine with much else to do two dozen containers would get the time of one; so theirs is that of twenty."""


@dataclass(frozen=True)
class Docker:
    """A running daemon. ``environment`` lets every program, also a shell's, find its client and socket."""

    environment: Mapping[str, str]

    def call(self, *arguments: str, stdin: bytes | None = None, timeout: float = 900) -> str:
        """Run the client; its output. :raises RuntimeError: it failed, with what it said."""
        done = subprocess.run(
            ["docker", *arguments], input=stdin, capture_output=True, env=dict(self.environment), timeout=timeout
        )
        if done.returncode != 0:
            said = (done.stdout[-2000:] + done.stderr[-4000:]).decode(errors="replace")
            raise RuntimeError(f"docker {' '.join(arguments)}: {said}")
        return done.stdout.decode().strip()


def unpacked(home: Path) -> Path:
    """The programs of :data:`PACKAGES` below a folder of ours."""
    root, state = home / "root", home / "apt"
    if (root / "usr" / "sbin" / "dockerd").exists():
        return root
    for folder in ("lists/partial", "cache/archives/partial", "debs"):
        (state / folder).mkdir(parents=True, exist_ok=True)
    (state / "sources.list").write_text(SOURCE, encoding="utf-8")
    (state / "status").touch()
    settings = {
        "Dir::Etc::sourcelist": state / "sources.list",
        "Dir::Etc::sourceparts": "-",
        "Dir::State::Lists": state / "lists",
        "Dir::State::status": state / "status",
        "Dir::Cache": state / "cache",
    }
    options = [f"-o{name}={value}" for name, value in settings.items()]
    for command in (["update"], ["download", *PACKAGES]):
        subprocess.run(["apt-get", "-qq", *options, *command], cwd=state / "debs", check=True)
    for package in sorted((state / "debs").glob("*.deb")):
        subprocess.run(["dpkg-deb", "-x", str(package), str(root)], check=True)
    return root


@contextmanager
def daemon(home: Path) -> Iterator[Docker]:
    """Docker, with its storage and log in ``home``; its containers and networks go with it."""
    home.mkdir(parents=True, exist_ok=True)
    root = unpacked(home)
    program("runc", package="runc")
    program("iptables", package="iptables")  # the resolver of a network sets rules within its containers
    socket = f"unix://{home}/docker.sock"
    paths = [str(root / "usr" / "bin"), str(root / "usr" / "sbin"), os.environ.get("PATH", ""), "/usr/sbin", "/sbin"]
    environment = {
        **os.environ,
        "PATH": ":".join(paths),
        "DOCKER_HOST": socket,
        "DOCKER_CONFIG": str(home / "config"),
    }
    plugins = home / "config" / "cli-plugins"
    plugins.mkdir(parents=True, exist_ok=True)
    plugin = plugins / "docker-compose"
    plugin.unlink(missing_ok=True)
    plugin.symlink_to(root / "usr" / "libexec" / "docker" / "cli-plugins" / "docker-compose")
    command = [
        "dockerd", "--iptables=false", "--bridge=none", "--host", socket, "--pidfile", str(home / "docker.pid"),
        "--data-root", str(home / "data"), "--exec-root", str(home / "exec"),
        "--userland-proxy-path", str(root / "usr" / "sbin" / "docker-proxy"),
        "--init-path", str(root / "usr" / "bin" / "tini-static"),
    ]  # fmt: skip
    with (home / "dockerd.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    docker = Docker(environment)
    try:
        _wait(docker, process, home / "dockerd.log")
        _give_time()
        yield docker
    finally:
        for container in docker.call("ps", "-aq").split():
            docker.call("rm", "-f", container)
        docker.call("volume", "prune", "-af")
        docker.call("network", "prune", "-f")
        process.terminate()
        process.wait(60)
        shutil.rmtree(home / "exec", ignore_errors=True)


def _give_time() -> None:
    for name, value in SHARES.items():
        file = GROUPS / name
        with suppress(OSError):  # another version of control groups, or groups that systemd keeps
            file.parent.mkdir(exist_ok=True)
            file.write_text(str(value))


def _wait(docker: Docker, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            docker.call("version")
        except RuntimeError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(log.read_text(errors="replace")[-3000:]) from error
            time.sleep(0.3)
        else:
            return
