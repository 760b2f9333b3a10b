"""The servers that fault tests kill: they must come back with their data, and go without a trace."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pika
import psycopg
import pytest

from tools import servers
from tools.private_rabbit import private_rabbitmq
from tools.private_servers import PrivateServer, ServerError, descendants, is_alive, private_postgres

ROOT = Path(__file__).resolve().parents[2]
PROVIDE = [sys.executable, str(ROOT / "tools" / "servers.py"), "--"]

pytestmark = pytest.mark.integration


def family(server: PrivateServer) -> list[int]:
    assert server.process is not None
    return [server.process.pid, *descendants(server.process.pid)]


def test_postgres_keeps_committed_rows_over_a_crash() -> None:
    with private_postgres() as server:
        with psycopg.connect(server.url) as connection:
            connection.execute("CREATE TABLE kept (id int)")
            connection.execute("INSERT INTO kept VALUES (1)")
        client = psycopg.connect(server.url)
        killed = family(server)
        assert len(killed) > 2, "the background processes are part of the family"
        server.kill9()
        assert not any(is_alive(pid) for pid in killed)
        with pytest.raises(psycopg.OperationalError):
            client.execute("SELECT 1")
        client.close()
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(server.url, connect_timeout=2)

        server.start()
        server.restart()
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT id FROM kept").fetchall() == [(1,)]
        last = family(server)
    assert not any(is_alive(pid) for pid in last)
    assert not server.home.exists()


def test_rabbitmq_keeps_confirmed_messages_over_a_crash() -> None:
    with private_rabbitmq() as server:
        parameters = pika.URLParameters(server.url)
        with pika.BlockingConnection(parameters) as connection:
            connection.channel().queue_declare("kept", durable=True, arguments={"x-queue-type": "quorum"})
        # RabbitMQ 3.10 may lose a queue (or, for ever, its leader) declared within a second of a crash;
        # messages are another matter. An orderly restart puts the declaration on disk.
        server.restart()
        with pika.BlockingConnection(parameters) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            channel.basic_publish("", "kept", b"one", pika.BasicProperties(delivery_mode=2), mandatory=True)
        killed = family(server)
        server.kill9()
        assert not any(is_alive(pid) for pid in killed)
        with pytest.raises(pika.exceptions.AMQPConnectionError):
            pika.BlockingConnection(parameters)

        server.start()
        with pika.BlockingConnection(parameters) as connection:
            channel = connection.channel()
            _, _, body = channel.basic_get("kept")
            assert body == b"one"
        last = family(server)
    assert not any(is_alive(pid) for pid in last)
    assert not server.home.exists()


def test_a_running_server_is_not_started_twice() -> None:
    with private_postgres() as server:
        with pytest.raises(ServerError, match="runs already"):
            server.start()
        psycopg.connect(server.url).close()


def test_the_command_gets_both_addresses_and_its_exit_code_is_kept() -> None:
    script = "import os, sys; print(os.environ['DATABASE_URL'], os.environ['AMQP_URL']); sys.exit(7)"
    done = subprocess.run(
        [*PROVIDE, sys.executable, "-c", script], check=False, capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 7, done.stderr
    database, broker = done.stdout.split()
    assert database.startswith("postgresql://")
    assert broker.startswith("amqp://")


def test_a_named_server_that_does_not_answer_is_an_error() -> None:
    done = subprocess.run(
        [*PROVIDE, "touch", "never-run"],
        check=False,
        capture_output=True,
        text=True,
        timeout=100,
        cwd=ROOT / ".run",
        env={**os.environ, "DATABASE_URL": "postgresql://postgres@127.0.0.1:1/postgres"},
    )
    assert done.returncode == 1
    assert "DATABASE_URL" in done.stderr
    assert not (ROOT / ".run" / "never-run").exists()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_an_interrupted_run_stops_the_server_it_started(how: signal.Signals, tmp_path: Path) -> None:
    script = (
        "import signal, sys\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "from tools import servers\n"
        "signal.signal(signal.SIGTERM, servers.terminate)\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a shell that runs us behind it has it ignored
        "with servers.private_postgres() as server:\n"
        "    print(server.process.pid, server.home, flush=True)\n"
        "    print(servers.run(['sleep', '100'], {}))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(ROOT)], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as outer:
        assert outer.stdout is not None
        pid, home = outer.stdout.readline().split()
        os.killpg(outer.pid, how)
        assert outer.wait(60) != 0 or how is signal.SIGINT
    assert not is_alive(int(pid))
    assert not Path(home).exists()


APT = """#!/bin/sh
mkdir {held} || exit 100
echo "$@" >>{said}
sleep 0.1
rmdir {held}
"""
"""As dpkg does, it refuses whoever comes while another installs."""


def test_packages_wanted_at_once_are_installed_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given tests of several workers that miss a program each, when all ask for it at once, none is refused."""
    apt, said = tmp_path / "apt-get", tmp_path / "said"
    apt.write_text(APT.format(held=tmp_path / "held", said=said), encoding="utf-8")
    apt.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(servers, "POLICY", tmp_path / "policy")
    monkeypatch.setattr(servers, "INSTALLING", tmp_path / "lock")
    wanted = [f"package{number}" for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(servers.apt_install, wanted))
    calls = [line.split()[-1] for line in said.read_text().splitlines()]
    assert calls[::2] == ["update"] * 4
    assert sorted(calls[1::2]) == wanted
    assert not (tmp_path / "policy").exists()
