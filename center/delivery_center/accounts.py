"""Accounts made over the API, and the file that keeps their passwords: demo and stories."""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Callable
from pathlib import Path
from typing import Any

from delivery_shared.contracts.identity import HOME

from delivery_center.client import Client
from delivery_center.private_files import write_private


def new_password() -> str:
    """A random lasting password with upper case, lower case and digits."""
    while True:
        password = "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(14))
        if (
            any(c.isupper() for c in password)
            and any(c.islower() for c in password)
            and any(map(str.isdigit, password))
        ):
            return password


class Notebook:
    """Passwords and what has been done so far, in one file only its owner can read. Written after every step, so
    that an interrupted load goes on where it stopped."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.passwords: dict[str, str] = {}
        self.done: dict[str, Any] = {}
        if path is not None and path.exists():
            stored = json.loads(path.read_text())
            self.passwords, self.done = stored["passwords"], stored["done"]

    def once(self, name: str, step: Callable[[], Any]) -> Any:
        """Run ``step`` unless a step of this name was done before; returns its (JSON) result either way."""
        if name not in self.done:
            self.done[name] = step()
            self._write()
        return self.done[name]

    def remember(self, login_name: str, password: str) -> None:
        self.passwords[login_name] = password
        self._write()

    def _write(self) -> None:
        if self.path is not None:
            text = json.dumps({"passwords": self.passwords, "done": self.done}, ensure_ascii=False, indent=1)
            write_private(self.path, text)


def settle(client: Client, book: Notebook, login_name: str) -> Client:
    """Sign in; a password that is still the initial one is changed first, as the system demands (U-28)."""
    password = book.passwords[login_name]
    answer = client.post("/api/v1/sessions", {"login_name": login_name, "password": password})
    fresh = Client(client.address, token=answer["access_token"], positions=client.positions, http=client.http)
    if answer["must_change_password"]:
        lasting = new_password()
        fresh.put("/api/v1/me/password", {"current_password": password, "new_password": lasting})
        book.remember(login_name, lasting)
        fresh = client.signed_in(login_name, lasting)
    return fresh


def register_party(
    operator: Client,
    book: Notebook,
    *,
    kind: str,
    name: str,
    number: str,
    login: str,
    person: str,
    marketplace: str = HOME,
) -> dict[str, str]:
    """A party with its first user; the password goes into ``book``. Returns party_id, user_id and login_name."""
    user = {"login_name": login, "name": person}
    form = {"kind": kind, "name": name, "number": number, "marketplace": marketplace, "user": user}
    made = operator.post("/api/v1/parties", form)
    book.remember(made["user"]["login_name"], made["initial_password"])
    return {"party_id": made["party_id"], **made["user"]}


def create_user(admin: Client, book: Notebook, **form: Any) -> dict[str, str]:
    """A sub-account; its initial password goes into ``book``. Returns user_id and login_name."""
    made = admin.post("/api/v1/users", form)
    book.remember(made["login_name"], made["initial_password"])
    return {"user_id": made["user_id"], "login_name": made["login_name"]}
