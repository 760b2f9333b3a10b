"""A RabbitMQ of one's own for tests: the machine's, or that of another Debian in a root of its own."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from delivery_center.running.ports import free_port

from tools.private_servers import (
    START_SECONDS,
    Identity,
    PrivateServer,
    ServerError,
    as_user,
    first_folder_with,
    running,
    server_user,
)

COOKIE = ".erlang.cookie"
SBIN = "usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin"


class PrivateRabbit(PrivateServer):
    """A node without plugins, of its own name, cookie and ports; guest/guest may do everything."""

    kind = "rabbitmq"

    def __init__(self, port: int | None = None, tls: Identity | None = None) -> None:
        super().__init__(port)
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}/%2F"
        self.name = f"delivery{self.port}@localhost"
        self.distribution_port = free_port()
        self.tls_port = free_port() if tls else None
        self.api: str | None = None
        """Address of its management API, once turned on."""
        lines = [f"listeners.tcp.1 = 127.0.0.1:{self.port}"]
        if tls is not None:
            key, certificate = self.handed(tls)
            lines += [
                f"listeners.ssl.1 = 127.0.0.1:{self.tls_port}",
                f"ssl_options.keyfile = {key}",
                f"ssl_options.certfile = {certificate}",
            ]
        (self.home / "rabbitmq.conf").write_text("\n".join([*lines, ""]), encoding="utf-8")

    def join(self, first: "PrivateRabbit") -> None:
        """Make it a node of the cluster that ``first`` begins; before its first start, while that one runs."""
        with (self.home / "rabbitmq.conf").open("a", encoding="utf-8") as config:
            config.write("cluster_formation.peer_discovery_backend = classic_config\n")
            config.writelines(
                f"cluster_formation.classic_config.nodes.{n} = {node.name}\n" for n, node in enumerate((first, self), 1)
            )
        cookie = self.home / COOKIE
        shutil.copy(first.home / COOKIE, cookie)
        if user := server_user():
            os.chown(cookie, user.pw_uid, user.pw_gid)

    def tell(self) -> str:
        """Turn on the management API, before the start; its address."""
        port = free_port()
        self.api = f"http://127.0.0.1:{port}"
        (self.home / "enabled_plugins").write_text("[rabbitmq_management].\n", encoding="utf-8")
        with (self.home / "rabbitmq.conf").open("a", encoding="utf-8") as config:
            config.write(f"management.tcp.port = {port}\nmanagement.tcp.ip = 127.0.0.1\n")
        return self.api

    @staticmethod
    def find_programs() -> Path:
        """Prefer the real scripts to Debian's wrapper, which changes user and folder by itself."""
        return first_folder_with(
            "rabbitmq-server",
            "/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin",
            "/usr/lib/rabbitmq/bin",
            *os.environ.get("PATH", "").split(os.pathsep),
        )

    def command(self) -> list[str]:
        """See `environment`, which carries everything."""
        return [str(self.programs / "rabbitmq-server")]

    def environment(self) -> dict[str, str]:
        """Name every file and port, so that nothing of the machine's own node is read or written.

        RUNNING_UNDER_SYSTEMD makes the script become the node instead of its parent.
        """
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "LC_ALL": "C.UTF-8",
            "RUNNING_UNDER_SYSTEMD": "true",
            "RABBITMQ_NODENAME": self.name,
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self.distribution_port),
            "RABBITMQ_MNESIA_BASE": str(self.home / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.home / "log"),
            "RABBITMQ_PID_FILE": str(self.home / "pid"),
            "RABBITMQ_CONFIG_FILE": str(self.home / "rabbitmq"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.home / "advanced"),
            "RABBITMQ_CONF_ENV_FILE": str(self.home / "rabbitmq-env.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.home / "enabled_plugins"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "ERL_EPMD_ADDRESS": "127.0.0.1",
        }

    def control(self, *arguments: str) -> None:
        """Run `rabbitmqctl` on this node."""
        process = as_user(
            [str(self.programs / "rabbitmqctl"), *arguments], env=self.environment(), cwd=self.home,
            stdout=subprocess.PIPE,
        )  # fmt: skip
        said, _ = process.communicate(timeout=START_SECONDS)
        if process.returncode:
            raise ServerError(f"rabbitmqctl {arguments[0]}: {said.decode(errors='replace')[-500:]}")

    def is_ready(self) -> bool:
        """Greet; a node that serves clients answers with Connection.Start."""
        with socket.create_connection(("127.0.0.1", self.port), 2) as connection:
            connection.sendall(b"AMQP\0\0\x09\x01")
            return connection.recv(1) == b"\x01"


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


@contextmanager
def private_rabbitmq(port: int | None = None, tls: Identity | None = None) -> Iterator[PrivateRabbit]:
    """Run a RabbitMQ of one's own, on a free port unless one is given; its data go with it. With ``tls`` it has a
    second port that speaks nothing else. ``RABBITMQ_ROOT`` names the root of another Debian whose RabbitMQ is meant
    (tools/brokers.py)."""
    if (root := os.environ.get("RABBITMQ_ROOT")) and tls is None:
        yield from running(ChrootRabbit(Path(root), port))
    else:
        yield from running(PrivateRabbit(port, tls))


@contextmanager
def private_cluster(count: int) -> Iterator[list[PrivateRabbit]]:
    """Run nodes of one cluster, each with its management API (:attr:`PrivateRabbit.api`)."""
    with ExitStack() as stack:
        nodes: list[PrivateRabbit] = []
        for _ in range(count):
            node = PrivateRabbit()
            stack.callback(node.remove)
            node.tell()
            if nodes:
                node.join(nodes[0])
            node.start()
            nodes.append(node)
        yield nodes
