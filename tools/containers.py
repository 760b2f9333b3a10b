"""`make test-containers`: what docs/operations.md says, done as it says it, on a real Docker.

The images are built without a registry (:mod:`tools.images`), Docker is Debian 13's (:mod:`tools.docker`), PostgreSQL,
RabbitMQ, Prometheus and Alertmanager are stand-ins of their images; Grafana, which Debian lacks, is left out. In a
clone of these files every command of the document's blocks `sh compose` is run in their order: installed, an order
taken, demo data loaded, watched, upgraded, rolled back, scaled, backed up, restored, keys and passwords replaced. After
each of them what was ordered is seen to be there still. Requests come as from a balancer that ends TLS.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import httpx
from delivery_center.client import Client
from delivery_center.running.processes import ROLES
from identity_svc.bootstrap import MARKETPLACE, OPERATOR

from tools.compose_file import ROOT, containers
from tools.docker import Docker, daemon
from tools.handbook import FILE, steps
from tools.images import HOME, archive, base, build, build_stand_in, call, say
from tools.versions import build_arguments

CLONE = HOME / "clone"
SERVERS = {
    "postgres": "POSTGRES_IMAGE",
    "rabbitmq": "RABBITMQ_IMAGE",
    "prometheus": "PROMETHEUS_IMAGE",
    "alertmanager": "ALERTMANAGER_IMAGE",
}
"""Stand-in → the variable of the compose file that names the image."""

ADDRESS = "http://127.0.0.1:8080"
READY_SECONDS = 120.0

DOCKER = """#!/bin/sh
# No registry can be reached: images are built beforehand, everything else is Docker's.
case "$*" in
    "compose build"*) exit 0 ;;
    "compose up -d --build"*) shift 4; exec "$REAL_DOCKER" compose up -d --no-build "$@" ;;
    "compose --profile monitoring up"*) set -- "$@" --scale grafana=0 ;; # Debian has none
esac
exec "$REAL_DOCKER" "$@"
"""
SLEEP = """#!/bin/sh
# Time passes at once for what tells the time by this file.
touch -d "-$1 seconds" deploy/secrets/signing-key
"""
"""What the commands find in place of programs that would need the world outside, or minutes."""


def main() -> int:
    """Build, then do what the document says; 0 if all of it went well."""
    base()
    call("sh", "tools/web.sh", "build")
    ours = {
        one.image: "gateway" if one.name == "gateway" else "center" for one in containers({}).values() if one.is_ours
    }
    for tag, target in ours.items():
        build(target, f"localhost/{tag}", build_arguments())
    for name in SERVERS:
        build_stand_in(name, f"localhost/{name}:stand-in")
    with daemon(HOME / "docker") as docker:
        for tag in [*ours, *(f"{name}:stand-in" for name in SERVERS)]:
            say(f"loading {tag}")
            archive(f"localhost/{tag}", HOME / "image.tar")
            docker.call("load", "-q", "-i", str(HOME / "image.tar"))
            docker.call("tag", f"localhost/{tag}", tag)
        (HOME / "image.tar").unlink()
        return Rehearsal(docker).run()


class Rehearsal:
    """The commands of the document in a clone of these files."""

    def __init__(self, docker: Docker) -> None:
        clone()
        shims = HOME / "shims"
        shims.mkdir(exist_ok=True)
        for name, text in {"docker": DOCKER, "sleep": SLEEP}.items():
            (shims / name).write_text(text, encoding="utf-8")
            (shims / name).chmod(0o755)
        real = shutil.which("docker", path=docker.environment["PATH"])
        images = {variable: f"{name}:stand-in" for name, variable in SERVERS.items()}
        images["GRAFANA_IMAGE"] = images["PROMETHEUS_IMAGE"]  # never started, but looked for
        path = f"{shims}:{docker.environment['PATH']}"
        self.environment = {**docker.environment, **images, "PATH": path, "REAL_DOCKER": str(real)}
        self.orders = 0

    def run(self) -> int:
        """All steps; what comes after some of them."""
        after: Mapping[str, Callable[[], None]] = {
            "Install": self.secure_cookie,
            "A first order": self.ordered,
            "Demo data": self.demo,
            "Watch it": self.watched,
            "Upgrade": self.watched,
            "Restore": self.restored,
        }
        self.check_parts()
        for step in steps(FILE.read_text(encoding="utf-8")):
            say(f"{step.heading}:\n{step.commands.rstrip()}")
            self.carry_out(step.commands)
            self.until_ready()
            after.get(step.heading, self.look)()
        statuses = self.stop()
        say(f"exit statuses: {statuses}")
        return 1 if set(statuses.values()) != {0} else 0

    def check_parts(self) -> None:
        """What may stand beside the compose file fits it, as compose reads both. :raises RuntimeError: it does not."""
        for part in sorted((CLONE / "deploy" / "compose").glob("*.yml")):
            merged = self.compose("-f", "docker-compose.yml", "-f", str(part), "config", "--format", "json")
            secrets = json.loads(merged)["services"]["notify-sender"]["secrets"]
            say(f"{part.name}: {', '.join(one['source'] for one in secrets)}")

    def carry_out(self, commands: str) -> None:
        """Run the commands of a block as a shell does. :raises RuntimeError: one fails, with what it said."""
        began = time.monotonic()
        shell = ["bash", "-euo", "pipefail", "-c", commands]
        done = subprocess.run(
            shell, cwd=CLONE, env=self.environment, capture_output=True, text=True, stdin=subprocess.DEVNULL
        )
        if done.returncode != 0:
            raise RuntimeError(f"status {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-3000:]}{self.logs()}")
        say(f"{time.monotonic() - began:.0f} s")

    def compose(self, *arguments: str) -> str:
        """What compose answers here."""
        command = ["docker", "compose", *arguments]
        done = subprocess.run(command, cwd=CLONE, env=self.environment, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done.stdout

    def until_ready(self) -> None:
        """Wait until everything that runs is healthy, and the gateway answers."""
        deadline = time.monotonic() + READY_SECONDS
        while True:
            waiting = [one["Name"] for one in self.states() if one["Health"] not in ("healthy", "")]
            with suppress(httpx.HTTPError):
                if not waiting and httpx.get(f"{ADDRESS}/api/v1/sessions", timeout=5).status_code < 500:
                    return
            if time.monotonic() > deadline:
                raise TimeoutError(f"not healthy: {waiting}\n{self.logs()}")
            time.sleep(1)

    def states(self, *options: str) -> list[dict[str, Any]]:
        """What compose tells of each container."""
        return [json.loads(line) for line in self.compose("ps", "--format", "json", *options).splitlines()]

    def logs(self) -> str:
        """How the containers are, and the last lines of those that are not well; all lines are in a file."""
        (HOME / "containers.log").write_text(self.compose("logs", "--no-color", "--timestamps"), encoding="utf-8")
        states = self.states("-a")
        told = [f"{one['Name']}: {one['Status']}" for one in states]
        ill = [one["Service"] for one in states if one["Health"] not in ("healthy", "") or one["ExitCode"]]
        if ill:
            told.append(self.compose("logs", "--no-color", "--tail", "20", *ill)[-12000:])
        return "\n" + "\n".join([*told, f"All lines: {HOME / 'containers.log'}"])

    def client(self) -> Client:
        """A client behind a balancer that ends TLS."""
        http = httpx.Client(headers={"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "https"}, timeout=30)
        return Client(lambda path: ADDRESS + path, http=http)

    def accounts(self) -> dict[str, tuple[str, str]]:
        """The first ones, with the passwords of the secrets."""
        passwords = json.loads((CLONE / "deploy" / "secrets" / "first-passwords").read_text(encoding="utf-8"))
        return {"云市场小二": (OPERATOR, passwords[OPERATOR]), "云市场订单": (MARKETPLACE, passwords[MARKETPLACE])}

    def secure_cookie(self) -> None:
        """:raises RuntimeError: the refresh token's cookie could travel without TLS."""
        login_name, password = self.accounts()["云市场小二"]
        form = {"login_name": login_name, "password": password, "cookie": True}
        with self.client() as client:
            as_console = {"X-Requested-With": "console"}
            answer = client.http.post(f"{ADDRESS}/api/v1/sessions", json=form, headers=as_console)
        cookies = [value for name, value in answer.headers.multi_items() if name.lower() == "set-cookie"]
        if not cookies or any("secure" not in cookie.lower() for cookie in cookies):
            raise RuntimeError(
                f"{answer.status_code}, cookies: {[re.sub('=[^;]*', '=…', c, count=1) for c in cookies]}"
            )

    def ordered(self) -> None:
        """:raises RuntimeError: no project came of the order."""
        self.look()
        if not self.orders:
            raise RuntimeError("no project is there")

    def demo(self) -> None:
        """The demo data are loaded. :raises RuntimeError: they are not, with what was said."""
        before = self.orders
        self.compose("--profile", "demo", "wait", "demo")
        self.look()
        if self.orders == before:
            raise RuntimeError(self.compose("--profile", "demo", "logs", "--no-color", "demo"))

    def watched(self) -> None:
        """Prometheus reaches every process, and Alertmanager has heard of it. :raises TimeoutError: they do not."""
        self.look()
        wanted = {*ROLES, "gateway", "rabbitmq"}
        deadline = time.monotonic() + READY_SECONDS
        while True:
            query = ("query", "instant", "--format", "json", "http://127.0.0.1:9090", "up == 1")
            alerts = ("alert", "query", "--alertmanager.url", "http://127.0.0.1:9093", "--output", "json")
            with suppress(RuntimeError):  # they may not answer yet
                up = json.loads(self.compose("exec", "-T", "prometheus", "promtool", *query))
                fires = json.loads(self.compose("exec", "-T", "alertmanager", "amtool", *alerts))
                missing = wanted - {one["metric"].get("process", one["metric"]["job"]) for one in up}
                names = sorted({one["labels"]["alertname"] for one in fires})
                if not missing and "Watchdog" in names:
                    say(f"{len(wanted)} processes are watched; fires: {', '.join(names)}")
                    return
            if time.monotonic() > deadline:
                raise TimeoutError(f"not watched: {self.compose('ps', '-a')}\n{self.logs()}")
            time.sleep(2)

    def look(self) -> None:
        """The operator signs in and finds at least the projects there were."""
        with self.client() as client:
            operator = client.signed_in(*self.accounts()["云市场小二"])
            found = operator.get("/api/v1/projects")["items"]
            if len(found) < self.orders:
                raise RuntimeError(f"{len(found)} projects of {self.orders}")
            self.orders = len(found)

    def restored(self) -> None:
        """Everything from before the backup is there; and again on a server that never held anything."""
        self.ordered()
        say("Restore, on a new server")
        self.compose("--profile", "*", "down", "--volumes")
        (commands,) = (step.commands for step in steps(FILE.read_text(encoding="utf-8")) if step.heading == "Restore")
        self.carry_out(commands)
        self.until_ready()
        self.look()

    def stop(self) -> dict[str, int]:
        """Stop everything; the exit statuses of our processes."""
        self.compose("stop")
        ours = {name for name, one in containers({}).items() if one.is_ours}
        return {one["Name"]: one["ExitCode"] for one in self.states("-a") if one["Service"] in ours}


def clone() -> None:
    """The files of this repository as they are now, with the console built; what commands have made there is gone."""
    listed = call("git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    wanted = [name for name in listed.split("\0") if name and (ROOT / name).is_file()]
    if CLONE.exists():
        for path in CLONE.iterdir():
            if path.name not in (".venv", ".run"):
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    for name in wanted:
        target = CLONE / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
    shutil.copytree(ROOT / "web" / "dist", CLONE / "web" / "dist")


if __name__ == "__main__":
    os.environ.pop("DOCKER_HOST", None)
    sys.exit(main())
