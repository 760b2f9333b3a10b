"""`make test-containers`: builds the images, runs the processes of docker-compose.yml as containers, plays scenario 2
through the gateway and stops everything; every process must end with status 0.

No registry is needed: the base is made by debootstrap and tagged with the name deploy/Dockerfile gives it. buildah
builds in a chroot and podman runs with runc and without systemd, which works inside containers, too. What runs is read
from the compose file. PostgreSQL and RabbitMQ are those of DATABASE_URL and AMQP_URL, under the names the containers
know. Limits of CPU and memory are left out, since not every machine lets us set them.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from delivery_center import play
from delivery_center.client import Client
from delivery_center.processes import ROLES, SERVERS
from delivery_center.secret_files import Secrets
from delivery_shared.messaging.topology import Broker
from identity_svc.bootstrap import MARKETPLACE, OPERATOR
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy.engine import make_url

from tools.compose_file import IMAGE, ROOT, Container, containers, in_order
from tools.owned_database import owned_database
from tools.programs import program
from tools.servers import apt_install

HOME = ROOT / ".run" / "containers"
STORAGE = ["--root", str(HOME / "storage"), "--runroot", str(HOME / "run"), "--storage-driver", "vfs"]
PROGRAMS = ("buildah", "podman", "debootstrap", "runc", "iptables")
HELPERS = {
    "netavark": "/usr/lib/podman/netavark",
    "aardvark-dns": "/usr/lib/podman/aardvark-dns",
    "catatonit": "/usr/bin/catatonit",
}
"""Packages podman needs → what tells that they are there."""
START_SECONDS = 240.0


def say(text: str) -> None:
    """Tell the person at the terminal."""
    print(f"containers: {text}", flush=True)


def call(*command: str, check: bool = True) -> str:
    """Run a command; its output."""
    done = subprocess.run(command, capture_output=True, text=True, env=environment())
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done.stdout.strip()


def environment() -> dict[str, str]:
    """Without limits on open files that this machine may not raise."""
    settings = HOME / "containers.conf"
    settings.write_text(
        '[containers]\ndefault_ulimits = []\n[network]\nnetwork_backend = "netavark"\n', encoding="utf-8"
    )
    return {**os.environ, "CONTAINERS_CONF": str(settings)}


def podman(*arguments: str, check: bool = True) -> str:
    """Run podman on a storage of our own."""
    return call("podman", *STORAGE, "--runtime", "runc", "--cgroup-manager", "cgroupfs", *arguments, check=check)


def base() -> str:
    """The base image under the name that the image definition gives it, made from Debian's packages once."""
    name: str = re.findall(r"^ARG BASE=(\S+)", IMAGE.read_text(encoding="utf-8"), re.MULTILINE)[0]
    if subprocess.run(["podman", *STORAGE, "image", "exists", name], env=environment()).returncode != 0:
        with tempfile.TemporaryDirectory(dir=HOME) as folder:
            say(f"making {name}")
            call("debootstrap", "--variant=minbase", "trixie", f"{folder}/root")
            shutil.rmtree(f"{folder}/root/var/cache/apt/archives", ignore_errors=True)
            call("tar", "-C", f"{folder}/root", "-cf", f"{folder}/base.tar", ".")
            podman("import", "-q", f"{folder}/base.tar", name)
    return name


def build(target: str, tag: str) -> None:
    """Build one target. The machine's own settings for package registries, if it has any, hold while building."""
    policy, pip = HOME / "policy.json", HOME / "pip.conf"
    policy.write_text('{"default": [{"type": "insecureAcceptAnything"}]}', encoding="utf-8")
    authorities = os.environ.get("PIP_CERT") or "/etc/ssl/certs/ca-certificates.crt"
    pip.write_text("[global]\ncert = /etc/build-ca.crt\n", encoding="utf-8")
    mounts = [f"{pip}:/etc/pip.conf:ro", f"{authorities}:/etc/build-ca.crt:ro"]
    say(f"building {tag}")
    call(
        "buildah", *STORAGE, "bud", "--isolation", "chroot", "--pull-never", "--timestamp", "0",
        "--signature-policy", str(policy), *(f"--volume={mount}" for mount in mounts),
        "--target", target, "-f", str(IMAGE), "-t", tag, str(ROOT),
    )  # fmt: skip


@contextmanager
def forwarded(host: str, port: int) -> Iterator[int]:
    """A port, open to containers, that leads to a server which listens on this machine alone."""
    with socket.create_server(("0.0.0.0", 0)) as listener:
        listener.settimeout(0.5)
        ended = threading.Event()

        def pump(source: socket.socket, target: socket.socket) -> None:
            with suppress(OSError):
                while data := source.recv(65536):
                    target.sendall(data)
            for end in (source, target):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

        def accept() -> None:
            while not ended.is_set():
                with suppress(TimeoutError):
                    client, _ = listener.accept()
                    server = socket.create_connection((host, port), timeout=10)
                    server.settimeout(None)
                    for pair in ((client, server), (server, client)):
                        threading.Thread(target=pump, args=pair, daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            ended.set()
            thread.join()


class Installation:
    """Containers of the compose file, on networks of their own."""

    def __init__(self, secrets: Path, namespace: str) -> None:
        self.secrets, self.namespace = secrets, namespace
        self.label = f"delivery-{uuid4().hex[:8]}"
        self.containers = containers({})
        self.started: list[str] = []

    def __enter__(self) -> "Installation":
        podman("network", "create", "--internal", f"{self.label}-inside")
        podman("network", "create", f"{self.label}-front")
        return self

    def __exit__(self, *_: object) -> None:
        for name in self.started:
            podman("rm", "-f", self.full(name), check=False)
        for network in ("inside", "front"):
            podman("network", "rm", "-f", f"{self.label}-{network}", check=False)
        for volume in ("files", "demo"):
            podman("volume", "rm", "-f", f"{self.label}-{volume}", check=False)

    def full(self, name: str) -> str:
        return f"{self.label}-{name}"

    def gateway_of(self, network: str) -> str:
        """This machine's address on a network."""
        found = json.loads(podman("network", "inspect", f"{self.label}-{network}"))
        address: str = found[0]["subnets"][0]["gateway"]
        return address

    def arguments(self, one: Container) -> list[str]:
        """What the compose file says, in podman's words."""
        raw = one.raw
        said = ["--name", self.full(one.name), "--hostname", one.name, "--ulimit", "host", "--user", one.user]
        for network in raw["networks"]:
            said += ["--network", f"{self.label}-{network}:alias={one.name}"]
        said += ["--init"] if raw["init"] else []
        said += ["--read-only", "--read-only-tmpfs=false"] if raw["read_only"] else []
        said += [f"--cap-drop={capability.lower()}" for capability in raw["cap_drop"]]
        said += ["--security-opt", "no-new-privileges"]
        said += [f"--tmpfs={where}" for where in raw.get("tmpfs", [])]
        said += [f"--volume={self.label}-{volume}" for volume in raw.get("volumes", [])]
        said += [f"--volume={self.secrets / secret}:/run/secrets/{secret}:ro" for secret in one.secrets]
        if one.name != "gateway":
            said += [f"--add-host={server}:{self.gateway_of('inside')}" for server in ("postgres", "rabbitmq")]
            extra = {"DELIVERY_NAMESPACE": self.namespace, "DELIVERY_READY_FILE": "/tmp/ready"}
            said += [f"--env={name}={value}" for name, value in (one.environment | extra).items()]
        return said

    def run(self, name: str, *, wait: bool = False) -> None:
        one = self.containers[name]
        self.started.append(name)
        podman("run", *([] if wait else ["-d"]), *self.arguments(one), f"localhost/{one.image}", *one.command)

    def until_healthy(self, name: str) -> None:
        """Wait for what the container's own health check says; processes without HTTP say it with their file."""
        check = self.containers[name].raw["healthcheck"]["test"][1:]
        if name in ROLES and name not in SERVERS:
            check = ["test", "-e", "/tmp/ready"]
        deadline = time.monotonic() + START_SECONDS
        while True:
            command = ["podman", *STORAGE, "--runtime", "runc", "--cgroup-manager", "cgroupfs", "exec", self.full(name)]
            done = subprocess.run([*command, *check], capture_output=True, text=True, env=environment())
            if done.returncode == 0:
                return
            if time.monotonic() > deadline:
                raise TimeoutError(f"{name}: {done.stderr}\n{podman('logs', self.full(name), check=False)[-3000:]}")
            time.sleep(1)

    def address(self, name: str) -> str:
        """The address of a container on the network that reaches this machine."""
        found = json.loads(podman("inspect", self.full(name)))[0]["NetworkSettings"]["Networks"]
        address: str = found[f"{self.label}-front"]["IPAddress"]
        return address

    def stop(self) -> dict[str, int]:
        """Stop all that run, gateway first; exit statuses."""
        names = [name for name in reversed(self.started) if name != "prepare"]
        threads = [threading.Thread(target=podman, args=("stop", "-t", "40", self.full(name))) for name in names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return {name: int(podman("inspect", "-f", "{{.State.ExitCode}}", self.full(name))) for name in names}


def main() -> int:
    """Build, start, play, stop; 0 if all was as it must be."""
    HOME.mkdir(parents=True, exist_ok=True)
    for name in PROGRAMS:
        program(name, package=name)
    for package, path in HELPERS.items():
        if not Path(path).exists():
            apt_install(package)
    base()
    call("sh", "tools/web.sh", "build")
    images = {
        one.image: "gateway" if one.name == "gateway" else "center" for one in containers({}).values() if one.is_ours
    }
    for tag, target in images.items():
        build(target, f"localhost/{tag}")
    database, broker = conninfo_to_dict(os.environ["DATABASE_URL"]), make_url(os.environ["AMQP_URL"])
    owner, namespace = f"delivery_{uuid4().hex[:12]}", f"test-{uuid4().hex[:12]}."
    with ExitStack() as stack:
        postgres = stack.enter_context(forwarded(str(database["host"]), int(database.get("port") or 5432)))
        rabbitmq = stack.enter_context(forwarded(str(broker.host), broker.port or 5672))
        secrets = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=HOME)))
        inside = broker.set(host="rabbitmq", port=rabbitmq).render_as_string(hide_password=False)
        (secrets / "amqp-url").write_text(re.sub(r"/+$", "/", inside), encoding="utf-8")
        Secrets(secrets, database=f"postgres:{postgres}", broker="", name=owner).make()
        stack.enter_context(owned_database(os.environ["DATABASE_URL"], secrets=secrets, name=owner))
        stack.callback(Broker(url=os.environ["AMQP_URL"], namespace=namespace).delete)
        return check(stack.enter_context(Installation(secrets, namespace)))


def check(installation: Installation) -> int:
    """Start in the order of the file, play scenario 2 through the gateway, stop."""
    wanted = {name: one for name, one in installation.containers.items() if one.is_ours and not one.profiles}
    for one in in_order(wanted):
        say(f"starting {one.name}")
        if one.name == "gateway":
            for process in ROLES:
                installation.until_healthy(process)
        installation.run(one.name, wait=one.name == "prepare")
    installation.until_healthy("gateway")
    base_url = f"http://{installation.address('gateway')}:8080"
    passwords = json.loads((installation.secrets / "first-passwords").read_text(encoding="utf-8"))
    accounts = {"云市场小二": (OPERATOR, passwords[OPERATOR]), "云市场订单": (MARKETPLACE, passwords[MARKETPLACE])}
    with Client(lambda path: base_url + path) as client:
        differs = play.main(client, accounts, say)
    statuses = installation.stop()
    say(f"exit statuses: {statuses}")
    return 1 if differs or set(statuses.values()) != {0} else 0


if __name__ == "__main__":
    sys.exit(main())
