"""Run a command with the PostgreSQL and the RabbitMQ that the tests need.

    python3 tools/servers.py -- .venv/bin/python -m pytest

The command finds them in DATABASE_URL and AMQP_URL. Where these are set already they are used, else the
machine's own servers at the usual ports, if they have room for us, else private ones are started, from what is
installed or, as root on Debian, from what is installed now. A server counts only after it has done what we need of it;
one that was asked for and cannot is an error, never a reason to skip tests. What was started here is stopped at the
end, however the command ends.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
if not __package__:
    sys.path.insert(0, str(ROOT))

# Found only through the line above when run as a script.
from tools.private_rabbit import PrivateRabbit, private_rabbitmq  # noqa: E402
from tools.private_servers import PrivatePostgres, PrivateServer, ServerError, private_postgres  # noqa: E402

__all__ = [
    "PrivatePostgres",
    "PrivateRabbit",
    "ServerError",
    "private_postgres",
    "private_rabbitmq",
    "provide",
]

LOCAL_POSTGRES = "postgresql://postgres@127.0.0.1:5432/postgres"
LOCAL_RABBITMQ = "amqp://guest:guest@127.0.0.1:5672/%2F"
CONNECTIONS = 150
"""What two workers of the tests, or an installation and what is measured beside it, may need of PostgreSQL. A server
that was asked for is taken with fewer: `make pytest WORKERS=1` needs about half."""
GRACE_SECONDS = 60.0
POLICY = Path("/usr/sbin/policy-rc.d")
INSTALLING = Path(tempfile.gettempdir()) / "delivery-center-installing.lock"
"""Held while a package is installed: dpkg refuses whoever comes meanwhile, and the policy is everybody's."""


def check_postgres(url: str) -> None:
    """Log in and create a database, or raise ServerError."""
    import psycopg
    from psycopg import sql

    name = sql.Identifier(f"check_{uuid.uuid4().hex}")
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
            connection.execute(sql.SQL("DROP DATABASE {}").format(name))
    except psycopg.Error as error:
        raise ServerError(str(error).strip()) from error


def check_room(url: str) -> None:
    """As :func:`check_postgres`, and for enough connections."""
    import psycopg

    check_postgres(url)
    with psycopg.connect(url, connect_timeout=5) as connection:
        row = connection.execute("SELECT current_setting('max_connections')::int").fetchone()
    if row is None or row[0] < CONNECTIONS:
        raise ServerError(f"its max_connections are below {CONNECTIONS}")


def check_rabbitmq(url: str) -> None:
    """Log in and declare the two types of queue we stand on, or raise ServerError."""
    import pika
    from pika.exceptions import AMQPError

    parameters = pika.URLParameters(url)
    parameters.socket_timeout = parameters.blocked_connection_timeout = 10
    try:
        with pika.BlockingConnection(parameters) as connection:
            for kind in ("stream", "quorum"):
                queue = f"check.{uuid.uuid4().hex}"
                channel = connection.channel()
                channel.queue_declare(queue, durable=True, arguments={"x-queue-type": kind})
                channel.queue_delete(queue)
    except (AMQPError, OSError) as error:
        raise ServerError(repr(error)) from error


def apt_install(package: str) -> None:
    """Install a Debian package as root, without letting it start the machine-wide server it brings. Others that install
    meanwhile, tests beside this one or anybody, are waited for."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise ServerError(f"install it (Debian: the package {package}) or name a running server")
    say(f"installing {package}")
    with INSTALLING.open("a") as lock:
        flock(lock, LOCK_EX)  # until it is closed
        _apt_install(package)


def _apt_install(package: str) -> None:
    own_policy = not POLICY.exists()
    if own_policy:
        POLICY.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")
        POLICY.chmod(0o755)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-qq", "-y", "-o", "DPkg::Lock::Timeout=300", "--no-install-recommends"]
    try:
        for arguments in (["update"], ["install", package]):
            subprocess.run([*apt, *arguments], env=environment, stdin=subprocess.DEVNULL, check=True)
    except subprocess.CalledProcessError as error:
        raise ServerError(f"apt-get could not install {package}") from error
    finally:
        if own_policy:
            POLICY.unlink()


def one_server(
    stack: ExitStack,
    variable: str,
    local: str,
    check: Callable[[str], None],
    check_local: Callable[[str], None],
    kind: type[PrivateServer],
    private: Callable[[], AbstractContextManager[PrivateServer]],
    package: str,
) -> str:
    """Return the address of a server that passed the check; what is started is left to `stack` to stop."""
    if given := os.environ.get(variable):
        try:
            check(given)
        except ServerError as error:
            raise ServerError(f"the server that {variable} names is of no use: {error}") from error
        say(f"{kind.kind}: from {variable}")
        return given
    try:
        check_local(local)
    except ServerError as error:
        say(f"{kind.kind}: none for us at the usual port ({error})")
    else:
        say(f"{kind.kind}: the one at the usual port")
        return local
    try:
        kind.find_programs()
    except ServerError:
        apt_install(package)
    server = stack.enter_context(private())
    check(server.url)
    say(f"{kind.kind}: a private one on port {server.port}")
    return server.url


@contextmanager
def provide() -> Iterator[dict[str, str]]:
    """Provide both servers; yields DATABASE_URL and AMQP_URL."""
    with ExitStack() as stack:
        yield {
            "DATABASE_URL": one_server(
                stack, "DATABASE_URL", LOCAL_POSTGRES, check_postgres, check_room, PrivatePostgres,
                private_postgres, "postgresql",
            ),
            "AMQP_URL": one_server(
                stack, "AMQP_URL", LOCAL_RABBITMQ, check_rabbitmq, check_rabbitmq, PrivateRabbit,
                private_rabbitmq, "rabbitmq-server",
            ),
        }  # fmt: skip


def run(command: list[str], environment: dict[str, str]) -> int:
    """Run the command to its end; an interrupted one gets time to clean up before it is killed."""
    with subprocess.Popen(command, env={**os.environ, **environment}) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:  # from a terminal it has reached the command too
            with suppress(subprocess.TimeoutExpired):
                process.wait(GRACE_SECONDS)
            return 130
        except SystemExit:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(GRACE_SECONDS)
            raise
        finally:
            process.kill()


def terminate(signum: int, _frame: object) -> NoReturn:
    """Leave through the `finally` blocks, which stop the servers."""
    sys.exit(128 + signum)


def say(text: str) -> None:
    """Tell the person at the terminal."""
    print(f"servers: {text}", file=sys.stderr, flush=True)


def main() -> int:
    """Run the command after `--` and return its exit code."""
    if len(sys.argv) < 3 or sys.argv[1] != "--":
        print(__doc__, file=sys.stderr)
        return 2
    for signum in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, terminate)
    try:
        with provide() as environment:
            return run(sys.argv[2:], environment)
    except ServerError as error:
        say(str(error))
        return 1


if __name__ == "__main__":
    venv = ROOT / ".venv"
    if Path(sys.prefix) != venv:  # the drivers that the checks use are only there
        if not (venv / "bin" / "python").exists():
            sys.exit("servers: run `make setup` first")
        os.execv(venv / "bin" / "python", [str(venv / "bin" / "python"), *sys.argv])
    sys.exit(main())
