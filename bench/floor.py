"""The floor under every figure of the bench: what PostgreSQL alone can store, one row per commit.

`pgbench` runs a script of one INSERT into a table (bigserial, text, bytea of 200 bytes), each in its own
transaction, with 1, 2 and 8 clients. `synchronous_commit` and `fsync` stay as the server has them; the
figures mean nothing without them, so `settings` reads them and the command line prints them. The client
is the cheapest there is (C, prepared statement), so nothing written in Python can pass this line on the
same machine at the same number of commits; many rows in one commit can.

    python -m bench.floor --database-url postgresql://postgres@127.0.0.1:5432/postgres --seconds 5
"""

import argparse
import re
import shutil
import statistics
import subprocess
import tempfile
import uuid
from pathlib import Path

import psycopg
from psycopg import sql

CLIENTS = (1, 2, 8)
SETTINGS = ("server_version", "synchronous_commit", "fsync", "wal_sync_method", "full_page_writes")
ROW_BYTES = 200


class PgbenchMissing(RuntimeError):
    """pgbench is neither in PATH nor in /usr/lib/postgresql/*/bin: the floor was not measured."""


class PgbenchFailed(RuntimeError):
    """pgbench ended with an error, lost transactions, or printed no rate."""


def find_pgbench() -> str:
    """Path of pgbench: PATH first, else the newest version Debian keeps outside of it."""
    found = shutil.which("pgbench")
    if found:
        return found
    installed = [path for path in Path("/usr/lib/postgresql").glob("*/bin/pgbench") if path.is_file()]
    if not installed:
        raise PgbenchMissing(
            "pgbench not found in PATH nor in /usr/lib/postgresql/*/bin: "
            "the floor cannot be measured (Debian: apt-get install postgresql-contrib)"
        )
    return str(max(installed, key=lambda path: [int(digits) for digits in re.findall(r"\d+", str(path))]))


def settings(database_url: str) -> dict[str, str]:
    """The server's settings that decide what a commit costs."""
    with psycopg.connect(database_url) as connection:
        return {
            name: str(connection.execute("SELECT current_setting(%s)", [name]).fetchall()[0][0]) for name in SETTINGS
        }


def run(database_url: str, seconds: float) -> dict[int, float]:
    """Durable single-row inserts per second, by number of clients.

    Each number of clients runs for `seconds`, rounded to whole seconds (pgbench knows no others) and at
    least one. The table is created for the call, emptied between numbers of clients and dropped, also on
    error. Raises PgbenchMissing, PgbenchFailed.
    """
    pgbench = find_pgbench()
    name = f"bench_floor_{uuid.uuid4().hex[:12]}"
    table = sql.Identifier(name)
    rates: dict[int, float] = {}
    with (
        psycopg.connect(database_url, autocommit=True) as connection,
        tempfile.TemporaryDirectory() as folder,
    ):
        script = Path(folder) / "insert.sql"
        script.write_text(
            f"INSERT INTO {name} (kind, payload) VALUES ('NodeRejected', decode(repeat('ab', {ROW_BYTES}), 'hex'));\n"
        )
        try:
            connection.execute(
                sql.SQL("CREATE TABLE {} (id bigserial PRIMARY KEY, kind text, payload bytea)").format(table)
            )
            for clients in CLIENTS:
                connection.execute(sql.SQL("TRUNCATE {}").format(table))
                rates[clients] = _rate(pgbench, database_url, script, clients, max(1, round(seconds)))
        finally:
            connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(table))
    return rates


def _rate(pgbench: str, database_url: str, script: Path, clients: int, seconds: int) -> float:
    """One pgbench run, with one worker thread: enough for eight clients, a core stays free."""
    command = [pgbench, "--no-vacuum", f"--file={script}", "--protocol=prepared"]
    command += [f"--client={clients}", "--jobs=1", f"--time={seconds}", database_url]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=False)
    except subprocess.TimeoutExpired as error:
        raise PgbenchFailed(f"pgbench with {clients} clients did not end within {error.timeout} s") from error
    rate = re.search(r"^tps = ([0-9.]+)", done.stdout, re.MULTILINE)
    failed = re.search(r"^number of failed transactions: ([0-9]+)", done.stdout, re.MULTILINE)
    if done.returncode != 0 or rate is None or (failed is not None and int(failed[1]) > 0):
        said = done.stderr.strip() or done.stdout.strip()
        raise PgbenchFailed(f"pgbench with {clients} clients, exit code {done.returncode}: {said}")
    return float(rate[1])


def main() -> None:
    parser = argparse.ArgumentParser(description="durable single-row inserts per second, by pgbench")
    parser.add_argument("--database-url", default="postgresql://postgres@127.0.0.1:5432/postgres")
    parser.add_argument("--seconds", type=float, default=5.0, help="per number of clients")
    parser.add_argument("--runs", type=int, default=3, help="the median of them is the figure")
    arguments = parser.parse_args()
    try:
        print(", ".join(f"{name}={value}" for name, value in settings(arguments.database_url).items()))
        measured = [run(arguments.database_url, arguments.seconds) for _ in range(max(1, arguments.runs))]
    except (PgbenchMissing, PgbenchFailed) as error:
        raise SystemExit(str(error)) from error
    for clients in CLIENTS:
        rates = [rates[clients] for rates in measured]
        print(
            f"{clients} client(s): {statistics.median(rates):8.0f} inserts/s"
            f"  (runs: {', '.join(f'{rate:.0f}' for rate in rates)})"
        )


if __name__ == "__main__":
    main()
