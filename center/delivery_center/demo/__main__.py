"""Loads the demo data into an installation that runs elsewhere: ``python -m delivery_center.demo ADDRESS``. The
accounts' passwords, and how far it came, are kept in the data directory; a second run adds nothing."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from delivery_shared.environment import SECRETS, with_secrets
from identity_svc.config import first_passwords

from delivery_center import demo
from delivery_center.accounts import Notebook
from delivery_center.client import Client


def main() -> None:
    """Load what is missing, then tell the accounts: a log is read by many, so their passwords stay in the file."""
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m delivery_center.demo ADDRESS")
    address = sys.argv[1].rstrip("/")
    environment = with_secrets(os.environ)
    for name in SECRETS:
        os.environ.pop(f"{name}_FILE", None)  # read; from here on the demo data decide which database is meant
    folder = Path(environment.get("DELIVERY_DATA_DIR", "data"))
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "demo-passwords.json"
    book = Notebook(file)
    for login_name, password in (first_passwords(environment) or {}).items():
        if login_name not in book.passwords:
            book.remember(login_name, password)
    with Client(lambda path: address + path) as client:
        accounts = demo.load(client, database_url=environment["DATABASE_URL"], folder=folder, say=say)
    say(told(accounts, file))


def told(accounts: demo.Accounts, file: Path) -> str:
    """Who there is, and where the passwords are."""
    logins = "\n".join(f"  {login}  {title}" for title, (login, _) in accounts.items())
    return f"{logins}\nPasswords: {file}"


def say(text: str) -> None:
    """One line for whoever reads the log."""
    print(text, flush=True)  # noqa: T201 - the log is the interface


if __name__ == "__main__":
    main()
